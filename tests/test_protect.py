"""Protection of tables: what is suppressed, that it cannot be worked out, and that nothing else gives it back."""

import json
import random
import subprocess
import sys
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.api.protecting import protection_facts
from migstat.read.policies import policy, policy_ids
from migstat.words.finding import MigstatError
from migstat.words.policy import (
    Dominance,
    OneCategory,
    Policy,
    PPercent,
    PriorPosterior,
    Rounding,
    Sparse,
    Suppression,
    Threshold,
)

CASE = "cases/table_suppression"


def suppression(*rules, **more):
    return Policy("TEST", "1.0", Suppression(tuple(rules), **more))


def case(shared, name):
    frame = pl.read_csv(shared / CASE / name, infer_schema=False)
    numbers = [name for name in ("ant", "freq", "v") if name in frame.columns]
    return frame.with_columns(
        *(pl.col(name).cast(pl.Int64) for name in numbers),
        *(pl.col(name).str.to_uppercase() == "TRUE" for name in ("primary", "suppressed")),
    )


def d2_groups(shared):
    inner = pl.read_csv(shared / CASE / "d2.csv", infer_schema=False)
    return [dict(inner.select("region", group).unique().rows()) for group in ("county", "k_group")]


def hidden(run, *dimensions):
    return {tuple(row) for row in run.why.select(dimensions).rows()}


def at_risk(run, *dimensions):
    return {tuple(row) for row in run.why.filter(pl.col("CONF_STATUS") != "D").select(dimensions).rows()}


def attacked(shared, tmp_path, inner, run, value, dims, groups=()):
    """Run the attacker that lies beside the repository."""
    frame = run.frame.with_columns(
        pl.when(pl.col(value).is_null()).then(pl.lit("TRUE")).otherwise(pl.lit("FALSE")).alias("suppressed")
    )
    frame.select(*dims, "suppressed").write_csv(tmp_path / "published.csv")
    words = [sys.executable, shared / CASE / "audit.py", shared / CASE / inner, tmp_path / "published.csv"]
    words += ["--value", value, "--dims", *dims, *(["--groups", *groups] if groups else [])]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("zeros", "told"), [("publish", "FALSE"), ("primary", "TRUE")])
def test_small_counts_of_two_dimensions(shared, tmp_path, zeros, told):
    frame = case(shared, f"z1_smallcounts_maxN2_zeros{told}.csv")
    dims = ["region", "hovedint"]
    rules = suppression(Threshold(3), zeros=zeros, singletons=False)
    run = ms.protect(frame.select(*dims, "ant"), policy=rules, dimensions=dims, value="ant", total="Total")
    audit = attacked(shared, tmp_path, "z1.csv", run, "ant", dims)

    assert set(frame.filter("primary").select(dims).rows()) == at_risk(run, *dims)
    assert run.why.height <= 4
    assert run.audit.safe
    assert 0 == audit.returncode, audit.stdout + audit.stderr


@pytest.mark.parametrize("singletons", [False, True])
def test_two_overlapping_hierarchies(shared, tmp_path, singletons):
    frame = case(shared, "d2_hier_maxN3.csv")
    dims = ["region", "main_income"]
    run = ms.protect(
        frame.select(*dims, "freq"),
        policy=suppression(Threshold(4), zeros="primary", singletons=singletons),
        dimensions=dims,
        value="freq",
        total="Total",
        hierarchies={"region": d2_groups(shared)},
    )
    audit = attacked(shared, tmp_path, "d2.csv", run, "freq", dims, ["region=county,k_group"])

    assert set(frame.filter("primary").select(dims).rows()) == at_risk(run, *dims)
    assert run.why.height <= 1.1 * 29
    assert run.audit.safe
    assert 0 == audit.returncode, audit.stdout + audit.stderr


@pytest.mark.parametrize(
    ("name", "rule", "most"), [("dominance_n1.csv", Dominance(1, 80), 6), ("ppercent_10.csv", PPercent(10), 8)]
)
def test_concentration(shared, tmp_path, name, rule, most):
    frame = case(shared, name)
    dims = ["size", "region"]
    units = pl.read_csv(shared / CASE / "dominance_micro.csv")
    facts = ms.contributions(units, dimensions=dims, value="v", unit="id", total="Total")
    run = ms.protect(
        frame.select(*dims, "v", "freq"),
        policy=suppression(rule),
        dimensions=dims,
        value="v",
        count="freq",
        total="Total",
        contributions=facts,
    )
    audit = attacked(shared, tmp_path, "dominance_micro.csv", run, "v", dims)

    assert set(frame.filter("primary").select(dims).rows()) == at_risk(run, *dims)
    assert run.why.height <= most
    assert 0 == audit.returncode, audit.stdout + audit.stderr


def regression(shared, name):
    cases = json.loads((shared / CASE / "regressions.json").read_text())
    found = next(one for one in cases if one["name"] == name)
    return ms.protect(
        pl.DataFrame(found["cells"]),
        policy=suppression(Threshold(found["threshold"])),
        dimensions=["row", "col"],
        value="n",
    )


def test_margins_do_not_give_a_cell_back(shared):
    run = regression(shared, "margins_from_unsuppressed_data")
    interval = run.audit.intervals.filter(row="a", col="y")

    assert interval["high"][0] - interval["low"][0] > 1


def test_no_singleton_works_out_another(shared):
    run = regression(shared, "three_singletons")
    alone = run.frame.filter(row="a")
    audit = ms.audit(run.frame, inner=inner_of(shared), dimensions=["row", "col"], value="n")

    assert {"x", "y", "z"} <= set(alone.filter(pl.col("n").is_null())["col"])
    assert run.audit.safe
    assert audit.safe


def inner_of(shared):
    cases = json.loads((shared / CASE / "regressions.json").read_text())
    return pl.DataFrame(next(one for one in cases if one["name"] == "three_singletons")["cells"])


def test_a_narrow_interval_is_told_as_weak(shared):
    run = regression(shared, "approximate_disclosure")
    large = run.audit.intervals.filter(row="a", col="x")

    assert not large.height or (
        run.audit.weak.filter(row="a", col="x").height and large["high"][0] - large["low"][0] <= 3
    )


SINGLES = pl.DataFrame({"row": list("aaabbb"), "col": list("xyzxyz"), "n": [1, 2, 20, 9, 11, 30]})


def test_the_only_contributor_of_a_cell_learns_no_other():
    loose = ms.protect(
        SINGLES, policy=suppression(Threshold(3), singletons=False), dimensions=["row", "col"], value="n"
    )
    tight = ms.protect(SINGLES, policy=suppression(Threshold(3)), dimensions=["row", "col"], value="n")
    inside = SINGLES
    found = ms.audit(loose.frame, inner=inside, dimensions=["row", "col"], value="n")

    assert {("a", "y")} == set(found.disclosed.select("row", "col").rows())
    assert all(who.startswith("the only contributor of") for who in found.disclosed["known_to"])
    assert ms.audit(tight.frame, inner=inside, dimensions=["row", "col"], value="n").safe
    assert tight.why.height > loose.why.height


def test_two_hidden_cells_that_add_up_to_two_are_one_each():
    """Zeros are published, so what is hidden is none: 1 + 1 hides nothing."""
    cells = pl.DataFrame({"row": list("abcd"), "n": [1, 1, 40, 50]})
    run = ms.protect(cells, policy=suppression(Threshold(3), singletons=False), dimensions=["row"], value="n")

    assert 3 == run.why.height


def test_counts_beside_weighted_figures_are_attacked_too():
    cells = pl.DataFrame({"row": list("abcd"), "n": [1, 1, 40, 50], "people": [99.5, 12.25, 3_000.0, 4_000.0]})
    policy = suppression(Threshold(3), singletons=False)
    run = ms.protect(cells, policy=policy, dimensions=["row"], value="people", count="n")

    assert 3 == run.why.height


def test_the_cause_is_not_told_where_it_gives_a_cell_back():
    """Of a small cell and one that is not, 4 together, below a threshold of 3 the small one is 1 and the other 3."""
    cells = pl.DataFrame({"row": list("abcd"), "n": [1, 3, 40, 50]})
    wide = pl.DataFrame({"row": list("abcd"), "n": [1, 30, 40, 50]})
    runs = [
        ms.protect(frame, policy=suppression(Threshold(3)), dimensions=["row"], value="n") for frame in (cells, wide)
    ]

    assert [["F", "F", "F", "N", "N"], ["A", "D", "F", "F", "F"]] == [sorted(run.frame["CONF_STATUS"]) for run in runs]
    assert "secondary" not in runs[0].tables[0].metadata["protection"]
    assert {"A", "D"} == set(runs[0].why["CONF_STATUS"])


def test_the_cause_of_a_cell_below_two_is_its_value():
    cells = pl.DataFrame({"row": list("abcd"), "n": [1, 30, 40, 50]})
    run = ms.protect(cells, policy=suppression(Threshold(2)), dimensions=["row"], value="n")

    assert {"F", "N"} == set(run.frame["CONF_STATUS"])


def test_causes_that_there_was_no_time_to_look_at_are_kept_back():
    """With time the causes are told; without, every cell goes, and nothing was looked at."""
    cells = pl.DataFrame({"row": list("aabbcc"), "col": list("xyxyxy"), "n": [1, 30, 40, 50, 60, 70]})
    runs = [
        ms.protect(cells, policy=suppression(Threshold(3), seconds=seconds), dimensions=["row", "col"], value="n")
        for seconds in (600.0, 1e-9)
    ]

    assert [{"A", "D", "F"}, {"N"}] == [set(run.frame["CONF_STATUS"]) for run in runs]
    assert [True, False] == [run.audit.complete for run in runs]


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([10, None, 30, 25], "1 cell has no figure, and its totals would lack it"),
        ([10, -2, 30, 25], "has no number of records, and there is a figure  (1 row)"),
        ([10, float("inf"), 30, 25], "is infinite  (1 row)"),
    ],
)
def test_a_figure_of_nobody_knows_how_many_records_is_not_published(counts, told):
    cells = {"row": list("aabb"), "col": list("xyxy"), "n": [120.5, 20.25, 300.0, 250.0]}
    frame = pl.DataFrame({**cells, "count": pl.Series(counts, strict=False)})
    with pytest.raises(MigstatError) as raised:
        ms.protect(frame, policy="THRESHOLD_3", dimensions=["row", "col"], value="n", count="count")

    assert told == str(raised.value).splitlines()[1].strip()


def test_a_figure_beside_its_total_needs_its_number_of_records_too():
    frame = pl.DataFrame({"row": ["a", "b", "_T"], "n": [20.5, 30.0, 50.5], "count": [None, 30, 32]})
    with pytest.raises(MigstatError, match="has no number of records, and there is a figure  \\(1 row\\)"):
        ms.protect(frame, policy="THRESHOLD_3", dimensions=["row"], value="n", count="count")


@pytest.mark.parametrize("kind", [pl.Int64, pl.Int128, pl.Decimal(10, 0)])
def test_codes_that_are_numbers_of_any_width_stay_codes(kind):
    frame = pl.DataFrame({"row": [1, 2, 3], "n": [12, 20, 30]}).with_columns(pl.col("row").cast(kind))
    run = ms.protect(frame, policy="THRESHOLD_3", dimensions=["row"], value="n")

    assert ["1", "2", "3", "_T"] == run.frame["row"].to_list()


def test_one_person_in_several_cells_knows_them_all():
    """The owner of two of three hidden cells of a row knows the third, unless a fourth goes too."""
    units = pl.DataFrame(
        {"row": list("aaa") + ["a"] * 9 + ["b"] * 40, "col": list("xyz") + ["w"] * 9 + list("xyzw") * 10}
    ).with_columns(v=pl.lit(1), who=pl.Series(["p", "p", "q", *(f"r{number}" for number in range(49))]))
    dims = ["row", "col"]
    facts = ms.contributions(units, dimensions=dims, value="v", unit="who")
    cells = units.group_by(dims).agg(n=pl.len()).sort(dims)
    run = ms.protect(cells, policy=suppression(Threshold(3)), dimensions=dims, value="n", contributions=facts)
    lost = set(run.why.filter(row="a")["col"])

    assert {"x", "y", "z"} < lost


def hierarchical(seed, small=True):
    """A random table of two or three dimensions, one of them a tree, with its totals."""
    draw = random.Random(seed)
    areas = {f"a{number}": f"g{number // draw.choice([2, 3])}" for number in range(draw.randint(3, 7))}
    dims = {"area": list(areas), "sex": ["F", "M"], "age": [f"y{number}" for number in range(draw.randint(2, 4))]}
    names = list(dims)[: draw.choice([2, 3])]
    rows = [
        (*codes, draw.choice([0, 0, 1, 1, 2, 3, 5, 8, 20, 60])) for codes in product(*(dims[name] for name in names))
    ]
    frame = pl.DataFrame(rows, schema=[*names, "n"], orient="row").filter(pl.col("n") > 0)
    return frame, names, {"area": areas}


def test_the_attacker_finds_nothing_in_random_tables():
    attack(range(60))


@pytest.mark.slow
def test_the_attacker_finds_nothing_in_five_hundred_random_tables():
    attack(range(60, 500))


def attack(seeds):
    suppressed, refused = 0, []
    for seed in seeds:
        frame, names, hierarchies = hierarchical(seed)
        if frame.height < 2:
            continue
        zeros = "primary" if seed % 5 == 0 else "publish"
        try:
            run = ms.protect(
                frame,
                policy=suppression(Threshold(3), zeros=zeros),
                dimensions=names,
                value="n",
                hierarchies=hierarchies,
            )
        except MigstatError as error:
            refused.append((seed, str(error)))
            continue
        suppressed += run.why.height
        found = ms.audit(run.frame, dimensions=names, value="n", hierarchies=hierarchies)

        assert found.safe, (seed, found.disclosed)
        assert run.audit.safe
    assert suppressed > 100
    assert len(refused) <= len(seeds) // 50, refused


@settings(max_examples=25)
@given(seed=st.integers(1000, 100_000))
def test_what_is_published_adds_up_and_is_true(seed):
    frame, names, hierarchies = hierarchical(seed)
    if frame.height < 4:
        return
    whole = ms.protect(
        frame,
        policy=suppression(Threshold(2), singletons=False, zeros="publish"),
        dimensions=names,
        value="n",
        hierarchies=hierarchies,
    )
    cells = {tuple(row[:-2]): row[-2] for row in whole.frame.select(*names, "n", "CONF_STATUS").rows()}
    for total, value in cells.items():
        for place, name in enumerate(names):
            parts = [
                other
                for key, other in cells.items()
                if key[:place] + key[place + 1 :] == total[:place] + total[place + 1 :]
                and parent(key[place], name, hierarchies) == total[place]
            ]
            if parts and value is not None and None not in parts:
                assert value == sum(parts)


def parent(code, name, hierarchies):
    if code == "_T":
        return None
    return hierarchies.get(name, {}).get(code, "_T")


def linked():
    records = [
        {"area": f"a{draw.randrange(5)}", "sex": draw.choice("FM"), "age": f"y{draw.randrange(4)}"}
        for draw in [random.Random(7)]
        for _ in range(120)
    ]
    frame = pl.DataFrame(records)
    return [frame.group_by(pair).agg(n=pl.len()).sort(pair) for pair in (["area", "sex"], ["area", "age"])]


def test_a_cell_has_one_fate_in_all_tables():
    tables = linked()
    run = ms.protect(tables, policy=suppression(Threshold(4)), dimensions=["area", "sex", "age"], value="n")
    areas = [
        table.frame.filter(pl.col(other) == "_T").select("area", "n").sort("area")
        for table, other in zip(run.tables, ["sex", "age"], strict=True)
    ]

    assert areas[0].equals(areas[1])
    assert run.why.height


def test_the_same_tables_in_any_order_are_protected_alike():
    tables = linked()
    first = ms.protect(tables, policy=suppression(Threshold(4)), dimensions=["area", "sex", "age"], value="n")
    turned = [table.sample(fraction=1, shuffle=True, seed=3) for table in tables]
    again = ms.protect(turned, policy=suppression(Threshold(4)), dimensions=["area", "sex", "age"], value="n")

    assert all(one.frame.equals(other.frame) for one, other in zip(first.tables, again.tables, strict=True))


def test_tables_that_disagree_are_refused():
    tables = linked()
    tables[1] = tables[1].with_columns(pl.col("n") + 1)
    with pytest.raises(MigstatError, match="two values for one cell: area=a0"):
        ms.protect(tables, policy="THRESHOLD_3", dimensions=["area", "sex", "age"], value="n")


def test_what_was_published_stays_as_it_was():
    tables = linked()
    dims = ["area", "sex", "age"]
    first = ms.protect(tables[0], policy=suppression(Threshold(11)), dimensions=dims, value="n")
    gone = set(first.frame.filter(pl.col("n").is_null()).select("area", "sex").rows())
    second = ms.protect(
        tables, policy=suppression(Threshold(3)), dimensions=dims, value="n", published=list(first.tables)
    )
    now = set(second.frame.filter(pl.col("n").is_null()).select("area", "sex").rows())

    assert gone
    assert gone == now


def test_one_category_hides_zeros_too():
    cells = pl.DataFrame({"area": list("aabbcc"), "status": ["REF", "OTH"] * 3, "n": [30, 0, 20, 25, 18, 22]})
    run = ms.protect(
        cells.filter(pl.col("n") > 0),
        policy=suppression(OneCategory(("status",))),
        dimensions=["area", "status"],
        value="n",
    )

    assert {("a", "REF"), ("a", "OTH")} <= hidden(run, "area", "status")
    assert run.audit.safe


def test_prior_posterior_is_p_over_q():
    units = pl.DataFrame({"area": ["a"] * 3 + ["b"] * 4, "v": [100, 20, 15, 50, 50, 50, 50]})
    cells = units.group_by("area").agg(v=pl.col("v").sum(), n=pl.len()).sort("area")
    facts = ms.contributions(units, dimensions=["area"], value="v")
    strict = suppression(PriorPosterior(10, 50))
    looser = suppression(PriorPosterior(5, 50))

    assert [("a",)] == sorted(at_risk(protect_units(cells, facts, strict), "area"))
    assert set() == at_risk(protect_units(cells, facts, looser), "area")


def protect_units(cells, facts, rules):
    return ms.protect(cells, policy=rules, dimensions=["area"], value="v", count="n", contributions=facts)


def test_a_weighted_unit_stands_for_several():
    units = pl.DataFrame({"area": ["a", "a"], "v": [60, 40], "w": [1.0, 3.0]})
    facts = ms.contributions(units, dimensions=["area"], value="v", weight="w", largest=[1, 2, 3])

    assert [180.0, 60.0, 100.0, 140.0] == list(
        facts.filter(area="a").select("SUM", "LARGEST_1", "LARGEST_2", "LARGEST_3").row(0)
    )


def test_contributions_of_one_unit_are_added_up_in_each_total():
    units = pl.DataFrame({"area": ["a", "b", "b"], "v": [6, 5, 8], "who": ["p", "p", "q"]})
    facts = ms.contributions(units, dimensions=["area"], value="v", unit="who", largest=[1])

    assert {"_T": (2, 11.0), "a": (1, 6.0), "b": (2, 8.0)} == {
        row["area"]: (row["CONTRIBUTORS"], row["LARGEST_1"]) for row in facts.to_dicts()
    }


def test_a_sparse_table_is_refused():
    with pytest.raises(MigstatError, match=r"table 1 is too sparse: .* fewer than 5 records"):
        ms.protect(
            linked()[1], policy=suppression(Threshold(3), sparse=Sparse(5, 10)), dimensions=["area", "age"], value="n"
        )


def test_a_table_that_cannot_be_made_safe_is_refused():
    cells = pl.DataFrame({"area": ["a", "b"], "n": [1, 50]})
    before = pl.DataFrame({"area": ["b", "_T"], "n": [50, 51]})
    with pytest.raises(MigstatError) as error:
        ms.protect(cells, policy=suppression(Threshold(3)), dimensions=["area"], value="n", published=before)

    expected = (
        "protect\n  area=a can be worked out by anybody, whatever else is hidden\n"
        "  Mend: leave out a total or a table, or publish wider codes"
    )
    assert expected == str(error.value)


def test_no_column_gives_a_hidden_value_back():
    frame = pl.DataFrame(
        {
            "area": ["a", "b", "c", "_T"],
            "n": [1, 2, 9, 12],
            "share": [8.3, 16.7, 75.0, 100.0],
            "se": [0.1, 0.2, 0.3, 0.4],
        }
    )
    run = ms.protect(frame, policy="THRESHOLD_3", dimensions=["area"], value="n")
    gone = run.frame.filter(pl.col("n").is_null())

    assert gone.height
    assert gone["share"].is_null().all()
    assert gone["se"].is_null().all()
    assert set("ADF") >= set(run.frame["CONF_STATUS"])


def people(incomes):
    """Thirty natives, twenty of Bolivia with some incomes known, twenty of Peru."""
    countries = ["ARG"] * 30 + ["BOL"] * 20 + ["PER"] * 20
    known = [30] * 30 + [None] * (20 - len(incomes)) + incomes + [40] * 20
    return pl.DataFrame({"COUNTRY_BIRTH": countries, "INCOME": known}).with_columns(
        SEX=pl.Series(["M", "F"] * 35), REF_AREA=pl.lit("ARG"), TIME_PERIOD=pl.lit("2021")
    )


def test_the_mean_of_one_whose_income_is_known_is_not_published():
    """Twenty are in the cell, and the mean is that of the one of them who told it."""
    asked = {"by": "COUNTRY_BIRTH", "definition": "FOREIGN_BORN", "measures": ["count", "mean(INCOME)"]}
    one, all_ = (
        ms.protect(ms.tabulate(people(incomes), **asked), policy="THRESHOLD_5") for incomes in ([77], [77] * 20)
    )
    means = one.frame.filter(MEASURE="MEAN", MIGRANT="Y")

    assert not means.filter(COUNTRY_BIRTH="BOL")["OBS_VALUE"].count()
    assert not means.filter(COUNTRY_BIRTH="PER")["OBS_VALUE"].count()
    assert 77.0 not in one.frame["OBS_VALUE"].to_list()
    assert "fewer than 5 records behind one of its figures" in one.why["WHY"].to_list()
    assert all_.why.is_empty()


def test_the_cause_may_be_kept_back():
    frame = pl.DataFrame({"area": list("abc"), "n": [1, 2, 9]})
    run = ms.protect(frame, policy=suppression(Threshold(3), tell_cause=False), dimensions=["area"], value="n")

    assert {"N", "F"} == set(run.frame["CONF_STATUS"])


def test_facts_hold_no_value():
    run = ms.protect(linked(), policy=suppression(Threshold(4)), dimensions=["area", "sex", "age"], value="n")
    text = json.dumps(protection_facts(run))

    assert "disclosed" in text
    assert "low" not in text


@pytest.mark.parametrize("id", policy_ids())
def test_every_policy_that_ships_says_where_it_is_from(id):
    found = policy(id)

    assert id == found.id
    assert found.source
    assert found.names["en"]


def keyed_records():
    draw = random.Random(5)
    rows = [
        {"area": f"a{draw.randrange(5)}", "sex": draw.choice("FM"), "age": f"y{draw.randrange(4)}", "RECORD_KEY": key}
        for key in (draw.randrange(10**9) / 10**9 for _ in range(150))
    ]
    return pl.DataFrame(rows)


def counted(records):
    return [records.group_by(pair).agg(n=pl.len()).sort(pair) for pair in (["area", "sex"], ["area", "age"])]


def areas(run):
    return [
        table.frame.filter(pl.col(other) == "_T").select("area", "n").sort("area")
        for table, other in zip(run.tables, ["sex", "age"], strict=True)
    ]


def test_a_cell_key_gives_the_same_noise_in_every_table():
    records = keyed_records()
    dims = ["area", "sex", "age"]
    run = ms.protect(counted(records), policy="CELL_KEY", dimensions=dims, value="n", records=records)
    first, second = areas(run)

    assert first.equals(second)
    assert run.losses["CHANGED"].sum() > 0
    assert run.losses["LARGEST_DIFFERENCE"].max() <= 3


def test_rounded_tables_add_up_and_agree():
    records = keyed_records()
    dims = ["area", "sex", "age"]
    run = ms.protect(counted(records), policy="ROUND_5", dimensions=dims, value="n", records=records)
    first, second = areas(run)
    parts = run.frame.filter((pl.col("sex") != "_T") & (pl.col("area") != "_T"))

    assert first.equals(second)
    assert not parts["n"].is_between(1, 4).any()
    assert first.sort("area").equals(
        pl.concat(
            [
                parts.select(area=pl.lit("_T"), n=pl.col("n").sum()).head(1),
                parts.group_by("area").agg(pl.col("n").sum()),
            ]
        ).sort("area")
    )


def test_tables_are_not_rounded_together_without_records():
    with pytest.raises(MigstatError, match="several tables can only be rounded together from their records"):
        ms.protect(counted(keyed_records()), policy="ROUND_3", dimensions=["area", "sex", "age"], value="n")


def test_cell_keys_need_records():
    with pytest.raises(MigstatError, match="cell keys are sums of record keys, and there are no records"):
        ms.protect(counted(keyed_records())[0], policy="CELL_KEY", dimensions=["area", "sex"], value="n")


def test_additive_rounding_of_the_case(shared):
    for base in (3, 10):
        metrics = dict(pl.read_csv(shared / CASE / f"z1_plsround_base{base}_metrics.csv").rows())
        dims = ["region", "hovedint"]
        inner = pl.read_csv(shared / CASE / "z1.csv")
        rules = Policy("ROUND", "1.0", Rounding(base))
        run = ms.protect(inner, policy=rules, dimensions=dims, value="ant")
        parts = run.frame.filter(pl.all_horizontal(pl.col(dims) != "_T"))

        assert not parts["ant"].is_between(1, base - 1).any()
        assert parts["ant"].sum() == run.frame.filter(pl.all_horizontal(pl.col(dims) == "_T"))["ant"].item()
        assert run.losses["LARGEST_DIFFERENCE"][0] <= metrics["maxdiff"] + base


@pytest.mark.parametrize("departures", [20, 2])
def test_net_migration_gives_no_flow_back(departures):
    """Two men arrived: what left, and the balance, must not say so; nor the number behind the balance."""
    groups = [(2, "ARR", "M"), (30, "ARR", "F"), (departures, "DEP", "M"), (25, "DEP", "F")]
    rows = [
        (f"{way}{sex}{number}", f"2019-01-{10 + number % 9}", way, sex)
        for count, way, sex in groups
        for number in range(count)
    ]
    crossings = pl.DataFrame(rows, schema=["PERSON_ID", "CROSSING_DATE", "DIRECTION", "SEX"], orient="row")
    table = ms.flows(ms.reside(crossings, until="2022-12-31"), period="year", by="SEX", area="NZL")
    run = ms.protect(table, policy="THRESHOLD_3")
    shown = {row[0]: row[1] for row in run.frame.filter(SEX="M").select("FLOW", "OBS_VALUE").rows()}

    assert shown["IMM"] is None
    assert None in (shown["EMI"], shown["NET"])
    assert not run.frame.filter(FLOW="NET")["N_UNWEIGHTED"].count()
    assert ms.audit(run.tables).safe
    assert ms.audit(run.tables, inner=table).safe


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            lambda: ms.protect(
                pl.DataFrame({"row": ["a", None], "n": [9, 7]}), policy="THRESHOLD_3", dimensions=["row"], value="n"
            ),
            "1 cell has no code, and would be in no total",
        ),
        (
            lambda: ms.audit(
                ms.protect(
                    pl.DataFrame({"row": ["a", "b"], "n": [9, 7]}), policy="THRESHOLD_3", dimensions=["row"], value="n"
                ).tables
            ),
            "the table has no OBS_VALUE",
        ),
    ],
)
def test_what_would_be_lost_or_is_not_there_is_said(wrong, message):
    with pytest.raises(MigstatError) as refused:
        wrong()

    assert message in str(refused.value)

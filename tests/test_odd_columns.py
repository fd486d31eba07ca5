"""Tables handed in with columns of odd types: each verb gives what plain ones give, or tells the column and a mend."""

import datetime as dt
import math

import polars as pl
import pytest

import migstat as ms

PEOPLE = pl.DataFrame(
    {
        "REF_AREA": ["KEN"] * 6, "TIME_PERIOD": ["2019"] * 6,
        "COUNTRY_BIRTH": ["KEN", "UGA", "KEN", "UGA", "TZA", "KEN"],
        "SEX": ["F", "M", "F", "M", "F", "M"], "AGE": [7, 34, 40, 20, 61, 33], "WEIGHT": [1.0, 2.0, 1.5, 1.0, 2.5, 3.0],
    }
)  # fmt: skip
SAMPLE = PEOPLE.with_columns(
    pl.Series("H", list("aaabbb")), pl.Series("P", list("123456")), (pl.col("AGE") * 1.5).alias("INCOME")
)
DESIGN = ms.design(weight="WEIGHT", strata="H", psu="P")
CELLS = pl.DataFrame({"row": list("aabb"), "col": list("xyxy"), "n": [12, 2, 30, 25]})
FIRMS = pl.DataFrame({"area": ["a", "a", "b"], "jobs": [90, 10, 5], "W": [1.0, 2.0, 1.0], "U": list("pqr")})
POPULATION = pl.DataFrame({"REF_AREA": ["KEN"] * 2, "SEX": ["F", "M"], "OBS_VALUE": [100.0, 200.0]})
CROSSINGS = pl.DataFrame(
    {"PERSON_ID": ["a", "b"], "DIRECTION": ["ARR"] * 2, "CROSSING_DATE": ["2021-03-01", "2021-05-01"]}
)
SENT = pl.DataFrame({"orig": ["A"], "dest": ["B"], "year": ["2010"], "OBS_VALUE": [50]})
STOCKS = pl.DataFrame({"COUNTRY_BIRTH": list("AAB"), "REF_AREA": list("ABB"), "OBS_VALUE": [90, 10, 50]})
FLOWS = pl.DataFrame({"orig": list("AABBCC"), "dest": list("BCACAB"), "flow": [1, 2, 3, 4, 5, 6]})
TAX = pl.DataFrame({"PERSON_ID": ["A", "B"], "DATE": ["2023-05-01", "2021-05-01"]})
PERMITS = pl.DataFrame(
    {
        "REF_AREA": ["FRA"] * 2, "PERSON_ID": ["A", "B"], "PERMIT_REASON": ["EMP", "FAM"],
        "VALID_FROM": [dt.date(2021, 1, 1)] * 2, "VALID_TO": [dt.date(2021, 12, 31)] * 2, "CITIZENSHIP": ["MAR", "TUN"],
    }
)  # fmt: skip
MOVED = ms.flows(ms.reside(CROSSINGS, until="2022-12-31"), period="year", area="NZL")
RULES = """id: R
version: 1.0
rules:
  - {id: A, check: AGE >= 18}
  - {id: S, check: "SEX in ('F', 'M')"}
  - {id: U, unique: [SEX, AGE]}
  - {id: D, determines: {by: [SEX], one: COUNTRY_BIRTH}}
  - {id: G, by: [COUNTRY_BIRTH], check: sum(AGE) > 10 and median(AGE) > 10}
"""

VERBS = {
    "validate": (PEOPLE, lambda frame, rules: ms.validate(frame, rules=rules, weight="WEIGHT", sample=0).results),
    "tabulate": (PEOPLE, lambda frame, _: ms.tabulate(frame, by=["SEX"], measures=["count", "median(AGE)"]).frame),
    "population": (
        POPULATION,
        lambda frame, _: ms.tabulate(PEOPLE, by=["SEX"], measures="rate(1000)", population=frame).frame,
    ),
    "derive": (
        PEOPLE.select("REF_AREA", "COUNTRY_BIRTH"),
        lambda frame, _: ms.derive(frame, "FOREIGN_BORN")["FOREIGN_BORN"],
    ),
    "estimate": (
        SAMPLE,
        lambda frame, _: ms.estimate(frame, "mean", of="INCOME", by=["SEX"], domain="AGE >= 18", design=DESIGN).frame,
    ),
    "difference": (SAMPLE, lambda frame, _: ms.difference(frame, of="INCOME", by="SEX", design=DESIGN).frame),
    "protect": (CELLS, lambda frame, _: _protected(frame, "THRESHOLD_3")),
    "round": (CELLS, lambda frame, _: _protected(frame, "ROUND_3")),
    "contributions": (
        FIRMS,
        lambda frame, _: ms.contributions(frame, dimensions=["area"], value="jobs", unit="U", weight="W"),
    ),
    "reside": (CROSSINGS, lambda frame, _: ms.reside(frame, until="2022-12-31").crossings),
    "stock": (pl.DataFrame({"OBS_VALUE": [10]}), lambda frame, _: ms.stock(frame, MOVED, at="2020-12-31").frame),
    "mirror": (SENT, lambda frame, _: ms.mirror(frame, SENT).corridors),
    "flows_from_stocks": (STOCKS, lambda frame, _: ms.flows_from_stocks(frame, STOCKS).frame),
    "births": (
        pl.DataFrame({"REF_AREA": ["A", "B"], "OBS_VALUE": [9, 1]}),
        lambda frame, _: ms.flows_from_stocks(STOCKS, STOCKS, births=frame, deaths=frame).frame,
    ),
    "indices": (FLOWS, lambda frame, _: list(ms.migration_indices(frame))),
    "net_migration": (
        pl.DataFrame({"FIRST": [90], "SECOND": [80], "SURVIVAL": [0.75]}),
        lambda frame, _: ms.net_migration(frame),
    ),
    "signs_of_life": (
        TAX,
        lambda frame, _: ms.signs_of_life({"TAX": frame}, rule="signs-12m", at="2023-12-31").persons,
    ),
    "permits": (PERMITS, lambda frame, _: ms.permits(frame, years=2021).frame),
    "link": (
        pl.DataFrame({"NAME": ["Cai", "CAI", "Amy"], "PASSPORT": ["C1", "X2", "Z3"]}),
        lambda frame, _: ms.link(frame, on=["NAME", "PASSPORT"]).records,
    ),
}  # fmt: skip


def _protected(frame, policy):
    return ms.protect(frame, policy=policy, dimensions=["row", "col"], value="n").frame


HELD = {
    "list": lambda column: [[1, 2]] * column.len(),
    "struct": lambda column: [{"a": 1}] * column.len(),
    "bytes": lambda column: [b"\xff"] * column.len(),
    "duration": lambda column: [dt.timedelta(1)] * column.len(),
    "time": lambda column: [dt.time(3)] * column.len(),
}
OTHER = {
    "boolean": lambda column: [True] * column.len(),
    "datetime": lambda column: [dt.datetime(2019, 8, 24, 3)] * column.len(),
    "null": lambda column: [None] * column.len(),
    "no text of a number": lambda column: ["x"] * column.len(),
}


def _alike(column):
    """The same values as another type."""
    if column.dtype == pl.String:
        return [column.cast(pl.Categorical), column.cast(pl.Enum(column.unique().drop_nulls().sort()))]
    if not column.dtype.is_numeric():
        return []
    whole = bool((column % 1 == 0).all())
    return [column.cast(pl.Decimal(20, 2)), *([column.cast(pl.Int128)] if whole else [])]


def _told(made):
    return made.to_dicts() if isinstance(made, pl.DataFrame) else [str(one) for one in made]


@pytest.fixture
def rules(tmp_path):
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    return ms.read_rules(tmp_path / "rules.yaml")


@pytest.mark.parametrize("verb", VERBS)
def test_a_column_of_an_odd_type_is_told_or_read(verb, rules):
    """A column that holds lists or the like is told by its name; any other is read, or told."""
    frame, call = VERBS[verb]
    silent, strange = [], []
    for name in frame.columns:
        for kind, make in (HELD | OTHER).items():
            odd = frame.with_columns(pl.Series(name, make(frame[name])))
            try:
                call(odd, rules)
            except ms.MigstatError as error:
                if kind in HELD and not any(one.mend and (name in one.component + one.what) for one in error.findings):
                    silent.append((name, kind, str(error)))
            except Exception as error:
                strange.append((name, kind, type(error).__name__, str(error)[:80]))

    assert ([], []) == (silent, strange)


@pytest.mark.parametrize("verb", VERBS)
def test_the_same_values_of_another_type_give_the_same(verb, rules):
    frame, call = VERBS[verb]
    expected = _told(call(frame, rules))
    other = [
        (name, str(column.dtype))
        for name in frame.columns
        for column in _alike(frame[name])
        if expected != _told(call(frame.with_columns(column), rules))
        and verb not in ("link", "net_migration")  # These give columns back as they came.
    ]

    assert [] == other


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in ("validate", "derive", "tabulate")])
def test_no_number_that_is_not_finite_comes_out(verb, rules):
    frame, call = VERBS[verb]
    found = []
    for name in (name for name, dtype in frame.schema.items() if dtype.is_numeric()):
        for value in (math.nan, math.inf):
            odd = frame.with_columns(pl.Series(name, [value, *frame[name].to_list()[1:]], pl.Float64))
            try:
                made = str(_told(call(odd, rules)))
            except ms.MigstatError as error:
                made = "" if all(one.mend for one in error.findings) else f"no mend: {error}"
            found += [(name, value, made)] if any(one in made for one in ("nan", "inf", "no mend")) else []

    assert [] == found


def test_a_boolean_column_is_judged_as_text_whatever_holds_it(tmp_path):
    frame = pl.DataFrame({"CITIZEN": [True, False, None]})
    frame.write_parquet(tmp_path / "a.parquet")
    (tmp_path / "r.yaml").write_text("id: R\nversion: 1.0\nrules: [{id: C, check: \"CITIZEN in ('true')\"}]\n", "utf-8")
    found = [ms.validate(one, rules=tmp_path / "r.yaml")["C"] for one in (frame, frame.lazy(), tmp_path / "a.parquet")]

    assert [(1, 1, 1)] * 3 == [(one.passed, one.failed, one.undecided) for one in found]


WRONG = [
    (
        lambda: ms.tabulate(PEOPLE.with_columns(AGE=pl.lit(True)), measures="median(AGE)"),
        "the records  AGE\n  holds no numbers\n  Mend: write a number in each row, or leave it empty",
    ),
    (
        lambda: ms.estimate(SAMPLE.with_columns(WEIGHT=pl.lit("many")), design=DESIGN),
        "the records  WEIGHT\n  is no number  (6 rows)\n  Mend: write a number, or leave it empty",
    ),
    (
        lambda: ms.estimate(SAMPLE.clear(), "mean", of="INCOME", by=["SEX"], design=DESIGN),
        "estimate\n  there is no record to estimate from\n"
        "  Mend: look whether the records have rows, and some in the domain",
    ),
    (
        lambda: ms.contributions(FIRMS.with_columns(jobs=pl.lit(math.inf)), dimensions=["area"], value="jobs"),
        "the records  jobs\n  is infinite  (3 rows)\n  Mend: write a number, or leave it empty",
    ),
    (
        lambda: _protected(CELLS.with_columns(n=pl.lit(None, pl.Int64)), "ROUND_3"),
        "migstat  n\n  4 cells have no figure, and their totals would lack them\n"
        "  Mend: write the figure, 0 where there is nobody, or give the totals too",
    ),
    (
        lambda: ms.protect(
            pl.DataFrame({"row": ["a", "_T"], "OBS_VALUE": [None, None]}, schema_overrides={"OBS_VALUE": pl.Int64}),
            policy="ROUND_3", dimensions=["row"],
        ),
        "protect  OBS_VALUE\n  has no figure to add up  (2 rows)\n"
        "  Mend: round the table before its figures are hidden, or take a method that is not controlled",
    ),
    (
        lambda: ms.flows_from_stocks(
            STOCKS, STOCKS, births=pl.DataFrame({"REF_AREA": ["A", None], "OBS_VALUE": [1, 2]}), deaths={"A": 1}
        ),
        "migstat  REF_AREA\n  1 row of births names no area\n"
        "  Mend: write the area of each row, or leave the row out",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("call", "expected"), WRONG)
def test_what_is_odd_is_told_with_its_mend(call, expected):
    with pytest.raises(ms.MigstatError) as error:
        call()

    assert expected == str(error.value)


@pytest.mark.parametrize("kind", ["file", "polars", "lazy", "pyarrow"])
def test_an_extract_with_lists_objects_and_bytes_is_read_as_text(kind, tmp_path):
    odd = pl.DataFrame(
        {
            "LINE": ["1", "2", "3"], "P12": [b"1", b"2", b"9"], "PLACES": [["a"], [], ["b", None]],
            "BOX": [None, None, {"x": 1.5, "on": dt.date(2020, 1, 2)}], "SHAPE": [b"abc", None, b"\xff\x01"],
        }
    )  # fmt: skip
    odd.write_parquet(tmp_path / "people.parquet")
    rest = ("AGE", "COUNTRY_BIRTH", "CITIZENSHIP", "RESID_5Y", "YEAR_ARRIVAL", "MIG_REASON")
    (tmp_path / "mapping.yaml").write_text(
        "id: KEN_ODD\nversion: 1.0\ninto: CENSUS_PERSON\nsource: {kind: census, by: nobody, area: KEN, date: 2019, "
        "population: de facto, key: [LINE], format: {kind: parquet}}\n"
        "rules:\n  SEX: {from: P12, recode: {1: M, 2: F}}\n"
        + "".join(f"  {id}: {{not_collected: a test}}\n" for id in rest),
        encoding="utf-8",
    )
    made = {"file": tmp_path / "people.parquet", "polars": odd, "lazy": odd.lazy(), "pyarrow": odd.to_arrow()}
    run = ms.harmonize(made[kind], tmp_path / "mapping.yaml")
    rejects = pl.DataFrame(run.rejects.lazy().collect() if kind == "lazy" else run.rejects)

    assert 2 == run.step("records").rows
    assert [('["b", null]', '{"x": 1.5, "on": "2020-01-02"}', "ff01")] == rejects.select(
        "PLACES", "BOX", "SHAPE"
    ).rows()
    told = [one.what for one in run.findings if one.severity == "note" and one.rule == "assumed"]
    assert ["PLACES, BOX hold lists or structures, read as text"] == told

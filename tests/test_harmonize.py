"""Harmonize: what goes in comes out, as a record, a reject or an exclusion, on every engine."""

import math
import random
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms

MAPPING = """\
id: KEN_TEST
version: 1.0
into: CENSUS_PERSON
source:
  kind: census
  by: nobody
  area: KEN
  date: 2019-08-24
  population: de facto
  birthplace: actual
  boundaries: census date
  key: [HH, LINE]
  weight: W
  identifiers: [NAME]
keep:
  - {column: P00, is: [1, 2], because: usual residents}
rules:
  SEX: {from: P12, recode: {1: M, 2: F}, not_stated: [9]}
  AGE: {from: P11, not_stated: [98, 99], top: 95}
  COUNTRY_BIRTH: {from: P15, recode: tables/p15.csv, not_stated: [999], pad: 3}
  CITIZENSHIP:
    cases:
      - {when: {P16: 1}, give: KEN}
      - {when: "P16 = 2 and P11 < 50", from: P15, pad: 3, recode: {450: KEN, 800: UGA, 834: TZA}, else: _O}
      - {when: {P16: 2}, give: _O}
      - {when: {P16: ""}, give: _N}
  RESID_5Y: {from: P18, universe: "P11 >= 5", recode: {1: SAME_MIN, 2: ABROAD}, not_stated: [""]}
  YEAR_ARRIVAL: {from: P21, not_applicable: [""], unknown: [9999]}
  MIG_REASON: {not_collected: the form does not ask it}
"""
TABLE = "from,to,label\n450,KEN,Kenya\n800,UGA,Uganda\n834,TZA,Tanzania\n810,SUHH,Soviet Union\n"
VALUES: dict[str, list[str | None]] = {
    "P00": ["1", "1", "1", "2", "3", None],
    "P12": ["1", "2", "9", "7", None],
    "P11": ["0", "4", "5", "34", "49", "50", "95", "98", "130", "131", "x", "", None],
    "P15": ["450", "800", "834", "999", "810", "45", "777", ""],
    "P16": ["1", "2", "2", "", "3"],
    "P18": ["1", "2", "", "5"],
    "P21": ["1990", "2019", "9999", "", "90", "2019.0"],
    "W": ["1", "2.5", "10", "0", "-3"],
}
CODES = {"450": "KEN", "800": "UGA", "834": "TZA", "810": "SUHH", "999": "_N"}


@pytest.fixture(scope="session")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ken")
    (folder / "tables").mkdir()
    (folder / "tables" / "p15.csv").write_text(TABLE, encoding="utf-8")
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return folder / "mapping.yaml"


def rows_of(count: int, seed: int) -> list[dict[str, str | None]]:
    chance = random.Random(seed)
    good = {"P00": "1", "P12": "1", "P11": "34", "P15": "450", "P16": "1", "P18": "1", "P21": "", "W": "2"}
    rows: list[dict[str, str | None]] = []
    for number in range(count):
        row: dict[str, str | None] = {name: chance.choice(values) for name, values in VALUES.items()}
        if chance.random() < 0.7:
            kept = chance.sample(sorted(good), 5)
            row |= {name: good[name] for name in kept}
        named: dict[str, str | None] = {"HH": str(number // 3), "LINE": str(number % 3), "NAME": f"secret{number}"}
        rows.append({**named, "SEX": "source's own", **row})
    return rows


def direct(row: dict[str, str | None]) -> dict[str, Any] | str:
    """Read one row by plain Python, as a check on the expressions."""
    row = {name: value or None for name, value in row.items()}
    if row["P00"] is None:
        return "rejected"
    if row["P00"] not in {"1", "2"}:
        return "excluded"
    text = row["P11"]
    age: Any = int(text) if text and text.isdigit() else None
    out: dict[str, Any] = {"SEX": {"1": "M", "2": "F", "9": "_N"}.get(row["P12"] or "")}
    stated = text not in {"98", "99"}
    out["AGE"] = age if stated and age is not None and age <= 130 else None
    out["AGE_MISSING"] = None if stated else "_N"
    out["COUNTRY_BIRTH"] = CODES.get((row["P15"] or "").zfill(3)) if row["P15"] else None
    if row["P16"] == "1":
        out["CITIZENSHIP"] = "KEN"
    elif row["P16"] == "2" and age is not None and age < 50:
        other = "_O" if row["P15"] else None
        out["CITIZENSHIP"] = {"450": "KEN", "800": "UGA", "834": "TZA"}.get(row["P15"] or "", other)
    else:
        out["CITIZENSHIP"] = {"2": "_O", None: "_N"}.get(row["P16"])
    if age is not None and age < 5:
        out["RESID_5Y"] = "_Z"
    else:
        out["RESID_5Y"] = {"1": "SAME_MIN", "2": "ABROAD", None: "_N"}.get(row["P18"])
    year = {"1990": 1990, "2019": 2019, "2019.0": 2019}.get(row["P21"] or "")
    out["YEAR_ARRIVAL"] = year
    out["YEAR_ARRIVAL_MISSING"] = {"9999": "_U", None: "_Z"}.get(row["P21"])
    covered = [
        out["SEX"], out["COUNTRY_BIRTH"], out["CITIZENSHIP"], out["RESID_5Y"],
        out["AGE_MISSING"] if out["AGE"] is None else out["AGE"],
        out["YEAR_ARRIVAL_MISSING"] if year is None else year,
    ]  # fmt: skip
    return "rejected" if any(value is None for value in covered) else out


def test_every_engine_gives_what_a_direct_reading_gives(constructor: Any, mapping: Path) -> None:
    rows = rows_of(400, seed=1)
    read = [direct(row) for row in rows]
    expected = Counter(
        tuple(sorted((name, str(value)) for name, value in one.items())) for one in read if isinstance(one, dict)
    )

    run = ms.harmonize(constructor(rows), mapping)
    names = [name for name, _ in next(iter(expected))]
    records = constructor.rows(run.records)
    actual = Counter(tuple((name, str(row[name])) for name in names) for row in records)

    assert expected == actual
    states = Counter(one if isinstance(one, str) else "records" for one in read)
    assert {name: run.step(name).rows for name in ("excluded", "rejected", "records")} == dict(states)
    assert type(run.records) is type(constructor(rows)) or constructor.engine == "duckdb"


def test_rows_and_weight_are_kept(constructor: Any, mapping: Path) -> None:
    rows = rows_of(300, seed=2)
    total = sum(float(row["W"] or 0) for row in rows)

    run = ms.harmonize(constructor(rows), mapping)
    parts = [run.step(name) for name in ("excluded", "rejected", "records")]

    assert (len(rows), pytest.approx(total)) == (sum(step.rows for step in parts), sum(step.weight for step in parts))
    assert len(constructor.rows(run.records)) == run.step("records").rows
    assert len(constructor.rows(run.rejects)) == run.step("rejected").rows
    assert "NAME" not in constructor.rows(run.rejects)[0]
    assert sum(row["WEIGHT"] for row in constructor.rows(run.records)) == pytest.approx(run.step("records").weight)


def test_weights_with_many_decimals_add_up(constructor: Any, mapping: Path) -> None:
    chance = random.Random(6)
    rows = [{**row, "W": f"{chance.uniform(0, 10 ** chance.randint(-9, 3)):.13f}"} for row in rows_of(300, seed=6)]
    out = [float(row["W"]) for row in rows if row["P00"] == "3"]

    run = ms.harmonize(constructor(rows), mapping)
    read, excluded, rejected, records = (run.step(name) for name in ("read", "excluded", "rejected", "records"))

    told = math.fsum(one.weight for one in (excluded, rejected, records))
    assert told == read.weight
    assert math.fsum(float(row["W"]) for row in rows) == pytest.approx(read.weight, rel=1e-15, abs=0)
    assert math.fsum(row["WEIGHT"] for row in constructor.rows(run.records)) == records.weight
    kept_out = next(step for step in run.steps if step.part)
    assert {(int, float)} == {(type(step.rows), type(step.weight)) for step in run.steps}
    assert math.fsum(out) == excluded.weight == kept_out.weight


@pytest.mark.parametrize(
    ("weights", "total"),
    [
        (["0.0000000000001"] * 7, 7e-13),
        (["1e3", "1" + "0" * 30, "-1" + "0" * 30, "0.5"], 0.5),
        (["0.1", "0.2", "1e9", "0.3"], math.fsum([0.1, 0.2, 0.3])),
        (["999999999999999", "0.125"], 999999999999999.125),
    ],
)
def test_weights_of_any_size_are_added_exactly(mapping: Path, weights: list[str], total: float) -> None:
    rows = [{**row, "P00": "3", "W": weight} for row, weight in zip(rows_of(len(weights), 1), weights, strict=True)]

    run = ms.harmonize(pl.DataFrame(rows), mapping)

    assert pytest.approx(total, rel=1e-14, abs=0) == run.step("excluded").weight == run.step("read").weight


@pytest.mark.parametrize("seed", range(3))
def test_steps_are_the_same_in_any_order_of_rows(constructor: Any, mapping: Path, seed: int) -> None:
    chance = random.Random(seed)
    rows = [{**row, "W": f"{chance.lognormvariate(5, 4):.13f}"} for row in rows_of(500, seed)]
    expected = ms.harmonize(constructor(rows), mapping)

    chance.shuffle(rows)

    assert expected.steps == ms.harmonize(constructor(rows), mapping).steps


def test_coverage_counts_each_value(constructor: Any, mapping: Path) -> None:
    rows = rows_of(300, seed=3)
    kept = [row for row in rows if direct(row) != "excluded"]
    expected = Counter(row["P12"] or "" for row in kept)

    run = ms.harmonize(constructor(rows), mapping)
    lines = [line for line in run.coverage if line.component == "SEX"]

    assert expected == Counter({line.values[0]: line.rows for line in lines})
    assert {line.values[0]: line.code for line in lines} == {"1": "M", "2": "F", "9": "_N", "7": "", "": ""}
    weight = sum(float(row["W"] or 0) for row in kept if row["P12"] == "7")
    assert next(line.weight for line in lines if line.values == ("7",)) == pytest.approx(weight)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False))
def test_order_of_rows_and_rules_is_irrelevant(mapping: Path, seed: int, order: random.Random) -> None:
    rows = rows_of(40, seed)
    head, _, rules = MAPPING.partition("rules:\n")
    blocks = [f"  {block}" for block in rules.removeprefix("  ").split("\n  ") if block.strip()]
    groups: list[list[str]] = []
    for block in blocks:
        groups[-1].append(block) if block.startswith("    ") else groups.append([block])
    order.shuffle(groups)
    shuffled = mapping.with_name("shuffled.yaml")
    shuffled.write_text(head + "rules:\n" + "\n".join(line.rstrip() for group in groups for line in group) + "\n")
    mixed = list(rows)
    order.shuffle(mixed)
    schema = dict.fromkeys(rows[0], pl.String)

    one = ms.harmonize(pl.DataFrame(rows, schema=schema), mapping)
    other = ms.harmonize(pl.DataFrame(mixed, schema=schema), shuffled)

    def sort(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.drop("ROW").sort(pl.all())

    assert sort(one.records).equals(sort(other.records))
    assert one.steps == other.steps
    assert told(one) == told(other)


def told(run: Any) -> list[tuple[object, ...]]:
    return sorted((line.component, line.values, line.code, line.rows) for line in run.coverage)


def test_a_number_column_of_pandas_is_read_as_its_codes(mapping: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame({
        "HH": [1, 1], "LINE": [1, 2], "P00": [1, 2], "P12": [1.0, float("nan")], "P11": [34, 98],
        "P15": [45, 450], "P16": [1, 1], "P18": ["1", None], "P21": [None, 1990.0], "W": [1.5, 2.0], "NAME": ["a", "b"],
    })  # fmt: skip

    run = ms.harmonize(frame, mapping)

    assert [("COUNTRY_BIRTH", "no rule for P15 = '45'"), ("SEX", "no rule for P12 blank")] == sorted(
        (finding.component, finding.what) for finding in run.findings if finding.rule == "unmapped"
    )


def test_the_same_input_gives_the_same_bytes(mapping: Path, tmp_path: Path) -> None:
    source = tmp_path / "ken.csv"
    pl.DataFrame(rows_of(5000, seed=4)).write_csv(source)

    for folder in ("one", "two"):
        ms.harmonize(source, mapping, into=tmp_path / folder)

    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    endings = ["coverage.csv", "records.parquet", "rejects.parquet", "run.json"]
    assert names == [f"KEN_TEST.{ending}" for ending in endings]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_columns_of_codes_bear_the_mark_by_which_polars_reads_them_at_once(mapping: Path, tmp_path: Path) -> None:
    source = tmp_path / "ken.csv"
    pl.DataFrame(rows_of(100, seed=4)).write_csv(source)
    ms.harmonize(source, mapping, into=tmp_path)
    fields = parquet.read_schema(tmp_path / "KEN_TEST.records.parquet")
    mark = pl.DataFrame(schema={"SEX": pl.Categorical}).to_arrow().schema.field("SEX").metadata

    assert mark
    assert {True: mark, False: None} == {pa.types.is_dictionary(field.type): field.metadata for field in fields}
    assert {fields.field(name).metadata == mark for name in ("SEX", "AGE_MISSING", "COUNTRY_BIRTH")} == {True}


def test_a_file_gives_what_its_frame_gives(mapping: Path, tmp_path: Path) -> None:
    rows = rows_of(2000, seed=5)
    source = tmp_path / "ken.csv"
    pl.DataFrame(rows).write_csv(source)

    from_file = ms.harmonize(source, mapping)
    from_frame = ms.harmonize(pl.DataFrame(rows), mapping)

    assert from_file.records.equals(from_frame.records)
    assert from_file.coverage.covered == from_frame.coverage.covered
    assert from_file.provenance["inputs"][0]["name"] == "ken.csv"


def test_repeated_keys_are_found(constructor: Any, mapping: Path) -> None:
    rows = rows_of(20, seed=6)
    rows[7] |= {"HH": rows[3]["HH"], "LINE": rows[3]["LINE"]}

    run = ms.harmonize(constructor(rows), mapping)

    assert [1] == [finding.rows for finding in run.findings if finding.rule == "duplicate"]
    assert not run.ok


def test_identifiers_never_leave(mapping: Path, tmp_path: Path) -> None:
    source = tmp_path / "ken.csv"
    pl.DataFrame(rows_of(500, seed=7)).write_csv(source)
    with source.open("a", encoding="utf-8") as file:
        file.write("1,2,secret9999\n")

    run = ms.harmonize(source, mapping, into=tmp_path / "out")

    assert [finding.rows for finding in run.findings if finding.rule == "malformed"] == [1]
    for path in (tmp_path / "out").iterdir():
        assert b"secret" not in path.read_bytes(), path.name
    assert "secret" not in str(run.findings)
    assert not [column for column in run.rejects.collect().columns if column == "NAME"]
    assert "secret" not in str(run.rejects.collect().to_dicts())

"""Parquet files that say they are ours and are not, or were damaged on the way: each is told in plain words."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as parquet
import pytest

import migstat as ms
from migstat.words.finding import MigstatError, Misuse

PEOPLE = pl.DataFrame(
    {
        "REF_AREA": "KEN",
        "TIME_PERIOD": "2019",
        "SEX": ["F", "M"] * 60,
        "AGE": list(range(120)),
        "COUNTRY_BIRTH": ["KEN", "UGA", "TZA"] * 40,
        "PERSON_ID": [hashlib.sha256(str(one).encode()).hexdigest() for one in range(120)],
        "WEIGHT": [1.5, 2.0] * 60,
    }
)
CROSSINGS = pl.DataFrame(
    {
        "REF_AREA": "NZL",
        "PERSON_ID": ["a", "b", "b"],
        "DIRECTION": ["ARR", "ARR", "DEP"],
        "CROSSING_DATE": ["2021-03-01", "2021-03-01", "2021-05-01"],
    }
)
NOTE: dict[str, Any] = {"migstat": "0.1.0", "structure": "MIGSTAT:CENSUS_PERSON(1.0)"}
DAMAGED = "the Parquet file is damaged or was cut off\n  Mend: ask the sender for the file again"
NOTED = "the note of migstat in the file is damaged"
MEND = "\n  Mend: write the file again with migstat"
DEEP = "[" * 100_000 + "]" * 100_000


def written(path: Path, frame: pl.DataFrame = PEOPLE, note: Any = NOTE) -> Path:
    """Write a Parquet file with a note in its footer: a text or bytes as they are, anything else as JSON."""
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    told = note if isinstance(note, str | bytes) else json.dumps(note)
    parquet.write_table(table.replace_schema_metadata({"migstat": told}), path, compression="zstd", row_group_size=30)
    return path


@pytest.fixture
def resided(tmp_path: Path) -> Path:
    ms.reside(CROSSINGS, until="2022-12-31", into=tmp_path)
    return tmp_path / "crossings.residence.parquet"


def told(verb: Callable[[], Any]) -> str:
    with pytest.raises(MigstatError) as raised:
        verb()
    return str(raised.value)


@pytest.mark.parametrize(
    ("note", "what"),
    [
        ("soon", "it is no JSON"),
        ("", "it is no JSON"),
        ('{"a": "\\ud800"}', "it is no JSON"),
        (f'{{"a": {DEEP}}}', "it is no JSON"),
        ('{"a": ' + "[" * 150 + "]" * 150 + "}", "it is nested more than 100 deep"),
        ("[1]", "it is no object"),
        ("null", "it is no object"),
        ({"structure": 7}, "'structure' is no text"),
        (NOTE | {"design": []}, "'design' is no object"),
        (NOTE | {"design": {"stages": [{"unit": "HH"}, {"unit": 7}]}}, "'design.stages[1].unit' is no text"),
        (NOTE | {"design": {"lonely": "boldly"}}, "'design.lonely' is none of fail, adjust, certainty, average"),
        (NOTE | {"design": {"replicates": {"number": 10**9}}},
         "'design.replicates.number' is no whole number up to 10,000"),
        (NOTE | {"design": {"replicates": {"method": "FAY", "fay": 1}}},
         "'design.replicates.fay' is no number from 0 to below 1"),
        (NOTE | {"design": {"calibration": {"method": "raking"}}}, "'design.calibration.margins' is not there"),
        (NOTE | {"design": {"calibration": {"method": "linear", "margins": [{"by": [], "of": "", "totals": [["F"]]}]}}},
         "'design.calibration.margins[0].totals[0]' is no list of codes and a number"),
        (NOTE | {"parts": [{}, 7]}, "'parts[1]' is no object"),
        (NOTE | {"pseudonyms": {"PERSON_ID": {"keys": []}}}, "'pseudonyms.PERSON_ID.keys' is empty"),
        (NOTE | {"pseudonyms": {"PERSON_ID": {}}}, "'pseudonyms.PERSON_ID.keys' is not there"),
        (NOTE | {"mapping": "KEN", "source": ["x"]}, "'source' is no object"),
        (NOTE | {"not_collected_because": {"SEX": None}}, "'not_collected_because.SEX' is no text"),
        (NOTE | {"until": "20221231"}, "'until' is no day"),
    ],
    ids=lambda one: one if isinstance(one, str) and len(one) < 60 else "",
)  # fmt: skip
def test_a_note_that_is_damaged(note: Any, what: str, tmp_path: Path) -> None:
    path = written(tmp_path / "people.parquet", note=note)
    for verb in (
        lambda: ms.tabulate(path, by="SEX"),
        lambda: ms.validate(path),
        lambda: ms.link(path, on=["SEX"]),
        lambda: ms.estimate(path),
        lambda: ms.convert(path, tmp_path / "people.csv"),
        lambda: ms.anonymize(path, policy="PUBLIC_USE_PERSON", key="0123456789abcdef"),
    ):
        assert told(verb).startswith(f"people.parquet\n  {NOTED}: {what}{MEND}")


def test_all_that_is_damaged_in_a_note_is_told_at_once_and_what_is_new_is_not(tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", note=NOTE | {"until": 7, "rule": 7, "new": {"design": 7}})

    assert f"a.parquet\n  {NOTED}: 'rule' is no text{MEND}\na.parquet\n  {NOTED}: 'until' is no day{MEND}" == told(
        lambda: ms.read_records(path)
    )
    newer = {"weight": "WEIGHT", "stages": [{"unit": "SEX", "new": 1}], "new": 1}
    later = written(tmp_path / "b.parquet", note=NOTE | {"new": [1], "design": newer})
    assert "<Design: weight WEIGHT; units SEX>" == repr(ms.design(later))


def test_a_note_that_is_no_text_is_damage(tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", note=b"\xff\xfe")

    assert f"a.parquet\n  {DAMAGED}" == told(lambda: ms.read_records(path))


def test_a_file_opens_no_other_on_its_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("password: 1\n", encoding="utf-8")
    path = written(tmp_path / "a.parquet", note={"structure": f"MIGSTAT:{secret}(1.0)"})
    monkeypatch.chdir(tmp_path)

    assert f"schemas  {secret}\n  there is no structure {secret}" in told(lambda: ms.tabulate(path, by="SEX"))


def test_records_that_name_no_structure(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("NAME,SEX\nCai,F\nAmy,F\n", encoding="utf-8")
    ms.link(people, on=["NAME"], into=tmp_path / "linked.parquet")

    assert (
        "linked.parquet\n  does not say which structure its records have\n"
        "  Mend: link or validate the records that harmonize wrote, and not its source"
    ) == told(lambda: ms.tabulate(tmp_path / "linked.parquet", by="SEX"))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"until": "soon"}, "'until' is no day"),
        ({"until": None}, "'until' is no day"),
        ({"rule": []}, "'rule' is no text"),
        ({"initial": 7}, "'initial' is no text"),
    ],
)
def test_residence_whose_note_is_damaged(change: dict[str, Any], what: str, resided: Path) -> None:
    note = json.loads(pl.read_parquet_metadata(resided)["migstat"])
    path = written(resided, pl.read_parquet(resided), note | change)

    assert f"{path.name}\n  {NOTED}: {what}{MEND}" == told(lambda: ms.flows(path, period="year"))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"notes": "x"}, "'notes' is no list"),
        ({"definitions": [{"name": "x"}]}, "'definitions[0].id' is not there"),
        ({"provenance": {"parts": None}}, "'provenance.parts' is no list"),
        ({"by": [7]}, "'by[0]' is no text"),
        ({"levels": {"SEX": []}}, "'levels.SEX' is no level"),
        ({"universe": {}}, "'universe.text' is not there"),
        ({"broad": {"SEX": "F"}}, "'broad.SEX' is no list"),
    ],
)
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_table_whose_metadata_are_damaged(change: dict[str, Any], what: str, ending: str, tmp_path: Path) -> None:
    table = ms.tabulate(PEOPLE, by="SEX")
    path, name = tmp_path / f"t.{ending}", f"t.{ending}" + "-metadata.json" * (ending == "csv")
    ms.write_table(ms.tabulate(PEOPLE, by="SEX"), path)
    facts = {"structure": table.reference, **table.metadata, **change}
    if ending == "csv":
        (tmp_path / name).write_text(json.dumps(facts), encoding="utf-8")
    else:
        written(path, table.frame, facts)

    for verb in (lambda: ms.read_table(path), lambda: ms.profile([path]), lambda: ms.combine([path, table])):
        assert f"{name}\n  {NOTED}: {what}{MEND}" == told(verb)


def broken(path: Path, at: int) -> Path:
    """Damage a page, and leave the footer whole."""
    data = bytearray(path.read_bytes())
    data[at : at + 60] = b"\xff" * 60
    path.write_bytes(data)
    return path


def verbs_of(path: Path) -> list[Callable[[], Any]]:
    """Return every way to go through records."""
    return [
        lambda: ms.tabulate(path, by="SEX,AGE,COUNTRY_BIRTH"),
        lambda: ms.validate(path),
        lambda: ms.link(path, on=[PEOPLE.columns], person="ONE"),
        lambda: ms.estimate(path, "mean", of="AGE", by="COUNTRY_BIRTH"),
        lambda: ms.convert(path, path.parent / "people.sdmx.csv"),
        lambda: ms.convert(path, path.parent / "again.parquet"),
        lambda: ms.tabulate_set(path, "profile-stock"),
    ]


def starts(path: Path, column: str) -> list[int]:
    """Return where the pages of a column begin, in each group of rows."""
    with parquet.ParquetFile(path) as file:
        at = file.schema_arrow.names.index(column)
        chunks = [file.metadata.row_group(group).column(at) for group in range(file.num_row_groups)]
        return [one.dictionary_page_offset or one.data_page_offset for one in chunks]


@pytest.mark.parametrize("group", [0, 1, 3])
def test_pages_that_are_damaged(group: int, tmp_path: Path) -> None:
    path = written(tmp_path / "people.parquet", note=NOTE | {"design": {"weight": "WEIGHT"}})
    broken(path, starts(path, "COUNTRY_BIRTH")[group])
    for verb in verbs_of(path):
        assert f"people.parquet\n  {DAMAGED}" == told(verb)


def test_tables_whose_pages_are_damaged(tmp_path: Path) -> None:
    stock = tmp_path / "stock.parquet"
    ms.write_table(ms.tabulate(PEOPLE, by="COUNTRY_BIRTH"), stock)
    broken(stock, 4)
    for verb in (lambda: ms.read_table(stock), lambda: ms.tabulate(PEOPLE, measures="rate(1000)", population=stock)):
        assert "stock.parquet\n  the Parquet file is damaged or was cut off" in told(verb)


def test_crossings_whose_pages_are_damaged(resided: Path, tmp_path: Path) -> None:
    crossings = broken(written(tmp_path / "c.parquet", CROSSINGS, {"structure": "MIGSTAT:BORDER_CROSSING(1.0)"}), 4)

    assert f"c.parquet\n  {DAMAGED}" == told(lambda: ms.reside(crossings))
    assert f"{resided.name}\n  {DAMAGED}" == told(
        lambda: ms.flows(broken(resided, starts(resided, "FLOW")[0]), period="year")
    )


def test_a_fault_that_is_none_of_the_file_is_not_put_on_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*given: Any, **named: Any) -> None:
        raise pl.exceptions.ComputeError("no fault of the file")

    monkeypatch.setattr("migstat.work.tabulate.tabulate", fails)
    with pytest.raises(pl.exceptions.ComputeError):
        ms.tabulate(written(tmp_path / "a.parquet"), by="SEX")


@pytest.mark.parametrize("name", ["[a].parquet", "a*.parquet", "a?.parquet"])
def test_signs_in_a_name_are_no_pattern(name: str, tmp_path: Path) -> None:
    if os.name == "nt" and name[1] in "*?":
        pytest.skip("no name on Windows")
    written(tmp_path / "ab.parquet", PEOPLE.head(7))
    path = written(tmp_path / name)

    assert PEOPLE.height == ms.validate(path).rows
    assert PEOPLE.height == ms.read_records(path)[0].collect().height
    assert PEOPLE.height == ms.link(path, on=["PERSON_ID"], person="ONE").records.height
    folder = tmp_path / "[b]*"
    folder.mkdir()
    written(folder / "part-0.parquet", PEOPLE.head(5))
    (folder / "_migstat.json").write_text(json.dumps(NOTE), encoding="utf-8")
    assert 5 == ms.read_records(folder)[0].collect().height


def test_a_folder_whose_note_is_damaged_or_that_is_empty(tmp_path: Path) -> None:
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / "_migstat.json").write_bytes(b"\xff")
    assert f"people/_migstat.json\n  {NOTED}: it is no JSON{MEND}" == told(lambda: ms.tabulate(folder, by="SEX"))
    (folder / "_migstat.json").write_text(json.dumps(NOTE), encoding="utf-8")
    assert f"people\n  the folder holds no Parquet files{MEND}" == told(lambda: ms.tabulate(folder, by="SEX"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.parquet")
    for verb in (ms.validate, ms.read_records, lambda path: ms.convert(path, tmp_path / "b.csv"), ms.read_table):
        with pytest.raises(Misuse):
            verb(tmp_path / "a.parquet")


HELD = "and no texts, numbers or dates\n  Mend: write one text, number or date in each row"


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (pl.Series([["F"]] * 120), "lists"),
        (pl.Series([{"a": 1}] * 120), "objects"),
        (pl.Series([b"\xff"] * 120), "bytes"),
        (pl.Series([1] * 120).cast(pl.Duration), "lengths of time"),
        (pl.Series([1] * 120).cast(pl.Time), "times of day"),
    ],
)
def test_columns_that_hold_no_values(values: pl.Series, what: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", PEOPLE.with_columns(values.alias("SEX")))
    for verb in (
        lambda: ms.tabulate(path, by="AGE"),
        lambda: ms.validate(path),
        lambda: ms.link(path, on=["SEX"]),
        lambda: ms.convert(path, tmp_path / "b.csv"),
    ):
        assert f"a.parquet  SEX\n  holds {what}, {HELD}" == told(verb)


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    table = PEOPLE.to_arrow()
    twice = table.append_column("SEX", table.column("SEX")).replace_schema_metadata({"migstat": json.dumps(NOTE)})
    parquet.write_table(twice, tmp_path / "a.parquet")
    what = "a.parquet\n  has two columns of one name\n  Mend: rename one of the two"
    for verb in (ms.read_records, ms.validate, ms.read_table):
        assert what == told(lambda verb=verb: verb(tmp_path / "a.parquet"))  # type: ignore[misc]


@pytest.mark.parametrize("frame", [PEOPLE.clear(), PEOPLE.select(pl.col("AGE").alias("X")), PEOPLE.select()])
def test_files_without_rows_or_columns(frame: pl.DataFrame, tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", frame)
    if frame.columns == PEOPLE.columns:
        assert 0 == ms.tabulate(path, by="SEX").frame.height
    else:
        assert "the records have no SEX" in told(lambda: ms.tabulate(path, by="SEX"))
    assert 0 == ms.validate(path).rows or frame.columns == ["X"]


def test_many_row_groups(tmp_path: Path) -> None:
    table = pl.concat([PEOPLE] * 10).to_arrow(compat_level=pl.CompatLevel.oldest())
    parquet.write_table(
        table.replace_schema_metadata({"migstat": json.dumps(NOTE)}), tmp_path / "a.parquet", row_group_size=1
    )

    assert 1200 == ms.validate(tmp_path / "a.parquet").rows
    assert (
        600 * 3.5
        == ms.tabulate(tmp_path / "a.parquet", by="SEX", definition=[]).frame.filter(SEX="_T")["OBS_VALUE"].sum()
    )


def test_pseudonyms_that_are_not_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OLD", "NEW"):
        monkeypatch.setenv(name, hashlib.sha256(name.encode()).hexdigest())
    made = {"keys": [ms.key_fingerprint("OLD")]}
    path = written(tmp_path / "a.parquet", note=NOTE | {"pseudonyms": {"MOTHER_ID": made, "AGE": made}})
    mend = "is to hold pseudonyms, and is no column of texts\n  Mend: name the file as harmonize or link wrote it"
    said = told(lambda: ms.rotate(path, tmp_path / "b.parquet", old="OLD", new="NEW"))

    assert f"a.parquet  MOTHER_ID\n  {mend}\na.parquet  AGE\n  {mend}" == said
    assert not (tmp_path / "b.parquet").exists()
    path = written(tmp_path / "a.parquet", note=NOTE | {"pseudonyms": {"PERSON_ID": made}})
    broken(path, starts(path, "PERSON_ID")[1])
    said = told(lambda: ms.rotate(path, tmp_path / "b.parquet", old="OLD", new="NEW"))
    assert f"a.parquet\n  {DAMAGED}" == said
    assert not (tmp_path / "b.parquet").exists()


def test_commands_tell_damage_and_end_with_one(tmp_path: Path) -> None:
    good = written(tmp_path / "good.parquet")
    noted = written(tmp_path / "noted.parquet", note=NOTE | {"until": "soon"})
    pages = written(tmp_path / "pages.parquet")
    broken(pages, starts(pages, "SEX")[2])
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(good.read_bytes()[:-20])
    for path, what in ((noted, NOTED), (pages, "damaged or was cut off"), (cut, "damaged or was cut off")):
        for command in (
            ["tabulate", path, "--by", "SEX", "--into", tmp_path / "t.csv"],
            ["validate", path],
            ["convert", path, "--into", tmp_path / "c.sdmx.csv"],
        ):
            done = subprocess.run(
                [sys.executable, "-m", "migstat", *map(str, command)], capture_output=True, text=True, check=False
            )
            assert what in done.stderr, (command, done.stderr)
            assert "Traceback" not in done.stderr
            assert 1 == done.returncode


@pytest.mark.parametrize(
    ("design", "what"),
    [
        ({"weight": "W"}, "tabulate  W\n  the design reads W, which the records do not have"),
        ({"weight": "WEIGHT", "replicates": {}},
         "tabulate  replicates\n  replicates of SDR cannot be made, and no columns of them are named"),
    ],
)  # fmt: skip
def test_a_design_that_the_records_do_not_bear(design: dict[str, Any], what: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", note=NOTE | {"design": design})

    assert told(lambda: ms.tabulate(path, by="SEX")).startswith(what)


def test_columns_of_another_kind(resided: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", PEOPLE.with_columns(WEIGHT=pl.lit("heavy")))
    for verb in (lambda: ms.tabulate(path, by="SEX"), lambda: ms.validate(path)):
        assert "a.parquet  WEIGHT\n  holds no numbers\n  Mend: write numbers, as migstat harmonize does" == told(verb)
    note = json.loads(pl.read_parquet_metadata(resided)["migstat"])
    path = written(resided, pl.read_parquet(resided).with_columns(CROSSING_DATE=pl.lit("soon")), note)
    assert f"{path.name}  CROSSING_DATE\n  holds no dates" in told(lambda: ms.flows(path, period="year"))
    table = ms.tabulate(PEOPLE, by="SEX")
    facts = {"structure": table.reference, **table.metadata}
    path = written(tmp_path / "t.parquet", table.frame.drop("OBS_VALUE").with_columns(SEX=None), facts)
    assert (
        "t.parquet  OBS_VALUE\n  the table has no OBS_VALUE\n  Mend: name the file as tabulate wrote it\n"
        f"t.parquet  SEX\n  a cell has no code  ({table.frame.height} rows)\n  Mend: write _T, _U or _Z"
    ) == told(lambda: ms.read_table(path))

"""Companions: columns of a second file, joined by a key; nothing is lost, nothing guessed, and all of it is told."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat import cli
from migstat.api.ceiling import ceiling_of
from migstat.read.extracts import Extract
from migstat.words.finding import MigstatError, Misuse, Place, Severity
from migstat.words.source import Companion
from migstat.work.harmonize import companions as held
from migstat.work.structure_maps.notes import bare
from office import PLAN, decide

HEAD = """\
id: KEN_TEST
version: 1.0
into: CENSUS_PERSON
source:
  kind: census
  by: nobody
  area: KEN
  date: 2019-08-24
  population: de facto
  key: [HH, LINE]
  weight: W
"""
COMPANION = '  companions:\n    households: {by: [HH], columns: {URBAN: URB, PLACE: PLACE}, file: "house*.csv"}\n'
RULES = """\
rules:
  SEX: {from: P12, recode: {1: M, 2: F}}
  URBAN: {from: URBAN, recode: {1: URBAN, 2: RURAL}, not_stated: [""]}
  REGION: {from: PLACE, not_stated: [""]}
  AGE: {not_collected: a test}
  COUNTRY_BIRTH: {not_collected: a test}
  CITIZENSHIP: {not_collected: a test}
  RESID_5Y: {not_collected: a test}
  YEAR_ARRIVAL: {not_collected: a test}
  MIG_REASON: {not_collected: a test}
"""
PERSONS = "HH,LINE,P12,W\n01,1,1,1.5\n01,2,2,2\n02,1,1,1\n1,1,2,4\n,1,2,8\n"
HOUSEHOLDS = "HH,URB,PLACE,SECRET\n03,1,C,x\n02,2,B,x\n01,1,A,x\n,2,D,x\n"
FILES = ("persons.csv", "households.csv")
JOINED = [("M", "URBAN", "A"), ("F", "URBAN", "A"), ("M", "RURAL", "B"), ("F", "_N", "_N"), ("F", "_N", "_N")]
TOLD = [
    ("warning", "mapping.yaml:13", "rows whose HH is not in households.csv: URBAN, PLACE are blank for them", 2, 12.0),
    ("note", "households.csv", "rows whose HH is blank: no row of the extract belongs to them", 1, None),
    ("note", "households.csv", "rows to which no row of the extract belongs", 1, None),
]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with a mapping, persons and households."""
    return furnished(tmp_path / "office")


def furnished(folder: Path, companion: str = COMPANION, rules: str = RULES, head: str = HEAD) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mapping.yaml").write_text(head + companion + rules, encoding="utf-8")
    (folder / "persons.csv").write_text(PERSONS, encoding="utf-8")
    (folder / "households.csv").write_text(HOUSEHOLDS, encoding="utf-8")
    return folder


def rows(records: Any) -> list[tuple[Any, ...]]:
    frame = records.collect() if isinstance(records, pl.LazyFrame) else pl.DataFrame(records)
    texts = frame.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))
    return texts.select("SEX", "URBAN", pl.coalesce("REGION", "REGION_MISSING")).rows()


def told(run: Any) -> list[tuple[Any, ...]]:
    found = [one for one in run.findings if one.rule == "companion"]
    return [(str(one.severity), str(one.place), one.what, one.rows, one.weight) for one in found]


def main(words: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    return int(ended.value.code or 0)


def faults(error: MigstatError) -> list[tuple[str, str, str]]:
    return [(str(one.place), one.component, one.what) for one in error.findings]


# What is taken.


def test_a_person_takes_the_values_of_its_household(office):
    run = ms.harmonize(office / "persons.csv", office / "mapping.yaml")

    assert JOINED == rows(run.records)
    assert TOLD == told(run)
    assert ("HH", "LINE") == run.mapping.source.key
    assert () == run.coverage.unread
    assert [5, 0, 0, 5] == [step.rows for step in run.steps if not step.part]


def test_what_is_read_stands_in_the_provenance_and_on_the_page(office, tmp_path):
    run = ms.harmonize(office / "persons.csv", office / "mapping.yaml", into=tmp_path / "out")
    ms.write_report(run, tmp_path / "page.html")
    inputs = json.loads((tmp_path / "out" / "KEN_TEST.run.json").read_text())["inputs"]

    assert ["persons.csv", "households.csv"] == [one["name"] for one in inputs]
    assert (len(HOUSEHOLDS), "households") == (inputs[1]["bytes"], inputs[1]["companion"])
    assert inputs[1]["sha256"] in (tmp_path / "page.html").read_text()
    assert JOINED == rows(run.records)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_frames_may_be_companions_of_frames_and_of_files(office, kind):
    persons, households = (pl.read_csv(office / one, infer_schema=False) for one in FILES)
    made = {"pandas": pl.DataFrame.to_pandas, "polars": pl.DataFrame.clone, "pyarrow": pl.DataFrame.to_arrow}[kind]

    for source in (made(persons), office / "persons.csv"):
        run = ms.harmonize(source, office / "mapping.yaml", companions={"households": made(households)})

        assert JOINED == rows(pl.DataFrame(run.records))
        assert [2, 1, 1] == [one[3] for one in told(run)]


def test_every_kind_of_file_may_be_a_companion_and_have_one(office):
    persons, households = (pl.read_csv(office / one, infer_schema=False) for one in FILES)
    persons.write_parquet(office / "persons.parquet")
    with gzip.open(office / "h.csv.gz", "wb") as file:
        file.write(HOUSEHOLDS.encode())
    (office / "parts").mkdir()
    households.head(2).write_csv(office / "parts" / "a.csv")
    households.tail(2).write_csv(office / "parts" / "b.csv")
    households.write_parquet(office / "h.parquet")
    wide = PERSONS.replace(",", ";").encode("utf-16")
    (office / "wide.csv").write_bytes(wide)

    for source in ("persons.csv", "persons.parquet", "wide.csv"):
        for other in ("h.csv.gz", "parts", "h.parquet"):
            run = ms.harmonize(office / source, office / "mapping.yaml", companions={"households": office / other})

            assert JOINED == rows(run.records), (source, other)


def test_the_companion_lies_in_the_same_zip(tmp_path):
    head = HEAD + '  format: {member: "persons*.csv"}\n'
    office = furnished(tmp_path, head=head)
    with zipfile.ZipFile(office / "census.zip", "w") as archive:
        archive.write(office / "persons.csv", "data/persons.csv")
        archive.write(office / "households.csv", "data/households.csv")
    (office / "households.csv").unlink()
    run = ms.harmonize(office / "census.zip", office / "mapping.yaml")

    assert JOINED == rows(run.records)
    assert ["census.zip", "census.zip/data/households.csv"][:1] == [run.provenance["inputs"][0]["name"]]
    assert "households" == run.provenance["inputs"][1]["companion"]


def test_numbers_that_a_file_typed_are_the_codes_that_they_were(office):
    persons = pl.DataFrame({"HH": [1, 2], "LINE": [1, 1], "P12": [1.0, 2.0], "W": [1.0, 1.0]})
    households = pl.DataFrame({"HH": [1.0, 2.0], "URB": [1, 2], "PLACE": ["A", None]})
    run = ms.harmonize(persons, office / "mapping.yaml", companions={"households": households})

    assert [("M", "URBAN", "A"), ("F", "RURAL", "_N")] == rows(run.records)


@pytest.mark.parametrize("kind", ["csv", "parquet", "frame"])
def test_each_file_has_its_own_blanks(tmp_path, kind):
    companion = COMPANION.replace("file:", 'format: {missing: ["."]}, file:')
    office = furnished(tmp_path, companion, head=HEAD + '  format: {missing: ["", "A"]}\n')
    (office / "households.csv").write_text(HOUSEHOLDS.replace(",2,B", ",.,B"), encoding="utf-8")
    persons = pl.read_csv(office / "persons.csv", infer_schema=False)
    persons.write_parquet(office / "persons.parquet")
    source: Any = persons if kind == "frame" else office / f"persons.{kind}"
    run = ms.harmonize(source, office / "mapping.yaml", companions={"households": office / "households.csv"})

    assert [("M", "URBAN", "A"), ("F", "URBAN", "A"), ("M", "_N", "B")] == rows(run.records)[:3]


def test_the_weight_and_the_key_of_several_columns_may_come_from_it(tmp_path):
    companion = "  companions:\n    h: {by: {HH: ID, LINE: NR}, columns: [URBAN, PLACE, W2]}\n"
    office = furnished(tmp_path, companion, head=HEAD.replace("weight: W", "weight: W2"))
    (office / "h.csv").write_text("ID,NR,URBAN,PLACE,W2\n01,1,1,A,10\n01,2,2,B,20\n02,1,1,C,30\n", encoding="utf-8")
    run = ms.harmonize(office / "persons.csv", office / "mapping.yaml", companions={"h": office / "h.csv"})

    assert [10.0, 20.0, 30.0] == run.records["WEIGHT"].to_list()
    assert 2 == run.step("rejected").rows
    assert [(2, None)] == [one[3:] for one in told(run) if one[0] == "warning"]


def test_a_key_that_identifies_is_joined_by_and_does_not_leave(tmp_path):
    head = HEAD.replace("key: [HH, LINE]", "key: [LINE]\n  identifiers: [HH]")
    office = furnished(tmp_path, head=head)
    (office / "persons.csv").write_text(PERSONS.replace("02,1,1", "02,1,7"), encoding="utf-8")
    run = ms.harmonize(office / "persons.csv", office / "mapping.yaml")

    assert ["URBAN", "URBAN"] == run.records["URBAN"].to_list()[:2]
    assert ["_row", "LINE", "P12", "W", "URBAN", "PLACE", "_why", "_line"] == run.rejects.columns
    assert [("2", "B")] == run.rejects.select("URBAN", "PLACE").rows()


def test_pseudonyms_stand_in_the_place_of_a_key_that_identifies(tmp_path, monkeypatch):
    monkeypatch.setenv("HH_KEY", "5e1f0b7a94c2d8e36f10a7b5c4d29e8871fa3cb65d04e2918c7ab3f6d5e09142")
    rules = RULES + "  HOUSEHOLD_ID: {pseudonym: [HH], key: HH_KEY, unknown: ['']}\n"
    office = furnished(tmp_path, rules=rules, head=HEAD.replace("key: [HH, LINE]", "key: [LINE]"))
    run = ms.harmonize(office / "persons.csv", office / "mapping.yaml")

    assert JOINED == rows(run.records)
    assert "01" not in run.records["HOUSEHOLD_ID"].to_list()
    assert "HH" not in run.rejects.columns


def test_a_trace_knows_what_was_taken(office, tmp_path):
    ms.harmonize(office / "persons.csv", office / "mapping.yaml", trace=tmp_path / "trace.parquet")
    trace = pl.read_parquet(tmp_path / "trace.parquet").cast(pl.String)

    took = trace.filter(pl.any_horizontal(pl.all() == "URBAN") & pl.any_horizontal(pl.all() == "1"))

    assert 2 == took.height
    assert "takes URBAN and PLACE from households, another file (house*.csv), by HH" in ms.explain(
        office / "mapping.yaml"
    )


def test_examples_give_what_a_companion_does(tmp_path):
    given = "examples:\n  - {given: {HOUSE: 01, P12: 1, URBAN: 2, PLACE: A, W: 1}, gives: {URBAN: RURAL, REGION: A}}\n"
    wrong = given + "  - {given: {P12: 1, PLACE: A, W: 1}, gives: {URBAN: RURAL}}\n"
    companion = COMPANION.replace("[HH]", "{HOUSE: HH}")
    right = furnished(tmp_path / "right", companion, RULES + given)
    other = furnished(tmp_path / "other", companion, RULES + wrong)

    assert () == ms.check(right / "mapping.yaml")
    assert ["example: gives _N, and the example says RURAL"] == [one.what for one in ms.check(other / "mapping.yaml")]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    persons=st.lists(st.sampled_from(["1", "01", "2", "a b", "é", "\x1f", None, "9" * 30]), max_size=30),
    households=st.sets(st.sampled_from(["1", "01", "2", "a b", "é", "\x1f", "9" * 30])),
)
def test_a_row_takes_what_a_join_by_hand_gives_and_none_is_lost(tmp_path, persons, households):
    office = tmp_path / "laws"
    if not office.exists():
        furnished(office)
    keys = sorted(households)
    frame = pl.DataFrame({"HH": persons, "LINE": ["1"] * len(persons)}, schema={"HH": pl.String, "LINE": pl.String})
    frame = frame.with_columns(P12=pl.lit("1"), W=pl.lit("2"))
    other = pl.DataFrame({"HH": keys, "URB": ["1"] * len(keys), "PLACE": [f"at {key}" for key in keys]}, strict=False,
                         schema=dict.fromkeys(["HH", "URB", "PLACE"], pl.String))  # fmt: skip
    run = ms.harmonize(frame, office / "mapping.yaml", companions={"households": other})
    alone = [key for key in persons if key not in households]

    assert [f"at {key}" if key in households else None for key in persons] == run.records["REGION"].to_list()
    assert len(alone) == sum(one[3] for one in told(run) if one[0] == "warning")
    assert 2.0 * len(alone) == sum(one[4] for one in told(run) if one[0] == "warning")
    assert len(households - {*persons}) == sum(one[3] for one in told(run) if "to which no row" in one[2])


def test_parts_give_what_the_whole_gives(office, monkeypatch):
    head = "HH,LINE,P12,W\n"
    lines = [f"{number // 3:04},{number % 3},1,1\n" for number in range(3000)]
    (office / "persons.csv").write_text(head + "".join(lines), encoding="utf-8")
    (office / "parts").mkdir()
    for at in range(0, 3000, 700):
        (office / "parts" / f"{at:04}.csv").write_text(head + "".join(lines[at : at + 700]), encoding="utf-8")
    shuffled = [f"{number * 7 % 1100:04},{1 + number % 2},place {number * 7 % 1100}\n" for number in range(1100)]
    (office / "households.csv").write_text("HH,URB,PLACE\n" + "".join(shuffled), encoding="utf-8")
    whole = ms.harmonize(office / "persons.csv", office / "mapping.yaml", memory="2G")
    monkeypatch.setattr(held, "REPEATING", 5)
    parted = ms.harmonize(office / "parts", office / "mapping.yaml")

    assert [f"place {number // 3}" for number in range(3000)] == whole.records["REGION"].to_list()
    assert whole.records.equals(parted.records)
    assert told(whole) == told(parted)
    assert [("note", 100)] == [(one[0], one[3]) for one in told(whole)]


def test_what_is_held_counts_under_the_ceiling():
    def limits(held: int) -> tuple[int, int]:
        with ceiling_of("1G") as ceiling:
            extract = Extract("x", ("A",) * 16, iter(()))
            ceiling.limit(extract, 2, held)
            return extract.limits.rows, extract.limits.bytes

    assert all(more > less for more, less in zip(limits(0), limits(150 << 20), strict=True))
    frame = pl.DataFrame({"HH": ["1", "2"], "URBAN": ["1", "1"]})
    said = Companion("h", Place(""), {"HH": "HH"}, {"URBAN": "URBAN"})
    parts = [(pl.Series([1, 2]), frame)]
    assert 0 < held.CompanionTable(said, "h", parts).bytes < 1000


# What is refused: all at once, before anything is written, and without a value of a record.


def test_a_key_that_stands_twice_is_named_by_its_row(office, tmp_path):
    (office / "households.csv").write_text(HOUSEHOLDS + "01,2,E,x\n02,2,B,x\n,1,F,x\n", encoding="utf-8")
    with pytest.raises(MigstatError) as caught:
        ms.harmonize(office / "persons.csv", office / "mapping.yaml", into=tmp_path / "out")

    assert (
        "households.csv  households\n"
        "  the key HH stands again in row 5, 6: a row could take either  (2 rows)\n"
        "  Mend: remove the rows that stand twice, or name all columns of the key under companions.households.by"
    ) == str(caught.value)
    assert not isinstance(caught.value, Misuse)
    assert not list((tmp_path / "out").glob("*")) if (tmp_path / "out").exists() else True


def test_what_is_wrong_with_both_files_is_told_at_once(office):
    (office / "persons.csv").write_text("HHID,LINE,P12\n01,1,1\n", encoding="utf-8")
    (office / "households.csv").write_text("HH,URBANO\n01,1\n", encoding="utf-8")
    with pytest.raises(MigstatError) as caught:
        ms.harmonize(office / "persons.csv", office / "mapping.yaml")

    assert [
        ("persons.csv", "HH", "the extract has no such column"),
        ("persons.csv", "W", "the extract has no such column"),
        ("households.csv", "URB", "households has no such column"),
        ("households.csv", "PLACE", "households has no such column"),
    ] == sorted(faults(caught.value), key=lambda one: one[0], reverse=True)


WRONG: dict[str, tuple[bytes | None, type[MigstatError], str]] = {
    "not there": (None, Misuse, "mapping.yaml:13  households\n  its file is not named: no file like house*.csv lies"),
    "empty": (b"", MigstatError, "households.csv\n  the file is empty"),
    "cut off": (gzip.compress(HOUSEHOLDS.encode())[:-12], MigstatError, "households.csv\n  the compressed file ends"),
    "no text": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, MigstatError, "households.csv\n  cannot be read as a workbook"),
}


@pytest.mark.parametrize("case", WRONG)
def test_the_message_of_a_wrong_companion(office, case):
    content, kind, expected = WRONG[case]
    (office / "households.csv").unlink()
    if content is not None:
        (office / "households.csv").write_bytes(content)
    with pytest.raises(MigstatError) as caught:
        ms.harmonize(office / "persons.csv", office / "mapping.yaml")

    assert kind is type(caught.value)
    assert str(caught.value).startswith(expected)


def test_of_an_extract_that_is_not_there_nothing_else_is_told(office):
    with pytest.raises(Misuse) as caught:
        ms.harmonize(office / "nowhere" / "persons.csv", office / "mapping.yaml")

    assert "persons.csv\n  there is no such file\n  Mend: check the path" == str(caught.value)


def test_a_companion_without_rows_leaves_every_row_alone(office):
    (office / "households.csv").write_text("HH,URB,PLACE\n", encoding="utf-8")

    assert [5] == [one[3] for one in told(ms.harmonize(office / "persons.csv", office / "mapping.yaml"))]


def test_another_encoding_and_lines_that_are_no_rows_are_told_of_the_companion(office):
    text = HOUSEHOLDS.replace(",A,", ",Ä,") + "04,1\n"
    (office / "households.csv").write_bytes(text.encode("cp1252"))
    run = ms.harmonize(office / "persons.csv", office / "mapping.yaml")
    found = [one for one in run.findings if one.place.file == "households.csv" and one.rule != "companion"]

    assert ["assumed", "malformed"] == [one.rule for one in found]
    assert "write encoding: cp1252, or the true one, under source.companions.households.format" == found[0].mend
    assert Severity.ERROR == found[1].severity
    assert "Ä" == run.records["REGION"].to_list()[0]


def test_a_column_that_both_have_needs_a_name_of_its_own(office):
    text = PERSONS.replace("P12", "P12,URBAN").replace(",1,1,1.5", ",1,1,1,1.5").replace(",2,2,2", ",2,2,2,2")
    (office / "persons.csv").write_text(text, encoding="utf-8")
    with pytest.raises(MigstatError) as caught:
        ms.harmonize(office / "persons.csv", office / "mapping.yaml")

    assert (
        "mapping.yaml:13  households\n  the extract has a column URBAN of its own\n"
        "  Mend: give that of the companion another name: columns: {URBAN_2: URB}"
    ) == str(caught.value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"household": "x.csv"}, "household\n  the mapping has no such companion\n  Mend: write households"),
        ({"households": "x.csv"}, "x.csv\n  there is no such file\n  Mend: check the path"),
        ({"households": 3}, "migstat\n  builtins.int is neither a path nor a frame"),
    ],
)
def test_a_companion_that_is_wrongly_named(office, given, expected):
    with pytest.raises(Misuse) as caught:
        ms.harmonize(office / "persons.csv", office / "mapping.yaml", companions=given)

    assert str(caught.value).startswith(expected)


def test_companions_without_names_are_refused(office):
    with pytest.raises(Misuse) as caught:
        ms.harmonize(office / "persons.csv", office / "mapping.yaml", companions="households.csv")  # type: ignore[arg-type]

    assert [
        "migstat\n  companions is of the type str, and no names with files\n"
        '  Mend: write companions={"households": "households.csv"}'
    ] == [str(one) for one in caught.value.findings]


def test_where_rows_lie_elsewhere_companions_are_refused(office):
    persons, households = (pl.read_csv(office / one, infer_schema=False) for one in FILES)
    duckdb = pytest.importorskip("duckdb")
    for frame in (persons.lazy(), duckdb.sql("select * from persons")):
        with pytest.raises(Misuse, match="columns of a companion are not joined to a frame whose rows lie elsewhere"):
            ms.harmonize(frame, office / "mapping.yaml", companions={"households": households})
    with pytest.raises(Misuse, match="columns of a companion are not joined to rows on Spark"):
        ms.harmonize(office / "persons.csv", office / "mapping.yaml", engine="spark")


# Nothing outside the folder of the extract is found by a pattern.


def test_a_link_out_of_the_folder_is_not_followed(office, tmp_path):
    (office / "households.csv").rename(tmp_path / "secret.csv")
    (office / "households.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(MigstatError, match=r"households\.csv\n  is a link that leads out of the folder of the extract"):
        ms.harmonize(office / "persons.csv", office / "mapping.yaml")


def test_two_files_that_fit_are_not_chosen_between(office):
    (office / "households_2.csv").write_text(HOUSEHOLDS, encoding="utf-8")
    with pytest.raises(MigstatError) as caught:
        ms.harmonize(office / "persons.csv", office / "mapping.yaml")

    assert (
        "office\n  the folder holds 2 files like house*.csv: households.csv, households_2.csv\n"
        "  Mend: name the one that is meant: --companion households=FILE"
    ) == str(caught.value)
    run = ms.harmonize(
        office / "persons.csv", office / "mapping.yaml", companions={"households": office / "households_2.csv"}
    )
    assert JOINED == rows(run.records)


def test_the_extract_is_not_its_own_companion_by_a_pattern(tmp_path):
    office = furnished(tmp_path, COMPANION.replace("house*.csv", "*.csv"))

    assert JOINED == rows(ms.harmonize(office / "persons.csv", office / "mapping.yaml").records)


# Waves, and the other verbs.


def test_a_round_has_its_own_names_and_may_lack_columns(tmp_path):
    waves = """\
waves:
  w1: {date: 2009, columns: {URBAN: U9}, not_collected: [PLACE]}
  w2: {date: 2019, columns: {URBAN: URBAN, PLACE: ORT}}
  w3: {date: 1999, not_collected: [URBAN, PLACE]}
"""
    head = HEAD.replace("  date: 2019-08-24\n", "").replace("source:", waves + "source:")
    office = furnished(tmp_path, COMPANION.replace("{URBAN: URB, PLACE: PLACE}", "[URBAN, PLACE]"), head=head)
    (office / "households.csv").write_text("HH,U9,URBAN,ORT\n01,2,1,A\n02,1,2,B\n", encoding="utf-8")
    found = {
        wave: ms.harmonize(office / "persons.csv", office / "mapping.yaml", wave=wave).records for wave in ("w1", "w2")
    }
    (office / "households.csv").unlink()
    third = ms.harmonize(office / "persons.csv", office / "mapping.yaml", wave="w3")

    assert ["RURAL", "RURAL", "URBAN"] == found["w1"]["URBAN"].to_list()[:3]
    assert ["URBAN", "URBAN", "RURAL"] == found["w2"]["URBAN"].to_list()[:3]
    assert ["A", "A", "B"] == found["w2"]["REGION"].to_list()[:3]
    assert {"_X"} == {*found["w1"]["REGION_MISSING"]} == {*third.records["URBAN"]}


def test_an_extract_is_validated_with_its_companion(office):
    beside = ms.validate(office / "persons.csv", mapping=office / "mapping.yaml")
    named = ms.validate(
        office / "persons.csv", mapping=office / "mapping.yaml", companions={"households": office / "households.csv"}
    )

    for run in (beside, named):
        assert 5 == run.rows
        assert TOLD == told(run)
        assert ["persons.csv", "households.csv"] == [one["name"] for one in run.provenance["inputs"]]
        assert 0 == run.rejects().height
    with pytest.raises(Misuse, match="companions, and no mapping"):
        ms.validate(office / "persons.csv", structure="CENSUS_PERSON", companions={"households": "x"})


def test_the_commands_name_companions(office, capsys, monkeypatch):
    monkeypatch.chdir(office)
    (office / "households.csv").rename("hogares.csv")

    assert 0 == main(["harmonize", "mapping.yaml", "persons.csv", "--companion", "households=hogares.csv", "--quiet"])
    assert JOINED == rows(pl.read_parquet("build/KEN_TEST.records.parquet"))
    validated = ["validate", "persons.csv", "--mapping", "mapping.yaml", "--companion", "households=hogares.csv"]
    assert main([*validated, "--quiet"]) in (0, 1)
    assert 2 == main(["harmonize", "mapping.yaml", "persons.csv"])
    assert 2 == main(["harmonize", "mapping.yaml", "persons.csv", "--companion", "hogares.csv"])
    assert "--companion hogares.csv: no name or no file" in capsys.readouterr().err
    Path("hogares.csv").write_text(HOUSEHOLDS + "01,1,A,x\n", encoding="utf-8")
    assert 1 == main(["harmonize", "mapping.yaml", "persons.csv", "--companion", "households=hogares.csv"])


@pytest.mark.parametrize("named", [False, True])
def test_a_companion_that_changed_makes_the_step_be_made_again(tmp_path, named):
    office = furnished(tmp_path / "office")
    plan = PLAN.replace("data/*.csv*", "persons.csv").replace("COUNTRY_BIRTH, SEX", "URBAN, SEX")
    plan = plan.replace("definition: FOREIGN_BORN, ", "") + "rules: own.yaml\njudge: own\n"
    if named:
        (office / "households.csv").rename(office / "h.csv")
        plan += "companions: {households: h.csv}\n"
    (office / "plan.yaml").write_text(plan.replace("  AGES: {by: [AGE, SEX]}\n", ""), encoding="utf-8")
    rules = "id: OWN\nversion: 1.0\nstructure: CENSUS_PERSON\nrules:\n  A: {check: SEX is not missing, names: {en: a}}"
    (office / "own.yaml").write_text(rules + "\n", encoding="utf-8")
    file = office / ("h.csv" if named else "households.csv")

    def standing() -> str:
        return ms.run(office / "plan.yaml", into=tmp_path / "out")["persons"]["harmonize"].standing

    assert ["made", "kept"] == [standing(), standing()]
    file.write_text(HOUSEHOLDS.replace("01,1", "01,2"), encoding="utf-8")
    assert ["made", "kept"] == [standing(), standing()]
    assert "RURAL" == rows(pl.read_parquet(next((tmp_path / "out").rglob("*.records.parquet"))))[0][1]
    if not named:
        file.unlink()
        assert "failed" == standing()


def test_a_diff_tells_another_companion_and_a_document_keeps_it(office, tmp_path):
    other = furnished(tmp_path / "other", COMPANION.replace("[HH]", "{HH: ID}"))
    found = ms.diff(office / "mapping.yaml", other / "mapping.yaml")
    mapping = ms.read_mapping(office / "mapping.yaml")
    ms.write_structure_map(mapping, tmp_path / "map.xml", "ml30")
    back, _ = ms.map_as_mapping(tmp_path / "map.xml")

    assert [("companions", "households: URBAN (URB), PLACE by HH", "households: URBAN (URB), PLACE by HH (ID)")] == [
        (one.subject, one.before, one.after) for one in found.changes
    ]
    assert bare(mapping.source.companions) == bare(back.source.companions)


def test_a_pack_may_hold_the_companion_of_its_extract(tmp_path):
    pack = ms.new_pack("KEN_CENSUS_2029", into=tmp_path)
    (pack / "mapping.yaml").write_text(HEAD + COMPANION + RULES, encoding="utf-8")
    for name in ("households.csv", "others.csv"):
        (pack / "extract" / name).write_text(HOUSEHOLDS, encoding="utf-8")
    found = [str(one.place) for one in ms.check_pack(pack).findings if "no case runs" in one.what]

    assert ["extract/others.csv"] == found


def test_a_pack_whose_source_is_two_files_holds(tmp_path):
    pack = ms.new_pack("KEN_CENSUS_2029", into=tmp_path)
    decide(pack)
    companion = '  companions:\n    households: {by: [HHID], columns: [AREA], file: "hogares*.csv"}\n'
    rule = '  URBAN: {from: AREA, recode: {1: URBAN, 2: RURAL}, not_stated: [""]}\n'
    mapping = (pack / "mapping.yaml").read_text(encoding="utf-8")
    mapping = mapping.replace("  key: [HHID, LINE]\n", "  key: [HHID, LINE]\n" + companion)
    (pack / "mapping.yaml").write_text(mapping.replace("rules:\n", "rules:\n" + rule, 1), encoding="utf-8")
    lines = [f"{number:06},{1 + number % 2}\n" for number in range(1, 60)]
    (pack / "extract" / "hogares_2029.csv").write_text("HHID,AREA\n" + "".join(lines), encoding="utf-8")
    ms.check_pack(pack, update=True)
    held = ms.check_pack(pack)
    lines[0] = "000001,1\n"
    (pack / "extract" / "hogares_2029.csv").write_text("HHID,AREA\n" + "".join(lines), encoding="utf-8")

    assert {Severity.NOTE} == {one.severity for one in held.findings}
    assert ["golden census"] == [
        one.name for one in ms.check_pack(pack).checks if any(f.severity == Severity.ERROR for f in one.findings)
    ]

"""Sets of tables: those that ship are whole; what a source cannot give is listed; a wrong file says where."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import migstat as ms
from migstat import api
from migstat.cli import main
from migstat.read.definitions import definition_ids
from migstat.read.sets import read_set, table_set, table_set_ids
from migstat.read.structures import structure
from migstat.words.codelist import LANGUAGES
from migstat.words.finding import MigstatError, Misuse
from migstat.words.table_set import PlannedTable

PLANNED = [(id, planned) for id in table_set_ids() for planned in table_set(id).tables]


@pytest.fixture(scope="module")
def run(root: Path) -> Any:
    folder = root / "examples" / "usa_acs_2018"
    return ms.harmonize(folder / "extract" / "csv_p00.zip", folder / "mapping.yaml")


# The sets that ship.


def test_the_sets_say_that_they_are_ours() -> None:
    assert ("profile-stock", "un-census") == table_set_ids()
    for id in table_set_ids():
        assert "general knowledge, to be confirmed" == table_set(id).standing
        assert "from general knowledge" in table_set(id).source
        assert set(LANGUAGES) == set(table_set(id).names)


@pytest.mark.parametrize(("id", "planned"), PLANNED, ids=lambda value: getattr(value, "id", value))
def test_each_table_has_a_title_in_six_languages_and_can_be_asked_of_a_census(id: str, planned: PlannedTable) -> None:
    census, table = structure("CENSUS_PERSON"), structure(planned.into)
    row = {component.id: None if component.type != "code" else "_N" for component in census.components}
    people = pl.DataFrame([{**row, "REF_AREA": "KEN", "TIME_PERIOD": "2019", "SOURCE_TYPE": "CENSUS", "WEIGHT": 1.0}])

    made = ms.tabulate(
        people.with_columns(pl.col("AGE", "YEAR_ARRIVAL").cast(pl.Int64)),
        definition=planned.definitions,
        by=planned.by,
        levels=planned.levels,
        measures=planned.measures,
        universe=planned.universe,
        into=planned.into,
        structure_id="CENSUS_PERSON",
    )

    assert set(LANGUAGES) == set(planned.names)
    assert set(planned.definitions) <= set(definition_ids())
    assert list(table.ids)[:3] == made.frame.columns[:3]


def test_the_titles_of_a_set_are_all_different() -> None:
    for id in table_set_ids():
        for language in LANGUAGES:
            titles = [planned.names[language] for planned in table_set(id).tables]

            assert sorted(set(titles)) == sorted(titles)


def test_every_table_of_a_set_is_given_or_has_its_reason(run: Any, tmp_path: Path) -> None:
    found = ms.tabulate_set(run, into=tmp_path)
    listed = json.loads((tmp_path / "un-census.tables.json").read_text(encoding="utf-8"))
    planned = [one.id for one in table_set("un-census").tables]

    assert planned == [one["id"] for one in listed["tables"]]
    assert set(planned) == set(found.tables) | set(found.missing)
    assert not set(found.tables) & set(found.missing)
    assert ["MIG_REASON was not collected in this source: the survey does not ask why people came"] == [
        one.what for one in found.missing["REASON_AGE_SEX"]
    ]
    assert ["the records have no EDUCATION"] == [one.what for one in found.missing["EDUCATION_CITIZENSHIP_SEX"]]
    for one in listed["tables"]:
        assert one["given"] == (tmp_path / f"{one['id']}.csv").exists() != bool(one.get("reasons"))


def test_what_one_record_of_many_has_was_collected() -> None:
    facts = {"REF_AREA": "KEN", "TIME_PERIOD": "2019", "COUNTRY_BIRTH": "UGA", "SEX": "F", "AGE_GROUP": "Y30"}
    people = pl.DataFrame(facts | {"MIG_REASON": ["_X"] * 10_000 + ["EMPLOY"]})

    assert "REASON_AGE_SEX" in ms.tabulate_set(people).tables
    assert "REASON_AGE_SEX" in ms.tabulate_set(people.lazy()).tables
    assert "REASON_AGE_SEX" in ms.tabulate_set(people.head(10_000)).missing


def test_a_table_of_a_set_is_the_table_made_by_hand_with_a_title(run: Any) -> None:
    made = ms.tabulate_set(run)["LABOUR_ARRIVAL_SEX"]
    by_hand = ms.tabulate(
        run, by="LABOUR,ARRIVAL_PERIOD,SEX", universe="AGE >= 15", definition="FOREIGN_BORN",
        into="MIGRANT_CHARACTERISTICS",
    )  # fmt: skip

    assert by_hand.frame.equals(made.frame)
    assert "un-census 1.0" == made.metadata["set"]
    assert by_hand.metadata["provenance"] == made.metadata["provenance"]
    assert made.metadata["title"]["en"].startswith("Foreign-born population by labour force status")
    everyone = made.frame.filter(MIGRANT="_T", LABOUR="_T", ARRIVAL_PERIOD="_T", SEX="_T")["N_UNWEIGHTED"][0]
    assert run.records.height == everyone + made.metadata["universe"]["outside"]["rows"]


def test_medians_of_a_profile(run: Any) -> None:
    found = ms.tabulate_set(run, "profile-stock")

    assert {"MEDIAN", "MEAN"} == set(found["MEDIAN_AGE"].frame["MEASURE"])
    assert {"FOREIGN_BORN", "FOREIGN_CITIZEN"} == set(found["MEDIAN_AGE"].frame["DEFINITION"])


# A set of one's own.

OWN = """\
id: own
version: 1.0
names: {en: Our tables}
description: Tables of the office.
source: the office's table plan of 2024
standing: library choice
tables:
  BY_SEX:
    names: {en: By sex}
    definition: FOREIGN_BORN
    by: [SEX]
"""


def test_an_office_may_hand_in_a_set_of_its_own(run: Any, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")

    found = ms.tabulate_set(run, tmp_path / "own.yaml", into=tmp_path / "out", format="sdmx.csv")

    assert {"BY_SEX"} == set(found.tables)
    assert ["BY_SEX.sdmx.csv", "own.tables.json"] == sorted(path.name for path in (tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("old", "new", "line", "component", "what", "mend"),
    [
        ("by: [SEX]", "by: [SEXE]", 11, "BY_SEX", "MIGRANT_CHARACTERISTICS has no dimension SEXE", "write SEX"),
        ("FOREIGN_BORN", "FORIEGN_BORN", 10, "BY_SEX", "there is no definition FORIEGN_BORN", "write FOREIGN_BORN"),
        ("FOREIGN_BORN", "NZ_12_16", 10, "BY_SEX",
         "NZ_12_16 cannot be told from one record: it needs all border crossings of the person",
         "name a definition that has a rule"),
        ("by: [SEX]", "by: [SEX]\n    levels: {AGE: 1}", 12, "BY_SEX",
         "a level for AGE, which the table is not by", "add AGE to by, or drop the level"),
        ("by: [SEX]", "by: [SEX]\n    universe: AGE >> 3", 12, "BY_SEX",
         "in `AGE >> 3`, character 6: found '>' where a column or value should stand", "complete the condition there"),
        ("by: [SEX]", "by: [SEX]\n    measures: [count, medain(AGE)]", 12, "measures",
         "there is no measure 'medain(AGE)'", "write median"),
        ("by: [SEX]", "by: [SEX]\n    into: MIGRANT_STOK", 12, "BY_SEX", "there is no structure MIGRANT_STOK",
         "write MIGRANT_STOCK"),
        ("by: [SEX]", "by: [SEX]\n    into: CENSUS_PERSON", 12, "BY_SEX", "CENSUS_PERSON is a structure of records",
         "name one of tables, such as MIGRANT_CHARACTERISTICS"),
        ("by: [SEX]", "by: [SEX]\n    totals: no", 12, "BY_SEX", "totals: no is not known", "one of true, false"),
        ("by: [SEX]", "buy: [SEX]", 11, "BY_SEX", "the table has no key 'buy'", "write by"),
        ("  BY_SEX:", "  ../BY_SEX:", 8, "../BY_SEX",
         "'../BY_SEX' is not an id: capitals, digits and _, a capital first", "as BIRTH_SEX"),
        ("id: own", "id: other", 1, "", "the id other is not the name of the file", "write id: own"),
        ("    names: {en: By sex}\n", "", 8, "BY_SEX", "there are no 'names'", "write names: {en: ...}"),
        ("standing: library choice\n", "", 1, "", "the set has no 'standing'",
         "say how far it may be called official"),
        (OWN[OWN.index("tables:"):], "", 1, "", "the set has no 'tables'",
         "write tables: {SEX_AGE: {by: [SEX, AGE], ...}}"),
    ],
)  # fmt: skip
def test_a_wrong_set_says_where_and_what_to_write(
    tmp_path: Path, old: str, new: str, line: int, component: str, what: str, mend: str
) -> None:
    (tmp_path / "own.yaml").write_text(OWN.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(MigstatError) as error:
        read_set(tmp_path / "own.yaml")

    assert [(line, component, what, mend)] == [
        (one.place.line, one.component, one.what, one.mend) for one in error.value.findings
    ]


@pytest.mark.parametrize(
    ("named", "options", "what", "mend"),
    [
        ("un-cencus", {}, "there is no set of tables un-cencus", "write un-census, or name a YAML file"),
        ("nowhere.yaml", {}, "there is no such set file", "name a YAML file, or one of profile-stock, un-census"),
        ("un-census", {"format": "xlsx"}, "there is no format xlsx", "write one of csv, parquet, sdmx.csv, sdmx1.csv"),
    ],
)
def test_a_wrong_call_says_what_to_write(named: str, options: dict[str, str], what: str, mend: str) -> None:
    with pytest.raises(Misuse) as error:
        ms.tabulate_set(pl.DataFrame(), named, **options)

    assert [(what, mend)] == [(one.what, one.mend) for one in error.value.findings]


# The command.


def called(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(words)
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def records(root: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder, into = root / "examples" / "usa_acs_2018", tmp_path_factory.mktemp("build")
    ms.harmonize(folder / "extract" / "csv_p00.zip", folder / "mapping.yaml", into=into)
    return str(into / "USA_ACS_2018.records.parquet")


def test_the_command_lists_tables_and_reasons(records: str, tmp_path: Path, capsys: Any) -> None:
    code = called("tabulate", records, "--set", "un-census", "--into", str(tmp_path), "--language", "es")
    told = capsys.readouterr().out

    assert 0 == code
    assert "Población nacida en el extranjero por país de nacimiento, edad y sexo" in told
    assert "not given  MIG_REASON was not collected in this source" in told
    assert "11 tables written" in told
    assert "general knowledge, to be confirmed" in told


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--set", "un-census"], "the tables of a set are files, and no folder is named"),
        (["--set", "un-census", "--by", "SEX"], "--by is of one table, and the set says it of its own"),
        (["--set", "un-cens", "--into", "x"], "there is no set of tables un-cens"),
        (["--format", "csv"], "--format is of the files of a set"),
        (["--groups", "COUNTRY_BIRTH"], "--groups COUNTRY_BIRTH: no group"),
        (["--structure", "own.yaml"], "there is no such structure file"),
        (["--population", "own.csv", "--measures", "rate(1000)"], "there is no such population file"),
        (["--universe", "AGE >"], "found the end where a column or value should stand"),
        (["--compare", "--by", "SEX"], "the table has fewer than two definitions"),
    ],
)
def test_a_wrong_command_says_so(records: str, capsys: Any, words: list[str], what: str) -> None:
    code = called("tabulate", records, *words)
    told = capsys.readouterr()

    assert (2, "") == (code if "AGE >" not in words else code + 1, told.out)
    assert what in told.err


def test_the_command_says_who_is_outside_and_what_has_no_population(records: str, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "people.csv").write_text("REF_AREA,SEX,OBS_VALUE\nUSA,F,30000\nUSA,_T,50000\n", encoding="utf-8")

    code = called(
        "tabulate", records, "--by", "SEX", "--universe", "AGE >= 15", "--measures", "rate(1000)", "--population",
        str(tmp_path / "people.csv"),
    )  # fmt: skip
    told = capsys.readouterr()

    young = pl.read_parquet(records).filter(pl.col("AGE") < 15)
    assert 1 == code
    assert f"not in the table: {young.height} records (weight {young['WEIGHT'].sum():,.1f}) outside" in told.out
    assert "there is no population for REF_AREA USA, SEX M: its cells have no rate" in told.err


def test_the_command_compares_definitions(records: str, capsys: Any) -> None:
    code = called("tabulate", records, "--by", "SEX", "--definition", "FOREIGN_BORN,US_NATIVITY", "--compare")

    assert 0 == code
    assert "US_NATIVITY_DIFFERENCE" in capsys.readouterr().out


def test_facts_of_a_set_are_plain_data(run: Any) -> None:
    facts = api.set_facts(ms.tabulate_set(run, "profile-stock"))

    assert facts == json.loads(json.dumps(facts))

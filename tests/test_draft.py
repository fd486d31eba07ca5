"""Drafts: what is proposed, what stays open, what is never shown; and that a finished draft passes the check."""

import csv
import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat import api
from migstat.read.mappings.document import read_mapping
from migstat.read.vocabulary import vocabulary
from migstat.words.finding import MigstatError, Misuse, Severity
from migstat.words.undecided import TODO

GOLDEN = Path(__file__).parent / "drafts"
BOOKS = {
    "gbr_census_2011_teaching": ("GBR", "2011-03-27", "CENSUS_PERSON", "uk.csv"),
    "arg_eph": ("ARG", "", "SURVEY_PERSON", "eph.csv"),
}
SEXES = (("1", "Male"), ("2", "Female"), ("9", "Not stated"))
COUNTRIES = (
    "Kenya",
    "Uganda",
    "Somalia",
    "France",
    "Moldova, Rep. of",
    "South Sudan",
    "Ethiopia",
    "Tanzania",
    "Rwanda",
)
NAMES = ("Amina Odhiambo", "Jean Dupont", "Olga Petrova", "Maria Fernandez", "Li Wei", "Ahmed Hassan", "Anna Schmidt")


def write_csv(path, head, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        made = csv.writer(file)
        made.writerow(head)
        made.writerows(rows)
    return path


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def made_census(folder, *, rows=60, seed=1):
    """A small made-up census with its dictionary."""
    said = random.Random(seed)
    head = ["HH", "LINE", "RESPONDENT", "P11", "P12", "P19", "P22", "PERWT"]
    body = [
        [
            f"{at // 3 + 1:04}",
            at % 3 + 1,
            f"{said.choice(NAMES)} {at}",
            said.choice("129"),
            said.randint(0, 95),
            said.randint(1, len(COUNTRIES)),
            said.choice(["", str(said.randint(1960, 2019))]),
            f"{said.uniform(5, 20):.2f}",
        ]
        for at in range(rows)
    ]
    extract = write_csv(folder / "persons.csv", head, body)
    book = [
        ("HH", "Household number", "", ""),
        ("LINE", "Person line number", "", ""),
        ("RESPONDENT", "Full name", "", ""),
        ("P11", "Sex", "", ""),
        *(("P11", "Sex", value, label) for value, label in SEXES),
        ("P12", "Age in completed years", "", ""),
        ("P19", "Country of birth", "", ""),
        *(("P19", "Country of birth", str(at), label) for at, label in enumerate(COUNTRIES, 1)),
        ("P22", "Year of arrival in Kenya", "", ""),
        ("PERWT", "Person weight", "", ""),
    ]
    return extract, write_csv(folder / "book.csv", ["variable", "variable label", "value", "value label"], book)


@pytest.mark.parametrize("name", BOOKS)
def test_the_draft_of_a_shipped_example_is_as_kept(root, name, tmp_path):
    books = root / "benchmarks" / "drafting"
    if not books.exists():
        pytest.skip("benchmarks/ is not part of this copy")
    area, date, structure, book = BOOKS[name]
    extract = next((root / "examples" / name / "extract").iterdir())
    made = ms.draft(extract, books / book, area=area, date=date, structure=structure)
    for file, text in made.files.items():
        kept = GOLDEN / name / file
        if os.environ.get("UPDATE_GOLDEN"):
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(text, encoding="utf-8", newline="")

        assert kept.read_text(encoding="utf-8") == text


def test_the_same_file_gives_the_same_draft(tmp_path):
    extract, book = made_census(tmp_path)

    assert ms.draft(extract, book, area="KEN").files == ms.draft(extract, book, area="KEN").files


def test_columns_recodes_and_the_source_are_proposed(tmp_path):
    made = ms.draft(*made_census(tmp_path), area="KEN", date="2019-08-24")
    said = {rule.component: (rule.kind, rule.column) for rule in made.rules if rule.column}

    expected = {
        "HOUSEHOLD_ID": ("copy", "HH"),
        "PERSON_ID": ("copy", "LINE"),
        "SEX": ("recode", "P11"),
        "AGE": ("copy", "P12"),
        "COUNTRY_BIRTH": ("recode", "P19"),
        "YEAR_ARRIVAL": ("copy", "P22"),
    }
    assert expected == said
    assert {"1": "M", "2": "F", "9": "_N"} == {line.value: line.code for line in made.rule("SEX").lines}
    assert "MDA" in {line.code for line in made.rule("COUNTRY_BIRTH").lines}
    parts = {part.key: part.value for part in made.source}
    assert ("[HH, LINE]", "PERWT", "[RESPONDENT]") == (parts["key"], parts["weight"], parts["identifiers"])


def test_each_rule_says_how_sure_it_is_and_why(tmp_path):
    text = ms.draft(*made_census(tmp_path), area="KEN").files["mapping.yaml"]

    assert '  # 0.99: label "Sex"; 2 of 2 answers are of CL_SEX\n  SEX:\n    from: P11\n' in text
    assert "      1: M  # Male\n" in text


def test_a_blank_that_nobody_explains_stays_open(tmp_path):
    made = ms.draft(*made_census(tmp_path), area="KEN")

    assert [TODO] == [line.code for line in made.rule("YEAR_ARRIVAL").lines]
    assert "    blank: TODO\n" in made.files["mapping.yaml"]


def test_what_is_not_found_and_required_is_open(tmp_path):
    made = ms.draft(*made_census(tmp_path), area="KEN")

    assert (TODO, 1) == (made.rule("CITIZENSHIP").because, made.rule("CITIZENSHIP").undecided)
    assert "  CITIZENSHIP: {not_collected: TODO}\n" in made.files["mapping.yaml"]


def test_two_columns_as_likely_are_candidates(tmp_path):
    rows = [[at, at % 40 + 10, at % 40 + 12] for at in range(50)]
    extract = write_csv(tmp_path / "x.csv", ["PERSON_ID", "AGE", "EDAD"], rows)
    made = ms.draft(extract, area="KEN", date="2019")
    rule = made.rule("AGE")

    assert ("open", ["AGE", "EDAD"]) == (rule.kind, sorted(one.column for one in rule.candidates))
    assert "  AGE: TODO\n" in made.files["mapping.yaml"]


def test_without_its_country_what_means_the_country_itself_is_open(tmp_path):
    rows = [[at, at % 2 + 1] for at in range(40)]
    extract = write_csv(tmp_path / "x.csv", ["ID", "BORN"], rows)
    labels = [("BORN", "Place of birth", "1", "In this municipality"), ("BORN", "Place of birth", "2", "Abroad")]
    book = write_csv(tmp_path / "b.csv", ["variable", "variable label", "value", "value label"], labels)
    lines = {line.value: line.code for line in ms.draft(extract, book, date="2019").rule("COUNTRY_BIRTH").lines}

    assert {"1": TODO, "2": "_O"} == lines
    lines = {line.value: line.code for line in ms.draft(extract, book, area="KEN").rule("COUNTRY_BIRTH").lines}
    assert {"1": "KEN", "2": "_O"} == lines


def test_a_part_of_the_world_is_no_country_of_its_own(tmp_path):
    made = ms.draft(*made_census(tmp_path), area="M49_001", date="2019")

    assert "KEN" in {line.code for line in made.rule("COUNTRY_BIRTH").lines}


@pytest.mark.parametrize("label", ["Korea", "KOREA", "Corée", "Coreia", "Корея", "Korea, not specified", "Korean"])
def test_which_korea_is_meant_is_asked(tmp_path, label):
    head, rows = ["P11", "P19"], [["1", str(at)] for at in range(1, 5)]
    labels = ("Kenya", "Uganda", "South Korea", label)
    book = [("P19", "Country of birth", str(at), one) for at, one in enumerate(labels, 1)]
    extract = write_csv(tmp_path / "x.csv", head, rows)
    codebook = write_csv(tmp_path / "book.csv", ["variable", "label", "value", "value label"], book)
    made = ms.draft(extract, codebook=codebook, area="KEN", into=tmp_path / "draft")
    *others, open_line = made.rule("COUNTRY_BIRTH").lines

    assert ["KEN", "UGA", "KOR"] == [one.code for one in others]
    assert (TODO, {"KOR", "PRK"}) == (open_line.code, {one.answer for one in open_line.guesses})


def test_codes_that_nobody_explains_are_never_guessed(tmp_path):
    rows = [[at, at % 2 + 1] for at in range(40)]
    made = ms.draft(write_csv(tmp_path / "x.csv", ["ID", "SEX"], rows), area="KEN", date="2019")
    lines = made.rule("SEX").lines

    assert [("1", TODO, "M"), ("2", TODO, "F")] == [(one.value, one.code, one.guesses[0].answer) for one in lines]


@pytest.mark.parametrize(
    ("head", "values", "language"),
    [
        ("sexo", ("Hombre", "Mujer"), "es"),
        ("Geschlecht", ("männlich", "weiblich"), "de"),
        ("sexe", ("Masculin", "Féminin"), "fr"),
        ("пол", ("мужской", "женский"), "ru"),
        ("الجنس", ("ذكر", "أنثى"), "ar"),
        ("性别", ("男", "女"), "zh"),
        ("Sexo", ("Masculino", "Feminino"), "pt"),
        ("sex", ("Male", "Female"), "en"),
    ],
)
def test_sex_is_told_in_eight_languages(tmp_path, head, values, language):
    rows = [[at, values[at % 2]] for at in range(40)]
    made = ms.draft(write_csv(tmp_path / "x.csv", ["id", head], rows), area="KEN", date="2019")

    assert {values[0]: "M", values[1]: "F"} == {line.value: line.code for line in made.rule("SEX").lines}


def test_labels_that_a_file_carries_itself_are_its_codebook(tmp_path):
    import pandas as pd
    import pyreadstat

    frame = pd.DataFrame({"q1": [1.0, 2.0, 9.0] * 20, "q2": list(range(60))})
    labels = {"q1": {1.0: "Hombre", 2.0: "Mujer", 9.0: "No declarado"}}
    for name, write in (("x.sav", pyreadstat.write_sav), ("x.dta", pyreadstat.write_dta)):
        labels = {"q1": {int(value) if name == "x.dta" else value: label for value, label in labels["q1"].items()}}
        write(frame, tmp_path / name, column_labels=["Sexo", "Edad"], variable_value_labels=labels)
        made = ms.draft(tmp_path / name, area="CHL", date="2017")

        assert {"1": "M", "2": "F", "9": "_N"} == {line.value: line.code for line in made.rule("SEX").lines}
        assert f"format: {{kind: {'spss' if name == 'x.sav' else 'stata'}}}" in made.files["mapping.yaml"]


CODES = [
    ("KEN UGA TZA ETH SOM FRA", "KEN UGA TZA ETH SOM FRA"),
    ("KE UG TZ ET SO FR", "KEN UGA TZA ETH SOM FRA"),
    ("OD BY UK CG KE FR UG", "SSD BDI GBR COD KEN FRA UGA"),
    ("404 800 834 231 706 250 646 108 180 728 826 840 356", "KEN UGA TZA ETH SOM FRA RWA BDI COD SSD GBR USA IND"),
]


@pytest.mark.parametrize(("values", "codes"), CODES, ids=["ISO3", "ISO2", "FIPS", "M49"])
def test_codes_of_areas_are_told_by_their_system(tmp_path, values, codes):
    listed = values.split()
    rows = [[at, listed[at % len(listed)]] for at in range(20 * len(listed))]
    made = ms.draft(write_csv(tmp_path / "x.csv", ["id", "country_of_birth"], rows), area="KEN", date="2019")

    expected = dict(zip(listed, codes.split(), strict=True))
    assert expected == {line.value: line.code for line in made.rule("COUNTRY_BIRTH").lines}


SUBJECTS = ("COUNTRY_BIRTH", "CITIZENSHIP", "SEX", "AGE", "MARITAL", "YEAR_ARRIVAL", "MIG_REASON", "RESID_5Y")


def test_every_subject_is_named_in_eight_languages():
    said = vocabulary().labels
    lacking = {
        (subject, language)
        for subject in SUBJECTS
        for language in ("en", "fr", "es", "pt", "ar", "ru", "zh", "de")
        if not any(phrase.language == language for phrase in said[subject])
    }

    assert set() == lacking


def test_every_subject_is_a_component_or_a_part_of_a_source():
    components = {one.id for id in api.structure_ids() for one in api.structure(id).components}
    parts = {"AREA", "BORN_HERE", "CITIZEN_HERE", "DWELLING_NUMBER", "HOUSEHOLD_NUMBER", "IDENTIFIER", "MONTH",
             "POPULATION_BASE", "PSU", "QUARTER", "RECORD_TYPE", "SAMPLE", "STRATA", "WEIGHT", "YEAR"}  # fmt: skip
    parts |= {f"{date}_{part}" for date in ("BIRTH", "ARRIVAL", "CROSSING") for part in ("YEAR", "MONTH", "DAY")}

    assert set() == (vocabulary().labels.keys() | vocabulary().names.keys()) - components - parts


# What is never shown.


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text("abcdefgh áéñ", min_size=8, max_size=20), min_size=40, max_size=60, unique=True))
def test_no_value_of_a_name_or_free_text_is_shown(tmp_path, texts):
    folder = tmp_path / "names"
    folder.mkdir(exist_ok=True)
    texts = [f"x{text.strip()}q{at}" for at, text in enumerate(texts)]
    rows = [[at, text, f"{text}@mail.org", "12"[at % 2]] for at, text in enumerate(texts)]
    extract = write_csv(folder / "x.csv", ["ID", "REMARK", "CONTACT", "SEX"], rows)
    shown = "".join(ms.draft(extract, area="KEN", date="2019").files.values())

    assert [] == [text for text in texts if text in shown]
    assert "identifiers: [REMARK, CONTACT]" in shown


def test_a_rare_value_that_no_codebook_names_is_not_shown(tmp_path):
    rows = [[at, "Kenya" if at % 2 else "Uganda"] for at in range(60)] + [[99, "Bhutan"]]
    made = ms.draft(write_csv(tmp_path / "x.csv", ["ID", "country of birth"], rows), area="KEN", date="2019")
    rule = made.rule("COUNTRY_BIRTH")

    assert (["Kenya", "Uganda"], 1) == ([line.value for line in rule.lines], rule.unlisted)
    assert "Bhutan" not in "".join(made.files.values())


# A finished draft is a mapping.


def finished(folder, choose):
    """Answer what is open, with the first candidate or else with what is asked for."""
    for _ in range(500):
        left = api.open_in_draft(folder)
        if not left:
            return
        question = left[0]
        api.answer_draft(folder, question, choose(question))
    raise AssertionError("a question comes again and again")


def first(question):
    if question.kind in ("code", "rule", "blank") and question.guesses:
        return question.guesses[0].answer
    plain = {"by": "The office", "area": "KEN", "date": "2019", "method": "SDR", "not_collected": "not asked"}
    return plain.get(question.key, "_U" if question.kind == "code" else "not asked")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    dropped=st.sets(st.sampled_from(["HH", "LINE", "P11", "P12", "P19", "P22", "PERWT"]), max_size=4),
    labels=st.dictionaries(
        st.sampled_from(["1", "2", "3", "4", "5", "9", "-1", "97..99", ""]),
        st.sampled_from(
            [
                "Kenya",
                "Other",
                "Abroad",
                "Refused",
                "In this district",
                "Yes",
                "40 to 49",
                "no label like it",
                "Under 5",
                "Married",
                "a: b, {c}",
                "Employment",
                "# x -- 1",
            ]
        ),
        max_size=6,
    ),
    label=st.sampled_from(
        [
            "Citizenship",
            "Marital status",
            "Reason for migration",
            "Residence 5 years ago",
            "Age group",
            "Employment status",
            "Duration of residence",
            "Something else",
            "",
        ]
    ),
)
def test_a_draft_without_anything_open_passes_the_check(tmp_path_factory, seed, dropped, labels, label):
    folder = tmp_path_factory.mktemp("draft")
    extract, book = made_census(folder, seed=seed)
    head, *rows = read_csv(extract)
    kept = [at for at, name in enumerate(head) if name not in dropped]
    values = [value for value in labels if ".." not in value] or ["1"]
    body = [[*(row[at] for at in kept), values[number % len(values)]] for number, row in enumerate(rows)]
    write_csv(extract, [*(head[at] for at in kept), "Q1"], body)
    said = read_csv(book)
    write_csv(book, said[0], [*said[1:], ["Q1", label, "", ""], *(["Q1", label, *one] for one in labels.items())])
    made = ms.draft(extract, book, area="KEN", into=folder / "made")

    assert len(api.open_in_draft(folder / "made")) == made.undecided
    if made.undecided:
        with pytest.raises(MigstatError) as raised:
            read_mapping(folder / "made")
        assert all("is not decided yet: TODO" in one.what for one in raised.value.findings)
    finished(folder / "made", first)
    found = ms.check(folder / "made" / "mapping.yaml")
    assert [] == [str(one) for one in found if one.severity == Severity.ERROR]
    for rule in made.rules:
        values = [line.value for line in rule.lines]
        assert len(values) == len(set(values))


def test_a_finished_draft_runs_on_its_extract(tmp_path):
    ms.draft(*made_census(tmp_path), area="KEN", date="2019-08-24", into=tmp_path / "made")
    finished(tmp_path / "made", first)
    run = ms.harmonize(tmp_path / "persons.csv", tmp_path / "made" / "mapping.yaml")

    assert {"records": 60} == {step.name: step.rows for step in run.steps if step.name in ("records", "rejects")}


# Wrong uses.

WRONG = [
    ({"extract": "none.csv"}, "none.csv\n  there is no such extract\n  Mend: check the path"),
    ({"codebook": "none.csv"}, "none.csv\n  there is no such codebook\n  Mend: check the path"),
    (
        {"area": "KENYA"},
        "migstat  area\n  CL_AREA has no code 'KENYA'\n  Mend: write KEN (Kenya) or KNA (Saint Kitts and Nevis)",
    ),
    (
        {"date": "24/08/2019"},
        "migstat  date\n  '24/08/2019' is not a date\n  Mend: write it as 2019-08-24, 2019-08, 2019-Q3 or 2019",
    ),
    (
        {"id": "ken-2019"},
        "migstat  id\n  'ken-2019' is not an id: capitals, digits and _, a capital first\n  Mend: write KEN_2019",
    ),
    (
        {"structure": "MIGRANT_STOCK"},
        "migstat  structure\n  MIGRANT_STOCK describes tables, not records\n"
        "  Mend: name a record structure, such as CENSUS_PERSON",
    ),
]


@pytest.mark.parametrize(("said", "expected"), WRONG, ids=[next(iter(said)) for said, _ in WRONG])
def test_the_message_of_a_wrong_use(tmp_path, monkeypatch, said, expected):
    monkeypatch.chdir(tmp_path)
    made_census(tmp_path)
    with pytest.raises(Misuse) as raised:
        ms.draft(**{"extract": "persons.csv", **said})

    assert expected == str(raised.value)


def test_a_mapping_that_is_there_is_not_written_over(tmp_path):
    extract, book = made_census(tmp_path)
    ms.draft(extract, book, into=tmp_path / "made")
    with pytest.raises(Misuse) as raised:
        ms.draft(extract, book, into=tmp_path / "made")

    assert "the folder holds a mapping already" == raised.value.findings[0].what


def test_a_codebook_with_positions_may_be_of_a_file_with_separators(tmp_path):
    lines = ["column,start,width,label", "P11,1,1,Sex", "P12,2,2,Age"]
    (tmp_path / "layout.csv").write_text("\n".join(lines) + "\n")
    rows = [["12"[at % 2], 10 + at] for at in range(40)]
    separated = ms.draft(write_csv(tmp_path / "x.csv", ["P11", "P12"], rows), tmp_path / "layout.csv", area="KEN")
    (tmp_path / "x.dat").write_text("".join(f"{sex}{age:02}\n" for sex, age in rows))
    fixed = ms.draft(tmp_path / "x.dat", tmp_path / "layout.csv", area="KEN", into=tmp_path / "made")

    assert ("P12", "P12") == (separated.rule("AGE").column, fixed.rule("AGE").column)
    assert "kind: csv" in separated.files["mapping.yaml"]
    assert "kind: fixed, layout: layout.csv" in fixed.files["mapping.yaml"]
    assert (tmp_path / "made" / "layout.csv").read_text() == (tmp_path / "layout.csv").read_text()


def test_it_is_said_that_only_the_first_rows_were_looked_at(tmp_path):
    extract, book = made_census(tmp_path)

    assert ["the first 20 rows were looked at"] == [one.what for one in ms.draft(extract, book, rows=20).findings]


def test_a_damaged_extract_is_told(tmp_path):
    (tmp_path / "x.csv.gz").write_bytes(b"\x1f\x8b\x08cut")
    with pytest.raises(MigstatError, match="the compressed file ends too early"):
        ms.draft(tmp_path / "x.csv.gz")


def test_a_first_line_that_holds_a_person_is_no_header(tmp_path):
    rows = [[NAMES[at % 7] + str(at), "FM"[at % 2], COUNTRIES[at % 5], at] for at in range(60)]
    write_csv(tmp_path / "x.csv", rows[0], rows[1:])
    made = ms.draft(tmp_path / "x.csv", area="KEN", date="2019")

    assert "columns: [C1, C2, C3, C4]" in made.files["mapping.yaml"]
    assert NAMES[0] not in "".join(made.files.values())


def test_a_file_without_a_header_is_read_with_the_names_of_the_codebook(tmp_path):
    rows = [[at, "12"[at % 2], at % 90] for at in range(50)]
    write_csv(tmp_path / "x.csv", rows[0], rows[1:])
    book = write_csv(tmp_path / "b.csv", ["variable", "label"], [("A", "Person number"), ("B", "Sex"), ("C", "Age")])
    made = ms.draft(tmp_path / "x.csv", book, area="KEN", date="2019")

    assert ("B", "C") == (made.rule("SEX").column, made.rule("AGE").column)
    assert "header: 0, columns: [A, B, C]" in made.files["mapping.yaml"]

"""What drafts find: dates in parts, spans of years, keys within dwellings, the country by where one lived."""

import csv

import pytest

import migstat as ms
from migstat.words.plain_words import words
from migstat.words.undecided import TODO


def drafted(folder, columns, book=(), *, structure="CENSUS_PERSON", area="KEN"):
    """Draft from columns with their values, repeated to sixty rows, and rows of a codebook."""
    extract, codebook = folder / "x.csv", folder / "book.csv"
    rows = [[values[at % len(values)] for values in columns.values()] for at in range(60)]
    for path, head, body in (
        (extract, list(columns), rows),
        (codebook, ["variable", "variable label", "value", "value label"], book),
    ):
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *body])
    return ms.draft(extract, codebook if book else None, area=area, date="2019", structure=structure)


def test_a_date_is_made_of_columns_of_its_year_and_month(tmp_path):
    made = drafted(tmp_path, {"GEBURTSJAHR": ["1980", "1991"], "GEBURTSMONAT": ["1", "12"]})
    rule = made.rule("BIRTH_DATE")

    assert (("year", "GEBURTSJAHR"), ("month", "GEBURTSMONAT")) == rule.parts
    said = "date: {year: GEBURTSJAHR, month: GEBURTSMONAT}, match: broader, because: the day is not in the file"
    assert f"  BIRTH_DATE: {{{said}}}\n" in made.files["mapping.yaml"]


def test_blank_years_of_a_date_stay_open(tmp_path):
    text = drafted(tmp_path, {"YOB": ["1980", ""], "BIRTH_MONTH": ["1", ""]}).files["mapping.yaml"]

    assert "  BIRTH_DATE:\n    date: {year: YOB, month: BIRTH_MONTH}\n    match: broader\n" in text
    assert "    blank: TODO\n" in text


def test_a_span_of_years_is_its_first_year(tmp_path):
    labels = {"1": "Before 1951", "2": "1951 to 1960", "3": "1961-1970", "4": "2001", "9": "Not stated"}
    book = [("Q", "Year of arrival", value, label) for value, label in labels.items()]
    lines = drafted(tmp_path, {"Q": list(labels)}, book).rule("YEAR_ARRIVAL").lines

    found = {line.value: (line.code, line.match) for line in lines}
    expected = {
        "1": ("1950", "broader"),
        "2": ("1951", "broader"),
        "3": ("1961", "broader"),
        "4": ("2001", "exact"),
        "9": ("_N", "exact"),
    }
    assert expected == found


@pytest.mark.parametrize("label", ["Residencia hace 12 meses", "Place of residence 12 months ago"])
def test_twelve_months_are_a_year(tmp_path, label):
    book = [
        ("Q", label, "1", "In this district"),
        ("Q", label, "2", "In another district"),
        ("Q", label, "3", "Abroad"),
    ]

    assert "Q" == drafted(tmp_path, {"Q": ["1", "2", "3"]}, book).rule("RESID_1Y").column


def test_where_somebody_lived_tells_the_country_too(tmp_path):
    book = [("Q", "Residence 5 years ago", "1", "In this district"), ("Q", "Residence 5 years ago", "2", "Abroad")]
    made = drafted(tmp_path, {"Q": ["1", "2"]}, book)

    assert {"1": "SAME_MIN", "2": "ABROAD"} == {line.value: line.code for line in made.rule("RESID_5Y").lines}
    assert {"1": "KEN", "2": "_O"} == {line.value: line.code for line in made.rule("COUNTRY_RESID_5Y").lines}


def test_a_key_names_the_dwelling_that_households_are_counted_within(tmp_path):
    book = [("D", "Dwelling number", "", ""), ("H", "Household number", "", ""), ("P", "Person number", "", "")]
    numbers = [("1", str(at // 3), str(at % 3)) for at in range(60)]
    made = drafted(tmp_path, dict(zip("DHP", map(list, zip(*numbers, strict=True)), strict=True)), book)

    assert ["[D, H, P]"] == [part.value for part in made.source if part.key == "key"]


def test_a_country_that_is_not_asked_may_have_a_code_of_its_own(tmp_path):
    book = [("W", "Place of birth", "1", "In this district"), ("W", "Place of birth", "2", "Abroad")]
    book += [("C", "Country of birth", "1", "Uganda"), ("C", "Country of birth", "2", "Somalia")]
    made = drafted(tmp_path, {"W": ["1", "2", "1", "2"], "C": ["998", "1", "998", "2"]}, book)
    rule = made.rule("COUNTRY_BIRTH")

    assert ("cases", "C") == (rule.kind, rule.column)
    assert {"1": "UGA", "2": "SOM"} == {line.value: line.code for line in rule.all_lines}


@pytest.mark.parametrize(
    ("values", "format"),
    [
        (["44832", "44677.5"], "excel"),
        (["2023022", "2023310"], "yyyyddd"),
        (["2023-01-13 07:32:00"], "yyyy-mm-dd hh:mi:ss"),
        (["2.1.2024", "22.11.2024"], "d.m.yyyy"),
        (["22/1/2024"], "d/m/yyyy"),
    ],
)
def test_dates_of_permits_are_told_by_name_and_form(tmp_path, values, format):
    rule = drafted(tmp_path, {"VALID_FROM": values}, structure="RESIDENCE_PERMIT").rule("VALID_FROM")

    assert ("VALID_FROM", format) == (rule.column, rule.format)


def test_a_name_that_is_no_word_is_no_more_than_a_candidate_for_codes_that_nobody_explains(tmp_path):
    rule = drafted(tmp_path, {"STATSB": ["5100", "5120", "5180"]}).rule("CITIZENSHIP")

    assert ("open", ["STATSB"]) == (rule.kind, [one.column for one in rule.candidates])
    assert 1 == rule.undecided


@pytest.mark.parametrize(
    ("name", "component"),
    [
        ("Fødeland", "COUNTRY_BIRTH"),
        ("Statsborgerskab", "CITIZENSHIP"),
        ("cittadinanza", "CITIZENSHIP"),
        ("geboorteland", "COUNTRY_BIRTH"),
        ("NATIONAL", "CITIZENSHIP"),
        ("COUNTRYB", "COUNTRY_BIRTH"),
    ],
)
def test_names_of_registers_and_of_eurostat_are_known(tmp_path, name, component):
    rule = drafted(tmp_path, {name: ["Uganda", "Kenya"]}).rule(component)

    assert name == rule.column
    assert TODO not in {line.code for line in rule.lines}


def test_brackets_that_speak_of_the_mother_are_not_left_out(tmp_path):
    book = [("M", "Country of birth [of mother]", "1", "Kenya"), ("M", "Country of birth [of mother]", "2", "Uganda")]
    made = drafted(tmp_path, {"M": ["1", "2"]}, book)

    assert "M" == made.rule("COUNTRY_BIRTH_MOTHER").column
    assert made.rule("COUNTRY_BIRTH").kind in ("not_collected", "open")


def test_letters_of_the_north_are_plain():
    assert words("fodeland") == words("Fødeland")


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Environmental reasons", "ENVIR"),
        ("Other environmental reasons", "ENVIR"),
        ("Other social or environmental reasons", TODO),
        ("Otras causas sociales o desastre natural", TODO),
    ],
)
def test_what_is_left_of_two_subjects_is_of_neither(tmp_path, label, code):
    book = [("Q", "Reason for migration", value, said) for value, said in (("1", "Work"), ("2", "Study"), ("3", label))]
    rule = drafted(tmp_path, {"Q": ["1", "2", "3"]}, book).rule("MIG_REASON")

    assert code == next(line.code for line in rule.lines if line.value == "3")


def test_a_code_that_stands_in_every_row_says_little_of_its_column(tmp_path):
    made = drafted(tmp_path, {"address_1_year_ago": ["-8"]})

    assert made.rule("RESID_1Y") is None or made.rule("RESID_1Y").column == ""

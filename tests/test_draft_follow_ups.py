"""Drafts of follow-ups: of whom a question is asked, told by the column before it, and what a blank is then."""

import random

import pytest
from tests.test_draft import write_csv

import migstat as ms
from migstat.words.undecided import TODO
from migstat.work.draft import filters

HEAD = ["variable", "variable label", "value", "value label", "universe"]
COUNTRIES = [("COUNTRY", "Country of birth", value, name, "") for value, name in (("10", "Uganda"), ("20", "Somalia"))]
GATE = "BORN_HERE"


def people(*, rows=200, silent=0.0, stray=0, gate=("1", "2"), seed=1):
    """Rows of a gate, a country, a year and an age: 1 of 4 is from abroad, and only they are asked."""
    said = random.Random(seed)
    for at in range(rows):
        abroad = at % 4 == 0
        country = said.choice(["10", "20"]) if abroad and said.random() >= silent else ""
        country = "10" if at < 4 * stray and at % 4 == 1 else country
        yield gate[abroad], country, str(said.randint(1980, 2018)) if country else "", str(said.randint(0, 80))


def drafted(folder, rows, book=(), *, gate=GATE, area="KEN"):
    extract = write_csv(folder / "x.csv", [gate, "COUNTRY", "P22", "AGE"], rows)
    labels = [("P22", "Year of arrival", "", "", ""), ("AGE", "Age", "", "", ""), *COUNTRIES, *book]
    codebook = write_csv(folder / "book.csv", HEAD, labels)
    return ms.draft(extract, codebook, area=area, date="2019", into=folder / "d")


def test_those_who_are_not_asked_the_country_are_of_the_country_itself(tmp_path):
    made = drafted(tmp_path, people())

    text = made.files["mapping.yaml"]
    assert "      - {when: {BORN_HERE: [1]}, give: KEN}\n" in text
    assert "      - {when: {BORN_HERE: [2]}, from: COUNTRY, recode: tables/country_birth.csv}\n" in text
    assert "blank where BORN_HERE is 1 (150 rows): BORN_HERE says who is from abroad\n" in text
    assert {"10": "UGA", "20": "SOM"} == {line.value: line.code for line in made.rule("COUNTRY_BIRTH").all_lines}


def test_the_year_of_arrival_does_not_apply_to_them(tmp_path):
    rule = drafted(tmp_path, people()).rule("YEAR_ARRIVAL")

    assert ("BORN_HERE <> 1", ()) == (rule.universe, rule.lines)


def test_who_is_asked_and_does_not_say_is_not_a_native(tmp_path):
    made = drafted(tmp_path, people(silent=0.08))
    blank = next(line for line in made.rule("COUNTRY_BIRTH").all_lines if line.value == "")

    assert ("_O", "broader", "from abroad; the country is not stated") == (blank.code, blank.match, blank.because)
    assert ["_N"] == [line.code for line in made.rule("YEAR_ARRIVAL").lines if line.value == ""]


def test_in_a_long_file_some_who_are_not_asked_are_not_taken_for_natives(tmp_path, monkeypatch):
    monkeypatch.setattr(filters, "ROWS", 1_000)  # Of so many rows of a longer file it is told what is blank.
    said = [("1", "")] * 6 + [("3", "")] * 2 + [("2", "10"), ("2", "20")]
    made = drafted(tmp_path, [(*one, "", "30") for one in said] * 1_000)
    blank = next(line for line in made.rule("COUNTRY_BIRTH").lines if line.value == "")

    assert (TODO, "KEN") == (blank.code, blank.guesses[0].answer)
    assert "blank where BORN_HERE is 1 or 3 (800 rows)" in blank.guesses[0].because


def test_of_two_filters_that_explain_it_the_nearer_is_taken(tmp_path):
    body = [list(row) for row in people(rows=4000)]
    far = [row[0] for row in body]
    body[400][2], far[400] = "", "1"  # One year is not told, which the far column explains.
    rows = [(one, *row) for one, row in zip(far, body, strict=True)]
    extract = write_csv(tmp_path / "x.csv", ["LANG", GATE, "COUNTRY", "P22", "AGE"], rows)
    labels = [("P22", "Year of arrival", "", "", ""), *COUNTRIES]
    rule = ms.draft(extract, write_csv(tmp_path / "b.csv", HEAD, labels), area="KEN", date="2019").rule("YEAR_ARRIVAL")

    assert (f"{GATE} <> 1", GATE) == (rule.universe, rule.asked_by)


def test_an_answer_of_somebody_who_is_not_asked_is_kept(tmp_path):
    rule = drafted(tmp_path, people(rows=1000, stray=1)).rule("YEAR_ARRIVAL")

    assert "BORN_HERE <> 1 or P22 is not missing" == rule.universe
    assert "fewer than 3 of them have an answer" in rule.why


def test_a_column_that_says_nothing_of_birth_is_only_a_candidate(tmp_path):
    made = drafted(tmp_path, people(), gate="Q7")
    blank = next(line for line in made.rule("COUNTRY_BIRTH").lines if line.value == "")

    why = "blank where Q7 is 1 (150 rows), if these are the ones not asked"
    assert (TODO, "KEN", why) == (blank.code, blank.guesses[0].answer, blank.guesses[0].because)
    assert "Q7 <> 1" == made.rule("YEAR_ARRIVAL").universe


@pytest.mark.parametrize(
    "universe", ["only if born abroad", "Personas nacidas en el extranjero", "Personnes nées à l'étranger"]
)
def test_the_universe_of_a_codebook_says_it_too(tmp_path, universe):
    book = [("COUNTRY", "Country of birth", "", "", universe)]
    rule = drafted(tmp_path, people(), book, gate="Q7").rule("COUNTRY_BIRTH")

    assert ["KEN", ""] == [arm.code for arm in rule.arms]
    assert rule.why.endswith("its codebook asks it of those from abroad")


@pytest.mark.parametrize("label", ["Was this person born in Kenya?", "Né(e) dans le pays ?", "¿Nació en este país?"])
def test_yes_and_no_say_where(tmp_path, label):
    book = [("Q7", label, "1", "Yes", ""), ("Q7", label, "2", "No", "")]
    rule = drafted(tmp_path, people(), book, gate="Q7").rule("COUNTRY_BIRTH")

    assert [("Q7", ("1",), "KEN"), ("Q7", ("2",), "")] == [(arm.column, arm.values, arm.code) for arm in rule.arms]


@pytest.mark.parametrize("label", ["Was this person born in Kenya?", "V7"])
def test_who_is_from_abroad_and_whose_country_is_kept_back_is_not_a_native(tmp_path, label):
    rows = [("2", "", "", "30") if at % 4 == 0 else ("1", "1", "", "30") for at in range(200)]
    kenya = ("COUNTRY", "Country of birth", "1", "Kenya", "")
    book = [kenya, (GATE, label, "1", "Yes", ""), (GATE, label, "2", "No", "")]
    rule = drafted(tmp_path, rows, book).rule("COUNTRY_BIRTH")

    assert (TODO, ()) == (next(line.code for line in rule.lines if line.value == ""), rule.arms)


@pytest.mark.parametrize(
    "label",
    [
        "Was this person born outside the country?",
        "Born outside Kenya",
        "Born in another country",
        "¿Nació en otro país?",
        "Né dans un autre pays ?",
        "Nasceu fora do país?",
        "Citizen of a foreign country",
        "Lived in a different house 1 year ago",
    ],
)
def test_yes_to_another_country_or_house_is_not_taken_for_this_one(tmp_path, label):
    rows = [(str(at % 4 // 3 + 1), str(at)) for at in range(200)]
    book = [("Q7", label, "1", "Yes", ""), ("Q7", label, "2", "No", "")]
    extract = write_csv(tmp_path / "x.csv", ["Q7", "Z"], rows)
    made = ms.draft(extract, write_csv(tmp_path / "book.csv", HEAD, book), area="KEN", date="2019")

    assert {TODO} >= {line.code for rule in made.rules for line in rule.all_lines}


def test_of_too_few_rows_nothing_is_taken(tmp_path):
    made = drafted(tmp_path, people(rows=16))
    blanks = [line for id in ("COUNTRY_BIRTH", "YEAR_ARRIVAL") for line in made.rule(id).lines if line.value == ""]

    assert [TODO, TODO] == [line.code for line in blanks]
    assert all("blank where BORN_HERE is 1 (12 rows)" in line.guesses[0].because for line in blanks)


def test_a_column_that_is_blank_with_it_is_no_filter(tmp_path):
    rows = [("10", "2001", "1"), ("", "", "1"), ("20", "2010", "2"), ("", "", "2")] * 20
    extract = write_csv(tmp_path / "x.csv", ["COUNTRY", "P22", "SEX"], rows)
    book = write_csv(tmp_path / "book.csv", HEAD, [*COUNTRIES, ("P22", "Year of arrival", "", "", "")])
    rule = ms.draft(extract, book, area="KEN", date="2019").rule("YEAR_ARRIVAL")

    assert ("", [TODO]) == (rule.universe, [line.code for line in rule.lines if line.value == ""])


def test_the_country_of_birth_itself_tells_who_arrived(tmp_path):
    rows = [("1", ""), ("1", ""), ("10", "2001"), ("20", "2011"), ("1", "")] * 20
    extract = write_csv(tmp_path / "x.csv", ["COUNTRY", "P22"], rows)
    labels = [*COUNTRIES, ("COUNTRY", "Country of birth", "1", "Kenya", ""), ("P22", "Year of arrival", "", "", "")]
    rule = ms.draft(extract, write_csv(tmp_path / "book.csv", HEAD, labels), area="KEN", date="2019").rule(
        "YEAR_ARRIVAL"
    )

    assert "COUNTRY <> 1" == rule.universe


def test_which_citizenship_is_asked_of_foreigners(tmp_path):
    rows = [("1", ""), ("2", "10"), ("1", ""), ("2", "20")] * 20
    extract = write_csv(tmp_path / "x.csv", ["NAT", "NATP"], rows)
    labels = [("NAT", "Nationalité", "1", "Nationale", ""), ("NAT", "Nationalité", "2", "Étrangère", "")]
    labels += [("NATP", "Pays de nationalité", value, name, "") for value, name in (("10", "Mali"), ("20", "Ghana"))]
    book = write_csv(tmp_path / "book.csv", HEAD, labels)
    rule = ms.draft(extract, book, area="CIV", date="2021").rule("CITIZENSHIP")

    assert [("NAT", ("1",), "CIV", ""), ("NAT", ("2",), "", "NATP")] == [
        (arm.column, arm.values, arm.code, arm.source) for arm in rule.arms
    ]


def test_where_one_lived_is_asked_from_an_age_on(tmp_path):
    rows = [("Q", str(age), "" if age < 5 else "1" if age % 3 else "2") for age in range(60)] * 3
    extract = write_csv(tmp_path / "x.csv", ["X", "AGE", "P20"], rows)
    label = "Place of residence 5 years ago"
    labels = [("AGE", "Age", "", "", ""), ("P20", label, "1", "Same district", ""), ("P20", label, "2", "Abroad", "")]
    rule = ms.draft(extract, write_csv(tmp_path / "book.csv", HEAD, labels), area="KEN", date="2019").rule("RESID_5Y")

    assert ("AGE >= 5", {"1": "SAME_MIN", "2": "ABROAD"}) == (
        rule.universe,
        {line.value: line.code for line in rule.lines},
    )


def test_codes_with_zeros_before_them_are_texts_in_a_universe(tmp_path):
    assert "BORN_HERE <> '01'" == drafted(tmp_path, people(gate=("01", "02"))).rule("YEAR_ARRIVAL").universe


def test_a_value_of_two_rows_is_not_shown_as_a_filter(tmp_path):
    rows = [*people(gate=("2", "2")), *[("77", "", "", "40")] * 2]
    text = drafted(tmp_path, rows, gate="Q7").files["mapping.yaml"]

    assert "77" not in text


def test_natives_are_counted_as_natives_once_the_draft_is_finished(tmp_path):
    made = drafted(tmp_path, people(silent=0.05))
    folder = tmp_path / "d"
    while left := ms.open_in_draft(folder):
        question = left[0]
        ms.answer_draft(folder, question, "the office" if question.key == "by" else "the form does not ask it")
    records = ms.harmonize(tmp_path / "x.csv", folder / "mapping.yaml").records.to_dict(as_series=False)

    assert () == ms.check(folder / "mapping.yaml")
    assert 150 == records["COUNTRY_BIRTH"].count("KEN")
    assert 0 == len(made.findings)
    assert 150 == records["YEAR_ARRIVAL_MISSING"].count("_Z")

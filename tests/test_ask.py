"""Walking through what a draft leaves open: answers are written at once, and everything else of the files stays."""

import json
import subprocess
import sys

import pytest

from migstat import api
from migstat.words.finding import Misuse

MAPPING = """\
# A comment at the top.
id: KEN_CENSUS_2019
version: 0.1
into: CENSUS_PERSON

source:
  kind: census   # kept: a comment behind
  by: TODO
  area: KEN
  date: 2019

rules:
  # 0.99: label "Sex"
  SEX:
    from: P11
    recode:
      1: M  # Male
      # 1: F -- 0.70: so in many files
      # 2: _O -- 0.40: perhaps
      2: TODO  # Woman
  # TODO AGE: two columns are as likely
  # 1: {from: P12} -- 0.80: label "Age"
  # 2: {from: P13} -- 0.78: label "Age in years"
  AGE: TODO
  COUNTRY_BIRTH: {from: P19, recode: tables/born.csv}
  YEAR_ARRIVAL:
    from: P22
    # 1: not_stated: [""] -- 0.60: a blank that nobody explains
    # 2: not_applicable: [""] -- 0.50: not asked of all
    blank: TODO
  CITIZENSHIP: {not_collected: TODO}
  RESID_5Y: {not_collected: the form does not ask}
  MIG_REASON: {not_collected: the form does not ask}
"""
TABLE = """\
from,to,match,because,label
1,KEN,exact,,Kenya
2,TODO,exact,1: COD -- 0.60 | 2: COG -- 0.60,"Congo, one of two"
3,UGA,exact,,Uganda
"""
ANSWERS = ["The office", "1", "2", "2", "not asked", "COD"]
"""In the order of the file: by, the value 2 of SEX, AGE, the blank, CITIZENSHIP; then the line of the table."""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8", newline="")
    (tmp_path / "tables" / "born.csv").write_text(TABLE, encoding="utf-8", newline="")
    return tmp_path


def ask(folder, lines, *more):
    done = subprocess.run(
        [sys.executable, "-m", "migstat", "draft", "--ask", str(folder), *more],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout, done.stderr


def test_what_is_open_comes_with_its_candidates(folder):
    found = [(one.subject, one.kind, [guess.answer for guess in one.guesses]) for one in api.open_in_draft(folder)]

    expected = [
        ("source.by", "text", []),
        ("SEX: the value '2'", "code", ["F", "_O"]),
        ("AGE", "rule", ["{from: P12}", "{from: P13}"]),
        ("YEAR_ARRIVAL: a blank", "blank", ['not_stated: [""]', 'not_applicable: [""]']),
        ("CITIZENSHIP: why it is not collected", "reason", []),
        ("COUNTRY_BIRTH: the value '2'", "code", ["COD", "COG"]),
    ]
    assert expected == found


def test_only_what_is_answered_changes(folder):
    code, _, errors = ask(folder, ANSWERS)
    changed = [
        (before, after)
        for before, after in zip(MAPPING.splitlines(), (folder / "mapping.yaml").read_text().splitlines(), strict=True)
        if before != after
    ]

    expected = [
        ("  by: TODO", "  by: The office"),
        ("      2: TODO  # Woman", "      2: F  # Woman"),
        ("  AGE: TODO", "  AGE: {from: P13}"),
        ("    blank: TODO", '    not_applicable: [""]'),
        ("  CITIZENSHIP: {not_collected: TODO}", "  CITIZENSHIP: {not_collected: not asked}"),
    ]
    assert (0, "") == (code, errors)
    assert expected == changed
    assert TABLE.replace("2,TODO,exact,1: COD -- 0.60 | 2: COG -- 0.60,", "2,COD,exact,,") == (
        folder / "tables" / "born.csv"
    ).read_text(encoding="utf-8")
    assert () == api.check(folder / "mapping.yaml")


def test_a_walk_that_was_stopped_is_taken_up_again(folder):
    first = ask(folder, [*ANSWERS[:2], "q"])
    left = [one.subject for one in api.open_in_draft(folder)]
    second = ask(folder, ANSWERS[2:])

    assert (1, 0) == (first[0], second[0])
    assert "2 answered, 4 open\n" in first[1]
    assert [
        "AGE",
        "YEAR_ARRIVAL: a blank",
        "CITIZENSHIP: why it is not collected",
        "COUNTRY_BIRTH: the value '2'",
    ] == left


def test_input_that_ends_keeps_what_was_answered(folder):
    code, said, _ = ask(folder, ANSWERS[:1])

    assert (1, True) == (code, said.endswith("1 answered, 5 open\n"))


def test_what_is_skipped_stays_open_and_is_not_asked_twice(folder):
    code, said, _ = ask(folder, ["s", "", "skip", "s", "s", "s"])

    assert (1, 1) == (code, said.count("\nsource.by"))
    assert MAPPING == (folder / "mapping.yaml").read_text(encoding="utf-8")


def test_a_wrong_answer_is_told_and_asked_again(folder):
    _code, said, errors = ask(folder, ["s", "FEMALE", "7", "F", "q"])

    assert "CL_SEX has no code 'FEMALE'\n  Mend: write F (Female)" in errors
    assert "there is no candidate 7" in errors
    assert "1 answered, 5 open\n" in said


def test_programs_are_told_what_is_left(folder):
    code, said, _ = ask(folder, ANSWERS[:1], "--json")
    told = json.loads(said)

    assert (1, 5, 1) == (code, told["open"], told["answered"])


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_mark_of_the_file_stay(folder, ending, mark):
    (folder / "mapping.yaml").write_bytes((mark + MAPPING.replace("\n", ending)).encode())
    question = next(one for one in api.open_in_draft(folder) if one.subject == "AGE")
    api.answer_draft(folder, question, "P12")

    expected = (mark + MAPPING.replace("AGE: TODO", "AGE: {from: P12}").replace("\n", ending)).encode()
    assert expected == (folder / "mapping.yaml").read_bytes()


WRONG = [
    ("SEX: the value '2'", "", "an answer is one line of text"),
    ("SEX: the value '2'", "TODO", "an answer is one line of text"),
    ("SEX: the value '2'", "M\nF", "an answer is one line of text"),
    ("SEX: the value '2'", "woman", "CL_SEX has no code 'woman'"),
    ("AGE", "{from: [P12", "is not YAML: while parsing a flow sequence did not find expected ',' or ']'"),
    ("AGE", "{}", "the answer is no rule"),
    ("YEAR_ARRIVAL: a blank", "nothing", "'nothing' does not say what a blank is"),
    ("COUNTRY_BIRTH: the value '2'", "KONGO", "CL_COUNTRY_BIRTH has no code 'KONGO'"),
]


@pytest.mark.parametrize(("subject", "answer", "what"), WRONG)
def test_an_answer_that_does_not_fit_is_refused_and_nothing_is_written(folder, subject, answer, what):
    question = next(one for one in api.open_in_draft(folder) if one.subject == subject)
    with pytest.raises(Misuse) as raised:
        api.answer_draft(folder, question, answer)

    assert what == raised.value.findings[0].what
    assert MAPPING == (folder / "mapping.yaml").read_text(encoding="utf-8")


def test_a_reason_may_be_a_rule_after_all(folder):
    question = next(one for one in api.open_in_draft(folder) if one.kind == "reason")
    api.answer_draft(folder, question, "from: P16")

    assert "  CITIZENSHIP: {from: P16}\n" in (folder / "mapping.yaml").read_text()


def test_a_table_outside_the_folder_is_not_looked_at(folder):
    (folder / "mapping.yaml").write_text(MAPPING.replace("tables/born.csv", "../born.csv"))
    (folder.parent / "born.csv").write_text(TABLE)

    assert 5 == len(api.open_in_draft(folder))


def test_a_folder_without_a_draft(tmp_path):
    code, _, errors = ask(tmp_path, [])

    assert (2, True) == (code, "there is no draft\n  Mend: name the folder that migstat draft wrote" in errors)

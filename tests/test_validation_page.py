"""The page of a validation: whole, in six languages, and silent about what could point at a person."""

import base64
import hashlib
import re
import string
import tomllib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import migstat as ms
from migstat.report.language import LANGUAGES, language
from migstat.report.validation_page import inline_page, validation_page
from migstat.words.expression import Compare, Name, Number
from migstat.words.finding import Finding, MigstatError, Place, Severity
from migstat.words.rule import Group, Holds, Rule, RuleSet
from migstat.words.shown import FEWEST, masked, shown
from migstat.words.validated import Judged, Validated


def rule(id: str, component: str, text: str = "AGE < 120", **more: Any) -> Rule:
    return Rule(id, more.pop("check", Holds(Name("AGE"))), text, Place("person.yaml", 4), component=component, **more)


SAMPLE = ({"_row": 17, "PERSON_ID": "P<17>", "AGE": "131"}, {"_row": 40, "PERSON_ID": "P40", "AGE": None})
RESULTS = (
    Judged(
        rule(
            "AGE.OLD",
            "AGE",
            names={"en": "Nobody is so old", "ar": "لا أحد بهذا العمر"},
            description="The oldest person known died at 122.",
            origin="Handbook <2>",
            mend="look at the form",
            when=Compare(">", Name("AGE"), Number(100, "100")),
        ),
        passed=900_000,
        failed=1_234,
        undecided=5_000,
        passed_weight=1_800_000.0,
        failed_weight=2_468.5,
        undecided_weight=10_000.0,
        sample=SAMPLE,
    ),
    Judged(rule("AGE.FEW", "AGE"), 999_993, 7, 0, 1_999_986.0, 13.25, 0.0),
    Judged(rule("SEX.BORNE", "SEX", rows_borne=100), 999_945, 55, 0, 1_999_890.0, 110.0, 0.0),
    Judged(rule("SEX.OPEN", "SEX", severity=Severity.NOTE), 0, 0, 1_000_000, note="the column is not there"),
    Judged(rule("HEAD", "ROLE", check=Group(("HH",), Name("X")), severity=Severity.WARNING), 995, 2, 0, units="groups"),
    Judged(rule("ALL", "", check=Group((), Name("X"))), 1, 0, 0, units="files"),
)
RUN = Validated(
    "KEN <2019>",
    RuleSet("PERSON", "1.0", tuple(one.rule for one in RESULTS), {"person.yaml": "c" * 64}),
    RESULTS,
    1_000_000,
    2_000_000.0,
    (
        Finding(Place("person.yaml", 9), "SEX", "SEX.A can never fail", "remove it", Severity.WARNING),
        Finding(Place("ken.yaml", 3), "AGE", "no rule for '777'", "list it", rows=3, weight=31.5),
    ),
    ("PERSON_ID",),
    provenance={"migstat": "0.1.0", "inputs": [{"name": "ken.csv", "sha256": "d" * 64}]},
)


class Reader(HTMLParser):
    """Reads a page as its visible text, and notes what it asks of the world."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.names: list[str] = []
        self.asks: list[str] = []
        self.tables, self.captions, self.rows = 0, 0, [set[int]()]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.asks += [f"{tag} {name}" for name in ("src", "srcset", "data", "action") if name in facts]
        self.asks += [link for link in (facts.get("href"),) if link and not link.startswith("#")]
        self.asks += [tag] * (tag in ("link", "iframe", "object"))
        self.ids += [id for id in (facts.get("id"),) if id]
        self.names += [id for name in ("aria-labelledby",) if (id := facts.get(name))]
        self.names += [link[1:] for link in (facts.get("href"),) if link and link.startswith("#")]
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag == "th":
            assert facts.get("scope") in ("row", "col", "rowgroup")
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and not {"style", "script"} & set(self.open):
            self.text.append(" ".join(data.split()))


def text(page: str) -> str:
    return " ".join(Reader(page).text)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_page_is_whole_and_needs_nothing_else(code) -> None:
    page = validation_page(RUN, code, show_values=True)
    reader = Reader(page)

    assert [] == reader.open
    assert [] == reader.asks
    assert len(reader.ids) == len(set(reader.ids))
    assert set() == set(reader.names) - set(reader.ids)
    assert reader.tables == reader.captions > 0
    assert "url(" not in page
    assert f'<html lang="{code}" dir="{"rtl" if code == "ar" else "ltr"}">' in page
    assert {"<header>", "<nav ", "<main ", "<footer>"} <= set(re.findall(r"<(?:header|footer)>|<(?:nav|main) ", page))


def test_only_the_one_script_of_the_page_may_run() -> None:
    page = validation_page(RUN)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    sums = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]

    assert 1 == len(scripts)
    assert f"script-src 'sha256-{sums[0]}'\"" in page


def test_the_same_run_gives_the_same_page() -> None:
    assert validation_page(RUN, "fr") == validation_page(replace(RUN), "fr")


def test_what_the_files_say_is_escaped() -> None:
    page = validation_page(RUN, show_values=True)

    assert "KEN &lt;2019&gt;" in page
    assert "Handbook &lt;2&gt;" in page
    assert "P&lt;17&gt;" in page
    assert not re.search("<(2|17|2019)>", page)


@pytest.mark.parametrize(
    "said",
    [
        "Rules of severity error that fail: 2.",
        "Rows: 1,000,000 Weight: 2,000,000 Rules: 6",
        "Severity fail could not be judged pass error 2 0 2 warning 1 0 0 note 0 1 0",
        "AGE.OLD Nobody is so old error · ✗ fail · AGE Failed: 1,234 ( 0.1% ) Weight failed: 2,468.5",
        "Applies where: AGE > 100 AGE < 120 Mend: look at the form",
        "Description The oldest person known died at 122. A missing value leaves the row without a verdict",
        "Source Handbook <2> Said in person.yaml:4",
        "SEX.BORNE AGE < 120 person.yaml:4",
        "✓ pass error · within the threshold 55 <0.1% 110 0 999,945 0",
        "note · ? could not be judged · SEX",
        "Note: the column is not there",
        "Counted groups of rows: HH",
        "warning SEX person.yaml:9 SEX.A can never fail Mend: remove it",
        "no rule for '777' ( Rows: <10 )",
        "ken.csv " + "d" * 64,
        "person.yaml " + "c" * 64,
    ],
)
def test_the_page_says(said: str) -> None:
    assert said in text(validation_page(RUN))


def test_errors_are_mended_first() -> None:
    shown_text = text(validation_page(RUN))

    assert shown_text.index("AGE.OLD") < shown_text.index("AGE.FEW") < shown_text.index("HEAD")


def test_a_page_holds_no_value_and_no_small_count_unless_asked_for() -> None:
    page, asked = validation_page(RUN), text(validation_page(RUN, show_values=True))

    assert not any(value in page for value in ("P&lt;17&gt;", "P40", ">131<"))
    assert not re.search(r"999,993|\b999993\b|13\.25|flex: 7\b|by=\"7\"|31\.5", page)
    assert "AGE.FEW error · ✗ fail · AGE Failed: <10 ( <0.1% ) Weight failed: – Not judged: 0 Passed: >999,990" in text(
        page
    )
    assert "HEAD warning · ✗ fail · ROLE Failed: <10 ( <1% ) Weight failed: – Not judged: 0 Passed: >987" in text(page)
    assert "Failing rows: 2 of 1,234 Row PERSON_ID AGE 17 P<17> 131 40 P40 –" in asked
    assert "Failed: 7 ( <0.1% ) Weight failed: 13.2" in asked
    assert "Rows: 3, Weight: 31.5" in asked


@given(st.lists(st.integers(0, 60), min_size=3, max_size=4))
def test_no_small_count_can_be_reckoned_from_the_others(counts: list[int]) -> None:
    named = {str(place): count for place, count in enumerate(counts)}
    told = masked(named)
    total, hidden = sum(counts), [name for name, count in told.items() if count.hidden]
    few = [name for name, count in named.items() if 0 < count < FEWEST]

    assert set(few) <= set(hidden)
    for name, count in told.items():
        truth = named[name]
        assert (
            (truth < count.value)
            if count.sign == "<"
            else (truth > count.value)
            if count.sign
            else (truth == count.value)
        )
    if few and total >= FEWEST * len(counts):
        # Each small count may be anything from 1 to 9 that the rest allows: it is never the only one hidden.
        assert len(hidden) > len(few)
        rest = total - sum(count.value for count in told.values() if not count.hidden)
        large = next(count for count in told.values() if count.sign == ">")
        assert rest - len(few) * 9 == large.value + 1


def test_of_a_tiny_file_only_zero_is_told() -> None:
    tiny = replace(RUN, rows=12, weight=12.0, results=(Judged(rule("R", "AGE"), 11, 1, 0),))

    assert "Rows: <40" in text(validation_page(tiny))
    assert ["<40", "<40", "0"] == [
        str(count) for count in (lambda one: (one.passed, one.failed, one.undecided))(shown(tiny.results[0], 12))
    ]


def test_a_run_in_which_nothing_is_wrong_says_so() -> None:
    fine = replace(RUN, results=(Judged(rule("R", "AGE"), 1_000_000, 0, 0),), findings=())

    assert "No rule of severity error fails." in text(validation_page(fine))
    assert "Nothing: no rule fails, and none was left without a verdict." in text(validation_page(fine))


def test_a_run_without_rows_or_rules_has_a_page() -> None:
    assert "Rows: 0" in text(validation_page(Validated("EMPTY", RuleSet("R", "1", ()), (), 0, 0.0)))


def test_a_file_without_weights_shows_none() -> None:
    assert "Weight" not in text(validation_page(replace(RUN, weight=1_000_000.0, findings=())))


def test_components_have_their_names() -> None:
    assert "SEX Sexe" in text(validation_page(RUN, "fr", names={"SEX": "Sexe"}))


def test_numbers_are_written_as_the_language_has_them() -> None:
    seen = {code: (language(code).number(1234567.25), language(code).percent(0.125)) for code in LANGUAGES}

    assert ("1,234,567.2", "12.5%") == seen["en"] == seen["zh"]
    assert ("1\u202f234\u202f567,2", "12,5\xa0%") == seen["fr"]
    assert ("1.234.567,2", "12,5\xa0%") == seen["es"]
    assert ("1\xa0234\xa0567,2", "12,5\xa0%") == seen["ru"]


def test_little_is_never_nothing_and_nearly_all_never_all() -> None:
    english = language("en")

    assert ["0%", "<0.1%", "0.1%", ">99.9%", "100%"] == [english.percent(one) for one in (0, 0.0009, 0.001, 0.9999, 1)]


def test_a_language_that_there_is_not_is_told_with_those_there_are() -> None:
    with pytest.raises(MigstatError) as told:
        validation_page(RUN, "FR")

    assert "there is no page in the language 'FR'" in str(told.value)
    assert "write fr, or another of en (English), fr (français)" in str(told.value)


def blanks(words: dict[str, Any]) -> dict[str, Any]:
    """The keys of a language's words, with the blanks of each."""
    parse = string.Formatter().parse
    return {
        key: blanks(said) if isinstance(said, dict) else sorted(name for _, name, *_ in parse(said) if name)
        for key, said in words.items()
    }


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_says_everything(root: Path, code) -> None:
    folder = root / "src/migstat/report/texts"
    words, english = (tomllib.loads((folder / f"{id}.toml").read_text(encoding="utf-8")) for id in (code, "en"))

    assert blanks(english) == blanks(words)
    assert all(said.strip() for said in words.values() if isinstance(said, str))


def test_every_word_is_used(root: Path) -> None:
    report = root / "src/migstat/report"
    used = "".join(
        file.read_text(encoding="utf-8") for file in [*report.glob("*.py"), *report.glob("templates/*.html")]
    )
    unused = [key for key in language("en").words if not re.search(rf"""["'.]{key}\b""", used)]

    assert [] == unused


def test_a_notebook_shows_the_page_in_a_frame_of_its_own() -> None:
    frame = inline_page(RUN, "ar")

    assert frame.startswith('<iframe title="التحقق من KEN &lt;2019&gt;" sandbox="allow-scripts"')
    assert 1 == frame.count("<") - 1
    assert "&lt;!doctype html&gt;" in frame


def test_a_run_in_a_notebook_is_its_page_without_values() -> None:
    people = pl.DataFrame({"SEX": ["F", "secret"], "AGE": [34, 7]})
    shown = ms.validate(people, structure="CENSUS_PERSON")._repr_html_()

    assert shown is not None
    assert shown.startswith("<iframe ")
    assert "secret" not in shown
    assert RUN._repr_html_() is None

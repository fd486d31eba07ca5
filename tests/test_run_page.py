"""The page of a run: whole, escaped, and silent about what could point at a person."""

import datetime
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from migstat.report.page import percent
from migstat.report.run_page import run_page
from migstat.words.expression import Compare, Name, Text
from migstat.words.finding import Finding, Place, Severity
from migstat.words.mapping import Mapping, Target
from migstat.words.mapping_rule import Case, Cases, Copy, Fixed, Line, NotCollected, Recode
from migstat.words.run import Coverage, Covered, Harmonized, Step, Unused
from migstat.words.source import Source
from migstat.words.structure import Component, Structure

FILE = "ken/mapping.yaml"


def at(line: int, file: str = FILE) -> Place:
    return Place(file, line)


STRUCTURE = Structure(
    "CENSUS_PERSON",
    "record",
    "1.0",
    {"en": "Person in a census"},
    "",
    "person",
    (),
    (
        Component("REF_AREA", "REF_AREA", "dimension", filled_by="source.area"),
        Component("SEX", "SEX", "dimension", names={"en": "Sex"}),
        Component("AGE", "AGE", "dimension", type="integer", names={"en": "Age"}),
        Component("COUNTRY_BIRTH", "COUNTRY_BIRTH", "dimension", names={"en": "Country of birth"}),
        Component("CITIZENSHIP", "CITIZENSHIP", "dimension", names={"en": "Citizenship"}),
        Component("RESID_5Y", "RESID_5Y", "dimension", names={"en": "Residence five years ago"}),
        Component("MARITAL", "MARITAL", "dimension", names={"en": "Marital status"}),
    ),
)
BORN = (
    Line(("601",), "UGA", at(2, "ken/tables/p15.csv"), label="Uganda"),
    Line(
        ("690",), "M49_202", at(3, "ken/tables/p15.csv"), match="broader", because="the list ends here", label="Other"
    ),
    Line(("777",), "EGY", at(4, "ken/tables/p15.csv"), label="Egypt"),
)
MAPPING = Mapping(
    id="KEN_CENSUS_2019",
    version="1.0",
    into="CENSUS_PERSON",
    source=Source(
        kind="census",
        by="Kenya <National> Bureau of Statistics",
        area="KEN",
        place=at(5),
        name="Population and Housing Census 2019",
        period="2019-08-24",
        date=datetime.date(2019, 8, 24),
        population="de facto",
        birthplace="actual",
        boundaries="census date",
        key=("HHID", "LINE"),
        weight="PERWT",
    ),
    targets=(
        Target("SEX", Recode(("P12",), (Line(("1",), "M", at(22)), Line(("2",), "F", at(22))), at(22)), at(22)),
        Target("AGE", Copy("P11", at(23), (Line(("999",), "_N", at(23)),)), at(23)),
        Target("COUNTRY_BIRTH", Recode(("P15",), BORN, at(24), table="tables/p15.csv"), at(24)),
        Target(
            "CITIZENSHIP",
            Cases((Case(Compare("=", Name("P16"), Text("1")), Fixed("KEN", at(26)), at(26)),), at(25)),
            at(25),
            match="broader",
            because="P16 asks only whether the person is Kenyan",
        ),
        Target("RESID_5Y", NotCollected("the form asks one year only", at(30)), at(30)),
    ),
    place=at(1),
    notes="Refugees in camps were counted apart.",
    files={"mapping.yaml": "a" * 64, "tables/p15.csv": "b" * 64},
)


def met(
    component: str, column: str, value: str, code: str, place: Place | None, rows: int, match: str = "exact"
) -> Covered:
    return Covered(component, (column,), (value,), code, place, match, rows, rows * 10.5)


RUN = Harmonized(
    mapping=MAPPING,
    structure=STRUCTURE,
    records=None,
    rejects=None,
    findings=(
        Finding(
            at(24), "COUNTRY_BIRTH", "no rule for P15 = '555'", "list '555' in tables/p15.csv", rows=52, weight=514.0
        ),
        Finding(
            at(24), "COUNTRY_BIRTH", "no rule for P15 = '556'", "list '556' in tables/p15.csv", rows=3, weight=31.0
        ),
        Finding(at(23), "AGE", "ages heap at 0 and 5", "", Severity.WARNING),
    ),
    coverage=Coverage(
        (
            met("SEX", "P12", "1", "M", at(22), 4_900),
            met("SEX", "P12", "2", "F", at(22), 5_000),
            met("AGE", "P11", "999", "_N", at(23), 120),
            met("AGE", "P11", "Amina", "", None, 12),
            met("COUNTRY_BIRTH", "P15", "601", "UGA", BORN[0].place, 9_000),
            met("COUNTRY_BIRTH", "P15", "690", "M49_202", BORN[1].place, 7, "broader"),
            met("COUNTRY_BIRTH", "P15", "555", "", None, 52),
            met("COUNTRY_BIRTH", "P15", "", "_N", at(24), 848),
        ),
        (Unused("COUNTRY_BIRTH", ("777",), "EGY", BORN[2].place),),
        ("H01", "NAME_OF_VILLAGE"),
    ),
    steps=(
        Step("read", "rows read", 10_000, 105_000.0),
        Step("excluded", "not usual residents", 36, 378.0),
        Step("excluded", "visitors on census night", 36, 378.0, part=True),
        Step("rejected", "no rule covers a value", 64, 672.0),
        Step("records", "records written", 9_900, 103_950.0),
    ),
    provenance={
        "migstat": "0.1.0",
        "libraries": {"polars": "2.1.0"},
        "inputs": [{"name": "ken.csv", "bytes": 123456, "sha256": "c" * 64}],
        "codelists": {"CL_SEX": "d" * 64},
        "source": {"period": "2019-08-24"},
    },
)


class Reader(HTMLParser):
    """Reads a page as its visible text, and notes what it asks of the world."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.asks: list[str] = []
        self.headers = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.asks += [f"{tag} {name}" for name in ("src", "srcset", "data", "action") if name in facts]
        self.asks += [tag] * (tag in ("script", "link", "iframe", "object"))
        self.asks += [link for link in (facts.get("href"),) if link and not link.startswith("#")]
        self.ids += [id for id in (facts.get("id"),) if id]
        if tag == "th":
            assert facts.get("scope") in ("row", "col")
        if tag not in ("meta", "br", "link", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and "style" not in self.open:
            self.text.append(" ".join(data.split()))


def text(page: str) -> str:
    return " ".join(Reader(page).text)


def test_a_page_is_whole_and_needs_nothing_else() -> None:
    page = run_page(RUN)

    reader = Reader(page)

    assert [] == reader.open
    assert [] == reader.asks
    assert len(reader.ids) == len(set(reader.ids))
    assert "url(" not in page


def test_the_same_run_gives_the_same_page() -> None:
    assert run_page(RUN) == run_page(replace(RUN))


def test_what_the_source_says_is_escaped() -> None:
    page = run_page(RUN)

    assert "<National>" not in page
    assert "Kenya &lt;National&gt; Bureau of Statistics" in page


@pytest.mark.parametrize(
    "said",
    [
        "2 errors, 1 warning.",
        "records records written 9,900 99.0 % 103,950 99.0 %",
        "of these visitors on census night 36 0.4 % 378 0.4 %",
        "no rule for P15 = '555' (52 rows, weight 514.0) Mend: list '555' in tables/p15.csv",
        "COUNTRY_BIRTH 555 52 546",
        "690 Other M49_202 broader ken/tables/p15.csv:3 <10",
        "1 line Component Source value Code Said in COUNTRY_BIRTH 777 EGY ken/tables/p15.csv:4",
        "blank _N ken/mapping.yaml:24 848",
        "2 columns H01, NAME_OF_VILLAGE",
        "CITIZENSHIP broader P16 asks only whether the person is Kenyan",
        "COUNTRY_BIRTH broader Other becomes M49_202: the list ends here",
        "RESID_5Y Residence five years ago the form asks one year only",
        "MARITAL Marital status the mapping has no rule for it",
        "Refugees in camps were counted apart.",
        "Population de facto",
        "Birthplace is actual Boundaries census date",
        "ken.csv, 123,456 bytes " + "c" * 64,
        "tables/p15.csv " + "b" * 64,
        "CL_SEX " + "d" * 64,
    ],
)
def test_the_page_says(said: str) -> None:
    assert said in text(run_page(RUN))


def test_errors_come_before_warnings_and_the_heaviest_unmapped_value_first() -> None:
    shown = text(run_page(RUN))

    assert shown.index("no rule for P15") < shown.index("ages heap")
    assert shown.index("COUNTRY_BIRTH 555 52") < shown.index("AGE not shown 12")


def test_small_counts_and_values_that_are_not_coded_are_hidden_unless_asked_for() -> None:
    hidden, shown = text(run_page(RUN)), text(run_page(RUN, show_values=True))

    assert "Amina" not in hidden
    assert "no rule for P15 = '556' (fewer than 10 rows)" in hidden
    assert "Amina" in shown
    assert "no rule for P15 = '556' (3 rows, weight 31.0)" in shown
    assert "690 Other M49_202 broader ken/tables/p15.csv:3 7 73.5" in shown


def test_values_that_become_one_code_for_one_reason_are_said_together() -> None:
    states = tuple(
        Line((str(n),), "USA", at(n), match="broader", because="a State", label=f"State {n}") for n in range(1, 10)
    )
    many = replace(MAPPING, targets=(Target("COUNTRY_BIRTH", Recode(("P15",), states, at(24)), at(24)),))

    shown = text(run_page(replace(RUN, mapping=many)))

    assert "State 1, State 2, State 3, State 4, State 5, State 6 and 3 more become USA: a State" in shown


def test_a_run_in_which_nothing_is_wrong_says_so() -> None:
    mapped = tuple(line for line in RUN.coverage if line.code)
    shown = text(run_page(replace(RUN, findings=(), coverage=Coverage(mapped))))

    assert "No findings." in shown
    assert "None: every value met is mapped." in shown


def test_an_empty_extract_has_a_page() -> None:
    nothing = tuple(replace(step, rows=0, weight=0.0) for step in RUN.steps)

    assert "rows read 0" in text(run_page(replace(RUN, steps=nothing, coverage=Coverage(), provenance={})))


def test_a_source_without_weights_shows_none() -> None:
    plain = replace(RUN, mapping=replace(MAPPING, source=replace(MAPPING.source, weight="")))

    assert "of weight read" not in text(run_page(plain))


def test_little_is_never_nothing_and_nearly_all_never_all() -> None:
    assert ["0 %", "<0.1 %", "0.1 %", "99.9 %", ">99.9 %", "100 %"] == [
        percent(part, 10_000) for part in (0, 9, 10, 9_990, 9_991, 10_000)
    ]


def test_the_package_carries_the_templates(root: Path) -> None:
    folder = root / "src/migstat/report/templates"

    assert {"page.css", "page.html", "run.html"} <= {file.name for file in folder.iterdir()}

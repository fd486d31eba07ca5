"""The pages in a real browser: nothing overflows on a phone, a laptop and paper, light and dark."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import migstat as ms
from migstat.report.comparability_page import comparability_page
from migstat.report.validation_page import validation_page
from migstat.words.combined import Combined
from migstat.words.expression import Compare, Name, Number
from migstat.words.finding import Finding, Place, Severity
from migstat.words.rule import Group, Holds, Rule, RuleSet, Unique
from migstat.words.table import Table
from migstat.words.validated import Judged, Validated

pytestmark = pytest.mark.slow

WIDTHS = {"phone": 390, "laptop": 1280, "paper": 1000}  # CSS pixels; A4 on its side, less its margins, is 265 mm
FOLDER = os.environ.get("SCREENSHOTS", "")
"""A folder to keep the pictures in, for whoever wants to look at them."""

OVERFLOW = """
(() => {
  const wide = document.scrollingElement.clientWidth;
  const inside = (element) => element.closest(".scroll") && !matchMedia("print").matches;
  const out = [...document.body.querySelectorAll("*")].filter((element) => {
    const box = element.getBoundingClientRect();
    const shown = box.width && !element.matches(".skip, .scroll *:not(table)");
    return shown && !inside(element) && (box.right > wide + 1 || box.left < -1);
  });
  const name = (element) => `${element.tagName}.${element.className}: ${element.textContent.trim().slice(0, 40)}`;
  return {scroll: document.scrollingElement.scrollWidth - wide, out: out.map(name)};
})()
"""


class Browser:
    """A browser without a window, driven through the pipe that it reads as file 3 and answers as file 4."""

    def __init__(self, program: str, profile: str) -> None:
        # Both ends are kept clear of 3 and 4, where the browser wants them.
        ours_in, theirs_out = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in os.pipe())
        theirs_in, ours_out = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in os.pipe())
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
        self.process = subprocess.Popen(
            [program, *options, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=lambda: (os.dup2(theirs_in, 3), os.dup2(theirs_out, 4)),
            pass_fds=(3, 4),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.answers, self.orders = os.fdopen(ours_in, "rb"), os.fdopen(ours_out, "wb", buffering=0)
        self.count, self.rest, self.session = 0, b"", ""
        page = self("Target.createTarget", url="about:blank")["targetId"]
        self.session = self("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        self("Page.enable")

    def __call__(self, method: str, **parameters: object) -> dict[str, Any]:
        """Give an order and wait for its answer."""
        self.count += 1
        order = {"id": self.count, "method": method, "params": parameters}
        self.orders.write(json.dumps(order | ({"sessionId": self.session} if self.session else {})).encode() + b"\0")
        while (answer := self.next()).get("id") != self.count:
            pass
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def next(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            more = os.read(self.answers.fileno(), 1 << 20)
            assert more, "the browser has gone"
            self.rest += more
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def open(self, file: Path, width: int, media: Mapping[str, str]) -> None:
        """Show a page at a width, as print or screen, light or dark."""
        features = [{"name": "prefers-color-scheme", "value": media["scheme"]}]
        self("Emulation.setEmulatedMedia", media=media["media"], features=features)
        self("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        assert "errorText" not in self("Page.navigate", url=file.as_uri())
        while self.next().get("method") != "Page.loadEventFired":
            pass

    def ask(self, script: str) -> Any:
        """Return what a script gives in the page."""
        answer = self("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self, file: Path) -> None:
        """Save the whole page as a picture."""
        shot = self("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        self.orders.write(b'{"id": 0, "method": "Browser.close"}\0')
        self.process.wait(timeout=20)
        self.answers.close()
        self.orders.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("needs Chromium to open the page in")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        opened = Browser(program, profile)
        yield opened
        opened.close()


def rule(id: str, text: str, component: str, **more: Any) -> Rule:
    return Rule(
        id, more.pop("check", Holds(Name("X"))), text, Place("rules/person.yaml", 4), component=component, **more
    )


ARRIVAL = {
    "en": "Arrival is not before birth",
    "fr": "L’arrivée ne précède pas la naissance",
    "es": "La llegada no es anterior al nacimiento",
    "ar": "الوصول ليس قبل الميلاد",
    "ru": "Прибытие не раньше рождения",
    "zh": "到达不早于出生",
}
ROWS = 30_000_000
SAMPLE = tuple({"_row": n, "HOUSEHOLD_ID": f"H{n:09}", "YEAR_ARRIVAL": "1950", "YEAR_BIRTH": "1960"} for n in range(5))
RESULTS = (
    Judged(
        rule(
            "YEAR_ARRIVAL.NOT_BEFORE_BIRTH",
            "YEAR_ARRIVAL >= YEAR_BIRTH or YEAR_ARRIVAL in ('_N', '_U', '_X', '_Z') or PLACE_OF_BIRTH_AND_ARRIVAL = 1",
            "YEAR_ARRIVAL",
            names=ARRIVAL,
            description="Nobody arrives before birth.",
            origin="Principles and Recommendations for Population and Housing Censuses, Revision 3",
            mend="correct the year of arrival, or give it _U where the form cannot be read",
        ),
        29_876_543,
        1_234,
        100_000,
        sample=SAMPLE,
    ),
    Judged(rule("AGE.RANGE", "AGE between 0 and 120", "AGE"), ROWS - 7, 7, 0),
    Judged(
        rule(
            "AGE.UNKNOWN", "share(AGE is missing) < 0.05", "AGE", check=Group((), Name("X")), severity=Severity.WARNING
        ),
        0,
        1,
        0,
        units="file",
    ),
    Judged(rule("SEX.CODE", "SEX in ('F', 'M', '_N', '_U', '_X')", "SEX", rows_borne=100), ROWS - 55, 55, 0),
    Judged(
        rule(
            "RESID_5Y.UNDER_5",
            "RESID_5Y = '_Z'",
            "RESID_5Y",
            when=Compare("<", Name("AGE"), Number(5, "5")),
            severity=Severity.NOTE,
        ),
        0,
        0,
        2_000_000,
        note="the file has no column RESID_5Y",
    ),
    Judged(rule("KEY.UNIQUE", "unique(HOUSEHOLD_ID, PERSON_ID)", "", check=Unique(("HOUSEHOLD_ID",))), ROWS, 0, 0),
)
RUN = Validated(
    "KEN_CENSUS_2019_PERSONS_HARMONIZED",
    RuleSet("PERSON", "1.0", tuple(one.rule for one in RESULTS), {"person.yaml": "a" * 64}),
    RESULTS,
    ROWS,
    ROWS * 1.1,
    (Finding(Place("rules/person.yaml", 30), "AGE", "AGE < 0 can never be true: AGE.RANGE forbids it", "remove it"),),
    ("HOUSEHOLD_ID",),
    provenance={"migstat": "0.1.0", "inputs": [{"name": "ken_census_2019_persons.parquet", "sha256": "b" * 64}]},
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    into = Path(FOLDER) if FOLDER else tmp_path_factory.mktemp("pages")
    into.mkdir(parents=True, exist_ok=True)
    for language in ("en", "ar", "ru", "zh"):
        page = validation_page(RUN, language, show_values=True)
        (into / f"{language}.html").write_text(page, encoding="utf-8")
    (into / "combined.html").write_text(comparability_page(combined()), encoding="utf-8")
    return into


def combined() -> Combined:
    """Five sources with long names, of which one counts other people and one says nothing of itself."""
    stock = ms.structure("MIGRANT_STOCK")
    tables = {}
    for number, area in enumerate(("KEN", "UGA", "TZA", "RWA", "BDI")):
        cells = {one.id: ["_T"] * 3 for one in stock.with_role("dimension")}
        cells |= {"FREQ": ["A"] * 3, "REF_AREA": [area] * 3, "TIME_PERIOD": ["2019"] * 3, "MIGRANT": ["Y"] * 3}
        cells |= {
            "DEFINITION": ["FOREIGN_CITIZEN" if area == "RWA" else "FOREIGN_BORN"] * 3,
            "UNIT_MEASURE": ["PS"] * 3,
        }
        cells["COUNTRY_BIRTH"] = ["FRA", "MEX" if number % 2 else "M49_019", "_T"]
        values = {"OBS_VALUE": [12_345_678.0, None, 23_456_789.0], "OBS_STATUS": ["A", "Q", "A"]}
        said = {
            "name": "National Population and Housing Census, full enumeration",
            "by": "National Bureau of Statistics",
        }
        said |= {
            "kind": "census",
            "population": "de facto",
            "coverage": "everybody present on census night, hotels too",
        }
        metadata = {
            "provenance": {"source": {} if area == "BDI" else said},
            "vintage": "final results, second revision",
        }
        name = f"{area}_CENSUS_2019_HARMONIZED"
        tables[name] = Table(pl.DataFrame({**cells, **values}), stock, metadata)
    return ms.combine(tables)


PAGES = ["en", "ar", "ru", "zh", "combined"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("language", PAGES)
def test_nothing_overflows(browser, folder, language, size, scheme) -> None:
    media = {"media": "print" if size == "paper" else "screen", "scheme": scheme}
    browser.open(folder / f"{language}.html", WIDTHS[size], media)
    browser.picture(folder / f"{language}_{size}_{scheme}.png")

    assert {"scroll": 0, "out": []} == browser.ask(OVERFLOW)


@pytest.fixture(scope="module")
def run_page(folder, root) -> Path:
    """The page of a run of a pack in which hardly anything is verified."""
    example = root / "examples" / "usa_cps_asec_2025"
    run = ms.harmonize(example / "extract" / "pppub25_generated.csv", example)
    ms.write_report(run, folder / "run.html")
    return folder / "run.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS)
def test_the_page_of_a_run_fits(browser, folder, run_page, size, scheme) -> None:
    browser.open(run_page, WIDTHS[size], {"media": "print" if size == "paper" else "screen", "scheme": scheme})
    browser.picture(folder / f"run_{size}_{scheme}.png")

    assert {"scroll": 0, "out": []} == browser.ask(OVERFLOW)


@pytest.fixture(scope="module")
def risk_page(folder, root) -> Path:
    """The page of an anonymization over its limits, with a key set of a long name."""
    import migstat as ms

    example = root / "examples" / "arg_eph"
    run = ms.harmonize(example / "extract" / "usu_individual_generated.txt", example / "mapping.yaml")
    shipped = (root / "schemas/policies/microdata/SCIENTIFIC_USE_PERSON.yaml").read_text(encoding="utf-8")
    text = shipped.replace("individual_risk: 50%", "individual_risk: 0.001%").replace(
        "neighbour:", "neighbours_and_employers:"
    )
    (folder / "policy.yaml").write_text(text, encoding="utf-8")
    ms.write_risk_report(
        ms.anonymize(run, policy=folder / "policy.yaml", key="a secret for the tests only"), folder / "risk.html"
    )
    return folder / "risk.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS)
def test_the_page_of_the_risk_fits_and_can_be_read(browser, folder, risk_page, size, scheme) -> None:
    browser.open(risk_page, WIDTHS[size], {"media": "print" if size == "paper" else "screen", "scheme": scheme})
    browser.picture(folder / f"risk_{size}_{scheme}.png")

    assert {"scroll": 0, "out": []} == browser.ask(OVERFLOW)
    assert [] == browser.ask(CONTRAST)


def test_a_table_is_sorted_within_each_component_by_the_heading_that_is_pressed(browser, folder) -> None:
    browser.open(folder / "en.html", 1280, {"media": "screen", "scheme": "light"})
    ids = "[...document.querySelectorAll('.rules .id')].map((one) => one.textContent).slice(1, 3)"
    press = "document.querySelectorAll('.rules thead button')[2].click()"

    assert ["AGE.RANGE", "AGE.UNKNOWN"] == browser.ask(ids)
    assert None is browser.ask(press)
    assert None is browser.ask(press)
    assert ["AGE.UNKNOWN", "AGE.RANGE"] == browser.ask(ids)
    assert "ascending" == browser.ask("document.querySelector('[aria-sort]').getAttribute('aria-sort')")


CONTRAST = """
(() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!colour.endsWith(", 0)") && colour !== "transparent") return colour;
    }
  };
  const texts = [...document.body.querySelectorAll("*")].filter((element) =>
    element.tagName !== "SCRIPT" && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return texts.map((element) => {
    const [ink, paper] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => b - a);
    return [(ink + 0.05) / (paper + 0.05), element.textContent.trim().slice(0, 40)];
  }).filter(([ratio]) => ratio < 4.5);
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["en", "combined"])
def test_every_text_can_be_read_against_its_ground(browser, folder, page, scheme) -> None:
    browser.open(folder / f"{page}.html", 1280, {"media": "screen", "scheme": scheme})

    assert [] == browser.ask(CONTRAST)

"""Make an extract of a German register that does not exist, with the official key; every record is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path

HERE = Path(__file__).parent
NAME = "register_generated.csv"
MARITAL = ["LD", "VH", "VW", "GS", "EA", "LP", "LV", "LA", "NB", ""]
STATUSES = [
    "FREIZUEGIGKEIT",
    "NIEDERLASSUNG",
    "AE ERWERB",
    "AE AUSBILDUNG",
    "AE FAMILIE",
    "AE FLUECHTLING",
    "AE SUBSIDIAER",
    "AE PARAGRAPH 24",
    "AE SONSTIGE",
    "GESTATTUNG",
    "DULDUNG",
    "KEIN TITEL",
    "",
]


def codes(table: str) -> list[str]:
    """Return the source values of a recode table."""
    with (HERE / "tables" / table).open(encoding="utf-8", newline="") as file:
        return [line["from"] for line in csv.DictReader(file)]


def persons() -> Iterator[dict[str, str]]:
    """Yield two persons for every citizenship and for every kind of none, and three that no rule takes."""
    dice = random.Random(1953)
    citizens, states = codes("staatsangehoerigkeit.csv"), codes("staat.csv")
    births, origins = cycle([*states, "996", "998", "999", ""]), cycle([*states, "996", "998", "999"])
    seconds = cycle([*citizens, "996", "998", "999"])
    for number, citizen in enumerate([*citizens, "996", "998", "999", ""] * 2):
        age = dice.randrange(1, 92)
        here = number % 6 == 0
        entry = date(2021, 12, 31) - timedelta(dice.randrange(10, 365 * min(age, 60)))
        yield {
            "AZR_NR": f"{970000000000 + 37 * number}",
            "NAME": f"Person {number}",
            "GEBURTSJAHR": str(2021 - age) if number % 50 else "",
            "GEBURTSMONAT": f"{1 + number % 12:02}" if number % 40 else "00",
            "ALTER": str(age),
            "GESCHLECHT": dice.choices(["m", "w", "d", "x", ""], [46, 46, 4, 2, 2])[0],
            "FAMILIENSTAND": "LD"
            if age < 18
            else dice.choice(["LD", "VH", "VW", "GS", "EA", "LP", "LV", "LA", "NB", ""]),
            "STAATSANGEHOERIGKEIT": citizen,
            "STAATSANGEHOERIGKEIT_2": next(seconds) if number % 2 else "",
            "GEBURTSSTAAT": "000" if here else next(births),
            "ERSTEINREISE": "" if here else entry.strftime("%d.%m.%Y"),
            "HERKUNFTSSTAAT": "" if here else next(origins),
            "AUFENTHALTSSTATUS": "DEUTSCH" if citizen == "000" else STATUSES[number % len(STATUSES)],
            "LAND": f"{dice.randrange(1, 17):02}",
        }
    plain = {"AZR_NR": "1", "GEBURTSJAHR": "1980", "GEBURTSMONAT": "05", "ALTER": "41", "GESCHLECHT": "w", "LAND": "11"}
    plain |= {"FAMILIENSTAND": "VH", "STAATSANGEHOERIGKEIT": "163", "GEBURTSSTAAT": "163", "ERSTEINREISE": "01.02.2003"}
    yield plain | {"AUFENTHALTSSTATUS": "NIEDERLASSUNG", "GEBURTSSTAAT": "997"}
    yield plain | {"AUFENTHALTSSTATUS": "BLAUE KARTE"}
    yield plain | {"AUFENTHALTSSTATUS": "NIEDERLASSUNG", "ERSTEINREISE": "31.02.2003"}


def extract() -> str:
    """Return the whole file as text, in the order of its columns."""
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        columns = [line["column"] for line in csv.DictReader(file)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(persons())
    return text.getvalue()


def main(folder: Path) -> None:
    """Write the extract."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(extract(), encoding="latin-1", newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")

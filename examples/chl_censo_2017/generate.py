"""Make an extract in the layout of the persons file of 2017; every record is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

HERE = Path(__file__).parent
NAME = "Microdato_Censo2017-Personas_generated.csv"
REGIONS = ["1", "5", "8", "13", "15", "16"]
ODD = [{"P08": "3"}, {"P12": "9"}, {"P12": "8", "P12PAIS": "777"}, {"AREA": "0"}]


def codes() -> list[str]:
    """Return the countries of the recode table."""
    with (HERE / "tables" / "pais.csv").open(encoding="utf-8", newline="") as file:
        return [line["from"] for line in csv.DictReader(file)]


def persons() -> Iterator[dict[str, str]]:
    """Yield persons of every country of birth and of residence in 2012, visitors, and four that no rule takes."""
    dice = random.Random(2017)
    places = codes()
    born, lived = cycle(places), cycle(places[::-1])
    for number in range(800):
        yield person(dice, number, born, lived)
    for number, odd in enumerate(ODD):
        yield person(dice, 900 + number, born, lived) | {"P10": "1"} | odd


def person(dice: random.Random, number: int, born: Iterator[str], lived: Iterator[str]) -> dict[str, str]:
    """Return one person; columns that do not apply hold 98, 998 or 9998, as the file has it."""
    age, region = dice.choice([*range(0, 101)]), dice.choice(REGIONS)
    birth = dice.choices(["1", "2", "3", "4", "5", "6", "7", "8", "98", "99"], [24, 14, 4, 4, 4, 4, 4, 40, 1, 1])[0]
    past = dice.choices(["2", "3", "4", "5", "6", "7", "8", "9", "98", "99"], [24, 14, 3, 3, 3, 3, 3, 45, 1, 1])[0]
    home = dice.choices(["1", "2", "3", "4", "98", "99"], [80, 8, 6, 4, 1, 1])[0]
    if age < 5:
        past = "1"
    comuna, visitors = f"{region}101", cycle(["32"])
    abroad = birth not in ("1", "2", "98", "99")
    year = str(dice.randrange(max(1950, 2017 - age), 2018)) if dice.random() < 0.9 else "9999"
    return {
        "REGION": region,
        "PROVINCIA": f"{region}1",
        "COMUNA": comuna,
        "DC": "1",
        "AREA": dice.choice("1112"),
        "ZC_LOC": str(dice.randrange(1, 40)),
        "ID_ZONA_LOC": str(1000 + number // 40),
        "NVIV": str(number // 3),
        "NHOGAR": "1",
        "PERSONAN": str(1 + number % 3),
        "P07": "1" if number % 3 == 0 else "5",
        "P08": dice.choice("12"),
        "P09": str(age),
        "P10": home,
        "P10COMUNA": "5101" if home == "3" else "98",
        "P10PAIS": "32" if home == "4" else "998",
        "P11": past,
        "P11COMUNA": dice.choice([comuna[:-1] + "7", "8101", "997"]) if past == "3" else "98",
        "P11PAIS": next(lived if home != "4" else visitors) if past == "9" else "998",
        "P12": birth,
        "P12COMUNA": dice.choice(["13101", "8101"]) if birth == "2" else "98",
        "P12PAIS": next(born if home != "4" else visitors) if birth == "8" else "998",
        "P12A_LLEGADA": year if abroad else "9998",
        "P12A_TRAMO": dice.choice("1234") if abroad else "98",
        "P13": "2",
        "P17": "98" if age < 15 else dice.choice(["1", "1", "2", "3", "4", "5", "6", "7", "8", "99"]),
        "REGION_15R": "8" if region == "16" else region,
    }


def extract() -> str:
    """Return the whole file as text, in the order of its columns."""
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        columns = [line["column"] for line in csv.DictReader(file)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="98", delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(persons())
    return text.getvalue()


def main(folder: Path) -> None:
    """Write the extract."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(extract(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")

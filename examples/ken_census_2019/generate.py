"""Make an extract in the layout of the template; every record is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

HERE = Path(__file__).parent
NAME = "ken_census_2019_generated.csv"
SIZE = 640
ODD = [{"P11": "4"}, {"P19": "701"}, {"P16": "Ugandan"}, {"P12": "unknown"}]


def codes(table: str) -> list[str]:
    """Return the codes of a recode table."""
    with (HERE / "tables" / table).open(encoding="utf-8", newline="") as file:
        return [line["from"] for line in csv.DictReader(file)]


def persons() -> Iterator[dict[str, str]]:
    """Yield persons of every place of birth, and four at the end whom no rule takes."""
    dice = random.Random(47)
    places, nations, reasons = cycle(codes("place.csv")), cycle(codes("nationality.csv")), cycle(codes("reason.csv"))
    lived = cycle(codes("place.csv")[::-1])
    for number in range(SIZE):
        nation = next(nations) if number % 3 else ("" if number % 60 == 0 else "KENYAN")
        yield person(dice, number) | moved(dice, next(places), nation, next(lived), next(reasons))
    for number, odd in enumerate(ODD):
        yield person(dice, SIZE + number) | {"P12": "30", "P16": "KENYAN", "P18": "1", "P19": "22", "P20": "22"} | odd


def person(dice: random.Random, number: int) -> dict[str, str]:
    """Return where a person was counted, and what is asked of everybody."""
    age, line = dice.choice([*range(0, 90)]), 1 + number % 4
    return {
        "COUNTY": str(1 + number // 11 % 47),
        "SUBCOUNTY": str(1 + number % 5),
        "EA": str(100 + number // 40),
        "EA_TYPE": dice.choice("RU"),
        "HH": str(1 + number // 4),
        "LINE": str(line),
        "NAME": f"INVENTED {number}",
        "P10": "1" if line == 1 else dice.choice(["2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "99"]),
        "P11": "3" if number % 90 == 89 else dice.choice("12"),
        "P12": str(age),
        "P13M": str(dice.randrange(1, 13)),
        "P13Y": str(2019 - age),
        "P14": dice.choice(["00", "1", "2", ""]),
        "P15": dice.choice("1112"),
        "P17": dice.choice("1237"),
        "P18": "" if age < 12 else dice.choice("1234569"),
    }


def moved(dice: random.Random, place: str, nation: str, lived: str, reason: str) -> dict[str, str]:
    """Return the answers on birth, nationality and the last move; one in thirty is not known or left out."""
    year = str(dice.randrange(1990, 2020))
    return {
        "P16": nation,
        "P19": place if dice.random() < 0.97 else dice.choice(["DK", ""]),
        "P20": lived if dice.random() < 0.97 else dice.choice(["DK", ""]),
        "P21": str(dice.randrange(1, 13)),
        "P22": year,
        "P23": dice.choice([reason, reason, reason, "DK"]),
    } | ({} if dice.random() < 0.8 else {"P21": "", "P22": "", "P23": ""})


def extract() -> str:
    """Return the whole file as text, in the order of its columns."""
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        columns = [line["column"] for line in csv.DictReader(file)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(persons())
    return text.getvalue()


def main(folder: Path) -> None:
    """Write the extract."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(extract(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")

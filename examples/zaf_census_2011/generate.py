"""Make an extract in the layout of the sample of 2011; every record is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
NAME = "sa-census-2011-person_generated.csv"
SIZE = 400
ODD = [{"F03_SEX": "3"}, {"P07_PROV_POB": "12"}, {"P09_CITIZENSHIP": "3"}, {"P_GEOTYPE": "4"}]


def persons() -> Iterator[dict[str, str]]:
    """Yield persons of every kind, visitors from abroad among them, and four at the end whom no rule takes."""
    dice = random.Random(2011)
    for number in range(SIZE):
        yield person(dice, number) | moved(dice)
    for number, odd in enumerate(ODD):
        yield person(dice, SIZE + number) | odd


def person(dice: random.Random, number: int) -> dict[str, str]:
    """Return who was counted where, and born in South Africa, at home and in one place since 2001."""
    age = dice.choice([*range(0, 95)])
    province, district = 1 + number % 9, 101 + number % 50
    return {
        "QN_TYPE": "1",
        "SN": str(100001 + number // 4),
        "F00_NR": str(1 + number % 4),
        "F02_AGE": str(age),
        "F03_SEX": dice.choice("12"),
        "P01_YEAR": str(2011 - age),
        "P02_RELATION": "1" if number % 4 == 0 else dice.choice(["2", "3", "12"]),
        "P05_POP_GROUP": dice.choice("11112345"),
        "P07_PROV_POB": str(province),
        "P09_CITIZENSHIP": "1",
        "P10_USUALRES": "1",
        "P11_SINCE2001": "3" if age < 10 else "1",
        "P11B_PREVRESPROV": "99",
        "P_GEOTYPE": dice.choice("1123"),
        "P_PROVINCE": str(province),
        "P_DISTRICT": str(district),
        "P_MUNIC": str(district),
        "PERSON_10PER_WGT": f"{dice.uniform(8, 14):.6f}",
    }


def moved(dice: random.Random) -> dict[str, str]:
    """Return other answers for most: born elsewhere, of another country, moved since 2001, a visitor, or not told."""
    changes: dict[str, str] = {}
    if dice.random() < 0.5:
        changes["P07_PROV_POB"] = dice.choice(["1", "2", "5", "7", "9", "10", "10", "10", "11", "99", ""])
    if changes.get("P07_PROV_POB") == "10":
        changes["P08A_YEARMOVED"] = dice.choice(["", "9999", "1998", "2003", "2008", "2010", "2011"])
        changes["P09_CITIZENSHIP"] = dice.choice(["1", "2", "2", "9", ""])
    if dice.random() < 0.4:
        changes["P11_SINCE2001"] = "2"
        changes["P11A_RESMONTHMOVED"] = str(dice.randrange(1, 13))
        changes["P11A_RESYEARMOVED"] = str(dice.randrange(2002, 2012))
        changes["P11B_PREVRESPROV"] = dice.choice(["1", "3", "4", "6", "8", "10", "10", "11", "99", ""])
    if dice.random() < 0.06:
        changes["P10_USUALRES"] = "2"
        changes["P10A_USUALRESPROV"] = dice.choice(["2", "5", "10", "10", "11"])
    return changes


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

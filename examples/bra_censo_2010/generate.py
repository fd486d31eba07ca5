"""Make an extract in the layout of the person records of the sample, fixed width; every record is invented."""

import csv
import random
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

HERE = Path(__file__).parent
NAME = "amostra_pessoas_generated.txt"
UNITS = {"29": "2927408", "31": "3106200", "33": "3304557", "35": "3550308", "41": "4106902", "53": "5300108"}
"""Federal units, each with its capital."""
UNKNOWN = ["8000998", "8000999"]
NATIVES = 260


def codes(table: str) -> list[str]:
    """Return the source values of a recode table."""
    with (HERE / "tables" / table).open(encoding="utf-8", newline="") as file:
        return [line["from"] for line in csv.DictReader(file)]


def persons() -> Iterator[dict[str, str]]:
    """Yield one person born in every country, natives, and four records that no rule takes."""
    dice = random.Random(1872)
    places = [*codes("pais.csv"), *UNKNOWN]
    before, five = cycle(places[::-1]), cycle(places[7:] + places[:7])
    for number, place in enumerate([*places, *[""] * NATIVES]):
        person = resident(dice, number) | (abroad(dice, place) if place else native(dice))
        age = int(person["V6036"])
        years = number % 6 if place else dice.randrange(0, min(age, 20) + 1)
        if place:
            person["V6036"] = f"{max(age, 5):3}"
        if person["V0618"] != "1":
            person["V0624"] = f"{years:3}"
            if years < 10:
                person |= previous(dice, "V625", person, next(before) if place else "")
            if years < 6 and int(person["V6036"]) >= 5:
                person |= previous(dice, "V626", person, next(five) if place else "")
        yield person
    for number, odd in enumerate([{"V0601": "3"}, {"V6224": "8000890"}, {"V0620": "9"}, {"V0624": "  2"}]):
        person = resident(dice, 900 + number) | abroad(dice, "8000032") | {"V0624": " 40", "V6036": " 45"}
        yield person | odd


def resident(dice: random.Random, number: int) -> dict[str, str]:
    """Return what every record has: place, household, weight, sex and age."""
    unit = dice.choice(list(UNITS))
    return {
        "V0001": unit,
        "V0002": UNITS[unit][2:] if dice.random() < 0.6 else f"{dice.randrange(100, 6000):05}",
        "V0011": f"{unit}{dice.randrange(10**10):010}0",
        "V0300": f"{1000 + number // 3:08}",
        "V0010": f"{dice.randrange(4 * 10**6, 25 * 10**6):09}0000000",
        "V1001": {"2": "2", "3": "3", "4": "4", "5": "5"}[unit[0]],
        "V1006": dice.choice("1112"),
        "V0502": "01" if number % 3 == 0 else "02",
        "V0504": f"{1 + number % 3:02}",
        "V0601": dice.choice("12"),
        "V6036": f"{dice.randrange(0, 95):3}",
        "V6040": "1",
    }


def abroad(dice: random.Random, place: str) -> dict[str, str]:
    """Return the answers of a person born abroad: Brazilian by birth, naturalised, or a foreigner."""
    nationality = dice.choice("1233")
    year = "" if nationality == "1" else str(dice.randrange(1950, 2011))
    return {"V0618": "3", "V0619": "3", "V0620": nationality, "V0621": year, "V0622": "2", "V6224": place}


def native(dice: random.Random) -> dict[str, str]:
    """Return the answers of a person born in this municipality, in this federal unit, or in another."""
    born = dice.choice(["1", "1", "2", "3"])
    if born != "3":
        return {"V0618": born}
    unit = dice.choice(["1", "2", "3"])
    if unit != "3":
        return {"V0618": "3", "V0619": unit}
    return {
        "V0618": "3",
        "V0619": "3",
        "V0620": "1",
        "V0622": "1",
        "V6222": dice.choice(["2900000", "3300000", "9900000"]),
    }


def previous(dice: random.Random, stem: str, person: dict[str, str], country: str) -> dict[str, str]:
    """Return where a person lived before, or on 31 July 2005: a country, or a place in Brazil, known or not."""
    if country:
        return {f"V0{stem[1:]}": "2", f"{stem}6": country}
    here = person["V0001"]
    unit = dice.choice([here, here, *UNITS, "99"])
    towns = ["9999999"] if unit == "99" else [UNITS[unit], f"{unit}00203", "9999999"]
    town = dice.choice([*towns, f"{here}{person['V0002']}"] if unit == here else towns)
    return {f"V0{stem[1:]}": "1", f"{stem}2": f"{unit}00000", f"{stem}4": town}


def extract() -> str:
    """Return the whole file as text, every column at its place."""
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        layout = [(line["column"], int(line["width"])) for line in csv.DictReader(file)]
    lines = ("".join(person.get(name, "").ljust(width) for name, width in layout) for person in persons())
    return "".join(f"{line}\n" for line in lines)


def main(folder: Path) -> None:
    """Write the extract."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(extract(), encoding="latin-1", newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")

"""Make an extract in the layout of the EU-LFS yearly files: two in groups, two by country; every record is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

HERE = Path(__file__).parent
NAME = "eu_lfs_generated.csv"
GROUPED = [("AT", "2023"), ("IT", "2021")]
NAMED = [("EL", "2022"), ("LV", "2022")]
BORN = [
    "AL", "AR", "BD", "BG", "BR", "BY", "CD", "CH", "CN", "DE", "EL", "ER", "ET", "FR", "IN", "IQ", "IR", "MA", "ME",
    "NG", "PH", "PK", "RO", "RS", "RU", "SN", "SO", "SY", "TN", "TR", "UA", "UK", "US", "VN", "XK",
]  # fmt: skip
PLACES = ("COUNTRYB", "CITIZENSHIP", "COBFATH", "COBMOTH", "COUNTRPR")
YEARS = ["Y10-14", "Y15-19", "Y20-24", "Y25-29", "Y45-49"]


def listed(name: str) -> list[str]:
    """Return the values of a recode table."""
    with (HERE / "tables" / name).open(encoding="utf-8", newline="") as file:
        return [line["from"] for line in csv.DictReader(file)]


def persons() -> Iterator[dict[str, str]]:
    """Yield the persons of each file; at the end four that no rule covers."""
    dice = random.Random(2019)
    groups = {column: cycle(listed("group.csv")) for column in PLACES}
    named = {column: cycle(BORN) for column in PLACES}
    reasons = cycle(listed("migreas.csv"))
    ages = cycle(listed("age_grp.csv"))
    for country, year in GROUPED + NAMED:
        in_groups = (country, year) in GROUPED
        for number in range(150):
            row = person(dice, country, groups if in_groups else named, reasons, in_groups)
            if in_groups and number % 3 == 0:
                row |= {"AGE": "", "AGE_GRP": next(ages)}
            yield head(country, year, number) | row
    wrong = [{"COUNTRYB": "ZZ"}, {"YEARESID": "9"}, {"MIGREAS": "8"}, {"CITIZENSHIP": "MARTIAN"}]
    for number, fault in enumerate(wrong, 900):
        row = {
            "SEX": "2",
            "AGE": "40",
            "CITIZENSHIP": "NAT",
            "COUNTRYB": "AFR_N",
            "COBFATH": "AFR_N",
            "COBMOTH": "AFR_N",
        }
        row |= {"YEARESID": "Y3", "COUNTRPR": "AFR_N", "MIGREAS": "3", "ILOSTAT": "1", "HATLEVEL": "303"}
        yield head("AT", "2023", number) | row | fault


def head(country: str, year: str, number: int) -> dict[str, str]:
    """Return the technical columns of a row."""
    return {
        "REFYEAR": year,
        "REFWEEK": str(1 + number % 52),
        "COUNTRY": country,
        "REGION_2D": f"{country}{11 + number % 3}" if number % 20 else "",
        "DEGURBA": ["1", "2", "3", "1", "2", "3", "9", ""][number % 8],
        "QHHNUM": f"{number // 3:06}",
        "HHNUM": f"{number // 3:06}",
        "HHSEQNUM": f"{1 + number % 3:02}",
        "COEFFY": f"{0.1 + number % 17 / 20:.4f}",
    }


def person(
    dice: random.Random, country: str, places: dict[str, Iterator[str]], reasons: Iterator[str], in_groups: bool
) -> dict[str, str]:
    """Return one person, with places in groups or by country."""
    own = "NAT" if in_groups else country
    age = dice.randrange(100)
    adult = 15 <= age <= 74
    abroad = dice.random() < 0.45
    silent = dice.choice(["", "9", "NO ANSWER"])
    stay = dice.randrange(min(age, 45) + 1)
    place = next(places["COUNTRYB"]) if abroad else own if dice.random() > 0.04 else silent
    foreign = drawn(dice, places["CITIZENSHIP"], "STLS", "RNC" if country == "LV" else "STLS", own, silent)
    silence = dice.choice(["", "NO ANSWER"])
    father, mother = (drawn(dice, places[column], own, silence) if adult else "9" for column in ("COBFATH", "COBMOTH"))
    before = drawn(dice, places["COUNTRPR"], own, silence, "9") if abroad else ""
    stayed = f"{stay:02}" if not in_groups else f"Y{stay}" if stay < 10 else YEARS[min(stay // 5 - 2, 4)]
    asked = ["", "", "9", "999"] if place == own else [""]
    return {
        "SEX": dice.choices(["1", "2", ""], [49, 49, 2])[0],
        "AGE": str(age),
        "CITIZENSHIP": foreign if abroad else own,
        "COUNTRYB": place,
        "COBFATH": father,
        "COBMOTH": mother,
        "YEARESID": dice.choices([stayed, ""], [19, 1])[0] if abroad else dice.choice(asked),
        "COUNTRPR": before,
        "MIGREAS": (next(reasons) if adult else "9") if abroad and dice.random() > 0.05 else "",
        "ILOSTAT": dice.choice(["1", "1", "2", "3", "4", ""]) if 15 <= age <= 89 else "9",
        "HATLEVEL": dice.choice(["000", "100", "200", "303", "400", "540", "600", "700", "800", ""])
        if adult
        else "999",
    }


def drawn(dice: random.Random, places: Iterator[str], *others: str) -> str:
    """Return the next place, or something else in half of all cases."""
    return next(places) if dice.random() < 0.5 else dice.choice(others)


def extract() -> str:
    """Return the whole file as text."""
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        columns = [line["column"] for line in csv.DictReader(file)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(persons())
    return text.getvalue()


def main(folder: Path) -> None:
    """Write the extract."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(extract(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")

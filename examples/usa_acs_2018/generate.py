"""Make an extract in the layout of the ACS 2018 person file; every record is invented."""

import csv
import io
import random
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
MEMBER = "psam_p00.csv"
NATIVES = 420
YEARS = [1929, 1930, 1935, 1939, 1941, 1943, *range(1945, 2019)]
MOVED = ["1"] * 85 + ["3"] * 12 + ["2"] * 3


def codes(table: str) -> list[str]:
    """Return the source values of a recode table."""
    with (HERE / "tables" / table).open(encoding="utf-8", newline="") as file:
        return [line["from"] for line in csv.DictReader(file)]


def world_area(place: int) -> str:
    """Return the Bureau's world area of a place of birth, by the ranges of its dictionary."""
    if place < 60:
        return "1"
    if place == 60 or place >= 500:
        return "8"
    if place < 100:
        return "2"
    if place == 303 or 310 <= place <= 399:
        return "3"
    if place in (158, 159, 161) or 200 <= place <= 299:
        return "4"
    if place < 200:
        return "5"
    return "6" if place >= 400 else "7"


def persons() -> Iterator[dict[str, str]]:
    """Yield one person for every code of the birthplace list, and some born in the State besides."""
    dice = random.Random(2018)
    places = codes("pobp.csv") + ["056"] * NATIVES
    movers = codes("migsp.csv")
    abroad = iter(code for code in movers if int(code) > 72)
    home = [code for code in movers if int(code) <= 72]
    dice.shuffle(places)
    household, order = 0, 20
    for place in places:
        order += 1
        if order > dice.choice([1, 2, 3, 4, 5]):
            household, order = household + 1, 1
        age = min(int(dice.random() * 92), 90)
        age = 93 if age == 90 else age
        if int(place) < 60:
            citizenship = "1"
        elif int(place) <= 78:
            citizenship = "2"
        else:
            citizenship = dice.choices(["3", "4", "5"], [15, 40, 45])[0]
        born = 2018 - age
        entry = naturalized = ""
        if citizenship != "1":
            entry = str(dice.choice([year for year in YEARS if year >= min(born, 2018)] or [2018]))
        if citizenship == "4":
            naturalized = str(dice.choice([year for year in YEARS if year >= max(1945, int(entry))]))
        moved = dice.choice(MOVED) if age else ""
        before = ""
        if moved == "2":
            before = next(abroad, "303")
        elif moved == "3":
            before = dice.choice(home)
        weight = 5 + int(dice.expovariate(1 / 80))
        person = {
            "RT": "P",
            "SERIALNO": f"2018HU{household:07}",
            "DIVISION": "8",
            "SPORDER": f"{order:02}",
            "PUMA": dice.choice(["00100", "00200", "00300"]),
            "REGION": "4",
            "ST": "56",
            "ADJINC": "1013097",
            "PWGTP": str(weight),
            "AGEP": f"{age:02}",
            "SEX": dice.choice("12"),
            "CIT": citizenship,
            "CITWP": naturalized,
            "YOEP": entry,
            "DECADE": "" if not entry else str(min(8, max(1, (int(entry) - 1930) // 10))),
            "MAR": "5" if age < 15 else dice.choice("1125"),
            "MIG": moved,
            "MIGSP": before,
            "NATIVITY": "1" if citizenship in "123" else "2",
            "POBP": place,
            "WAOB": world_area(int(place)),
            "RELP": f"{min(order - 1, 2):02}",
            "SCHL": "" if age < 3 else f"{dice.choice(range(1, 25)):02}",
            "ESR": "" if age < 16 else dice.choice("11136"),
        }
        for replicate in range(1, 81):
            person[f"PWGTP{replicate}"] = str(round(weight * dice.choice([0.3, 1.0, 1.0, 1.7])))
        yield person


def extract() -> str:
    """Return the whole file as text, in the true order of its columns."""
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        columns = [line["column"] for line in csv.DictReader(file)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for person in persons():
        flags = {name: "0" for name in columns if name.startswith("F") and name.endswith("P") and name != "FER"}
        writer.writerow(flags | person)
    return text.getvalue()


def main(folder: Path) -> None:
    """Write the extract."""
    folder.mkdir(parents=True, exist_ok=True)
    member = zipfile.ZipInfo(MEMBER, (2019, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(folder / "csv_p00.zip", "w") as archive:
        archive.writestr(member, extract())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")

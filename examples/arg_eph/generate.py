"""Make an extract in the layout of the EPH individual file, three eras in one; every record is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
NAME = "usu_individual_generated.txt"
ERAS = [("2010", "1", 250), ("2016", "3", 120), ("2019", "1", 250), ("2023", "4", 280)]
BORDERING = ["202", "203", "208", "221", "225"]
PROVINCES = [*range(6, 95, 4), 2]
LETTERS = {"202": "bol", "221": "PAR", "222": "Per", "203": "bra"}
AREAS = [str(area) for area in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 17, 20, 23, 29, 32, 33)]


def persons() -> Iterator[dict[str, str]]:
    """Yield the persons of each era; at the end two whose country code is in no list."""
    dice = random.Random(2003)
    with (HERE / "tables" / "country.csv").open(encoding="utf-8", newline="") as file:
        listed = [line["from"] for line in csv.DictReader(file)]
    far = iter([code for code in listed if code not in BORDERING])
    for year, quarter, count in ERAS:
        for number in range(count):
            yield person(dice, year, quarter, number, far)
    for number, code in enumerate(("777", "888"), 1):
        odd = person(dice, "2023", "4", 900 + number, far)
        yield odd | {"CH06": "40", "CH15": "5", "CH15_COD": code, "CH16": "1", "CH16_COD": ""}


def person(dice: random.Random, year: str, quarter: str, number: int, far: Iterator[str]) -> dict[str, str]:
    """Return one person as that quarter would write them."""
    age = dice.choice([-1, *range(1, 99)])
    born = dice.choices("123459", [60, 10, 14, 8, 7, 1])[0]
    lived = "6" if age < 5 else dice.choices("1234590", [88, 2, 3, 2, 3, 1, 1])[0]
    dwelling = f"  {270000 + number}" if year < "2016" else f"TQRMN{number:05}HKGEOCDEFKID00{int(year) * 10 + 4:05}"
    date = ""
    if year >= "2016":
        known = dice.random() > 0.08
        date = f"{1 + number % 28:02}/{1 + number % 12:02}/{int(year) - max(age, 0) - 1}" if known else "01/01/1900"
    return {
        "CODUSU": dwelling,
        "ANO4": year,
        "TRIMESTRE": quarter,
        "NRO_HOGAR": "1",
        "COMPONENTE": str(1 + number % 4),
        "H15": "1" if age >= 10 else "0",
        "REGION": dice.choice(["1", "40", "41", "42", "43", "44"]),
        "MAS_500": dice.choice("SN"),
        "AGLOMERADO": dice.choice(AREAS),
        "PONDERA": str(20 + int(dice.expovariate(1 / 400))),
        "CH03": str(1 + number % 4),
        "CH04": dice.choice("12"),
        "CH05": date,
        "CH06": str(age),
        "CH07": "5" if age < 14 else dice.choice("12345"),
        "CH15": born,
        "CH15_COD": place(dice, year, born, far),
        "CH16": lived,
        "CH16_COD": place(dice, year, lived, far),
        "NIVEL_ED": dice.choice("1234567"),
        "ESTADO": "4" if age < 10 else dice.choice("1123"),
        "IPCF": f"{dice.randrange(100000)},{dice.randrange(100):02}",
    }


def place(dice: random.Random, year: str, where: str, far: Iterator[str]) -> str:
    """Return a province, or a country, as the files of that year write it."""
    if where == "3":
        return "tuc" if year == "2016" else str(dice.choice(PROVINCES))
    if where not in "45":
        return ""
    code = dice.choice(BORDERING) if where == "4" else next(far, "417")
    return LETTERS.get(code, "otr") if year == "2016" else code


def extract() -> str:
    """Return the whole file as text, in the true order of its columns."""
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

"""Make an extract in the layout of the Padrón file, fixed width; every record is invented."""

import csv
import random
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

HERE = Path(__file__).parent
NAME = "padron_generated.txt"
NATIVES = 260
PROVINCES = [f"{number:02}" for number in range(1, 53)]


def codes(table: str) -> list[str]:
    """Return the source values of a recode table."""
    with (HERE / "tables" / table).open(encoding="utf-8", newline="") as file:
        return [line["from"] for line in csv.DictReader(file)]


def persons() -> Iterator[dict[str, str]]:
    """Yield one person for every country of birth, naturalised ones, natives, and four records that no rule takes."""
    dice = random.Random(1996)
    citizens, births = cycle(codes("nacionalidad.csv")), codes("pais_nacimiento.csv")
    for number, place in enumerate([*births, *births[::4], *[""] * NATIVES, "53", "53"]):
        home, size = dice.choice(PROVINCES), dice.choice(["00", "05", "07", "10", "14"])
        born = "66" if place else dice.choice([home, home, *PROVINCES])
        if place == "53":
            born, place = "53", ""
        foreign = number < len(births) or (born == home and dice.random() < 0.2)
        yield {
            "CPRO": home,
            "CMUN": f"{dice.randrange(1, 300):03}" if size in ("00", "10", "14") else "",
            "SEXO": dice.choice("16"),
            "CPRON": born,
            "CMUNN": place,
            "NACI": next(citizens) if foreign else "108",
            "EDAD": f"{dice.randrange(100):03}" if dice.random() > 0.01 else "999",
            "TAMU": size,
            "TAMUN": born if born in ("66", "53") else size,
        }
    plain = {"CPRO": "28", "CMUN": "079", "SEXO": "1", "CPRON": "28", "NACI": "108", "EDAD": "040", "TAMU": "00"}
    yield plain | {"SEXO": "2", "TAMUN": "00"}
    yield plain | {"CPRON": "66", "CMUNN": "777", "TAMUN": "66"}
    yield plain | {"CPRON": "66", "TAMUN": "66"}
    yield plain | {"NACI": "000", "TAMUN": "00"}


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

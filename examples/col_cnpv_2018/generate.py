"""Make an extract in the layout of the whole person file; every record is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

HERE = Path(__file__).parent
NAME = "cnpv2018_personas_generated.csv"
DEPARTMENTS = ["05", "08", "11", "13", "25", "44", "54", "76", "81", "88"]
NOT_WRITTEN = ["", "0", "998", "999"]


def countries() -> list[str]:
    """Return the ISO numbers of the recode table as the file writes them, without zeros in front."""
    with (HERE / "tables" / "pais.csv").open(encoding="utf-8", newline="") as file:
        return [line["from"].lstrip("0") or "0" for line in csv.DictReader(file)]


def persons() -> Iterator[dict[str, str]]:
    """Yield persons born and living before in every country, and five that no rule takes."""
    dice = random.Random(2018)
    places = countries()
    born, five, one = cycle(places), cycle(places[::-1]), cycle(places[100:] + places[:100])
    for number in range(720):
        yield person(dice, number, born, five, one)
    for number, odd in enumerate([{"P_SEXO": "3"}, {"PA_LUG_NAC": "4"}, {"PA_VIVIA_5ANOS": "7"}, {"UA_CLASE": "4"}]):
        yield person(dice, 900 + number, born, five, one) | odd
    yield person(dice, 910, born, five, one) | {"PA_LUG_NAC": "3", "PA3_PAIS_NAC": "777"}


def person(
    dice: random.Random, number: int, born: Iterator[str], five: Iterator[str], one: Iterator[str]
) -> dict[str, str]:
    """Return one person; countries are taken in turn, so that each code is met."""
    age = dice.choice([0, *range(0, 104)])
    department = dice.choice(DEPARTMENTS)
    birthplace = dice.choices("1239", [30, 20, 48, 2])[0]
    past = "1" if age < 5 else dice.choices(["2", "3", "4", "9", ""], [35, 15, 45, 3, 2])[0]
    last = "1" if age < 1 else dice.choices(["2", "3", "4", "9", ""], [40, 10, 45, 3, 2])[0]
    found = {
        "TIPO_REG": "5",
        "U_DPTO": department,
        "U_MPIO": f"{dice.randrange(1, 200):03}",
        "UA_CLASE": dice.choice("1123"),
        "COD_ENCUESTAS": str(5000000 + number // 3),
        "U_VIVIENDA": "1",
        "P_NROHOG": "1",
        "P_NRO_PER": str(1 + number % 3),
        "P_SEXO": dice.choice("12"),
        "P_EDAD": str(age),
        "P_PARENTESCOR": "1" if number % 3 == 0 else dice.choice("23"),
        "PA1_GRP_ETNIC": dice.choice("1666"),
        "PA_LUG_NAC": birthplace,
        "PA_VIVIA_5ANOS": past,
        "PA_VIVIA_1ANO": last,
        "P_ALFABETA": "" if age < 5 else "1",
    }
    if birthplace == "2":
        found |= {"PA1_DPTO_NAC": dice.choice(DEPARTMENTS), "PA2_MPIO_NAC": "001"}
    if birthplace == "3":
        year = dice.choice(["", "9999", *(str(2018 - years) for years in range(0, age + 1))])
        found |= {"PA3_PAIS_NAC": written(dice, born), "PA31_ANO_LLEGO": year}
    for answer, years, end, turn in ((past, "5ANOS", "5ANO", five), (last, "1ANO", "1ANO", one)):
        if answer == "3":
            place = dice.choice([department, "", *DEPARTMENTS])
            found |= {f"PA1_DPTO_{years}": place, f"PA2_MPIO_{years}": "001" if place else ""}
        if answer == "4":
            found[f"PA3_PAIS_{end}"] = written(dice, turn)
    return found


def written(dice: random.Random, countries: Iterator[str]) -> str:
    """Return the next country, or what stands there where none was written down."""
    return next(countries) if dice.random() < 0.95 else dice.choice(NOT_WRITTEN)


def extract() -> str:
    """Return the whole file as text, in the order of its columns."""
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

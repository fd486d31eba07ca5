"""Make an extract in the layout of the census sample SN 9154; every record is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

HERE = Path(__file__).parent
NAME = "safeguarded_reg_generated.csv"
REGIONS = [f"E1200000{number}" for number in range(1, 10)] + ["W92000004"]


def listed(name: str) -> list[str]:
    """Return the values of a recode table."""
    with (HERE / "tables" / name).open(encoding="utf-8", newline="") as file:
        return [line["from"] for line in csv.DictReader(file)]


def persons() -> Iterator[dict[str, str]]:
    """Yield the persons; at the end three that no rule covers."""
    dice = random.Random(1801)
    births, passports = cycle(listed("country_of_birth_25a.csv")), cycle(listed("passports_all_27a.csv"))
    for number in range(1, 401):
        yield person(dice, number, births, passports)
    plain = {"region": "E12000007", "usual_short_student": "1", "sex": "1", "resident_age_74m": "30"}
    plain |= {"country_of_birth_25a": "1", "passports_all_27a": "1", "year_arrival_uk": "1", "migrant_ind": "0"}
    for number, fault in enumerate(({"country_of_birth_25a": "25"}, {"sex": "3"}, {"passports_all_27a": "0"}), 901):
        yield plain | {"resident_id_m": str(number)} | fault


def person(dice: random.Random, number: int, births: Iterator[str], passports: Iterator[str]) -> dict[str, str]:
    """Return one person; students away from home have no code in most columns."""
    base = dice.choices("123", [92, 6, 2])[0]
    row = {
        "resident_id_m": str(number),
        "region": dice.choice(REGIONS),
        "residence_type": dice.choices("12", [97, 3])[0],
        "usual_short_student": base,
        "sex": dice.choice("12"),
        "resident_age_74m": str(dice.randrange(74)),
    }
    if base == "2":
        return row | dict.fromkeys(MOST, "-8")
    born = next(births) if dice.random() < 0.5 else "1"
    arrival = "1" if born == "1" else "-8" if born == "-8" else str(dice.randrange(2, 13))
    return row | {
        "country_of_birth_25a": born,
        "passports_all_27a": next(passports) if dice.random() < 0.5 else dice.choice(["1", "1", "26"]),
        "year_arrival_uk": arrival,
        "migrant_ind": dice.choices(["0", "1", "2", "3", "-8"], [70, 4, 14, 10, 2])[0],
        "migrant_origin_country_7m": "-8",
    }


MOST = ("country_of_birth_25a", "passports_all_27a", "year_arrival_uk", "migrant_ind", "migrant_origin_country_7m")


def extract() -> str:
    """Return the whole file as text; what the mapping does not read is filled with -8."""
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        columns = [line["column"] for line in csv.DictReader(file)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="-8", lineterminator="\n")
    writer.writeheader()
    writer.writerows(persons())
    return text.getvalue()


def main(folder: Path) -> None:
    """Write the extract."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(extract(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")

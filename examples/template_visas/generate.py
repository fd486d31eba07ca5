"""Make an extract of a register of visas that does not exist; every record is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent

NAME, DELIMITER, ENCODING = "visas_generated.csv", ";", "latin-1"
MONTHS = ["ENE", "FEB", "MAR", "ABR", "MAYO", "JUN", "JUL", "AGO", "SEPT.", "OCT", "NOV", "DIC"]


def rows() -> Iterator[dict[str, str]]:
    """Yield visas; some people have two, and write their passport otherwise the second time."""
    dice = random.Random(57)
    for number in range(200):
        person = random.Random(number // 2 if number % 4 < 2 else number)
        born = date(1930 + person.randrange(75), 1 + person.randrange(12), 1 + person.randrange(28))
        issued = date(2023, 1, 1) + timedelta(dice.randrange(360))
        ends = issued + timedelta(dice.choice([90, 365, 1095]))
        passport = f"AX{100000 + person.randrange(900000)}"
        yield {
            "EXPEDIENTE": str(8000 + number),
            "ESTADO": dice.choices(["OTORGADA", "NEGADA"], [9, 1])[0],
            "NOMBRE": f"Persona Nº {number}",
            "PASAPORTE": ""
            if number % 67 == 66
            else f"{passport[:2].lower()}-{passport[2:]}"
            if number % 2
            else passport,
            "NACIMIENTO": f"{born:%d/%m/%y}",
            "CLASE": dice.choice("VVMRT"),
            "SOLICITUD": f"{issued - timedelta(9)} {dice.randrange(24):02}:{dice.randrange(60):02}:00+00:00",
            "EXPEDICION": f"{issued.day:02}-{MONTHS[issued.month - 1]}-{issued.year}",
            "DESDE": f"{issued:%Y%j}",
            "HASTA": "INDEFINIDA" if number % 40 == 7 else f"{ends.day}/{ends.month}/{ends.year}",
            "SEXO": dice.choice("1129"),
            "NACIONALIDAD": dice.choice(["VEN", "USA", "ECU", "PER", "DEU"]),
        }


def extract() -> str:
    """Return the whole file as text, in the order of its columns."""
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        columns = [line["column"] for line in csv.DictReader(file)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", delimiter=DELIMITER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return text.getvalue()


def main(folder: Path) -> None:
    """Write the extract."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(extract(), encoding=ENCODING, newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")

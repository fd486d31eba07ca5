"""Make an extract in the layout of the person files for download; every record is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
NAME = "CNPV2018_5PER_A2_00_generated.CSV"
ODD = [{"P_SEXO": "3"}, {"PA_LUG_NAC": "4"}, {"PA_VIVIA_5ANOS": "7"}, {"UA_CLASE": "4"}, {"P_EDADR": "22"}]


def persons() -> Iterator[dict[str, str]]:
    """Yield persons of every age group, and at the end five that no rule takes."""
    dice = random.Random(2018)
    for number in range(320):
        yield person(dice, number)
    for number, odd in enumerate(ODD):
        yield person(dice, 900 + number) | odd


def person(dice: random.Random, number: int) -> dict[str, str]:
    """Return one person as the file for download writes them."""
    group = 1 + number % 21
    past = "1" if group == 1 else dice.choices(["2", "3", "4", "9", ""], [60, 15, 20, 3, 2])[0]
    last = dice.choices(["1" if group == 1 else "2", "2", "3", "4", "9", ""], [20, 50, 10, 15, 3, 2])[0]
    return {
        "TIPO_REG": "5",
        "U_DPTO": dice.choice(["05", "08", "11", "44", "54", "76", "81"]),
        "U_MPIO": f"{dice.randrange(1, 200):03}",
        "UA_CLASE": dice.choice("1123"),
        "U_EDIFICA": str(dice.randrange(1, 60)),
        "COD_ENCUESTAS": str(5000000 + number // 3),
        "U_VIVIENDA": "1",
        "P_NROHOG": "1",
        "P_NRO_PER": str(1 + number % 3),
        "P_SEXO": dice.choice("12"),
        "P_EDADR": str(group),
        "P_PARENTESCOR": "1" if number % 3 == 0 else dice.choice("23"),
        "PA1_GRP_ETNIC": dice.choice("1666"),
        "PA_LUG_NAC": dice.choices("1239", [40, 30, 28, 2])[0],
        "PA_VIVIA_5ANOS": past,
        "PA_VIVIA_1ANO": last,
        "P_ALFABETA": "" if group == 1 else "1",
    }


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

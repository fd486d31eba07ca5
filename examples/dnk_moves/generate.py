"""Make an extract in the layout of the register of migrations; every person is invented, and so is every move."""

import csv
import datetime
import io
import random
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

HERE = Path(__file__).parent
NAME = "moves_generated.csv"


def moves() -> Iterator[dict[str, str]]:
    """Yield the moves of each person in turn; at the end three that no rule covers."""
    dice = random.Random(1968)
    with (HERE / "tables" / "land.csv").open(encoding="utf-8", newline="") as file:
        countries = [line["from"] for line in csv.DictReader(file)]
    lands = {"I": cycle(countries), "U": cycle(countries)}
    for number in range(1, 261):
        here = dice.random() < 0.35
        day = datetime.date(1975, 1, 1) + datetime.timedelta(dice.randrange(15000))
        for _ in range(dice.choice([1, 2, 2, 3, 4])):
            code = "U" if here else "I"
            land = next(lands[code]) if dice.random() > 0.02 else ""
            yield {"PNR": f"{number:012}", "INDUD_KODE": code, "HAEND_DATO": day.isoformat(), "INDUD_LAND": land}
            here = not here
            day += datetime.timedelta(dice.choice([60, 200, 400, 1500]) + dice.randrange(90))
    for number, fault in enumerate(({"INDUD_KODE": "X"}, {"HAEND_DATO": "2001-13-01"}, {"INDUD_LAND": "5777"}), 901):
        plain = {"PNR": f"{number:012}", "INDUD_KODE": "I", "HAEND_DATO": "2001-05-03", "INDUD_LAND": "5120"}
        yield plain | fault


def extract() -> str:
    """Return the whole file as text."""
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        columns = [line["column"] for line in csv.DictReader(file)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="0", lineterminator="\n")
    writer.writeheader()
    writer.writerows(moves())
    return text.getvalue()


def main(folder: Path) -> None:
    """Write the extract."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(extract(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")

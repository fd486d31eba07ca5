"""Make a table in the layout of the Department's applications by nationality; every figure is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
NAME = "domestic_residence_permissions_generated.csv"
TYPE = "Domestic Residence & Permissions applications"
YEARS = range(2017, 2025)


def figure(count: int) -> str:
    """Return a count as it is published: one to three are suppressed."""
    return "*" if 1 <= count <= 3 else str(count)


def rows() -> Iterator[list[str]]:
    """Yield the head, a line for each status and nationality, and at the end one nationality that is not listed."""
    dice = random.Random(1922)
    yield ["Type", "Status", "Nationality", *map(str, YEARS)]
    with (HERE / "tables" / "nationality.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    for status in ("Received", "Granted", "Refused"):
        for line in listed:
            small = line["match"] != "exact" and not line["from"].startswith(("*", "Dual"))
            most = 0 if small else dice.choice([0, 4, 20, 400])
            yield [TYPE, status, line["from"], *(figure(dice.randrange(most + 1)) for _ in YEARS)]
    yield [TYPE, "Received", "Atlantis", *("5" for _ in YEARS)]


def extract() -> str:
    """Return the whole table as text, every value in quotes."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows())
    return text.getvalue()


def main(folder: Path) -> None:
    """Write the extract in Latin-1."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_bytes(extract().encode("latin-1"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")

"""Make an extract of a register of permits that does not exist; every record is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent

NAME, DELIMITER, ENCODING = "permits_generated.csv", ",", "utf-8"


def rows() -> Iterator[dict[str, str]]:
    """Yield the permits of 120 persons: renewed, changed in reason, let lapse, replaced, refused."""
    dice = random.Random(862)
    number = 0
    for person in range(120):
        reason, starts = dice.choice(["EMP", "EDUC", "FAM", "OTH"]), date(2021, 1, 1) + timedelta(dice.randrange(700))
        sex, age = dice.choice(["M", "F", "F", "M", "UNK"]), dice.randrange(1, 70)
        citizen = dice.choice(["IN", "IN", "BR", "US", "CN", "NG", "UK", "XK", "STLS", "UNK"])
        for turn in range(dice.choice([1, 1, 2, 3])):
            number += 1
            ends = starts + timedelta(dice.choice([60, 120, 200, 364, 729]))
            days = [str((day - date(1899, 12, 30)).days) for day in (starts - timedelta(5), starts, ends)]
            yield {
                "PERMIT_NO": str(100000 + number),
                "PERSON_NO": f"P-{5000 + 17 * person}",
                "NAME": f"Person {person}",
                "EVENT": "N" if turn == 0 else dice.choice("RRRDX"),
                "REASON": reason if person % 40 else "",
                "ISSUED": days[0] if number % 30 else "",
                "VALID_FROM": days[1],
                "VALID_TO": days[2] if number % 50 else "",
                "SEX": sex,
                "AGE": str(age + turn),
                "CITIZEN": citizen,
            }
            starts = ends + timedelta(dice.choice([1, 1, 30, 250]))
            reason = dice.choice([reason, reason, "FAM"])


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

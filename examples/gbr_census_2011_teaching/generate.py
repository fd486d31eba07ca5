"""Make an extract in the layout of the 2011 teaching file; every record is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
ROWS = 600
REGIONS = [*(f"E1200000{number}" for number in range(1, 10)), "W92000004"]


def persons() -> Iterator[list[str]]:
    """Yield persons; students away from home have no birthplace coded, and short-term residents are born abroad."""
    dice = random.Random(2011)
    for number in range(ROWS):
        base = dice.choices("123", [95, 3, 2])[0]
        birth = {"1": dice.choices(["1", "2", "-9"], [86, 13, 1])[0], "2": "-9", "3": "2"}[base]
        coded = birth != "-9"
        age = dice.randint(1, 8)
        yield [
            str(1000 + number * 7),
            str(7000000 + number),
            dice.choice(REGIONS),
            dice.choices("HC", [98, 2])[0],
            str(dice.randint(1, 6)),
            base,
            dice.choice("12"),
            str(age),
            "1" if age == 1 else dice.choice("12345"),
            dice.choice("12") if age <= 2 else "2",
            birth,
            *(str(dice.randint(1, 5)) if coded else "-9" for _ in range(2)),
            str(dice.randint(1, 9)) if coded else "-9",
            *(str(dice.randint(1, most)) if coded and age > 1 else "-9" for most in (9, 9, 12, 4, 4)),
        ]


def extract() -> str:
    """Return the whole file as text, in the true order of its columns."""
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        columns = [line["column"] for line in csv.DictReader(file)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(persons())
    return text.getvalue()


def main(folder: Path) -> None:
    """Write the extract."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "teaching_generated.csv").write_text(extract(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")

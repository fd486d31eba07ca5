"""Make an extract in the layout of the arrivals on form I-94; every record is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent

NAME, DELIMITER, ENCODING = "i94_generated.csv", ",", "utf-8"
PLACES = ["582", "112", "135", "438", "209", "245", "689", "687", "111", "213", "207", "583", "721", "5", "999"]


def rows() -> Iterator[dict[str, str]]:
    """Yield arrivals; numbers have a decimal point, as a file that went through a statistics package has them."""
    dice = random.Random(94)
    for number in range(300):
        arrival = date(2016, 4, 1) + timedelta(dice.randrange(30))
        born = dice.randrange(90)
        place = dice.choice(PLACES[:-2]) if number % 60 else PLACES[-2 + number // 60 % 2]
        yield {
            "cicid": str(100 + 3 * number),
            "i94yr": "2016",
            "i94mon": "4",
            "i94cit": place,
            "i94res": dice.choice([place, place, "582"]),
            "i94port": dice.choice(["NYC", "MIA", "LOS", "XXX"]),
            "arrdate": f"{(arrival - date(1960, 1, 1)).days}.0",
            "i94mode": dice.choices(["1", "2", "3", "9", ""], [90, 4, 4, 1, 1])[0],
            "depdate": f"{(arrival - date(1960, 1, 1)).days + dice.randrange(1, 90)}.0",
            "i94bir": str(born) if number % 50 else "",
            "i94visa": dice.choice("1223"),
            "count": "1",
            "biryear": str(2016 - born),
            "gender": dice.choices(["M", "F", "X", ""], [45, 45, 2, 8])[0],
            "admnum": f"{55400000000 + 7919 * number}",
            "visatype": dice.choice(["B1", "B2", "F1", "WT"]),
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

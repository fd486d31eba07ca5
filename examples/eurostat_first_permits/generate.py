"""Make a table in the layout of migr_resfirst as SDMX-CSV, whose parts add up; every figure is invented."""

import csv
import io
import random
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

HERE = Path(__file__).parent
NAME = "migr_resfirst_generated.csv"
AREAS = ["DE", "EL"]
YEARS = ["2022", "2023"]
CITIZENS = ["AF", "BY", "CN", "IN", "MA", "NG", "PH", "SY", "TR", "UA", "UK", "US", "XK"]
CITIZENS += ["STLS", "RNC", "UNK", "OTH", "UK_OCT"]
REASONS = ["EDUC", "EMP", "FAM", "OTH"]
DURATIONS = ["M3-5", "M6-11", "M_GE12"]
Cell = tuple[str, str, str, str, str]


def counts() -> dict[Cell, int]:
    """Return a figure for each cell, from the finest up to the totals and the group of countries."""
    dice = random.Random(2007)
    found: dict[Cell, int] = {}
    for geo, year, citizen, reason, duration in product(AREAS, YEARS, CITIZENS, REASONS, DURATIONS):
        count = dice.choice([0, 3, 40, 900])
        amount = dice.randrange(count + 1)
        ups = product((geo, "EU27_2020"), (citizen, "TOTAL"), (reason, "TOTAL"), (duration, "TOTAL"))
        for area, nation, why, long in ups:
            cell = (area, year, nation, why, long)
            found[cell] = found.get(cell, 0) + amount
    return found


def rows() -> Iterator[dict[str, str]]:
    """Yield the lines of the table; at the end three that no rule covers."""
    dice = random.Random(862)
    whole = {"DATAFLOW": "ESTAT:MIGR_RESFIRST(1.0)", "LAST UPDATE": "01/01/24 23:00:00", "freq": "A", "unit": "PER"}
    for number, ((geo, year, citizen, reason, duration), amount) in enumerate(counts().items()):
        cell = {"reason": reason, "citizen": citizen, "duration": duration, "geo": geo, "TIME_PERIOD": year}
        flag = dice.choices(["", "p", "e", "b", "bp", "d"], [80, 8, 4, 3, 2, 2])[0]
        line = whole | cell | {"OBS_VALUE": str(amount), "OBS_FLAG": flag, "CONF_STATUS": ""}
        if "TOTAL" not in (reason, citizen, duration):
            hidden = {11: ("c", "C"), 12: ("", ""), 13: ("z", ""), 14: ("", "C")}.get(number % 97)
            if hidden:
                line |= {"OBS_VALUE": ":" if hidden[0] else "", "OBS_FLAG": hidden[0], "CONF_STATUS": hidden[1]}
        yield line
    for geo, year in product(AREAS, YEARS):
        part = {"reason": "TOTAL", "citizen": "AFR", "duration": "TOTAL", "geo": geo, "TIME_PERIOD": year}
        yield whole | part | {"OBS_VALUE": "7"}
        yield whole | part | {"citizen": "TOTAL", "unit": "P_THAB", "OBS_VALUE": "1.5"}
    odd = {"reason": "EMP", "citizen": "IN", "duration": "TOTAL", "geo": "DE", "TIME_PERIOD": "2021", "OBS_VALUE": "5"}
    yield whole | odd | {"reason": "HUM"}
    yield whole | odd | {"citizen": "ZZ"}
    yield whole | odd | {"duration": "Y5"}


def extract() -> str:
    """Return the whole table as text."""
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        columns = [line["column"] for line in csv.DictReader(file)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return text.getvalue()


def main(folder: Path) -> None:
    """Write the extract."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(extract(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")

"""Make an extract in the layout of the EVR file, fixed width; every record is invented."""

import csv
import random
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

HERE = Path(__file__).parent
NAME = "evr_generated.txt"
INTERNAL = 60


def codes(table: str) -> list[str]:
    """Return the source values of a recode table."""
    with (HERE / "tables" / table).open(encoding="utf-8", newline="") as file:
        return [line["from"] for line in csv.DictReader(file)]


def moves() -> Iterator[dict[str, str]]:
    """Yield an arrival and a departure for every country, some with none, moves within Spain, and dirt."""
    dice = random.Random(2004)
    places, citizens = codes("pais.csv"), cycle(codes("nacionalidad.csv"))
    births = cycle([*places, "999"])
    for number, place in enumerate([*places, *places, *["", "999"] * 12]):
        arrival = number < len(places) or (place in ("", "999") and number % 4 < 2)
        foreign = dice.random() < 0.75
        yield (
            move(dice, ("66", place) if arrival else home(dice), home(dice) if arrival else ("66", place))
            | ({"PROVNAC": "66", "MUNINAC": next(births), "TAMUNACI": ""} if foreign else {})
            | ({"CNAC": next(citizens)} if foreign or dice.random() < 0.1 else {})
        )
    for _ in range(INTERNAL):
        yield move(dice, home(dice), home(dice))
    odd = move(dice, ("66", "110"), home(dice))
    yield odd | {"SEXO": "2"}
    yield odd | {"MUNIBAJA": "888"}
    yield odd | {"PROVNAC": "66", "MUNINAC": "777"}
    yield odd | {"MESVAR": "13"}


def home(dice: random.Random) -> tuple[str, str]:
    """Return a province and a municipality; small municipalities are left blank, as in the file."""
    return f"{dice.randrange(1, 53):02}", dice.choice(["", f"{dice.randrange(1, 200):03}"])


def move(dice: random.Random, left: tuple[str, str], entered: tuple[str, str]) -> dict[str, str]:
    """Return one change of residence of a person born in Spain."""
    age, month, born = dice.randrange(0, 92), dice.randrange(1, 13), dice.randrange(1, 13)
    province, municipality = home(dice)
    return {
        "SEXO": dice.choice("16"),
        "PROVNAC": province,
        "MUNINAC": municipality,
        "EDAD": f"{age:03}",
        "MESNAC": f"{born:02}",
        "AÑONAC": str(2016 - age - (born > month)),
        "CNAC": "108",
        "PROVALTA": entered[0],
        "MUNIALTA": entered[1],
        "MESVAR": f"{month:02}",
        "AÑOVAR": "2016",
        "PROVBAJA": left[0],
        "MUNIBAJA": left[1],
        "TAMUALTA": "" if entered[0] == "66" else "3" if entered[1] else "1",
        "TAMUBAJA": "" if left[0] == "66" else "3" if left[1] else "1",
        "TAMUNACI": "3" if municipality else "1",
    }


def extract() -> str:
    """Return the whole file as text, every column at its place."""
    with (HERE / "layout.csv").open(encoding="utf-8", newline="") as file:
        layout = [(line["column"], int(line["width"])) for line in csv.DictReader(file)]
    lines = ("".join(move.get(name, "").ljust(width) for name, width in layout) for move in moves())
    return "".join(f"{line}\n" for line in lines)


def main(folder: Path) -> None:
    """Write the extract."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(extract(), encoding="latin-1", newline="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "extract")

"""The dimensions of the cube with their trees, read from the published codelists without migstat."""

import csv
from pathlib import Path

CODELISTS = Path(__file__).resolve().parents[2] / "codelists"
HOME = "KEN"
BORN, TOTAL = "COUNTRY_BIRTH", "_T"

DIMENSIONS = {
    BORN: "COUNTRY_BIRTH",
    "SEX": "SEX",
    "AGE": "AGE_GROUP",
    "CITIZENSHIP": "CITIZENSHIP",
    "DURATION": "DURATION",
}
"""Each dimension of the cube with the column of records that it is counted from."""
LEVELS = {"AGE": 1, "CITIZENSHIP": 0}
"""The finest level that is shown: five years of age, and continents of citizenship."""
MIGRANT = "MIGRANT"


def pairs(dimension: str) -> list[tuple[str, str]]:
    """Return each code with its targets: itself or what it is part of at the finest level, its parents, the total."""
    with (CODELISTS / f"CL_{dimension}.csv").open(encoding="utf-8", newline="") as file:
        parents = {line["id"]: line["parent"] for line in csv.DictReader(file)}
    found = []
    for code in parents:
        line = [code]
        while parents.get(line[-1]):
            line.append(parents[line[-1]])
        level = LEVELS.get(dimension)
        if level is not None:
            line = line[max(0, len(line) - 1 - level) :]
        found += [(code, target) for target in [*line, TOTAL] if code != TOTAL]
    return found


def foreign_born(code: str) -> str:
    """Return the answer of FOREIGN_BORN for a country of birth of the generated census."""
    return "N" if code == HOME else "_U" if code in ("_N", "_U", "_Z", "_X") else "Y"


def born() -> list[tuple[str, str, str]]:
    """Return each country of birth with its targets, once as migrants, natives or unknown, and once as everybody."""
    return [(code, target, who) for code, target in pairs(BORN) for who in (foreign_born(code), TOTAL)]

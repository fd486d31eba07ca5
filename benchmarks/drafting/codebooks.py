"""Codebooks as the offices print them, written as data dictionaries where the real file is not at hand."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

Rows = Iterable[tuple[str, str, str, str]]

# eph.csv is what INDEC prints in its record layout, in Spanish, and uk.csv what the Office for National Statistics
# prints with the teaching file: general knowledge, to be confirmed.
FOLDER = Path(__file__).parent


def write(path: Path, rows: Rows) -> Path:
    """Write a data dictionary: variable, label of the variable, value, label of the value."""
    with path.open("w", encoding="utf-8", newline="") as file:
        made = csv.writer(file)
        made.writerow(["variable", "variable label", "value", "value label"])
        made.writerows(rows)
    return path


def printed(name: str, more: dict[str, dict[str, str]] | None = None) -> Rows:
    """Yield the rows of a dictionary that lies beside; ``more`` are values of some variables."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    for variable, label, value, meaning in rows:
        yield variable, label, value, meaning
        if not value:
            for one, said in (more or {}).get(variable, {}).items():
                yield variable, label, one, said


def country_labels(table: Path) -> dict[str, str]:
    """Return the label of each value, as a shipped recode table has it beside its code."""
    with table.open(encoding="utf-8", newline="") as file:
        return {row["from"]: row["label"] for row in csv.DictReader(file)}


def cchs(details: Path, variables: Path, cycle: str, columns: list[str]) -> Rows:
    """Yield the codebook of one cycle: the meanings that the published recode rules give to its raw codes."""
    found: dict[str, dict[str, str]] = {}
    labels: dict[str, str] = {}
    with variables.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = _start(row["databaseStart"], row["variableStart"], cycle)
            labels.setdefault(name, row["labelLong"] or row["label"])
    with details.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = _start(row["databaseStart"], row["variableStart"], cycle)
            if not name or "DerivedVar" in row["variableStart"]:
                continue
            labels[name] = row["variableStartLabel"]
            start, meaning = row["recStart"].strip(), row["catStartLabel"].strip()
            parts = re.findall(r"([^;]+?)\s*\((\d+)\)", meaning)
            if start.isdecimal():
                found.setdefault(name, {}).setdefault(start, re.sub(r"\s*\(\d+\)$", "", meaning))
            elif parts and start.startswith("[") and meaning.startswith("don't know"):
                for said, value in parts:
                    found.setdefault(name, {}).setdefault(value, said.strip())
    for name in columns:
        yield name, labels.get(name, ""), "", ""
        for value, meaning in found.get(name, {}).items():
            yield name, labels.get(name, ""), value, meaning


def _start(cycles: str, starts: str, cycle: str) -> str:
    """Return the raw name of a variable in a cycle, or an empty text."""
    if cycle not in [one.strip() for one in cycles.split(",")]:
        return ""
    named = dict(one.strip().split("::") for one in starts.split(",") if "::" in one and "[" not in one)
    rest = re.search(r"(?<!:)\[(\w+)\]", starts)
    return named.get(cycle) or (rest[1] if rest else "")

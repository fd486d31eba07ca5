"""Packs held out: a draft from a pack's own layout and extract, held against its mapping."""

import csv
from dataclasses import replace
from pathlib import Path

import migstat as ms
from benchmarks.drafting.truth import Score, compare, of_draft, of_mapping
from migstat.words.codebook import Codebook, ValueLabel, Variable
from migstat.words.finding import MigstatError
from migstat.words.mapping_rule import Recode, leaves


def codebook(folder: Path) -> Codebook | None:
    """Return what a pack's layout says of its columns, and its tables of their values; None where it says nothing."""
    with (folder / "layout.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or not any(row.get("label") for row in rows):
        return None
    mapping = ms.read_mapping(folder / "mapping.yaml")
    values: dict[str, dict[str, str]] = {}
    for target in mapping.targets:
        for rule in leaves(target.rule):
            if isinstance(rule, Recode) and len(rule.columns) == 1:
                for line in rule.lines:
                    if line.label:
                        values.setdefault(rule.columns[0], {}).setdefault(line.values[0], line.label)
    starts = "start" in rows[0]
    variables = []
    for row in rows:
        one = Variable(row["column"], row.get("label") or "")
        if starts and row["start"]:
            one = replace(one, start=int(row["start"]), width=int(row["width"]))
        said = values.get(one.name, {})
        variables.append(replace(one, values=tuple(ValueLabel(value, label) for value, label in said.items())))
    return Codebook(folder.name, tuple(variables))


def score(folder: Path, book: Codebook) -> tuple[Score, Score]:
    """Return the scores of a draft for the first extract of a pack; lines are those of values that have a label."""
    mapping = ms.read_mapping(folder / "mapping.yaml")
    extract = min((path for path in (folder / "extract").iterdir() if path.is_file()), key=lambda path: path.name)
    date = mapping.source.period or "2019"
    try:
        made = ms.draft(extract, book, area=mapping.source.area, date=date, structure=mapping.into)
    except MigstatError as error:
        print(f"{folder.name}: {error.findings[0]}")
        return Score(), Score()
    truth = of_mapping(folder / "mapping.yaml")
    labelled = {(one.name, value.value) for one in book.variables for value in one.values}
    truth.lines = {line: code for line, code in truth.lines.items() if (line[1], line[2]) in labelled}
    told = of_draft(made)
    told.lines = {line: code for line, code in told.lines.items() if (line[1], line[2]) in labelled}
    return compare(told, truth)

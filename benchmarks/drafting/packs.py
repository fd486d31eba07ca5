"""Packs: a draft from a pack's extract and what is printed of its columns, held against its mapping.

The codebook is the pack's own: its DDI file, or its layout with the labels of its tables. For packs that may be looked
at, ``printed`` has what the office prints in its own language (general knowledge, to be confirmed), in place of labels
of the layout. Columns without a label, and values without one, are known to nobody: they are counted apart. Of a pack
of whose columns nothing is printed, the names of columns and the values that are words are all there is: it is judged
by all its columns.
"""

import csv
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import migstat as ms
from benchmarks.drafting.truth import Score, compare, of_draft, of_mapping
from migstat.words.codebook import Codebook, ValueLabel, Variable
from migstat.words.finding import MigstatError
from migstat.words.mapping import Mapping
from migstat.words.mapping_rule import Recode, bounds, leaves

PRINTED = Path(__file__).parent / "printed"
Said = dict[str, dict[str, str]]


def codebook(folder: Path) -> Codebook | None:
    """Return what is said of a pack's columns and values; None where nothing is."""
    own = next(iter(sorted(folder.glob("*.xml"))), None)
    if own is not None:
        return ms.codebook(own)
    with (folder / "layout.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = {row["column"]: row.get("label") or "" for row in rows}
    values = _of_tables(ms.read_mapping(folder / "mapping.yaml"))
    printed = PRINTED / f"{folder.name}.csv"
    if printed.exists():
        said, named = _printed(printed)
        labels |= {name: label for name, label in said.items() if name in labels}
        for name, lines in named.items():
            values[name] = {**values.get(name, {}), **lines}
    if not any(labels.values()):
        return None
    laid_out = {row["column"]: (int(row["start"]), int(row["width"])) for row in rows if row.get("start")}
    variables = []
    for name, label in labels.items():
        start, width = laid_out.get(name, (None, None))
        named_values = tuple(ValueLabel(value, said) for value, said in values.get(name, {}).items())
        variables.append(Variable(name, label, named_values, start=start, width=width))
    return Codebook(folder.name, tuple(variables))


def _of_tables(mapping: Mapping) -> Said:
    values: Said = defaultdict(dict)
    for target in mapping.targets:
        for rule in leaves(target.rule):
            if isinstance(rule, Recode) and len(rule.columns) == 1:
                for line in rule.lines:
                    if line.label:
                        values[rule.columns[0]].setdefault(line.values[0], line.label)
    return values


def _printed(path: Path) -> tuple[dict[str, str], Said]:
    labels: dict[str, str] = {}
    values: Said = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["variable label"]:
                labels[row["variable"]] = row["variable label"]
            if row["value"]:
                values[row["variable"]][row["value"]] = row["value label"]
    return labels, values


def score(folder: Path, book: Codebook | None) -> tuple[Score, Score]:
    """Return the scores of a draft for the first extract of a pack, of the columns and values that have a label."""
    mapping = ms.read_mapping(folder / "mapping.yaml")
    extract = min((path for path in (folder / "extract").iterdir() if path.is_file()), key=lambda path: path.name)
    truth = of_mapping(folder / "mapping.yaml", _wave(mapping, extract))
    date = mapping.source.period or ("" if any(one == "date" for one, _ in truth.columns) else "2019")
    try:
        made = ms.draft(extract, book, area=mapping.source.area, date=date, structure=mapping.into)
    except MigstatError as error:
        print(f"{folder.name}: {error.findings[0]}")
        return Score(), Score()
    told = of_draft(made)
    variables = book.variables if book is not None else ()
    known = {one.name for one in variables if one.label.strip()}
    labelled = {(one.name, value.value) for one in variables for value in one.values if value.label.strip()}
    if book is None:
        known = {column for _, column in truth.columns}
        said = (*truth.lines, *told.lines)
        labelled = {(column, value) for _, column, value in said if any(sign.isalpha() for sign in value)}
    for (id, name, value), code in list(truth.lines.items()):
        if (ends := bounds(value)) is not None:
            inside = [said for column, said in labelled if column == name and said.isdecimal()]
            truth.lines |= {(id, name, said): code for said in inside if ends[0] <= float(said) <= ends[1]}
    for one in (truth, told):
        one.lines = {line: code for line, code in one.lines.items() if (line[1], line[2]) in labelled}
    unknown = {pair for pair in truth.columns if pair[1] not in known}
    truth.columns -= unknown - told.columns
    columns, lines = compare(told, truth)
    return replace(columns, unsaid=len(unknown - told.columns)), lines


def _wave(mapping: Mapping, extract: Path) -> str:
    """Return the wave whose id is in the name of the extract, or nothing."""
    found = [one.id for one in mapping.waves if one.id and one.id in extract.name]
    return max(found, key=len, default="")

"""Open drafts: every TODO of a mapping file and its tables, with the candidates that stand above it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from migstat.read.mappings.faults import Faults
from migstat.read.mappings.source import format_of
from migstat.read.mappings.tables import Folder
from migstat.read.office_tables import table_rows
from migstat.read.placed import Placed, read_yaml
from migstat.words.draft import BLANKS, Guess
from migstat.words.finding import MigstatError, Place
from migstat.words.open_answer import Question
from migstat.words.source import Format
from migstat.words.undecided import TODO

GUESS = re.compile(r"\s*#\s*(\d+): (.+?) -- (\d\.\d\d)(?:: (.*))?")
IN_CELL = re.compile(r"(\d+): (\S+) -- (\d\.\d\d)")
SURE = re.compile(r"\d\.\d\d: ")
KEYS = {"_N": "not_stated", "_Z": "not_applicable", "_U": "unknown"}


def questions(folder: Path) -> list[Question]:
    """Return what a draft leaves open, in the order of the file; lines of tables come with the rule that names them.

    Raises MigstatError where the mapping is not YAML.
    """
    path = folder / "mapping.yaml"
    placed = read_yaml(path)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    found = [
        replace(_question(path.name, lines, keys, value), column=column)
        for keys, value, column in _open(placed, (), "")
    ]
    named = {keys[1]: (name.text, column) for keys, name, column in _tables(placed, (), "")}
    for component, (table, column) in named.items():
        found += [replace(one, column=column) for one in _of_table(folder, table, component)]
    return found


def format_in(folder: Path) -> Format:
    """Return how the extract of a draft is written, as its mapping says it."""
    source = read_yaml(folder / "mapping.yaml").items.get("source")
    said = source.items.get("format") if source is not None else None
    if said is None:
        return Format()
    faults = Faults()
    format = format_of(said, Folder(folder, faults), laid_by_waves=True)
    faults.settle()
    return format


def into_of(folder: Path) -> str:
    """Return the structure that a draft fills, by name."""
    into = read_yaml(folder / "mapping.yaml").items.get("into")
    return into.text if into is not None else ""


Found = Iterator[tuple[tuple[str, ...], Placed, str]]
"""Keys, what stands under them, and the column that a rule reads there."""


def _open(placed: Placed, keys: tuple[str, ...], column: str) -> Found:
    if placed.text == TODO and keys:
        yield keys, placed, column
    column = _read_from(placed, column)
    for key, item in placed.items.items():
        yield from _open(item, (*keys, key), column)
    if isinstance(placed.value, tuple):
        for entry in placed.value:
            yield from _open(entry, keys, column)


def _tables(placed: Placed, keys: tuple[str, ...], column: str) -> Found:
    column = _read_from(placed, column)
    for key, item in placed.items.items():
        if key == "recode" and item.text.endswith(".csv") and keys[:1] == ("rules",):
            yield keys, item, column
        yield from _tables(item, (*keys, key), column)
    if isinstance(placed.value, tuple):
        for entry in placed.value:
            yield from _tables(entry, keys, column)


def _read_from(placed: Placed, column: str) -> str:
    return placed.items["from"].text if "from" in placed.items else column


def _question(name: str, lines: list[str], keys: tuple[str, ...], value: Placed) -> Question:
    number = value.place.line or 1
    guesses, why = _above(lines, number)
    label = lines[number - 1].partition("  # ")[2].strip()
    component = keys[1] if keys[0] == "rules" and len(keys) > 1 else ""
    match keys:
        case ("rules", one):
            return Question(Place(name, number), one, one, one, "rule", guesses, label, why)
        case ("rules", one, "not_collected"):
            subject = f"{one}: why it is not collected"
            return Question(Place(name, number), one, subject, "not_collected", "reason", guesses, label, why)
        case ("rules", one, *_, "blank"):
            standard = tuple(Guess(f'{KEYS[guess.answer]}: [""]', guess.confidence, guess.because) for guess in BLANKS)
            return Question(
                Place(name, number), one, f"{one}: a blank", "blank", "blank", guesses or standard, label, why
            )
        case ("rules", one, *_, "recode", said):
            subject = f"{one}: the value '{said}'" if said else f"{one}: a blank"
            return Question(Place(name, number), one, subject, said, "code", guesses, label, why)
        case ("rules", one, *_, key):
            return Question(Place(name, number), one, f"{one}: {key}", key, "code", guesses, label, why)
    return Question(Place(name, number), component, ".".join(keys), keys[-1], "text", guesses, label, why)


def _above(lines: list[str], number: int) -> tuple[tuple[Guess, ...], str]:
    """Return the candidates in the comment above a line, and what else it says."""
    guesses: list[Guess] = []
    said: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.lstrip().startswith("#"):
            break
        match = GUESS.fullmatch(line)
        if match:
            guesses.append(Guess(match[2], float(match[3]), match[4] or ""))
        else:
            said.append(SURE.sub("", line.lstrip(" #").strip()))
    return tuple(reversed(guesses)), "; ".join(reversed(said))


def _of_table(folder: Path, name: str, component: str) -> Iterator[Question]:
    path = folder / name
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
        rows = list(table_rows(path, ())) if inside else []
    except MigstatError:
        return  # Whatever is wrong with it, check tells.
    for line, row in rows:
        if row.get("to") == TODO:
            guesses = tuple(Guess(code, float(sure), "") for _, code, sure in IN_CELL.findall(row.get("because", "")))
            value = row.get("from", "")
            subject = f"{component}: the value '{value}'" if value else f"{component}: a blank"
            yield Question(Place(name, line), component, subject, value, "code", guesses, row.get("label", ""))

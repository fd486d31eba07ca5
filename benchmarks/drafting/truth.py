"""A mapping and a draft as the same two sets: columns by component, and lines (component, column, value) with codes."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

import migstat as ms
from migstat.words.draft import TODO, Draft
from migstat.words.mapping import Mapping
from migstat.words.mapping_rule import Copy, DateRule, Pseudonym, Recode, leaves

MISSING = {"not_applicable": "_Z", "not_stated": "_N", "unknown": "_U", "residual": "_O"}
_JOINING = frozenset(
    [
        "is",
        "missing",
        "not",
        "in",
        "and",
        "or",
        "between",
        "number",
        "text",
        "floor",
        "round",
        "length",
        "if",
        "else",
        "true",
    ]
)
"""Words of an expression that are no columns."""
Line = tuple[str, str, str]


@dataclass
class Told:
    """What is told: the pairs of component and column, and the lines with their codes."""

    columns: set[tuple[str, str]] = field(default_factory=set)
    lines: dict[Line, str] = field(default_factory=dict)
    spoken: set[str] = field(default_factory=set)
    """Components of which something is said, also that they are not collected."""
    otherwise: dict[str, str] = field(default_factory=dict)
    """By component the kind of missing that is given to what no line names."""
    copied: set[tuple[str, str]] = field(default_factory=set)
    """Pairs of which the column holds the codes themselves: a line that gives a value as it stands says nothing new."""
    not_asked: set[str] = field(default_factory=set)
    """Components with a universe: a blank is not applicable there, though no line says it."""


def of_mapping(path: Path, wave: str = "") -> Told:
    """Return what a mapping tells, in the columns of one wave."""
    mapping = ms.read_mapping(path)
    raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    named = next((dict(one.columns) for one in mapping.waves if one.id == wave), {})
    date = next((one.date for one in mapping.waves if one.id == wave), mapping.source.date)
    told = Told()

    def column(name: str) -> str:
        return named.get(name, name)

    for target in mapping.targets:
        id = target.component
        told.spoken.add(id)
        if target.universe is not None:
            told.not_asked.add(id)
        said = raw["rules"].get(id, {})  # A mapping may take rules from another.
        for rule in leaves(target.rule):
            if isinstance(rule, Copy | Recode):
                source = rule.column if isinstance(rule, Copy) else rule.columns[0]
                told.columns.add((id, column(source)))
                if isinstance(rule, Copy):
                    told.copied.add((id, column(source)))
                for line in rule.lines:
                    if _holds(line, date):
                        told.lines[(id, column(source), line.values[0])] = line.code
            elif isinstance(rule, Pseudonym):
                told.columns |= {(id, column(name)) for name in rule.columns}
            elif isinstance(rule, DateRule) and rule.parts:
                told.columns |= {(id, column(name)) for name in rule.parts.values()}
            elif getattr(rule, "column", ""):
                told.columns.add((id, column(rule.column)))
                for line in rule.lines:
                    told.lines[(id, column(rule.column), line.values[0])] = line.code
        told.otherwise[id] = next(
            (arm["else"] for arm in said.get("cases", []) if arm.get("else") in MISSING.values()), ""
        )
        for arm in said.get("cases", []):
            _arm(told, id, arm)
    _source(told, mapping, raw, column)
    return told


def _holds(line: Any, date: Any) -> bool:
    return not date or (
        (not line.valid_from or line.valid_from <= date) and (not line.valid_to or date < line.valid_to)
    )


def _arm(told: Told, id: str, arm: dict[str, Any]) -> None:
    when = arm.get("when")
    if isinstance(when, dict):
        for name, values in when.items():
            told.columns.add((id, name))
            if "give" in arm:
                for value in values if isinstance(values, list) else [values]:
                    told.lines[(id, name, value)] = arm["give"]
    elif when and "give" in arm:
        told.lines[(id, f"when {when}", "")] = arm["give"]
    if when and not isinstance(when, dict):
        told.columns |= {(id, name) for name in _in_expression(when)}


def _in_expression(text: str) -> set[str]:
    """Return the columns that an expression reads."""
    return {
        word for word in re.findall(r"[^\W\d]\w*(?!\w*\s*\()", re.sub(r"'[^']*'", "", text)) if word not in _JOINING
    }


def _source(told: Told, mapping: Mapping, raw: dict[str, Any], column: Any) -> None:
    source = mapping.source
    told.spoken |= {"weight", "date", "keep", "replicates"} | ({"key"} if source.key else set())
    if source.weight:
        told.columns.add(("weight", column(source.weight)))
    told.columns |= {("key", column(name)) for name in source.key}
    if isinstance(raw.get("source", {}).get("date"), dict):
        told.columns |= {("date", name) for part, name in raw["source"]["date"].items() if part != "date"}
    if source.replicates:
        told.columns.add(("replicates", source.replicates[0]))
    told.columns |= {("keep", name) for one in raw.get("keep", []) for name in _in_expression(one.get("when", ""))}
    for keep in mapping.keep:
        if not keep.column:
            continue
        told.columns.add(("keep", keep.column))
        told.lines |= {("keep", keep.column, value): "kept" for value in keep.values}


def of_draft(draft: Draft) -> Told:
    """Return what a draft proposes; what it leaves open is not told."""
    told = Told()
    for rule in draft.rules:
        if rule.kind == "open" or (rule.kind == "not_collected"):
            continue
        told.spoken.add(rule.component)
        told.columns |= {(rule.component, rule.column), *((rule.component, name) for _, name in rule.parts)}
        for line in rule.lines:
            if line.code != TODO:
                told.lines[(rule.component, rule.column, line.value)] = line.code
        for arm in rule.arms:
            if arm.column:
                told.columns.add((rule.component, arm.column))
            if arm.code and arm.code != TODO:
                told.lines |= {(rule.component, arm.column, value): arm.code for value in arm.values}
            for line in arm.lines:
                if line.code != TODO:
                    told.lines[(rule.component, arm.source, line.value)] = line.code
    for part in (*draft.source, *draft.keep):
        value = yaml.load(part.value, Loader=yaml.BaseLoader)
        if not value or value == TODO:
            continue  # A part without a value is only said.
        match part.key:
            case "weight":
                told.columns.add(("weight", value))
            case "key":
                told.columns |= {("key", name) for name in value}
            case "date" if isinstance(value, dict):
                told.columns |= {("date", name) for name in value.values()}
            case "replicates":
                told.columns.add(("replicates", value["columns"].split("..")[0]))
            case "keep":
                told.columns.add(("keep", value["column"]))
                told.lines |= {("keep", value["column"], one): "kept" for one in value["is"]}
    return told


@dataclass
class Score:
    """Counts of one comparison.

    ``beyond`` are proposals for components of which the shipped mapping says nothing. ``finer`` are lines that name a
    part of the world where the shipped mapping has other (``_O``): neither right nor wrong, and not found. ``unsaid``
    are columns of which no codebook says anything, and that were not found by their name.
    """

    proposed: int = 0
    right: int = 0
    shipped: int = 0
    beyond: int = 0
    finer: int = 0
    unsaid: int = 0
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Proposals that equal the shipped mapping, of all that it can be held against."""
        return self.right / self.proposed if self.proposed else 1.0

    @property
    def recall(self) -> float:
        """What the shipped mapping says that was proposed right."""
        return self.right / self.shipped if self.shipped else 1.0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.proposed + other.proposed,
            self.right + other.right,
            self.shipped + other.shipped,
            self.beyond + other.beyond,
            self.finer + other.finer,
            self.unsaid + other.unsaid,
            self.wrong + other.wrong,
            self.lost + other.lost,
        )


def compare(draft: Told, truth: Told) -> tuple[Score, Score]:
    """Return the scores of columns and of lines."""
    columns, lines = Score(shipped=len(truth.columns)), Score(shipped=len(truth.lines))
    for pair in sorted(draft.columns):
        if pair[0] not in truth.spoken:
            columns.beyond += 1
        else:
            columns.proposed += 1
            columns.right += pair in truth.columns
            columns.wrong += [] if pair in truth.columns else [" ".join(pair)]
    columns.lost = [" ".join(pair) for pair in sorted(truth.columns - draft.columns)]
    for line, code in sorted(draft.lines.items()):
        if line[0] not in truth.spoken:
            lines.beyond += 1
        elif line not in truth.lines and line[2] == "" and code == "_Z" and line[0] in truth.not_asked:
            continue  # The shipped mapping gives the same by its universe: neither a proposal nor a loss.
        elif (line not in truth.lines and truth.otherwise.get(line[0]) == code) or (
            line not in truth.lines and line[2] == code and line[:2] in truth.copied
        ):
            continue
        elif truth.lines.get(line) == "_O" and code.startswith("M49_"):
            lines.finer += 1
        else:
            lines.proposed += 1
            right = truth.lines.get(line) == code
            lines.right += right
            lines.wrong += [] if right else [f"{' '.join(line)} -> {code}, shipped: {truth.lines.get(line, 'no line')}"]
    lines.lost = [
        f"{' '.join(line)} -> {code}" for line, code in sorted(truth.lines.items()) if line not in draft.lines
    ]
    return columns, lines

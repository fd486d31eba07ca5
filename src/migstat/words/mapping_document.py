"""A mapping as the plain document that its file holds: what the reader reads back as the same words."""

import dataclasses
from collections.abc import Iterable
from typing import Any, assert_never

from migstat.words.expression_text import print_expression
from migstat.words.mapping import Keep, Mapping, Target
from migstat.words.mapping_rule import (
    Band,
    Case,
    Cases,
    Compute,
    Copy,
    DateRule,
    Fixed,
    Line,
    NotCollected,
    PatternLine,
    Patterns,
    PatternValue,
    Pseudonym,
    Recode,
    Rule,
)
from migstat.words.months import MONTHS, month_names
from migstat.words.source import Companion, Format, Source

Document = dict[str, Any]
MISSING = {"_Z": "not_applicable", "_N": "not_stated", "_U": "unknown", "_O": "residual"}


def mapping_document(mapping: Mapping) -> Document:
    """Return a mapping as texts, lists and dicts, its recode tables written out."""
    return {**head_document(mapping), "rules": {one.component: target_document(one) for one in mapping.targets}}


def head_document(mapping: Mapping) -> Document:
    """Return all of a mapping but its rules."""
    head: Document = {"id": mapping.id, "version": mapping.version, "into": mapping.into}
    head |= {"notes": mapping.notes} if mapping.notes else {}
    head["source"] = _source(mapping.source)
    if mapping.waves:
        head["waves"] = {
            wave.id: {"date": wave.period}
            | ({"columns": dict(wave.columns)} if wave.columns else {})
            | ({"not_collected": list(wave.not_collected)} if wave.not_collected else {})
            | ({"layout": wave.layout} if wave.layout else {})
            for wave in mapping.waves
        }
    if mapping.columns:
        head["columns"] = {made.component: target_document(made) for made in mapping.columns}
    if mapping.keep:
        head["keep"] = [_keep(keep) for keep in mapping.keep]
    if mapping.examples:
        head["examples"] = [
            {"given": dict(one.given), "gives": _gives(one.gives, one.reject)}
            | ({"wave": one.wave} if one.wave else {})
            for one in mapping.examples
        ]
    return head


def _gives(gives: Any, reject: bool) -> Any:
    if gives is None:
        return "reject" if reject else "nothing"
    return dict(gives)


def _keep(keep: Keep) -> Document:
    if keep.when is not None:
        return {"when": print_expression(keep.when), "because": keep.because}
    return {"column": keep.column, "is": list(keep.values), "because": keep.because}


def _source(source: Source) -> Document:
    said: Document = {"kind": source.kind, "by": source.by, "area": source.area}
    texts = ("name", "coverage", "duration", "licence", "url", "population", "birthplace", "boundaries")
    said |= {key: getattr(source, key) for key in texts if getattr(source, key)}
    if source.period:
        said["date"] = source.period
    elif source.date_rule is not None:
        rule = source.date_rule
        said["date"] = {"from": rule.column, "date": rule.format} if rule.column else dict(rule.parts)
        said["date"] |= {"pivot": str(rule.pivot)} if rule.pivot is not None else {}
    if source.weight:
        divisor = source.weight_divide_by
        said["weight"] = {"from": source.weight, "divide_by": _number(divisor)} if divisor else source.weight
    said |= {key: list(getattr(source, key)) for key in ("key", "strata", "psu", "identifiers") if getattr(source, key)}
    if source.replicates:
        said["replicates"] = {"columns": list(source.replicates), "method": source.replicate_method}
        if source.replicate_fay is not None:
            said["replicates"]["fay"] = _number(source.replicate_fay)
    if source.format != Format():
        said["format"] = _format(source.format)
    if source.companions:
        said["companions"] = {one.name: _companion(one) for one in source.companions}
    said |= {"confidence": source.confidence} if source.confidence else {}
    return said


def _companion(one: Companion) -> Document:
    said: Document = {
        key: dict(named) if any(ours != theirs for ours, theirs in named.items()) else list(named)
        for key, named in (("by", one.by), ("columns", one.columns))
    }
    said |= {"format": _format(one.format)} if one.format != Format() else {}
    return said | ({"file": one.file} if one.file else {})


def _format(format: Format) -> Document:
    plain = Format()
    said: Document = {}
    for part in dataclasses.fields(format):
        value = getattr(format, part.name)
        if part.name == "codebook":
            continue
        if value != getattr(plain, part.name):
            said[part.name] = list(value) if isinstance(value, tuple) else value
    if said.get("quote") == "":
        said["quote"] = "none"
    return {key: str(value).lower() if isinstance(value, bool | int) else value for key, value in said.items()}


def target_document(target: Target) -> Document:
    """Return the rule of one component with what is said around it."""
    said = rule_document(target.rule)
    if target.universe is not None:
        said["universe"] = print_expression(target.universe)
    return said | _around(target.match, target.because, target.confidence)


def rule_document(rule: Rule) -> Document:
    """Return one rule."""
    match rule:
        case Fixed():
            return {"fixed": rule.value}
        case NotCollected():
            return {"not_collected": rule.because}
        case Copy():
            said: Document = {"from": rule.column}
            said |= {"pad": str(rule.pad)} if rule.pad is not None else {}
            said |= {"top": str(rule.top)} if rule.top is not None else {}
            said |= {"divide_by": _number(rule.divide_by)} if rule.divide_by is not None else {}
            return said | _missing(rule.lines)
        case Recode():
            return _recode(rule)
        case Patterns():
            return {"from": _columns(rule.columns), "patterns": [_pattern_line(rule, line) for line in rule.lines]}
        case Band():
            return {"from": rule.column, "band": list(rule.codes), **_missing(rule.lines)}
        case DateRule():
            said = {"from": rule.column, "date": rule.format} if rule.column else {"date": dict(rule.parts)}
            said |= {"pivot": str(rule.pivot)} if rule.pivot is not None else {}
            said |= {"months": _months(rule.months)} if rule.months else {}
            said |= {"zone": rule.zone} if rule.zone else {}
            return said | _missing(rule.lines)
        case Compute():
            return {"compute": print_expression(rule.expression), **_missing(rule.lines)}
        case Pseudonym():
            parts = [rule_document(rule.dates[name]) if name in rule.dates else name for name in rule.columns]
            return {"pseudonym": parts, "key": _columns(rule.keys), **_missing(rule.lines)}
        case Cases():
            arms = [_arm(arm) for arm in rule.arms]
            if rule.otherwise is not None:
                rest = rule.otherwise
                arms.append({"else": rest.value} if isinstance(rest, Fixed) else {"else": "true", **_given(rest)})
            return {"cases": arms}
        case _:
            assert_never(rule)


def _arm(arm: Case) -> Document:
    said = {"when": print_expression(arm.when), **_given(arm.rule)}
    return said | _around(arm.match, arm.because, arm.confidence)


def _months(months: tuple[tuple[str, ...], ...]) -> str | list[str]:
    """Return the language of the names of months, or twelve names."""
    return next((language for language in MONTHS if month_names(language) == months), [names[0] for names in months])


def _given(rule: Rule) -> Document:
    return {"give": rule.value} if isinstance(rule, Fixed) else rule_document(rule)


def _recode(rule: Recode) -> Document:
    said: Document = {"from": _columns(rule.columns)}
    lines = [_line(rule.columns, line) for line in rule.lines]
    said["recode"] = lines
    said |= {"else": rule.otherwise.code} if rule.otherwise is not None else {}
    return said | ({"pad": str(rule.pad)} if rule.pad is not None else {})


def _line(columns: tuple[str, ...], line: Line) -> Document:
    values = {"from": line.values[0]} if len(columns) == 1 else dict(zip(columns, line.values, strict=True))
    return {**values, "to": line.code, **_said(line)}


def _pattern_line(rule: Patterns, line: PatternLine) -> Document:
    if len(rule.columns) == 1:
        values = _pattern_value(line.values[0])
    else:
        values = {name: _pattern_value(one) for name, one in zip(rule.columns, line.values, strict=True)}
    return {**values, "to": line.code, **_said(line)}


def _pattern_value(value: PatternValue) -> Document:
    said: Document = {"regex" if value.is_regex else "value": value.text}
    said |= {"start": str(value.start)} if value.start is not None else {}
    return said | ({"end": str(value.end)} if value.end is not None else {})


def _said(line: Line | PatternLine) -> Document:
    said = _around(line.match, line.because, line.confidence)
    said |= {"label": line.label} if line.label else {}
    said |= {"valid_from": line.valid_from.isoformat()} if line.valid_from else {}
    return said | ({"valid_to": line.valid_to.isoformat()} if line.valid_to else {})


def _around(match: str, because: str, confidence: str | None) -> Document:
    said = {"match": match} if match != "exact" else {}
    said |= {"because": because} if because else {}
    return said | ({"confidence": confidence} if confidence else {})


def _missing(lines: Iterable[Line]) -> Document:
    said: dict[str, list[str]] = {}
    for line in lines:
        said.setdefault(MISSING[line.code], []).append(line.values[0])
    return dict(said)


def _columns(columns: tuple[str, ...]) -> Any:
    return columns[0] if len(columns) == 1 else list(columns)


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)

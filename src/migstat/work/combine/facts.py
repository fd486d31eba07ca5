"""Facts: what a table's metadata say of its source, and how far two sources compare."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

import polars as pl

from migstat.words.combined import NOT_STATED, VERDICTS, Comparison, Reason, TableSource, Verdict
from migstat.words.missing import OTHER
from migstat.words.structure import Structure
from migstat.words.table import Table
from migstat.work.combine.cells import VALUE, key_of
from migstat.work.combine.common import detail

CONCEPTS = ("population", "birthplace", "boundaries", "coverage", "duration")
CONTEXT = ("FREQ", "REF_AREA", "TIME_PERIOD", "DEFINITION", "MIGRANT", "FLOW", "UNIT_MEASURE", "DATA_SOURCE")
"""Dimensions that say what a cell is; they are not levelled."""


def source_of(id: str, table: Table, structure: Structure) -> TableSource:
    """Return what is known of the source of a table."""
    frame, metadata = table.frame, table.metadata
    said = sources_said(metadata)
    absent = int(frame[VALUE].null_count())
    return TableSource(
        id,
        name=_joined(said, "name") or id,
        by=_joined(said, "by") or NOT_STATED,
        kind=_joined(said, "kind") or NOT_STATED,
        areas=_values(frame, "REF_AREA"),
        periods=_values(frame, "TIME_PERIOD"),
        vintage=str(metadata.get("vintage") or ""),
        definitions=_definitions(frame, metadata),
        concepts={concept: _joined(said, concept) or NOT_STATED for concept in CONCEPTS},
        cells=frame.height,
        gives={
            one.id: len(given(frame, one.id)) if one.id in frame.columns else 0
            for one in structure.with_role("dimension")
            if one.id not in CONTEXT
        },
        absent=absent,
    )


def given(frame: pl.DataFrame, component: str) -> frozenset[str]:
    """Return the codes that a source gives in a dimension: none where more people are under the rest than under codes.

    Of a table that tells migrants from others, only migrants are looked at: a source that tells its own country from
    elsewhere gives no country of birth.
    """
    codes = detail(frame[component].unique())
    if "MIGRANT" in frame.columns and "Y" in frame["MIGRANT"].unique():
        frame = frame.filter(pl.col("MIGRANT") == "Y")
    rest, coded = (frame.filter(pl.col(component).is_in(listed))[VALUE].sum() for listed in ([OTHER], [*codes]))
    return frozenset() if rest > coded else codes


def sources_said(metadata: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what the runs behind a table say of their sources; a table of several runs has several."""
    provenance = metadata.get("provenance") or {}
    parts = provenance.get("parts") or [provenance]
    return [{**part.get("source", {}), **metadata.get("source", {})} for part in parts]


def compared(sources: Iterable[TableSource], frame: pl.DataFrame, structure: Structure) -> tuple[Comparison, ...]:
    """Compare every pair of sources: what is said of both, and the cells that both have."""
    return tuple(_compared(first, second, frame, structure) for first, second in combinations(sources, 2))


def _compared(first: TableSource, second: TableSource, frame: pl.DataFrame, structure: Structure) -> Comparison:
    reasons = tuple(_reasons(first, second))
    verdict: Verdict = max((one.verdict for one in reasons), key=VERDICTS.index, default="comparable")
    key = [id for id in key_of(frame, structure) if id != "DATA_SOURCE"]
    mine, theirs = (
        frame.filter(pl.col("DATA_SOURCE") == one.id, pl.col(VALUE).is_not_null()).select(*key, VALUE)
        for one in (first, second)
    )
    both = mine.join(theirs, on=key, suffix="_other")
    equal = both.filter((pl.col(VALUE) - pl.col(f"{VALUE}_other")).abs() < 0.5).height
    ratios = both.filter(pl.col(VALUE) > 0, pl.col(f"{VALUE}_other") > 0)
    ratio = (ratios[f"{VALUE}_other"] / ratios[VALUE]).median() if ratios.height else None
    return Comparison(
        first.id, second.id, verdict, reasons, both.height, equal, ratio if isinstance(ratio, float) else None
    )


def _reasons(first: TableSource, second: TableSource) -> Iterator[Reason]:
    shared = set(first.definitions) & set(second.definitions)
    if not shared:
        what = f"{_listed(first.definitions)} against {_listed(second.definitions)}: other people are counted"
        yield Reason("definition", what, "not comparable")
    elif only := sorted(set(first.definitions) ^ set(second.definitions)):
        yield Reason("definition", f"{', '.join(only)} is in one of them only; compare {_listed(shared)}", "with care")
    revision = first.vintage != second.vintage and first.by == second.by
    if revision:
        what = f"{first.vintage or NOT_STATED} against {second.vintage or NOT_STATED} of one source: take one of them"
        yield Reason("vintage", what, "with care")
    said = {"source type": (first.kind, second.kind)}
    said |= {concept: (first.concepts[concept], second.concepts[concept]) for concept in CONCEPTS}
    for concept, (mine, theirs) in said.items():
        if NOT_STATED in (mine, theirs):
            silent = " and ".join(one.id for one, text in ((first, mine), (second, theirs)) if text == NOT_STATED)
            yield Reason(concept, f"not stated by {silent}", "with care", stated=False)
        elif mine != theirs:
            yield Reason(concept, f"{mine} against {theirs}", "with care")
    if not set(first.periods) & set(second.periods):
        yield Reason("period", f"{_span(first.periods)} against {_span(second.periods)}", "with care")
    for component in first.gives:
        if bool(first.gives[component]) != bool(second.gives[component]):
            lacking = second.id if first.gives[component] else first.id
            yield Reason(component, f"{lacking} gives totals only", "with care")


def _definitions(frame: pl.DataFrame, metadata: Mapping[str, Any]) -> dict[str, str]:
    texts = {one["id"]: one.get("text", "") for one in metadata.get("definitions", ())}
    return {id: texts.get(id, "") for id in _values(frame, "DEFINITION")}


def _values(frame: pl.DataFrame, column: str) -> tuple[str, ...]:
    return tuple(sorted(map(str, frame[column].unique()))) if column in frame.columns else ()


def _joined(said: Iterable[Mapping[str, Any]], key: str) -> str:
    return " / ".join(dict.fromkeys(str(one[key]) for one in said if one.get(key)))


def _listed(ids: Iterable[str]) -> str:
    return ", ".join(sorted(ids)) or NOT_STATED


def _span(periods: tuple[str, ...]) -> str:
    return periods[0] if len(set(periods)) == 1 else f"{periods[0]} to {periods[-1]}" if periods else NOT_STATED

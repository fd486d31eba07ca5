"""Combining: each source recoded, levelled and described, then all of them in one table."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.combined import Combined, Level, Loss, TableSource
from migstat.words.finding import Finding, Misuse, Severity
from migstat.words.missing import OTHER, TOTAL, UNKNOWN
from migstat.words.structure import Component, Structure
from migstat.words.table import Table
from migstat.work.combine.absent import with_absent
from migstat.work.combine.cells import added, key_of, repeated_cells
from migstat.work.combine.common import Nest, detail
from migstat.work.combine.facts import CONTEXT, compared, given, source_of
from migstat.work.combine.fitting import CALL, Work, fitting, without_groups
from migstat.work.combine.historic import Followed, follow, former, recoded, told
from migstat.work.combine.levelling import levelled, parts_above_whole, people_under
from migstat.work.tabulate.arrange import arranged
from migstat.work.tabulate.rollup import up_to

SOURCE, VINTAGE, COMMENT = "DATA_SOURCE", "VINTAGE", "COMMENT_OBS"
HOW = {
    "common": "the finest codes that all sources can give",
    "given": "the finest codes that all sources can give that give any; the others have the total",
    "finest": "each source keeps its finest codes",
}
ADDED = (
    Component(SOURCE, SOURCE, "dimension", "text", required=True, names={"en": "Data source"}),
    Component(VINTAGE, VINTAGE, "attribute", "text", names={"en": "Vintage of the source"}),
    Component("POPULATION_CONCEPT", "POPULATION_CONCEPT", "attribute", "text", names={"en": "Population counted"}),
    Component("BIRTHPLACE_CONCEPT", "BIRTHPLACE_CONCEPT", "attribute", "text", names={"en": "What birthplace means"}),
    Component("BOUNDARY_CONCEPT", "BOUNDARY_CONCEPT", "attribute", "text", names={"en": "Borders of birthplaces"}),
    Component("DURATION_CONCEPT", "DURATION_CONCEPT", "attribute", "text", names={"en": "Stay that makes a resident"}),
    Component(COMMENT, COMMENT, "attribute", "text", names={"en": "Comment on the cell"}),
)
CONCEPT_COLUMNS = {
    "POPULATION_CONCEPT": "population",
    "BIRTHPLACE_CONCEPT": "birthplace",
    "BOUNDARY_CONCEPT": "boundaries",
    "DURATION_CONCEPT": "duration",
    "COVERAGE": "coverage",
}


def combined_structure(into: Structure) -> Structure:
    """Return a table structure with the source of each cell as a dimension, and its concepts as attributes."""
    dimensions = [*into.with_role("dimension"), *(one for one in ADDED if one.role == "dimension")]
    rest = [*into.with_role("measure"), *into.with_role("attribute"), *(o for o in ADDED if o.role == "attribute")]
    return replace(into, id=f"{into.id}_COMBINED", key=(*into.key, SOURCE), components=(*dimensions, *rest))


def combine(
    tables: Mapping[str, Table],
    into: Structure,
    codelists: Callable[[str], Codelist],
    *,
    levels: Mapping[str, str],
    historic: str,
    date: datetime.date | None,
    absent: bool = False,
) -> Combined:
    """Put tables into one structure. ``levels`` says for each dimension how (``""`` for all that are not named)."""
    work = Work()
    frames = {id: fitting(id, table, into, work) for id, table in tables.items()}
    if any(one.severity == Severity.ERROR for one in work.findings):
        raise Misuse([one for one in work.findings if one.severity == Severity.ERROR])
    frames = without_groups(frames, into, codelists, work)
    sources = [source_of(id, replace(table, frame=frames[id]), into) for id, table in tables.items()]
    frames = _without_former(frames, into, codelists, historic, date, work)
    told_levels = []
    for component in into.with_role("dimension"):
        if component.id in CONTEXT or not component.coded:
            continue
        how = levels.get(component.id, levels.get("", "common"))
        nest = Nest(codelists(component.codelist))
        level = _level(component, nest, how, frames)
        if level is not None:
            told_levels.append(level)
            if how != "finest":
                frames = {id: _levelled(id, one, level, nest, into, work) for id, one in frames.items()}
    if absent:
        frames = {
            id: with_absent(one, told_levels, key_of(one, into), id, counted="records" in tables[id].metadata)
            for id, one in frames.items()
        }
    made = combined_structure(into)
    parts = [_described(one, frames[one.id]) for one in sources]
    frame = arranged(pl.concat(parts, how="diagonal_relaxed"), made, codelists)
    frame, twice = repeated_cells(frame, made, CALL)
    work.findings += twice
    comparisons = compared(sources, frame, made)
    metadata = {
        "published": "combined",
        "sources": {one.id: _facts(one) for one in sources},
        "definitions": _definitions(tables.values()),
        "levels": {one.component: {"how": one.how, "codes": list(one.codes)} for one in told_levels},
        "losses": [[one.source, one.component, one.what] for one in (*work.losses, *work.historic)],
        "historic": historic,
        "comparisons": [
            {
                "first": one.first,
                "second": one.second,
                "verdict": one.verdict,
                "reasons": [[reason.concept, reason.what] for reason in one.reasons],
            }
            for one in comparisons
        ],
        "notes": [
            "A cell that is not there is not 0: the source may not give it.",
            *(f"{id}: {note}" for id, table in tables.items() for note in table.metadata.get("notes", ())),
        ],
        "provenance": {id: table.metadata.get("provenance", {}) for id, table in tables.items()},
    }
    table = Table(frame, made, metadata, tuple(work.findings))
    policy = {"levels": HOW.get(levels.get("", "common"), levels.get("", "")), "historic": historic}
    return Combined(
        table,
        tuple(sources),
        tuple(told_levels),
        tuple(work.losses),
        comparisons,
        tuple(work.historic),
        policy,
        tuple(work.findings),
    )


def _without_former(
    frames: Mapping[str, pl.DataFrame],
    into: Structure,
    codelists: Callable[[str], Codelist],
    historic: str,
    date: datetime.date | None,
    work: Work,
) -> dict[str, pl.DataFrame]:
    made, refused = dict(frames), []
    for component in into.with_role("dimension"):
        if component.codelist not in {"CL_COUNTRY_BIRTH", "CL_CITIZENSHIP", "CL_AREA"}:
            continue
        codelist = codelists(component.codelist)
        for id, frame in made.items():
            met = former(codelist, sorted(frame[component.id].unique()))
            answers = [follow(codelist, code, historic, date) for code in met]
            refused += [one for one in answers if isinstance(one, Finding)]
            followed = [one for one in answers if isinstance(one, Followed)]
            work.historic += told(codelist, id, component.id, followed)
            stay = [code for code, one in zip(met, answers, strict=True) if one is None]
            work.historic += [
                Loss(id, component.id, f"{code} ({codelist.label(code)}) is a former area, and stays one", (code,))
                for code in stay
            ]
            made[id] = added(recoded(frame, component.id, followed), key_of(frame, into)) if followed else frame
    if refused:
        raise Misuse(dict.fromkeys(refused))
    return made


def _level(component: Component, nest: Nest, how: str, frames: Mapping[str, pl.DataFrame]) -> Level | None:
    """Return what is to become of a dimension; None where no source gives more than its total.

    Where none does, and a few codes stand beside wider ones that hold them, the wider ones are kept.
    """
    fine = {id: nest.finest(given(frame, component.id)) for id, frame in frames.items()}
    giving = {id: codes for id, codes in fine.items() if codes}
    if not giving:
        there = frozenset().union(*(detail(frame[component.id].unique()) for frame in frames.values()))
        widest = nest.coarsest(there)
        return (
            None if widest == there or how == "finest" else Level(component.id, how, _in_order(nest.codelist, widest))
        )
    without = tuple(id for id in frames if id not in giving)
    if how == "finest":
        every = frozenset().union(*(detail(frame[component.id].unique()) for frame in frames.values()))
        return Level(component.id, how, _in_order(nest.codelist, every), without)
    if how == "common":
        codes = frozenset[str]() if without else nest.common(giving)
    elif how == "given":
        codes = nest.common(giving)
    else:
        lifted = {id: frozenset(up_to(nest.codelist, code, how) for code in one) for id, one in giving.items()}
        codes = nest.common(lifted)
    return Level(component.id, how, _in_order(nest.codelist, codes), without)


def _levelled(id: str, frame: pl.DataFrame, level: Level, nest: Nest, into: Structure, work: Work) -> pl.DataFrame:
    component, codelist = level.component, nest.codelist
    code, cells = parts_above_whole(frame, component, nest, key_of(frame, into))
    if code:
        what = f"{id}: {code} ({codelist.label(code)}) has fewer people than the codes below it"
        mend = "tabulate it with parents, or levels='finest' for this dimension"
        work.findings.append(Finding(CALL, component, what, mend, rule="parts_above_whole", rows=cells))
    made, lost, carried = levelled(frame, component, nest, level.codes, key_of(frame, into))
    by_target: dict[str, list[str]] = {}
    for code, to in lost.items():
        by_target.setdefault(to, []).append(code)
    for to, codes in sorted(by_target.items()):
        lacking = " and ".join(level.without) if level.how == "common" else ""
        why = (
            f", since {lacking} give{'s' * (len(level.without) == 1)} none"
            if lacking
            else ": no common code holds them"
        )
        kept = "are in the total only" if to == TOTAL else f"are added up to {to} ({codelist.label(to)})"
        told_codes = f"{len(codes):,} codes" if len(codes) > 6 else ", ".join(sorted(codes))
        if len(codes) == 1:
            kept = kept.replace("are ", "is ", 1)
        what = f"{told_codes} {kept}{why if to == TOTAL else ''}"
        work.losses.append(Loss(id, component, what, tuple(sorted(codes))))
    for code, why, is_told in (
        (UNKNOWN, "known to a wider code only, or unknown", carried > 0),
        (OTHER, "what that holds differs from source to source", bool(level.codes)),
    ):
        people, several = people_under(code, made, component, key_of(made, into))
        if is_told and people:
            most = " at the most of one period and definition" if several else ""
            work.losses.append(Loss(id, component, f"{people:,.0f} people{most} are under {code}: {why}", (code,)))
    return made


def _described(source: TableSource, frame: pl.DataFrame) -> pl.DataFrame:
    """Give each cell its source and the concepts that its source counts by."""
    columns = {SOURCE: source.id, VINTAGE: source.vintage or None}
    columns |= {column: source.concepts[concept] for column, concept in CONCEPT_COLUMNS.items()}
    texts = {id: text for id, text in source.definitions.items() if text}
    made = frame.with_columns(pl.lit(value, pl.String).alias(name) for name, value in columns.items())
    if COMMENT not in made.columns:
        made = made.with_columns(pl.lit(None, pl.String).alias(COMMENT))
    if "DEFINITION" in made.columns:
        said = pl.col("DEFINITION").replace_strict(texts, default=None, return_dtype=pl.String)
        made = made.with_columns(said.alias("STAT_CONC_DEF"))
    return made


def _facts(source: TableSource) -> dict[str, Any]:
    return {
        "name": source.name,
        "by": source.by,
        "kind": source.kind,
        "vintage": source.vintage,
        "periods": list(source.periods),
        "definitions": sorted(source.definitions),
        **source.concepts,
    }


def _definitions(tables: Iterable[Table]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for table in tables:
        for one in table.metadata.get("definitions", ()):
            found.setdefault(one["id"], one)
    return [found[id] for id in sorted(found)]


def _in_order(codelist: Codelist, codes: frozenset[str]) -> tuple[str, ...]:
    return (*(id for id in codelist.ids if id in codes), *sorted(code for code in codes if code not in codelist))

"""The page of a combined table: what may be compared with what, why, and every detail that was lost."""

from collections.abc import Iterable

from migstat.report.page import render
from migstat.words.combined import NOT_STATED, VERDICTS, Combined, Comparison, TableSource
from migstat.words.missing import TOTAL

MOST_CODES = 40
"""Codes of a level that are listed; further ones are counted."""
MOST_CELLS = 60
SIGNS = {"comparable": "✓", "with care": "!", "not comparable": "✗", "": ""}


def comparability_page(done: Combined) -> str:
    """Return the account of a combined table as one HTML page, without scripts and without any other file.

    Equal tables give equal pages. The page holds figures of the table only as totals of each source.
    """
    sources = [one.id for one in done.sources]
    verdicts = {(one.first, one.second): one for one in done.comparisons}
    verdicts |= {(one.second, one.first): one for one in done.comparisons}
    return render(
        "comparability.html",
        done=done,
        sources=sources,
        verdict=_verdict(done.comparisons),
        pairs=verdicts,
        signs=SIGNS,
        tally={verdict: sum(one.verdict == verdict for one in done.comparisons) for verdict in VERDICTS},
        rows=list(_rows(done.sources)),
        definitions=_definitions(done.sources),
        notes=done.table.metadata.get("notes", [])[1:],
        not_stated=NOT_STATED,
        levels=[(one, one.codes[:MOST_CODES], max(0, len(one.codes) - MOST_CODES)) for one in done.levels],
        losses=_by_source(done, sources),
        totals=_totals(done),
        most=MOST_CELLS,
        shared=[one for one in done.comparisons if one.shared],
    )


def _verdict(comparisons: Iterable[Comparison]) -> tuple[str, str]:
    counts = {verdict: sum(one.verdict == verdict for one in comparisons) for verdict in VERDICTS}
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    kind = "error" if counts["not comparable"] else "warning" if counts["with care"] else "fine"
    return kind, f"Pairs of sources: {said}."


def _rows(sources: Iterable[TableSource]) -> Iterable[tuple[str, list[str]]]:
    """Yield what is known of the sources, a concept a row, a source a cell."""
    listed = list(sources)
    yield "Source", [one.name for one in listed]
    yield "Made by", [one.by for one in listed]
    yield "Kind", [one.kind for one in listed]
    yield "Vintage", [one.vintage or "–" for one in listed]
    yield "Areas", [_some(one.areas) for one in listed]
    yield "Periods", [_some(one.periods) for one in listed]
    yield "Definitions", [", ".join(one.definitions) for one in listed]
    for concept, name in (
        ("population", "Population"),
        ("coverage", "Who is covered"),
        ("birthplace", "Birthplace is"),
        ("boundaries", "Borders"),
        ("duration", "Stay that makes a resident"),
    ):
        yield name, [one.concepts[concept] for one in listed]
    yield "Cells", [f"{one.cells:,}" for one in listed]
    yield "Cells without a value", [f"{one.absent:,}" for one in listed]


def _definitions(sources: Iterable[TableSource]) -> dict[tuple[str, str], list[str]]:
    """Return each definition with its text, and the sources that count by it."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in sources:
        for id, text in one.definitions.items():
            if text:
                found.setdefault((id, text), []).append(one.id)
    return found


def _some(values: tuple[str, ...], most: int = 6) -> str:
    return ", ".join(values) if len(values) <= most else f"{', '.join(values[:most])} and {len(values) - most} more"


def _by_source(done: Combined, sources: list[str]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {id: [] for id in sources}
    for one in (*done.losses, *done.historic):
        found.setdefault(one.source, []).append((one.component, one.what))
    return found


def _totals(done: Combined) -> list[tuple[str, str, str, str, str, float | None]]:
    """Return who is counted, by source, area, period and definition, over all other dimensions."""
    frame = done.table.frame
    totals = [one.component for one in done.levels]
    found = frame.filter(**dict.fromkeys(totals, TOTAL)) if totals else frame
    columns = [
        "DATA_SOURCE",
        "REF_AREA",
        "TIME_PERIOD",
        *(id for id in ("DEFINITION", "MIGRANT") if id in frame.columns),
    ]
    rows = found.select([*columns, "OBS_VALUE"]).sort(columns).rows()
    few = [(*row[:-1], *[""] * (5 - len(columns)), row[-1]) for row in rows]
    return [row for row in few if row[4] in ("Y", "", "_T")] if len(few) > MOST_CELLS else few

"""Mirror flows: what one side says came against what the other says left; ratios, differences, one figure if asked."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from migstat.api.bilateral import column_of, frame_from, numbers, totals_only
from migstat.read.codelists import codelist
from migstat.read.structures import structure
from migstat.words.combined import NOT_STATED, Reason
from migstat.words.finding import Finding, Place, Severity, misuse
from migstat.words.how_many import how_many
from migstat.words.mirrored import Mirrored
from migstat.words.table import Table
from migstat.work.combine.facts import CONCEPTS, sources_said
from migstat.work.mirror.controlled import shared_out, to_totals
from migstat.work.mirror.corridors import KEY, RECEIVED, SENT, corridors, summary
from migstat.work.mirror.reconcile import METHODS, reconciled
from migstat.work.tabulate.arrange import arranged

CALL = Place("mirror")
NAMES = {
    "ORIGIN": ("COUNTRY_PREVIOUS", "ORIGIN", "Sending_iso3", "orig", "origin"),
    "DESTINATION": ("COUNTRY_NEXT", "DESTINATION", "Receiving_iso3", "dest", "destination"),
    "TIME_PERIOD": ("TIME_PERIOD", "Year", "year"),
}
UNKNOWN = ("_U", "_N", "_O", "_X")


def mirror(
    sent: Any,
    received: Any,
    *,
    sent_value: str = "OBS_VALUE",
    received_value: str = "OBS_VALUE",
    grades: Mapping[str, str] | None = None,
    method: str | None = None,
    reference: str | Sequence[str] = (),
    into_totals: Mapping[str, float] | None = None,
    out_totals: Mapping[str, float] | None = None,
    share_unknown: bool = False,
) -> Mirrored:
    """Hold the emigration that origins count against the immigration that destinations count, corridor by corridor.

    ``sent`` and ``received`` are flow tables, files or frames: tables of ours with FLOW are read from both sides
    (REF_AREA is the origin of EMI, the destination of IMM); others have origin, destination and year. Both may be one
    file, with ``sent_value`` and ``received_value`` its two columns. ``grades`` names columns to carry beside each
    side, such as ``{"UI": "RECEIVED_UNDERCOUNT"}``; their capitals are made equal.

    ``method`` gives one figure for each corridor: ``receiver``, ``larger``, ``mean`` or ``correction factors`` (with
    ``reference``, the areas whose immigration is held to be right); ``result.source`` and ``result.limits`` say of it
    what is to be said. ``into_totals`` and ``out_totals`` are totals of destinations and origins to which the figures
    are made to add up exactly. Unknown origins are corridors of their own; ``share_unknown`` shares them out.

    Without ``method`` nothing is corrected. An empty figure is unknown, and never 0.

    >>> sent = pl.DataFrame({"orig": ["A"], "dest": ["B"], "year": ["2010"], "OBS_VALUE": [50]})
    >>> received = pl.DataFrame({"orig": ["A", "C"], "dest": ["B", "B"], "year": ["2010"] * 2, "OBS_VALUE": [100, 7]})
    >>> found = mirror(sent, received, method="larger")
    >>> found.corridors.select("ORIGIN", "RATIO", "SIDES", "ESTIMATE", "TAKEN").rows()
    [('A', 0.5, 'both', 100.0, 'receiver'), ('C', None, 'receiver', 7.0, 'receiver')]
    """
    if method is None and (into_totals or out_totals or share_unknown or reference):
        raise misuse("without a method there is no figure to scale or share", "name a method", place="mirror")
    if method is not None and method not in METHODS:
        raise misuse(f"there is no method '{method}'", f"write one of {', '.join(METHODS)}", place="mirror")
    carried = dict(grades or {})
    both = corridors(
        _side(sent, "EMI", sent_value, SENT, carried), _side(received, "IMM", received_value, RECEIVED, carried)
    )
    facts = summary(both)
    reasons = tuple(_reasons(sent, received))
    findings = _quality(both)
    if method is None:
        return Mirrored(both, None, reasons, facts=facts, findings=tuple(findings))
    areas = [reference] if isinstance(reference, str) else list(reference)
    if strange := [area for area in areas if area not in set(both["DESTINATION"])]:
        raise misuse(f"{', '.join(strange)} receives nobody here", "name destinations", component="reference")
    made, factors = reconciled(both, method, areas)
    if share_unknown:
        made = shared_out(made, list(UNKNOWN))
    if into_totals is not None or out_totals is not None:
        made, more = _controlled(made, into_totals, out_totals)
        findings += more
    named = METHODS[method]
    table = _table(made, named.id, named.source, named.limits)
    return Mirrored(made, table, reasons, named.id, named.source, named.limits, factors, facts, tuple(findings))


def _side(source: Any, flow: str, value: str, name: str, grades: Mapping[str, str]) -> pl.DataFrame:
    what = "the sending side" if flow == "EMI" else "the receiving side"
    frame = frame_from(source, what)
    if "FLOW" in frame.columns:
        frame = _of_flow(frame, flow, what)
    frame = numbers(frame, column_of(frame, (value,), what), what)
    found = {id: column_of(frame, names, what) for id, names in NAMES.items()}
    graded = {column: alias for column, alias in grades.items() if column in frame.columns}
    side = frame.select(
        *(pl.col(column).cast(pl.String).alias(id) for id, column in found.items()),
        pl.col(value).alias(name),
        *(pl.col(column).cast(pl.String).str.to_lowercase().alias(alias) for column, alias in graded.items()),
    )
    twice = side.group_by(KEY).len().filter(pl.col("len") > 1)
    if twice.height:
        row = " ".join(map(str, twice.sort(KEY).row(0)[:3]))
        mend = "take totals over the other dimensions first"
        raise misuse(
            f"{what} has {how_many(twice.height, 'corridor')} more than once, such as {row}", mend, place="mirror"
        )
    return side


def _of_flow(frame: pl.DataFrame, flow: str, what: str) -> pl.DataFrame:
    """Return the corridors of a flow table of ours: the area that counts them is at one end."""
    other = "COUNTRY_NEXT" if flow == "EMI" else "COUNTRY_PREVIOUS"
    mine = "COUNTRY_PREVIOUS" if flow == "EMI" else "COUNTRY_NEXT"
    column_of(frame, ("REF_AREA",), what)
    rows = totals_only(frame, ("FLOW", "COUNTRY_NEXT", "COUNTRY_PREVIOUS")).filter(pl.col("FLOW") == flow)
    if not rows.height:
        raise misuse(f"{what} has no flows {flow}", "hand in emigration first, immigration second", component="FLOW")
    return rows.filter(pl.col(other) != "_T").with_columns(pl.col("REF_AREA").alias(mine))


def _reasons(sent: Any, received: Any) -> list[Reason]:
    """Return what differs between both sides, as their metadata say."""
    if not (isinstance(sent, Table) and isinstance(received, Table)):
        return [Reason("definition", "frames and files say nothing of definitions", "with care", stated=False)]
    reasons = []
    named = [sorted({one["id"] for one in table.metadata.get("definitions", ())}) for table in (sent, received)]
    if named[0] != named[1]:
        mine, theirs = (", ".join(one) or NOT_STATED for one in named)
        reasons.append(Reason("definition", f"{mine} sent against {theirs} received", "not comparable"))
    for concept in CONCEPTS:
        said = [
            " / ".join(dict.fromkeys(str(one[concept]) for one in sources_said(table.metadata) if one.get(concept)))
            for table in (sent, received)
        ]
        if not all(said):
            reasons.append(Reason(concept, f"{NOT_STATED} by one side or both", "with care", stated=False))
        elif said[0] != said[1]:
            reasons.append(Reason(concept, f"{said[0]} sent against {said[1]} received", "with care"))
    return reasons


def _quality(both: pl.DataFrame) -> list[Finding]:
    findings = []
    below = both.filter((pl.col(SENT) < 0) | (pl.col(RECEIVED) < 0)).height
    if below:
        findings.append(Finding(CALL, "OBS_VALUE", "flows below zero", "give gross flows, not net ones", rows=below))
    same = both.filter(pl.col("ORIGIN") == pl.col("DESTINATION")).height
    if same:
        what = "corridors from an area to itself are no international moves"
        findings.append(Finding(CALL, "ORIGIN", what, "leave them out", Severity.WARNING, rows=same))
    return findings


def _controlled(
    made: pl.DataFrame, into: Mapping[str, float] | None, out: Mapping[str, float] | None
) -> tuple[pl.DataFrame, list[Finding]]:
    periods = made["TIME_PERIOD"].unique().to_list()
    if len(periods) > 1:
        what = f"totals are of one period, and the corridors are of {len(periods)}"
        raise misuse(what, "mirror one period at a time", place="mirror")
    for component, totals, known in (("into_totals", into, "DESTINATION"), ("out_totals", out, "ORIGIN")):
        if strange := sorted(set(totals or ()) - set(made[known])):
            raise misuse(f"no corridor has {known.lower()} {', '.join(strange[:8])}", "drop it", component=component)
    return to_totals(made, None if into is None else dict(into), None if out is None else dict(out))


def _table(made: pl.DataFrame, method: str, source: str, limits: str) -> Table:
    into = structure("MIGRATION_FLOW")
    known = made.filter(pl.col("ESTIMATE").is_not_null())
    frame = known.select(
        pl.col("DESTINATION").alias("REF_AREA"),
        "TIME_PERIOD",
        pl.col("ORIGIN").alias("COUNTRY_PREVIOUS"),
        pl.col("DESTINATION").alias("COUNTRY_NEXT"),
        pl.col("ESTIMATE").alias("OBS_VALUE"),
        DEFINITION=pl.lit("_Z"),
        FLOW=pl.lit("IMM"),
        UNIT_MEASURE=pl.lit("PS"),
        OBS_STATUS=pl.lit("E"),
        SOURCE_TYPE=pl.lit("ESTIMATE"),
    )
    metadata = {"published": "reconciled", "method": method, "method_source": source, "limits": limits}
    return Table(arranged(frame, into, codelist), into, metadata)

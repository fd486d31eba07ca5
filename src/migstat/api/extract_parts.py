"""Parts of an extract on their way to records: as text, coded and numbered; and the lines that are no rows."""

from collections.abc import Iterator, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.pseudonymising import pseudonymised, shown
from migstat.read.extracts import Extract
from migstat.words.finding import Finding, MigstatError, Place, Severity
from migstat.words.mapping import COLUMN
from migstat.words.missing import KINDS
from migstat.work.harmonize.keys import KeyCheck
from migstat.work.harmonize.part import Part
from migstat.work.harmonize.plan import Plan
from migstat.work.harmonize.text import as_text
from migstat.work.harmonize.trail import Trail
from migstat.write.records import RecordsWriter


def text_of(frame: Any, plan: Plan) -> Any:
    """Return a frame with all columns as text, blanks being null; those of companions are so already."""
    format, taken = plan.mapping.source.format, plan.mapping.source.taken
    own = [name for name in frame.collect_schema().names() if name not in taken]
    return as_text(frame, own, format.missing, format.trim)


def coded_part(part: pl.DataFrame, rows: pl.Series, plan: Plan) -> Part:
    """Number the rows of a part of text, and hold the columns whose values repeat as categories."""
    columns = [name for name in plan.coded if name in part.columns]
    return Part(part.with_columns(pl.col(columns).cast(pl.Categorical)), rows)


def parts_of(extract: Extract, plan: Plan) -> Iterator[Part]:
    """The parts of an extract, as text, with pseudonyms; an empty one where it has no rows, for the columns' sake.

    A CSV part that is neither trimmed nor holds pseudonyms stays as it is: its blanks are null already.
    """
    empty = True
    for rows, part in extract.parts:
        empty = False
        yield text_part(part, rows, plan, extract.raw)
    if empty:
        part = pl.DataFrame(schema=dict.fromkeys(extract.columns, pl.String))
        yield text_part(part, pl.Series(dtype=pl.Int64), plan, extract.raw)


def text_part(part: Any, rows: pl.Series, plan: Plan, raw: bool) -> Part:
    """Return a part, a Polars frame or an Arrow batch, as text, with pseudonyms, its rows numbered."""
    if not (isinstance(part, pl.DataFrame) or plan.pseudonyms or plan.mapping.source.format.trim):
        return Part(part, rows)
    made = pseudonymised(pl.DataFrame(part), plan)
    if raw or plan.mapping.source.format.trim:
        made = text_of(nw.from_native(made, eager_only=True), plan).to_native()
    return coded_part(made, rows, plan)


def codes_of(plan: Plan) -> dict[str, list[str]]:
    """The codelist of each coded column, and the kinds of missing of the others."""
    codes: dict[str, list[str]] = {}
    for out in plan.out:
        if out.is_kind:
            codes[out.name] = list(KINDS)
        elif out.component is not None and out.component.coded:
            codes[out.name] = list(plan.codelists[out.component.codelist].ids)
    return codes


def with_line(rejects: pl.DataFrame) -> pl.DataFrame:
    """Add an empty column for the text of lines that are no rows."""
    return rejects.with_columns(pl.lit(None, pl.String).alias("_line"))


def malformed_rows(extract: Extract, plan: Plan) -> pl.DataFrame:
    """Lines that are no rows, as rejects. The line itself is left out where it would carry an identifier away."""
    rows, whys, lines = zip(*extract.malformed, strict=True)
    columns = shown(extract.columns, plan)
    schema: Any = {"_row": pl.Int64, **dict.fromkeys(columns, pl.String), "_why": pl.String, "_line": pl.String}
    kept = [None] * len(lines) if plan.secret else list(lines)
    made = pl.DataFrame({"_row": rows, "_why": whys, "_line": kept}, schema_overrides={"_line": pl.String})
    return made.with_columns(pl.lit(None, pl.String).alias(name) for name in columns).select(list(schema)).cast(schema)


def repeated(keys: KeyCheck, plan: Plan) -> list[Finding]:
    """Return the finding about keys that stand more than once, if there are any."""
    count, rows = keys.repeated()
    where = f"in row {', '.join(map(str, rows))}{', and more' if count > len(rows) else ''}"
    return key_findings(count, where, plan) if count else []


def key_findings(count: int, where: str, plan: Plan) -> list[Finding]:
    """Return the finding about so many keys that stand again."""
    key = ", ".join(plan.key)
    what = f"the key {key} stands again {where}".rstrip()
    mend = "name all columns of the key under source.key, or remove the rows that stand twice"
    return [Finding(plan.mapping.source.place, "key", what, mend, rule="duplicate", rows=count)]


def without_rows(name: str, rows: int) -> list[Finding]:
    """Warn of a file with columns and no rows: whoever waits for records would see nothing wrong."""
    what, mend = "has columns and no rows", "check that it is the right file, and whole"
    return [] if rows else [Finding(Place(name), "", what, mend, Severity.WARNING, rule="empty")]


def cell_key(plan: Plan) -> list[str]:
    """Return the columns that name a cell of a table; none of records, which the source names."""
    there = [out.name for out in plan.out if out.component is not None and out.component.role == "dimension"]
    return there if plan.structure.kind == "table" else []


def same_cells(count: int, plan: Plan) -> list[Finding]:
    """Return the finding about so many cells of a table that are made again."""
    if not count:
        return []
    key = ", ".join(cell_key(plan))
    what = f"the map makes the same cell of {key} again: values that differ in the source are one in the target"
    mend = "add such cells up if they are counts, or map the values that differ to different codes"
    return [Finding(plan.mapping.place, "key", what, mend, Severity.WARNING, rule="same-cell", rows=count)]


def refuse_made(columns: Sequence[str], plan: Plan) -> None:
    """Refuse an extract that has a column of the name that the mapping gives to one it makes."""
    there = {column.casefold() for column in columns}
    found = [
        Finding(target.place, COLUMN.format(name), f"the extract has a column {name} of its own",
                f"give the column under columns another name, such as {name}_MADE")
        for target in plan.mapping.columns
        if (name := target.component).casefold() in there
    ]  # fmt: skip
    if found:
        raise MigstatError(found)


def unread_by(plan: Plan, columns: Sequence[str]) -> list[str]:
    """Return the columns that no rule reads."""
    return [column for column in columns if column not in {*plan.columns, *plan.own}]


def traced(trail: tuple[Trail, RecordsWriter], filled: pl.DataFrame) -> None:
    """Write which line gave each value of filled rows."""
    for part in trail[0].parts(filled):
        trail[1].add(part)

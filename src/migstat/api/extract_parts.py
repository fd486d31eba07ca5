"""Parts of an extract on their way to records: as text, coded and numbered; and the lines that are no rows."""

from collections.abc import Iterator, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from migstat.api.pseudonymising import pseudonymised, shown
from migstat.read.extracts import Extract
from migstat.read.heads import left_behind, of_numbers
from migstat.read.source_extracts import read_source
from migstat.words.finding import Finding, MigstatError, Place, Severity, misuse
from migstat.words.mapping import COLUMN
from migstat.words.memory import Room
from migstat.words.missing import KINDS
from migstat.words.source import DROP_EXACT
from migstat.work.harmonize.duplicates import Duplicates
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


def extract_for(given: Any, plan: Plan) -> Extract:
    """Open what a plan is to run over, with the columns that it may read; keys of companions are among them."""
    source = plan.mapping.source
    unread = tuple(name for name in plan.unread if name not in source.joining)
    extract = read_source(given, source.format, plan.own, unread, plan.coded)
    extract.findings[:] = of_numbers(extract.findings, plan.numbers)
    if plan.unread != plan.dropped:
        extract.findings += left_behind(extract.columns, plan.own, plan.dropped, extract.name)
    return extract


def parts_of(extract: Extract, plan: Plan, room: Room | None = None) -> Iterator[Part]:
    """The parts of an extract, as text, with pseudonyms; an empty one where it has no rows, for the columns' sake.

    A CSV part that is neither trimmed nor holds pseudonyms stays as it is: its blanks are null already. Where the
    mapping has rows left out that stand already, they are in no part; ``room`` is for what is known of them.
    """
    duplicates = Duplicates(room) if plan.mapping.source.drops_duplicates else None
    empty = True
    for rows, part in extract.parts:
        empty = False
        if duplicates is None:
            yield text_part(part, rows, plan, extract.raw)
        else:
            yield distinct_part(part, rows, plan, extract.raw, duplicates)
    if empty:
        columns = extract.columns if plan.pseudonyms else shown(extract.columns, plan)
        part = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        yield text_part(part, pl.Series(dtype=pl.Int64), plan, extract.raw)
    if duplicates is not None:
        duplicates.forget()


def distinct_part(part: Any, rows: pl.Series, plan: Plan, raw: bool, duplicates: Duplicates) -> Part:
    """Return a part as ``text_part`` does, without the rows that stand already, which differ in no identifier either.

    Rows are compared as the rules read them: as text, trimmed where that is asked for, and with one kind of blank.
    """
    if raw or plan.mapping.source.format.trim:
        part = text_of(nw.from_native(pl.DataFrame(part), eager_only=True), plan).to_native()
    again = duplicates.again(part)
    weight = plan.mapping.source.weight
    left_out = pl.DataFrame(height=0)
    if again.any():
        real = plan.aliases.get(weight, weight)
        column = pl.DataFrame(part.select([real]))[real].cast(pl.String) if weight else pl.Series([""] * len(again))
        left_out = pl.DataFrame({weight or "": column}).filter(pl.Series(again))
        part, rows = _rows_of(part, ~again), rows.filter(pl.Series(~again))
    names = part.columns if isinstance(part, pl.DataFrame) else part.schema.names
    if not plan.pseudonyms:  # They are made of identifiers, which go with that.
        part = part.select(shown(names, plan))
    made = text_part(part, rows, plan, raw=False)
    made.left_out = left_out
    return made


def _rows_of(part: Any, kept: np.ndarray) -> Any:
    """Return some rows of a Polars frame or an Arrow batch."""
    if isinstance(part, pl.DataFrame):
        return part.filter(pl.Series(kept))
    import pyarrow as pa

    return part.filter(pa.array(kept))


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


def refuse_comparing(plan: Plan, what: str) -> None:
    """Refuse to leave out rows that stand already where rows cannot be compared one after the other."""
    if plan.mapping.source.drops_duplicates:
        said = f"duplicates: {DROP_EXACT} needs the rows one after the other, and {what} has no order"
        mend = "hand in the path of a file, or a frame in memory; or, of a table of a database, name a folder, into="
        raise misuse(said, mend, place=str(plan.mapping.source.place), component="duplicates")


def unread_by(plan: Plan, columns: Sequence[str]) -> list[str]:
    """Return the columns that no rule reads."""
    return [column for column in shown(columns, plan) if column not in {*plan.columns, *plan.own}]


def traced(trail: tuple[Trail, RecordsWriter], filled: pl.DataFrame) -> None:
    """Write which line gave each value of filled rows."""
    for part in trail[0].parts(filled):
        trail[1].add(part)

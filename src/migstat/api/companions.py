"""Companions of an extract: named by the caller or found beside it, read once, and joined to its parts."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from migstat.api.ceiling import Ceiling
from migstat.api.extract_parts import extract_for, refuse_made
from migstat.api.frames import frame_of
from migstat.read.extracts import Extract
from migstat.read.found_beside import found_beside
from migstat.read.heads import check_columns, of_numbers
from migstat.read.malformed import malformed_lines
from migstat.read.source_extracts import input_of, read_source, source_named
from migstat.words.address import is_address
from migstat.words.finding import Finding, MigstatError, Misuse, misuse
from migstat.words.source import Companion, Format, Source
from migstat.work.harmonize.companions import CompanionTable, Joining
from migstat.work.harmonize.plan import Plan

Given = Mapping[str, Any]
"""What the caller says that companions are: a path, an address or a frame by name."""


def named(given: Any) -> Given:
    """Return what the caller says that companions are. Raise Misuse where these are no names with files."""
    if given is not None and not isinstance(given, Mapping):
        mend = 'write companions={"households": "households.csv"}'
        raise misuse(f"companions is of the type {type(given).__name__}, and no names with files", mend)
    return given or {}


class Companions:
    """The companions of one extract. They are read when they are first asked for, and held."""

    def __init__(self, plan: Plan, given: Given | None, beside: Path | None, ceiling: Ceiling) -> None:
        self._plan, self._ceiling, self._beside = plan, ceiling, beside
        self._given = named(given)
        self._tables: list[CompanionTable] | None = None
        self.inputs: list[dict[str, Any]] = []
        """Name, bytes and hash of each file that was read."""
        self.findings: list[Finding] = []

    def begin(self) -> Joining:
        """Return what joins one passage through the extract. Raises MigstatError with all that is wrong with files."""
        return Joining(self._plan, self.tables)

    @property
    def tables(self) -> list[CompanionTable]:
        """The companions as they are held."""
        if self._tables is None:
            files = companion_files(self._plan.mapping.source, self._given, self._beside)
            tables, faults = [], list[MigstatError]()
            for said in self._plan.mapping.source.companions:
                try:
                    tables.append(self._table(said, *files[said.name]))
                except MigstatError as error:
                    faults.append(error)
            raise_all(faults)
            self._tables = tables
        return self._tables

    @property
    def bytes(self) -> int:
        """Bytes that the companions take."""
        return sum(table.bytes for table in self.tables)

    def _table(self, said: Companion, source: Any, format: Format) -> CompanionTable:
        needed = list(dict.fromkeys([*said.by.values(), *said.columns.values()]))
        if not isinstance(source, str | os.PathLike):
            name = f"the frame {said.name}"
            frame = frame_of(source)
            check_columns(frame.collect_schema().names(), needed, name, 0)
            whole = frame.select(*needed).lazy().collect("polars").to_native()
            return CompanionTable(said, name, [(pl.int_range(1, whole.height + 1, eager=True), whole)])
        opened = source_named(source)
        try:
            extract = read_source(opened, format, needed)
            numbers = [theirs for ours, theirs in said.columns.items() if ours in self._plan.numbers]
            extract.findings[:] = of_numbers(extract.findings, numbers)
            self._ceiling.limit(extract)
            table = CompanionTable(replace(said, format=format), extract.name, self._watched(extract))
        except MigstatError as error:
            raise type(error)(_told(error.findings, said)) from None
        self.inputs.append({**input_of(opened, extract), "companion": said.name})
        lines = malformed_lines(extract.name, extract.malformed, extract.mend)
        self.findings += _told([*extract.findings, *lines], said)
        return table

    def _watched(self, extract: Extract) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        for rows, part in self._ceiling.watched(extract.parts):
            yield rows, part if isinstance(part, pl.DataFrame) else pl.DataFrame(pl.from_arrow(part))


def _told(findings: Iterable[Finding], said: Companion) -> list[Finding]:
    """Return what a reader of extracts found in a companion in the words of a companion."""
    return [
        replace(
            one,
            what=one.what.replace("the extract has", f"{said.name} has"),
            mend=one.mend.replace("source.format", f"source.companions.{said.name}.format"),
        )
        for one in findings
    ]


def raise_all(faults: list[MigstatError]) -> None:
    """Raise what went wrong in several places as one error, if anything did."""
    if faults:
        found = list(dict.fromkeys(one for error in faults for one in error.findings))
        raise (Misuse if all(isinstance(one, Misuse) for one in faults) else MigstatError)(found)


def companion_files(source: Source, given: Given, beside: Path | None) -> dict[str, tuple[Any, Format]]:
    """Return where each companion is, and how it is read: as it is given, or found ``beside`` the extract.

    Raises Misuse where one is not given and not found, or where one is given that the mapping does not know: all at
    once.
    """
    files: dict[str, tuple[Any, Format]] = {}
    faults: list[MigstatError] = []
    names = [one.name for one in source.companions]
    for name in given:
        if name not in names:
            near = get_close_matches(name, names, 1)
            listed = f"one of {', '.join(names)}" if names else "the mapping has none: leave it out"
            faults.append(
                misuse("the mapping has no such companion", f"write {near[0]}" if near else listed, place=name)
            )
    for one in source.companions:
        try:
            found = (given[one.name], one.format) if one.name in given else _found(one, beside)
        except MigstatError as error:
            faults.append(error)
            continue
        if found is None:
            like = f": no file like {one.file} lies beside the extract" if one.file and beside is not None else ""
            mend = f"name it: --companion {one.name}=FILE, or companions={{'{one.name}': path}}"
            faults.append(misuse(f"its file is not named{like}", mend, place=str(one.place), component=one.name))
        else:
            files[one.name] = found
    raise_all(faults)
    return files


def _found(one: Companion, beside: Path | None) -> tuple[Any, Format] | None:
    if beside is None or not one.file or not beside.exists():
        return None
    return found_beside(beside, one)


def refuse_companions(plan: Plan, what: str, given: Given | None = None) -> None:
    """Refuse companions where rows are worked on elsewhere, and those that are given and not known."""
    for one in plan.mapping.source.companions:
        mend = "hand in the path, or a pandas, Polars or PyArrow frame; or join the files there first"
        raise misuse(f"columns of a companion are not joined to {what}", mend, place=str(one.place), component=one.name)
    companion_files(plan.mapping.source, named(given), None)


def beside_of(source: Any) -> Path | None:
    """Return the path of an extract beside which companions are looked for; None where it is none."""
    if not isinstance(source, str | os.PathLike) or is_address(str(source)):
        return None
    return Path(source)


def open_joined(given: Any, plan: Plan, companions: Companions, ceiling: Ceiling) -> tuple[Extract, Joining]:
    """Open an extract for one passage, its rows with the columns of its companions beside.

    Raises MigstatError with all that is wrong with it and with them.
    """
    source, faults = plan.mapping.source, list[MigstatError]()
    extract: Extract | None = None
    joining: Joining | None = None
    try:
        extract = extract_for(given, plan)
        refuse_taken(extract.columns, source)
        refuse_made(extract.columns, plan)
    except Misuse:
        raise
    except MigstatError as error:
        faults.append(error)
    try:
        joining = companions.begin()
    except MigstatError as error:
        faults.append(error)
    raise_all(faults)
    assert extract is not None
    assert joining is not None
    ceiling.limit(extract, len(source.taken), companions.bytes)
    return (_joined(extract, plan, joining) if source.companions else extract), joining


def refuse_taken(columns: Any, source: Source) -> None:
    """Refuse an extract that has a column by the name of one that a companion gives."""
    faults = [
        Finding(one.place, one.name, f"the extract has a column {ours} of its own",
                f"give that of the companion another name: columns: {{{ours}_2: {theirs}}}")
        for one in source.companions
        for ours, theirs in one.columns.items()
        if ours in columns
    ]  # fmt: skip
    if faults:
        raise MigstatError(faults)


def _joined(extract: Extract, plan: Plan, joining: Joining) -> Extract:
    """Let the rows of an extract have the columns of its companions; keys that are identifiers do not leave."""
    parts, columns = extract.parts, extract.columns
    kept = [name for name in columns if name not in plan.unread]
    extract.columns = (*kept, *plan.mapping.source.taken)

    def joined() -> Iterator[tuple[pl.Series, Any]]:
        for rows, part in parts:
            if isinstance(part, pl.DataFrame):
                yield rows, part.select(kept).hstack(joining.columns(part.select(joining.read)))
            else:
                read = pl.DataFrame(pl.from_arrow(part.select(joining.read)))
                yield rows, _beside(part.select(kept), joining.columns(read))

    extract.parts = joined()
    return extract


def _beside(batch: Any, columns: list[pl.Series]) -> Any:
    """Return an Arrow batch with more columns; those whose values repeat are dictionaries, as the batch has them."""
    import pyarrow as pa

    arrays, names = list(batch.columns), list(batch.schema.names)
    for column in columns:
        names.append(column.name)
        if isinstance(column.dtype, pl.Enum):
            codes = column.to_physical().cast(pl.UInt32).to_arrow()
            arrays.append(
                pa.DictionaryArray.from_arrays(codes, pa.array(column.dtype.categories.to_list(), pa.string()))
            )
        else:
            arrays.append(column.to_arrow(compat_level=pl.CompatLevel.oldest()))
    return pa.RecordBatch.from_arrays(arrays, names)

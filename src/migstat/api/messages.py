"""Data messages opened: an SDMX data file as a message, and as a source to validate."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from migstat.api.sources import Opened, categorized
from migstat.read.packed import PART_ROWS
from migstat.read.structure_paths import codelists_of
from migstat.read.structures import structure as read_structure
from migstat.read.structures import structure_ids
from migstat.words.finding import Finding, MigstatError, Place, Severity, misuse
from migstat.words.message import OPENING, DataMessage, DataSet
from migstat.words.structure import OURS, Component, Structure
from migstat.work.validate.confront import Source
from migstat.work.validate.look_ups import Reference

if TYPE_CHECKING:  # what is of messages alone is loaded where there is one
    from migstat.read.sdmx_data import DataFile
    from migstat.work.validate.message import MessageRules

NUMBERS = {"integer": pl.Int64, "year": pl.Int64, "number": pl.Float64}
"""How values are typed where a structure is known; codes, texts and periods stay text."""
MOST = 5
ROW = "migstat-row"


def open_file(path: Path, structure: Structure | None, encoding: str = "utf-8") -> "DataFile":
    """Read a data file; what a structure says of its columns helps to read labels and groups."""
    from migstat.read.sdmx_data import open_data

    kinds = None if structure is None else {one.id: _kind(one) for one in structure.components}
    dimensions = () if structure is None else tuple(one.id for one in structure.with_role("dimension"))
    return open_data(path, encoding=encoding, kinds=kinds, dimensions=dimensions)


def message_of(file: "DataFile", structure: Structure | None) -> DataMessage:
    """Return a data file as a message: with a structure, in its order and with numbers as numbers."""
    spool = file.spool
    columns = spool.columns
    if structure is not None:
        ours = [id for id in structure.ids if id in columns]
        columns = (*ours, *(name for name in columns if name not in ours))
    frame = spool.frame(columns)
    if structure is not None:
        frame = _typed(frame, structure, columns, file.name)
    several = len(spool.sets) > 1
    sets = []
    for (kind, reference, action), rows in spool.sets.items():
        own = frame
        if several:
            here = [pl.col(name) == value for name, value in zip(OPENING, (kind, reference, action), strict=True)]
            own = frame.filter(*here)
        sets.append(DataSet(kind, reference, action, rows, own.drop(OPENING)))
    return DataMessage(
        name=file.name,
        format=file.format,
        frame=frame if several else frame.drop(OPENING),
        rows=spool.rows,
        columns=tuple(columns),
        sets=tuple(sets),
        header=dict(file.header),
        findings=tuple(file.findings),
        provenance={"name": file.name, "bytes": file.size, "sha256": file.sha256},
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of data against a structure of SDMX: whether it is to be judged so, and by what measure."""

    message: bool
    compound: Sequence[str] = ()
    tolerance: float | None = None
    only: bool = False
    """Only the caller's own rules are judged."""

    def rules(
        self, structure: Structure | None, columns: Sequence[str], actions: Collection[str]
    ) -> "MessageRules | None":
        """Return the rules of a structure for a message; None for data that are no message."""
        if not self.message or structure is None:
            return None
        from migstat.work.validate.message import message_rules

        return message_rules(
            structure,
            codelists_of(structure),
            columns,
            actions=actions or ("I",),
            compound=self.compound,
            tolerance=self.tolerance,
        )

    def refuse_unused(self, judged: bool, structure: Structure | None) -> None:
        """Raise Misuse where something was asked that only SDMX data have, or of attributes that are not there."""
        for name, given in (("compound", bool(self.compound)), ("tolerance", self.tolerance is not None)):
            if given and not judged:
                mend = "name the structure of SDMX with --dsd, or drop it"
                raise misuse(f"{name} is of SDMX data, judged by their structure", mend, component=name)
        attributes = [one.id for one in structure.components if one.role == "attribute"] if structure else []
        for id in self.compound:
            if id not in attributes:
                mend = f"its attributes are {', '.join(attributes) or 'none'}"
                raise misuse(f"the structure has no attribute {id}", mend, component="compound")


def is_message(path: Path, with_dsd: bool) -> bool:
    """Tell whether a file is judged as a message: it is SDMX, or any text file where a structure of SDMX is named."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        parquet = file.read(4) == b"PAR1"
    if parquet or with_dsd:
        return not parquet
    from migstat.read.sdmx_data import is_sdmx

    return is_sdmx(path)


def key_tables(brought: "MessageRules | None") -> dict[str, Reference]:
    """Return the keys that constraints allow or forbid, as files to look into."""
    keys = brought.keys if brought is not None else {}
    made = {}
    for name, columns in keys.items():
        frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).unique()
        made[name] = Reference(frame.schema, dict.fromkeys(columns, "text"), frame.select)
    return made


def coded_columns(structure: Structure | None) -> list[str]:
    """Return the columns whose values repeat: codes, and texts that name no row."""
    components = structure.components if structure is not None else ()
    return [one.id for one in components if one.coded or (one.type == "text" and one.role != "identifier")]


def open_message(path: Path, named: Structure | None) -> tuple[Opened, Structure, frozenset[str]]:
    """Open a message to be validated; return its structure, and what is done with its rows, beside.

    Where no structure is named it is the one that the message names, if that ships. Of a message with rows of several
    structures, those of this one are judged, each by its number in the file.
    """
    file = open_file(path, named)
    spool = file.spool
    findings = list(file.findings)
    structure = named or _shipped(path.name, [reference for _, reference, _ in spool.sets])
    ours = {one for one in spool.sets if _is_of(one[1], structure)}
    if not ours:
        ours = set(spool.sets)
        said = sorted({reference for _, reference, _ in spool.sets} - {""})
        if said:
            what = f"says that it is of {', '.join(said[:MOST])}, and is judged as {structure.id}"
            mend = f"write {structure.agency}:{structure.id}({structure.version}), or name the right structure"
            findings.append(Finding(Place(path.name), "STRUCTURE_ID", what, mend, Severity.WARNING, rule="XX02"))
    elif others := sorted({reference for _, reference, _ in set(spool.sets) - ours}):
        rows = sum(count for one, count in spool.sets.items() if one not in ours)
        what = f"rows of {', '.join(others[:MOST])} are not judged"
        mend = "validate the file once more with each of these structures"
        findings.append(Finding(Place(path.name), "STRUCTURE_ID", what, mend, Severity.WARNING, rule="XX02", rows=rows))
    actions = frozenset(action for *_, action in ours)
    wanted = [*spool.columns, *(["ACTION"] if actions - {"I", "A", "R"} else [])]
    whole = spool.frame().with_row_index(ROW, 1)
    if len(ours) < len(spool.sets):
        same = [
            (pl.col("STRUCTURE") == kind) & (pl.col("STRUCTURE_ID") == reference) & (pl.col("ACTION") == action)
            for kind, reference, action in sorted(ours)
        ]
        whole = whole.filter(reduce(or_, same))

    def parts(columns: Sequence[str]) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        empty = True
        for part in whole.select(ROW, *columns).collect_batches(chunk_size=PART_ROWS, maintain_order=True):
            empty = False
            yield part[ROW].cast(pl.Int64), categorized(part.drop(ROW), coded_columns(structure))
        if empty:
            yield pl.Series(dtype=pl.Int64), pl.DataFrame(schema=dict.fromkeys(columns, pl.String))

    source = Source(dict.fromkeys(wanted, pl.String()), parts, whole.select(wanted))
    opened = Opened(
        path.name,
        source,
        lambda made: made,
        findings=lambda: findings,
        inputs=lambda: [{"name": path.name, "bytes": file.size, "sha256": file.sha256}],
        provenance=lambda: {"format": file.format} | ({"header": file.header} if file.header else {}),
    )
    return opened, structure, actions


def _shipped(name: str, references: Sequence[str]) -> Structure:
    """Return the structure that a message names, of those that ship."""
    ids = [reference.partition(":")[2].partition("(")[0] for reference in references]
    ours = [id for id, reference in zip(ids, references, strict=True) if reference.startswith(f"{OURS}:")]
    known = [id for id in ours if id in structure_ids()]
    if not known:
        said = ", ".join(dict.fromkeys(references)) or "none"
        mend = "name it: --dsd FILE, or --structure ID for one that ships"
        raise misuse(f"the structure of the message is not known here: it names {said}", mend, place=name)
    return read_structure(known[0])


def _is_of(reference: str, structure: Structure) -> bool:
    id = reference.partition(":")[2].partition("(")[0]
    agency = reference.partition(":")[0]
    flows = {(one.agency, one.id) for one in structure.dataflows}
    return (agency, id) in flows | {(structure.agency, structure.id)}


def _kind(component: Component) -> str:
    return "text" if component.type == "text" and component.format in ("", "String", "XHTML") else "value"


def _typed(frame: pl.LazyFrame, structure: Structure, columns: Sequence[str], name: str) -> pl.LazyFrame:
    """Make numbers of the values of numeric components. Raises MigstatError where some are none."""
    wanted = {one.id: NUMBERS[one.type] for one in structure.components if one.id in columns and one.type in NUMBERS}
    if not wanted:
        return frame
    cast = {id: pl.col(id).cast(type, strict=False) for id, type in wanted.items()}
    wrong = {id: pl.col(id).is_not_null() & made.is_null() for id, made in cast.items()}
    counts = frame.select(
        *(bad.sum().alias(id) for id, bad in wrong.items()),
        *(bad.arg_max().alias(f"{id}-first") for id, bad in wrong.items()),
    )
    row = counts.collect(engine="streaming").row(0, named=True)
    faults = [
        Finding(
            Place(name),
            id,
            f"values that are no {'number' if type == pl.Float64 else 'whole number'}; the first is in row"
            f" {row[f'{id}-first'] + 1:,}",
            f"migstat validate {name} says which rows; read the message without a structure to have them as text",
            rule="SS08",
            rows=row[id],
        )
        for id, type in wanted.items()
        if row[id]
    ]
    if faults:
        raise MigstatError(faults)
    return frame.with_columns(made.alias(id) for id, made in cast.items())

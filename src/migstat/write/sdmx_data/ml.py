"""SDMX-ML data, versions 2.1 and 3.0: structure-specific messages, flat or in series, made of whole batches of rows."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from migstat.words.finding import Finding, MigstatError, Place, misuse
from migstat.words.message import ACTIONS, Action
from migstat.words.structure import Structure
from migstat.words.table import Table
from migstat.write.batches import batches
from migstat.write.sdmx_data.levels import Levels, group_values, levels_of, whole_values
from migstat.write.tables import as_text
from migstat.write.xml import ATTRIBUTE, XmlWriter, escape_attribute, writing

Version = Literal["2.1", "3.0"]
Lay = Literal["flat", "series"]
BATCH = 100_000
PREPARED = "1970-01-01T00:00:00Z"
"""When a message says that it was prepared, unless it is told: the same table gives the same bytes."""
SPECIAL = '[&<>"\t\n\r]'
FORBIDDEN = "[^\t\n\r\\x20-\\x{d7ff}\\x{e000}-\\x{fffd}\\x{10000}-\\x{10ffff}]"
MODEL = "urn:sdmx:org.sdmx.infomodel.datastructure"
ALL = "AllDimensions"


def write_sdmx_ml(
    table: Table,
    path: str | os.PathLike[str],
    *,
    version: Version = "2.1",
    lay: Lay = "flat",
    action: Action = "I",
    prepared: str = "",
    sender: str = "",
) -> None:
    """Write a table as structure-specific SDMX-ML, each attribute at the level to which its structure attaches it.

    Flat, each observation has its whole key. In ``series`` it has its time only, and the rest stands once above those
    that follow each other; sort the frame by its series to have each once. The frame may be lazy: memory does not grow
    with rows. Blank values are left out. ``prepared`` is the time in the header; unless it is given, equal tables give
    equal bytes. Raises MigstatError where an attribute varies within what it is attached to, or holds a character that
    XML cannot hold, and Misuse for another version or lay.
    """
    if version not in ("2.1", "3.0"):
        raise misuse(f"SDMX-ML has no version {version} here", "write 2.1 or 3.0", component="version")
    if action not in ("I", "A", "R", "D"):
        raise misuse(f"SDMX-ML has no action {action}", "write one of I, A, R, D", component="action")
    text = as_text(table.frame)
    levels = levels_of(table.structure, text.collect_schema().names())
    if lay == "series" and not levels.time:
        raise misuse("series need the dimension TIME_PERIOD, and there is none", "write lay='flat'", component="lay")
    if lay not in ("flat", "series"):
        raise misuse(f"a message is not laid out as {lay!r}", "write flat or series", component="lay")
    whole = whole_values(table, text, levels.dataset)
    message = _Message(table, version, levels.time if lay == "series" else ALL)
    with writing(path) as xml:
        message.head(xml, prepared or PREPARED, sender or table.structure.agency)
        message.data_set(xml, action, whole)
        for group, components in levels.groups.items():
            dimensions = [one for one in levels.dimensions if one in table.structure.groups[group]]
            told = group_values(table, text, dimensions, components)
            if told.height:
                opening = f'<Group xsi:type="d:{group}"'
                xml.raw(_lines(told, [*dimensions, *(one.id for one in components)], opening, table))
        # What SDMX attaches to dimensions stands with each observation where there are no series.
        rows = _flat(text, levels, table) if lay == "flat" else _in_series(text, levels, table)
        for batch in rows:
            xml.raw(batch)
        message.end(xml)


@dataclass(frozen=True, slots=True)
class _Message:
    table: Table
    version: Version
    at: str

    @property
    def space(self) -> str:
        return namespace(self.table.structure, self.at)

    def head(self, xml: XmlWriter, prepared: str, sender: str) -> None:
        """Write the header."""
        structure = self.table.structure
        base = f"http://www.sdmx.org/resources/sdmxml/schemas/v{self.version.replace('.', '_')}"
        spaces = {
            "xmlns:mes": f"{base}/message",
            "xmlns:ss": f"{base}/data/structurespecific",
            "xmlns:com": f"{base}/common",
            "xmlns:d": self.space,
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        }
        xml.start("mes:StructureSpecificData", spaces)
        with xml.element("mes:Header"):
            xml.leaf("mes:ID", text=structure.id)
            xml.leaf("mes:Test", text="false")
            xml.leaf("mes:Prepared", text=prepared)
            xml.leaf("mes:Sender", {"id": sender})
            said = {"structureID": structure.id, "namespace": self.space, "dimensionAtObservation": self.at}
            with xml.element("mes:Structure", said):
                if self.version == "2.1":
                    with xml.element("com:Structure"):
                        ref = {"agencyID": structure.agency, "id": structure.id, "version": structure.version}
                        xml.leaf("Ref", {**ref, "package": "datastructure", "class": "DataStructure"})
                else:
                    xml.leaf("com:Structure", text=f"{MODEL}.DataStructure={self.table.reference}")

    def data_set(self, xml: XmlWriter, action: Action, whole: dict[str, str]) -> None:
        """Open the data set."""
        said = {"xsi:type": "d:DataSetType", "ss:structureRef": self.table.structure.id}
        said |= {"ss:dataScope": "DataStructure"} if self.version == "2.1" else {}
        xml.start("mes:DataSet", {**said, "ss:action": ACTIONS[action], **whole})

    def end(self, xml: XmlWriter) -> None:
        """Close what is open."""
        xml.end("mes:DataSet")
        xml.end("mes:StructureSpecificData")


def namespace(structure: Structure, at: str) -> str:
    """Return the namespace of the schema that a structure gives, for observations that have ``at`` of their own."""
    return f"{MODEL}.DataStructure={structure.agency}:{structure.id}({structure.version}):ObsLevelDim:{at}"


def _flat(text: pl.LazyFrame, levels: Levels, table: Table) -> Iterator[bytes]:
    columns = [*levels.dimensions, *levels.measures]
    columns += [one.id for one in (*levels.series, *levels.observation)]
    for batch in _batches(text, columns):
        yield _lines(batch, columns, "<Obs", table)


def _in_series(text: pl.LazyFrame, levels: Levels, table: Table) -> Iterator[bytes]:
    """Yield observations in series: a new one begins wherever the key without time differs from the row before."""
    key = [one for one in levels.dimensions if one != levels.time]
    attributes = [one.id for one in levels.series]
    inner = [levels.time, *levels.measures, *(one.id for one in levels.observation)]
    last: pl.DataFrame | None = None
    row = 0
    for batch in _batches(text, [*key, *attributes, *inner]):
        own = batch.select(*key, *attributes)
        before = own.shift(1) if last is None else pl.concat([last, own.head(own.height - 1)])
        begins = _differ(own, before, key)
        if last is None:
            begins = begins | (pl.int_range(batch.height, eager=True) == 0)
        _refuse_varying(own, before, begins, attributes, key, row, table)
        opened = _texts(own, [*key, *attributes], "<Series", table, end=">\n")
        made = pl.select(pl.when(begins).then("</Series>\n" + opened).otherwise(pl.lit(""))).to_series()
        lines = (made + _texts(batch, inner, "<Obs", table)).str.join("").item().encode()
        yield lines if last is not None else lines.removeprefix(b"</Series>\n")
        last, row = own.tail(1), row + batch.height
    if last is not None:
        yield b"</Series>\n"


def _differ(own: pl.DataFrame, before: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    differs = pl.repeat(False, own.height, eager=True)
    for name in columns:
        differs = differs | own[name].ne_missing(before[name])
    return differs


def _refuse_varying(
    own: pl.DataFrame,
    before: pl.DataFrame,
    begins: pl.Series,
    attributes: Sequence[str],
    key: Sequence[str],
    row: int,
    table: Table,
) -> None:
    faults = []
    for name in attributes:
        wrong = ~begins & own[name].ne_missing(before[name])
        if wrong.any():
            at = wrong.arg_true()[0]
            series = ".".join(str(own[at, one]) for one in key)
            what = f"the attribute varies within the series {series}, in row {row + at + 1:,}"
            mend = "give it one value in a series, or attach it to observations in the structure"
            faults.append(Finding(Place(table.reference), name, what, mend))
    if faults:
        raise MigstatError(faults)


def _batches(text: pl.LazyFrame, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield the rows as text, in their order, blanks being null."""
    lazy = text.select(pl.col(name).cast(pl.String) for name in columns)
    for batch in batches(lazy, BATCH):
        blank = [name for name in batch.columns if (batch[name] == "").any()]
        yield batch.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)) for name in blank)


def _lines(batch: pl.DataFrame, columns: Sequence[str], opening: str, table: Table) -> bytes:
    whole: str = _texts(batch, columns, opening, table).str.join("").item()
    return whole.encode()


def _texts(batch: pl.DataFrame, columns: Sequence[str], opening: str, table: Table, end: str = "/>\n") -> pl.Series:
    """Return an element for each row, with an XML attribute for each value that is there."""
    pieces: list[pl.Expr] = []
    held = opening
    for name in columns:
        column = batch[name]
        if column.null_count() == batch.height:
            continue
        begin, value = f' {name}="', pl.col(name)
        if column.str.contains(SPECIAL).any():
            value = _escaped(value)
        if column.str.contains(FORBIDDEN).any():
            _refuse_letters(column, table)
        if column.null_count():
            pieces += [pl.lit(held), (pl.lit(begin) + value + pl.lit('"')).fill_null("")]
            held = ""
        else:
            pieces += [pl.lit(held + begin), value]
            held = '"'
    return batch.select(pl.concat_str([*pieces, pl.lit(held + end)]).alias("line"))["line"]


def _escaped(value: pl.Expr) -> pl.Expr:
    for letter, written in ATTRIBUTE.items():
        value = value.str.replace_all(letter, written, literal=True)
    return value


def _refuse_letters(column: pl.Series, table: Table) -> None:
    """Raise the error of the XML writer, for the first text with a character that XML cannot hold."""
    try:
        escape_attribute(column.filter(column.str.contains(FORBIDDEN))[0])
    except MigstatError as error:
        found = [Finding(Place(table.reference), column.name, one.what, one.mend) for one in error.findings]
        raise MigstatError(found) from None

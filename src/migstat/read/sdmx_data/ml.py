"""SDMX-ML data: structure-specific messages of 2.1 and 3.0, through the streaming parser that Python carries.

The parser calls back at each start of an element, which is several times as fast as building elements. A document type
is refused, and with it every entity; no token may be longer than 16 MB; a packed file may not swell without bound.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import polars as pl

from migstat.read.packed import explained, fault, unpacked
from migstat.read.sdmx_data.spool import Spool
from migstat.read.xml import _chunks as chunks
from migstat.read.xml import _doctype as doctype
from migstat.words.finding import Finding, MigstatError, Place, Severity
from migstat.words.message import ACTIONS
from migstat.words.source import Format

PART_ROWS, PART_BYTES = 100_000, 48 << 20
"""Rows, and bytes of the file, that are held before they are spooled."""
LONGEST = 16 << 20
LETTERS = {word: letter for letter, word in ACTIONS.items()} | {letter: letter for letter in ACTIONS}
SETTINGS = frozenset(
    (
        *("action", "dataScope", "structureRef", "setID", "validFromDate", "validToDate", "publicationYear"),
        *("publicationPeriod", "reportingBeginDate", "reportingEndDate", "REPORTING_YEAR_START_DAY_"),
    )
)
"""XML attributes of a data set that are no components, with whatever prefix."""
KIND = {
    "Structure": "datastructure",
    "StructureUsage": "dataflow",
    "ProvisionAgrement": "dataprovision",
    "ProvisionAgreement": "dataprovision",
}
CUT_OFF = {"no element found", "unclosed token", "unclosed CDATA section"}
Row = list[str]
"""The names and values of the XML attributes of an element, by turns."""


def read_ml(
    path: Path, spool: Spool, header: dict[str, str], findings: list[Finding], dimensions: Sequence[str] = ()
) -> tuple[str, str]:
    """Read a message into a spool, its header into a dict; return the version of SDMX-ML, and the sha256 of the file.

    Where the ``dimensions`` are not given, what names a group is what its observations are named by too.
    """
    reader = _Reader(path.name, spool, header, findings, dimensions)
    with explained(path.name), unpacked(path, Format(), (".xml",)) as (file, _, digest, name):
        parser = expat.ParserCreate()
        parser.ordered_attributes = True
        parser.buffer_text = True
        if hasattr(parser, "SetReparseDeferralEnabled"):
            # Newer expat puts off the parsing of long tokens, so that how far it has come would not be known.
            parser.SetReparseDeferralEnabled(False)
        reader.begin(parser)
        fed = flushed = 0
        try:
            for chunk in chunks(file, name, path.stat().st_size):
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > LONGEST:
                    what = f"one attribute, or text, is longer than {LONGEST >> 20} MB"
                    raise fault(name, what, "ask the sender for the file again")
                if len(reader.rows) >= PART_ROWS or fed - flushed > PART_BYTES:
                    reader.flush()
                    flushed = fed
            parser.Parse(b"", True)
            sha256 = digest()
        except expat.ExpatError as error:
            raise _explained(error, name) from error
    reader.flush()
    if reader.comp:
        what = "components that hold several values (Comp) are not read"
        findings.append(
            Finding(Place(path.name, reader.comp), "", what, "ask for the data as SDMX-CSV", Severity.ERROR, "comp")
        )
    if reader.version == "":
        raise fault(path.name, "is no SDMX message", "name a structure-specific data message, SDMX-ML 2.1 or 3.0")
    return reader.version, sha256


class _Reader:
    """Takes the elements as they start."""

    def __init__(
        self, name: str, spool: Spool, header: dict[str, str], findings: list[Finding], dimensions: Sequence[str]
    ) -> None:
        self.name, self.spool, self.header, self.findings = name, spool, header, findings
        self.dimensions = dimensions
        self.version = ""
        self.rows: list[Row] = []
        self.series: list[tuple[int, Row]] = []
        self.groups: list[dict[str, str]] = []
        self.whole: dict[str, str] = {}
        self.opening = ("", "", "I")
        self.structures: dict[str, dict[str, str]] = {}
        self.path: list[str] = []
        self.text: list[str] = []
        self.at = ""
        self.explicit = False
        self.comp = 0
        self.parser: Any = None

    def begin(self, parser: Any) -> None:
        """Take the header first, with its texts."""
        self.parser = parser

        def refuse(*_: object) -> None:
            raise doctype(self.name)

        parser.StartDoctypeDeclHandler = refuse
        parser.EntityDeclHandler = refuse
        parser.StartElementHandler = self.heading
        parser.EndElementHandler = self.heading_ends
        parser.CharacterDataHandler = self.text.append

    def heading(self, name: str, attributes: Row) -> None:
        """Take an element that stands before the first data set."""
        local = name.rpartition(":")[2]
        given = dict(zip(attributes[::2], attributes[1::2], strict=True))
        if not self.path:
            self._root(local, given)
        self.path.append(local)
        self.text.clear()
        match self.path[1:]:
            case ["Header", "Structure"]:
                self.current = {"kind": "", "reference": ""} | given
                self.structures[given.get("structureID", "")] = self.current
            case ["Header", "Structure", *above, "Ref"] if above and above[0] in KIND:
                self.current["kind"] = KIND[above[0]]
                self.current["reference"] = _reference(given.get("agencyID"), given.get("id"), given.get("version"))
            case ["Header", "Sender"]:
                self.header["sender"] = given.get("id", "")
            case ["DataSet"]:
                self.parser.EndElementHandler = self.parser.CharacterDataHandler = None
                self.parser.StartElementHandler = self.body()
                self.data_set(given)

    def heading_ends(self, name: str) -> None:
        """Take the text of an element of the header."""
        text = "".join(self.text).strip()
        match self.path[1:]:
            case ["Header", "ID" | "Test" | "Prepared" as key]:
                self.header[key.lower()] = text
            case ["Header", "Structure", above, *_] if text.startswith("urn:sdmx:") and above in KIND:
                self.current["kind"] = KIND[above]
                self.current["reference"] = text.partition("=")[2]
        self.path.pop()
        self.text.clear()

    def body(self) -> Callable[[str, Row], None]:
        """Return what takes the elements of data sets; an observation is the common case, and comes first."""
        rows, locals = self.rows, dict[str, str]()

        def take(name: str, attributes: Row) -> None:
            local = locals.get(name)
            if local is None:
                local = locals[name] = name.rpartition(":")[2]
            if local == "Obs":
                rows.append(attributes)
            elif local == "Series":
                self.series.append((len(rows), attributes))
            elif local == "Group":
                self.groups.append(_plain(attributes))
            elif local == "DataSet":
                self.flush()
                self.series, self.groups = [], []
                self.data_set(dict(zip(attributes[::2], attributes[1::2], strict=True)))
            elif local == "Comp" and not self.comp:
                self.comp = self.parser.CurrentLineNumber

        return take

    def data_set(self, given: dict[str, str]) -> None:
        """Begin a data set: of which structure it is, what is done with it, and what holds for all of it."""
        said = {name.rpartition(":")[2]: value for name, value in given.items()}
        structure = self.structures.get(said.get("structureRef", ""))
        if structure is None:
            line = self.parser.CurrentLineNumber
            what = f"the data set refers to {said.get('structureRef', 'no structure')}, which the header does not name"
            mend = f"write structureRef as in the header: {', '.join(self.structures) or 'it names none'}"
            raise MigstatError([Finding(Place(self.name, line), "structureRef", what, mend)])
        action = said.get("action", "Information")
        if action not in LETTERS:
            what, mend = f"the action {action!r} is none of SDMX", f"write one of {', '.join(ACTIONS.values())}"
            raise MigstatError([Finding(Place(self.name, self.parser.CurrentLineNumber), "action", what, mend)])
        self.opening = (structure["kind"] or "datastructure", structure["reference"], LETTERS[action])
        self.at = structure.get("dimensionAtObservation", "")
        self.explicit = structure.get("explicitMeasures") in ("true", "1")
        self.whole = {
            name: value
            for name, value in given.items()
            if ":" not in name and name not in SETTINGS and not name.startswith("xmlns")
        }

    def flush(self) -> None:
        """Spool the observations that are held; the series that is open goes on."""
        rows = self.rows
        if rows:
            frame = _frame(rows, self.at if self.explicit else "")
            if self.series:
                begins = [at for at, _ in self.series]
                lengths = np.diff([*begins, len(rows)])
                of = _frame([one for _, one in self.series], "")
                of = of[pl.Series(np.repeat(np.arange(len(begins)), lengths))]
                if begins[0]:
                    of = pl.concat([of.clear(n=begins[0]), of])
                frame = of.hstack(frame.drop(name for name in frame.columns if name in of.columns)).with_columns(
                    pl.coalesce(frame[name], of[name]).alias(name) for name in frame.columns if name in of.columns
                )
            frame = _grouped(frame, self.groups, self.dimensions or _always(frame))
            frame = frame.with_columns(
                pl.lit(value).alias(name) for name, value in self.whole.items() if name not in frame.columns
            )
            self.spool.add(frame, *self.opening)
            rows.clear()
        self.series = [(0, self.series[-1][1])] if self.series else []

    def _root(self, local: str, given: dict[str, str]) -> None:
        spaces = " ".join(given.values())
        again = "ask for it as SDMX-ML 2.1 or 3.0 structure-specific data, or as SDMX-CSV"
        if "/v2_0/" in spaces or "/v1_0/" in spaces or local in ("CompactData", "UtilityData", "CrossSectionalData"):
            raise fault(self.name, "is SDMX-ML 2.0 or older, which is not read", again)
        if local in ("GenericData", "GenericTimeSeriesData"):
            raise fault(self.name, "is generic data, which is not read", again)
        if local in ("Structure", "RegistryInterface", "Error", "StructureSpecificMetadata", "GenericMetadata"):
            raise fault(self.name, f"is a message of kind {local}, not of data", "name a file of data")
        if not local.startswith("StructureSpecific"):
            raise fault(self.name, f"is XML, and no SDMX-ML data: its first element is {local}", again)
        self.version = "3.0" if "/v3_0/" in spaces or "/v3_1/" in spaces else "2.1"
        self.header["schema"] = self.version


def _frame(rows: Sequence[Row], measured: str) -> pl.DataFrame:
    """Return the attributes of elements as columns of text; elements with the same names are taken together."""
    frames = []
    for shape, numbers, columns in _shapes(rows):
        named = {
            measured if name.endswith(":type") and measured else name: values
            for name, values in zip(shape, columns, strict=True)
            if ":" not in name or (measured and name.endswith(":type"))
        }
        frame = pl.DataFrame({"_at": numbers} | named, schema={"_at": pl.Int64} | dict.fromkeys(named, pl.String))
        if measured in named:
            frame = frame.with_columns(pl.col(measured).str.split(":").list.last())
        frames.append(frame)
    whole = pl.concat(frames, how="diagonal").sort("_at") if len(frames) > 1 else frames[0]
    whole = whole.drop("_at")
    return whole.with_columns(_blank(name) for name in whole.columns if (whole[name] == "").any())


def _shapes(rows: Sequence[Row]) -> Iterator[tuple[tuple[str, ...], list[int], list[list[str]]]]:
    """Yield the names that elements share, which elements they are, and their values by name."""
    by_length: dict[int, list[int]] = {}
    for number, length in enumerate(map(len, rows)):
        if length not in by_length:
            by_length[length] = []
        by_length[length].append(number)
    for length, numbers in by_length.items():
        same = rows if len(by_length) == 1 else [rows[number] for number in numbers]
        flat = list(chain.from_iterable(same))
        shape = tuple(flat[:length:2])
        # All of one length mostly have the same names in the same order; counting them is quicker than looking at each.
        if all(flat[2 * at :: length].count(name) == len(numbers) for at, name in enumerate(shape)):
            yield shape, numbers, [flat[2 * at + 1 :: length] for at in range(len(shape))]
            continue
        shapes: dict[tuple[str, ...], list[int]] = {}
        for number in numbers:
            shapes.setdefault(tuple(rows[number][::2]), []).append(number)
        for one, these in shapes.items():
            yield one, these, [list(values) for values in zip(*(rows[at][1::2] for at in these), strict=True)]


def _blank(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)


def _plain(row: Row) -> dict[str, str]:
    return {name: value for name, value in zip(row[::2], row[1::2], strict=True) if ":" not in name}


def _always(frame: pl.DataFrame) -> list[str]:
    """Return the columns that every row has, as it has its dimensions."""
    return [name for name in frame.columns if not frame[name].null_count()]


def _grouped(frame: pl.DataFrame, groups: Sequence[dict[str, str]], dimensions: Sequence[str]) -> pl.DataFrame:
    """Give each row what is said of the groups that it belongs to."""
    for keys, told in _by_key(groups, dimensions):
        frame = frame.join(told, on=keys, how="left", maintain_order="left", suffix="_of_group")
        for name in [name for name in frame.columns if name.endswith("_of_group")]:
            own = name.removesuffix("_of_group")
            frame = frame.with_columns(pl.coalesce(own, name).alias(own)).drop(name)
    return frame


def _by_key(groups: Sequence[dict[str, str]], dimensions: Sequence[str]) -> Iterator[tuple[list[str], pl.DataFrame]]:
    there = frozenset(dimensions)
    shapes: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for group in groups:
        shapes.setdefault(tuple(group), []).append(group)
    for shape, same in shapes.items():
        keys = [name for name in shape if name in there]
        if keys:
            told = pl.DataFrame(same, schema=dict.fromkeys(shape, pl.String))
            yield keys, told.unique(keys, keep="last", maintain_order=True)


def _reference(agency: str | None, id: str | None, version: str | None) -> str:
    return f"{agency or ''}:{id or ''}({version or '1.0'})"


def _explained(error: expat.ExpatError, name: str) -> MigstatError:
    said = str(error).partition(":")[0]
    if said in CUT_OFF:
        what, mend = f"ends too early ({said})", "fetch the file again: it was cut off"
    else:
        what, mend = f"is not well-formed XML: {said}", "mend that line, or fetch the file again"
    return MigstatError([Finding(Place(name, error.lineno), "", what, mend)])

"""SDMX-CSV, versions 1.0 and 2.0, and plain tables: with any separator, with labels and keys or without."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

import polars as pl

from migstat.read.extracts import read_below
from migstat.read.heads import SNIFFED, Head, _delimiter, _encoding
from migstat.read.packed import explained, fault, foreign, unpacked
from migstat.read.sdmx_data.spool import Spool
from migstat.read.xml import FREE, SWELL
from migstat.words.finding import Finding, MigstatError, Place, Severity
from migstat.words.how_many import how_many
from migstat.words.message import ACTIONS, KINDS, OPENING
from migstat.words.source import Format

KEYS = ("SERIES_KEY", "OBS_KEY")
"""Columns that say again what the dimensions say."""
ABSENT = ("", "#N/A")
"""What stands for no value. SDMX 3.0 has ``#N/A`` for a text that is missing with intent."""
LABEL = ": "
LABELLED = r"^[A-Za-z0-9_@$.+\-]+: "
MOST = 5


@dataclass(slots=True)
class _Layout:
    """What each column of the file is."""

    version: str
    names: list[str]
    """The column's id in our hands; ids of columns that only repeat something begin with a blank."""
    labels: str = "id"
    wanted: list[str] = field(default_factory=list)


def read_csv(
    path: Path,
    spool: Spool,
    findings: list[Finding],
    encoding: str = "utf-8",
    kinds: Mapping[str, str] | None = None,
) -> tuple[str, str]:
    """Read a file into a spool; return what it is, ``SDMX-CSV 2.0``, ``SDMX-CSV 1.0`` or ``CSV``, and its sha256.

    ``kinds`` says of each component whether it is ``code``, ``text`` or something else, where a structure is known: of
    what has labels beside its values, texts are left as they are.
    """
    format = Format(encoding=encoding)
    with explained(path.name, format), unpacked(path, format) as (file, _, _, _):
        start = file.read(SNIFFED)
    foreign(path.name, start[:8])
    if not start.removeprefix(b"\xef\xbb\xbf").strip():
        raise fault(path.name, "the file is empty", "ask the sender for the file again")
    head, layout = _head(path.name, start, format, findings)
    extract = read_below(path, head)
    missing: dict[str, int] = {}
    labelled: dict[str, bool] = {}
    for numbers, part in extract.parts:
        if (spool.rows + part.height) * len(layout.names) > max(FREE, SWELL * extract.size):
            what = f"a packed file of {extract.size:,} bytes swells past all bounds: it is made to fill the machine"
            raise fault(path.name, what, "ask the sender for the file again, unpacked")
        frame = part.select(layout.wanted)
        frame = _without_labels(frame, layout, kinds, labelled)
        frame = _without_absent(frame, missing)
        _spool(frame, spool, layout, path.name, numbers)
    if not spool.rows:
        spool.add(pl.DataFrame(schema=dict.fromkeys((n for n in layout.wanted if n not in OPENING), pl.String)), *_NONE)
    _refuse_malformed(path.name, extract.malformed)
    findings += [one for one in extract.findings if one not in findings]
    for column, count in missing.items():
        what = "'#N/A' is read as no value"
        findings.append(Finding(Place(path.name), column, what, "", Severity.NOTE, rule="assumed", rows=count))
    return layout.version, extract.sha256()


_NONE = ("", "", "I")


def _head(name: str, start: bytes, format: Format, findings: list[Finding]) -> tuple[Head, _Layout]:
    format = _encoding(start, format, name, findings)
    text = start.decode(format.encoding, errors="replace").removeprefix("\ufeff")
    if "\0" in text:
        raise fault(name, "holds NUL bytes: it is no text, or in another encoding", "save it as CSV UTF-8")
    if not text.strip():
        raise fault(name, "the file is empty", "ask the sender for the file again")
    lines = list(io.StringIO(text, newline=""))
    format = _delimiter(lines, format, (), name, findings)
    # The separator of SDMX-CSV is the sender's choice, so that one of the usual ones is no cause for a warning.
    findings[:] = [one for one in findings if "as separator" not in one.what]
    reader = csv.reader(lines, delimiter=format.delimiter, quotechar=format.quote)
    try:
        header = next(reader)
    except csv.Error:
        raise fault(name, "the header cannot be read: a quote is opened and never closed", "close the quote") from None
    if not header:
        raise fault(name, "line 1 is blank, and is no header", "remove the blank lines above the header")
    layout = _layout(header, name)
    return Head(replace(format, header=0), layout.names, reader.line_num, findings), layout


def _layout(header: Sequence[str], name: str) -> _Layout:
    """Tell what the columns of a header are."""
    ids = [column.partition(LABEL)[0].strip() for column in header]
    version = "SDMX-CSV 2.0" if ids[:2] == ["STRUCTURE", "STRUCTURE_ID"] else "CSV"
    version = "SDMX-CSV 1.0" if ids[0] == "DATAFLOW" else version
    known = ("STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "DATAFLOW") if version != "CSV" else ()
    named = version == "SDMX-CSV 2.0" and "STRUCTURE_NAME" in ids[:3]
    layout = _Layout(version, [], "name" if named else "id")
    opening = True
    repeats = False
    for column, id in zip(header, ids, strict=True):
        opening = opening and id in known
        if opening:
            layout.names.append(id if id != "STRUCTURE_NAME" else " STRUCTURE_NAME")
        elif version != "CSV" and id in KEYS and not repeats:
            layout.names.append(f" {id}")
        elif named and repeats:
            layout.names.append(f" name of {layout.names[-1]}")
            repeats = False
        else:
            layout.names.append(column.strip() if version == "CSV" else id.partition("[")[0])
            repeats = named
            if version != "CSV" and LABEL in column:
                layout.labels = "both"
    layout.wanted = [one for one in layout.names if not one.startswith(" ")]
    _refuse_columns(layout, header, named and repeats, name)
    return layout


def _refuse_columns(layout: _Layout, header: Sequence[str], odd: bool, name: str) -> None:
    place = Place(name, 1)
    faults = [
        Finding(place, one.strip(), "the header names this column twice", "remove or rename one of the two")
        for one, times in Counter(layout.names).items()
        if times > 1
    ]
    if odd:
        what = f"labels are in columns of their own, and {header[-1]} has none"
        faults.append(Finding(place, header[-1], what, "write the column of its names after it"))
    if any(not one.strip() for one in (*header, *layout.wanted)):
        faults.append(Finding(place, "", "a column has no name", "name it by the id of its component, or remove it"))
    if faults:
        raise MigstatError(faults)


def _without_labels(
    frame: pl.DataFrame, layout: _Layout, kinds: Mapping[str, str] | None, seen: dict[str, bool]
) -> pl.DataFrame:
    """Cut labels off: ``A: Annual`` is A. Without a structure, of columns whose every value has one."""
    if layout.labels != "both":
        return frame
    cut = [_before_label(name) for name in ("STRUCTURE_ID", "DATAFLOW") if name in frame.columns]
    for name in frame.columns:
        if name in (*OPENING, "DATAFLOW"):
            continue
        if kinds is not None and name in kinds:
            wanted = kinds[name] != "text"
        else:
            if name not in seen:
                seen[name] = bool(frame[name].drop_nulls().str.contains(LABELLED).all())
            wanted = seen[name]
        if wanted:
            has = pl.col(name).str.contains(LABELLED)
            cut.append(pl.when(has).then(_before_label(name)).otherwise(name).alias(name))
    return frame.with_columns(cut)


def _before_label(name: str) -> pl.Expr:
    return pl.col(name).str.splitn(LABEL, 2).struct.field("field_0").alias(name)


def _without_absent(frame: pl.DataFrame, missing: dict[str, int]) -> pl.DataFrame:
    """Read ``#N/A`` as no value, and count where it stood."""
    counts = frame.select((pl.all() == "#N/A").sum()).row(0, named=True) if frame.width else {}
    found = {name: count for name, count in counts.items() if count}
    for name, count in found.items():
        missing[name] = missing.get(name, 0) + count
    return frame.with_columns(pl.col(name).replace({"#N/A": None}) for name in found)


def _spool(frame: pl.DataFrame, spool: Spool, layout: _Layout, name: str, numbers: pl.Series) -> None:
    match layout.version:
        case "SDMX-CSV 2.0":
            if "ACTION" not in frame.columns:
                frame = frame.with_columns(pl.lit("I").alias("ACTION"))
            frame = frame.with_columns(pl.col("ACTION").fill_null("I"))
            _refuse_opening(frame, name, numbers)
        case "SDMX-CSV 1.0":
            if frame["DATAFLOW"].null_count():
                row = numbers.filter(frame["DATAFLOW"].is_null())[0]
                raise MigstatError([_bad(name, "DATAFLOW", row, "no dataflow is named", "write EX:STOCK(1.0)")])
            frame = frame.rename({"DATAFLOW": "STRUCTURE_ID"}).with_columns(
                pl.lit("dataflow").alias("STRUCTURE"), pl.lit("I").alias("ACTION")
            )
        case _:
            frame = frame.with_columns(pl.lit(value).alias(one) for one, value in zip(OPENING, _NONE, strict=True))
    spool.add_opened(frame)


def _refuse_opening(frame: pl.DataFrame, name: str, numbers: pl.Series) -> None:
    """Refuse rows that are of no structure, or have an action that there is not: all that differ, each once."""
    faults = []
    for column, known, mend in (
        ("STRUCTURE", KINDS, f"write one of {', '.join(KINDS)}"),
        ("ACTION", tuple(ACTIONS), "write I (information), A (append), M (merge), R (replace) or D (delete)"),
    ):
        wrong = ~frame[column].is_in(list(known)).fill_null(False)
        if wrong.any():
            for value in frame[column].filter(wrong).unique(maintain_order=True).head(MOST):
                row = numbers.filter(frame[column].eq_missing(value))[0]
                near = get_close_matches(value or "", known, n=1)
                said = f"{value!r} is no {'kind of structure' if column == 'STRUCTURE' else 'action'} of SDMX-CSV"
                faults.append(_bad(name, column, row, said, f"did you mean {near[0]}?" if near else mend))
    if frame["STRUCTURE_ID"].null_count():
        row = numbers.filter(frame["STRUCTURE_ID"].is_null())[0]
        faults.append(_bad(name, "STRUCTURE_ID", row, "no structure is named", "write it as EX:STOCK(1.0)"))
    if faults:
        raise MigstatError(faults)


def _bad(name: str, column: str, row: int, what: str, mend: str) -> Finding:
    return Finding(Place(name, row + 1), column, what, mend)


def _refuse_malformed(name: str, malformed: Sequence[tuple[int, str, str]]) -> None:
    if malformed:
        mend = "mend the line: a value with the separator in it stands in quotes"
        faults = [Finding(Place(name, row + 1), "", what, mend) for row, what, _ in malformed[:MOST]]
        if len(malformed) > MOST:
            faults.append(
                Finding(
                    Place(name),
                    "",
                    f"{how_many(len(malformed) - MOST, 'more line is', 'more lines are')} no rows",
                    mend,
                )
            )
        raise MigstatError(faults)

"""Invented rows as the file that an office would send: separated or of fixed widths, plain or packed."""

import csv
import gzip
import io
import zipfile
from pathlib import Path

import polars as pl

from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.how_many import how_many
from migstat.words.pack import Layout
from migstat.words.source import Format
from migstat.write.atomic import beside, write_bytes

EPOCH = (1980, 1, 1, 0, 0, 0)


def write_extract(frame: pl.DataFrame, path: Path, format: Format, layout: Layout) -> None:
    """Write rows of text as a mapping's ``format`` and the layout say; the name's ending says how it is packed.

    The same rows give the same bytes. Raises MigstatError where a value is wider than its place in the layout.
    """
    if path.suffix == ".parquet":
        with beside(path) as part:
            frame.write_parquet(part)
        return
    text = _fixed(frame, layout) if layout.fixed else _separated(frame, format)
    data = text.encode(format.encoding)
    if path.suffix == ".gz":
        data = gzip.compress(data, mtime=0)
    elif path.suffix == ".zip":
        data = _zipped(data, format.member, path.stem)
    write_bytes(path, data)


def extract_text(path: Path) -> bytes:
    """Return what an extract holds, unpacked: packed bytes differ between versions of zlib."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return b"".join(archive.read(name) for name in archive.namelist())
    return path.read_bytes()


def _separated(frame: pl.DataFrame, format: Format) -> str:
    text = io.StringIO()
    if format.quote:
        writer = csv.writer(text, delimiter=format.delimiter, quotechar=format.quote, lineterminator="\n")
    else:
        writer = csv.writer(text, delimiter=format.delimiter, quoting=csv.QUOTE_NONE, lineterminator="\n")
    for number in range(1, format.header):
        text.write(f"invented rows, line {number}\n")
    if format.header:
        writer.writerow(frame.columns)
    blank = format.missing[0] if format.missing else ""
    writer.writerows([blank if value is None else value for value in row] for row in frame.iter_rows())
    return text.getvalue()


def _fixed(frame: pl.DataFrame, layout: Layout) -> str:
    width = max(start + wide - 1 for start, wide in layout.fixed)
    lines = []
    for number, row in enumerate(frame.iter_rows(), 1):
        signs = [" "] * width
        for name, value, (start, wide) in zip(layout.columns, row, layout.fixed, strict=True):
            said = value or ""
            if len(said) > wide:
                what = f"'{said}' of row {number} is wider than its {how_many(wide, 'sign')}"
                raise MigstatError([Finding(Place("generate.csv"), name, what, "mend the value, or the width")])
            signs[start - 1 : start - 1 + wide] = said.rjust(wide) if said.isdecimal() else said.ljust(wide)
        lines.append("".join(signs).rstrip("\n") + "\n")
    return "".join(lines)


def _zipped(data: bytes, member: str, stem: str) -> bytes:
    ending = member.rpartition(".")[2] if "." in member else "csv"
    name = member if member and not set("*?[") & set(member) else f"{stem.partition('.')[0]}.{ending}"
    buffer = io.BytesIO()
    inner = zipfile.ZipInfo(name, EPOCH)
    inner.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(inner, data)
    return buffer.getvalue()

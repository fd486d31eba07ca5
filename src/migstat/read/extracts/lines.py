"""Lines of a text file, a block at a time: as text or as bytes, with their lengths, and those that are no text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import polars as pl
import pyarrow as pa

from migstat.read.packed import fault
from migstat.read.transcoded import codec, keeps_ascii, utf8

LONGEST = 8 << 20
"""Bytes of a line; a longer one is no line."""
Lengths = Any
"""An array of whole numbers."""


@dataclass(slots=True)
class Block:
    """Some lines, each with its line end. Lengths are without it, in bytes or characters."""

    lines: pl.Series
    """Text, or bytes as the file has them."""
    lengths: Lengths
    bad: dict[int, str]
    """Why a line is no text, by its place in the block; such a line has signs replaced."""
    encoding: str
    plain: bool
    """All of it is ASCII: bytes are characters."""
    grid: Any = None
    """The bytes as a table, a line a row, where all of it is ASCII and the lines are of one length."""

    def text(self, at: int) -> str:
        """Return one line without its line end."""
        line = self.lines[at]
        whole: str = line.decode(self.encoding, "replace") if isinstance(line, bytes) else line
        return whole.rstrip("\r\n\x1a")


def line_blocks(
    file: IO[bytes] | Any, end: bytes, length: int, size: int, encoding: str, *, as_bytes: bool, name: str
) -> Iterator[Block]:
    """Yield the lines of a file. Without a line ``end`` each has ``length`` bytes. At most ``size`` bytes are a block.

    ``as_bytes`` leaves them as they are; otherwise they are made UTF-8.
    """
    for data in _whole(file, end, length, size, name):
        yield _block(data, end, length, encoding, as_bytes=as_bytes)


def _whole(file: Any, end: bytes, length: int, size: int, name: str) -> Iterator[bytes]:
    """Yield bytes that end with a line."""
    kept = b""
    while chunk := file.read(size):
        data = kept + chunk if kept else chunk
        cut = data.rfind(end) + 1 if end else len(data) // length * length
        if not cut and len(data) > max(LONGEST, length):
            raise fault(name, f"a line is longer than {LONGEST >> 20} MB: the file is no text", "check the file")
        if cut:
            yield data[:cut]
        kept = data[cut:]
    if kept.strip(b"\x1a"):
        yield kept + end


def _block(data: bytes, end: bytes, length: int, encoding: str, *, as_bytes: bool) -> Block:
    plain = data.isascii() and keeps_ascii(encoding)
    bad: dict[int, str] = {}
    if as_bytes or plain:
        offsets = _offsets(data, end, length)
    elif end:
        data, bad = _as_utf8(data, end, encoding)
        offsets = _offsets(data, end, length)
    else:
        pieces, bad = _each_as_utf8([data[at : at + length] for at in range(0, len(data), length)], encoding)
        data, offsets = b"".join(pieces), np.cumsum([0, *map(len, pieces)], dtype=np.int64)
    array = np.frombuffer(data, np.uint8)
    lengths = np.diff(offsets)
    ends = np.zeros(len(lengths), np.int64)
    if end:
        ends += 1
        if end == b"\n" and b"\r" in data:
            ends += (lengths > 1) & (array[np.maximum(offsets[1:] - 2, 0)] == 13)
    if as_bytes:
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
        made = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(lengths), buffers)
    else:
        made = pa.LargeStringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(data))
    lines = pl.Series(pl.from_arrow(made))
    if not plain and not as_bytes:
        lengths = lines.str.len_chars().cast(pl.Int64).to_numpy()
    if as_bytes and not plain:
        bad = _undecodable(lines, encoding)
    if b"\0" in data:
        text = as_text(lines, encoding).fill_null("") if as_bytes else lines
        for at in text.str.contains("\0", literal=True).arg_true().to_list():
            bad.setdefault(at, "the line holds NUL bytes")
    same = plain and len(lengths) > 0 and not bad and lengths.min() == lengths.max() and ends.min() == ends.max()
    return Block(lines, lengths - ends, bad, encoding, plain, array.reshape(len(lengths), -1) if same else None)


def _offsets(data: bytes, end: bytes, length: int) -> Any:
    """Return where each line begins, and where the last one ends."""
    if not end:
        return np.append(np.arange(0, len(data), length, dtype=np.int64), len(data))
    found = np.flatnonzero(np.frombuffer(data, np.uint8) == end[0])
    return np.concatenate((np.zeros(1, np.int64), found + 1))


def _as_utf8(data: bytes, end: bytes, encoding: str) -> tuple[bytes, dict[int, str]]:
    """Return the lines as UTF-8, and which of them are not of the encoding."""
    try:
        if codec(encoding) != "utf-8":
            return utf8(data, encoding), {}
        data.decode("utf-8")
        return data, {}
    except UnicodeDecodeError:
        lines, bad = _each_as_utf8(data.split(end)[:-1], encoding)
        return b"".join(line + end for line in lines), bad


def _each_as_utf8(lines: Sequence[bytes], encoding: str) -> tuple[list[bytes], dict[int, str]]:
    made, bad = [], {}
    for at, line in enumerate(lines):
        try:
            made.append(line.decode(encoding).encode())
        except UnicodeDecodeError as error:
            bad[at] = _wrong_byte(error.start, encoding)
            made.append(line.decode(encoding, "replace").encode())
    return made, bad


def _wrong_byte(at: int, encoding: str) -> str:
    return f"the line is not {encoding}: see its byte {at + 1}"


def _undecodable(lines: pl.Series, encoding: str) -> dict[int, str]:
    """Return the lines of bytes that are not of the encoding."""
    if codec(encoding) == "utf-8" and _cast(lines) is not None:
        return {}
    return _each_as_utf8(lines.to_list(), encoding)[1]


def as_text(values: pl.Series, encoding: str) -> pl.Series:
    """Return values of bytes as text; one that is not of the encoding becomes null."""
    made = _cast(values)
    if made is not None and (codec(encoding) == "utf-8" or (made.str.len_bytes() == made.str.len_chars()).all()):
        return made
    texts: dict[bytes, str | None] = {}
    for value in values.unique().drop_nulls().to_list():
        try:
            texts[value] = value.decode(encoding)
        except UnicodeDecodeError:
            texts[value] = None
    return pl.Series(values.name, [texts[value] for value in values.to_list()], dtype=pl.String)


def _cast(values: pl.Series) -> pl.Series | None:
    """Return bytes that are all UTF-8 as text, or None."""
    try:
        return values.cast(pl.String)
    except pl.exceptions.PolarsError:
        return None

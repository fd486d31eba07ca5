"""The text of a codebook: its encoding found and said, its size bounded."""

import codecs
import re
from pathlib import Path

from migstat.read.legacy import plainly
from migstat.read.packed import explained, fault
from migstat.read.transcoded import is_plain
from migstat.words.finding import Finding, Place, Severity

LARGEST = 64 << 20
"""Bytes; a codebook that is larger is refused."""
MOST_DIGITS = 300
"""Of a number; no file has a longer one."""
DECLARED = re.compile(rb"^\s*\*\s*encoding:\s*([\w-]+)", re.I)
"""How SPSS writes the encoding into the first line of a program."""


def codebook_text(path: Path, findings: list[Finding]) -> str:
    """Return the text of a file: UTF-8, UTF-16 with its mark, what an SPSS program declares, or what it looks like.

    What it looks like, and else cp1252, is said. Line ends are made one sign.
    """
    with explained(path.name):
        if path.stat().st_size > LARGEST:
            what, mend = f"is larger than {LARGEST >> 20} MB", "split it, or name the codebook, not the data"
            raise fault(path.name, what, mend)
        data = path.read_bytes()
    text = _decoded(data, path.name, findings)
    if "\0" in text:
        raise fault(path.name, "holds NUL bytes: it is no text", "save it as text in UTF-8")
    longest = max((found.end() - found.start() for found in re.finditer(r"\d+", text)), default=0)
    if longest > MOST_DIGITS:
        raise fault(path.name, f"holds a number of {longest:,} digits: it is no codebook", "fetch the file again")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes, name: str, findings: list[Finding]) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise fault(name, "ends in the midst of a character of UTF-16: it was cut off", "fetch it again") from None
    declared = DECLARED.match(data)
    said = declared[1].decode() if declared else "utf-8"
    try:
        return data.decode(said if is_plain(said) else "utf-8")
    except (UnicodeDecodeError, LookupError) as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
    line = data[:start].count(b"\n") + 1
    codec = plainly(data)[0] or "cp1252"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        text, codec = data.decode("latin-1"), "latin-1"
    what, mend = f"read as {codec}: it is not {said}", "save it in UTF-8 where labels look wrong"
    findings.append(Finding(Place(name, line), "", what, mend, Severity.WARNING, rule="assumed"))
    return text

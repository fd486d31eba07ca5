"""CSPro dictionaries (.dcf), and the one inside a data file of CSPro (.csdb), as codebooks."""

from pathlib import Path

from migstat.read.cspro import codebook_of, is_csdb, is_dictionary, open_csdb, parse_dictionary
from migstat.read.packed import fault
from migstat.words.codebook import Codebook

LARGEST = 50_000_000
"""Bytes; a dictionary that is larger is refused."""
SQLITE = b"SQLite format 3\0"


def recognised(path: Path, start: bytes) -> bool:
    """Tell whether a file is a dictionary or a data file of CSPro."""
    return is_dictionary(start) or (start.startswith(SQLITE) and is_csdb(path))


def read(path: Path) -> Codebook:
    """Read a dictionary. Raises MigstatError where it cannot be read."""
    with path.open("rb") as file:
        start = file.read(16)
    if start == SQLITE:
        return open_csdb(path).codebook
    if path.stat().st_size > LARGEST:
        raise fault(path.name, f"the dictionary is larger than {LARGEST:,} bytes", "check that this is the right file")
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # CSPro before 5 wrote the code page of the machine.
    return codebook_of(parse_dictionary(text, path.name))

"""Memory: the ceiling of a run, how much of it goes to what, and where checks may put away what they hold."""

import re
from typing import Protocol

from migstat.words.finding import misuse

UNITS = {"M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "MB": 10**6, "GB": 10**9, "TB": 10**12}
LEAST = 640 << 20
"""Bytes of the lowest ceiling: Python with its libraries takes some 200 MB before the first row is read, and a part of
a file with what is made of it as much again."""
KEPT = 256 << 20
"""Bytes that the checks of a run keep in memory where no ceiling is given: the keys of some 22 million rows."""
FIXED = 400 << 20
"""Bytes that a run takes whatever the size of its parts."""
CELL = 128
"""Bytes that a cell of a part takes, with all that is made of it while it is worked on."""
LEAST_PART, LEAST_BYTES = 10_000, 8 << 20
"""Rows and bytes of the smallest part: smaller ones cost time, and save nothing."""


class Room(Protocol):
    """Lets checks keep some bytes in memory, all together, and takes what is more than that."""

    kept: int
    """Bytes that all checks may hold in memory."""
    held: int
    """Bytes that they hold."""

    def write(self, data: bytes) -> int:
        """Put bytes away, and return where they are."""
        ...

    def read(self, at: int, size: int) -> bytes:
        """Return bytes that were put away."""
        ...


def memory_bytes(given: str | int | None) -> int | None:
    """Return a ceiling in bytes: ``4G`` and ``512M`` count in powers of 1024, ``4GB`` in powers of 1000.

    None is no ceiling. Raises Misuse where it is no amount, or is too low for any run.

    >>> memory_bytes("4G"), memory_bytes("1.5GB"), memory_bytes(2_000_000_000)
    (4294967296, 1500000000, 2000000000)
    """
    if given is None:
        return None
    size = given if isinstance(given, int) and not isinstance(given, bool) else _read(given)
    if size < LEAST:
        what = f"{told(size)} is too little: Python and its libraries take some 200 MB, and the smallest part as much"
        raise misuse(what, f"write {told(LEAST)} or more", place="memory")
    return size


def _read(given: object) -> int:
    """Return the bytes that a text names."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:([MGT])(I?B)?)?", str(given).strip().upper())
    number = float(found[1]) if found else 0.0
    if found is None or not isinstance(given, str) or (not found[2] and number < 1 << 20):
        near = f"{found[1]}G" if found and isinstance(given, str) and 0 < number < 1024 else "4G"
        raise misuse(f"{given!r} is no amount of memory", f"write such as {near}, 900M, or bytes", place="memory")
    return int(number * (UNITS[found[2] + "B" if found[3] == "B" else found[2]] if found[2] else 1))


def told(size: int) -> str:
    """Return bytes as people write them.

    >>> told(4 << 30), told(1_500_000_000), told(640 << 20), told(20)
    ('4G', '1.4G', '640M', '20 bytes')
    """
    if size < 1 << 20:
        return f"{size} bytes"
    return f"{size / (1 << 30):.1f}".removesuffix(".0") + "G" if size >= 1 << 30 else f"{size >> 20}M"


def kept_by_checks(ceiling: int | None) -> int:
    """Return how many bytes the checks of a run may keep in memory.

    >>> kept_by_checks(None) == kept_by_checks(4 << 30) == KEPT
    True
    """
    return KEPT if ceiling is None else min(KEPT, ceiling // 8)


def part_rows(ceiling: int | None, columns: int, most: int) -> int:
    """Return how many rows of so many columns may be worked on at a time; never more than ``most``.

    >>> part_rows(4 << 30, 16, 400_000), part_rows(1 << 30, 16, 400_000), part_rows(640 << 20, 16, 400_000)
    (400000, 188416, 40960)
    """
    if ceiling is None:
        return most
    return min(most, max(LEAST_PART, _free(ceiling) // (CELL * max(1, columns))))


def part_bytes(ceiling: int | None, most: int) -> int:
    """Return how many bytes of text a part may have, however few its rows; never more than ``most``."""
    return most if ceiling is None else min(most, max(LEAST_BYTES, _free(ceiling) // 8))


def _free(ceiling: int) -> int:
    """Return what is left for a part and what is made of it: checks hold their share, and as much again at the end."""
    return ceiling - FIXED - 2 * kept_by_checks(ceiling)

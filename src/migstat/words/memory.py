"""Memory: the ceiling of a run, how much of it goes to what, and where checks may put away what they hold."""

import re
from typing import Protocol

from migstat.words.finding import misuse

UNITS = {"M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "MB": 10**6, "GB": 10**9, "TB": 10**12}
LEAST = 640 << 20
"""Bytes of the lowest ceiling: Python with its libraries takes some 200 MB before the first row is read, and a part of
a file with what is made of it as much again."""
KEPT = 512 << 20
"""Bytes that the checks of a run keep in memory where no ceiling is given: the keys of some 45 million rows."""
FIXED = 400 << 20
"""Bytes that a run takes whatever the size of its parts."""
CELL = 128
"""Bytes that a cell of a part takes, with all that is made of it while it is worked on."""
LEAST_PART = 10_000
"""Rows of the smallest part: smaller ones cost time, and save nothing."""


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
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise _wrong(f"{given!r} is no amount of memory")
    if isinstance(given, int):
        size = given
    else:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MGT])(I?B)?", given.strip().upper())
        if found is None:
            raise _wrong(f"'{given}' is no amount of memory", given)
        unit = found[2] + "B" if found[3] == "B" else found[2]
        size = int(float(found[1]) * UNITS[unit])
    if size < LEAST:
        what = (
            f"{told(size)} is too little: Python and its libraries alone take some 200 MB, and a part of a file as much"
        )
        raise misuse(what, f"write {told(LEAST)} or more", place="memory")
    return size


def told(size: int) -> str:
    """Return bytes as people write them.

    >>> told(4 << 30), told(1_500_000_000), told(640 << 20), told(20)
    ('4G', '1.4G', '640M', '0M')
    """
    if size >= 1 << 30:
        return f"{size / (1 << 30):.1f}".removesuffix(".0") + "G"
    return f"{size >> 20}M"


def kept_by_checks(ceiling: int | None) -> int:
    """Return how many bytes the checks of a run may keep in memory.

    >>> kept_by_checks(None) == kept_by_checks(4 << 30) == KEPT
    True
    """
    return KEPT if ceiling is None else min(KEPT, ceiling // 8)


def part_rows(ceiling: int | None, columns: int, most: int) -> int:
    """Return how many rows of so many columns may be worked on at a time; never more than ``most``.

    >>> part_rows(4 << 30, 16, 400_000), part_rows(1 << 30, 16, 400_000), part_rows(640 << 20, 16, 400_000)
    (400000, 256000, 40960)
    """
    if ceiling is None:
        return most
    free = max(0, ceiling - FIXED - 2 * kept_by_checks(ceiling))
    return min(most, max(LEAST_PART, free // (CELL * max(1, columns))))


def _wrong(what: str, given: str = "") -> Exception:
    number = re.match(r"\s*(\d+(?:\.\d+)?)", given)
    near = f"{number[1]}G" if number and 0 < float(number[1]) < 1024 else "4G"
    return misuse(what, f"write such as {near}, 900M, or a whole number of bytes", place="memory")

"""One run a folder: a lock that the system takes away when the process ends, however it ends."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from migstat.words.finding import misuse
from migstat.write.atomic import explained

NAME = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder alone; raise Misuse where another process holds it. The folder is made where there is none."""
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _take(descriptor)
        except OSError:
            what = "another run writes into this folder"
            raise misuse(what, "wait for it to end, or name another folder", place=folder.name) from None
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        return
    import fcntl

    with suppress(NotImplementedError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

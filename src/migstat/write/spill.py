"""Spill: a file without a name for what checks hold beyond their share of the memory; it is gone when the run is."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import IO

from migstat.write.atomic import explained


class Spill:
    """Room for checks: some bytes in memory, the rest in a file that is made when it is needed.

    The file has no name where the system allows that, and is deleted by the system itself where it does not: it goes
    with the process, however that ends. Nobody else may read it.
    """

    def __init__(self, kept: int, folder: Path) -> None:
        self.kept, self.held = kept, 0
        self.written = 0
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._alone = Lock()
        """Checks work in several threads, and the file has one place at which it is read and written."""

    def write(self, data: bytes) -> int:
        """Put bytes away, and return where they are."""
        with self._alone, explained(self._folder):
            if self._file is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115
            at = self.written
            self._file.seek(at)
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
            self.written += len(data)
        return at

    def read(self, at: int, size: int) -> bytes:
        """Return bytes that were put away."""
        assert self._file is not None
        with self._alone, explained(self._folder):
            self._file.seek(at)
            found = bytearray()
            while len(found) < size and (more := self._file.read(size - len(found))):
                found += more
        return bytes(found)

    def close(self) -> None:
        """Let go of the file, which is then gone."""
        if self._file is not None:
            self._file.close()


@contextmanager
def spill(kept: int, folder: Path | None = None) -> Iterator[Spill]:
    """Lend room for checks; what is put away lies in the folder, or where the system keeps large temporary files."""
    room = Spill(kept, folder or temporary_folder())
    try:
        yield room
    finally:
        room.close()


def temporary_folder() -> Path:
    """Return the folder for large temporary files. On Linux that is not /tmp, which may itself be memory."""
    large = Path("/var/tmp")  # noqa: S108
    if "TMPDIR" not in os.environ and sys.platform == "linux" and os.access(large, os.W_OK):
        return large
    return Path(tempfile.gettempdir())

"""The ceiling of a run: how large its parts are, where its checks put away what they hold, and the watch over it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

from migstat.read.resident_memory import resident
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.memory import kept_by_checks, memory_bytes, part_bytes, part_rows, told
from migstat.write.spill import Spill, spill

if TYPE_CHECKING:  # a command prepares its process before polars is loaded, which an extract brings with it
    from migstat.read.extracts import Extract

T = TypeVar("T")
MUCH = 300 << 20
"""Bytes that a process may have taken before a run without a word about it."""
EVERY = 0.05
"""Seconds between two looks at the memory."""
ALLOCATOR, KEEPING = "_RJEM_MALLOC_CONF", "dirty_decay_ms:500,muzzy_decay_ms:1000"
"""What tells the allocator of Polars how long it keeps memory, and what Polars itself writes there when it is loaded: a
process that it starts finds that, and it is nobody's wish."""


class Ceiling:
    """What a run may take, and what it took."""

    def __init__(self, bytes: int | None, room: Spill) -> None:
        self.bytes, self.room = bytes, room
        self.before = self.most = resident()

    def limit(self, extract: "Extract", more: int = 0, held: int = 0) -> None:
        """Let the parts of an extract be so large that the work on them stays below the ceiling.

        Its rows have so many ``more`` columns, and so many bytes are ``held`` beside them.
        """
        most, left = extract.limits, None if self.bytes is None else self.bytes - held
        rows = part_rows(left, len(extract.columns) + more, most.rows)
        extract.limits = replace(most, rows=rows, bytes=part_bytes(left, most.bytes), look=self.look)

    def look(self) -> None:
        """Raise MigstatError where the run has taken more than it may."""
        if self.bytes is None:
            return
        self.most = max(self.most, resident())
        if self.most > self.bytes:
            raise MigstatError([_passed(self.bytes, self.most, self.before)])

    def watched(self, parts: Iterator[T]) -> Iterator[T]:
        """Yield the parts, with a look at the memory before each."""
        for part in parts:
            self.look()
            yield part
        self.look()


def _passed(ceiling: int, most: int, before: int) -> Finding:
    began = f", of which {told(before)} before it began" if before > MUCH else ""
    what = f"the run came to {told(most)}{began}, and may take {told(ceiling)}: it was ended, nothing is half-written"
    need = told(-(-most * 5 // 4 >> 28) << 28)
    mend = f"allow {need} or more, run it in a process of its own, write into a folder, or read fewer columns"
    return Finding(Place("memory"), "", what, mend, rule="memory")


@contextmanager
def ceiling_of(memory: str | int | None, folder: Path | None = None) -> Iterator[Ceiling]:
    """Lend the ceiling of a run, watched until it ends. What checks put away lies in the folder, and goes at the end.

    Raises Misuse where ``memory`` is no amount, or too little.
    """
    bytes = memory_bytes(memory)
    with spill(kept_by_checks(bytes), folder) as room:
        ceiling, ended = Ceiling(bytes, room), Event()

        def watch() -> None:
            while not ended.wait(EVERY):
                ceiling.most = max(ceiling.most, resident())

        if bytes is None:
            yield ceiling
            return
        thread = Thread(target=watch, name="migstat-memory", daemon=True)
        thread.start()
        try:
            yield ceiling
        finally:
            ended.set()
            thread.join()
            ceiling.bytes = None


def prepare(memory: str | None) -> None:
    """Let libraries that are not loaded yet give memory back at once, and start few threads, under a low ceiling.

    Only for a process of its own, such as a command: what is set is read once, when a library is loaded.
    """
    bytes = memory_bytes(memory)
    if bytes is None or "polars" in sys.modules:
        return
    os.environ.setdefault("POLARS_MAX_THREADS", str(max(1, min(os.cpu_count() or 1, bytes >> 28))))
    if bytes < 2 << 30 and not os.environ.get(ALLOCATOR, "").replace(KEEPING, "").strip(","):
        os.environ[ALLOCATOR] = "dirty_decay_ms:0,muzzy_decay_ms:0"

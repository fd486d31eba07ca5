"""The process that reads statistical files: started when it is needed, asked again and again, ended when we end."""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Timer
from typing import Any

PATIENCE = 1_800
"""Seconds after which a reader that gives no answer is ended."""
SERVE = "from migstat.read.statistical_files.reader import serve; serve()"


class ReaderGone(Exception):
    """The reader ended, or was ended, in the midst of a file."""


class Reader:
    """A process that reads; it is asked one thing at a time."""

    def __init__(self) -> None:
        path = os.pathsep.join(one for one in sys.path if one)
        self._process = subprocess.Popen(  # noqa: S603 - it is our own code that is run
            [sys.executable, "-c", SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )

    def ask(self, **request: Any) -> None:
        """Ask; the answer is fetched with ``answer``."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()

    def answer(self) -> tuple[dict[str, Any], bytes]:
        """Return the answer to what was asked. Raises ReaderGone where the reader ended."""
        assert self._process.stdout is not None
        watch = Timer(PATIENCE, self._process.kill)
        watch.daemon = True
        watch.start()
        try:
            line = self._process.stdout.readline()
            if not line.endswith(b"\n"):
                raise ReaderGone
            head = json.loads(line)
            rows = self._process.stdout.read(head["bytes"])
            if len(rows) != head["bytes"]:
                raise ReaderGone
            return head, rows
        finally:
            watch.cancel()

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                assert pipe is not None
                pipe.close()
        self._process.wait()


_idle: list[Reader] = []
_lock = Lock()


@contextmanager
def reader() -> Iterator[Reader]:
    """Lend a reader. It is used again where all went well, and ended otherwise."""
    with _lock:
        lent = _idle.pop() if _idle else None
    lent = lent or Reader()
    well = False
    try:
        yield lent
        well = True
    finally:
        with _lock:
            well = well and not _idle
            if well:
                _idle.append(lent)
        if not well:
            lent.end()


@atexit.register
def _end_all() -> None:
    with _lock:
        while _idle:
            _idle.pop().end()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)

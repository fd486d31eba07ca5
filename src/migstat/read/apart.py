"""Processes that read what a damaged file can end: started when needed, asked again and again, ended when we end.

A request is a line of JSON, the answer a line of JSON, after which rows follow as Arrow where there are any.
"""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Timer
from typing import Any

PATIENCE = 1_800
"""Seconds after which a reader that gives no answer is ended."""
LEAST_MEMORY = 6 << 30
SHARE_OF_MEMORY = 0.75
"""Of the machine's memory, what such a process may take; never less than LEAST_MEMORY of addresses."""
Answer = tuple[dict[str, Any], bytes]


class ReaderGone(Exception):
    """The reader ended, or was ended, in the midst of a file."""


class Reader:
    """A process that reads; it is asked one thing at a time. ``serving`` names the module whose ``serve`` it runs."""

    def __init__(self, serving: str) -> None:
        self.serving = serving
        path = os.pathsep.join(one for one in sys.path if one)
        self._process = subprocess.Popen(  # noqa: S603 - it is our own code that is run
            [sys.executable, "-c", f"from {serving} import serve; serve()"],
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

    def answer(self, patience: float = PATIENCE) -> Answer:
        """Return the answer to what was asked. Raises ReaderGone where the reader ended, or took too long."""
        assert self._process.stdout is not None
        watch = Timer(patience, self._process.kill)
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


_idle: dict[str, Reader] = {}
_lock = Lock()


@contextmanager
def reader(serving: str) -> Iterator[Reader]:
    """Lend a reader. It is used again where all went well, and ended otherwise."""
    with _lock:
        lent = _idle.pop(serving, None)
    lent = lent or Reader(serving)
    well = False
    try:
        yield lent
        well = True
    finally:
        with _lock:
            well = well and serving not in _idle
            if well:
                _idle[serving] = lent
        if not well:
            lent.end()


@atexit.register
def _end_all() -> None:
    with _lock:
        while _idle:
            _idle.popitem()[1].end()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)


def tell_idle(serving: str, **request: Any) -> None:
    """Ask a reader that waits for work, where there is one."""
    with _lock:
        lent = _idle.pop(serving, None)
    if lent is None:
        return
    lent.ask(**request)
    try:
        lent.answer(60)
    except ReaderGone:
        lent.end()
        return
    with _lock:
        other = _idle.setdefault(serving, lent)
    if other is not lent:
        lent.end()


def serve(answer: Callable[[dict[str, Any]], Answer]) -> None:
    """Answer requests until there are no more of them: what such a process runs."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Whoever asks is told of an interrupt, and ends this process.
    bound_memory()
    for line in sys.stdin.buffer:
        head, rows = answer(json.loads(line))
        sys.stdout.buffer.write(json.dumps({**head, "bytes": len(rows)}).encode() + b"\n" + rows)
        sys.stdout.buffer.flush()


def bound_memory(more: int = -1) -> None:
    """Have this process end, and not the machine, where a file asks for more memory than there is.

    ``more`` are the bytes that a file may take beside LEAST_MEMORY; without them it is a share of what there is.
    """
    try:
        import resource
    except ImportError:  # Windows, which gives no process more than there is.
        return
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    most = max(LEAST_MEMORY, int(there * SHARE_OF_MEMORY))
    most = most if more < 0 else min(most, LEAST_MEMORY + more)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))

"""Flow: the next part is read and the last one written while this one is worked on; order and errors are kept."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event
from typing import Any, TypeVar

T = TypeVar("T")


def interruptible(work: Callable[[Event], T]) -> T:
    """Run work in a thread of its own, and on an interrupt ask it to stop, let it put its things away, and raise.

    An interrupt strikes the main thread between any two steps, often twice, since libraries raise it too; in another
    thread it can break no clean-up. The work looks at the event it is given, and ends early where that is set.

    >>> interruptible(lambda stop: 7)
    7
    """
    stop = Event()
    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(work, stop)
        interrupted = False
        while not future.done():
            try:
                # On Windows a wait without an end cannot be interrupted.
                wait([future], timeout=0.2)
            except KeyboardInterrupt:
                interrupted = True
                stop.set()
        if interrupted:
            raise KeyboardInterrupt
        return future.result()


def ahead(parts: Iterator[T]) -> Generator[T]:
    """Yield the parts, with the next one being made in another thread.

    >>> list(ahead(iter("abc")))
    ['a', 'b', 'c']
    """
    end = object()
    thread = ThreadPoolExecutor(1)
    try:
        coming: Future[object] = thread.submit(next, parts, end)
        while (part := coming.result()) is not end:
            coming = thread.submit(next, parts, end)
            yield part  # type: ignore[misc]
    finally:
        thread.shutdown(cancel_futures=True)
        if isinstance(parts, Generator):
            parts.close()


@contextmanager
def behind() -> Iterator[Callable[[Callable[[], Any]], Future[Any]]]:
    """Lend a function that runs work in one other thread, in order, at most two pieces waiting: a part's two files.

    >>> done = []
    >>> with behind() as later:
    ...     for number in range(3):
    ...         _ = later(lambda number=number: done.append(number))
    >>> done
    [0, 1, 2]
    """
    waiting: list[Future[Any]] = []
    thread = ThreadPoolExecutor(1)

    def later(work: Callable[[], Any]) -> Future[Any]:
        while len(waiting) > 1:
            waiting.pop(0).result()
        waiting.append(thread.submit(work))
        return waiting[-1]

    try:
        yield later
        for work in waiting:
            work.result()
    finally:
        thread.shutdown(cancel_futures=True)

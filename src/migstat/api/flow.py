"""Flow: the next part is read and the last one written while this one is worked on; order and errors are kept."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


def ahead(parts: Iterator[T]) -> Generator[T]:
    """Yield the parts, with the next one being made in another thread.

    >>> list(ahead(iter("abc")))
    ['a', 'b', 'c']
    """
    end = object()
    thread = ThreadPoolExecutor(1)
    try:
        with thread:
            coming: Future[object] = thread.submit(next, parts, end)
            while (part := coming.result()) is not end:
                coming = thread.submit(next, parts, end)
                yield part  # type: ignore[misc]
    finally:
        thread.shutdown()  # Waits once more, where an interrupt has cut the first wait short.
        if isinstance(parts, Generator):
            parts.close()


@contextmanager
def behind() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Lend a function that runs work in one other thread, in order, at most two pieces waiting: a part's two files.

    >>> done = []
    >>> with behind() as later:
    ...     for number in range(3):
    ...         later(lambda number=number: done.append(number))
    >>> done
    [0, 1, 2]
    """
    waiting: list[Future[None]] = []
    with ThreadPoolExecutor(1) as thread:

        def later(work: Callable[[], None]) -> None:
            while len(waiting) > 1:
                waiting.pop(0).result()
            waiting.append(thread.submit(work))

        yield later
        for work in waiting:
            work.result()

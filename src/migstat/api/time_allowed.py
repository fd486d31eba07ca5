"""The time that a verb may take, and how much of it is spent."""

import time
from collections.abc import Callable


def clock(step: str, seconds: float, progress: Callable[[str, float], None] | None) -> Callable[[], bool]:
    """Return what says whether there is time left, and tells how much of it is spent whenever it is asked."""
    begun = time.monotonic()

    def going_on() -> bool:
        spent = time.monotonic() - begun
        if progress is not None:
            progress(step, min(spent / seconds, 1.0) if seconds else 1.0)
        return spent < seconds

    going_on()
    return going_on

"""What this process may use of the machine: what is free of it, or what a container or a service is given of it."""

import os
from collections.abc import Iterator
from pathlib import Path

LEAST = 1_500_000_000
"""Bytes of memory that one extract may need; no more extracts run side by side than have so much each."""
GROUPS, OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
"""Where Linux tells the limits of control groups, and which of them this process is in."""
MEMORY = Path("/proc/meminfo")


def at_once(extracts: int, ceiling: int | None) -> int:
    """Return how many extracts run side by side: one fills about two processors."""
    return max(1, min(extracts, processors() // 2, memory() // (ceiling or LEAST)))


def processors() -> int:
    """Return how many processors this process may fill, at least one."""
    shares = [*_numbers("", "cpu.max"), *_numbers("cpu", "cpu.cfs_quota_us", "cpu.cfs_period_us")]
    try:
        own = len(os.sched_getaffinity(0))
    except AttributeError:
        own = os.cpu_count() or 2
    return max(1, min([own, *(quota // period for quota, period in shares if period)]))


def memory() -> int:
    """Return the bytes of memory that this process may use, as far as the system says it."""
    limits = [*_numbers("", "memory.max"), *_numbers("memory", "memory.limit_in_bytes")]
    return min([_free(), *(limit for (limit,) in limits)])


def _free() -> int:
    try:
        for line in MEMORY.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (OSError, ValueError, AttributeError):
        return 4 * LEAST


def _numbers(controller: str, *names: str) -> Iterator[list[int]]:
    """Give the limit that files of each control group of this process tell; those without a limit say another word."""
    for group in _groups(controller):
        try:
            words = " ".join((group / name).read_text(encoding="ascii") for name in names).split()
        except (OSError, ValueError):
            continue
        if words and all(word.isdigit() for word in words):
            yield [int(word) for word in words]


def _groups(controller: str) -> list[Path]:
    """Return the folders of the control group of this process and of those above it; version 2 has one for all limits.

    In a container its group stands at the top, whichever path the system tells.
    """
    try:
        lines = [line.split(":", 2) for line in OWN.read_text(encoding="utf-8").splitlines()]
        own = next(Path(path.lstrip("/")) for _, names, path in lines if controller in names.split(","))
    except (OSError, ValueError, StopIteration):
        return []
    top = GROUPS / controller
    return [*dict.fromkeys([top / own, *(top / part for part in own.parents), top])]

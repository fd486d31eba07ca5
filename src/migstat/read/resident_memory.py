"""Resident memory: what this process takes now, and what the machine has, as each system tells it."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

STATM = Path("/proc/self/statm")
SYSTEM: str = sys.platform


def resident() -> int:
    """Return the bytes of memory that this process takes; 0 where the system does not tell."""
    if SYSTEM == "linux":
        try:
            return int(STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            return 0
    return _windows() if SYSTEM == "win32" else _peak()


def give_back() -> None:
    """Give back to the system what allocators keep of memory that was let go of, for other libraries to take."""
    import ctypes

    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()
    if SYSTEM == "linux":
        # Not every C library of Linux has it.
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)


def _peak() -> int:
    """Return the most that the process ever took: macOS tells no other figure without a library."""
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most if SYSTEM == "darwin" else most * 1024)


def _windows() -> int:
    """Return the working set, from the list of counters that GetProcessMemoryInfo fills."""
    import ctypes

    class Counters(ctypes.Structure):
        _fields_ = [
            ("size", ctypes.c_uint32),
            ("page_faults", ctypes.c_uint32),
            *((name, ctypes.c_size_t) for name in ("peak", "working_set", "pool_peak", "pool", "other_peak", "other")),
            ("pagefile", ctypes.c_size_t),
            ("pagefile_peak", ctypes.c_size_t),
        ]

    counters = Counters()
    counters.size = ctypes.sizeof(Counters)
    library: Any = getattr(ctypes, "WinDLL", ctypes.CDLL)("kernel32")
    library.GetCurrentProcess.restype = ctypes.c_void_p
    asked = library.K32GetProcessMemoryInfo(
        ctypes.c_void_p(library.GetCurrentProcess()), ctypes.byref(counters), counters.size
    )
    return int(counters.working_set) if asked else 0

"""Runs commands as processes of their own, alternating, and says what each took and on which machine."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.inputs import ROOT

PACKAGES = ("migstat", "polars", "narwhals", "pyarrow")

Figures = dict[str, list[dict[str, float]]]


def measure(command: Sequence[str], accepted: Sequence[int] = (0,)) -> dict[str, float]:
    """Run a command to its end and return its wall time, its CPU time, and its peak memory in GB.

    This process stays small: what it holds at the time of the fork would count as memory of the child.
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read().decode(errors="replace")
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode not in accepted or "Traceback" in said:
        sys.exit(f"{' '.join(command[1:4])} ended with {process.returncode}\n{said}")
    unit = 1 if sys.platform == "darwin" else 1024
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "gb": used.ru_maxrss * unit / 1e9}


def timed(
    commands: Mapping[str, Sequence[str]], runs: int, accepted: Sequence[int] | Mapping[str, Sequence[int]] = (0,)
) -> Figures:
    """Run each command several times, turning the order round at every run, and return the figures of each run."""
    figures: Figures = {job: [] for job in commands}
    for run in range(runs):
        for job, command in list(commands.items())[:: -1 if run % 2 else 1]:
            codes = accepted.get(job, (0,)) if isinstance(accepted, Mapping) else accepted
            figures[job].append(measure(command, codes))
            print(f"run {run + 1}  {job}: {figures[job][-1]['wall']:.2f} s", file=sys.stderr)
    return figures


def machine(others: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the figures depend on: the machine, its load, and the versions, those of ``others`` besides."""
    versions = {"python": platform.python_version()}
    for name in (*PACKAGES, *others):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "from the checkout"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "load_at_start": round(os.getloadavg()[0], 2),
        "versions": versions,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")

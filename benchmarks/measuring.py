"""Runs commands as processes of their own, alternating, and says what each took and on which machine."""

import compileall
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.inputs import ROOT

PACKAGES = ("migstat", "polars", "narwhals", "pyarrow")

Figures = dict[str, list[dict[str, float]]]


def compile_all() -> None:
    """Compile what is measured, as an installer does; a checkout may have been told to keep no bytecode."""
    found = find_spec("migstat")
    assert found is not None
    assert found.origin is not None
    for folder in (Path(found.origin).parent, ROOT / "benchmarks"):
        compileall.compile_dir(folder, quiet=1)


def measure(command: Sequence[str], accepted: Sequence[int] = (0,)) -> dict[str, float]:
    """Run a command to its end and return its wall time, its CPU time, and its peak memory in GB.

    Of a command that starts others, the memory of all together counts. This process stays small: what it holds at the
    time of the fork would count as memory of the child.
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    ended, peak = threading.Event(), [0.0]
    watch = threading.Thread(target=_watch, args=(process.pid, ended, peak))
    watch.start()
    said = process.stderr.read().decode(errors="replace")
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    ended.set()
    watch.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted or "Traceback" in said:
        sys.exit(f"{' '.join(command[1:])} ended with {process.returncode}\n{said}")
    unit = 1 if sys.platform == "darwin" else 1024
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "gb": max(used.ru_maxrss * unit / 1e9, peak[0])}


def _watch(pid: int, ended: threading.Event, peak: list[float]) -> None:
    """Look ten times a second at what a process and those that it started hold, where there are several."""
    while not ended.wait(0.1):
        family = _family(pid)
        if len(family) > 1:
            peak[0] = max(peak[0], sum(map(_held, family)) / 1e9)


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        children = []
    return [pid, *(each for child in children for each in _family(int(child)))]


def _held(pid: int) -> float:
    """Return the bytes that a process holds alone, and its share of those that it holds with others."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0.0)


def timed(
    commands: Mapping[str, Sequence[str]],
    runs: int,
    accepted: Sequence[int] | Mapping[str, Sequence[int]] = (0,),
    once: Sequence[str] = (),
) -> Figures:
    """Run each command several times, turning the order round at every run, and return the figures of each run.

    Those named by ``once`` are part of the first run only.
    """
    figures: Figures = {job: [] for job in commands}
    for run in range(runs):
        for job, command in list(commands.items())[:: -1 if run % 2 else 1]:
            if run and job in once:
                continue
            codes = accepted.get(job, (0,)) if isinstance(accepted, Mapping) else accepted
            if "--into" in command:
                # Whoever finds what it left before has less to do.
                shutil.rmtree(command[list(command).index("--into") + 1], ignore_errors=True)
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

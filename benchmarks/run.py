"""Runs each job several times, alternating, each in a process of its own; prints one table and keeps the figures."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.inputs import DATA
from benchmarks.jobs import JOBS, Commands, Job
from benchmarks.measuring import Figures, compile_all, machine, timed
from benchmarks.telling import KEYED, RESULTS, keep, summary

COMPARED = 10_000_000
"""The size that larger ones are compared with."""


def wanted(job: Job, commands: Commands, left_out: Sequence[str]) -> Commands:
    """Return the commands of contestants that can run here and are not left out; say which cannot."""
    for name, package in job.lacking().items():
        print(f"{job.name}: {name} is left out, since {package} is not installed", file=sys.stderr)
    out = (*job.lacking(), *left_out)
    kept = {name: command for name, command in commands.items() if not _is_one(name, out)}
    if job.fixed_first and next(iter(commands)) not in kept:
        sys.exit(f"{next(iter(commands))} is what the others are compared with, and cannot be left out")
    return kept


def _is_one(job: str, names: Sequence[str]) -> bool:
    """Tell whether a contestant is one of those named, by its whole name or the beginning of it."""
    plain = job.removesuffix(KEYED)
    return any(plain == name or plain.startswith((f"{name},", f"{name} by", f"{name} and")) for name in names)


def versions_of(job: Job, commands: Commands) -> list[str]:
    """Return the packages of the contestants that run."""
    ran = {package for name, package in job.needs.items() if any(_is_one(one, [name]) for one in commands)}
    extra = ["pandas"] if any("pandas" in one for one in commands) else []
    return sorted({*ran, *extra} - {"migstat.cli.running"})


def share_of_key(rows: int, figures: Figures) -> str:
    """Say what the rule on keys takes of each contestant that was measured without it; of few rows it says nothing."""
    if rows < COMPARED:
        return ""
    lines = {line["job"]: line for line in summary(figures)}
    parts = []
    for name, line in lines.items():
        if keyed := lines.get(name + KEYED):
            parts.append(
                f"{name} {keyed['wall'] - line['wall']:+.2f} s ({1 - line['wall'] / keyed['wall']:.0%} of the whole) "
                f"and {keyed['gb'] - line['gb']:+.2f} GB"
            )
    return f"That no two persons have one key takes: {'; '.join(parts)}." if parts else ""


def beside_ten_million(job: Job, rows: int, figures: Figures) -> str:
    """Say how time and memory grew since the newest kept figures of ten million rows."""
    before = sorted(RESULTS.glob(f"*-{job.name}-{COMPARED}.json"))
    if rows <= COMPARED or not before:
        return ""
    old = {line["job"]: line for line in json.loads(before[-1].read_text(encoding="utf-8"))["summary"]}
    parts = [
        f"{line['job']} takes {line['wall'] / old[line['job']]['wall']:.2f} times as long and "
        f"{line['gb'] / old[line['job']]['gb']:.2f} times the memory"
        for line in summary(figures)
        if line["job"] in old
    ]
    return f"With {rows / COMPARED:g} times the rows of `{before[-1].name}`: {'; '.join(parts)}." if parts else ""


def seconds(job: Job, given: argparse.Namespace) -> float:
    """Return about how long a job takes; starting Python and its libraries alone takes a second or two each."""
    rows = min(given.rows or job.rows, job.most) / 1e6
    return given.runs * (job.seconds * rows + 10) + (sum(job.once.values()) + 3) * rows


def unknown(names: Sequence[str]) -> list[str]:
    """Return the names of --leave-out that no contestant of any job has."""
    known = [one for job in JOBS for one in job.commands(DATA, DATA)]
    return [name for name in names if not any(_is_one(one, [name]) for one in known)]


def run(job: Job, given: argparse.Namespace) -> None:
    """Measure one job, compare the results of all contestants, and tell the figures."""
    rows = min(given.rows or job.rows, job.most)
    extract = job.input(rows)
    with tempfile.TemporaryDirectory(dir=DATA, prefix="out") as out:
        _measured(job, given, rows, extract, Path(out))


def _measured(job: Job, given: argparse.Namespace, rows: int, extract: Path, out: Path) -> None:
    commands = wanted(job, job.commands(extract, out), given.leave_out)
    about = machine(versions_of(job, commands))
    accepted = {name: (0, 1) if _is_one(name, job.findings) else (0,) for name in commands}
    once = [name for name in commands if _is_one(name, [*job.once])]
    figures = timed(commands, given.runs, accepted, once=once)
    agreement: dict[str, Any] = job.agree(out, rows) if len(commands) > 1 else {}
    notes = (share_of_key(rows, figures), beside_ten_million(job, rows, figures))
    size = extract.stat().st_size / 1e6
    keep(
        job.name, job.kind, size, rows, given.runs, about, figures, agreement,
        notes=notes, results=given.results, quoted=given.quote,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [job.name for job in JOBS]
    parser.add_argument("--job", nargs="*", choices=names, default=names, help="what is measured (all)")
    parser.add_argument("--rows", type=int, help="persons in the generated census (10_000_000; statistical 1_000_000)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each job (3)")
    parser.add_argument("--leave-out", nargs="*", default=[], help="contestants that are not run, such as pandera")
    parser.add_argument("--leave-out-jobs", nargs="*", choices=names, default=[], help="jobs that are not measured")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder that figures are kept in")
    parser.add_argument("--quote", action="store_true", help="put what is printed into docs/performance.md")
    parser.add_argument("--clear", action="store_true", help="delete the generated files at the end")
    given = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    compile_all()
    if strange := unknown(given.leave_out):
        parser.error(f"no contestant is called {' or '.join(strange)}; such as DuckDB, pandas, pandera, 'migstat run'")
    jobs = [job for job in JOBS if job.name in given.job and job.name not in given.leave_out_jobs]
    expected = sum(seconds(job, given) for job in jobs)
    print(
        f"{', '.join(job.name for job in jobs)}: about {expected / 60:.0f} minutes on two quiet cores", file=sys.stderr
    )
    begun = time.perf_counter()
    failed = {}
    for job in jobs:
        print(f"\n{job.name}: {job.does}", file=sys.stderr)
        try:
            run(job, given)
        except SystemExit as fault:
            failed[job.name] = fault.code
            print(f"{job.name} has no figures: {fault.code}", file=sys.stderr)
    print(f"\nall took {(time.perf_counter() - begun) / 60:.1f} minutes", file=sys.stderr)
    if given.clear:
        shutil.rmtree(DATA)
    if failed:
        sys.exit(f"no figures of {', '.join(failed)}: the reasons stand above")


if __name__ == "__main__":
    main()

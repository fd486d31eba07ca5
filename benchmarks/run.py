"""Runs each job several times, alternating, each in a process of its own; prints one table and keeps the figures."""

import argparse
import datetime
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "benchmarks" / "data"
MAPPING = "benchmarks/census/mapping.yaml"
PACKAGES = ["migstat", "polars", "narwhals", "pyarrow"]
VALIDATORS = ["pandera", "dataframely"]

STEADY = 1.25
"""Wall times of one job that differ by more than this factor say that something else was running."""
MARKS = {
    "harmonize": ("<!-- printed by the benchmark -->", "<!-- until here -->"),
    "validate": ("<!-- printed by the benchmark of rules -->", "<!-- rules until here -->"),
}

OURS = "migstat harmonize"
HAND = "Polars by hand"
COUNTED = "Polars by hand, counting values"

VALIDATED = "migstat validate"
KEYED = ", and the key"
ONCE = 10_000_000
"""Persons of the largest census that is generated; records of more are these several times over."""


def commands(extract: Path, out: Path) -> dict[str, list[str]]:
    """Return the jobs. The first is what the others are compared with."""
    python, path = sys.executable, str(extract)
    hand = [python, "-m", "benchmarks.by_hand_polars", path]
    return {
        HAND: [*hand, str(out / "hand")],
        COUNTED: [*hand, str(out / "counted"), "--with-coverage"],
        OURS: [python, "-m", "migstat", "harmonize", MAPPING, path, "--into", str(out / "ours"), "--quiet"],
    }


def validations(records: Path, out: Path) -> dict[str, list[str]]:
    """Return the jobs that judge the rules of census/rules.yaml, without the rule on keys and with it."""
    modules = {
        HAND: "hand_polars",
        VALIDATED: "ours",
        "pandera, on Polars": "pandera",
        "pandera, on pandas": "pandera_pandas",
        "dataframely": "dataframely",
    }
    lacking = {name for name in VALIDATORS if not find_spec(name)}
    modules = {job: module for job, module in modules.items() if job.partition(",")[0] not in lacking}
    jobs: dict[str, list[str]] = {}
    for key in (False, True):
        for job, module in modules.items():
            told = out / f"{module}{'-key' if key else ''}.json"
            command = [sys.executable, "-m", f"benchmarks.validate_{module}", str(records), str(told)]
            jobs[job + (KEYED if key else "")] = [*command, "--key"] if key else command
    return jobs


def measure(command: list[str], accepted: tuple[int, ...] = (0,)) -> dict[str, float]:
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


def agree(out: Path, rows: int) -> dict[str, Any]:
    """Compare what the jobs say of each rule with what the first says, as far as both count it."""
    hand = json.loads((out / "hand_polars-key.json").read_text(encoding="utf-8"))
    others = [path for path in sorted(out.glob("*.json")) if path.name != "hand_polars-key.json"]
    for path in others:
        for id, counts in json.loads(path.read_text(encoding="utf-8")).items():
            for one, other in zip(hand[id], counts, strict=True):
                if None not in (one, other) and not math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6):
                    sys.exit(f"{path.stem} differs on {id}, so that the times mean nothing: {counts}, not {hand[id]}")
    return {"records": rows, "rules": len(hand), "failed": sum(counts[1] for counts in hand.values())}


def compare(out: Path, rows: int) -> dict[str, Any]:
    """Return what the comparison of the two results says, value by value; it runs in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.compare", str(out), "--rows", str(rows)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the results differ, so that their times mean nothing:\n{done.stdout}{done.stderr}")
    return dict(json.loads(done.stdout))


def machine(validating: bool = False) -> dict[str, Any]:
    """Return what the figures depend on."""
    versions = {"python": platform.python_version()}
    for name in [*PACKAGES, *(name for name in VALIDATORS if validating and find_spec(name))]:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "from the checkout"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "load_at_start": round(os.getloadavg()[0], 2),
        "versions": versions,
    }


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


def summary(figures: dict[str, list[dict[str, float]]]) -> list[dict[str, Any]]:
    """Return a line for each job: medians, the spread of wall times, and ratios to the first job of its kind."""
    lines = []
    for job, runs in figures.items():
        walls = [run["wall"] for run in runs]
        lines.append(
            {
                "job": job,
                "runs": len(runs),
                "wall": statistics.median(walls),
                "wall_min": min(walls),
                "wall_max": max(walls),
                "cpu": statistics.median(run["cpu"] for run in runs),
                "gb": max(run["gb"] for run in runs),
            }
        )
    for line in lines:
        first = next(one for one in lines if one["job"].endswith(KEYED) == line["job"].endswith(KEYED))
        for figure in ("wall", "wall_min", "cpu", "gb"):
            line[f"{figure}_ratio"] = line[figure] / first[figure]
    return lines


def table(lines: list[dict[str, Any]]) -> str:
    """Return the summary as a table in Markdown, ready for docs/performance.md."""
    rows = [["job", "wall, s", "lowest to highest", "CPU, s", "peak memory, GB"]]
    rows[0] += ["wall ratio", "of the lowest", "CPU ratio", "memory ratio"]
    for line in lines:
        rows.append(
            [
                line["job"],
                f"{line['wall']:.2f}",
                f"{line['wall_min']:.2f} to {line['wall_max']:.2f}",
                f"{line['cpu']:.1f}",
                f"{line['gb']:.2f}",
                *(f"{line[f'{figure}_ratio']:.2f}" for figure in ("wall", "wall_min", "cpu", "gb")),
            ]
        )
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    shown = [f"| {' | '.join(row)} |" for row in padded]
    shown.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(shown)


def told(kept: dict[str, Any]) -> str:
    """Return what is printed at the end: the size, the table, the machine, and whether the results agree."""
    about, agreement = kept["machine"], kept["agreement"]
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    lines = [
        f"{kept['rows']:,} rows, {kept['mb']:,} MB of {kept['kind']}; {kept['runs']} runs of each job, alternating; "
        f"medians; {kept['date']}",
        "",
        table(kept["summary"]),
        "",
        f"{about['cores']} cores ({about['processor']}), {about['memory_gb']} GB, {about['system']}; "
        f"load at the start {about['load_at_start']}; {versions}",
    ]
    unsteady = [line["job"] for line in kept["summary"] if line["wall_max"] > STEADY * line["wall_min"]]
    if unsteady:
        lines += [
            "",
            f"**Not a steady machine**: the wall times of {' and '.join(unsteady)} differ by more than a factor of "
            f"{STEADY}, so that the wall ratio says little. Look at the ratios of the lowest and of the CPU times, and "
            "measure again.",
        ]
    if "rules" in agreement:
        lines += ["", f"The jobs agree on the {agreement['rules']} rules: {agreement['failed']:,} failures in all."]
    elif agreement:
        agreed = f"{agreement['records']:,} records in {agreement['columns']} columns, value by value"
        lines += ["", f"The results agree: {agreed}; {agreement['rejects']} rejects, as planted."]
    return "\n".join(lines)


def quote(text: str, source: str, job: str) -> None:
    """Put what was printed into docs/performance.md, between its two marks."""
    page = ROOT / "docs" / "performance.md"
    begin, end = MARKS[job]
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{begin}\n{text}\n\nKept in `{source}`.\n{end}{after}", encoding="utf-8")


def census(rows: int) -> Path:
    """Return the generated census of this size, read once so that every job finds it warm.

    It is made where there is none, or where the generator or a recode table is newer.
    """
    DATA.mkdir(exist_ok=True)
    path = DATA / f"census_{rows}.csv"
    sources = [ROOT / "benchmarks" / "generate.py", *(ROOT / "benchmarks" / "census").rglob("*.csv")]
    if not path.exists() or path.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        subprocess.run(
            [sys.executable, "-m", "benchmarks.generate", str(path), "--rows", str(rows)], cwd=ROOT, check=True
        )
    return warm(path)


def records(rows: int) -> Path:
    """Return the records of the census of this size as Parquet, made where there are none."""
    times = max(1, rows // ONCE)
    source, path = census(min(rows, ONCE)), DATA / f"records_{rows}.parquet"
    made = [ROOT / "benchmarks" / "validate_records.py", ROOT / MAPPING, source]
    if not path.exists() or path.stat().st_mtime < max(one.stat().st_mtime for one in made):
        command = [sys.executable, "-m", "benchmarks.validate_records", str(source), str(path), "--times", str(times)]
        subprocess.run(command, cwd=ROOT, check=True)
    return warm(path)


def warm(path: Path) -> Path:
    """Read a file once, so that every job finds it in memory."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", choices=["harmonize", "validate"], default="harmonize", help="what is measured")
    parser.add_argument("--rows", type=int, default=1_000_000, help="persons in the generated census (1_000_000)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each job (3)")
    parser.add_argument("--by-hand-only", action="store_true", help="leave our own run out")
    parser.add_argument("--leave-out", nargs="*", default=[], help="jobs that are not run, such as pandera")
    parser.add_argument("--quote", action="store_true", help="put what is printed into docs/performance.md")
    parser.add_argument("--clear", action="store_true", help="delete the generated census at the end")
    given = parser.parse_args()
    validating = given.job == "validate"
    about = machine(validating)
    extract = records(given.rows) if validating else census(given.rows)
    out = DATA / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    jobs = validations(extract, out) if validating else commands(extract, out)
    if given.by_hand_only:
        jobs = {job: command for job, command in jobs.items() if "migstat" not in job}
    if given.leave_out:
        jobs = {
            job: command
            for job, command in jobs.items()
            if job.removesuffix(KEYED).partition(",")[0] not in given.leave_out
        }
    figures: dict[str, list[dict[str, float]]] = {job: [] for job in jobs}
    for run in range(given.runs):
        for job, command in list(jobs.items())[:: -1 if run % 2 else 1]:
            # A generated census holds rows that no rule covers, so that our run ends with findings: exit code 1.
            figures[job].append(measure(command, accepted=(1,) if job == OURS else (0,)))
            print(f"run {run + 1}  {job}: {figures[job][-1]['wall']:.2f} s", file=sys.stderr)
    agreement = agree(out, given.rows) if validating else {} if given.by_hand_only else compare(out, given.rows)
    lines = summary(figures)
    date = datetime.date.today().isoformat()
    kept = {
        "date": date, "rows": given.rows, "runs": given.runs,
        "mb": round(extract.stat().st_size / 1e6), "kind": {".csv": "CSV"}.get(extract.suffix, "Parquet"),
        "machine": about, "agreement": agreement, "summary": lines, "figures": figures,
    }  # fmt: skip
    text = told(kept)
    name = f"{date}-{'rules-' if validating else ''}{given.rows}.json"
    print(f"\n{text}")
    if given.quote:
        quote(text, f"benchmarks/results/{name}", given.job)
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    (results / name).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    if given.clear:
        extract.unlink()


if __name__ == "__main__":
    main()

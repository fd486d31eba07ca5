"""A census that no contestant but ours is asked to take: made, run through the chain under a ceiling, and deleted."""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

from benchmarks import inputs
from benchmarks.inputs import DATA
from benchmarks.jobs import PYTHON, RUN
from benchmarks.measuring import compile_all, machine, measure
from benchmarks.telling import RESULTS, keep

NEEDED = 90
"""Bytes of disk for each person: 47 of CSV, and the records with what is written on the way."""


def faults(out: Path, rows: int) -> list[str]:
    """Return what cannot be right: rejects that are not those planted, or cells that do not hold every record."""
    import polars as pl

    from benchmarks.chain.agree import Result
    from benchmarks.generate import rejects

    result, found = Result(out), []
    records = pl.scan_parquet(result.records).select(pl.len()).collect().item()
    rejected = pl.scan_parquet(result.records.parent / "*.rejects.parquet").select(pl.len()).collect().item()
    dimensions = [
        pl.col(name) == "_T" for name in ("COUNTRY_BIRTH", "SEX", "AGE", "CITIZENSHIP", "DURATION", "MIGRANT")
    ]
    everybody = pl.scan_parquet(result.cube).filter(*dimensions).select("N_UNWEIGHTED").collect().item()
    if rejected != rejects(rows):
        found.append(f"{rejected:,} rejects; {rejects(rows):,} were planted")
    if everybody != records:
        found.append(f"the cube holds {everybody:,} of {records:,} records")
    print(json.dumps({"records": records, "rejects": rejected}))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000_000, help="persons (100_000_000)")
    parser.add_argument("--memory", default="4G", help="ceiling of memory (4G)")
    parser.add_argument("--verbs", action="store_true", help="the verbs one after the other, with the 25 rules alone")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder that figures are kept in")
    parser.add_argument("--quote", action="store_true", help="put what is printed into docs/performance.md")
    parser.add_argument("--keep", action="store_true", help="do not delete the census at the end")
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.judge:
        if found := faults(given.judge, given.rows):
            sys.exit("\n".join(found))
        return
    DATA.mkdir(exist_ok=True)
    if (free := shutil.disk_usage(DATA).free) < NEEDED * given.rows:
        sys.exit(f"{given.rows:,} persons need {NEEDED * given.rows / 1e9:.0f} GB of disk; {free / 1e9:.0f} are free")
    compile_all()
    about, begun = machine(), time.perf_counter()
    extract = inputs.census(given.rows)
    made = time.perf_counter() - begun
    print(f"{given.rows:,} persons made in {made:.0f} s", file=sys.stderr)
    mapping, out = inputs.mapping("csv", key=True), DATA / "out-large"
    shutil.rmtree(out, ignore_errors=True)
    if given.verbs:
        name, command = "migstat", ["benchmarks.chain.ours", str(extract), str(out), "--mapping", str(mapping), "--key"]
    else:
        plan = str(mapping.parent / "plan.yaml")
        name, command = RUN, ["migstat", "run", plan, str(extract), "--into", str(out), "--quiet"]
    try:
        figures = {name: [measure([*PYTHON, *command, "--memory", given.memory])]}
        size = extract.stat().st_size / 1e6
        measure([*PYTHON, "benchmarks.large", "--judge", str(out), "--rows", str(given.rows)])
    finally:
        shutil.rmtree(out, ignore_errors=True)
        if not given.keep:
            extract.unlink()
    notes = (
        f"With `--memory {given.memory}`. The census was made in {made:.0f} s, on all cores, and deleted.",
        "Its rejects are those planted, and the cube holds every record.",
    )
    keep("large", "CSV", size, given.rows, 1, about, figures, notes=notes, results=given.results, quoted=given.quote)


if __name__ == "__main__":
    main()

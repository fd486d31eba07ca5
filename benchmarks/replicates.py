"""Sums under 80 replicate weights: our gathering of groups against a group_by by hand, each in a process of its own.

python -m benchmarks.replicates --rows 1000000
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as parquet

from benchmarks.measuring import measure

REPLICATES = 80
PART = 250_000
DATA = Path(__file__).resolve().parent / "data"


def generate(path: Path, rows: int) -> None:
    """Write persons with a weight and 80 replicate weights, part by part."""
    dice = np.random.default_rng(1)
    writer = None
    for begin in range(0, rows, PART):
        size = min(PART, rows - begin)
        weight = dice.integers(20, 400, size).astype(np.uint16)
        columns = {
            "SEX": pa.array(np.array(["F", "M"])[dice.integers(0, 2, size)]),
            "REGION": pa.array(np.array([f"R{n:02}" for n in range(20)])[dice.integers(0, 20, size)]),
            "BORN": pa.array(np.array([f"C{n:03}" for n in range(50)])[dice.integers(0, 50, size)]),
            "WEIGHT": pa.array(weight),
        }
        for number in range(1, REPLICATES + 1):
            factor = np.array([0.3, 1.0, 1.0, 1.7])[dice.integers(0, 4, size)]
            columns[f"REPWT_{number}"] = pa.array((weight * factor).astype(np.uint16))
        table = pa.table(columns)
        writer = writer or parquet.ParquetWriter(
            path, table.schema, compression="zstd", use_dictionary=["SEX", "REGION", "BORN"]
        )
        writer.write_table(table)
    if writer is not None:
        writer.close()


def hand(path: Path) -> dict[str, float]:
    """Sum every weight by cell, and take the variance of each cell, by hand."""
    names = [f"REPWT_{number}" for number in range(1, REPLICATES + 1)]
    sums = (
        pl.scan_parquet(path)
        .group_by("SEX", "REGION", "BORN")
        .agg(pl.col("WEIGHT").cast(pl.Float64).sum(), pl.col(names).cast(pl.Float64).sum())
        .collect(engine="streaming")
    )
    whole = sums["WEIGHT"].to_numpy()
    parts = sums.select(names).to_numpy()
    errors = np.sqrt(4 / REPLICATES * ((parts - whole[:, None]) ** 2).sum(axis=1))
    return {"cells": len(whole), "total": float(whole.sum()), "errors": float(errors.sum())}


def ours(path: Path) -> dict[str, float]:
    """Do the same with the verb."""
    import migstat as ms

    replicates = {"columns": f"REPWT_1..REPWT_{REPLICATES}", "method": "SDR"}
    design = ms.design(weight="WEIGHT", replicates=replicates)
    frame = ms.estimate(pl.scan_parquet(path), by=["SEX", "REGION", "BORN"], design=design).frame
    return {"cells": frame.height, "total": frame["ESTIMATE"].sum(), "errors": frame["STD_ERROR"].sum()}


def main() -> None:
    made = argparse.ArgumentParser()
    made.add_argument("--rows", type=int, default=1_000_000)
    made.add_argument("--job", choices=["hand", "ours", "generate"])
    options = made.parse_args()
    DATA.mkdir(exist_ok=True)
    path = DATA / f"replicates-{options.rows}.parquet"
    if options.job == "generate":
        generate(path, options.rows)
        return
    if options.job:
        begin = time.perf_counter()
        found = {"hand": hand, "ours": ours}[options.job](path)
        found["seconds"] = time.perf_counter() - begin
        (DATA / f"replicates-{options.job}.json").write_text(json.dumps(found), encoding="utf-8")
        return
    again = [sys.executable, "-m", "benchmarks.replicates", "--rows", str(options.rows), "--job"]
    if not path.exists():
        measure([*again, "generate"])
    print(f"{options.rows:,} rows, {REPLICATES} replicates, file of {path.stat().st_size / 1e9:.2f} GB")
    results = {}
    for job in ("hand", "ours"):
        used = measure([*again, job])
        results[job] = json.loads((DATA / f"replicates-{job}.json").read_text(encoding="utf-8"))
        print(f"{job}: {used['wall']:.2f} s, CPU {used['cpu']:.2f} s, {used['gb']:.2f} GB at most")
    for name in ("cells", "total", "errors"):
        if abs(results["hand"][name] - results["ours"][name]) > 1e-9 * abs(results["hand"][name]):
            sys.exit(f"{name} differ, so that the times mean nothing: {results}")
    print(f"equal: {results['ours']['cells']:,} cells, sum of standard errors {results['ours']['errors']:,.3f}")


if __name__ == "__main__":
    main()

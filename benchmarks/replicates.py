"""Sums under 80 replicate weights and their standard errors, by migstat and by a group_by by hand."""

import argparse
import json
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as parquet

REPLICATES = 80
PART = 250_000


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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("persons", type=Path)
    parser.add_argument("into", type=Path, nargs="?", help="the folder that the sums are told in")
    parser.add_argument("job", choices=["hand", "ours"], nargs="?")
    parser.add_argument("--generate", type=int, help="persons to be made")
    given = parser.parse_args()
    if given.generate:
        generate(given.persons, given.generate)
        return
    found = {"hand": hand, "ours": ours}[given.job](given.persons)
    (given.into / f"{given.job}.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()

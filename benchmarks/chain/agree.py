"""Compares the results of a chain with those of another: record by record, count by count, cell by cell."""

import argparse
import json
import math
from pathlib import Path

import polars as pl

from benchmarks.chain.cube_codes import DIMENSIONS, MIGRANT
from benchmarks.compare import differences

OURS = "BENCHMARK_CENSUS.records.parquet"
CLOSE = 1e-9
"""Sums of floating-point numbers in another order may differ by this share."""


def counted_otherwise(one: Path, other: Path) -> list[str]:
    """Return a line for each rule that the two count differently, as far as both count it."""
    first, second = (json.loads((folder / "rules.json").read_text(encoding="utf-8")) for folder in (one, other))
    found = [f"{id}: only one of the two has it" for id in {*first} ^ {*second}]
    for id in {*first} & {*second}:
        for here, there in zip(first[id], second[id], strict=True):
            if None not in (here, there) and not math.isclose(here, there, rel_tol=CLOSE, abs_tol=1e-6):
                found.append(f"{id}: {second[id]}, not {first[id]}")
                break
    return found


def cells_otherwise(one: Path, other: Path) -> list[str]:
    """Return a line where the two cubes differ: cells that only one has, people, or weighted people."""
    keys = [*DIMENSIONS, MIGRANT]
    columns = [
        pl.col(keys).cast(pl.String),
        pl.col("N_UNWEIGHTED").cast(pl.Int64),
        pl.col("OBS_VALUE").cast(pl.Float64),
    ]
    first, second = (pl.scan_parquet(folder / "cube.parquet").select(columns).collect() for folder in (one, other))
    found = [f"{len(cells):,} cells, {cells.select(keys).n_unique():,} of them apart" for cells in (first, second)
             if cells.select(keys).n_unique() != len(cells)]  # fmt: skip
    both = first.join(second, on=keys, how="full", suffix="_OTHER", coalesce=True)
    for name, what in (("N_UNWEIGHTED", "cells only of the second"), ("N_UNWEIGHTED_OTHER", "cells only of the first")):
        if alone := both[name].null_count():
            found.append(f"{alone:,} {what}")
    people = both.filter(pl.col("N_UNWEIGHTED") != pl.col("N_UNWEIGHTED_OTHER")).height
    allowed = CLOSE * pl.col("OBS_VALUE").abs() + 1e-6
    weights = both.filter((pl.col("OBS_VALUE") - pl.col("OBS_VALUE_OTHER")).abs() > allowed).height
    found += [f"{people:,} cells differ in people"] * (people > 0)
    found += [f"{weights:,} cells differ in weighted people"] * (weights > 0)
    return found


def records_of(folder: Path) -> Path:
    return next(path for path in (folder / OURS, folder / "records.parquet") if path.exists())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path)
    parser.add_argument("other", type=Path)
    parser.add_argument("--cube-only", action="store_true", help="there are no records and no counts of rules")
    given = parser.parse_args()
    found, told = cells_otherwise(given.first, given.other), {}
    cube = pl.scan_parquet(given.first / "cube.parquet")
    told["cells"] = cube.select(pl.len()).collect().item()
    if not given.cube_only:
        found += counted_otherwise(given.first, given.other)
        paths = records_of(given.first), records_of(given.other)
        found += differences(*paths)
        told["records"] = pl.scan_parquet(paths[0]).select(pl.len()).collect().item()
        rules = json.loads((given.first / "rules.json").read_text(encoding="utf-8"))
        told |= {"rules": len(rules), "failed": sum(counts[1] for counts in rules.values())}
    if found:
        raise SystemExit("\n".join(found))
    print(json.dumps(told))


if __name__ == "__main__":
    main()

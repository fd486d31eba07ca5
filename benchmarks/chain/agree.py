"""Compares the results of a chain with those of another: record by record, count by count, cell by cell."""

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.chain.cube_codes import DIMENSIONS, MIGRANT
from benchmarks.compare import differences

CLOSE = 1e-9
"""Sums of floating-point numbers in another order may differ by this share."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a chain left in its folder, as the verbs, the command ``run`` or those written by hand name it."""

    folder: Path

    @property
    def records(self) -> Path:
        return self._one("*/records/*.records.parquet", "*.records.parquet", "records.parquet")

    @property
    def cube(self) -> Path:
        return self._one("*/tables/CUBE.parquet", "cube.parquet")

    def counts(self) -> dict[str, list[float | None]]:
        """Return for each rule the rows that pass, fail and are undecided, and the weight of those that fail."""
        path = self._one("*/validation/rules.csv", "rules.json")
        if path.suffix == ".json":
            return dict(json.loads(path.read_text(encoding="utf-8")))
        columns = ["passed", "failed", "undecided", "failed_weight"]
        lines = pl.read_csv(path, infer_schema=False).filter(pl.col("rule").str.contains(r"^(R\d\d|KEY)$"))
        return {line["rule"]: [_number(line[name]) for name in columns] for line in lines.iter_rows(named=True)}

    def _one(self, *patterns: str) -> Path:
        found = [path for pattern in patterns for path in sorted(self.folder.glob(pattern))]
        if not found:
            raise SystemExit(f"{self.folder.name} has no {patterns[-1]}")
        return found[0]


def _number(text: str | None) -> float | None:
    """Return a count; none where it is not told, since few people are in it or in its opposite."""
    return float(text) if text and not text.startswith(("<", ">")) else None


def counted_otherwise(one: Result, other: Result) -> list[str]:
    """Return a line for each rule that the two count differently, as far as both count it."""
    first, second = one.counts(), other.counts()
    found = [f"{id}: only one of the two has it" for id in sorted({*first} ^ {*second})]
    for id in sorted({*first} & {*second}):
        for here, there in zip(first[id], second[id], strict=True):
            if None not in (here, there) and not math.isclose(here, there, rel_tol=CLOSE, abs_tol=1e-6):
                found.append(f"{id}: {second[id]}, not {first[id]}")
                break
    return found


def cells_otherwise(one: Result, other: Result) -> list[str]:
    """Return a line where the two cubes differ: cells that only one has, people, or weighted people."""
    keys = [*DIMENSIONS, MIGRANT]
    columns = [
        pl.col(keys).cast(pl.String),
        pl.col("N_UNWEIGHTED").cast(pl.Int64),
        pl.col("OBS_VALUE").cast(pl.Float64),
    ]
    first, second = (pl.scan_parquet(each.cube).select(columns).collect() for each in (one, other))
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path)
    parser.add_argument("others", type=Path, nargs="*")
    parser.add_argument("--cube-only", action="store_true", help="there are no records and no counts of rules")
    given = parser.parse_args()
    first, found = Result(given.first), []
    for folder in given.others:
        other = Result(folder)
        lines = cells_otherwise(first, other)
        if not given.cube_only:
            lines += counted_otherwise(first, other) + differences(other.records, first.records)
        found += [f"{folder.name}: {line}" for line in lines]
    if found:
        raise SystemExit("\n".join(found))
    told = {"cells": pl.scan_parquet(first.cube).select(pl.len()).collect().item()}
    if not given.cube_only:
        counts = first.counts()
        told["records"] = pl.scan_parquet(first.records).select(pl.len()).collect().item()
        told |= {"rules": len(counts), "failed": int(sum(one[1] or 0 for one in counts.values()))}
    print(json.dumps(told))


if __name__ == "__main__":
    main()

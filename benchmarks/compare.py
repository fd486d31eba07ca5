"""Compares our records with those made by hand, column by column and value by value."""

import argparse
import json
from pathlib import Path

import polars as pl
import pyarrow.parquet as parquet

from benchmarks.generate import rejects

OURS = "BENCHMARK_CENSUS"
LAST_PLACE = 4e-16
"""A quotient may differ in its last binary place, since Polars divides by multiplying."""


def differences(ours: Path, hand: Path) -> list[str]:
    """Return a line for each column that differs; both files hold the persons in the order of the extract."""
    names, others = (parquet.read_schema(path).names for path in (ours, hand))
    found = [f"{name}: only by hand" for name in others if name not in names]
    found += [f"{name}: only ours" for name in names if name not in others]
    rows, other_rows = (parquet.read_metadata(path).num_rows for path in (ours, hand))
    if rows != other_rows:
        return [*found, f"{rows:,} rows of ours, {other_rows:,} by hand"]
    for name in names:
        if name in others:
            one, other = (pl.read_parquet(path, columns=[name])[name] for path in (ours, hand))
            if not one.dtype.is_numeric():
                one, other = one.cast(pl.String), other.cast(pl.String)
            if one.dtype.is_float():
                near = ((one - other).abs() <= LAST_PLACE * one.abs()).fill_null(False)
                unequal = int((~near & one.ne_missing(other)).sum())
            else:
                unequal = int(one.ne_missing(other).sum())
            if unequal:
                found.append(f"{name}: {unequal:,} values differ")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    given = parser.parse_args()
    ours = given.out / "ours" / f"{OURS}.records.parquet"
    found = differences(ours, given.out / "hand" / "records.parquet")
    rejected = parquet.read_metadata(given.out / "ours" / f"{OURS}.rejects.parquet").num_rows
    if rejected != rejects(given.rows):
        found.append(f"{rejected:,} rejects; {rejects(given.rows):,} were planted")
    if found:
        raise SystemExit("\n".join(found))
    metadata = parquet.read_metadata(ours)
    print(json.dumps({"records": metadata.num_rows, "columns": metadata.num_columns, "rejects": rejected}))


if __name__ == "__main__":
    main()

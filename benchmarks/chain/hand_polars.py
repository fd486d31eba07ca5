"""The whole chain as a good user would write it in Polars: one streaming pass to Parquet, then queries over that."""

import argparse
import json
from pathlib import Path

import polars as pl

from benchmarks.by_hand_polars import filled, records
from benchmarks.chain.cube_codes import BORN, DIMENSIONS, MIGRANT, born, pairs
from benchmarks.validate_hand_polars import KEY, RULES, counts

SUMS = [pl.col("N_UNWEIGHTED").sum(), pl.col("OBS_VALUE").sum()]


def judged(scanned: pl.LazyFrame, *, key: bool) -> dict[str, list[float | None]]:
    """Return what the rules count, as validate_hand_polars does."""
    row = scanned.select(counts()).collect(engine="streaming").row(0, named=True)
    told = {id: [row[f"{id} {what}"] for what in ("passed", "failed", "undecided", "weight")] for id in RULES}
    if key:
        rows = pl.len().alias("rows")
        repeated = scanned.group_by(KEY).agg(rows).filter(pl.col("rows") > 1).select(pl.col("rows").sum())
        told["KEY"] = [None, repeated.collect(engine="streaming").item(), 0, None]
    return told


def cube(scanned: pl.LazyFrame) -> pl.DataFrame:
    """Count the finest cells in one pass, and roll them up one dimension after the other."""
    finest = scanned.group_by([pl.col(column).alias(name) for name, column in DIMENSIONS.items()]).agg(
        pl.len().cast(pl.Int64).alias("N_UNWEIGHTED"), pl.col("WEIGHT").sum().alias("OBS_VALUE")
    )
    cells = finest.collect(engine="streaming").with_columns(pl.col(list(DIMENSIONS)).cast(pl.String))
    keys = [*DIMENSIONS]
    for name in ("AGE", "CITIZENSHIP", "SEX", "DURATION", BORN):
        lines, columns = (born(), ["code", "target", MIGRANT]) if name == BORN else (pairs(name), ["code", "target"])
        targets = pl.DataFrame(lines, schema=columns, orient="row")
        lifted = cells.lazy().join(targets.lazy(), left_on=name, right_on="code").drop(name).rename({"target": name})
        keys += [MIGRANT] if name == BORN else []
        cells = lifted.group_by(keys).agg(SUMS).collect(engine="streaming")
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--key", action="store_true", help="also find the keys that stand more than once")
    parser.add_argument("--cube", action="store_true", help="the file holds records: make the cube only")
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    if given.cube:
        cube(pl.scan_parquet(given.extract)).write_parquet(given.into / "cube.parquet", compression="zstd")
        return
    path = given.into / "records.parquet"
    records(filled(given.extract)).sink_parquet(path, compression="zstd", engine="streaming")
    scanned = pl.scan_parquet(path)
    (given.into / "rules.json").write_text(json.dumps(judged(scanned, key=given.key)), encoding="utf-8")
    cube(scanned).write_parquet(given.into / "cube.parquet", compression="zstd")


if __name__ == "__main__":
    main()

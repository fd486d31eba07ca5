"""Makes the records that validation is measured on: plain Parquet, of a size asked for."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parent.parent
ONCE = 10_000_000
"""A census of more persons is this one several times over, with households of their own."""

PLANTED = 100_003
"""One row in so many has the key of another."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("census", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--times", type=int, default=1, help="how many times over (1)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.into.parent) as folder:
        harmonize = [sys.executable, "-m", "migstat", "harmonize", "benchmarks/census/mapping.yaml"]
        command = [*harmonize, str(given.census), "--into", folder, "--quiet"]
        subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
        once = pl.scan_parquet(Path(folder) / "BENCHMARK_CENSUS.records.parquet")
        # Some persons get the number of the first of their household, so that keys stand twice.
        twice = pl.when(pl.col("ROW") % PLANTED == 0).then(pl.lit("01")).otherwise("PERSON_ID").alias("PERSON_ID")
        copies = [
            once.with_columns(
                pl.col("ROW") + copy * ONCE,
                pl.concat_str(pl.lit(str(copy)), "HOUSEHOLD_ID").alias("HOUSEHOLD_ID"),
                twice,
            )
            for copy in range(given.times)
        ]
        # What migstat wrote into the footer is left behind, so that no rules come by themselves.
        pl.concat(copies).sink_parquet(given.into, compression="zstd", row_group_size=262_144)


if __name__ == "__main__":
    main()

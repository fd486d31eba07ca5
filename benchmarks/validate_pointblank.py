"""The rules of census/rules.yaml as steps of pointblank over a Polars frame, which migstat does not need."""

import argparse
import json
from pathlib import Path

import pointblank as pb
import polars as pl

from benchmarks.validate_hand_polars import ALWAYS, KEY, RULES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--key", action="store_true", help="also find the keys that stand more than once")
    given = parser.parse_args()
    columns = {name for rule in RULES.values() for one in rule for name in one.meta.root_names()}
    frame = pl.read_parquet(given.records, columns=sorted(columns | ({*KEY} if given.key else set())))
    steps = pb.Validate(frame)
    for when, holds in RULES.values():
        passes = holds.fill_null(True) if when is ALWAYS else (~when.fill_null(False)) | holds.fill_null(True)
        steps = steps.col_vals_expr(expr=passes)
    if given.key:
        steps = steps.rows_distinct(columns_subset=KEY)
    # It keeps failing rows, and a copy of the table for each step, unless it is told not to.
    failed = steps.interrogate(collect_extracts=False, collect_tbl_checked=False).n_failed()
    ids = [*RULES, *(["KEY"] if given.key else [])]
    told = {id: [None, failed[at + 1], None, None] for at, id in enumerate(ids)}
    given.into.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()

"""The rules of census/rules.yaml as checks of a pandera schema over a Polars frame."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandera.errors
import pandera.polars as pandera
import polars as pl

from benchmarks.validate_hand_polars import ALWAYS, KEY, RULES


def check(when: pl.Expr, holds: pl.Expr) -> Callable[[Any], pl.LazyFrame]:
    """Return a check of whole rows: true where the rule does not apply, holds, or cannot be judged."""
    passes = holds.fill_null(True) if when is ALWAYS else (~when.fill_null(False)) | holds.fill_null(True)
    return lambda data: data.lazyframe.select(passes.alias("passes"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--key", action="store_true", help="also find the keys that stand more than once")
    given = parser.parse_args()
    schema = pandera.DataFrameSchema(
        checks=[pandera.Check(check(*rule), name=id, error=id) for id, rule in RULES.items()],
        unique=KEY if given.key else None,
    )
    told = {id: [None, 0, None, None] for id in RULES} | ({"KEY": [None, 0, None, None]} if given.key else {})
    columns = sorted({name for rule in RULES.values() for one in rule for name in one.meta.root_names()} | {*KEY})
    frame = pl.read_parquet(given.records, columns=columns)
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as failure:
        # The list of failure cases has a line for each column of each failing row, which is what pandera spends its
        # time on; the rows are the distinct indices.
        cases = failure.failure_cases.group_by("check").agg(pl.col("index").n_unique().alias("rows"))
        for name, rows in cases.iter_rows():
            told[str(name) if str(name) in told else "KEY"] = [None, rows, None, None]
    given.into.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()

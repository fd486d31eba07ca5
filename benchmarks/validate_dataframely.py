"""The rules of census/rules.yaml as a dataframely schema; needs dataframely, which migstat does not."""

import argparse
import json
from pathlib import Path

import dataframely as dy
import polars as pl

from benchmarks.validate_hand_polars import ALWAYS, KEY, RULES

TYPES = {
    "AGE": dy.Int64,
    "YEAR_ARRIVAL": dy.Int64,
    "WEIGHT": dy.Float64,
    "HOUSEHOLD_ID": dy.String,
    "PERSON_ID": dy.String,
}


def schema(key: bool) -> type[dy.Schema]:
    """Return the schema: columns that may be null, and the rules; one that cannot be judged passes, as null does."""
    names = sorted({name for rule in RULES.values() for one in rule for name in one.meta.root_names()} | {*KEY})
    body: dict[str, object] = {
        name: TYPES.get(name, dy.Categorical)(nullable=not (key and name in KEY), primary_key=key and name in KEY)
        for name in names
    }
    for id, (when, check) in RULES.items():
        holds = check if when is ALWAYS else (~when.fill_null(False)) | check
        body[id] = dy.rule()(lambda cls, holds=holds: holds)
    return type("Records", (dy.Schema,), body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("into", type=Path)
    parser.add_argument("--key", action="store_true", help="also find the keys that stand more than once")
    given = parser.parse_args()
    records = schema(given.key)
    frame = pl.read_parquet(given.records, columns=list(records.columns()))
    _, failed = records.filter(frame)
    counts = failed.counts()
    told = {id: [None, counts.get(id, 0), None, None] for id in RULES}
    if given.key:
        told["KEY"] = [None, counts.get("primary_key", 0), None, None]
    given.into.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()

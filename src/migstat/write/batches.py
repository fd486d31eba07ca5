"""Rows of a query in batches, of which a few are in memory at a time."""

from collections.abc import Iterator

import polars as pl


def batches(query: pl.LazyFrame, rows: int) -> Iterator[pl.DataFrame]:
    """Yield the rows of a query in order, so many at a time.

    A query that only picks columns of Parquet files is read slice by slice. Where Polars streams it, it reads ahead
    without a bound, and the larger the file the more memory it takes.
    """
    if not _only_picks(query):
        yield from query.collect_batches(chunk_size=rows, maintain_order=True)
        return
    total = query.select(pl.len()).collect().item()
    for at in range(0, total, rows):
        yield query.slice(at, rows).collect()


def _only_picks(query: pl.LazyFrame) -> bool:
    """Tell whether a slice of the query is a slice of its files."""
    plan = query.slice(1, 1).explain()
    costly = ("SLICE[", "JOIN", "AGGREGATE", "SORT", "FILTER", "UNIQUE", "UNION")
    return "Parquet SCAN" in plan and "SLICE: " in plan and not any(word in plan for word in costly)

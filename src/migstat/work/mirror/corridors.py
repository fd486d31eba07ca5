"""Corridors: both sides of every flow beside each other, with their ratio and which of them is known."""

import polars as pl

KEY = ["ORIGIN", "DESTINATION", "TIME_PERIOD"]
SENT, RECEIVED = "SENT", "RECEIVED"
SIDES = ("both", "sender", "receiver", "none")


def corridors(sent: pl.DataFrame, received: pl.DataFrame) -> pl.DataFrame:
    """Put both sides of each corridor in one row; what is empty is unknown, never 0.

    RATIO is sent to received: below 1 the sender counts fewer. It is missing where a side is unknown or received is 0.
    Further columns, such as grades, stay; one that both sides have is taken from the sender, where it has a value.
    """
    shared = [name for name in sent.columns if name in received.columns and name not in KEY]
    both = sent.join(received, on=KEY, how="full", coalesce=True, suffix="_OTHER")
    both = both.with_columns(pl.coalesce(name, f"{name}_OTHER").alias(name) for name in shared)
    both = both.drop(f"{name}_OTHER" for name in shared)
    known = pl.col(SENT).is_not_null(), pl.col(RECEIVED).is_not_null()
    ratio = pl.when(pl.col(RECEIVED) > 0).then(pl.col(SENT) / pl.col(RECEIVED))
    return both.with_columns(
        (pl.col(SENT) - pl.col(RECEIVED)).alias("DIFFERENCE"),
        ratio.alias("RATIO"),
        pl.when(ratio > 0).then(ratio.log()).alias("LOG_RATIO"),
        pl.when(known[0] & known[1])
        .then(pl.lit("both"))
        .when(known[0])
        .then(pl.lit("sender"))
        .when(known[1])
        .then(pl.lit("receiver"))
        .otherwise(pl.lit("none"))
        .alias("SIDES"),
    ).sort(KEY)


def summary(both: pl.DataFrame) -> dict[str, object]:
    """Return how many corridors have which sides, the sums where both are known, and the middle of the ratios."""
    counts = dict(both["SIDES"].value_counts().iter_rows())
    known = both.filter(pl.col("SIDES") == "both")
    return {
        "sides": {side: counts.get(side, 0) for side in SIDES},
        "sent": float(known[SENT].sum()),
        "received": float(known[RECEIVED].sum()),
        "median_ratio": known["RATIO"].median(),
        "within_a_quarter": known.filter(pl.col("RATIO").is_between(0.8, 1.25)).height,
    }

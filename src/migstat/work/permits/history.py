"""The permits of each person in order: which is a first one, which changes the reason, and for how long each holds."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from migstat.words.missing import NOT_APPLICABLE, UNKNOWN

FIRST, CHANGE, GRANT, START, END, EVENT = (
    "FIRST_PERMIT",
    "CHANGED",
    "GRANTED",
    "VALID_FROM",
    "migstat-end",
    "migstat-day",
)
OPEN = pl.date(9999, 12, 31)
"""The end of a permit that has none."""
MOST_DAYS, EARLIEST = 10_000_000, 1_000_000
"""More days than there are, and what makes the number of a day before 1970 greater than 0."""
UNSAID = ("_N", "_U", "_X")
DURATIONS = (("3T5M", 6), ("6T11M", 12))
"""Classes of validity with the month at which each ends; what is longer is GE12M."""
NOT_ISSUED = ("APPLICATION", "REFUSAL", "END", "EXPIRY", "WITHDRAWAL", "NATURALISED", "LEFT", "DEATH")


@dataclass(frozen=True, slots=True)
class History:
    """The permits in order, and how many records are no permit, by the reason why."""

    permits: pl.DataFrame
    left_out: dict[str, int]


def history(records: pl.DataFrame, main: Mapping[str, str], *, same_reason: bool = True, gap: int = 6) -> History:
    """Return the permits of each person in order, each with FIRST_PERMIT (Y, N, _U), CHANGED, and its DURATION.

    A permit holds for three calendar months or more; both its days count, and a month that is too short ends on its
    last day. It is a first one where the person has no earlier permit, or none that ended less than ``gap`` months
    before it begins: none for the same main reason, or with ``same_reason`` false none at all. It changes the reason
    where the permit before it had another main reason, and ended less than ``gap`` months before. ``main`` gives the
    main reason of each reason. (Regulation (EC) No 862/2007; Eurostat, metadata of residence permits.)
    """
    frame = _prepared(records)
    reasons = {
        "without a person": pl.col("PERSON_ID").is_null(),
        "not issued: asked for, refused, or the end of a permit": pl.col("PERMIT_EVENT").is_in(NOT_ISSUED),
        "without dates of validity": pl.col(START).is_null() | pl.col(END).is_null(),
        "ends before it begins": pl.col(END) < pl.col(START),
        "temporary protection, which is counted apart": pl.col("MIG_STATUS") == "TMPP",
        "of a citizen of the country": pl.col("CITIZENSHIP") == pl.col("REF_AREA"),
        "valid for less than three months": months_reach(START, pl.col("VALID_TO"), 3).not_(),
    }
    why = pl.coalesce(pl.when(one.fill_null(False)).then(pl.lit(name)) for name, one in reasons.items())
    frame = frame.with_columns(why.alias("migstat-why"))
    counts = frame.group_by("migstat-why").len().drop_nulls().rows()
    left_out = {name: dict(counts)[name] for name in reasons if name in dict(counts)}
    kept = frame.filter(pl.col("migstat-why").is_null()).drop("migstat-why")
    return History(_judged(kept, main, same_reason, gap), left_out)


def _prepared(records: pl.DataFrame) -> pl.DataFrame:
    """Give every column that is read, in its type, to records that lack it."""
    text = ("PERSON_ID", "PERMIT_EVENT", "PERMIT_REASON", "MIG_STATUS", "CITIZENSHIP", "REF_AREA", "VALID_TO_MISSING")
    dates = ("VALID_FROM", "VALID_TO", "ISSUE_DATE", "END_DATE")
    made = [
        (pl.col(id).cast(kind) if id in records.columns else pl.lit(None, kind)).alias(id)
        for ids, kind in ((text, pl.String()), (dates, pl.Date()))
        for id in ids
    ]
    frame = records.with_columns(made)
    unlimited = pl.col("VALID_TO").is_null() & (pl.col("VALID_TO_MISSING") == NOT_APPLICABLE)
    frame = frame.with_columns(VALID_TO=pl.when(unlimited).then(OPEN).otherwise(pl.col("VALID_TO")))
    ended = pl.min_horizontal("VALID_TO", "END_DATE")
    return frame.with_columns(
        pl.when(pl.col("VALID_TO").is_not_null()).then(ended).alias(END),
        pl.coalesce("ISSUE_DATE", START).alias(EVENT),
    )


def months_reach(start: str, end: pl.Expr, months: int) -> pl.Expr:
    """Say whether a validity, both days included, reaches a number of calendar months."""
    return pl.col(start).dt.offset_by(f"{months}mo") <= end.dt.offset_by("1d")


def _judged(kept: pl.DataFrame, main: Mapping[str, str], same_reason: bool, gap: int) -> pl.DataFrame:
    reason = pl.col("PERMIT_REASON").fill_null(UNKNOWN)
    frame = kept.with_columns(
        reason.replace(dict(main)).alias("migstat-main"),
        pl.coalesce(
            *(pl.when(~months_reach(START, pl.col("VALID_TO"), until)).then(pl.lit(code)) for code, until in DURATIONS),
            pl.lit("GE12M"),
        ).alias("DURATION"),
        (pl.col("PERMIT_EVENT").fill_null("") != "REPLACE").alias(GRANT),
    )
    frame = frame.sort("PERSON_ID", START, END, EVENT, "migstat-main", maintain_order=True)
    person = pl.col("PERSON_ID")
    unsaid = pl.col("migstat-main").is_in(UNSAID)
    frame = frame.with_columns(
        (person != person.shift(1)).fill_null(True).cast(pl.Int64).cum_sum().alias("migstat-person")
    )
    same = [
        pl.when(pl.col("migstat-main") == main_reason).then(_latest(pl.col("migstat-main") == main_reason))
        for main_reason in frame["migstat-main"].unique().sort().to_list()
    ]
    first_row = pl.col("migstat-person") != pl.col("migstat-person").shift(1).fill_null(0)
    shifted = [("migstat-main", "PERMIT_REASON_PREVIOUS"), (END, "migstat-last")]
    frame = frame.with_columns(
        _latest(pl.lit(True)).alias("migstat-any"),
        pl.coalesce(*same, pl.lit(None, pl.Date)).alias("migstat-same"),
        _latest(unsaid).alias("migstat-unsaid"),
        *(pl.when(~first_row).then(pl.col(column).shift(1)).alias(name) for column, name in shifted),
    )

    def apart(end: str) -> pl.Expr:
        """Say whether no permit ended less than the gap before this one begins."""
        long_ago = pl.col(START) >= pl.col(end).dt.offset_by(f"{gap}mo")
        return pl.col(end).is_null() | (pl.col(end) < pl.date(9000, 1, 1)) & long_ago

    alone, another = apart("migstat-any"), apart("migstat-same")
    open_ = unsaid | ~apart("migstat-unsaid")
    first = pl.when(alone).then(pl.lit("Y")).otherwise(pl.lit("N"))
    if same_reason:
        first = (
            pl.when(alone)
            .then(pl.lit("Y"))
            .when(~unsaid & ~another)
            .then(pl.lit("N"))
            .when(open_)
            .then(pl.lit(UNKNOWN))
            .otherwise(pl.lit("Y"))
        )
    before = pl.col("PERMIT_REASON_PREVIOUS")
    known = before.is_not_null() & ~before.is_in(UNSAID) & ~unsaid
    changed = known & (before != pl.col("migstat-main")) & ~apart("migstat-last")
    frame = frame.with_columns(
        pl.when(pl.col(GRANT)).then(first).otherwise(pl.lit("N")).alias(FIRST), (changed & pl.col(GRANT)).alias(CHANGE)
    )
    return frame.drop("migstat-any", "migstat-same", "migstat-unsaid", "migstat-last", "migstat-main", "migstat-person")


def _latest(of: pl.Expr) -> pl.Expr:
    """Return the latest end of the earlier permits of the same person of which a condition is true.

    The rows are in order, and persons are numbered. A running maximum of the person's number with the end of a permit
    beside it never reaches over to the next person, so that no person need be looked at alone.
    """
    start = pl.col("migstat-person") * MOST_DAYS
    day = pl.when(of).then(pl.col(END).cast(pl.Int32).cast(pl.Int64) + EARLIEST).otherwise(0)
    found = (start + day).cum_max().shift(1)
    return pl.when(found > start).then((found - start - EARLIEST).cast(pl.Int32).cast(pl.Date))

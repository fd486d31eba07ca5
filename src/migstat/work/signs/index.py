"""The index of each person, day by day, between what it is at least and at most."""

import datetime
from collections.abc import Mapping, Sequence

import polars as pl

from migstat.words.signs import Register, SignsRule

LOW, HIGH, SIGNS = "INDEX_LOW", "INDEX_HIGH", "SIGNS"
SLIGHT = 1e-9
"""Sums of decimal weights miss a threshold by less."""


def covered(register: Register, start: datetime.date, end: datetime.date, given: bool) -> bool:
    """Say whether a register records the whole window: a sign that it has not is then known not to be."""
    early = register.covers_from is not None and register.covers_from > start
    late = register.covers_to is not None and register.covers_to < end
    return given and not early and not late


def signs(events: pl.DataFrame, register: Register, start: datetime.date, end: datetime.date) -> pl.DataFrame:
    """Return the persons with a sign in the window, each once. ``events`` has PERSON_ID, start and end."""
    inside = events.filter((pl.col("start") <= end) & (pl.col("end") >= start))
    counted = inside.group_by("PERSON_ID").agg(pl.col("start").n_unique().alias("events"))
    return counted.filter(pl.col("events") >= register.at_least).select("PERSON_ID")


def indices(
    persons: pl.DataFrame, registers: Mapping[str, pl.DataFrame], rule: SignsRule, days: Sequence[datetime.date]
) -> pl.DataFrame:
    """Return for each person and day the index, least and most, the registers with a sign, and whether resident.

    A register that is not given, or does not cover the window, may have had a sign: it adds to the most alone. The
    index before the first day may have been anything, unless the rule has no memory. RESIDENT is Y where the least
    reaches the threshold, N where the most does not, and _U between.
    """
    most = sum(register.weight for register in rule.registers)
    most = most if rule.most is None else min(most, rule.most)
    ever = rule.gain * most / (1 - rule.memory)
    state = persons.select("PERSON_ID", pl.lit(0.0).alias(LOW), pl.lit(ever).alias(HIGH))
    found = []
    for day in days:
        start = _before(day, rule.window)
        low, high, count = pl.lit(0.0), pl.lit(0.0), pl.lit(0)
        for register in rule.registers:
            there = register.id in registers
            column = f"sign {register.id}"
            if there:
                active = signs(registers[register.id], register, start, day).with_columns(pl.lit(True).alias(column))
                state = state.join(active, on="PERSON_ID", how="left", maintain_order="left")
            sign = pl.col(column).fill_null(False) if there else pl.lit(False)
            known = covered(register, start, day, there)
            low = low + pl.when(sign).then(register.weight).otherwise(0.0)
            high = high + pl.when(sign | pl.lit(not known)).then(register.weight).otherwise(0.0)
            count = count + sign.cast(pl.Int64)
        gained = [pl.min_horizontal(one, pl.lit(most)) * rule.gain for one in (low, high)]
        state = state.select(
            "PERSON_ID",
            (pl.col(LOW) * rule.memory + gained[0]).alias(LOW),
            (pl.col(HIGH) * rule.memory + gained[1]).alias(HIGH),
            count.alias(SIGNS),
        )
        resident = (
            pl.when(pl.col(LOW) >= rule.threshold - SLIGHT)
            .then(pl.lit("Y"))
            .when(pl.col(HIGH) < rule.threshold - SLIGHT)
            .then(pl.lit("N"))
            .otherwise(pl.lit("_U"))
        )
        found.append(state.select("PERSON_ID", pl.lit(day).alias("DAY"), LOW, HIGH, SIGNS, resident.alias("RESIDENT")))
    return pl.concat(found)


def _before(day: datetime.date, months: int) -> datetime.date:
    """Return the first day of the window of so many months that ends with a day."""
    first = pl.select(pl.lit(day).dt.offset_by(f"-{months}mo").dt.offset_by("1d")).item()
    assert isinstance(first, datetime.date)
    return first


def stock(persons: pl.DataFrame) -> pl.DataFrame:
    """Return how many persons are residents, are not, or may be, on each day."""
    answers = [(pl.col("RESIDENT") == code).sum().cast(pl.Int64).alias(name)
               for code, name in (("Y", "RESIDENTS"), ("N", "NOT_RESIDENTS"), ("_U", "UNKNOWN"))]  # fmt: skip
    made = persons.group_by("DAY").agg(answers).sort("DAY")
    return made.with_columns(
        pl.col("RESIDENTS").alias("AT_LEAST"), (pl.col("RESIDENTS") + pl.col("UNKNOWN")).alias("AT_MOST")
    )

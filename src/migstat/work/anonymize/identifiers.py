"""What may not leave: identifiers, free text and dates; households and persons get new numbers in a new order."""

from collections.abc import Iterable

import polars as pl

from migstat.words.microdata_policy import MicrodataPolicy, components
from migstat.words.missing import MISSING_SUFFIX
from migstat.words.structure import Structure
from migstat.work.anonymize.secret import Secret

HOUSEHOLD, PERSON = "HOUSEHOLD_ID", "PERSON_ID"
UNIT, MEMBER = "_household", "_person"
PERIOD = ("REF_AREA", "TIME_PERIOD", "SOURCE_TYPE")


def dropped(policy: MicrodataPolicy) -> list[str]:
    """Return the numbers that the policy drops: they are needed to know who belongs together, and leave at the end."""
    return [id for id in (HOUSEHOLD, PERSON) if id in policy.drop]


def leaving(columns: Iterable[str], structure: Structure, policy: MicrodataPolicy) -> dict[str, str]:
    """Return the columns that are taken away, each with the reason."""
    named = {id for one in policy.keys for id in one.ids} | {*policy.keep, *policy.sensitive}
    named |= {id for step in policy.steps for id in components(step)}
    gone = {}
    for column in columns:
        id = column.removesuffix(MISSING_SUFFIX)
        why = _why(id, structure, policy, named)
        if why:
            gone[column] = why
    return gone


def _why(id: str, structure: Structure, policy: MicrodataPolicy, named: set[str]) -> str:
    if id in policy.drop and id not in (HOUSEHOLD, PERSON):
        return "the policy drops it"
    if id not in structure:
        repeated = next((one for one in structure.components if one.repeats and id.startswith(one.id)), None)
        if repeated is None:
            return f"{structure.id} has no such component"
        return "" if repeated.id in policy.keep else "replicate weights tell who was sampled together"
    one = structure[id]
    if one.role == "identifier":
        return "an identifier" if id not in (HOUSEHOLD, PERSON) else ""
    if id in named or (one.filled_by and one.filled_by != "row"):
        return ""
    if one.type in ("text", "date"):
        return "free text" if one.type == "text" else "a date"
    return ""


def with_units(frame: pl.DataFrame) -> pl.DataFrame:
    """Number households and persons; without a household, or without its number, each person is one of its own."""
    frame, row = frame.with_row_index("_at"), pl.col("_at")
    period = [name for name in PERIOD if name in frame.columns]

    def first(*ids: str) -> pl.Expr:
        known = pl.all_horizontal(pl.col(id).is_not_null() for id in ids)
        return pl.when(known).then(row.first().over(*period, *ids)).otherwise(row).cast(pl.Int64)

    home, person = (id in frame.columns for id in (HOUSEHOLD, PERSON))
    member = first(HOUSEHOLD, PERSON) if home and person else first(PERSON) if person else row.cast(pl.Int64)
    return frame.with_columns(member.alias(MEMBER), (first(HOUSEHOLD) if home else member).alias(UNIT)).drop("_at")


def renumber(frame: pl.DataFrame, secret: Secret) -> pl.DataFrame:
    """Shuffle the records and number households and persons anew from 1: nothing is left of order or number.

    What belongs together stands together only where the file says so anyway.
    """
    homes, persons = HOUSEHOLD in frame.columns, PERSON in frame.columns
    frame = frame.with_columns(
        (_shuffled(frame[UNIT], secret, "households") if homes else pl.lit(0)).alias("_home"),
        (_shuffled(frame[MEMBER], secret, "persons") if persons else pl.lit(0)).alias("_place"),
        pl.Series("_order", secret.stream("order of records").permutation(frame.height)),
    ).sort("_home", "_place", "_order")
    numbers = []
    if homes:
        numbers.append(pl.col("_home").rank("dense").cast(pl.String).alias(HOUSEHOLD))
    if persons:
        within = pl.col("_place").rank("dense")
        numbers.append((within.over("_home") if homes else within).cast(pl.String).alias(PERSON))
    absent = [f"{id}{MISSING_SUFFIX}" for id in (HOUSEHOLD, PERSON) if f"{id}{MISSING_SUFFIX}" in frame.columns]
    return frame.with_columns(numbers).drop("_home", "_place", "_order", UNIT, MEMBER, *absent)


def _shuffled(ids: pl.Series, secret: Secret, what: str) -> pl.Series:
    units = ids.unique(maintain_order=True)
    order = secret.stream(f"order of {what}").permutation(units.len())
    return ids.replace_strict(units, pl.Series(order), return_dtype=pl.Int64)

"""Crossings put in order, and the five faults for which the crossings of a person are set aside."""

from datetime import date

import polars as pl

PERSON, DATE, TIME, DIRECTION, SEQUENCE = "PERSON_ID", "CROSSING_DATE", "CROSSING_TIME", "DIRECTION", "SEQUENCE"
COLUMNS = (PERSON, DATE, DIRECTION)
"""What crossings must have."""
AT = "migstat-at"
"""The place of a crossing in what was handed in."""
WHY = "_why"
WEIGHT = "WEIGHT"
AS_GIVEN = "migstat-date-as-given"
"""The text of a date that is none."""
EARLIEST = date(1900, 1, 1)
SINCE = "RESIDENT_BEFORE_DATE"
MONTHS = "INTENDED_STAY"

FAULTS = {
    "sequence": "the sequence of the person's crossings and their dates contradict one another",
    "direction-again": "two crossings in the same direction follow one another: one between them is missing",
    "direction": "the direction is neither ARR nor DEP",
    "date": "the date of the crossing is missing, or before 1900",
    "person": "the crossing has no person",
}
"""The five kinds of faulty input. The first two concern the order, and all crossings of the person are at fault."""
MENDS = {
    "sequence": "mend the dates or the sequence numbers",
    "direction-again": "add the missing crossing, or remove the one that stands twice",
    "direction": "map each direction of the source to ARR or DEP",
    "date": "mend the date, or its format in the mapping",
    "person": "let the mapping fill PERSON_ID, by a pseudonym say",
}


def typed(crossings: pl.LazyFrame) -> pl.LazyFrame:
    """Read what came as text: dates as 2023-12-31, sequence numbers and months. What is none of these becomes null."""
    schema = crossings.collect_schema()
    made: list[pl.Expr] = []
    for name in (DATE, SINCE):
        if name in schema:
            made += [_as_date(name, schema[name])] if schema[name] != pl.Date else []
    if schema[DATE] == pl.String:
        made.append(pl.when(_as_date(DATE, schema[DATE]).is_null()).then(DATE).alias(AS_GIVEN))
    if schema[DATE] == pl.Datetime and TIME not in schema:
        made.append(pl.col(DATE).dt.to_string("%H:%M:%S").alias(TIME))
    elif schema.get(TIME) == pl.String:
        made.append(pl.col(TIME).str.replace(r"^(\d:)", "0$1"))
    made += [
        pl.col(name).cast(pl.String).cast(pl.Int64, strict=False)
        for name in (SEQUENCE, MONTHS)
        if name in schema and not schema[name].is_integer()
    ]
    if schema.get(WEIGHT) == pl.String:
        made.append(pl.col(WEIGHT).cast(pl.Float64, strict=False))
    if isinstance(schema[PERSON], pl.Categorical | pl.Enum):
        made.append(pl.col(PERSON).cast(pl.String))
    return crossings.with_columns(made)


def _as_date(name: str, type: pl.DataType) -> pl.Expr:
    if type == pl.Datetime:
        return pl.col(name).dt.date()
    return pl.col(name).cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def in_order(crossings: pl.DataFrame) -> pl.DataFrame:
    """Sort crossings by person, and then by their sequence, or where there is none by date, time of day and place."""
    within = [SEQUENCE] if SEQUENCE in crossings.columns else [DATE, *([TIME] if TIME in crossings.columns else [])]
    placed = crossings if AT in crossings.columns else crossings.with_row_index(AT)
    return placed.sort(PERSON, *within, AT, nulls_last=True)


def faults(ordered: pl.DataFrame) -> pl.Series:
    """Return the fault of each crossing, null where it has none. What comes first in ``FAULTS`` comes last here."""
    person, direction = pl.col(PERSON), pl.col(DIRECTION).cast(pl.String)
    same = (person == person.shift(1)).fill_null(False)
    again = same & (direction == direction.shift(1))
    # Only where a sequence put them in order can dates run backwards.
    at_odds = same & (pl.col(DATE) < pl.col(DATE).shift(1)).fill_null(False)
    kinds = {
        "person": person.is_null() | ((person == "") if ordered.schema[PERSON] == pl.String else False),
        "date": pl.col(DATE).is_null() | (pl.col(DATE) < EARLIEST),
        "direction": ~direction.is_in(["ARR", "DEP"]).fill_null(False),
        "sequence": at_odds | at_odds.shift(-1, fill_value=False),
        "direction-again": again | again.shift(-1, fill_value=False),
    }
    return ordered.select(pl.coalesce(*(pl.when(hit).then(pl.lit(id)) for id, hit in kinds.items()))).to_series()


def set_aside(ordered: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part crossings into those that can be judged, and all crossings of persons with a fault, with ``_why``."""
    found = ordered.with_columns(faults(ordered).alias(WHY))
    if found[WHY].null_count() == found.height:
        return ordered, found.clear()
    faulty = found.filter(pl.col(WHY).is_not_null())[PERSON].unique()
    hit = pl.col(WHY).is_not_null() | pl.col(PERSON).is_in(faulty.drop_nulls().implode())
    return found.filter(~hit).drop(WHY), found.filter(hit).with_columns(pl.col(WHY).fill_null("person-set-aside"))

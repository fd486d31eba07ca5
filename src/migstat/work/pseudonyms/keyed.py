"""Keyed: identifiers become HMAC-SHA256 under a key, once for each distinct value of a part."""

import hmac
from collections.abc import Sequence

import narwhals as nw
import polars as pl

from migstat.words.mapping_rule import BLANK, Pseudonym
from migstat.words.secret import Key
from migstat.work.harmonize.dates import iso_date
from migstat.work.pseudonyms.comparable import comparable

LABEL = "migstat pseudonym 1"
"""What is hashed begins with this: the pseudonyms of another use of the same key are others."""
DIGITS = 32
"""128 bits, as hexadecimal digits: of ten thousand million people no two are expected to share one."""
SEPARATOR = "\x1f"


def pseudonyms(frame: pl.DataFrame, rule: Pseudonym, keys: Sequence[Key], real: dict[str, str]) -> pl.Series:
    """Return the pseudonym of each row; null where an identifier is absent, and a listed value that identifies nobody.

    ``real`` gives the column of each name that the rule reads. The columns of the frame are text.
    """
    columns = [frame[real.get(name, name)].alias(f"part{number}") for number, name in enumerate(rule.columns)]
    given = pl.DataFrame(columns)
    met = given.unique(maintain_order=True) if given.height > 1 else given
    parts = []
    for number, name in enumerate(rule.columns):
        part = f"part{number}"
        if name in rule.dates:
            date = nw.from_native(met.rename({part: name}).lazy()).select(iso_date(rule.dates[name]).alias(part))
            parts.append(date.collect().to_native()[part])
        else:
            parts.append(comparable(met[part]))
    joined = pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator=SEPARATOR)).to_series()
    made = under(keys, pl.select(pl.lit(LABEL + SEPARATOR) + joined).to_series())
    said = [line.values[0] for line in rule.lines if line.values[0] != BLANK]
    if said:
        listed = [pl.when(pl.col(part.name).is_in(said)).then(pl.col(part.name)) for part in columns]
        nobody = met.select(pl.coalesce(listed)).to_series()
        made = pl.select(pl.coalesce(nobody, made)).to_series()
    if met.height == given.height:
        return made
    return given.join(met.with_columns(made.alias("made")), on=given.columns, how="left", nulls_equal=True,
                      maintain_order="left")["made"]  # fmt: skip


def under(keys: Sequence[Key], values: pl.Series) -> pl.Series:
    """Return texts under one key after another; null stays null."""
    listed = values.to_list()
    for key in keys:
        secret = key.secret
        listed = [
            None if value is None else hmac.digest(secret, value.encode(), "sha256").hex()[:DIGITS] for value in listed
        ]
    return pl.Series(values.name, listed, pl.String)

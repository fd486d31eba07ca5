"""Keys: each record has a random number of its own, and a cell the fraction of their sum."""

import hmac
from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl

from migstat.words.finding import Finding, MigstatError, Place, misuse
from migstat.words.how_many import how_many
from migstat.words.perturbation import KEY_UNITS
from migstat.work.tabulate.cells import KEY, UNKEYED, count

RECORD_KEY = "RECORD_KEY"
SHORTEST_SECRET = 16


def record_keys(records: Any, identity: Sequence[str], secret: bytes, name: str = RECORD_KEY) -> Any:
    """Add a record key to each record: a number from 0 up to 1, from the HMAC of its identity with a secret.

    The same identity and secret give the same key in every file and run, and nobody without the secret can tell it.
    Columns of identity are read as text. Polars frames, lazy ones too, stay what they are; other frames come back as
    a Polars frame, because no engine but Python knows the HMAC. Raises Misuse for a short secret or a column that is
    not there, and MigstatError where an identity is missing; in a lazy frame such a record has no key, which
    ``cell_keys`` refuses.

    >>> frame = pl.DataFrame({"PERSON_ID": ["a", "b", "a"]})
    >>> record_keys(frame, ["PERSON_ID"], b"sixteen bytes or more")[RECORD_KEY].n_unique()
    2
    """
    if len(secret) < SHORTEST_SECRET:
        what = f"the secret has {how_many(len(secret), 'byte')}"
        raise misuse(what, f"give at least {SHORTEST_SECRET}, made at random and kept", place="record_keys")
    frame = nw.from_native(records)
    columns = frame.collect_schema().names()
    if absent := [column for column in identity if column not in columns] or ([] if identity else ["identity"]):
        what = f"the records have no {', '.join(absent)}"
        raise misuse(what, "name the columns that tell one record from another", place="record_keys")
    native: Any = frame.to_native()
    if not isinstance(native, pl.DataFrame | pl.LazyFrame):
        native = frame.lazy().collect("polars").to_native()
    texts = pl.struct(pl.col(column).cast(pl.String) for column in identity)
    absences = pl.any_horizontal(pl.col(identity).is_null()).sum()
    if isinstance(native, pl.DataFrame) and (missing := native.select(absences).item()):
        what, mend = "the identity of a record is missing", "each record needs one, or its key cannot be told again"
        raise MigstatError([Finding(Place("record_keys"), ", ".join(identity), what, mend, rows=missing)])
    keyed = texts.map_batches(lambda rows: _keys(rows, secret), return_dtype=pl.Float64, is_elementwise=True)
    return native.with_columns(keyed.alias(name))


def _keys(rows: pl.Series, secret: bytes) -> pl.Series:
    fields = rows.struct.unnest()
    # Lengths before the texts, so that ("ab", "c") is not ("a", "bc"); a part that is missing leaves no key.
    made = fields.select(
        pl.concat_str(part for name in fields.columns for part in (pl.col(name).str.len_bytes(), pl.lit(":"), name))
    ).to_series()
    distinct = made.drop_nulls().unique(maintain_order=True)
    keys = [int.from_bytes(hmac.digest(secret, text.encode(), "sha256")[:8]) % KEY_UNITS for text in distinct]
    found = pl.DataFrame({"made": distinct, "key": pl.Series(keys, dtype=pl.Int64)})
    return made.to_frame("made").join(found, on="made", how="left", maintain_order="left")["key"] / KEY_UNITS


def cell_keys(records: Any, by: Sequence[str], *, key: str = RECORD_KEY, weight: str | None = None) -> pl.DataFrame:
    """Count records of any engine in one pass, by ``by``, each cell with the sum of its record keys in ``_key``.

    Cells are those of ``tabulate``, and roll up as those do: the key of a total is the sum of those of its parts.
    ``key`` is a column of numbers from 0 up to 1. Raises Misuse where it is not there, and MigstatError where a record
    has none, since its cell could not be found again.
    """
    columns = nw.from_native(records).collect_schema().names()
    if absent := [column for column in (*by, key, *([weight] if weight else [])) if column not in columns]:
        mend = f"the records have {', '.join(columns[:12])}"
        raise misuse(f"the records have no {', '.join(absent)}", mend, place="cell_keys")
    cells = count(records, by, weight, key)
    if unkeyed := int(cells[UNKEYED].sum()):
        what, mend = "records without a record key from 0 up to 1", "give each one, or make them with record_keys"
        raise MigstatError([Finding(Place("cell_keys"), key, what, mend, rows=unkeyed)])
    return cells.drop(UNKEYED)


def cell_key() -> pl.Expr:
    """Return the expression that reads a cell's key: the fraction of the sum, in ``KEY_UNITS``."""
    return pl.col(KEY) % KEY_UNITS

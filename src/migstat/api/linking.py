"""Link: records, from a file or as a frame, become persons by what identifies them."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from migstat import __version__
from migstat.api.plain_columns import check_plain
from migstat.api.sources import Opened, open_file, open_frame
from migstat.read.damage import undamaged
from migstat.read.footer import read_provenance
from migstat.read.secret_keys import read_keys
from migstat.words.finding import Finding, Misuse, Place, misuse
from migstat.words.linked import Linked
from migstat.work.link.persons import Linking, Persons
from migstat.write.rewritten import batches_writer

CALL = Place("link")
MISSING = "_MISSING"


def link(
    source: Any,
    *,
    on: Sequence[str | Sequence[str]],
    key: str | Sequence[str] | None = None,
    into: str | os.PathLike[str] | None = None,
    person: str = "PERSON_ID",
    nobody: Sequence[str] = (),
    keep: bool = False,
) -> Linked:
    """Say which records are of one person: those that share a key, and whoever shares one with either.

    ``source`` is a CSV or Parquet file, or a frame in memory. ``on`` lists the kinds of key, each one column or several
    that all must agree: ``[["PASSPORT"], ["NAME", "BIRTH_DATE"]]``. Case, blanks, punctuation and diacritics make no
    difference; a missing value matches nothing, and neither does one listed under ``nobody``, such as ``UNKNOWN``.

    With ``key``, the name of an environment variable, ``person`` is a pseudonym (HMAC-SHA256); without, it is a number
    that holds in this file alone. The columns of ``on`` are left out of the result unless ``keep`` is set. A record
    without any key is linked with no other: with a key its person is null, without one it has a number of its own.
    ``into`` is the Parquet file to write.

    >>> import polars as pl
    >>> crossings = pl.DataFrame({"NAME": ["Cai", "CAI", "Amy"], "PASSPORT": ["C1", "X2", None]})
    >>> link(crossings, on=["NAME", "PASSPORT"]).records["PERSON_ID"].to_list()
    [1, 1, 2]
    """
    kinds = [[one] if isinstance(one, str) else list(one) for one in on]
    linking = Linking(kinds, tuple(nobody))
    names = [key] if isinstance(key, str) else list(key or ())
    opened = _opened(source)
    _check(opened, linking, person)
    keys = read_keys(names)
    with undamaged(source):
        for _, part in opened.source.parts(linking.columns):
            linking.add(_frame(part))
        persons = linking.persons(keys)
        dropped = [] if keep else linking.columns
        columns = [name for name in opened.source.schema if name not in (*dropped, person, person + MISSING)]
        provenance = _provenance(opened, source, persons, person, [one.id for one in keys])
        made = _made(opened, linking, persons, columns, person, keyed=bool(keys))
        if into is None:
            records: Any = opened.like(pl.concat(made))
        else:
            first = next(made)
            with batches_writer(into, _arrow(first).schema, provenance) as add:
                add(_arrow(first))
                for part in made:
                    add(_arrow(part))
            records = pl.scan_parquet(Path(into), glob=False)
    found = [*opened.findings(), *persons.findings()]
    return Linked(records, persons.facts(), tuple(found), provenance)


def _made(
    opened: Opened, linking: Linking, persons: Persons, columns: list[str], person: str, *, keyed: bool
) -> Iterator[pl.DataFrame]:
    """Yield the records with their person, part by part."""
    alone = persons.people
    read = columns or linking.columns[:1]
    for (_, rows), one in zip(opened.source.parts(read), persons.parts(), strict=True):
        found = one.alias(person)
        out = _frame(rows).select(columns).get_columns()
        if keyed:
            why = pl.when(found.is_null()).then(pl.lit("_U")).otherwise(pl.lit(None, pl.String))
            yield pl.DataFrame([*out, found, pl.select(why).to_series().alias(person + MISSING)])
        else:
            lone = found.is_null().cast(pl.Int64)
            numbers = lone.cum_sum() + alone
            alone += int(lone.sum())
            whole = pl.select(pl.coalesce(found.cast(pl.Int64), numbers)).to_series()
            yield pl.DataFrame([*out, whole.alias(person)])


def _opened(source: Any) -> Opened:
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if not path.is_file():
            raise misuse("there is no such file", "name a CSV or Parquet file, or hand in a frame", place=path.name)
        return open_file(path, ())
    return open_frame(source, ())


def _check(opened: Opened, linking: Linking, person: str) -> None:
    import difflib

    faults = []
    if not linking.on or not all(linking.on):
        faults.append(Finding(CALL, "on", "no key is named", 'write on=[["PASSPORT"], ["NAME", "BIRTH_DATE"]]'))
    schema = list(opened.source.schema)
    for name in linking.columns:
        if name not in schema:
            near = difflib.get_close_matches(name, schema, 1)
            mend = f"write {near[0]}" if near else "one of " + ", ".join(schema[:20])
            faults.append(Finding(CALL, name, f"{opened.name} has no column {name}", mend))
    if person in linking.columns:
        faults.append(
            Finding(CALL, person, "the person cannot take the place of a key", "name another column: person=")
        )
    if faults:
        raise Misuse(faults)
    check_plain(opened.source.schema, linking.columns, opened.name)


def _frame(part: Any) -> pl.DataFrame:
    return part if isinstance(part, pl.DataFrame) else pl.DataFrame(pl.from_arrow(part))


def _arrow(part: pl.DataFrame) -> pa.Table:
    text = [pl.col(name).cast(pl.String) for name, dtype in part.schema.items() if dtype in (pl.Categorical, pl.Enum)]
    return part.with_columns(text).to_arrow(compat_level=pl.CompatLevel.oldest())


def _provenance(opened: Opened, source: Any, persons: Persons, person: str, ids: list[str]) -> dict[str, Any]:
    of: dict[str, Any] = {"migstat": __version__, "inputs": opened.inputs(), "link": persons.facts()}
    if isinstance(source, str | os.PathLike) and (facts := read_provenance(source)):
        of = {**facts, "link": persons.facts()}
    made = {person: {"method": "HMAC-SHA256, 128 bits", "of": persons.linking.on, "keys": ids}}
    return of | ({"pseudonyms": {**of.get("pseudonyms", {}), **made}} if ids else {})

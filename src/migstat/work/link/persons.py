"""Persons: the keys of each record, gathered part by part, and the person that each combination of keys belongs to."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from migstat.words.finding import Finding, Place, Severity
from migstat.words.secret import Key
from migstat.work.link.components import components
from migstat.work.pseudonyms.comparable import comparable
from migstat.work.pseudonyms.keyed import LABEL, SEPARATOR, under

KIND = "migstat-key{}"
PERSON = "migstat-person"
MANY = 50
"""Different values of one kind that one person may have before it is told."""


@dataclass(slots=True)
class Linking:
    """The keys of the records: each kind is one or more columns that all must agree. ``nobody`` identifies nobody."""

    on: Sequence[Sequence[str]]
    nobody: Collection[str] = ()
    rows: int = 0
    lone: int = 0
    absent: list[int] = field(default_factory=list)
    _met: list[pl.DataFrame] = field(default_factory=list)
    _rows: list[pl.Series] = field(default_factory=list)
    """The combinations of keys of each part, and which of them each row has: four bytes a row."""

    @property
    def kinds(self) -> list[str]:
        """The columns that hold the keys."""
        return [KIND.format(number) for number in range(len(self.on))]

    @property
    def columns(self) -> list[str]:
        """The columns read, each once."""
        return list(dict.fromkeys(name for columns in self.on for name in columns))

    def add(self, part: pl.DataFrame) -> None:
        """Take the keys of one part."""
        keys = self._keys(part)
        self.rows += keys.height
        self.lone += int(keys.select(pl.all_horizontal(pl.all().is_null()).sum()).item() or 0)
        counts = [keys[kind].null_count() for kind in self.kinds]
        self.absent = [a + b for a, b in zip(self.absent or [0] * len(counts), counts, strict=True)]
        met = keys.unique(maintain_order=True)
        self._met.append(met)
        self._rows.append(_found(keys, met, self.kinds))

    def _keys(self, part: pl.DataFrame) -> pl.DataFrame:
        """Return the keys of each record; null where a column of one is absent, which matches nothing."""
        nobody = comparable(pl.Series([*self.nobody], dtype=pl.String)).drop_nulls().to_list()
        known = {name: comparable(part[name]) for name in self.columns}
        if nobody:
            known = {name: one.set(one.is_in(nobody).fill_null(False), None) for name, one in known.items()}
        return pl.DataFrame(known).select(
            pl.concat_str([pl.col(name) for name in columns], separator=SEPARATOR).alias(kind)
            for kind, columns in zip(self.kinds, self.on, strict=True)
        )

    def persons(self, keys: Sequence[Key] = ()) -> "Persons":
        """Return the person of each combination of keys met.

        A person is a number by first appearance, or, with a key, the least of the pseudonyms of all its keys.
        A record without any key is its own person, and has none of these.
        """
        schema = dict.fromkeys(self.kinds, pl.String())
        met = pl.concat([pl.DataFrame(schema=schema), *self._met]).unique(maintain_order=True)
        met = met.filter(~pl.all_horizontal(pl.all().is_null()))
        codes = [_codes(met[kind]) for kind in self.kinds]
        number = components(codes) if met.height else np.zeros(0, np.int64)
        found = met.with_columns(pl.Series("component", number))
        if keys:
            made = [
                self._pseudonyms(met, columns, kind, keys) for kind, columns in zip(self.kinds, self.on, strict=True)
            ]
            least = pl.DataFrame(made).select(pl.min_horizontal(pl.all())).to_series()
            found = found.with_columns(least.alias("own"))
            found = found.with_columns(pl.col("own").min().over("component").alias(PERSON)).drop("own")
        else:
            found = found.with_columns((pl.col("component") + 1).alias(PERSON))
        many = [
            int(found.group_by("component").agg(pl.col(kind).drop_nulls().n_unique())[kind].max() or 0)  # type: ignore[arg-type]
            for kind in self.kinds
        ]
        people = int(number.max(initial=-1)) + 1
        return Persons(self, found.drop("component"), people, tuple(many))

    def _pseudonyms(self, met: pl.DataFrame, columns: Sequence[str], kind: str, keys: Sequence[Key]) -> pl.Series:
        """Return the same pseudonym that a mapping would make of these columns, once for each value."""
        values = met[kind].unique(maintain_order=True).drop_nulls()
        made = under(keys, pl.select(pl.lit(LABEL + SEPARATOR) + values).to_series())
        return met[kind].replace_strict(values, made, default=None, return_dtype=pl.String)


@dataclass(frozen=True, slots=True)
class Persons:
    """The persons found: how many, and the person of each combination of keys."""

    linking: Linking
    found: pl.DataFrame
    people: int
    many: tuple[int, ...]

    def parts(self) -> Iterator[pl.Series]:
        """Yield the person of each record, part by part as they were added; null for a record without any key."""
        linking = self.linking
        for met, rows in zip(linking._met, linking._rows, strict=True):
            at = _found(met, self.found, linking.kinds)
            yield self.found[PERSON].gather(at).gather(rows)

    def facts(self) -> dict[str, object]:
        """Return what was counted: no value of any record is in it."""
        linking = self.linking
        return {
            "rows": linking.rows,
            "persons": self.people,
            "rows_without_a_key": linking.lone,
            "keys": [
                {"on": list(columns), "different": int(self.found[kind].drop_nulls().n_unique()),
                 "rows_without": absent, "most_of_one_person": many}
                for columns, kind, absent, many in zip(
                    linking.on, linking.kinds, linking.absent, self.many, strict=True
                )
            ],
        }  # fmt: skip

    def findings(self) -> list[Finding]:
        """Return what asks for a look."""
        found = []
        for columns, many in zip(self.linking.on, self.many, strict=True):
            if many > MANY:
                named = " with ".join(columns)
                what = (
                    f"one person has {many:,} different values of {named}: a value that stands for nobody may link many"
                )
                mend = "look which values repeat most, and list those that stand for nobody under nobody"
                found.append(Finding(Place("link"), named, what, mend, Severity.WARNING, rule="nobody"))
        if self.linking.lone:
            what = "no key: such a record is linked with no other"
            mend = "count these persons apart, or link on more columns"
            found.append(
                Finding(Place("link"), "", what, mend, Severity.WARNING, rule="no_key", rows=self.linking.lone)
            )
        return found


def _found(keys: pl.DataFrame, among: pl.DataFrame, kinds: list[str]) -> pl.Series:
    """Return where each combination of keys stands among others; null where it is not there."""
    numbered = among.select(kinds).with_row_index("migstat-at")
    return keys.join(numbered, on=kinds, how="left", nulls_equal=True, maintain_order="left")["migstat-at"]


def _codes(values: pl.Series) -> np.ndarray:
    """Return the number of each value, and -1 for null."""
    distinct = values.unique(maintain_order=True).drop_nulls()
    numbers = pl.DataFrame({"value": distinct}).with_row_index("number")
    joined = values.to_frame("value").join(numbers, on="value", how="left", maintain_order="left")["number"]
    found: np.ndarray = joined.cast(pl.Int64).fill_null(-1).to_numpy()
    return found

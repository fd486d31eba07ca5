"""The sample as it was drawn: strata and units of each stage, and the variance of totals over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from migstat.words.design import Design
from migstat.words.finding import Finding, MigstatError
from migstat.work.estimate.question import CALL

Array = Any
TOLD = 3
"""Strata named in a finding."""
NOISE = 1e-12
"""A sum of squares below this share of its parts is what rounding leaves of nothing."""


@dataclass(frozen=True, slots=True)
class Level:
    """One stage: the stratum of each unit, and of each stratum its unit above, its units drawn, and their share."""

    stratum: Array
    parent: Array
    units: Array
    fraction: Array
    share: Array
    """The chance that everything above a stratum was drawn: what its variance counts for."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Stages from the first to the last. ``at`` gives the finest unit of each group of records.

    Where the records themselves were drawn, it gives their stratum, and a variance needs sums of squares beside sums.
    """

    levels: tuple[Level, ...]
    at: Array
    of_records: bool
    lonely: str

    @property
    def size(self) -> int:
        """How many units there are to which ``at`` points."""
        last = self.levels[-1]
        return len(last.units) if self.of_records else len(last.stratum)

    def df(self, inside: Array, rows: float) -> float:
        """Return first-stage units less strata, of those that have any of the groups ``inside``; they hold ``rows``."""
        at = np.unique(self.at[inside])
        for level in reversed(self.levels[1:]):
            at = np.unique(level.parent[at if self.of_records and level is self.levels[-1] else level.stratum[at]])
        if self.of_records and len(self.levels) == 1:
            return float(rows - len(at))
        return float(len(at) - len(np.unique(self.levels[0].stratum[at])))

    def variance(self, z: Array, squares: Array | None = None) -> Array:
        """Return the variance of each column's total; a row of ``z`` is a finest unit (or stratum, of records)."""
        total = np.zeros(z.shape[1])
        for number, level in reversed(list(enumerate(self.levels))):
            n = level.units[:, None].astype(float)
            if self.of_records and number == len(self.levels) - 1:
                assert squares is not None
                sums = z
                spread = squares - sums**2 / n
                spread[spread < NOISE * squares] = 0.0
            else:
                sums = added(z, level.stratum, len(level.units))
                spread = added((z - (sums / n)[level.stratum]) ** 2, level.stratum, len(level.units))
            alone = level.units == 1
            factor = (
                level.share * (1 - level.fraction) * np.where(alone, 0.0, level.units / np.maximum(level.units - 1, 1))
            )
            parts = factor[:, None] * spread
            lonely = alone & (level.fraction < 1) & (level.share > 0)
            if lonely.any() and self.lonely == "adjust":
                grand = sums.sum(axis=0) / level.units.sum()
                parts[lonely] = (level.share * (1 - level.fraction))[lonely, None] * (sums[lonely] - grand) ** 2
            elif lonely.any() and self.lonely == "average":
                others = parts[~lonely].mean(axis=0) if (~lonely).any() else np.full(z.shape[1], np.nan)
                parts[lonely] = others
            total += parts.sum(axis=0)
            z = added(sums, level.parent, len(self.levels[number - 1].stratum)) if number else z
        return total


def sample_of(groups: pl.DataFrame, design: Design) -> Sample:
    """Number the strata and units of grouped records; raise MigstatError where the design does not hold."""
    frame, faults = groups, list[Finding]()
    levels: list[Level] = []
    above: list[str] = []
    of_records = f"_u{len(design.stages) or 1}" not in groups.columns
    for number in range(1, max(1, len(design.stages)) + 1):
        s, u, low, high = (f"_{name}{number}" for name in ("s", "u", "f", "g"))
        faults += _blank(frame, [(name, design.stages[number - 1]) for name in (s, u) if name in frame.columns])
        keys = [*above, *([s] if s in frame.columns else [])]
        strata, frame = _numbered(frame, keys, f"_h{number}")
        records = f"_u{number}" not in frame.columns
        has_fpc = low in frame.columns
        facts = (
            frame.group_by(f"_h{number}")
            .agg(
                (pl.col("rows").sum() if records else pl.struct(u).n_unique()).alias("n"),
                *([pl.col(low).min(), pl.col(high).max(), pl.col(low).null_count().alias("blank")] if has_fpc else []),
                *([pl.col(f"_i{number - 1}").first().alias("parent")] if number > 1 else []),
            )
            .sort(f"_h{number}")
        )
        units = facts["n"].to_numpy().astype(float)
        fraction = np.zeros(len(units))
        if has_fpc:
            faults += _wrong_fpc(facts, strata, low, high, keys, design.stages[number - 1].fpc)
            size = facts[high].cast(pl.Float64).fill_null(float("inf")).to_numpy()
            fraction = np.where(size <= 1, size, units / np.maximum(size, 1e-300))
        parent = facts["parent"].to_numpy() if number > 1 else np.zeros(len(units), int)
        if levels:
            last = levels[-1]
            share = (last.share * last.fraction)[last.stratum][parent]
        else:
            share = np.ones(len(units))
        stratum = np.zeros(0, int)
        if not records:
            above = [*keys, u]
            _, frame = _numbered(frame, above, f"_i{number}")
            stratum = (
                frame.group_by(f"_i{number}")
                .agg(pl.col(f"_h{number}").first())
                .sort(f"_i{number}")[f"_h{number}"]
                .to_numpy()
            )
        levels.append(Level(stratum, parent, units, np.clip(fraction, 0, 1), share))
        if design.lonely == "fail":
            faults += _lonely(levels[-1], strata, keys)
        if records:
            break
    if faults:
        raise MigstatError(faults)
    last_column = f"_h{len(levels)}" if of_records else f"_i{len(levels)}"
    return Sample(tuple(levels), frame[last_column].to_numpy(), of_records, design.lonely)


def added(values: Array, index: Array, size: int) -> Array:
    """Add up rows by their index, into ``size`` rows."""
    out = np.zeros((size, values.shape[1]))
    if len(index):
        order = np.argsort(index, kind="stable")
        sorted_index = index[order]
        starts = np.flatnonzero(np.r_[True, sorted_index[1:] != sorted_index[:-1]])
        out[sorted_index[starts]] = np.add.reduceat(values[order], starts, axis=0)
    return out


def _numbered(frame: pl.DataFrame, keys: Sequence[str], name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number the distinct keys; rows keep their order."""
    if not keys:
        return pl.DataFrame({name: [0]}), frame.with_columns(pl.lit(0).alias(name))
    known = frame.select(keys).unique().sort(keys).with_row_index(name).with_columns(pl.col(name).cast(pl.Int64))
    return known, frame.join(known, on=list(keys), how="left", nulls_equal=True, maintain_order="left")


def _blank(frame: pl.DataFrame, columns: Sequence[tuple[str, Any]]) -> list[Finding]:
    found = []
    for name, stage in columns:
        rows = int(frame.filter(pl.col(name).is_null())["rows"].sum())
        if rows:
            column = stage.strata if name.startswith("_s") else stage.unit
            what = f"records have no {column}, so that it cannot be told how they were drawn"
            found.append(Finding(CALL, column, what, "fill it, or leave them out before harmonizing", rows=rows))
    return found


def _named(strata: pl.DataFrame, keys: Sequence[str], which: Array) -> str:
    rows = strata.select(keys).rows() if keys else [()]
    told = ["-".join(str(part) for part in rows[at]) or "the only stratum" for at in np.flatnonzero(which)[:TOLD]]
    return ", ".join(told) + (", and more" if int(which.sum()) > TOLD else "")


def _lonely(level: Level, strata: pl.DataFrame, keys: Sequence[str]) -> list[Finding]:
    lonely = (level.units == 1) & (level.fraction < 1) & (level.share > 0)
    if not lonely.any():
        return []
    count = int(lonely.sum())
    what = f"{'a stratum has' if count == 1 else f'{count} strata have'} a single sampling unit, whose variance cannot "
    what += f"be told: {_named(strata, keys, lonely)}"
    mend = (
        "join strata that were alike, or choose lonely: adjust (cautious), average, or certainty (where it was certain)"
    )
    return [Finding(CALL, "strata", what, mend)]


def _wrong_fpc(
    facts: pl.DataFrame, strata: pl.DataFrame, low: str, high: str, keys: Sequence[str], column: str
) -> list[Finding]:
    found = []
    small = facts.select((pl.col(high) > 1) & (pl.col(high) < pl.col("n"))).to_series().fill_null(False).to_numpy()
    if small.any():
        what = f"{column} says that fewer units are in the population than were drawn: stratum "
        found.append(Finding(CALL, column, what + _named(strata, keys, small), "give the units of the whole stratum"))
    mixed = facts.select((pl.col(high) != pl.col(low)) | (pl.col("blank") > 0) | (pl.col(low) <= 0)).to_series()
    wrong = mixed.fill_null(True).to_numpy()
    if wrong.any():
        what = f"{column} is not one number above 0 in a stratum: {_named(strata, keys, wrong)}"
        found.append(Finding(CALL, column, what, "give every record of a stratum the same number of units"))
    return found

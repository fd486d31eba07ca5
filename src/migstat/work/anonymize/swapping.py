"""Record swapping, targeted: households at risk exchange their place with like households elsewhere.

After the idea of the swapping at the United States and United Kingdom censuses (Zayatz 2007; Frend et al. 2011): the
riskiest go first, partners have the same size and profile, and totals of the place by size and profile stay.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from migstat.words.microdata_policy import Swap
from migstat.work.anonymize.identifiers import UNIT
from migstat.work.anonymize.secret import Secret


@dataclass(frozen=True, slots=True)
class Swapped:
    """How many households were swapped: with one of the same profile, of the same size only, and not at all."""

    alike: int
    size: int
    none: int


def swap(frame: pl.DataFrame, step: Swap, risk: np.ndarray, secret: Secret) -> tuple[pl.DataFrame, Swapped]:
    """Return the frame with places exchanged among about ``rate`` of the households, those of highest risk first."""
    moving = [step.component, *step.along]
    profile = pl.concat_str([pl.col(id).cast(pl.String).fill_null("") for id in step.match], separator="\x1f")
    units = (
        frame.with_columns(pl.Series("_risk", risk), (profile if step.match else pl.lit("")).alias("_profile"))
        .group_by(UNIT, maintain_order=True)
        .agg(
            pl.len().alias("_size"),
            # Sums of weights may differ in their last digits from run to run; the order of households must not.
            pl.col("_risk").max().round_sig_figs(9),
            pl.col("_profile").sort().str.join("\x1e"),
            *(pl.col(id).first() for id in moving),
            pl.col(step.component).n_unique().alias("_places"),
        )
    )
    stream = secret.stream("swap", step.component)
    units = units.with_columns(pl.Series("_chance", stream.random(units.height)))
    movable = units.filter((pl.col("_places") == 1) & pl.col(step.component).is_not_null())
    ordered = movable.sort("_risk", "_chance", descending=[True, False])
    places, sizes, profiles = (ordered[name].to_list() for name in (step.component, "_size", "_profile"))
    pairs, told = _pairs(places, sizes, profiles, round(units.height * step.rate / 2), stream)
    partner = list(range(ordered.height))
    for one, other in pairs:
        partner[one], partner[other] = other, one
    moved = pl.DataFrame({UNIT: ordered[UNIT], **{f"_to_{id}": ordered[id].gather(partner) for id in moving}})
    joined = frame.join(moved, on=UNIT, how="left", maintain_order="left")
    changed = pl.col(UNIT).is_in(ordered[UNIT].implode())
    exchange = [pl.when(changed).then(pl.col(f"_to_{id}")).otherwise(pl.col(id)).alias(id) for id in moving]
    return joined.with_columns(exchange).drop(f"_to_{id}" for id in moving), told


def _pairs(
    places: list[str], sizes: list[int], profiles: list[str], wanted: int, stream: np.random.Generator
) -> tuple[list[tuple[int, int]], Swapped]:
    """Give each of the first households a partner in another place; the list is in order of risk."""
    by_profile: dict[object, dict[str, list[int]]] = {}
    for at in stream.permutation(len(places)).tolist():
        for key in ((sizes[at], profiles[at]), sizes[at]):
            by_profile.setdefault(key, {}).setdefault(places[at], []).append(at)
    used: set[int] = set()
    pairs: list[tuple[int, int]] = []
    alike = missed = 0
    for at in range(len(places)):
        if len(pairs) + missed >= wanted:
            break
        if at in used:
            continue
        found = None
        for key in ((sizes[at], profiles[at]), sizes[at]):
            found = _other(by_profile[key], places[at], used, stream)
            if found is not None:
                alike += isinstance(key, tuple)
                break
        if found is None:
            missed += 1
            continue
        used |= {at, found}
        pairs.append((at, found))
    return pairs, Swapped(2 * alike, 2 * (len(pairs) - alike), missed)


def _other(pools: dict[str, list[int]], place: str, used: set[int], stream: np.random.Generator) -> int | None:
    """Take a household of another place out of the pools, places with more of them more often."""
    names = sorted(name for name, pool in pools.items() if name != place and pool)
    while names:
        lengths = np.array([len(pools[name]) for name in names], dtype=float)
        name = names[int(stream.choice(len(names), p=lengths / lengths.sum()))]
        pool = pools[name]
        while pool:
            at = pool.pop()
            if at not in used:
                return at
        names.remove(name)
    return None

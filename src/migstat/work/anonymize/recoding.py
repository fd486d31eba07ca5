"""Less detail: codes become their ancestors or groups, numbers are cut off at both ends or rounded."""

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.microdata_policy import Cap, Recode, Round
from migstat.words.missing import OTHER

AREA = "REF_AREA"


def recode(frame: pl.DataFrame, step: Recode, codelist: Codelist | None) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return the frame with its codes recoded, and what became of each code met. Kinds of missing stay.

    A code with fewer records than ``least`` goes up to its parent, together with what has come to it from below, until
    there are enough; a top with fewer becomes ``_O``. A parent beside one of its own children means *the rest of it*.
    """
    id = step.component
    counts: dict[str, int] = dict(frame.drop_nulls(id).group_by(id, maintain_order=True).len().rows())
    kept = set(step.keep)
    if step.home and AREA in frame.columns:
        kept |= set(frame[AREA].unique().drop_nulls())
    grouped = {value: group for group, values in step.groups.items() for value in values}
    become = {code: grouped.get(code, code) for code in counts}
    if codelist is not None:
        for code in become:
            if code in kept or code in grouped or _special(code) or code not in codelist:
                continue
            if step.open and _reaches(code, step.open, codelist):
                become[code] = step.open
            elif step.level is not None:
                become[code] = codelist.roll_up(code, step.level)
        _lift(become, counts, kept, step.least, codelist)
    return frame.with_columns(pl.col(id).replace(become)), {code: now for code, now in become.items() if code != now}


def _lift(become: dict[str, str], counts: dict[str, int], kept: set[str], least: int, codes: Codelist) -> None:
    """Move what is too small to its parent, the deepest first, so that parents collect before they are judged."""
    deepest = max((codes.level(code) for code in become.values() if code in codes), default=0)
    for level in range(deepest, -1, -1):
        sums: dict[str, int] = {}
        for code, now in become.items():
            sums[now] = sums.get(now, 0) + counts[code]
        for code, now in become.items():
            small = now not in kept and not _special(now) and now in codes and sums[now] < least
            if small and codes.level(now) == level:
                become[code] = codes.parent(now) or (OTHER if OTHER in codes else now)


def _reaches(code: str, top: str, codes: Codelist) -> bool:
    """Say whether a class lies wholly at or above the lower bound of an open one."""
    bounds, least = codes.bounds(code), codes.bounds(top)
    lower = bounds[0] if bounds else None
    return lower is not None and least is not None and least[0] is not None and lower >= least[0]


def _special(code: str) -> bool:
    return code.startswith("_")


def cap(frame: pl.DataFrame, step: Cap, weight: str | None) -> tuple[pl.DataFrame, float | None, float | None]:
    """Return the frame with values beyond the bounds set to the bounds, and the bounds."""
    id = step.component
    bottom, top = (
        quantile(frame, id, bound / 100, weight) if percent and bound is not None else bound
        for bound, percent in ((step.bottom, step.bottom_percent), (step.top, step.top_percent))
    )
    kind = frame.schema[id]
    low, high = (None if bound is None else pl.lit(bound).cast(kind) for bound in (bottom, top))
    return frame.with_columns(pl.col(id).clip(low, high)), bottom, top


def quantile(frame: pl.DataFrame, id: str, share: float, weight: str | None) -> float | None:
    """Return the smallest value at which the weighted distribution reaches a share."""
    known = frame.select(pl.col(id), (pl.col(weight) if weight else pl.lit(1.0)).alias("_w")).drop_nulls().sort(id)
    if not known.height:
        return None
    reached = known["_w"].cum_sum() >= share * float(known["_w"].sum()) * (1 - 1e-12)
    return float(known[id][reached.arg_max() or 0])


def rounded(frame: pl.DataFrame, step: Round) -> pl.DataFrame:
    """Return the frame with numbers as multiples of a base; halves go to the even multiple."""
    kind = frame.schema[step.component]
    return frame.with_columns(((pl.col(step.component) / step.to).round(mode="half_to_even") * step.to).cast(kind))

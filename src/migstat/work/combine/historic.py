"""Historic areas: former States kept as they are, or followed to their one successor, with a mark; never split."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.combined import Loss
from migstat.words.finding import Finding, Place

CALL = Place("combine")
POLICIES = {
    "keep": "former States stay as the source names them",
    "successor": "a former State of one successor is that successor, with a mark; one of several is refused",
    "region": "a former State is counted under its region; one whose successors share none stays",
}


@dataclass(frozen=True, slots=True)
class Followed:
    """What one former area became, and the steps there."""

    code: str
    to: str
    steps: tuple[str, ...]


def former(codelist: Codelist, codes: Iterable[str]) -> list[str]:
    """Return those of the codes that are former areas."""
    return [code for code in codes if code in codelist and codelist[code].attributes.get("kind") == "former"]


def follow(codelist: Codelist, code: str, policy: str, date: datetime.date | None) -> Followed | Finding | None:
    """Return what a former area becomes under a policy, why it is refused, or None where it stays."""
    match policy:
        case "successor":
            return _successor(codelist, code, date)
        case "region":
            parent = codelist.parent(code)
            return Followed(code, parent, (parent,)) if parent else None
    return None


def recoded(frame: pl.DataFrame, component: str, followed: Iterable[Followed]) -> pl.DataFrame:
    """Give former areas their new code, and say so in COMMENT_OBS of the cells that were touched."""
    pairs = {one.code: one.to for one in followed}
    if not pairs:
        return frame
    touched = pl.col(component).is_in(list(pairs))
    said = pl.concat_str([pl.lit(f"{component} was "), pl.col(component)])
    comment = pl.col("COMMENT_OBS") if "COMMENT_OBS" in frame.columns else pl.lit(None, pl.String)
    marked = pl.when(touched).then(pl.concat_str([comment, said], separator="; ", ignore_nulls=True)).otherwise(comment)
    status = {"OBS_STATUS": pl.when(touched).then(pl.lit("D")).otherwise(pl.col("OBS_STATUS"))}
    return frame.with_columns(
        marked.alias("COMMENT_OBS"),
        pl.col(component).replace(pairs),
        **(status if "OBS_STATUS" in frame.columns else {}),
    )


def told(codelist: Codelist, source: str, component: str, followed: Iterable[Followed]) -> Iterator[Loss]:
    """Yield a loss for each former area that became another."""
    for one in followed:
        name = f"{one.code} ({codelist.label(one.code)})"
        yield Loss(source, component, f"{name} is counted under {one.to} ({codelist.label(one.to)})", (one.code,))


def _successor(codelist: Codelist, code: str, date: datetime.date | None) -> Followed | Finding | None:
    steps: list[str] = []
    at = code
    while at in codelist and codelist[at].attributes.get("kind") == "former":
        after = _successors(codelist[at].attributes.get("successors", ""), date)
        if not after:
            break
        if len(after) > 1:
            what = f"{code} ({codelist.label(code)}) had {len(after)} successors: {', '.join(sorted(after))}"
            mend = "a split needs figures nobody has: write historic='keep', or 'region'"
            return Finding(CALL, codelist.id, what, mend, rule="historic_split")
        at = after[0]
        if at in steps:
            break
        steps.append(at)
    return Followed(code, at, tuple(steps)) if steps else None


def _successors(text: str, date: datetime.date | None) -> list[str]:
    found = []
    for part in filter(None, text.split("|")):
        code, _, since = part.partition("@")
        if date is None or not since or datetime.date.fromisoformat(since) <= date:
            found.append(code)
    return found

"""Link probably: records of which no key is sure, by splink, with the error of linking carried into the count."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

import polars as pl

from migstat.api.frames import frame_of
from migstat.api.plain_columns import plain_frame
from migstat.words.finding import Finding, Misuse, Place, misuse
from migstat.words.linked import Linked
from migstat.work.link.counts import probable_count
from migstat.work.link.splink_model import COMPARISONS, ID, match_probabilities

CALL = Place("link_probably")


def link_probably(
    records: Any,
    *,
    compare: Mapping[str, str],
    block: Sequence[str | Sequence[str]],
    threshold: float = 0.95,
    floor: float = 0.001,
    person: str = "PERSON_ID",
    keep: bool = False,
) -> Linked:
    """Say which records are probably of one person, and how far that may be wrong. Needs ``migstat[link]``.

    ``compare`` says of each column as what it is compared: ``name``, ``email``, ``date`` (as 1990-12-31) or ``exact``.
    Pairs are compared that agree in one of ``block``, such as ``["surname", ["first_name", "dob"]]``; other pairs are
    never linked. Those of a probability of ``threshold`` or more are linked, transitively. The model is that of
    Fellegi and Sunter (1969), estimated by splink from the records themselves.

    ``person`` is a number that holds in this result alone. ``facts`` has the expected number of false and missed
    links, and in ``persons_interval`` between which numbers the persons lie when each pair is taken as a link with its
    probability: it does not hold what blocking left out, nor that the model may be wrong.
    Raises Misuse where splink is not installed or the call is wrong.
    """
    frame: pl.DataFrame = frame_of(plain_frame(records, "the records")).lazy().collect("polars").to_native()
    kinds = [[one] if isinstance(one, str) else list(one) for one in block]
    _check(frame, compare, kinds, threshold)
    named = list(dict.fromkeys([*compare, *(name for columns in kinds for name in columns)]))
    text = frame.select(pl.col(name).cast(pl.String).str.strip_chars().replace("", None) for name in named)
    pairs = match_probabilities(text.with_row_index(ID), compare, kinds, floor)
    left, right, probability = (pairs[name].to_numpy() for name in ("left", "right", "probability"))
    persons, count = probable_count(frame.height, left, right, probability, threshold)
    dropped = [] if keep else [*named, person]
    made = frame.select(name for name in frame.columns if name not in dropped).get_columns()
    told = asdict(count)
    interval = [told.pop("low"), told.pop("high")]
    facts = {"rows": frame.height, **told, "persons_interval": interval, "pairs": pairs.height, "threshold": threshold}
    return Linked(pl.DataFrame([*made, pl.Series(person, persons + 1)]), facts)


def _check(frame: pl.DataFrame, compare: Mapping[str, str], block: Sequence[Sequence[str]], threshold: float) -> None:
    faults = []
    for name in dict.fromkeys([*compare, *(name for columns in block for name in columns)]):
        if name not in frame.columns:
            faults.append(
                Finding(CALL, name, f"the records have no column {name}", "one of " + ", ".join(frame.columns))
            )
    for name, kind in compare.items():
        if kind not in COMPARISONS:
            faults.append(Finding(CALL, name, f"compare: {kind} is not known", "one of " + ", ".join(COMPARISONS)))
    if not compare or not block or not all(block):
        what = "nothing is compared" if not compare else "no pairs are named to compare"
        faults.append(Finding(CALL, "", what, 'write compare={"surname": "name"}, block=["dob"]'))
    if not 0 < threshold <= 1:
        faults.append(
            Finding(CALL, "threshold", f"threshold: {threshold:g} is no probability", "write one such as 0.95")
        )
    if faults:
        raise Misuse(faults)
    if find_spec("splink") is None:
        raise misuse(
            "probable linking needs splink, which is not installed", "pip install 'migstat[link]', or use link"
        )

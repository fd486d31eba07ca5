"""Part: the crossings of some persons, whole, judged and counted; the parts add up to the account of all."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from migstat.words.finding import Finding, Place, Severity
from migstat.words.how_many import how_many
from migstat.words.resided import Share
from migstat.words.residence import ResidenceRule
from migstat.work.reside.crossings import AS_GIVEN, DATE, FAULTS, MENDS, PERSON, SINCE, WEIGHT, WHY
from migstat.work.reside.judge import RESIDENT, Initial, reside

COMPONENTS = {
    "sequence": "SEQUENCE",
    "direction-again": "DIRECTION",
    "direction": "DIRECTION",
    "date": DATE,
    "person": PERSON,
    "person-set-aside": PERSON,
}
WHAT = {
    "read": "crossings read",
    "judged": "crossings of which is said what they mean for residence",
    "rejected": "crossings of persons with a fault",
    "later": "crossings after the end of observation; persons with no other",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What to judge by: the rule, the end of observation, and what is known of statuses and purposes."""

    rule: ResidenceRule
    until: date | None
    initial: Initial = "inferred"
    visits: Mapping[str, bool] = field(default_factory=dict)
    statuses: pl.DataFrame | None = None
    """PERSON_ID, RESIDENT_BEFORE and perhaps RESIDENT_BEFORE_DATE, one row a person; they go before those of rows."""


@dataclass(slots=True)
class Account:
    """How many crossings, persons and what weight came in and where they went, added up part by part."""

    rows: Counter[str] = field(default_factory=Counter)
    persons: Counter[str] = field(default_factory=Counter)
    weight: dict[str, float] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    taken_over: int = 0
    met: int = 0
    """Persons of the statuses handed in that have crossings."""

    def judge(self, part: pl.DataFrame, asked: Asked) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Judge one part, with all crossings of its persons; return those judged and those set aside."""
        late = pl.repeat(False, part.height, eager=True)
        if asked.until is not None:
            late = (part[DATE] > asked.until).fill_null(False)
        later = part.filter(late)
        seen = part.filter(~late) if later.height else part
        if asked.statuses is not None:
            told = [name for name in asked.statuses.columns if name in seen.columns and name != PERSON]
            seen = _with_statuses(seen, asked.statuses, told)
        judged, aside = reside(seen, asked.rule, asked.until, asked.initial, asked.visits)
        self._count(part, judged, aside, later)
        if AS_GIVEN in part.columns:
            text = pl.coalesce(pl.col(DATE).cast(pl.String), AS_GIVEN).alias(DATE)
            judged, aside = judged.drop(AS_GIVEN), aside.with_columns(text).drop(AS_GIVEN)
        if asked.statuses is not None:
            self.met += int(part[PERSON].unique().is_in(asked.statuses[PERSON].implode()).sum())
        return judged, aside

    def _count(self, part: pl.DataFrame, judged: pl.DataFrame, aside: pl.DataFrame, later: pl.DataFrame) -> None:
        for name, frame in (("read", part), ("judged", judged), ("rejected", aside), ("later", later)):
            weight = float(frame[WEIGHT].sum()) if WEIGHT in frame.columns else float(frame.height)
            self.rows[name] += frame.height
            self.weight[name] = self.weight.get(name, 0.0) + weight
        self.persons["judged"] += int((judged[PERSON] != judged[PERSON].shift(1)).fill_null(True).sum())
        self.persons["rejected"] += aside[PERSON].drop_nulls().n_unique()
        if later.height:
            others = pl.concat([judged.select(PERSON), aside.select(PERSON)])
            only = later.select(PERSON).drop_nulls().unique().join(others, on=PERSON, how="anti")
            self.persons["later"] += only.height
        self.persons["read"] = sum(self.persons[name] for name in ("judged", "rejected", "later"))
        self.faults.update(dict(aside[WHY].value_counts().iter_rows()))
        self.unknown += int((judged["FLOW"] == "_U").sum())
        self.taken_over += _taken_over(judged)

    def steps(self) -> tuple[Share, ...]:
        """Return the account: read = judged + rejected + later."""
        return tuple(
            Share(name, what, self.rows[name], self.persons[name], self.weight.get(name, 0.0))
            for name, what in WHAT.items()
        )

    def findings(self, place: Place, asked: Asked, last: date | None) -> list[Finding]:
        """Return the faults that set crossings aside, and what else is to be known of the result."""
        found = [
            Finding(place, COMPONENTS[id], what, MENDS[id], rule=id, rows=self.faults[id])
            for id, what in FAULTS.items()
            if self.faults[id]
        ]
        if self.faults["person-set-aside"]:
            what = "the other crossings of a person with a fault are set aside with it"
            rows = self.faults["person-set-aside"]
            found.append(Finding(place, PERSON, what, "mend the fault", Severity.NOTE, "person-set-aside", rows))
        if last is not None:
            what = f"observation is taken to end on {last}, the day of the last crossing"
            mend = "name the day up to which crossings are complete: until 2023-12-31, say"
            found.append(Finding(place, DATE, what, mend, Severity.NOTE, "until"))
        if self.unknown:
            what = "it is not known yet whether the crossing is a move"
            mend = "judge again when the window is over, or give the status before the first crossing"
            found.append(Finding(place, "FLOW", what, mend, Severity.NOTE, "unknown", self.unknown))
        if self.taken_over:
            what = "a status given for a later day takes the place of another one: the stock changes without a move"
            mend = "give the status before the first crossing, with a day no later than it"
            found.append(Finding(place, RESIDENT, what, mend, Severity.WARNING, "taken-over", self.taken_over))
        if asked.statuses is not None and (unmet := asked.statuses.height - self.met):
            what = f"{how_many(unmet, 'person of the statuses has', 'persons of the statuses have')} no crossing"
            found.append(Finding(place, RESIDENT, what, "", Severity.NOTE, "unmet"))
        return found


def _with_statuses(seen: pl.DataFrame, statuses: pl.DataFrame, told: list[str]) -> pl.DataFrame:
    joined = seen.join(statuses, on=PERSON, how="left", maintain_order="left", suffix="_given")
    if RESIDENT in told:
        own = pl.col(RESIDENT).cast(pl.String)
        joined = joined.with_columns(pl.coalesce(f"{RESIDENT}_given", own).alias(RESIDENT))
    if SINCE in told:
        # The day goes with its status.
        given = (
            pl.col(f"{RESIDENT}_given").is_not_null() if RESIDENT in told else pl.col(f"{SINCE}_given").is_not_null()
        )
        joined = joined.with_columns(pl.when(given).then(f"{SINCE}_given").otherwise(SINCE).alias(SINCE))
    return joined.drop(f"{name}_given" for name in told)


def _taken_over(judged: pl.DataFrame) -> int:
    """Count the crossings before which a person has another status than after their last one."""
    was, became = judged["WAS_RESIDENT"].to_physical(), judged["IS_RESIDENT"].to_physical()
    same = judged[PERSON] == judged[PERSON].shift(1)
    return int((same & (was != became.shift(1))).sum())

"""What is told of the columns that leave, of keys that are not there, and of persons with several records."""

from collections.abc import Iterator, Mapping

import polars as pl

from migstat.words.finding import Finding, MigstatError, Place, Severity
from migstat.words.microdata_policy import MicrodataPolicy
from migstat.words.missing import MISSING_SUFFIX
from migstat.words.structure import Structure
from migstat.work.anonymize.identifiers import MEMBER


def told(
    structure: Structure, policy: MicrodataPolicy, taken: Mapping[str, str], columns: list[str]
) -> Iterator[Finding]:
    """Say which columns left without being named, and which keys and steps meet no column."""
    reasons: dict[str, list[str]] = {}
    for column, why in taken.items():
        if why not in ("the policy drops it", "an identifier") and not column.endswith(MISSING_SUFFIX):
            reasons.setdefault(why, []).append(column)
    if reasons:
        said = "; ".join(f"{_listed(ids)}: {why}" for why, ids in reasons.items())
        yield _note(
            policy.place, "", f"taken away although the policy does not say so: {said}", "name under keep what may go"
        )
    for id in policy.keep:
        if id in columns and structure[id].type == "date":
            what = "a date that stays tells nearly as much as a name, and gives ages away"
            yield Finding(policy.place, id, what, "leave it out of keep", Severity.WARNING)
    for one in policy.keys:
        absent = [id for id in one.ids if id not in columns]
        if absent:
            yield _note(one.place, one.name, f"{', '.join(absent)} is not in these records: the key set is smaller")
    for id in policy.sensitive:
        if id not in columns:
            yield _note(policy.place, id, "is sensitive by the policy, and not in these records")


def persons(frame: pl.DataFrame, structure: Structure, policy: MicrodataPolicy) -> list[Finding]:
    """Say where persons have several records, so that records alike may be one person's."""
    if frame[MEMBER].is_unique().all():
        return []
    what = "some persons have several records; all measures count records, and k of them may be one person"
    if structure.unit == "person":
        mend = "look for persons that are counted twice: migstat validate"
        return [Finding(policy.place, "PERSON_ID", what, mend, Severity.WARNING)]
    raise MigstatError([Finding(policy.place, "PERSON_ID", what, "keep one record of each person")])


def phrase(taken: list[str]) -> str:
    """Say which columns were removed, and what became of those who belong together."""
    named = [column for column in taken if not column.endswith(MISSING_SUFFIX)]
    gone = f"removed: {_listed(named)}; " if named else ""
    return f"{gone}households and persons numbered anew, in a new order"


def _note(place: Place, component: str, what: str, mend: str = "") -> Finding:
    return Finding(place, component, what, mend, Severity.NOTE)


def _listed(columns: list[str]) -> str:
    """Return names as a phrase; of columns that are numbered, such as replicate weights, the first and the last."""
    numbered: dict[str, list[str]] = {}
    for column in columns:
        stem, _, number = column.rpartition("_")
        numbered.setdefault(stem if stem and number.isdecimal() else column, []).append(column)
    return ", ".join(ids[0] if len(ids) == 1 else f"{ids[0]} to {ids[-1]}" for ids in numbered.values())

"""Estimate: figures of a sample with their precision, and tests of difference; the design is the records' own."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw

from migstat.api.naming import unknown_pairs
from migstat.api.plain_columns import plain_frame, plain_records, texts_of_numbers
from migstat.api.tabulating import check_design, design_of, read_records
from migstat.read.damage import undamaged
from migstat.read.definitions import definition, definition_ids
from migstat.read.expression import parse_expression
from migstat.read.mappings.faults import nearest
from migstat.read.structures import structure
from migstat.words.design import CALIBRATING, LONELY, METHODS, Calibration, Design, Margin, Replicates, Stage
from migstat.words.estimates import Estimates
from migstat.words.finding import Finding, Misuse, Place, misuse
from migstat.words.run import Harmonized
from migstat.words.structure import Structure
from migstat.work.derive import derive
from migstat.work.estimate.difference import between_groups, between_samples
from migstat.work.estimate.estimate import estimate as estimated
from migstat.work.estimate.question import Question
from migstat.write.atomic import beside, write_text

Columns = str | Sequence[str]


def estimate(
    records: Any,
    statistic: str = "total",
    *,
    of: Columns = "",
    by: Columns = (),
    domain: str = "",
    design: Design | None = None,
    probabilities: Sequence[float] = (0.25, 0.5, 0.75),
    confidence: float = 0.95,
    symmetric: bool = False,
) -> Estimates:
    """Estimate a total, mean, proportion, ratio or quantile from a sample, with standard error and interval.

    ``records`` is a run of ``harmonize``, the path of its records, or a frame. ``of`` is a number, or codes (a total or
    a proportion of each), or for a ratio two numbers, ``"INCOME/HOURS_WORKED"``; without it a total is of people.
    ``by`` names groups; ``domain`` is a condition such as ``"AGE >= 15"``: records outside it stay in the sample, as
    they must. Both may name a definition, such as FOREIGN_BORN. Intervals are Student's t, for proportions on the
    logit's scale unless ``symmetric``. CV is in per cent. The design is that of the mapping, or ``design``.

    Raises Misuse for what cannot be asked, MigstatError where the design does not hold, as with a single unit in a
    stratum.
    """
    frame, found, of_records = _opened(records, design, "estimate")
    asked = _question(statistic, of, by, domain, probabilities, confidence)
    with undamaged(records):
        return estimated(
            _defined(frame, asked, of_records),
            asked,
            found,
            structure=of_records,
            pairs=unknown_pairs(),
            symmetric=symmetric,
        )


def difference(
    records: Any,
    statistic: str = "mean",
    *,
    of: Columns = "",
    by: Columns = (),
    groups: Sequence[Any] = (),
    other: Any = None,
    domain: str = "",
    design: Design | None = None,
    other_design: Design | None = None,
    confidence: float = 0.95,
) -> Estimates:
    """Test whether two groups of one sample differ, or, with ``other``, two samples drawn independently.

    ``groups`` are two values of ``by``, the first less the second; of one sample the covariance of the two is taken
    from the design. With ``other``, such as the records of a later year, each line of ``by`` is tested. The result has
    the difference with standard error, statistic (Student's t), two-sided p-value and interval.
    """
    frame, found, of_records = _opened(records, design, "difference")
    asked = _question(statistic, of, by, domain, (0.5,), confidence)
    with undamaged(records, other):
        if other is None:
            return between_groups(
                _defined(frame, asked, of_records), asked, found, groups, structure=of_records, pairs=unknown_pairs()
            )
        first = estimated(_defined(frame, asked, of_records), asked, found, structure=of_records, pairs=unknown_pairs())
        frame, found, of_records = _opened(other, other_design or (design if found == design else None), "difference")
        second = estimated(
            _defined(frame, asked, of_records), asked, found, structure=of_records, pairs=unknown_pairs()
        )
        return between_samples(first, second, asked)


def design(
    records: Any = None,
    *,
    weight: str = "",
    strata: str = "",
    psu: str = "",
    fpc: str = "",
    stages: Sequence[Mapping[str, str]] = (),
    lonely: str = "fail",
    replicates: Mapping[str, Any] | None = None,
    calibration: Mapping[str, Any] | None = None,
    df: float | None = None,
) -> Design:
    """Return the design that records carry, or, without records, one of your own; every name is a column.

    ``stages`` are those after the first: ``[{"unit": "HH", "fpc": "N_HH"}]``. ``replicates`` has ``columns`` (a list,
    or ``"REPWT_1..REPWT_80"``; none makes them of strata and units) and ``method``; ``calibration`` a ``method`` and
    ``margins``: ``[{"by": "SEX", "totals": {"F": 10, "M": 9}}]``.

    >>> design(weight="PW", strata="STYPE", fpc="N")
    <Design: weight PW; strata STYPE; units records; fpc N>
    """
    if records is not None:
        return _opened(records, None, "design")[1]
    faults = [
        Finding(Place("design"), name, f"{value!r} is not known", nearest(str(value), known))
        for name, value, known in (
            ("lonely", lonely, LONELY),
            ("method", (replicates or {}).get("method", "SDR"), METHODS),
            ("method", (calibration or {}).get("method", "raking"), CALIBRATING),
        )
        if value not in known
    ]
    if faults:
        raise Misuse(faults)
    first = Stage(psu, strata, fpc)
    later = tuple(Stage(**stage) for stage in stages)
    given = dict(replicates) if replicates is not None else None
    if given is not None:
        given["columns"] = _series(given.get("columns", ()))
        given["rscales"] = tuple(given.get("rscales", ()))
    chosen: Any = lonely
    return Design(
        weight,
        (first, *later) if later or first != Stage() else (),
        chosen,
        None if given is None else Replicates(**given),
        None if calibration is None else _calibration(calibration),
        df,
    )


def write_estimates(estimates: Estimates, path: str | os.PathLike[str]) -> None:
    """Write the lines of estimates, whole or not at all: ``.csv`` or ``.parquet``."""
    name = Path(path).name
    if name.endswith(".csv"):
        write_text(path, estimates.frame.write_csv())
    elif name.endswith(".parquet"):
        with beside(path) as part:
            estimates.frame.write_parquet(part)
    else:
        raise misuse(f"the ending of {name} is not known", "let the name end with .csv or .parquet", place=name)


def _calibration(given: Mapping[str, Any]) -> Calibration:
    margins = []
    for margin in given["margins"]:
        by = _listed(margin.get("by", ()))
        totals = margin["totals"]
        if margin.get("of"):
            margins.append(Margin(totals={(): float(totals)}, of=margin["of"]))
            continue
        codes = {(code,) if isinstance(code, str) else tuple(code): float(total) for code, total in totals.items()}
        margins.append(Margin(tuple(by), codes))
    return Calibration(given["method"], tuple(margins))


def _series(columns: Columns) -> tuple[str, ...]:
    """Return columns, ranges such as ``REPWT_1..REPWT_80`` written out."""
    named: list[str] = []
    for name in _listed(columns):
        match = re.fullmatch(r"(?P<stem>.*?)(?P<low>\d+)\.\.(?P=stem)(?P<high>\d+)", name)
        if match is None:
            named.append(name)
        else:
            named += [f"{match['stem']}{number}" for number in range(int(match["low"]), int(match["high"]) + 1)]
    return tuple(named)


def _opened(records: Any, chosen: Design | None, place: str) -> tuple[Any, Design, Structure]:
    """Return the frame, its design, and the structure of the records."""
    facts: Mapping[str, Any] = {}
    if isinstance(records, Harmonized):
        frame, facts = records.records, records.provenance
    elif isinstance(records, str | os.PathLike) or (isinstance(records, Sequence) and not hasattr(records, "schema")):
        frame, facts = read_records(records)
    else:
        frame = records
    name = facts.get("structure", "").partition(":")[2].partition("(")[0] or "SURVEY_PERSON"
    found = chosen if chosen is not None else design_of(facts)
    if found is None:
        mend = "write strata, psu or replicates under source in the mapping, or hand in design=ms.design(weight=...)"
        raise misuse("nothing is known of how these records were drawn", mend, place=place)
    check_design(found, found.columns, place)
    of_records = structure(name)
    made = plain_frame(plain_records(frame, of_records), "the records", found.columns, [found.weight or "WEIGHT"])
    weights = [found.weight, *(found.replicates.columns if found.replicates is not None else ())]
    # Of a column of that name it is known.
    return texts_of_numbers(made, [name for name in weights if name != "WEIGHT"], "the records"), found, of_records


def _question(
    statistic: str, of: Columns, by: Columns, domain: str, probabilities: Sequence[float], confidence: float
) -> Question:
    parts = [part.strip() for part in of.split("/")] if isinstance(of, str) and statistic == "ratio" else _listed(of)
    condition = parse_expression(domain, Place("domain"), "domain") if domain else None
    first, second = [*parts, "", ""][:2]
    kind: Any = statistic
    return Question(kind, first, second, tuple(_listed(by)), condition, tuple(probabilities), confidence)


def _defined(frame: Any, question: Question, of_records: Structure) -> Any:
    """Add the definitions that a question names and the records do not have."""
    made = nw.from_native(frame)
    there = made.collect_schema().names()
    for name in question.columns:
        if name not in there and name in definition_ids():
            made = derive(made, definition(name), of_records, unknown_pairs())
    return made.to_native()


def _listed(text: Columns) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else list(text)

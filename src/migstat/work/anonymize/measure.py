"""All measures of risk on a key set, at one time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from migstat.words.anonymized import KeyRisk
from migstat.words.microdata_policy import KeySet, MicrodataPolicy
from migstat.words.missing import KINDS
from migstat.words.structure import Structure
from migstat.work.anonymize.diversity import diversity
from migstat.work.anonymize.frequencies import COUNT, POPULATION, SAMPLE, WEIGHT, combinations, frequencies
from migstat.work.anonymize.identifiers import UNIT
from migstat.work.anonymize.key_values import key_values
from migstat.work.anonymize.risk import household_risk, individual_risk
from migstat.work.anonymize.suda2 import dis_suda, suda

_RISK = "_risk"


def compared(frame: pl.DataFrame, ids: Sequence[str], structure: Structure, policy: MicrodataPolicy) -> pl.DataFrame:
    """Return components as they are compared, with weight and household."""
    weight = pl.col("WEIGHT").fill_null(1.0) if "WEIGHT" in frame.columns else pl.lit(1.0)
    return frame.select(*key_values(frame, ids, structure, policy.missing), weight.alias(WEIGHT), UNIT)


def record_risk(
    frame: pl.DataFrame, one: KeySet, structure: Structure, policy: MicrodataPolicy
) -> npt.NDArray[np.float64]:
    """Return the individual risk of each record on one key set."""
    rows = compared(frame, one.ids, structure, policy)
    return np.asarray(_of_rows(rows, _table(rows, one.ids, policy.alpha), one.ids)[_RISK].to_numpy())


def key_risk(
    frame: pl.DataFrame, one: KeySet, structure: Structure, policy: MicrodataPolicy, *, homes: bool
) -> KeyRisk:
    """Measure what somebody can find who knows one key set of a person."""
    known = [id for id in policy.sensitive if id in frame.columns and id not in one.ids]
    # Not applicable, not collected and not known are no values of theirs, and disclose nothing.
    rows = compared(frame, [*one.ids, *known], structure, policy)
    rows = rows.with_columns(
        pl.when(pl.col(id).is_in(list(KINDS))).then(None).otherwise(pl.col(id)).alias(id) for id in known
    )
    table = _table(rows, one.ids, policy.alpha)
    count, risk = table[COUNT].to_numpy(), table[_RISK].to_numpy()
    sample = table[SAMPLE].to_numpy()
    expected = float((count * risk).sum())
    uniques = int(count[sample <= 1].sum())
    measures = {
        ("k", ""): float(sample.min()),
        ("sample_uniques", ""): uniques / frame.height,
        ("individual_risk", ""): float(risk.max()),
        ("expected_share", ""): expected / frame.height,
    }
    household_expected = None
    if homes:
        members = _of_rows(rows, table, one.ids)
        unit = members[UNIT].rank("dense").cast(pl.Int64).to_numpy() - 1
        by_home = household_risk(members[_RISK].to_numpy(), unit)
        household_expected = float(by_home[unit].sum())
        measures["household_risk", ""] = float(by_home.max())
    found = suda(table, one.ids, alpha=policy.alpha)
    measures["dis_suda", ""] = float(dis_suda(found, table).max())
    for id in known:
        numeric = id in structure and structure[id].type in ("integer", "number", "year")
        values = rows.with_columns(pl.col(id).cast(pl.Float64, strict=False)) if numeric else rows
        if values[id].is_null().all():
            continue
        met = diversity(values, one.ids, id, policy.c, ordered=numeric)
        for measure in ("distinct", "entropy", "recursive"):
            measures[f"l_{measure}", id] = met.least(measure)
        measures["t_closeness", id] = met.t
    return KeyRisk(
        records=frame.height,
        uniques=uniques,
        below_k=int(count[sample < policy.k].sum()),
        expected=expected,
        household_expected=household_expected,
        minimal_uniques=found.sizes,
        measures=measures,
    )


def _table(rows: pl.DataFrame, ids: Sequence[str], alpha: float) -> pl.DataFrame:
    table = frequencies(combinations(rows, ids), ids, alpha)
    risk = individual_risk(table[SAMPLE].to_numpy(), table[POPULATION].to_numpy())
    return table.with_columns(pl.Series(_RISK, risk))


def _of_rows(rows: pl.DataFrame, table: pl.DataFrame, ids: Sequence[str]) -> pl.DataFrame:
    return rows.join(table.select(*ids, _RISK), on=list(ids), how="left", nulls_equal=True, maintain_order="left")

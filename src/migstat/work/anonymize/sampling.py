"""A part of the file in place of all: a simple random sample of households or of records."""

import polars as pl

from migstat.words.microdata_policy import Sample
from migstat.work.anonymize.identifiers import UNIT
from migstat.work.anonymize.secret import Secret


def sample(frame: pl.DataFrame, step: Sample, secret: Secret, weights: list[str]) -> pl.DataFrame:
    """Return a share of the units, exactly, each as likely as any other; weights are divided by the share kept."""
    units = (
        frame[UNIT].unique(maintain_order=True) if step.by == "household" else pl.int_range(frame.height, eager=True)
    )
    count = max(1, round(units.len() * step.share))
    chosen = secret.stream("sample").choice(units.len(), count, replace=False)
    picked = units.gather(sorted(chosen.tolist()))
    keep = pl.col(UNIT) if step.by == "household" else pl.int_range(pl.len())
    grown = [pl.col(weight) * (units.len() / count) for weight in weights]
    return frame.filter(keep.is_in(picked.implode())).with_columns(grown)

"""Absent cells: what a source has no row for is 0, missing, or was never asked, and each is said apart."""

from collections.abc import Sequence

import polars as pl

from migstat.words.combined import Level
from migstat.words.missing import TOTAL
from migstat.work.combine.cells import STATUS, UNWEIGHTED, VALUE

NOT_COLLECTED, UNKNOWN, NORMAL = "L", "O", "A"
"""Codes of CL_OBS_STATUS."""


def with_absent(
    frame: pl.DataFrame, levels: Sequence[Level], key: Sequence[str], source: str, *, counted: bool
) -> pl.DataFrame:
    """Add the cells that a source lacks, one dimension at a time over the totals of the others.

    A table counted from records has 0 where nobody was met; a published one has no value (O), since its makers may
    have left the cell out. Where the source gives nothing in the dimension the cell has no value and status L.
    """
    made = [frame]
    for level in levels:
        others = [one.component for one in levels if one.component != level.component]
        totals = frame.filter(*(pl.col(id) == TOTAL for id in (*others, level.component)))
        codes = pl.DataFrame({"_code": list(level.codes)}, schema={"_code": pl.String})
        cells = totals.drop(level.component).join(codes, how="cross").rename({"_code": level.component})
        cells = cells.select(frame.columns).join(frame, on=[*key], how="anti")
        given = source not in level.without
        zero = given and counted
        status = NORMAL if zero else UNKNOWN if given else NOT_COLLECTED
        blank = [id for id in ("STD_ERROR", "CV", "CONF_STATUS") if id in frame.columns]
        made.append(
            cells.with_columns(
                pl.lit(0.0 if zero else None, frame.schema[VALUE]).alias(VALUE),
                pl.lit(status).alias(STATUS),
                *(pl.lit(None, frame.schema[id]).alias(id) for id in blank),
                *(
                    [pl.lit(0 if zero else None, frame.schema[UNWEIGHTED]).alias(UNWEIGHTED)]
                    if UNWEIGHTED in frame.columns
                    else []
                ),
            )
        )
    return pl.concat(made)

"""Audit: published tables, attacked as an outsider would."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from migstat.api.given_tables import VALUE, Given, count_column, opened, trees_for
from migstat.api.time_allowed import clock
from migstat.words.finding import misuse
from migstat.words.missing import TOTAL
from migstat.words.protected import Audit
from migstat.work.protect.audit import audited
from migstat.work.protect.tables import link


def audit(
    tables: Given,
    *,
    inner: Given = None,
    dimensions: Sequence[str] = (),
    value: str = VALUE,
    count: str | None = None,
    hierarchies: Mapping[str, Any] | None = None,
    total: str = TOTAL,
    width: float = 50.0,
    seconds: float = 600.0,
    progress: Callable[[str, float], None] | None = None,
) -> Audit:
    """Attack published tables as an outsider would: which suppressed cells can be worked out, which nearly.

    A cell is suppressed where its value is missing. ``inner`` are the same tables before protection: with them, values
    that were changed are refused, and the attack is repeated as the only contributor of each cell that has one.
    A cell is weak where its range is narrower than ``width`` per cent of its value.

    >>> import polars as pl
    >>> cells = pl.DataFrame({"row": ["a", "b", "_T"], "n": [None, 30, 32]})
    >>> audit(cells, dimensions=["row"], value="n").disclosed.rows()
    [('a', 2.0, 2.0, 'everybody')]
    """
    for name, number in (("width", width), ("seconds", seconds)):
        if not 0 <= number < math.inf:
            raise misuse(f"{number:g} is not 0 or more", "write such as 50", place="audit", component=name)
    shown = opened(tables, dimensions, value, hierarchies, total, count, margins=False)
    trees = trees_for(shown, hierarchies, total)
    linked = link(shown, value=value, count=count_column(shown, value, count), trees=trees, total=total, fill=[])
    true = None
    if inner is not None:
        whole = opened(inner, dimensions, value, hierarchies, total, count)
        true = link(whole, value=value, count=count_column(whole, value, count), trees=trees, total=total, fill=[])
    below = max((one.metadata.get("protection", {}).get("small", 0) for one in shown), default=0)
    return audited(linked, true, width=width, total=total, below=below, going_on=clock("audit", seconds, progress))

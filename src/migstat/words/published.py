"""Published tables: how one is laid out, as its mapping says."""

from dataclasses import dataclass

from migstat.words.finding import Place

STATUS = "migstat-status"
"""The column of a published table that says of each value whether it is one: a code of CL_OBS_STATUS."""


@dataclass(frozen=True, slots=True)
class Published:
    """How a published table is laid out, and which column holds its figures.

    ``unpivot`` are columns that stand side by side, such as years: their names go into the column ``into``, their
    figures into ``value``. With ``add`` rows that end in one cell are added up. ``sheet`` and ``header`` (a text that
    begins a cell of the line of names) are of workbooks.
    """

    value: str
    place: Place
    unpivot: tuple[str, ...] = ()
    into: str = ""
    suppressed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    thousands: str = ""
    multiply: float = 1.0
    add: bool = False
    sheet: str = ""
    header: str = ""
    header_rows: int = 1
    vintage: str = ""

"""Perturbation tables: an office's own, read from CSV with every fault at its line; and written back."""

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import accumulate, groupby
from math import isfinite
from pathlib import Path

from migstat.read.office_tables import csv_lines, table_text
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.perturbation import SUM_WITHIN, Chances, PerturbationTable

COLUMNS = ("i", "j", "p")
BOUNDS = ("p_int_lb", "p_int_ub")
OTHER = ("v", *BOUNDS, "type")
LARGEST = 5_000_000
"""Bytes; a file that is larger is no perturbation table."""
LARGEST_COUNT = 1e15
"""A larger count is none; below it decimals hold whole numbers exactly."""
WHOLE = ("whole number", "write digits only: tables of counts have whole results")
DECIMAL = ("number", "write digits, with a decimal point")

Line = tuple[int, dict[str, float]]


def read_perturbation_table(path: str | Path) -> PerturbationTable:
    """Read a table with a line for each count ``i`` and result ``j``, and its probability ``p``.

    The lines of a count are in the order of the cell key: the first has the keys from 0 up. Columns ``v`` (the noise,
    j - i) and ``p_int_lb``, ``p_int_ub`` (the interval of the key) are held against the others where they are given.
    Raises MigstatError with all that is wrong, each at its line.
    """
    path = Path(path)
    faults: list[Finding] = []
    text = table_text(path, largest=LARGEST, smaller="check its name: it is no perturbation table")
    lines = list(_lines(text, path.name, faults))
    if not faults:
        lines_of = {int(i): list(group) for i, group in groupby(lines, key=lambda line: line[1]["i"])}
        if sum(map(len, lines_of.values())) < len(lines):
            seen: set[float] = set()
            for (line, row), before in zip(lines, [None, *(row["i"] for _, row in lines)], strict=False):
                if row["i"] != before and row["i"] in seen:
                    _fault(faults, path, line, row["i"], "the lines of this count are not together", "sort by i")
                seen.add(row["i"])
        else:
            rows = tuple(_chances(i, group, path, faults) for i, group in lines_of.items())
            table = PerturbationTable(rows, path.stem)
            for count, what, mend in table.faults():
                line = lines_of[count][0][0] if count in lines_of else 1
                _fault(faults, path, line, count, what, mend)
            if not faults:
                return table
    raise MigstatError(sorted(faults, key=lambda fault: fault.place.line or 0))


def perturbation_table_text(table: PerturbationTable) -> str:
    """Return the table as CSV; read back it is the same.

    >>> print(perturbation_table_text(PerturbationTable((Chances(0, (0,), (1.0,)), Chances(1, (-1, 1), (0.5, 0.5))))))
    i,j,p,v,p_int_lb,p_int_ub
    0,0,1.0,0,0.0,1.0
    1,0,0.5,-1,0.0,0.5
    1,2,0.5,1,0.5,1.0
    <BLANKLINE>
    """
    lines = [",".join((*COLUMNS, "v", *BOUNDS))]
    for row in table.rows:
        ends = list(accumulate(row.probability, initial=0.0))
        for noise, p, lower, upper in zip(row.noise, row.probability, ends, ends[1:], strict=False):
            lines.append(f"{row.count},{row.count + noise},{p!r},{noise},{lower!r},{upper!r}")
    return "\n".join((*lines, ""))


def _chances(count: int, lines: list[Line], path: Path, faults: list[Finding]) -> Chances:
    """Make a row, and hold the noise and the intervals that its lines state against it."""
    chances = Chances(count, tuple(int(row["j"]) - count for _, row in lines), tuple(row["p"] for _, row in lines))
    ends = list(accumulate(chances.probability, initial=0.0))
    for (line, row), noise, lower, upper in zip(lines, chances.noise, ends, ends[1:], strict=False):
        if row.get("v", noise) != noise:
            _fault(faults, path, line, count, f"v is {row['v']:g}, and j - i is {noise}", f"write {noise}")
        for name, end in zip(BOUNDS, (lower, upper), strict=True):
            if abs(row.get(name, end) - end) > SUM_WITHIN:
                what = f"{name} is {row[name]:.8g}, and p adds up to {end:.8g} there"
                _fault(faults, path, line, count, what, "mend p, or the gap between the intervals")
    return chances


def _lines(text: str, name: str, faults: list[Finding]) -> Iterator[Line]:
    rows = csv_lines(text, name)
    try:
        header = [column.strip() for column in next(rows, (1, []))[1]]
        if missing := [column for column in COLUMNS if column not in header]:
            what = f"the header lacks {', '.join(missing)}"
            faults.append(Finding(Place(name, 1), "", what, "begin with i,j,p"))
            return
        for column in header:
            if column not in COLUMNS + OTHER or header.count(column) > 1:
                near = get_close_matches(column, COLUMNS + OTHER, 1)
                what = f"the header names {column!r}" + (" twice" if header.count(column) > 1 else "")
                mend = f"write {near[0]}" if near and near[0] != column else "remove the column"
                faults.append(Finding(Place(name, 1), column, what, mend))
                return
        for line, fields in rows:
            if not any(field.strip() for field in fields):
                continue
            if len(fields) != len(header):
                what = f"has {len(fields)} fields, the header {len(header)}"
                faults.append(Finding(Place(name, line), "", what, "give each column a value"))
                continue
            texts = dict(zip(header, fields, strict=True))
            if texts.pop("type", "all").strip() != "all":
                what = f"type is {fields[header.index('type')]!r}: tables for magnitudes are not read"
                faults.append(Finding(Place(name, line), "type", what, "give a table of counts, type all"))
                continue
            values = {column: _number(text) for column, text in texts.items()}
            wrong = [column for column, value in values.items() if value is None]
            wrong += [c for c in ("i", "j", "v") if (value := values.get(c)) is not None and not _whole(value)]
            for column in wrong:
                kind, mend = WHOLE if column in ("i", "j", "v") else DECIMAL
                what = f"{column} is {texts[column]!r}, no {kind}"
                faults.append(Finding(Place(name, line), column, what, mend))
            if not wrong:
                row = {column: value for column, value in values.items() if value is not None}
                if row["i"] < 0:
                    what, mend = "i is negative", "counts begin with 0"
                    faults.append(Finding(Place(name, line), "i", what, mend))
                yield line, row
    except MigstatError as error:
        faults += error.findings


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _whole(value: float) -> bool:
    return value.is_integer() and abs(value) < LARGEST_COUNT


def _fault(faults: list[Finding], path: Path, line: int, count: float, what: str, mend: str) -> None:
    faults.append(Finding(Place(path.name, line), f"i = {count:g}", what, mend))

"""The design in a source: weights, strata, stages, replicates, and the margins that weights were brought to."""

import re
from itertools import pairwise
from typing import Any

from migstat.read.mappings.faults import Faults
from migstat.read.mappings.tables import Folder, csv_rows
from migstat.read.placed import Placed
from migstat.words.design import CALIBRATING, CENTRES, LONELY, METHODS, Calibration, Margin, SourceStage
from migstat.words.finding import Place
from migstat.words.how_many import how_many

DESIGN = ("weight", "strata", "psu", "fpc", "stages", "lonely", "df", "replicates", "calibration")
REPLICATES = ("columns", "method", "fay", "scale", "rscales", "combined", "centre")
YES_NO = ("true", "false", "yes", "no")
_NUMBERED = re.compile(r"(?P<stem>.*?)(?P<low>\d+)\.\.(?P=stem)(?P<high>\d+)")


def design(items: dict[str, Placed], folder: Folder) -> dict[str, Any]:
    """Read what the source says of its sample, as the fields of a Source."""
    faults = folder.faults
    weight, divisor = _weight(items.get("weight"), faults)
    found: dict[str, Any] = {
        "weight": weight,
        "weight_divide_by": divisor,
        "strata": columns(items, "strata", faults),
        "psu": columns(items, "psu", faults),
        "fpc": faults.text(items, "fpc", "source"),
        "stages": _stages(items, faults),
        "lonely": faults.choice(items, "lonely", LONELY, "fail"),
        "df": faults.number(items, "df"),
        "calibration": _calibration(items.get("calibration"), folder),
        **_replicates(items.get("replicates"), faults),
    }
    if "lonely" in items and not found["strata"]:
        what = "'lonely' speaks of strata with a single unit, and the source has no strata"
        faults.add(items["lonely"].place, what, "write strata: [COLUMN], or remove it")
    if found["calibration"] and not weight:
        faults.add(items["calibration"].place, "there is no weight to calibrate", "write weight: COLUMN")
    if found["replicates"] and not weight:
        what = "replicates without the weight of the full sample"
        faults.add(items["replicates"].place, what, "write weight: COLUMN")
    return found


def columns(items: dict[str, Placed], key: str, faults: Faults) -> tuple[str, ...]:
    """Read the names of columns, each once."""
    named = faults.texts(items.get(key), key)
    if key in items and not all(named):
        faults.add(items[key].place, f"'{key}' names no column", f"write {key}: [COLUMN], or remove it")
    if len(set(named)) < len(named):
        faults.add(items[key].place, f"'{key}' names a column twice", "name each once")
    return named


def _weight(placed: Placed | None, faults: Faults) -> tuple[str, float | None]:
    if placed is None:
        return "", None
    if placed.text:
        return placed.text, None
    items = faults.keys(placed, ("from", "divide_by"), "weight")
    column = faults.text(items, "from", "weight", needed=placed.place, mend="write weight: COLUMN")
    return column, faults.number(items, "divide_by")


def _stages(items: dict[str, Placed], faults: Faults) -> tuple[SourceStage, ...]:
    """Read the stages after the first, which ``strata``, ``psu`` and ``fpc`` describe."""
    if "stages" not in items:
        return ()
    placed = items["stages"]
    if "psu" not in items:
        faults.add(placed.place, "there are stages after the first, and no units of the first", "write psu: [COLUMN]")
    found = []
    for number, entry in enumerate(placed.entries, 2):
        inner = faults.keys(entry, ("unit", "strata", "fpc"), f"stage {number}")
        if not inner:
            continue
        last = number == len(placed.entries) + 1
        if "unit" not in inner and not last:
            what = f"stage {number} has no 'unit', and others follow"
            faults.add(entry.place, what, "write unit: [COLUMN]; only the last stage may draw the records themselves")
        found.append(
            SourceStage(
                columns(inner, "unit", faults), columns(inner, "strata", faults), faults.text(inner, "fpc", "the stage")
            )
        )
    # Without the sizes of one stage the next adds nothing that could be reckoned.
    sizes = [faults.text(items, "fpc", "source"), *(stage.fpc for stage in found)]
    for number, (size, later) in enumerate(pairwise(sizes), 1):
        if later and not size:
            what = f"stage {number + 1} has an fpc, and stage {number} has none"
            mend = (
                f"give stage {number} its fpc, or remove the later one: without it the first units carry all variance"
            )
            faults.add(placed.place, what, mend)
    return tuple(found)


def _replicates(placed: Placed | None, faults: Faults) -> dict[str, Any]:
    if placed is None:
        return {"replicates": ()}
    items = faults.keys(placed, REPLICATES, "replicates")
    if "columns" not in items:
        faults.add(placed.place, "replicates has no 'columns'", "write columns: PWGTP1..PWGTP80")
        return {"replicates": ()}
    named: list[str] = []
    for name in faults.texts(items["columns"], "columns"):
        named += numbered(name, items["columns"].place, faults)
    method = faults.choice(items, "method", METHODS)
    if "method" not in items:
        faults.add(placed.place, "replicates has no 'method'", "one of " + ", ".join(METHODS))
    fay = faults.number(items, "fay")
    if method == "FAY" and "fay" not in items:
        faults.add(placed.place, "method FAY has no 'fay', the factor", "write fay: 0.5, or whatever the office says")
    if fay is not None and fay >= 1:
        faults.add(items["fay"].place, f"fay: {fay:g} is not below 1", "write fay: 0.5, or whatever the office says")
    if fay is not None and method not in ("", "FAY"):
        faults.add(
            items["fay"].place, f"'fay' goes with method FAY, not with {method}", "write method: FAY, or remove it"
        )
    return {
        "replicates": tuple(named),
        "replicate_method": method,
        "replicate_fay": fay,
        "replicate_scale": faults.number(items, "scale"),
        "replicate_rscales": _rscales(items, len(named), method, placed, faults),
        "replicate_combined": faults.choice(items, "combined", YES_NO, "yes") in {"true", "yes"},
        "replicate_centre": faults.choice(items, "centre", CENTRES),
    }


def _rscales(
    items: dict[str, Placed], replicates: int, method: str, placed: Placed, faults: Faults
) -> tuple[float, ...]:
    if "rscales" not in items:
        if method == "JKN" and "scale" not in items:
            what = "method JKN has no 'rscales', which differ with the units of each stratum"
            faults.add(placed.place, what, "write rscales: [0.5, 0.5, ...], (n - 1) / n for each replicate")
        return ()
    found = []
    for entry in items["rscales"].entries:
        number = faults.number({"rscales": entry}, "rscales")
        found.append(1.0 if number is None else number)
    if len(found) == 1:
        return tuple(found * replicates)
    if len(found) != replicates:
        what = f"there are {how_many(len(found), 'rscale')} and {how_many(replicates, 'replicate')}"
        faults.add(items["rscales"].place, what, "give one for each replicate, or one for all")
    return tuple(found)


def _calibration(placed: Placed | None, folder: Folder) -> Calibration | None:
    if placed is None:
        return None
    faults = folder.faults
    items = faults.keys(placed, ("method", "margins"), "calibration")
    method: Any = faults.choice(items, "method", CALIBRATING)
    for key, mend in (("method", "one of " + ", ".join(CALIBRATING)), ("margins", "write margins: [{by: SEX, ...}]")):
        if items and key not in items:
            faults.add(placed.place, f"calibration has no '{key}'", mend)
    if "margins" not in items:
        return None
    margins = [_margin(entry, method, folder) for entry in items["margins"].entries]
    if method == "poststratify" and len(margins) > 1:
        what = "post-stratification has one margin, and there are several"
        faults.add(items["margins"].place, what, "write method: raking, or cross them in one margin: by: [SEX, REGION]")
    return Calibration(method, tuple(margins))


def _margin(placed: Placed, method: str, folder: Folder) -> Margin:
    faults = folder.faults
    items = faults.keys(placed, ("by", "of", "totals"), "the margin")
    if "totals" not in items:
        faults.add(
            placed.place, "the margin has no 'totals'", "write totals: {F: 100, M: 90}, or totals: tables/sex.csv"
        )
        return Margin()
    totals = items["totals"]
    if "of" in items:
        if method != "linear":
            what = f"the total of a number can be met by method linear, not by {method}"
            faults.add(items["of"].place, what, "write method: linear, or a margin by codes")
        number = faults.number(items, "totals")
        return Margin(totals={(): number or 1.0}, of=faults.text(items, "of", "the margin"))
    by = columns(items, "by", faults)
    if "by" not in items:
        faults.add(placed.place, "the margin has no 'by'", "write by: SEX, a component of the records")
    if totals.is_text:
        return Margin(by, _from_table(by, totals, folder))
    if len(by) > 1:
        what = f"a margin of {how_many(len(by), 'column')} has its totals in a table"
        faults.add(totals.place, what, f"write totals: tables/margin.csv, with the columns {','.join(by)},TOTAL")
        return Margin(by)
    entries = faults.keys(totals, totals.items, "totals")
    found = {(code,): faults.number(entries, code) for code in entries}
    return Margin(by, {code: total for code, total in found.items() if total is not None})


def _from_table(by: tuple[str, ...], placed: Placed, folder: Folder) -> dict[tuple[str, ...], float]:
    text = folder.open(placed.text, placed.place)
    if text is None:
        return {}
    faults, found = folder.faults, dict[tuple[str, ...], float]()
    lines = list(csv_rows(text, placed.text, faults))
    header = [name.strip() for name in lines[0][1]] if lines else []
    wanted = [*by, "TOTAL"]
    if sorted(header) != sorted(wanted):
        what = f"{placed.text} has the columns {','.join(header) or 'none'}"
        faults.add(placed.place, what, f"give it the columns {','.join(wanted)}")
        return {}
    for line, row in lines[1:]:
        if not any(cell.strip() for cell in row):
            continue
        place = Place(placed.text, line)
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        code = tuple(cells.get(name, "") for name in by)
        total = faults.number({"TOTAL": Placed(cells.get("TOTAL", ""), place)}, "TOTAL")
        if code in found:
            faults.add(place, f"{'-'.join(code)} stands twice", "keep one of the two lines")
        if total is not None:
            found[code] = total
    return found


def numbered(name: str, place: Place, faults: Faults) -> list[str]:
    """Return the columns of a range of numbered names; zeros in front are kept."""
    if ".." not in name:
        return [name]
    match = _NUMBERED.fullmatch(name)
    if match is None or not 0 <= int(match["high"]) - int(match["low"]) < 10_000:
        faults.add(place, f"{name} is not a range of numbered columns", "write it as PWGTP1..PWGTP80")
        return []
    width = len(match["low"]) if match["low"].startswith("0") else 1
    return [f"{match['stem']}{number:0{width}}" for number in range(int(match["low"]), int(match["high"]) + 1)]

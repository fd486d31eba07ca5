"""Tables in and out of protection: their additive rows as one set of cells, and what is taken out of each row after."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.missing import NOT_APPLICABLE, TOTAL
from migstat.words.table import Table
from migstat.work.protect.cells import COUNT, SLACK, VALUE, Cells, Tree, number_cells
from migstat.work.protect.trees import FLOW, NET, trees_of

PLACE = Place("protect")
DEFINITION, MIGRANT = "DEFINITION", "MIGRANT"
MEASURES = ("UNIT_MEASURE", "MEASURE", "VARIABLE")
"""The dimensions that say what a figure is of, not of whom."""
ADDITIVE = ("PS", "HH", "PERMIT", "VISA", "CASE", "CROSSING", "EVENT", "USD", "_O", "_Z")
"""The units of figures that add up; of all others, such as per cents, a row goes when the counts behind it go."""
NO_SUMS = ("FREQ", "TIME_PERIOD", DEFINITION, *MEASURES)
"""The dimensions whose codes never add up."""
TELLS_NOTHING = (
    "OBS_STATUS",
    "CONF_STATUS",
    "UNIT_MULT",
    "DECIMALS",
    "SOURCE_TYPE",
    "STAT_CONC_DEF",
    "COVERAGE",
)
"""What may stay in a row whose value goes; every other column may give it back."""
UNWEIGHTED = "N_UNWEIGHTED"
SUPPRESSED, FREE = "Q", "F"
MOST_TOLD = 5
MOST_CELLS = 2_000_000
"""The largest grid that is filled with zeros."""
SHOWN, OF = "_shown", "_cell"

Trees = Mapping[str, Sequence[Tree]]


@dataclass(frozen=True, slots=True)
class Linked:
    """Tables as one set of cells, named by ``dimensions``; in ``tables`` each row has the number of its cell.

    Rows that do not add up, such as per cents, have the number of the count that they are of, or none.
    """

    cells: Cells
    dimensions: tuple[str, ...]
    tables: tuple[pl.DataFrame, ...]
    trees: Trees


def link(
    tables: Sequence[Table],
    *,
    value: str,
    count: str | None,
    trees: Callable[[str, Sequence[str]], Sequence[Tree]],
    total: str = TOTAL,
    fill: Sequence[str] | None = None,
    earlier: Sequence[Table] = (),
) -> Linked:
    """Join tables that are published together: a cell that stands in several is one cell, and must have one value.

    ``fill`` names the dimensions over which absent cells are filled in as zeros (an empty list: none; None: all with
    trees). Raises MigstatError where cells disagree, stand twice, or are more than their total.
    """
    dimensions = tuple(
        dict.fromkeys(id for table in (*tables, *earlier) for id in table.dimensions if id in table.frame.columns)
    )
    whole = [_keyed(table.frame, dimensions, value, count, total) for table in (*tables, *earlier)]
    people = tuple(id for id in dimensions if id not in MEASURES[1:])
    known: dict[str, Sequence[Tree]] = {}
    for id in people:
        present = sorted({code for frame in whole for code in frame[id].unique().to_list()})
        if id not in NO_SUMS and (listed := trees(id, present)):
            known[id] = listed
    filled = [
        _filled(frame, people, known, fill, total) if place < len(tables) else frame
        for place, frame in enumerate(whole)
    ]
    additive = [frame.filter(additive_rows(frame)) for frame in filled]
    faults = [fault for table in tables for fault in _twice(table)]
    together = pl.concat([frame.select(*people, VALUE, COUNT) for frame in additive])
    faults += _disagree(together, people)
    if faults:
        raise MigstatError(faults)
    once = together.group_by(people).agg(pl.col(VALUE).drop_nulls().first(), pl.col(COUNT).max())
    broad = {
        id: {code for one in (*tables, *earlier) for code in one.metadata.get("broad", {}).get(id, ())} for id in people
    }
    cells = number_cells(once, people, known, broad)
    if faults := list(_more_than_their_total(cells)):
        raise MigstatError(faults)
    numbers = cells.keys.with_columns(pl.Series(SHOWN, cells.shown)).with_row_index(OF).filter(SHOWN).drop(SHOWN)
    if count is not None and count != value:
        cells = replace(cells, fewest=_fewest(cells, filled, people))
    return Linked(
        cells,
        people,
        tuple(frame.join(numbers, on=people, how="left", maintain_order="left") for frame in filled),
        known,
    )


def codelist_trees(
    tables: Sequence[Table], codelists: Callable[[str], Codelist], total: str = TOTAL
) -> Callable[[str, Sequence[str]], Sequence[Tree]]:
    """Return the trees of a dimension by its codelist; a dimension that is not coded has a total at most."""
    coded = {one.id: one.codelist for table in tables for one in table.structure.components if one.codelist}

    def trees(id: str, present: Sequence[str]) -> Sequence[Tree]:
        codelist = codelists(coded[id]) if id in coded else Codelist(id, ())
        return trees_of(codelist, present, total)

    return trees


def additive_rows(frame: pl.DataFrame) -> pl.Expr:
    """Return the expression that is true for rows whose figures add up."""
    tests = [pl.lit(True)]
    if "UNIT_MEASURE" in frame.columns:
        tests.append(pl.col("UNIT_MEASURE").is_in(ADDITIVE))
    if "MEASURE" in frame.columns:
        tests.append(pl.col("MEASURE").is_in(["COUNT", TOTAL, NOT_APPLICABLE]))
    return pl.all_horizontal(tests)


def _keyed(frame: pl.DataFrame, dimensions: Sequence[str], value: str, count: str | None, total: str) -> pl.DataFrame:
    """Give a frame all the dimensions, the value and the count under one name, and the population one definition."""
    absent = [pl.lit(total).alias(id) for id in dimensions if id not in frame.columns]
    made = frame.with_columns(*absent).with_columns(pl.col(id).cast(pl.String).fill_null("") for id in dimensions)
    if DEFINITION in dimensions and MIGRANT in dimensions:
        # The population is the same people whatever definition divides it.
        everybody = pl.when(pl.col(MIGRANT) == total).then(pl.lit(NOT_APPLICABLE)).otherwise(DEFINITION)
        made = made.with_columns(everybody.alias(DEFINITION))
    counted = pl.col(count) if count and count in frame.columns else pl.lit(-1)
    return made.with_columns(
        pl.col(value).cast(pl.Float64).alias(VALUE),
        counted.cast(pl.Int64).fill_null(-1).alias(COUNT),
        pl.lit(True).alias(SHOWN),
    )


def _filled(
    frame: pl.DataFrame, people: Sequence[str], trees: Trees, fill: Sequence[str] | None, total: str
) -> pl.DataFrame:
    """Add the cells that are not there, because nobody is in them, as zeros; they are shown only if they are hidden."""
    over = [id for id in trees if (fill is None or id in fill) and frame[id].n_unique() > 1]
    if not over or fill == []:
        return frame
    counts = frame.filter(additive_rows(frame))
    others = [id for id in counts.columns if id in (*people, *MEASURES) and id not in over]
    grid = counts.select(others).unique(maintain_order=True) if others else pl.DataFrame({"_one": [0]})
    size = grid.height
    for id in over:
        size *= counts[id].n_unique()
        if size > MOST_CELLS:
            what = f"the table would have more than {MOST_CELLS:,} cells with its zeros"
            raise MigstatError([Finding(PLACE, id, what, "write zeros: publish, or publish fewer dimensions at once")])
        grid = grid.join(counts.select(id).unique(maintain_order=True), how="cross")
    grid = grid.drop("_one", strict=False).join(counts, on=[*others, *over], how="anti")
    zeros = grid.with_columns(pl.lit(0.0).alias(VALUE), pl.lit(0, pl.Int64).alias(COUNT), pl.lit(False).alias(SHOWN))
    return pl.concat([frame, zeros], how="diagonal")


def _fewest(cells: Cells, frames: Sequence[pl.DataFrame], people: Sequence[str]) -> dict[int, int]:
    """Return the records behind means and the like, of the cells they are of: of few of them the number is known."""
    keys = [id for id in people if id not in MEASURES]
    plain = pl.concat([frame.filter(~additive_rows(frame), pl.col(COUNT) > 0).select(*keys, COUNT) for frame in frames])
    if not plain.height:
        return {}
    numbers = cells.keys.with_columns(pl.Series(SHOWN, cells.shown)).with_row_index(OF).filter(SHOWN)
    met = numbers.join(plain.group_by(keys).agg(pl.col(COUNT).min()), on=keys)
    return dict(met.sort(OF).select(OF, COUNT).iter_rows())


def _twice(table: Table) -> Iterable[Finding]:
    keys = [id for id in table.dimensions if id in table.frame.columns]
    several = table.frame.filter(pl.struct(keys).is_duplicated())
    if several.height:
        what = f"a cell stands twice in one table: {named(several.row(0, named=True), keys)}"
        yield Finding(
            PLACE, "", what, "add its rows up, or name the dimension that tells them apart", rows=several.height
        )


def _disagree(cells: pl.DataFrame, people: Sequence[str]) -> list[Finding]:
    span = pl.col(VALUE).max() - pl.col(VALUE).min()
    apart = (
        cells.group_by(people, maintain_order=True)
        .agg(span.alias("_span"), pl.col(VALUE).abs().max().alias("_size"))
        .filter(pl.col("_span") > SLACK * pl.max_horizontal(1.0, pl.col("_size")))
    )
    return [
        Finding(
            PLACE,
            "",
            f"the tables give two values for one cell: {named(row, people)}",
            "make the tables from the same records, or protect them one by one",
        )
        for row in apart.head(MOST_TOLD).to_dicts()
    ]


def _more_than_their_total(cells: Cells) -> Iterable[Finding]:
    if (cells.values[cells.shown] < 0).any():
        return  # Net flows may be below zero, so parts may be more than their total.
    wrong = [cell for cell in range(cells.size) if not cells.shown[cell] and cells.values[cell] < 0]
    for cell in wrong[:MOST_TOLD]:
        name = named(cells.keys.row(cell, named=True), cells.keys.columns)
        mend = "protect counts before they are rounded, and name only dimensions whose codes do not overlap"
        yield Finding(PLACE, "", f"the parts are more than their total: {name}", mend)


def named(row: Mapping[str, object], dimensions: Iterable[str]) -> str:
    """Name a cell by the dimensions in which it is no total."""
    said = [f"{id}={row[id]}" for id in dimensions if row[id] not in (TOTAL, NOT_APPLICABLE, "")]
    return ", ".join(said) or "the total"


def masked(
    linked: Linked,
    table: Table,
    place: int,
    why: Mapping[int, tuple[str, str]],
    *,
    value: str,
    untold: Collection[int],
    total: str,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take the values out of the hidden rows of a table; return it, and why each of them is hidden.

    Figures that do not add up go where the count behind them, or a total that they may be a share of, goes.
    """
    frame = linked.tables[place]
    reasons = pl.DataFrame(
        {OF: list(why), "_code": [code for code, _ in why.values()], "_why": [text for _, text in why.values()]},
        schema={OF: pl.UInt32, "_code": pl.String, "_why": pl.String},
    )
    frame = frame.with_row_index("_row").join(reasons, on=OF, how="left", maintain_order="left")
    plain = frame.filter(~additive_rows(frame))
    if plain.height:
        gone = _without_counts(plain, linked, frame, set(why), total)
        frame = frame.join(gone, on="_row", how="left", maintain_order="left")
        behind = pl.col("_behind").is_not_null()
        frame = frame.with_columns(
            pl.when(behind).then(pl.lit("D")).otherwise("_code").alias("_code"),
            pl.when(behind).then("_behind").otherwise("_why").alias("_why"),
        )
    hidden = pl.col("_code").is_not_null()
    kept = frame.filter(pl.col(SHOWN) | hidden)
    kept_back = pl.col(OF).is_in(list(untold)).fill_null(False)
    told = pl.when(kept_back).then(pl.lit("N")).otherwise("_code")
    keys = [id for id in table.dimensions if id in table.frame.columns]
    definition = [table.frame[DEFINITION]] if DEFINITION in keys and MIGRANT in keys else []
    names = table.frame.columns
    spoil = [name for name in names if name not in keys and name not in TELLS_NOTHING]
    made = kept.with_columns(
        *(pl.when(~hidden).then(pl.col(name)).alias(name) for name in spoil),
        pl.when(hidden).then(told).otherwise(pl.lit(FREE)).alias("CONF_STATUS"),
    )
    if FLOW in keys and UNWEIGHTED in names:
        # Their number is that of arrivals and departures together: with the balance it would give both.
        made = made.with_columns(pl.when(pl.col(FLOW) != NET).then(UNWEIGHTED).alias(UNWEIGHTED))
    if "OBS_STATUS" in names:
        made = made.with_columns(pl.when(hidden).then(pl.lit(SUPPRESSED)).otherwise("OBS_STATUS").alias("OBS_STATUS"))
    if definition:
        own = pl.DataFrame(
            {"_row": range(table.frame.height), "_own": definition[0]}, schema_overrides={"_row": pl.UInt32}
        )
        made = made.join(own, on="_row", how="left", maintain_order="left").with_columns(
            pl.col("_own").fill_null(pl.col(DEFINITION)).alias(DEFINITION)
        )
    reasons = made.filter(pl.col("_code").is_not_null()).select(
        *keys, pl.col("_code").alias("CONF_STATUS"), pl.col("_why").alias("WHY")
    )
    columns = [*names, *([] if "CONF_STATUS" in names else ["CONF_STATUS"])]
    return made.select(columns), reasons


def _without_counts(
    plain: pl.DataFrame, linked: Linked, frame: pl.DataFrame, hidden: set[int], total: str
) -> pl.DataFrame:
    """Return the rows whose counts go, or are not known: a per cent gives back its part, or its whole."""
    people = [id for id in linked.dimensions if id not in MEASURES]
    keys = linked.cells.keys.with_columns(pl.Series(SHOWN, linked.cells.shown)).with_row_index(OF).filter(SHOWN)
    known = keys.with_columns(pl.col(OF).is_in(list(hidden)).alias("_gone")).group_by(people).agg(pl.col("_gone").any())
    varying = [id for id in people if id in linked.trees and plain[id].n_unique() > 1]
    rows = plain.select("_row", *people)
    counted = rows.join(known, on=people, how="left", maintain_order="left")
    gone = [
        counted.filter(pl.col("_gone").is_null()).select(
            "_row", pl.lit("the count behind it is not in these tables").alias("_behind")
        ),
        counted.filter("_gone").select("_row", pl.lit("the count behind it is hidden").alias("_behind")),
    ]
    for size in range(1, len(varying) + 1):
        for chosen in combinations(varying, size):
            above = rows.with_columns(pl.lit(total).alias(id) for id in chosen)
            if DEFINITION in people and MIGRANT in chosen:
                above = above.with_columns(pl.lit(NOT_APPLICABLE).alias(DEFINITION))
            met = above.join(known, on=people, how="left").filter("_gone")
            gone.append(met.select("_row", pl.lit("a total behind it is hidden").alias("_behind")))
    return pl.concat(gone).unique("_row", keep="first", maintain_order=True)

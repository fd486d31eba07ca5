"""The command that counts: one table, or all tables of a set."""

import argparse
from collections.abc import Callable

from migstat import api
from migstat.cli import show
from migstat.cli.engine import engine_of
from migstat.words.finding import misuse
from migstat.words.how_many import how_many
from migstat.words.table import Table

MOST_CELLS = 60
ONE_TABLE = ("definition", "by", "levels", "shares", "measures", "universe", "population", "groups", "structure",
             "no_parents", "no_totals", "compare")  # fmt: skip
"""What is said of one table, and by a set for all of its own."""

Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the command to the parser."""
    made = command(
        "tabulate",
        "migstat tabulate build/USA_ACS_2018.records.parquet --definition FOREIGN_BORN --by COUNTRY_BIRTH,SEX,AGE\n"
        "migstat tabulate build/X.records.parquet --into stock.parquet --definition FOREIGN_BORN,US_NATIVITY --by SEX\n"
        "migstat tabulate build/X.records.parquet --into x.sdmx.csv --by COUNTRY_BIRTH,AGE --levels AGE=1 --shares\n"
        'migstat tabulate build/X.records.parquet --by SEX --measures "count,median(AGE)" --universe "AGE >= 15"\n'
        "migstat tabulate build/X.records.parquet --set un-census --into tables/",
    )
    made.add_argument("records", metavar="RECORDS", nargs="+", help="Parquet files that harmonize wrote")
    made.add_argument(
        "--into",
        metavar="FILE",
        help=".parquet, .csv, or .sdmx.csv (SDMX-CSV 2.0; .sdmx1.csv for 1.0); none prints it; with --set a folder",
    )
    made.add_argument("--definition", metavar="ID[,ID]", help="who counts (default: FOREIGN_BORN)")
    made.add_argument("--by", metavar="ID[,ID]", default="", help="dimensions, such as COUNTRY_BIRTH,SEX,AGE")
    made.add_argument(
        "--levels",
        metavar="ID=N[,ID=N]",
        default="",
        help="finest level of a dimension's codelist: 0 is the top; several: COUNTRY_BIRTH=region+country",
    )
    made.add_argument("--shares", action="store_true", help="add per cent of the population of each cell")
    made.add_argument(
        "--measures",
        metavar="LIST",
        default="",
        help="count (default), share(SEX), rate(1000), mean(AGE), median(AGE), quantile(AGE; 0.9)",
    )
    made.add_argument("--universe", metavar="CONDITION", help='who is in the table, such as "AGE >= 15"')
    made.add_argument("--population", metavar="FILE", help="denominators of rates: CSV or Parquet with OBS_VALUE")
    made.add_argument(
        "--groups", metavar="ID=GROUP[,ID=GROUP]", default="", help="groups of areas: COUNTRY_BIRTH=EU27_2020+EFTA"
    )
    made.add_argument("--structure", metavar="ID|FILE", help="the table structure, also a YAML file of your own")
    made.add_argument("--no-precision", action="store_true", help="leave out standard errors, where a design is known")
    made.add_argument("--reliability", metavar="ID|FILE", default="CV_BANDS", help="policy of flags (CV_BANDS)")
    made.add_argument("--compare", action="store_true", help="show the definitions side by side, with differences")
    made.add_argument(
        "--set", metavar="ID|FILE", help="make all tables of a set: un-census, profile-stock, or your own"
    )
    made.add_argument("--format", metavar="ENDING", help="of the files of a set: csv (default), parquet, sdmx.csv")
    made.add_argument("--language", default="en", choices=["en", "fr", "es", "ar", "ru", "zh"], help="of the titles")
    engine_of(made)
    made.add_argument("--no-parents", action="store_true", help="leave out the parents of hierarchical codelists")
    made.add_argument("--no-totals", action="store_true", help="leave out the totals")


def tabulate(options: argparse.Namespace) -> int:
    """Count records by definition and dimensions, or make a set of tables."""
    if options.set:
        return _set(options)
    if options.format:
        raise misuse("--format is of the files of a set", "let the name after --into say it: --into stock.parquet")
    table = api.tabulate(
        options.records,
        definition=None if options.definition is None else _listed(options.definition),
        by=_listed(options.by),
        levels=_levels(options.levels),
        shares=options.shares,
        measures=options.measures or "count",
        universe=options.universe,
        population=options.population,
        groups=_groups(options.groups),
        into=options.structure,
        precision=False if options.no_precision else None,
        reliability=options.reliability,
        totals=not options.no_totals,
        parents=not options.no_parents,
        engine=options.engine,
    )
    if options.compare:
        return _compared(table, options)
    if options.into:
        api.write_table(table, options.into)
        show.say(f"{how_many(table.frame.height, 'cell')} written: {options.into}", options)
    if options.json:
        cells = {} if options.into else {"rows": table.frame.to_dicts()}
        findings = {"findings": [show.facts(one) for one in table.findings]} if table.findings else {}
        show.line({"cells": table.frame.height, "into": options.into, "metadata": table.metadata, **cells, **findings})
        return int(bool(table.findings))
    if not options.into:
        columns, rows, numbers = api.table_for_people(table, MOST_CELLS)
        show.table(columns, rows, options, numbers)
        if table.frame.height > MOST_CELLS:
            more = table.frame.height - MOST_CELLS
            show.say(f"\n{how_many(more, 'more cell')}: write them with --into stock.csv", options)
    _universe(table, options)
    show.findings(table.findings, json=False)
    return int(bool(table.findings))


def _set(options: argparse.Namespace) -> int:
    """Make all tables of a set, and say of each what became of it."""
    if said := [name.replace("_", "-") for name in ONE_TABLE if getattr(options, name)]:
        raise misuse(f"--{said[0]} is of one table, and the set says it of its own", "write your own set, or drop it")
    if not options.into:
        raise misuse("the tables of a set are files, and no folder is named", "write --into FOLDER")
    with show.progress(f"tabulate {options.set}", options) as progress:
        found = api.tabulate_set(
            options.records,
            options.set,
            into=options.into,
            format=options.format or "csv",
            engine=options.engine,
            progress=progress,
        )
    if options.json:
        show.line(api.set_facts(found))
        return 0
    rows = []
    for planned in found.plan.tables:
        given = planned.id in found.tables
        cells = f"{found.tables[planned.id].frame.height:,}" if given else "not given"
        why = "" if given else "; ".join(dict.fromkeys(one.what for one in found.missing[planned.id]))
        title = planned.names.get(options.language) or next(iter(planned.names.values()), planned.id)
        rows.append((planned.id, cells, why or title))
    show.table(["table", "cells", "title, or why it is not given"], rows, options, numbers=(1,))
    show.say(
        f"\n{how_many(len(found.tables), 'table')} written: {options.into}; "
        f"{len(found.missing)} cannot be given by this source\n"
        f"{found.plan.names.get(options.language, found.plan.id)}: {found.plan.standing}",
        options,
    )
    return 0


def _compared(table: Table, options: argparse.Namespace) -> int:
    beside = api.compare_definitions(table)
    if options.into:
        raise misuse("--compare is shown, not written", "drop --into, or --compare", place="migstat tabulate")
    if options.json:
        show.line({"rows": beside.to_dicts()})
        return 0
    dimensions = [id for id in beside.columns if id in table.structure]
    varying = [id for id in dimensions if beside[id].n_unique() > 1]
    columns = [*varying, *(id for id in beside.columns if id not in dimensions)]
    rows = list(beside.select(columns).head(MOST_CELLS).iter_rows())
    show.table(columns, rows, options, list(range(len(varying), len(columns))))
    return 0


def _universe(table: Table, options: argparse.Namespace) -> None:
    if universe := table.metadata.get("universe"):
        outside, unknown = universe["outside"], universe["unknown"]
        show.say(
            f"\nnot in the table: {how_many(outside['rows'], 'record')} "
            f"(weight {outside['weight']:,.1f}) outside the universe, "
            f"{unknown['rows']:,} (weight {unknown['weight']:,.1f}) of which it cannot be known",
            options,
        )


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _levels(text: str) -> dict[str, int | str]:
    levels: dict[str, int | str] = {}
    for part in _listed(text):
        id, _, level = part.partition("=")
        if not level.strip():
            raise misuse(f"--levels {part}: no level", "write the dimension and a level: --levels AGE=1")
        levels[id.strip()] = int(level) if level.strip().isdigit() else level.strip()
    return levels


def _groups(text: str) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for part in _listed(text):
        id, _, names = part.partition("=")
        if not names.strip():
            raise misuse(f"--groups {part}: no group", "write --groups COUNTRY_BIRTH=EU27_2020")
        groups.setdefault(id.strip(), []).extend(name.strip() for name in names.split("+"))
    return groups

"""Commands over tables: read a published one, combine several, mirror flows, estimate flows from stocks."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from migstat import api
from migstat.cli import show
from migstat.cli.commands import _mapping as mapping_file
from migstat.words.finding import Severity, misuse
from migstat.words.how_many import how_many

MOST_ROWS = 40
Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands to the parser."""
    read = command(
        "read-table",
        "migstat read-table undesa_2019.yaml stock.csv --into undesa.parquet",
    )
    read.add_argument("mapping", metavar="MAPPING", help="a mapping with a part table:")
    read.add_argument("table", metavar="FILE", help="CSV (also .gz or .zip), Parquet, or a workbook")
    read.add_argument("--totals", metavar="FILE", help="a table of ours with the totals; what the parts lack is _U")
    read.add_argument("--into", metavar="FILE", required=True, help=".parquet, .csv, or .sdmx.csv")

    combine = command(
        "combine",
        "migstat combine acs.stock.parquet eph.stock.parquet --into build/\n"
        "migstat combine *.stock.parquet --levels given --historic successor --date 2019-01-01 --into build/",
    )
    combine.add_argument("tables", metavar="TABLE", nargs="+", help="Parquet files that tabulate or read-table wrote")
    combine.add_argument("--into", metavar="FOLDER", required=True, help="where table, losses and page go")
    combine.add_argument("--structure", metavar="ID", default="MIGRANT_STOCK", help="default: MIGRANT_STOCK")
    combine.add_argument(
        "--levels",
        metavar="LEVEL|ID=LEVEL,...",
        default="common",
        help="common (default), given, finest, region, country or a depth; for all, or by dimension: AGE=given,common",
    )
    combine.add_argument("--historic", default="keep", choices=["keep", "successor", "region"], help="former States")
    combine.add_argument("--date", metavar="DAY", help="the day whose States are meant by --historic successor")
    combine.add_argument("--absent", action="store_true", help="add cells without a row: 0, missing, or not asked")
    combine.add_argument("--add", metavar="AREA", help="add the sources up under this area; like with like only")
    combine.add_argument("--unlike", action="store_true", help="add unlike sources too, and mark every sum")

    mirror = command(
        "mirror",
        "migstat mirror emigration.parquet immigration.parquet --into corridors.csv\n"
        "migstat mirror flows.csv flows.csv --sent-value Emig --received-value Immi --method larger",
    )
    mirror.add_argument("sent", metavar="SENT", help="emigration by destination: a flow table, CSV or Parquet")
    mirror.add_argument("received", metavar="RECEIVED", help="immigration by origin")
    mirror.add_argument("--sent-value", metavar="COLUMN", default="OBS_VALUE", help="default: OBS_VALUE")
    mirror.add_argument("--received-value", metavar="COLUMN", default="OBS_VALUE", help="default: OBS_VALUE")
    mirror.add_argument(
        "--method", choices=["receiver", "larger", "mean", "correction factors"], help="one figure for each corridor"
    )
    mirror.add_argument("--reference", metavar="AREA[,AREA]", default="", help="areas whose immigration is right")
    mirror.add_argument("--share-unknown", action="store_true", help="share unknown origins out over the known")
    mirror.add_argument("--into", metavar="FILE", help="a CSV of all corridors")

    flows = command(
        "flows-from-stocks",
        "migstat flows-from-stocks stock2015.parquet stock2020.parquet --births births.csv --deaths deaths.csv \\\n"
        "      --into flows.parquet",
    )
    flows.add_argument(
        "first", metavar="FIRST", help="the first stock, with native-born: COUNTRY_BIRTH, REF_AREA, OBS_VALUE"
    )
    flows.add_argument("second", metavar="SECOND", help="the second stock")
    flows.add_argument("--births", metavar="FILE", help="births between both dates: REF_AREA, OBS_VALUE")
    flows.add_argument("--deaths", metavar="FILE", help="deaths between both dates: REF_AREA, OBS_VALUE")
    flows.add_argument(
        "--method",
        default="open",
        choices=["open", "open-down", "closed", "pseudo-Bayesian", "drop", "reverse"],
        help="demographic accounting (default: open), or stock differences: drop, reverse",
    )
    flows.add_argument("--period", metavar="PERIOD", default="", help="the TIME_PERIOD of the flows")
    flows.add_argument("--leave-out", action="store_true", help="leave people of unknown birthplace out")
    flows.add_argument("--into", metavar="FILE", help=".parquet, .csv, or .sdmx.csv; none prints the totals")

    net = command(
        "net-migration",
        "migstat net-migration cohorts.csv --into net.csv",
    )
    net.add_argument("cohorts", metavar="FILE", help="CSV or Parquet with FIRST, SECOND and SURVIVAL")
    net.add_argument("--into", metavar="FILE", help="a CSV file; none prints it")
    profile = command(
        "profile",
        "migstat profile stock.parquet flows.parquet --area KEN --period 2019 --into profile.csv",
    )
    profile.add_argument("tables", metavar="TABLE", nargs="+", help="tables of stocks and flows")
    profile.add_argument("--area", metavar="AREA", help="needed where the tables have several")
    profile.add_argument("--period", metavar="PERIOD", help="needed where the tables have several")
    profile.add_argument("--population", metavar="NUMBER", type=float, help="people of the area")
    profile.add_argument("--into", metavar="FILE", help="a CSV file; none prints it")


def read_table(options: argparse.Namespace) -> int:
    """Turn a published table into one of ours."""
    table = api.read_table(options.table, mapping_file(options.mapping))
    if options.totals:
        table = api.add_totals(table, options.totals)
    api.write_table(table, options.into)
    show.findings(table.findings, json=options.json, cells=table.frame.height, into=options.into)
    show.say(f"{how_many(table.frame.height, 'cell')} written: {options.into}", options)
    return int(any(one.severity == Severity.ERROR for one in table.findings))


def combine(options: argparse.Namespace) -> int:
    """Put tables into one."""
    done = api.combine(
        options.tables,
        into=options.structure,
        levels=_levels(options.levels),
        historic=options.historic,
        date=options.date,
        absent=options.absent,
        add=options.add,
        unlike=options.unlike,
    )
    files = api.write_combined(done, options.into)
    rows = [(one.first, one.second, one.verdict, one.differ, one.unstated) for one in done.comparisons]
    comparisons = [dict(zip(("first", "second", "verdict", "differ", "not_stated"), row, strict=True)) for row in rows]
    more = {"cells": done.table.frame.height, "comparisons": comparisons, "files": [str(one) for one in files]}
    show.findings(done.findings, json=options.json, **more)
    if not options.json:
        show.table(["source", "source", "verdict", "differ", "not stated"], rows, options, numbers=(3, 4))
        lost = len(done.losses) + len(done.historic)
        show.say(f"\n{how_many(done.table.frame.height, 'cell')}, {lost} losses named: {files[-1]}", options)
    return int(any(one.severity == Severity.ERROR for one in done.findings))


def mirror(options: argparse.Namespace) -> int:
    """Hold both sides of flows against each other."""
    found = api.mirror(
        options.sent,
        options.received,
        sent_value=options.sent_value,
        received_value=options.received_value,
        method=options.method,
        reference=[one.strip() for one in options.reference.split(",") if one.strip()],
        share_unknown=options.share_unknown,
    )
    if options.into:
        _write(found.corridors, options.into)
    reasons = [{"concept": one.concept, "what": one.what} for one in found.reasons]
    if options.json:
        more = {"facts": found.facts, "reasons": reasons, "method": found.method, "source": found.source}
        show.findings(found.findings, json=True, **more, into=options.into)
    else:
        show.findings(found.findings, json=False)
        sides = ", ".join(f"{name} {count:,}" for name, count in found.facts["sides"].items())
        show.say(f"{how_many(found.corridors.height, 'corridor')}: {sides}", options)
        if (middle := found.facts["median_ratio"]) is not None:
            show.say(f"sent to received, where both are known: median {middle:.3f}", options)
        for one in found.reasons:
            show.say(f"{one.concept}: {one.what}", options)
        if found.method:
            show.say(f"{found.method}: {found.source}\nLimit: {found.limits}", options)
    return int(any(one.severity == Severity.ERROR for one in found.findings))


def flows_from_stocks(options: argparse.Namespace) -> int:
    """Estimate flows from stocks."""
    table = api.flows_from_stocks(
        options.first,
        options.second,
        births=options.births,
        deaths=options.deaths,
        method=options.method,
        period=options.period,
        leave_out=options.leave_out,
    )
    if options.into:
        api.write_table(table, options.into)
    total = table.frame.filter(COUNTRY_BIRTH="_T")
    show.findings(
        table.findings, json=options.json, cells=table.frame.height, into=options.into, metadata=table.metadata
    )
    if not options.json:
        rows = total.select("COUNTRY_PREVIOUS", "COUNTRY_NEXT", "OBS_VALUE").sort("OBS_VALUE", descending=True)
        if not options.into:
            show.table(["from", "to", "people"], rows.head(MOST_ROWS).rows(), options, numbers=(2,))
        moves = total["OBS_VALUE"].sum()
        show.say(
            f"\n{moves:,.0f} moves between {table.metadata['areas']} areas; {table.metadata['method_source']}", options
        )
    return int(any(one.severity == Severity.ERROR for one in table.findings))


def net_migration(options: argparse.Namespace) -> int:
    """Reckon net migration."""
    frame = api.net_migration(options.cohorts)
    if options.into:
        _write(frame, options.into)
        show.say(f"{how_many(frame.height, 'cohort')} written: {options.into}", options)
    if options.json:
        rows = {} if options.into else {"rows": frame.to_dicts()}
        show.line({"cohorts": frame.height, "into": options.into, **rows})
    elif not options.into:
        numbers = [index for index, type in enumerate(frame.dtypes) if type.is_numeric()]
        show.table(frame.columns, frame.rows(), options, numbers)
    return 0


def profile(options: argparse.Namespace) -> int:
    """Show the profile of an area."""
    made = api.profile(options.tables, area=options.area, period=options.period, population=options.population)
    if options.into:
        _write(api.profile_frame(made), options.into)
        show.say(
            f"{how_many(len(made.indicators), 'indicator')}, {len(made.gaps)} of them gaps, written: {options.into}",
            options,
        )
    if options.json:
        listed = {} if options.into else {"indicators": api.profile_frame(made).to_dicts()}
        show.line({"area": made.area, "period": made.period, "into": options.into, **listed})
    elif not options.into:
        units = {one.id: one.names["en"] for one in api.codelist("CL_UNIT_MEASURE").codes}
        rows = [(one.name, one.value, units.get(one.unit, one.unit), one.gap or one.table) for one in made.indicators]
        show.table([f"{made.area} {made.period}", "value", "unit", "table, or why not"], rows, options, numbers=(1,))
    return 0


def _levels(text: str) -> dict[str, str | int]:
    levels: dict[str, str | int] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        id, _, level = part.rpartition("=")
        levels[id.strip()] = level.strip()
    return levels


def _write(frame: Any, into: str) -> None:
    if not into.endswith(".csv"):
        raise misuse(f"the ending of {Path(into).name} is not known", "let the name end with .csv", place=into)
    api.write_frame(frame, into)

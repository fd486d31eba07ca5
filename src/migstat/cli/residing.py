"""The commands on crossings: who is a resident, who moved, and how many."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from migstat import api
from migstat.cli import show
from migstat.words.finding import Severity, misuse
from migstat.words.how_many import how_many
from migstat.words.resided import Resided

FAULTS = {"sequence", "direction-again", "direction", "date", "person", "malformed"}
"""The findings that set crossings aside, which the caller may allow."""

MOST_CELLS = 60

Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands to the parser."""
    reside = command(
        "reside",
        "migstat reside crossings.parquet --rule 12/16 --until 2023-12-31 --into build/\n"
        "migstat reside crossings.csv.gz --rule 12/16 --statuses residents.csv --into build/\n"
        'migstat reside crossings.parquet --rule "12/16 months" --until open --into build/',
    )
    reside.add_argument("crossings", metavar="CROSSINGS", help="records of BORDER_CROSSING, Parquet or CSV")
    reside.add_argument(
        "--rule", metavar="V/W", default="12/16", help="12/16 (default), 9/12, 365/487 days, 12/16 months"
    )
    reside.add_argument(
        "--until", metavar="DAY", help="when observation ends: 2023-12-31, or open (default: last crossing)"
    )
    reside.add_argument("--statuses", metavar="FILE", help="PERSON_ID and RESIDENT_BEFORE (Y, N), one row a person")
    reside.add_argument(
        "--initial",
        default="inferred",
        choices=["inferred", "unknown"],
        help="a status that is not given (default: inferred)",
    )
    reside.add_argument("--into", metavar="FOLDER", default="build", help="where the files go (default: build)")
    reside.add_argument("--allow-rejects", action="store_true", help="exit with 0 although crossings were set aside")

    flows = command(
        "flows",
        "migstat flows build/crossings.residence.parquet --period month --by CITIZENSHIP,SEX,AGE --into flows.parquet\n"
        "migstat flows build/crossings.residence.parquet --period year --definition UN_SHORT_TERM_3_12M --by SEX\n"
        "migstat flows build/crossings.residence.parquet --period year --sensitivity 12/16,9/12,6/12\n"
        "migstat flows build/crossings.residence.parquet --vintages 2023-06-30,2023-12-31 --into revisions.csv\n"
        "migstat flows build/crossings.residence.parquet --period year --stock 5084300 --at 2020-12-31",
    )
    flows.add_argument("resided", metavar="RESIDED", help="a .residence.parquet file that migstat reside wrote")
    flows.add_argument("--period", default="month", choices=["month", "quarter", "year"], help="default: month")
    flows.add_argument("--by", metavar="ID[,ID]", default="", help="dimensions, such as CITIZENSHIP,SEX,AGE")
    flows.add_argument("--definition", metavar="ID", help="what a move is (default: what the rule of residence found)")
    flows.add_argument("--area", metavar="CODE", help="the reporting area, where the crossings do not say it")
    flows.add_argument("--into", metavar="FILE", help=".parquet, .csv, or .sdmx.csv; none prints it")
    flows.add_argument("--sensitivity", metavar="V/W,V/W", help="compare the counts by several rules of residence")
    flows.add_argument("--vintages", metavar="DAY,DAY", help="the counts as they were known at several days")
    flows.add_argument("--stock", metavar="N|FILE", help="the stock after each period, from this one at the start")
    flows.add_argument("--at", metavar="DAY", help="the day of the stock at the start: 2020-12-31")
    flows.add_argument("--no-parents", action="store_true", help="leave out the parents of hierarchical codelists")
    flows.add_argument("--no-totals", action="store_true", help="leave out the totals")


def reside(options: argparse.Namespace) -> int:
    """Judge residence."""
    with show.progress(f"reside {Path(options.crossings).name}", options) as progress:
        run = api.reside(
            options.crossings,
            options.rule,
            until=options.until,
            initial=options.initial,
            statuses=options.statuses,
            into=options.into,
            progress=progress,
        )
    if options.json:
        show.line(json.loads(api.residence_json(run)))
    else:
        show.findings(run.findings, json=False)
        _steps(run, options)
    errors = [finding for finding in run.findings if finding.severity == Severity.ERROR]
    if options.allow_rejects:
        errors = [finding for finding in errors if finding.rule not in FAULTS]
    return int(bool(errors))


def _steps(run: Resided, options: argparse.Namespace) -> None:
    rows = [(step.name, step.rows, step.persons, step.weight, step.what) for step in run.steps]
    show.table(["step", "rows", "persons", "weight", ""], rows, options, numbers=(1, 2, 3))
    until = "a last stay is taken to last" if run.until is None else f"observed until {run.until}"
    show.say(f"\nrule {run.rule}, {until}; written: {Path(options.into) / run.provenance['name']}.residence.*", options)


def flows(options: argparse.Namespace) -> int:
    """Count moves."""
    given = [name for name in ("sensitivity", "vintages", "stock") if getattr(options, name)]
    if len(given) > 1:
        raise misuse(f"--{given[0]} and --{given[1]} are two results", "run the command once for each")
    if options.at and not options.stock:
        raise misuse("--at is the day of a stock, and none is named", "add --stock, or drop --at")
    if options.sensitivity or options.vintages:
        return _compared(options)
    table = api.flows(
        options.resided,
        period=options.period,
        by=options.by,
        definition=options.definition,
        area=options.area,
        parents=not options.no_parents,
        totals=not options.no_totals,
    )
    if options.stock:
        number = options.stock.replace(".", "", 1).isdigit()
        table = api.stock(float(options.stock) if number else options.stock, table, at=options.at)
    if options.into:
        api.write_table(table, options.into)
        show.say(f"{how_many(table.frame.height, 'cell')} written: {options.into}", options)
    if options.json:
        cells = {} if options.into else {"rows": table.frame.to_dicts()}
        findings = {"findings": [show.facts(one) for one in table.findings]} if table.findings else {}
        show.line({"cells": table.frame.height, "into": options.into, "metadata": table.metadata, **cells, **findings})
    else:
        show.findings(table.findings, json=False)
    if not options.json and not options.into:
        columns, rows, numbers = api.table_for_people(table, MOST_CELLS)
        show.table(columns, rows, options, numbers)
        if table.frame.height > MOST_CELLS:
            more = table.frame.height - MOST_CELLS
            show.say(f"\n{how_many(more, 'more cell')}: write them with --into flows.csv", options)
    if provisional := (table.frame["OBS_STATUS"] == "P").sum():
        show.say(
            f"\n{provisional:,} of {how_many(table.frame.height, 'value')} "
            f"{'is' if provisional == 1 else 'are'} provisional (OBS_STATUS P)",
            options,
        )
    return int(any(one.severity == Severity.ERROR for one in table.findings))


def _compared(options: argparse.Namespace) -> int:
    """Count the same moves by several rules, or as known at several days."""
    frame = api.compare_flows(
        options.resided,
        rules=_listed(options.sensitivity),
        vintages=_listed(options.vintages),
        period=options.period,
        by=options.by,
        definition=options.definition,
        area=options.area,
    )
    if options.into:
        api.write_frame(frame, options.into)
        show.say(f"{how_many(frame.height, 'row')} written: {options.into}", options)
    if options.json:
        show.line({"rows": frame.height, "into": options.into, **({} if options.into else {"cells": frame.to_dicts()})})
    elif not options.into:
        numbers = [at for at, type in enumerate(frame.dtypes) if type.is_numeric()]
        show.table(frame.columns, frame.head(MOST_CELLS).rows(), options, numbers)
        if frame.height > MOST_CELLS:
            show.say(f"\n{how_many(frame.height - MOST_CELLS, 'more row')}: write them with --into flows.csv", options)
    return 0


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]

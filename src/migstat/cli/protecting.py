"""The commands on disclosure: protect tables by a policy, and audit what is published."""

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from migstat import api
from migstat.cli import show
from migstat.words.finding import misuse
from migstat.words.how_many import how_many
from migstat.words.protected import Audit

Command = Callable[[str, str], argparse.ArgumentParser]
Bar = Callable[[str, str, int, float], None]
MOST_SHOWN = 20


def add_commands(command: Command) -> None:
    """Add the commands to the parser."""
    protect = command(
        "protect",
        "migstat protect build/stock.parquet --policy THRESHOLD_5 --into publish/\n"
        "migstat protect by_sex.csv by_age.csv --policy office.yaml --into publish/ --why why.csv\n"
        "migstat protect stock_2021.csv --policy THRESHOLD_5 --published publish/stock_2020.csv --into publish/",
    )
    protect.add_argument("tables", metavar="TABLE", nargs="+", help="tables that tabulate wrote, published together")
    protect.add_argument("--policy", metavar="P", required=True, help="a policy file, or one that ships: THRESHOLD_5")
    protect.add_argument("--into", metavar="FOLDER", required=True, help="where the protected tables go")
    protect.add_argument(
        "--published", metavar="TABLE", action="append", default=[], help="a table as published before; may be repeated"
    )
    protect.add_argument(
        "--records", metavar="RECORDS", help="for cell keys: the records that the tables were made of, with their keys"
    )
    protect.add_argument("--why", metavar="FILE", help="write why each cell is as it is (CSV), for the office alone")

    audit = command(
        "audit",
        "migstat audit publish/stock.parquet\n"
        "migstat audit publish/by_sex.csv publish/by_age.csv --inner by_sex.csv --inner by_age.csv",
    )
    audit.add_argument("tables", metavar="TABLE", nargs="+", help="tables as published, suppressed cells empty")
    audit.add_argument(
        "--inner",
        metavar="FILE",
        action="append",
        default=[],
        help="the same tables before protection; may be repeated",
    )
    audit.add_argument("--width", metavar="PERCENT", type=float, default=50.0, help="narrower ranges are weak (50)")
    audit.add_argument("--dims", metavar="ID[,ID]", default="", help="for a plain CSV: its dimensions")
    audit.add_argument("--value", metavar="ID", default="OBS_VALUE", help="for a plain CSV: its value")
    audit.add_argument("--total", metavar="CODE", default="_T", help="for a plain CSV: what totals are called")
    audit.add_argument("--seconds", metavar="N", type=float, default=600.0, help="how long to look for ranges (600)")


def protect(options: argparse.Namespace) -> int:
    """Protect tables."""
    folder = Path(options.into)
    names = [Path(table).name for table in options.tables]
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        raise misuse(f"two tables are called {twice[0]}", "give them names of their own", place="protect")
    for table in options.tables:
        if (folder / Path(table).name).resolve() == Path(table).resolve():
            mend = "name another folder with --into"
            raise misuse("would be written over by its protected form", mend, place=Path(table).name)
    if options.records and not Path(options.records).is_file():
        mend = "name a Parquet file that harmonize wrote"
        raise misuse("there is no such file", mend, place=Path(options.records).name)
    if options.why and not options.why.endswith((".csv", ".parquet")):
        what = f"the ending of {Path(options.why).name} is not known"
        raise misuse(what, "let the name end with .csv or .parquet", place="protect --why")
    if options.why and folder.resolve() in Path(options.why).resolve().parents:
        mend = "it is for the office alone: write it to another folder"
        raise misuse(f"would stand among what is published, in {folder.name}", mend, place=Path(options.why).name)
    with show.bars(options) as bar:
        run = api.protect(
            options.tables,
            policy=options.policy,
            published=options.published or None,
            records=options.records,
            progress=_of(bar, options),
        )
    if options.why:
        api.write_frame(run.why, options.why)
    for table, name in zip(run.tables, names, strict=True):
        api.write_table(table, folder / name)
    if options.json:
        show.line({"into": options.into, **api.protection_facts(run)})
        return 0
    if run.policy.kind == "suppress":
        head = ["table", "cells", "at risk", "with them", "value lost, %"]
    else:
        head = ["table", "cells", "changed", "by, on average", "by at most"]
    rows = [
        (names[place], *(f"{one:.1f}" if isinstance(one, float) else one for one in rest))
        for place, *rest in run.losses.rows()
    ]
    show.table(head, rows, options, numbers=(1, 2, 3, 4))
    if run.audit is not None:
        show.say(_told(run.audit), options)
    show.say(f"\nprotected by {run.policy.id} {run.policy.version}; written: {folder}", options)
    return 0


def audit(options: argparse.Namespace) -> int:
    """Audit published tables."""
    with show.bars(options) as bar:
        found = api.audit(
            options.tables,
            inner=options.inner or None,
            dimensions=[part.strip() for part in options.dims.split(",") if part.strip()],
            value=options.value,
            total=options.total,
            width=options.width,
            seconds=options.seconds,
            progress=_of(bar, options),
        )
    if options.json:
        show.line(
            {
                "cells": found.cells,
                "suppressed": found.suppressed,
                "disclosed": found.disclosed.to_dicts(),
                "weak": found.weak.height,
                "complete": found.complete,
                "notes": list(found.notes),
            }
        )
        return int(not found.safe)
    show.say(_told(found), options)
    if not found.safe:
        dimensions = [name for name in found.disclosed.columns if found.disclosed[name].n_unique() > 1]
        rows = [tuple(str(row[name]) for name in dimensions) for row in found.disclosed.head(MOST_SHOWN).to_dicts()]
        show.table(dimensions or ["cell"], rows, options)
    return int(not found.safe)


def _of(bar: Bar | None, options: argparse.Namespace) -> Callable[[str, float], None] | None:
    """Return what draws the time that is spent, of the time that it may take."""
    if bar is None:
        return None
    what = Path(options.tables[0]).name if len(options.tables) == 1 else how_many(len(options.tables), "table")
    return lambda step, share: bar(step, f"{step} {what}: of the time it may take", 0, share)


def _told(audit: Audit) -> str:
    counts = f"{audit.suppressed:,} of {how_many(audit.cells, 'cell')} suppressed"
    told = f"audit: {counts}, {audit.disclosed.height:,} disclosed, {audit.weak.height:,} weak"
    return "\n".join([told, *audit.notes])

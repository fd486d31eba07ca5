"""The commands on crossings: who is a resident, who moved, and how many."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from migstat import api
from migstat.cli import show
from migstat.words.finding import Severity
from migstat.words.resided import Resided

FAULTS = {"sequence", "direction-again", "direction", "date", "person", "malformed"}
"""The findings that set crossings aside, which the caller may allow."""

Command = Callable[[str, str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands to the parser."""
    reside = command(
        "reside",
        "judge by border crossings who is a resident and who moved",
        "migstat reside crossings.parquet --rule 12/16 --until 2023-12-31 --into build/\n"
        "migstat reside crossings.csv.gz --rule 12/16 --statuses residents.csv --into build/\n"
        'migstat reside crossings.parquet --rule "12/16 months" --until open --into build/',
    )
    reside.set_defaults(module="residing")
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

"""The command on structure maps: write a mapping as one, check one, run one."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from migstat import api
from migstat.cli import show
from migstat.cli.commands import _mapping as mapping_file
from migstat.words.finding import Severity, misuse
from migstat.words.how_many import how_many
from migstat.words.run import REJECTS
from migstat.write.run import run_json

Command = Callable[[str, str], argparse.ArgumentParser]
ENDINGS = {"ml30": "xml", "json20": "json"}


def add_commands(command: Command) -> None:
    """Add the command to the parser."""
    made = command(
        "map",
        "migstat map my_census/mapping.yaml --format ml30 --into my_census.map.xml\n"
        "migstat map check registry.map.xml --structure target.xml\n"
        "migstat map run registry.map.xml cells.csv --into build/ --weight OBS_VALUE --trace build/trace.parquet",
    )
    made.add_argument("words", metavar="MAPPING | check MAP | run MAP DATA", nargs="+", help="what to write, or to run")
    made.add_argument("--format", choices=list(ENDINGS), default="ml30", help="SDMX-ML 3.0 or SDMX-JSON 2.0 (ml30)")
    made.add_argument("--into", metavar="FILE|FOLDER", help="the file to write; for run, the folder (default: build)")
    made.add_argument("--agency", metavar="ID", default="MIGSTAT", help="who maintains the map (default: MIGSTAT)")
    made.add_argument("--no-notes", action="store_true", help="leave out annotations, for readers that take none")
    made.add_argument("--structure", metavar="ID|FILE", help="the target structure, where the map's own is not at hand")
    made.add_argument("--weight", metavar="COLUMN", default="", help="the column that weighs rows, such as OBS_VALUE")
    made.add_argument("--key", metavar="ID[,ID]", help="the columns that name a row")
    made.add_argument("--wave", metavar="ID", help="which round of a repeated source this is")
    made.add_argument("--trace", metavar="FILE", help="write from each row by which line to which value (Parquet)")
    made.add_argument("--allow-rejects", action="store_true", help="exit with 0 although rows were rejected")


def map(options: argparse.Namespace) -> int:
    """Write, check or run a structure map."""
    match options.words:
        case ["run", map, data]:
            return _run(options, map, data)
        case ["check", map]:
            return _check(options, map)
        case [mapping] if mapping not in {"run", "check"}:
            return _write(options, mapping)
    raise misuse(
        f"map {' '.join(options.words)}: the words do not go together",
        "write migstat map MAPPING, migstat map check MAP, or migstat map run MAP DATA",
    )


def _write(options: argparse.Namespace, mapping: str) -> int:
    read = api.read_mapping(mapping_file(mapping))
    into = options.into or f"{read.id}.map.{ENDINGS[options.format]}"
    unsaid = api.write_structure_map(read, into, options.format, agency=options.agency, notes=not options.no_notes)
    show.findings(unsaid, json=options.json, **({"into": into} if options.json else {}))
    kept = "left out" if options.no_notes else "kept in notes"
    more = (
        f"; {how_many(len(unsaid), 'thing that SDMX has no words for is', 'things that SDMX has no words for are')} "
        f"{kept}"
        if unsaid
        else ""
    )
    show.say(f"{into} written{more}", options)
    return 0


def _check(options: argparse.Namespace, map: str) -> int:
    mapping, found = api.map_as_mapping(
        map, structure=options.structure, weight=options.weight, key=_listed(options.key)
    )
    show.findings(found, json=options.json)
    bad = any(one.severity == Severity.ERROR for one in found)
    if not bad:
        show.say(
            f"{mapping.id} {mapping.version}: {how_many(len(mapping.targets), 'component')} of {mapping.into}", options
        )
    return int(bad)


def _run(options: argparse.Namespace, map: str, data: str) -> int:
    into = options.into or "build"
    show.parquet_only(options.trace, data)
    with show.progress(f"map {Path(data).name}", options) as progress:
        run = api.run_map(
            data,
            map,
            structure=options.structure,
            weight=options.weight,
            key=_listed(options.key),
            wave=options.wave,
            into=into,
            trace=options.trace,
            progress=progress,
        )
    if options.json:
        show.line(json.loads(run_json(run)))
    else:
        show.findings(run.findings, json=False)
        show.steps(run.steps, options)
        show.say(f"\nwritten: {Path(into) / run.name}.*", options)
    errors = [one for one in run.findings if one.severity == Severity.ERROR]
    if options.allow_rejects:
        errors = [one for one in errors if one.rule not in REJECTS]
    return int(bool(errors))


def _listed(text: str | None) -> list[str]:
    return [one.strip() for one in (text or "").split(",") if one.strip()]

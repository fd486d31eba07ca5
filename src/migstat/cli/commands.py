"""The commands: each calls one verb and returns the exit code."""

import argparse
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from migstat import api
from migstat.api.ceiling import prepare
from migstat.cli import show
from migstat.cli.companion import companions_of
from migstat.cli.engine import engine_of
from migstat.cli.structures import named_codelist, write_codes
from migstat.read.packs.found import pack_mapping
from migstat.words.address import is_address, told
from migstat.words.finding import MigstatError, Misuse, Severity, misuse
from migstat.words.run import REJECTS, Harmonized
from migstat.write.run import run_json

Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands to the parser."""
    codes = command(
        "codes",
        "migstat codes\nmigstat codes CL_SEX --language fr\nmigstat codes CL_COUNTRY_BIRTH --search moldavia\n"
        "migstat codes CL_AREA --format json20 --into CL_AREA.json\n"
        "migstat codes --map ESTAT_GEO\n"
        "migstat codes diff old/CL_SEX.csv new/CL_SEX.xml --mapping my_census/mapping.yaml",
    )
    codes.add_argument(
        "words", nargs="*", metavar="CODELIST | diff OLD NEW", help="such as CL_SEX, or a file; none lists all"
    )
    codes.add_argument("--map", metavar="ID", help="others' codes with ours, such as ESTAT_GEO; 'all' lists the maps")
    codes.add_argument(
        "--mapping", metavar="FILE", action="append", default=[], help="for diff: a mapping to look at; may be repeated"
    )
    codes.add_argument("--language", default="en", choices=["en", "fr", "es", "ar", "ru", "zh"], help="default: en")
    codes.add_argument("--search", metavar="TEXT", help="the codes nearest to a code or name")
    codes.add_argument("--id", default="", metavar="ID", help="which codelist of a file that holds several")
    codes.add_argument("--format", choices=["ml21", "ml30", "json20", "csv"], help="write it as SDMX or CSV")
    codes.add_argument("--into", metavar="FILE", help="the file to write; none prints it")

    check = command(
        "check",
        "migstat check my_census/mapping.yaml\nmigstat check my_census/mapping.yaml --explain",
    )
    check.add_argument("mapping", metavar="MAPPING", help="a mapping file, its folder, or the id of a pack")
    check.add_argument("--explain", action="store_true", help="tell the mapping in plain sentences")

    harmonize = command(
        "harmonize",
        "migstat harmonize my_census/mapping.yaml persons.csv.gz --into build/\n"
        "migstat harmonize can_cchs/mapping.yaml cchs.csv --wave cchs2001_p --into build/\n"
        "migstat harmonize my_census/mapping.yaml persons.csv --companion households=households.csv --into build/\n"
        "migstat harmonize register/mapping.yaml postgresql://server/register?table=persons --into build/\n"
        "migstat harmonize KEN_CENSUS_2019 hdfs:///census/persons --engine spark --into hdfs:///census/build",
    )
    harmonize.add_argument("mapping", metavar="MAPPING", help="a mapping file, its folder, or the id of a pack")
    harmonize.add_argument("extract", metavar="EXTRACT", help="a file, a folder, or the address of a database")
    harmonize.add_argument("--into", metavar="FOLDER", default="build", help="where the files go (default: build)")
    harmonize.add_argument("--wave", metavar="ID", help="which round of a repeated source this is")
    companions_of(harmonize)
    harmonize.add_argument("--memory", metavar="SIZE", help="the most that it may take, such as 4G")
    harmonize.add_argument("--allow-rejects", action="store_true", help="exit with 0 although rows were rejected")
    engine_of(harmonize)

    demo = command("demo", "migstat demo --into build/")
    demo.add_argument("--into", metavar="FOLDER", default="build", help="where the files go (default: build)")


def codes(options: argparse.Namespace) -> int:
    """List the codelists, or the codes of one; write them in another format; compare two; or show others' codes."""
    if options.words[:1] == ["diff"] or options.map:
        return import_module("migstat.cli.codes").codes(options)  # type: ignore[no-any-return]
    if len(options.words) > 1:
        said = " ".join(options.words)
        raise misuse(f"codes {said}: more than one codelist", "name one, or write migstat codes diff OLD NEW")
    options.codelist = options.words[0] if options.words else None
    if options.format:
        return write_codes(options)
    if options.into:
        raise misuse("--into says where, and nothing says in which format", "add --format ml30, ml21, json20 or csv")
    if options.codelist is None and options.search:
        raise misuse(
            "--search looks through one codelist, and none is named", f"migstat codes CL_AREA --search {options.search}"
        )
    if options.codelist is None:
        lists = [api.codelist(id) for id in api.codelist_ids()]
        if options.json:
            show.line([{"id": one.id, "codes": len(one), "name": one.names[options.language]} for one in lists])
        else:
            rows = [(one.id, len(one), one.names[options.language], one.standing) for one in lists]
            show.table(["codelist", "codes", "name", "standing"], rows, options, numbers=(1,))
        return 0
    try:
        found = named_codelist(options)
    except MigstatError as error:
        raise Misuse(error.findings) from None
    ids = found.nearest(options.search, 10) if options.search else found.ids
    listed = [found[id] for id in ids]
    if options.json:
        show.line([{"id": code.id, "parent": code.parent, "names": dict(code.names)} for code in listed])
        return 0
    if not listed:
        show.say(f"nothing in {found.id} is like '{options.search}'", options)
        return 0
    named = [(code.id, found.label(code.id, options.language), code.parent) for code in listed]
    show.table(["code", "name", "parent"], named, options)
    name = found.names.get(options.language) or found.id
    show.say(f"\n{name} ({found.agency}:{found.id}, {found.standing}). {found.source}", options)
    return 0


def check(options: argparse.Namespace) -> int:
    """Check a mapping without data."""
    path = _mapping(options.mapping)
    mapping = api.read_mapping(path)
    text = api.explain(mapping) if options.explain else ""
    if text:
        show.say(text, options)
    found = api.check(mapping)
    show.findings(found, json=options.json, **({"text": text} if text else {}))
    bad = any(finding.severity == Severity.ERROR for finding in found)
    if not bad and not options.explain:
        examples = f", {len(mapping.examples)} examples hold" if mapping.examples else ", no examples yet"
        show.say(f"{mapping.id} {mapping.version}: {len(mapping.targets)} rules into {mapping.into}{examples}", options)
    return int(bad)


def harmonize(options: argparse.Namespace) -> int:
    """Turn an extract into records."""
    prepare(options.memory)
    with show.progress(f"harmonize {told(options.extract)}", options) as progress:
        run = api.harmonize(
            options.extract,
            _mapping(options.mapping),
            into=options.into,
            wave=options.wave,
            engine=options.engine,
            progress=progress,
            memory=options.memory,
            companions=show.named(options.companion, "companion"),
        )
    api.write_report(run, f"{options.into.rstrip('/')}/{run.name}.html")
    return _shown(run, options)


def _shown(run: Harmonized, options: argparse.Namespace) -> int:
    if options.json:
        show.line(json.loads(run_json(run)))
    else:
        show.findings(run.findings, json=False)
        show.steps(run.steps, options)
        unused = len(run.coverage.unused)
        met = f"{unused} {'line' if unused == 1 else 'lines'} of the mapping met no row; " if unused else ""
        into = options.into if is_address(options.into) else Path(options.into).as_posix()
        show.say(f"\n{met}written: {into}/{run.name}.*", options)
    errors = [finding for finding in run.findings if finding.severity == Severity.ERROR]
    if options.allow_rejects:
        errors = [finding for finding in errors if finding.rule not in REJECTS]
    return int(bool(errors))


def demo(options: argparse.Namespace) -> int:
    """Run the bundled examples."""
    for step in api.demo(Path(options.into)):
        show.say(step, options)
    return 0


def _mapping(text: str) -> Path:
    """Find a mapping: a file, a folder that holds one, or the id of a pack; a path goes before an id."""
    path = Path(text)
    if ambiguous := api.shadowed(text):
        show.findings([ambiguous], json=False)
    if (path / "mapping.yaml").is_file():
        return path / "mapping.yaml"
    if not path.exists() and (known := pack_mapping(text)) is not None:
        return known
    if path.is_dir():
        found = ", ".join(sorted(one.name for one in path.glob("*.yaml"))) or "none"
        raise misuse("the folder has no mapping.yaml", f"name the mapping file; YAML files there: {found}", place=text)
    if not path.exists():
        raise misuse(
            "there is no such mapping", "name a mapping file, its folder, or a pack: migstat pack list", place=text
        )
    return path

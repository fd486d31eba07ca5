"""The command on packs: list them, begin one, make its extract, and test it."""

import argparse
from collections.abc import Callable
from typing import Any

from migstat import api
from migstat.cli import show
from migstat.words.confidence import CONFIDENCES
from migstat.words.how_many import how_many
from migstat.words.pack import Pack

Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the command to the parser."""
    made = command(
        "pack",
        "migstat pack list\n"
        "migstat pack new KEN_CENSUS_2029 --into packs/ --kind census --area KEN\n"
        "migstat pack extract packs/ken_census_2029 --rows 500 --seed 7\n"
        "migstat pack test packs/ken_census_2029 --junit pack.xml\n"
        "migstat pack test packs/ken_census_2029 --update",
    )
    actions = made.add_subparsers(dest="action", metavar="ACTION", required=True, help="each has its own --help")

    def action(name: str, what: str, example: str) -> argparse.ArgumentParser:
        told = f"{what[0].upper()}{what[1:]}."
        examples = "examples:\n" + "\n".join(f"  {line}" for line in example.splitlines())
        one: argparse.ArgumentParser = actions.add_parser(
            name, help=what, description=told, epilog=examples, formatter_class=made.formatter_class
        )
        for flag, says in (("--quiet", "say nothing but findings"), ("--json", "print the result as JSON")):
            one.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=says)
        return one

    listed = action(
        "list",
        "list the packs that are found, with how sure their lines and rules are",
        "migstat pack list\nmigstat pack list packs/",
    )
    listed.add_argument("folder", metavar="FOLDER", nargs="?", help="a folder of packs (default: all that are found)")
    new = action(
        "new",
        "begin a pack: a folder in which all that an office must decide is TODO",
        "migstat pack new KEN_CENSUS_2029 --into packs/ --kind census --area KEN",
    )
    new.add_argument("id", metavar="ID", help="what the pack is called, such as KEN_CENSUS_2029")
    new.add_argument("--into", metavar="FOLDER", help="where the pack goes (default: here)")
    new.add_argument("--kind", choices=["census", "survey", "administrative"], default="", help="of the source")
    new.add_argument("--area", metavar="CODE", default="", help="the country, such as KEN")
    new.add_argument("--structure", metavar="ID", default="", help="the records to fill, such as CENSUS_PERSON")
    extract = action(
        "extract",
        "make the invented extracts of a pack, as its generate.csv says; no record is a real one",
        "migstat pack extract packs/ken_census_2029 --rows 500 --seed 7",
    )
    extract.add_argument("pack", metavar="PACK", help="its folder, or its id")
    extract.add_argument("--rows", metavar="N", type=int, help="how many (default: as golden/cases.csv says)")
    extract.add_argument("--seed", metavar="S", help="another seed, other rows")
    extract.add_argument("--into", metavar="FOLDER", help="where the files go (default: its folder extract)")
    test = action(
        "test",
        "test a pack as its CI does: mapping, examples, extract, results, README; none of its code is run",
        "migstat pack test packs/ken_census_2029 --junit pack.xml\nmigstat pack test packs/ken_census_2029 --update",
    )
    test.add_argument("pack", metavar="PACK", help="its folder, or its id")
    test.add_argument("--update", action="store_true", help="write extract and golden files anew")
    test.add_argument("--junit", metavar="FILE", help="write the result as JUnit XML, for pipelines")


def pack(options: argparse.Namespace) -> int:
    """List packs, begin one, make its extract, or test it."""
    match options.action:
        case "list":
            if not options.json and not options.folder:
                show.findings(api.without_packs(), json=False)
            return _list(api.packs(options.folder) if options.folder else api.packs(), options)
        case "new":
            return _new(options)
        case "extract":
            folder = api.pack(options.pack).folder
            files = api.make_extract(folder, rows=options.rows, seed=options.seed, into=options.into)
            for file in files:
                show.say(f"{file} written; every record is invented", options)
            if options.json:
                show.line([str(file) for file in files])
            return 0
        case _:
            return _test(options, options.pack)


def _list(found: tuple[Pack, ...], options: argparse.Namespace) -> int:
    if options.json:
        show.line([_facts(one) for one in found])
        return 0
    rows = [(one.id, one.name, one.kind, one.area, one.period, _sure(one), one.origin) for one in found]
    show.table(["pack", "name", "kind", "area", "years", "lines and rules", "found"], rows, options)
    return 0


def _facts(one: Pack) -> dict[str, Any]:
    names = ("id", "name", "kind", "area", "period", "into", "mappings", "claims", "origin")
    return {name: getattr(one, name) for name in names} | {"folder": str(one.folder), "ok": not one.findings}


def _sure(one: Pack) -> str:
    """Return in a few words how sure the lines and rules of a pack are."""
    if one.findings:
        return f"cannot be read: {how_many(len(one.findings), 'finding')}, see migstat check"
    said = [f"{one.claims[sure]:,} {sure.partition(',')[0]}" for sure in CONFIDENCES if one.claims.get(sure)]
    return ", ".join([*said, *([f"{one.claims['']:,} not said"] if one.claims.get("") else [])])


def _new(options: argparse.Namespace) -> int:
    folder = api.new_pack(
        options.id, into=options.into or ".", kind=options.kind, area=options.area, structure=options.structure
    )
    if options.json:
        show.line({"folder": str(folder)})
    show.say(f"{folder} written: decide what is TODO there, then\n  migstat check {folder}", options)
    show.say(f"  migstat pack test {folder} --update\n  migstat pack test {folder}", options)
    return 0


def _test(options: argparse.Namespace, named: str) -> int:
    test = api.check_pack(named if "/" in named else api.pack(named).folder, update=options.update, junit=options.junit)
    checks = [{"name": check.name, "ok": check.ok} for check in test.checks]
    show.findings(test.findings, json=options.json, **({"checks": checks} if options.json else {}))
    failed = [check.name for check in test.checks if not check.ok]
    said = (
        f"{len(failed)} of {how_many(len(test.checks), 'check')} "
        f"{'fails' if len(failed) == 1 else 'fail'}: {', '.join(failed)}"
        if failed
        else "all hold"
    )
    show.say(
        f"{test.id}: {how_many(len(test.checks), 'check')}, {said}" if not failed else f"{test.id}: {said}", options
    )
    return int(not test.ok)

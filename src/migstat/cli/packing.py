"""The command on packs: list them, begin one, make its extract, and test it."""

import argparse
from collections.abc import Callable
from typing import Any

from migstat import api
from migstat.cli import show
from migstat.words.confidence import CONFIDENCES
from migstat.words.finding import misuse
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
    made.add_argument(
        "words", metavar="list [FOLDER] | new ID | extract PACK | test PACK", nargs="+", help="what to do"
    )
    made.add_argument("--into", metavar="FOLDER", help="new: where the pack goes (default: here); extract: its files")
    made.add_argument("--kind", choices=["census", "survey", "administrative"], default="", help="new: of the source")
    made.add_argument("--area", metavar="CODE", default="", help="new: the country, such as KEN")
    made.add_argument("--structure", metavar="ID", default="", help="new: the records to fill, such as CENSUS_PERSON")
    made.add_argument("--rows", metavar="N", type=int, help="extract: how many (default: as golden/cases.csv says)")
    made.add_argument("--seed", metavar="S", help="extract: another seed, other rows")
    made.add_argument("--update", action="store_true", help="test: write extract and golden files anew")
    made.add_argument("--junit", metavar="FILE", help="test: write the result as JUnit XML, for pipelines")


def pack(options: argparse.Namespace) -> int:
    """List packs, begin one, make its extract, or test it."""
    match options.words:
        case ["list"]:
            if not options.json:
                show.findings(api.without_packs(), json=False)
            return _list(api.packs(), options)
        case ["list", folder]:
            return _list(api.packs(folder), options)
        case ["new", id]:
            return _new(options, id)
        case ["extract", named]:
            files = api.make_extract(api.pack(named).folder, rows=options.rows, seed=options.seed, into=options.into)
            for file in files:
                show.say(f"{file} written; every record is invented", options)
            if options.json:
                show.line([str(file) for file in files])
            return 0
        case ["test", named]:
            return _test(options, named)
    raise misuse(
        f"pack {' '.join(options.words)}: the words do not go together",
        "write migstat pack list, pack new ID, pack extract PACK, or pack test PACK",
    )


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
        return f"cannot be read: {len(one.findings)} findings, see migstat check"
    said = [f"{one.claims[sure]:,} {sure.partition(',')[0]}" for sure in CONFIDENCES if one.claims.get(sure)]
    return ", ".join([*said, *([f"{one.claims['']:,} not said"] if one.claims.get("") else [])])


def _new(options: argparse.Namespace, id: str) -> int:
    folder = api.new_pack(
        id, into=options.into or ".", kind=options.kind, area=options.area, structure=options.structure
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
    said = f"{len(failed)} of {len(test.checks)} checks fail: {', '.join(failed)}" if failed else "all hold"
    show.say(f"{test.id}: {len(test.checks)} checks, {said}" if not failed else f"{test.id}: {said}", options)
    return int(not test.ok)

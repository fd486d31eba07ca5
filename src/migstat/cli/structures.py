"""The commands on structures: list them, and write them and their codelists for registries."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from migstat import api
from migstat.cli import show
from migstat.words.codelist import Codelist
from migstat.words.finding import misuse

Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands to the parser."""
    dsd = command(
        "dsd",
        "migstat dsd\nmigstat dsd MIGRANT_STOCK\n"
        "migstat dsd MIGRANT_STOCK --format ml30 --into stock.xml\n"
        "migstat dsd office/dsd.xml --format json20 --alone\n"
        "migstat dsd MIGRANT_STOCK --xsd 21 --into stock.xsd\n"
        "migstat dsd --format ml30 --into everything.xml",
    )
    dsd.add_argument("structure", nargs="?", metavar="ID|FILE", help="a structure, or a file or folder with one")
    dsd.add_argument("--id", default="", metavar="ID", help="which structure of a file that holds several")
    dsd.add_argument("--format", choices=["ml21", "ml30", "json20"], help="SDMX-ML 2.1 or 3.0, or SDMX-JSON 2.0")
    dsd.add_argument("--into", metavar="FILE", help="the file to write; none prints it")
    extent = dsd.add_mutually_exclusive_group()
    extent.add_argument("--alone", action="store_true", help="without codelists and concepts")
    extent.add_argument("--with-codelists", action="store_true", help="with all that it refers to (the default)")
    dsd.add_argument("--xsd", nargs="?", const="21", choices=["21", "30"], help="write the XML schema of its data")
    dsd.add_argument("--lay", default="flat", choices=["flat", "series"], help="of the data that the schema is for")
    dsd.add_argument("--official", default="", metavar="FOLDER", help="where the official schemas lie (beside it)")
    dsd.add_argument("--language", default="en", choices=["en", "fr", "es", "ar", "ru", "zh"], help="of the names")


def dsd(options: argparse.Namespace) -> int:
    """List the structures, show one, or write it."""
    if options.structure is None and options.xsd:
        raise misuse("--xsd is for one structure, and none is named", "migstat dsd MIGRANT_STOCK --xsd 21")
    found = _structure(options.structure, options.id) if options.structure is not None else None
    if options.xsd:
        version: Any = f"{options.xsd[0]}.{options.xsd[1]}"
        assert found is not None
        if options.format:
            raise misuse("--xsd and --format are two results", "run the command once for each", place="migstat dsd")
        made = api.data_schema(found, version=version, lay=options.lay, official=options.official)
        return put(made, options)
    if options.format:
        return put(api.structure_bytes(found, options.format, alone=options.alone), options)
    if options.into:
        raise misuse("--into says where, and nothing says what", "add --format ml30, ml21 or json20, or --xsd")
    if found is None:
        return _list(options)
    named = [
        {"id": one.id, "role": one.role, "values": one.codelist or one.format or one.type, "required": one.required,
         "level": one.level if one.role == "attribute" else "",
         "name": one.names.get(options.language) or one.names.get("en") or one.id}
        for one in found.components
    ]  # fmt: skip
    if options.json:
        head = {"id": found.id, "agency": found.agency, "version": found.version, "kind": found.kind}
        show.line({**head, "key": list(found.key), "components": named})
        return 0
    rows = [(one["id"], one["role"], one["values"], "yes" if one["required"] else "", one["level"], one["name"])
            for one in named]  # fmt: skip
    show.table(["component", "role", "values", "required", "level", "name"], rows, options)
    name = found.names.get(options.language) or found.names.get("en") or found.id
    show.say(f"\n{name} ({found.agency}:{found.id}({found.version})). {found.description}", options)
    return 0


def put(made: bytes, options: argparse.Namespace) -> int:
    """Write what was made into the file, or print it."""
    if options.into:
        from migstat.write.atomic import write_bytes

        write_bytes(options.into, made)
        if options.json:
            show.line({"ok": True, "written": options.into, "bytes": len(made)})
        show.say(f"written: {options.into}", options)
    else:
        sys.stdout.write(made.decode())
    return 0


def write_codes(options: argparse.Namespace) -> int:
    """Write a codelist, or all of them with all that ships, in the format that is asked for."""
    found = None if options.codelist is None else named_codelist(options)
    if options.format == "csv" and found is not None and options.into:
        api.write_structure(found, options.into, "csv")
        if options.json:
            show.line({"ok": True, "written": options.into})
        show.say(f"written: {options.into} and {Path(options.into).with_suffix('.toml').name}", options)
        return 0
    return put(api.structure_bytes(found, options.format), options)


def named_codelist(options: argparse.Namespace) -> Codelist:
    """Return the codelist that is named, or the one in a file."""
    if options.id:
        return api.read_codelist(options.codelist, options.id)
    return api.codelist(options.codelist)


def _structure(name: str, id: str) -> Any:
    return api.read_structure(name, id) if id else api.structure(name)


def _list(options: argparse.Namespace) -> int:
    found = [api.structure(id) for id in api.structure_ids()]
    if options.json:
        show.line([{"id": one.id, "kind": one.kind, "components": len(one.components)} for one in found])
        return 0
    rows = [(one.id, one.kind, len(one.components), one.names[options.language]) for one in found]
    show.table(["structure", "kind", "components", "name"], rows, options, numbers=(2,))
    return 0

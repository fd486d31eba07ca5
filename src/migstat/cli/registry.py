"""The commands on registries: fetch an artefact, and submit one."""

import argparse
from collections.abc import Callable

from migstat import api
from migstat.cli import show
from migstat.words.finding import misuse
from migstat.words.how_many import how_many

Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands to the parser."""
    fetch = command(
        "fetch",
        "migstat fetch ESTAT CL_GEO\nmigstat fetch SGR3 CL_FREQ --agency SDMX --version 2.1 --into structures/\n"
        "migstat fetch https://registry.example.org/sdmx/v2 SM_STOCK --agency EX\n"
        "migstat fetch ESTAT CL_GEO --offline\nmigstat fetch",
    )
    fetch.add_argument("source", metavar="REGISTRY", nargs="?", help="such as ESTAT, or an address; none lists them")
    fetch.add_argument("id", metavar="ID", nargs="?", help="such as CL_GEO")
    fetch.add_argument("--kind", metavar="KIND", help="codelist, datastructure, structuremap ... (default: by the id)")
    fetch.add_argument("--agency", metavar="ID", help="who maintains it (default: the registry's own agency)")
    fetch.add_argument("--version", dest="of_version", metavar="N.N", default="latest", help="default: latest")
    fetch.add_argument("--references", metavar="WHICH", help="none, children, descendants, all (default: by the kind)")
    fetch.add_argument("--rest", choices=["1", "2"], help="the registry's interface: 1 is SDMX 2.1, 2 is SDMX 3.0")
    fetch.add_argument("--into", metavar="FOLDER", help="a folder for a copy")
    fetch.add_argument("--offline", action="store_true", help="take it from the cache, without any network")
    fetch.add_argument("--timeout", metavar="SECONDS", type=float, default=30.0, help="for each answer (30)")

    submit = command(
        "submit",
        "migstat submit https://registry.example.org/ws/secure/sdmxapi/rest my_census.map.xml",
    )
    submit.add_argument("url", metavar="URL", help="the address that takes structures")
    submit.add_argument("file", metavar="FILE", help="SDMX-ML or SDMX-JSON")
    submit.add_argument("--method", choices=["POST", "PUT"], default="POST", help="default: POST")


def fetch(options: argparse.Namespace) -> int:
    """Fetch an artefact, or list the registries."""
    if options.source is None:
        ids = api.registry.registry_ids()
        show.line(list(ids)) if options.json else show.say("\n".join(ids), options)
        return 0
    if options.id is None:
        raise misuse(f"fetch {options.source}: nothing is asked for", f"migstat fetch {options.source} CL_GEO")
    found = api.registry.fetch(
        options.source,
        options.id,
        kind=options.kind,
        agency=options.agency,
        version=options.of_version,
        references=options.references,
        rest=options.rest,
        into=options.into,
        offline=options.offline,
        timeout=options.timeout,
    )
    facts = dict(found.facts)
    if options.json:
        show.line({**facts, "path": str(found.path)})
        return 0
    show.say(f"{facts['kind']} {facts['agency']}:{facts['id']}({facts['version']})", options)
    show.say(f"from {facts['address']}\non {facts['retrieved']}, {how_many(facts['bytes'], 'byte')}", options)
    show.say(f"sha256 {facts['sha256']}\nin {found.path}", options)
    return 0


def submit(options: argparse.Namespace) -> int:
    """Send a structure message."""
    told = api.registry.submit(options.url, options.file, method=options.method)
    if options.json:
        show.line(told)
    show.say(f"{options.file} taken by {options.url} ({told['status']})", options)
    return 0

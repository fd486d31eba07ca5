"""The commands on persons: keys of pseudonyms, linking, permits, signs of life."""

import argparse
from collections.abc import Callable
from pathlib import Path

from migstat import api
from migstat.cli import show
from migstat.words.finding import misuse

Command = Callable[[str, str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands to the parser."""
    keys = command(
        "pseudonym",
        "make a key of pseudonyms, tell its fingerprint, or put a file under a new key",
        "migstat pseudonym key --into persons.key\n"
        "migstat pseudonym id --key MIGSTAT_KEY\n"
        "migstat pseudonym rotate build/X.records.parquet --old KEY_2024 --new KEY_2026 --into build/X.2026.parquet",
    )
    keys.set_defaults(module="persons")
    keys.add_argument("what", metavar="key|id|rotate", choices=["key", "id", "rotate"], help="what to do")
    keys.add_argument("file", metavar="FILE", nargs="?", help="rotate: a Parquet file of records with pseudonyms")
    keys.add_argument("--into", metavar="FILE", help="key, rotate: the file to write")
    keys.add_argument("--key", metavar="NAME", default="MIGSTAT_KEY", help="id: the environment variable of the key")
    keys.add_argument("--old", metavar="NAME", help="rotate: the environment variable of the old key")
    keys.add_argument("--new", metavar="NAME", help="rotate: the environment variable of the new key")


def pseudonym(options: argparse.Namespace) -> int:
    """Make a key, tell its fingerprint, or put a file under a new key."""
    needs = {"key": ("into",), "id": (), "rotate": ("file", "old", "new", "into")}[options.what]
    for name in needs:
        if not getattr(options, name):
            said = "a file" if name == "file" else f"--{name}"
            mend = "see migstat pseudonym --help"
            raise misuse(f"pseudonym {options.what} needs {said}", mend, place="migstat pseudonym")
    if options.what == "key":
        api.make_key(options.into)
        show.say(f"a new key: {options.into}; keep it apart from the data, and a copy in a safe place", options)
    elif options.what == "id":
        if options.json:
            show.line({"key": options.key, "id": api.key_fingerprint(options.key)})
        else:
            show.say(api.key_fingerprint(options.key), options)
    else:
        facts = api.rotate(Path(options.file), options.into, old=options.old, new=options.new)
        if options.json:
            show.line({"into": options.into, "pseudonyms": facts["pseudonyms"]})
        else:
            show.say(f"{', '.join(facts['pseudonyms'])} under the new key: {options.into}", options)
    return 0

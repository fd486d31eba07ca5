"""The command line: reads the words of a command, calls one verb, shows what came of it."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

from migstat import __version__
from migstat.cli import (
    anonymizing,
    codebooks,
    combining,
    drafting,
    estimating,
    exchanging,
    mapping,
    names,
    packing,
    persons,
    protecting,
    registry,
    residing,
    structures,
    tabulating,
    validating,
)

ABOUT = """\
migstat turns national census, survey and administrative files on migration into one comparable dataset.

A mapping says, for each variable you want, where it comes from. Whatever it does not say is kept and shown to you."""

EXAMPLES = """\
the main job:
  migstat harmonize examples/usa_acs_2018/mapping.yaml csv_pwy.zip --into build/
  migstat tabulate build/USA_ACS_2018.records.parquet --into build/stock.parquet \\
      --definition FOREIGN_BORN --by COUNTRY_BIRTH,SEX,AGE

exit codes: 0 done, nothing found; 1 findings to mend; 2 the command itself is wrong; 70 a fault of migstat"""


MOST_CHOICES = 12
"""Choices are listed in an error up to this number."""


class Once(argparse.Action):
    """Keeps the value of an option, and refuses the option a second time: one of the two would go unsaid."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        met: set[str] = namespace.__dict__.setdefault("_met", set())
        if option is not None and self.dest in met:
            parser.error(f"argument {option}: given twice")
        met.add(self.dest)
        setattr(namespace, self.dest, values)


class Parser(argparse.ArgumentParser):
    """Tells a wrong command as every other error is told; an option is written whole, and once."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **{"allow_abbrev": False} | more)
        self.register("action", None, Once)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse, and refuse what is left over here, where the options that were meant are known."""
        found, left = super().parse_known_args(args, namespace)
        if left:
            options = [option for option in self._option_string_actions if option.startswith("--")]
            self.wrong(f"unrecognized arguments: {' '.join(left)}", left[0].partition("=")[0], options)
        return found, left

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            name = "/".join(action.option_strings) or action.metavar
            self.wrong(f"argument {name}: invalid choice: '{value}'", str(value), list(action.choices))

    def wrong(self, what: str, said: str, known: Sequence[str]) -> NoReturn:
        """Refuse a word, and name those that are nearest to it."""
        from difflib import get_close_matches

        longer = [one for one in known if one.startswith(said)] if len(said) > 2 else []
        near = longer or get_close_matches(said, known, 1, 0.7)
        listed = f"one of {', '.join(known)}; " if "choice" in what and len(known) <= MOST_CHOICES else ""
        told = f"write {' or '.join(near)}; " if near else listed
        mend = f"{told}see {self.prog} --help"
        self.error(what, mend)

    def error(self, message: str, mend: str = "") -> NoReturn:
        from migstat.words.finding import misuse

        raise misuse(message, mend or f"see {self.prog} --help", place=self.prog)


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = Parser("migstat", description=ABOUT, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--version", action="version", version=f"migstat {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, what: str, example: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=what,
            description=what[0].upper() + what[1:] + ".",
            epilog="examples:\n" + "\n".join(f"  {line}" for line in example.splitlines()),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.add_argument("--quiet", action="store_true", help="say nothing but findings")
        made.add_argument("--json", action="store_true", help="print the result as JSON, for programs")
        return made

    codes = command(
        "codes",
        "list the codelists, or the codes of one",
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
        "check a mapping without data, and run its examples",
        "migstat check my_census/mapping.yaml\nmigstat check my_census/mapping.yaml --explain",
    )
    check.add_argument("mapping", metavar="MAPPING", help="a mapping file, its folder, or the id of a pack")
    check.add_argument("--explain", action="store_true", help="tell the mapping in plain sentences")

    harmonize = command(
        "harmonize",
        "turn an extract into harmonized records",
        "migstat harmonize my_census/mapping.yaml persons.csv.gz --into build/\n"
        "migstat harmonize can_cchs/mapping.yaml cchs.csv --wave cchs2001_p --into build/\n"
        "migstat harmonize register/mapping.yaml postgresql://server/register?table=persons --into build/",
    )
    harmonize.add_argument("mapping", metavar="MAPPING", help="a mapping file, its folder, or the id of a pack")
    harmonize.add_argument("extract", metavar="EXTRACT", help="a file, a folder, or the address of a database")
    harmonize.add_argument("--into", metavar="FOLDER", default="build", help="where the files go (default: build)")
    harmonize.add_argument("--wave", metavar="ID", help="which round of a repeated source this is")
    harmonize.add_argument("--allow-rejects", action="store_true", help="exit with 0 although rows were rejected")

    tabulating.add_commands(command)
    validating.add_commands(command)
    residing.add_commands(command)
    persons.add_commands(command)
    anonymizing.add_commands(command)
    estimating.add_commands(command)
    protecting.add_commands(command)
    codebooks.add_commands(command)
    exchanging.add_commands(command)
    structures.add_commands(command)
    mapping.add_commands(command)
    names.add_commands(command)
    packing.add_commands(command)
    registry.add_commands(command)
    combining.add_commands(command)
    drafting.add_commands(command)

    demo = command("demo", "run the bundled examples: records, a stock table, a report", "migstat demo --into build/")
    demo.add_argument("--into", metavar="FOLDER", default="build", help="where the files go (default: build)")
    return top


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit: 0 done, 1 findings, 2 misuse, 70 a fault of migstat, 130 stopped by the user."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    words = sys.argv[1:] if arguments is None else arguments
    sys.unraisablehook = _quiet
    try:
        code = _run(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        for _ in range(2):
            # A library that saw the interrupt may tell it once more while this one is on its way.
            with suppress(KeyboardInterrupt, ValueError):
                signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.stderr.write("\nstopped; no file is left half-written\n")
        sys.stderr.flush()
        # A thread of a library may still be reading; it has nothing left to do, and is not waited for.
        os._exit(130)
    except BrokenPipeError:
        # Whoever read the output has gone; what is still held back goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def _quiet(unraisable: Any) -> None:
    """Say nothing of an interrupt that comes a second time, while the first is on its way."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)


def _run(words: Sequence[str]) -> int:
    from migstat.cli import show
    from migstat.words.finding import MigstatError, Misuse

    json = "--json" in words
    try:
        options = parser().parse_args(words)
        module = import_module(f"migstat.cli.{getattr(options, 'module', 'commands')}")
        code: int = getattr(module, options.command.replace("-", "_"))(options)
        return code
    except MigstatError as error:
        show.findings(error.findings, json=json)
        return 2 if isinstance(error, Misuse) else 1
    except BrokenPipeError:
        raise
    except Exception as error:
        if os.environ.get("MIGSTAT_DEBUG"):
            raise
        show.fault(error, json=json)
        return 70

"""The command line: reads the words of a command, calls one verb, shows what came of it."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

from migstat import __version__
from migstat.cli.index import COMMANDS

TYPE_CHECKING = False  # typing and whatever else the list of commands does not need is loaded later, or never
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

NO_NAME = 123
"""What Windows says of a name that holds signs which none may hold."""
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


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Lays the help out by the width of the terminal."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_width() - 2)


def _width() -> int:
    try:
        return int(os.environ.get("COLUMNS", "")) or os.get_terminal_size().columns
    except (ValueError, OSError):
        return 80


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


def parser(words: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """Return the parser of all commands; with words, of the one that they name, and the names of the others."""
    top = Parser("migstat", description=ABOUT, epilog=EXAMPLES, formatter_class=Formatter)
    top.add_argument("--version", action="version", version=f"migstat {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    made = {
        name: commands.add_parser(name, help=what, formatter_class=Formatter) for name, (_, what) in COMMANDS.items()
    }

    def command(name: str, example: str) -> argparse.ArgumentParser:
        one, what = made[name], COMMANDS[name][1]
        one.description = what[0].upper() + what[1:] + ("" if what.endswith("?") else ".")
        one.epilog = "examples:\n" + "\n".join(f"  {line}" for line in example.splitlines())
        one.add_argument("--quiet", action="store_true", help="say nothing but findings")
        one.add_argument("--json", action="store_true", help="print the result as JSON, for programs")
        return one

    named = COMMANDS if words is None else [word for word in words[:1] if word in COMMANDS]
    for module in dict.fromkeys(COMMANDS[name][0] for name in named):
        import_module(f"migstat.cli.{module}").add_commands(command)
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
        import signal
        from contextlib import suppress

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
    try:
        options = parser(words).parse_args(words)
        module = import_module(f"migstat.cli.{COMMANDS[options.command][0]}")
        code: int = getattr(module, options.command.replace("-", "_"))(options)
        return code
    except BrokenPipeError:
        raise
    except BaseException as error:
        # A panic of a library is no Exception to Python.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        # Loaded only here: where all goes well, a command does not wait for them.
        from errno import ENAMETOOLONG

        from migstat.cli import show
        from migstat.words.finding import MigstatError, Misuse, misuse

        if isinstance(error, PermissionError):
            from pathlib import Path

            name = Path(error.filename or "").name or "migstat"
            error = misuse("may not be read or written", "ask for the right to it, or name another file", place=name)
        elif isinstance(error, OSError) and (error.errno == ENAMETOOLONG or getattr(error, "winerror", 0) == NO_NAME):
            error = misuse("cannot be the name of a file", "check the name", place=str(error.filename)[:40])
        if isinstance(error, MigstatError):
            show.findings(error.findings, json="--json" in words)
            return 2 if isinstance(error, Misuse) else 1
        if os.environ.get("MIGSTAT_DEBUG"):
            raise
        show.fault(error, json="--json" in words)
        return 70

"""The command that shows what is understood of a codebook."""

import argparse
import dataclasses
from collections.abc import Callable

from migstat import api
from migstat.cli import show
from migstat.words.codebook import CODEBOOKS

Command = Callable[[str, str], argparse.ArgumentParser]
MOST_VALUES = 4
"""Values of a column that a line shows."""


def add_commands(command: Command) -> None:
    """Add the command to the parser."""
    codebook = command(
        "codebook",
        "migstat codebook layout.csv\nmigstat codebook census.dcf\nmigstat codebook usa_00001.do --json",
    )
    codebook.add_argument("file", metavar="FILE", help=CODEBOOKS)


def codebook(options: argparse.Namespace) -> int:
    """Show the columns of a codebook, and what of it was not understood."""
    book = api.codebook(options.file)
    if options.json:
        facts = {key: value for key, value in dataclasses.asdict(book).items() if key != "findings"}
        show.findings(book.findings, json=True, codebook=facts)
        return 0
    rows = []
    for one in book.variables:
        values = [f"{value.value}={value.label}" for value in one.values[:MOST_VALUES]]
        more = [f"and {len(one.values) - MOST_VALUES} more"] if len(one.values) > MOST_VALUES else []
        place = f"{one.start}-{one.start + (one.width or 1) - 1}" if one.start else ""
        rows.append((one.name, place, one.record, one.label, "; ".join([*values, *more])))
    show.table(["column", "position", "record", "label", "values"], rows, options)
    show.findings(book.findings, json=False)
    return 0

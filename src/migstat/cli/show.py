"""What a command shows: findings, tables drawn for people, JSON for programs, progress of long work."""

import argparse
import json as documents
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from migstat.words.finding import Finding, Place, Severity, misuse
from migstat.words.finding import fault as fault_of
from migstat.words.run import Step

LEAST_TEXT = 7
"""So wide at least is a column of texts, where it has any that are longer."""


def findings(found: Iterable[Finding], *, json: bool, **more: Any) -> None:
    """Show findings, errors first; as one JSON document, with whatever else belongs into it, where programs read."""
    order = [Severity.ERROR, Severity.WARNING, Severity.NOTE]
    listed = sorted(found, key=lambda finding: order.index(finding.severity))
    if json:
        ok = not any(one.severity == Severity.ERROR for one in listed)
        line({"ok": ok, "findings": [facts(one) for one in listed], **more})
        return
    for finding in listed:
        head = "" if finding.severity == Severity.ERROR else f"{finding.severity}: "
        sys.stderr.write(f"{head}{printable(str(finding))}\n")
    errors = sum(finding.severity == Severity.ERROR for finding in listed)
    if errors > 1:
        sys.stderr.write(f"{errors} findings to mend\n")


def fault(error: BaseException, *, json: bool) -> None:
    """Show that migstat itself failed: what and where, and nothing of the data."""
    what = fault_of(error)
    if json:
        mend = "set MIGSTAT_DEBUG=1 to see the whole trace"
        findings([Finding(Place("migstat"), "", f"migstat failed: {what}", mend)], json=True)
    else:
        sys.stderr.write(f"migstat failed: {what} (MIGSTAT_DEBUG=1 shows the whole trace)\n")


def printable(text: str) -> str:
    """Return text with its control characters, which a data file may hold, written out."""
    return "".join(sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1] for sign in text)


def facts(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain values."""
    from migstat.write.run import finding_facts

    return finding_facts(finding)


def parquet_only(into: str | None, *read: str) -> None:
    """Raise Misuse where a Parquet file would be written under the name of another kind, or over what is read."""
    if into is None:
        return
    if not into.endswith(".parquet"):
        raise misuse(f"the ending of {Path(into).name} is not known", "let the name end with .parquet")
    if Path(into).resolve() in [Path(one).resolve() for one in read]:
        raise misuse("would be written over while it is read", "name another file", place=Path(into).name)


def unlike(pairs: Iterable[tuple[str, str]], what: str) -> dict[str, str]:
    """Return files by their names; raise Misuse where a name stands twice: one of the two would go unsaid."""
    named: dict[str, str] = {}
    for name, file in pairs:
        if name in named:
            raise misuse(f"{what} {name} is named twice", "give each file a name of its own")
        named[name] = file
    return named


def named(texts: Iterable[str], option: str) -> dict[str, str]:
    """Return files by their names, as NAME=FILE of an option that may be repeated."""
    pairs = []
    for text in texts:
        name, equals, file = text.partition("=")
        if not (name and equals and file):
            raise misuse(f"--{option} {text}: no name or no file", f"write --{option} households=households.parquet")
        pairs.append((name, file))
    return unlike(pairs, f"the {option}")


def line(value: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(documents.dumps(value, ensure_ascii=False) + "\n")


def say(text: str, options: argparse.Namespace) -> None:
    """Print a line for people."""
    if not options.quiet and not options.json:
        sys.stdout.write(text + "\n")


def found(text: str, options: argparse.Namespace) -> None:
    """Print what was found, for people: where nothing else is to be said it is an error's place, not the result's."""
    if options.quiet and not options.json:
        sys.stderr.write(text + "\n")
    else:
        say(text, options)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], options: argparse.Namespace, numbers: Sequence[int] = ()
) -> None:
    """Draw a table; columns in ``numbers`` stand to the right."""
    if options.quiet:
        return
    from rich.console import Console
    from rich.table import Table

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        right = index in numbers
        drawn.add_column(column, justify="right" if right else "left", no_wrap=right, overflow="fold")
    drawn_rows = [[_cell(value) for value in row] for row in rows]
    for cells in drawn_rows:
        drawn.add_row(*cells)
    longest = [max(map(len, column)) for column in zip(columns, *drawn_rows, strict=True)]
    console = Console(file=sys.stdout, highlight=False, markup=False)
    if not console.is_terminal:
        console.width = max(console.width, 160)
    # A number that does not fit would be cut, and read as another: the line is rather longer than the terminal.
    least = [width if index in numbers else min(width, LEAST_TEXT) for index, width in enumerate(longest)]
    console.width = max(console.width, sum(least) + 2 * len(least))
    with console.capture() as drawing:
        console.print(drawn)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in drawing.get().splitlines()))


def _cell(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
    return printable(str(value))


def steps(steps: Iterable[Step], options: argparse.Namespace) -> None:
    """Show rows and weight in and out of each step; exclusions only where the mapping declares any."""
    steps = list(steps)
    if not any(step.part for step in steps):
        steps = [step for step in steps if step.name != "excluded" or step.rows]
    rows = [(("  " if step.part else "") + step.name, step.rows, step.weight, step.what) for step in steps]
    weighted = any(rows != weight for _, rows, weight, _ in rows)
    if weighted:
        table(["step", "rows", "weight", ""], rows, options, numbers=(1, 2))
    else:
        table(["step", "rows", ""], [(name, count, what) for name, count, _, what in rows], options, numbers=(1,))


@contextmanager
def progress(what: str, options: argparse.Namespace) -> Iterator[Callable[[int, float], None] | None]:
    """Lend a function to call with rows done and share read; draws a bar where a person looks on."""
    with bars(options) as bar:
        yield None if bar is None else lambda rows, share: bar("", what, rows, share)


@contextmanager
def bars(options: argparse.Namespace) -> Iterator[Callable[[str, str, int, float], None] | None]:
    """Lend a function to call with the name of a bar, what it says, rows done and share; for people who look on."""
    if options.quiet or options.json or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawn:
        tasks: dict[str, TaskID] = {}

        def bar(name: str, what: str, rows: int, share: float) -> None:
            if name not in tasks:
                tasks[name] = drawn.add_task(what, total=1.0, rows=0)
            drawn.update(tasks[name], description=what, completed=share, rows=rows)

        yield bar

"""What a command shows: findings, tables drawn for people, JSON for programs, progress of long work."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from migstat.words.finding import Finding, Severity
from migstat.words.run import Step


def findings(found: Iterable[Finding], options: argparse.Namespace) -> None:
    """Show findings, errors first; as JSON lines where programs read."""
    order = [Severity.ERROR, Severity.WARNING, Severity.NOTE]
    listed = sorted(found, key=lambda finding: order.index(finding.severity))
    if options.json:
        line({"ok": not any(one.severity == Severity.ERROR for one in listed), "findings": [facts(f) for f in listed]})
        return
    for finding in listed:
        head = "" if finding.severity == Severity.ERROR else f"{finding.severity}: "
        sys.stderr.write(f"{head}{finding}\n")
    errors = sum(finding.severity == Severity.ERROR for finding in listed)
    if errors > 1:
        sys.stderr.write(f"{errors} findings to mend\n")


def facts(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain values."""
    from migstat.write.run import finding_facts

    return finding_facts(finding)


def line(value: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def say(text: str, options: argparse.Namespace) -> None:
    """Print a line for people."""
    if not options.quiet and not options.json:
        sys.stdout.write(text + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], numbers: Sequence[int] = ()) -> None:
    """Draw a table; columns in ``numbers`` stand to the right."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        drawn.add_column(column, justify="right" if index in numbers else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(_cell(value) for value in row))
    console = Console(file=sys.stdout, highlight=False, markup=False)
    if not console.is_terminal:
        console.width = max(console.width, 160)
    console.print(drawn)


def _cell(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
    return str(value)


def steps(steps: Iterable[Step], options: argparse.Namespace) -> None:
    """Show rows and weight in and out of each step."""
    if options.quiet or options.json:
        return
    rows = [(("  " if step.part else "") + step.name, step.rows, step.weight, step.what) for step in steps]
    weighted = any(rows != weight for _, rows, weight, _ in rows)
    if weighted:
        table("", ["step", "rows", "weight", ""], rows, numbers=(1, 2))
    else:
        table("", ["step", "rows", ""], [(name, count, what) for name, count, _, what in rows], numbers=(1,))


@contextmanager
def progress(what: str, options: argparse.Namespace) -> Iterator[Callable[[int, float], None] | None]:
    """Lend a function to call with rows done and share read; draws a bar where a person looks on."""
    if options.quiet or options.json or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1.0, rows=0)
        yield lambda rows, share: bar.update(task, completed=share, rows=rows)

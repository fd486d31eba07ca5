"""The command that runs extracts through a plan."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from migstat import api
from migstat.api.ceiling import prepare
from migstat.cli import show
from migstat.cli.engine import engine_of
from migstat.words.finding import Finding, Severity
from migstat.words.how_many import how_many
from migstat.words.run_plan import STEPS, ExtractRun, RunOutcome

MARKS = {"made": "done", "kept": "as before", "stopped": "stopped", "failed": "failed", "open": "-"}

MOST_TOLD = 20
"""Kinds of warning that are told of several extracts."""
MOST_NAMED = 5
"""Extracts that are named beside a warning."""

Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the command to the parser."""
    run = command(
        "run",
        "migstat run nightly.yaml --from extracts/ --into build/\n"
        "migstat run plan.yaml persons.csv.gz --into build/ --memory 4G\n"
        "migstat run plan.yaml postgresql://server/register?table=persons --into build/",
    )
    run.add_argument("plan", metavar="PLAN", help="a YAML file: which mapping, rules, tables and policy")
    run.add_argument(
        "extracts", metavar="EXTRACT", nargs="*", help="files, folders of parts, or addresses of databases"
    )
    run.add_argument("--from", metavar="FOLDER", dest="folder", help="where the patterns of the plan are looked for")
    run.add_argument("--into", metavar="FOLDER", default="build", help="where the files go (default: build)")
    run.add_argument("--workers", metavar="N", type=int, help="extracts side by side (default: as the machine allows)")
    engine_of(run)
    run.add_argument("--memory", metavar="SIZE", help="ceiling of memory for each extract, such as 4G")


def run(options: argparse.Namespace) -> int:
    """Run extracts through a plan."""
    prepare(options.memory)
    with _progress(options) as progress:
        outcome = api.run(
            options.plan,
            options.extracts,
            into=options.into,
            folder=options.folder,
            workers=options.workers,
            memory=options.memory,
            engine=options.engine,
            progress=progress,
        )
    if options.json:
        show.line(api.outcome_facts(outcome))
        return int(not outcome.ok)
    show.findings(outcome.findings, json=False)
    for one in outcome.extracts:
        _told(one, outcome, options)
    rows = [_row(one) for one in outcome.extracts]
    show.table(["extract", *STEPS, "read", "records", "excluded", "rejected"], rows, options, numbers=(5, 6, 7, 8))
    if len(outcome.extracts) > 1:
        _warnings(outcome, options)
    tables = sum(one["protect"].facts.get("tables", 0) for one in outcome.extracts)
    whole = sum(one.whole for one in outcome.extracts)
    show.say(
        f"\n{whole} of {how_many(len(rows), 'extract')} went through; {how_many(tables, 'table')}; "
        f"open {outcome.into / 'index.html'}",
        options,
    )
    return int(not outcome.ok)


def _told(one: ExtractRun, outcome: RunOutcome, options: argparse.Namespace) -> None:
    """Tell the findings of an extract: errors always, the others here where there is one extract only."""
    findings = one.findings
    if len(outcome.extracts) > 1:
        findings = tuple(finding for finding in findings if finding.severity == Severity.ERROR)
        if findings:
            sys.stderr.write(f"{one.name}:\n")
    show.findings(findings, json=False)


def _warnings(outcome: RunOutcome, options: argparse.Namespace) -> None:
    """Tell the warnings of several extracts, each once: rows and weights are added up, and the page tells the rest."""
    alike: dict[tuple[str, str, str], list[tuple[str, Finding]]] = {}
    for one in outcome.extracts:
        for finding in one.findings:
            if finding.severity == Severity.WARNING:
                key = (_place(finding, one), finding.component, finding.what)
                alike.setdefault(key, []).append((one.name, finding))
    if not alike or options.quiet:
        return
    told = sorted(alike.items(), key=lambda item: -len(item[1]))
    for (place, component, what), met in told[:MOST_TOLD]:
        names = list(dict.fromkeys(name for name, _ in met))
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        rows = [finding.rows for _, finding in met if finding.rows is not None]
        weights = [finding.weight for _, finding in met if finding.weight is not None]
        whole = replace(met[0][1], rows=sum(rows) if rows else None, weight=sum(weights) if weights else None)
        lines = [
            f"warning: {place}  {component}".rstrip(),
            f"  {what}{whole.extent}",
            f"  in {how_many(len(names), 'extract')}: {', '.join(names[:MOST_NAMED])}{more}",
        ]
        sys.stderr.write(show.printable("\n".join(lines)) + "\n")
    if len(told) > MOST_TOLD:
        sys.stderr.write(f"and {how_many(len(told) - MOST_TOLD, 'further kind')} of warning\n")
    count = how_many(sum(map(len, alike.values())), "warning")
    sys.stderr.write(f"{count} in all; each with what to do about it: {outcome.into / 'index.html'}\n")


def _place(finding: Finding, one: ExtractRun) -> str:
    """Return the place of a finding; the extract's own name is said below it."""
    return "the extract" if finding.place.file == one.source else str(finding.place)


def _row(one: ExtractRun) -> list[object]:
    counts = one["harmonize"].facts
    told = [counts[name]["rows"] if name in counts else "" for name in ("read", "records", "excluded", "rejected")]
    return [one.name, *(MARKS[step.standing] for step in one.steps), *told]


@contextmanager
def _progress(options: argparse.Namespace) -> Iterator[Callable[[str, str, int, float], None] | None]:
    """Lend a function that draws one bar for each extract, where a person looks on."""
    with show.bars(options) as bar:
        yield None if bar is None else lambda name, step, rows, share: bar(name, f"{name}: {step}", rows, share)

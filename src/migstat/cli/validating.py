"""The commands on rules: validate a file, and list the rules of a structure or of a rule file."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from migstat import api
from migstat.api.ceiling import prepare
from migstat.cli import show
from migstat.cli.commands import _mapping as mapping_file
from migstat.cli.companion import companions_of
from migstat.cli.engine import engine_of
from migstat.words.address import told
from migstat.words.finding import Severity
from migstat.words.rule import RuleSet
from migstat.words.validated import Judged, Validated

LANGUAGES = ["en", "fr", "es", "ar", "ru", "zh"]
FILES = {
    "ess": "ESS validation report, JSON",
    "sarif": "SARIF, for code hosts",
    "junit": "JUnit XML, for pipelines",
    "csv": "one line a rule",
    "html": "the page",
}
MANY = 5
"""Rules that could not be judged are told one by one up to this number."""

Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands to the parser."""
    validate = command(
        "validate",
        "migstat validate persons.csv.gz --mapping my_census/mapping.yaml\n"
        "migstat validate build/KEN.records.parquet --into build/ --language fr\n"
        "migstat validate stock.csv --structure MIGRANT_STOCK --reference previous=stock_2010.csv\n"
        "migstat validate data.xml --dsd dsd.xml --tolerance 0.5\n"
        "migstat validate build/KEN.records.parquet --failures failures.parquet --sample 0 --junit rules.xml",
    )
    validate.add_argument("file", metavar="FILE", help="an extract, records or a table (Parquet, CSV), or SDMX data")
    validate.add_argument("--mapping", metavar="MAPPING", help="for an extract: a mapping file, or its folder")
    validate.add_argument("--wave", metavar="ID", help="the wave of the mapping")
    companions_of(validate)
    validate.add_argument("--structure", metavar="ID", help="such as CENSUS_PERSON; files of ours say it themselves")
    validate.add_argument("--dsd", metavar="FILE", help="a data structure of SDMX, by which the data are judged")
    validate.add_argument(
        "--compound", metavar="ID[,ID]", default="", help="of SDMX data: attributes in which codes are joined"
    )
    validate.add_argument(
        "--tolerance", metavar="X", type=float, help="of SDMX data: totals equal their parts within X"
    )
    validate.add_argument("--rules", metavar="FILE", action="append", default=[], help="a rule file; may be repeated")
    validate.add_argument("--only", action="store_true", help="judge by the rules named, not by those that ship too")
    validate.add_argument(
        "--reference", metavar="NAME=FILE", action="append", default=[], help="another file that rules look into"
    )
    validate.add_argument("--key", metavar="ID[,ID]", help="the columns that name a row")
    validate.add_argument("--weight", metavar="ID", help="the column of weights (default: WEIGHT)")
    validate.add_argument("--sample", metavar="N", type=int, default=10, help="failing rows kept of each rule (10)")
    validate.add_argument("--show-values", action="store_true", help="show failing rows: microdata leave the file")
    validate.add_argument("--failures", metavar="FILE", help="write every failing row of every rule (Parquet)")
    validate.add_argument("--into", metavar="FOLDER", help="write all reports there")
    for name, what in FILES.items():
        validate.add_argument(f"--{name}", metavar="FILE", help=f"write a report: {what}")
    validate.add_argument("--memory", metavar="SIZE", help="the most that it may take, such as 4G")
    engine_of(validate)
    validate.add_argument("--language", default="en", choices=LANGUAGES, help="of the page and rule names")

    rules = command(
        "rules",
        "migstat rules CENSUS_PERSON\nmigstat rules my_rules.yaml --vtl",
    )
    rules.add_argument("rules", metavar="FILE|STRUCTURE", help="a rule file, or a structure such as CENSUS_PERSON")
    rules.add_argument("--vtl", action="store_true", help="print them as VTL 2.1")
    rules.add_argument("--language", default="en", choices=LANGUAGES, help="of the names")


def validate(options: argparse.Namespace) -> int:
    """Judge a file by rules."""
    prepare(options.memory)
    references = show.named(options.reference, "reference")
    show.parquet_only(options.failures, options.file)
    with show.progress(f"validate {told(options.file)}", options) as progress:
        run = api.validate(
            options.file,
            structure=options.structure,
            dsd=options.dsd,
            compound=[one for one in options.compound.split(",") if one],
            tolerance=options.tolerance,
            mapping=None if options.mapping is None else mapping_file(options.mapping),
            rules=options.rules or None,
            only=options.only,
            references=references,
            key=options.key.split(",") if options.key else None,
            weight=options.weight,
            sample=options.sample,
            wave=options.wave,
            engine=options.engine,
            progress=progress,
            memory=options.memory,
            companions=show.named(options.companion, "companion"),
        )
    written = _write(run, options)
    if options.json:
        show.line(api.validation_facts(run, show_values=options.show_values))
    else:
        show.findings(run.findings, json=False)
        _summary(run, options)
        for path in written:
            show.say(f"written: {path}", options)
    bad = any(finding.severity == Severity.ERROR for finding in run.findings)
    return int(bad or not run.ok)


def rules(options: argparse.Namespace) -> int:
    """List rules."""
    path = Path(options.rules)
    found: RuleSet = api.read_rules(path) if path.suffix in {".yaml", ".yml"} else api.rules_of(options.rules)
    if options.vtl:
        text = api.rules_as_vtl(found, None if path.suffix else options.rules).rstrip("\n")
        show.line({"vtl": text}) if options.json else show.say(text, options)
        return 0
    about = api.inspect_rules(found, None if path.suffix else options.rules)
    bad = any(finding.severity == Severity.ERROR for finding in about)
    if options.json:
        show.line(
            [
                {"id": one.id, "component": one.component, "severity": one.severity, "missing": one.missing,
                 "name": one.name(options.language), "rule": one.text, "origin": one.origin, "place": str(one.place)}
                for one in found.rules
            ]
        )  # fmt: skip
        return int(bad)
    rows = [(one.id, one.severity, one.name(options.language), one.text) for one in found.rules]
    show.table(["rule", "severity", "name", "what must hold"], rows, options)
    show.say(f"\n{len(found.rules)} rules of {found.id} {found.version}", options)
    show.findings(about, json=False)
    return int(bad)


def _summary(run: Validated, options: argparse.Namespace) -> None:
    """Show the rules that fail, what could not be judged, and one line for the rest."""
    order = list(Severity)
    failed = sorted(
        (one for one in run.results if one.verdict == "fail"),
        key=lambda one: (order.index(one.rule.severity), -one.failed),
    )
    open_ = [one for one in run.results if one.verdict == "undecided"]
    some = [one for one in run.results if one.verdict == "pass" and one.undecided]
    weighted = abs(run.weight - run.rows) > 1e-9 * max(1.0, run.weight)
    for one in failed:
        _told(one, run, options, weighted)
    if open_:
        why: dict[str, list[str]] = {}
        for one in open_:
            why.setdefault(one.note or "a value is missing in every row", []).append(one.rule.id)
        show.say(f"could not be judged: {_rules(len(open_))}", options)
        for note, ids in sorted(why.items(), key=lambda item: -len(item[1])):
            more = f" and {len(ids) - MANY} more" if len(ids) > MANY else ""
            show.say(f"  {', '.join(ids[:MANY])}{more}: {note}", options)
    if some:
        left = sum(one.undecided for one in some)
        show.say(f"hold where they can be judged: {_rules(len(some))}, {left:,} verdicts left open", options)
    rest = sum(one.verdict == "pass" and not one.undecided for one in run.results)
    weight = f", weight {run.weight:,.1f}" if weighted else ""
    rows = f"{run.rows:,} {'row' if run.rows == 1 else 'rows'}"
    show.say(f"hold: {_rules(rest)}\n{rows}{weight}, {_rules(len(run.results))}, {len(failed)} fail", options)


def _rules(count: int) -> str:
    return f"{count} {'rule' if count == 1 else 'rules'}"


def _told(one: Judged, run: Validated, options: argparse.Namespace, weighted: bool) -> None:
    rule = one.rule
    share = f", {one.share:.2%} of those judged" if one.share is not None and one.units != "file" else ""
    weight = f", weight {one.failed_weight:,.1f}" if weighted and one.units != "file" else ""
    noun = f"{one.units} fail" if one.failed != 1 else f"{one.units.removesuffix('s')} fails"
    count = "the file fails" if one.units == "file" else f"{one.failed:,} {noun}{weight}{share}"
    open_ = f"; {one.undecided:,} could not be judged" if one.undecided else ""
    tell = show.found if rule.severity == Severity.ERROR else show.say
    tell(show.printable(f"{rule.severity}: {rule.id}  {rule.name(options.language)}\n  {count}{open_}"), options)
    if options.show_values and one.sample:
        for row in one.sample:
            show.say(show.printable("    " + ", ".join(f"{name} {value}" for name, value in row.items())), options)
        if one.units == "rows" and one.truncated:
            show.say(f"    {len(one.sample)} of {one.failed:,}; --failures FILE writes them all", options)
    if rule.mend:
        tell(show.printable(f"  Mend: {rule.mend}"), options)


def _write(run: Validated, options: argparse.Namespace) -> list[str]:
    wanted: dict[str, str] = {name: getattr(options, name) for name in FILES if getattr(options, name)}
    if options.into:
        endings = {
            "ess": "ess.json",
            "sarif": "sarif",
            "junit": "junit.xml",
            "csv": "rules.csv",
            "html": "validation.html",
        }
        stem = run.name.removesuffix(".parquet").removesuffix(".csv")
        wanted = {name: str(Path(options.into) / f"{stem}.{ending}") for name, ending in endings.items()} | wanted
    for kind, path in wanted.items():
        api.write_validation(run, path, kind, language=options.language, show_values=options.show_values)
    written = list(wanted.values())
    if options.failures:
        rows: Any = run.failures(options.failures)
        written.append(f"{options.failures} ({rows:,} failing rows)")
    return written

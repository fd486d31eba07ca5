"""The command that makes a documented file of records that may go, or says why they may not."""

import argparse
from collections.abc import Callable
from pathlib import Path

from migstat import api
from migstat.cli import show
from migstat.words.anonymized import Anonymized
from migstat.words.finding import misuse

LANGUAGES = ["en", "fr", "es", "ar", "ru", "zh"]
Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands to the parser."""
    made = command(
        "anonymize",
        "migstat anonymize build/ARG_EPH.records.parquet --policy PUBLIC_USE_PERSON --into public/\n"
        "migstat anonymize build/KEN.records.parquet --policy ours.yaml --into public/ --format csv,sav,dta",
    )
    made.add_argument("records", metavar="RECORDS", nargs="+", help="Parquet files that harmonize wrote")
    made.add_argument("--policy", metavar="POLICY", required=True, help="a policy file, or the id of one that ships")
    made.add_argument("--into", metavar="FOLDER", required=True, help="where the files go")
    made.add_argument("--format", metavar="F[,F]", default="parquet,csv", help="parquet, csv, sav, dta")
    made.add_argument("--key-file", metavar="FILE", help="holds the secret key (default: the variable MIGSTAT_KEY)")
    made.add_argument("--language", default="en", choices=LANGUAGES, help="of the labels and the codebook")


def anonymize(options: argparse.Namespace) -> int:
    """Anonymize records, and write them where their risk allows it; else the page of the risk alone."""
    run = api.anonymize(options.records, policy=options.policy, key=_key(options.key_file))
    page = Path(options.into) / f"{run.name}.{run.policy.use}.risk.html"
    if not run.ok:
        api.write_risk_report(run, page)
    if not run.ok and not options.json:
        show.findings(run.findings, json=False)
        _shown(run, options)
        show.say(f"nothing is released; the risk is told in {page}", options)
        return 1
    paths = api.write_anonymized(run, options.into, formats=options.format, language=options.language) if run.ok else []
    if options.json:
        show.findings(run.findings, json=True, measures=_facts(run), written=[str(path) for path in [*paths] or [page]])
        return int(not run.ok)
    show.findings(run.findings, json=False)
    _shown(run, options)
    for path in paths:
        show.say(f"written: {path}", options)
    return 0


def _shown(run: Anonymized, options: argparse.Namespace) -> None:
    limited = [one for one in run.measures if one.verdict]
    rows = [
        (one.measure, one.keys, one.component, _number(one.before), _number(one.after), _number(one.limit), one.verdict)
        for one in limited
    ]
    show.table(["measure", "keys", "of", "before", "after", "limit", ""], rows, options, numbers=(3, 4, 5))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _facts(run: Anonymized) -> list[dict[str, object]]:
    return [
        {"measure": one.measure, "keys": one.keys, "of": one.component, "before": one.before, "after": one.after,
         "limit": one.limit, "verdict": one.verdict}
        for one in run.measures
    ]  # fmt: skip


def _key(file: str | None) -> str | None:
    if file is None:
        return None
    if not Path(file).is_file():
        raise misuse("there is no such key file", "make one: openssl rand -hex 32 > FILE", place=Path(file).name)
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise misuse("the key is no text", "make one: openssl rand -hex 32 > FILE", place=Path(file).name) from None

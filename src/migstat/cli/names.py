"""The command on names: which area a name, a nationality or a code means; one text, or a column of a file."""

import argparse
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from migstat import api
from migstat.cli import show
from migstat.words.country_match import CountryColumn, CountryMatch
from migstat.words.finding import misuse
from migstat.words.how_many import how_many

Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the command to the parser."""
    made = command(
        "country",
        'migstat country "Moldova, Rep. of" Burma peruana\n'
        "migstat country CH --system FIPS\n"
        "migstat country Yugoslavia --at 1995-03-01\n"
        "migstat country --file names.csv --column BIRTHPLACE --into codes.csv",
    )
    made.add_argument("texts", metavar="TEXT", nargs="*", help="names, nationalities or codes")
    made.add_argument("--file", metavar="FILE", help="a file with a column of them: CSV, also packed, or Parquet")
    made.add_argument("--column", metavar="NAME", help="which column, where the file has several")
    made.add_argument("--into", metavar="FILE", help="of a file: write the table as CSV")
    made.add_argument("--recode", metavar="FILE", help="of a file: write the recode table of a mapping (CSV)")
    made.add_argument("--system", metavar="ID", help="whose codes they may be: ISO, M49, FIPS, IOC, UNHCR_ORIGIN ...")
    made.add_argument("--language", metavar="ID", help="such as es: which meaning, where languages differ")
    made.add_argument("--at", metavar="DATE", help="the area of that day, such as 1990-07-01")
    made.add_argument("--names", metavar="FILE", help="a table of your own names, which go before ours (CSV)")
    made.add_argument("--least", metavar="X", type=float, default=0.9, help="how sure at least, from 0 to 1 (0.9)")


def country(options: argparse.Namespace) -> int:
    """Say which areas texts mean."""
    if bool(options.texts) == bool(options.file):
        raise misuse("country takes texts, or a file with a column of them", 'write migstat country "Viet Nam"')
    if not options.file and (given := [name for name in ("column", "into", "recode") if getattr(options, name)]):
        raise misuse(f"--{given[0]} goes with --file", "name the file too")
    asked: dict[str, Any] = {
        "system": options.system,
        "language": options.language,
        "at": None if options.at is None else _date(options.at),
        "least": options.least,
        "names": options.names,
    }
    if options.file:
        return _of_file(api.countries_of_file(options.file, options.column, **asked), options)
    found = api.countries(options.texts, **asked)
    if options.json:
        show.line([asdict(one) for one in found])
    else:
        _table(found, options)
    return int(any(one.code is None for one in found))


def _of_file(found: CountryColumn, options: argparse.Namespace) -> int:
    for into in filter(None, (options.into, options.recode)):
        if Path(into).resolve() == Path(options.file).resolve():
            raise misuse("would be written over while it is read", "name another file", place=Path(into).name)
    if options.into:
        api.write_countries(found, options.into)
    if options.recode:
        api.write_country_recode(found, options.recode)
    if options.json:
        about = [asdict(one) | {"rows": found.rows[one.text]} for one in found.matches]
        show.findings(found.findings, json=True, column=found.name, countries=about)
        return int(bool(found.unresolved))
    show.findings(found.findings, json=False)
    _table(found.unresolved if options.into or options.recode else found.matches, options)
    lost = sum(found.rows[one.text] for one in found.unresolved)
    counts = (
        f"{found.name}: {how_many(len(found.matches), 'different text')}, {how_many(sum(found.rows.values()), 'row')}"
    )
    show.say(f"{counts}; without a code {len(found.unresolved):,} and {lost:,}", options)
    for into in filter(None, (options.into, options.recode)):
        show.say(f"written: {into}", options)
    return int(bool(found.unresolved))


def _table(found: list[CountryMatch] | tuple[CountryMatch, ...], options: argparse.Namespace) -> None:
    rows = [
        (
            show.printable(one.text),
            one.code,
            one.how,
            f"{one.confidence:.2f}" if one.code else "",
            one.mark,
            " ".join(candidate.code for candidate in one.candidates),
            show.printable(one.reason),
        )
        for one in found
    ]
    if rows:
        show.table(["text", "code", "how", "sure", "mark", "candidates", "reason"], rows, options)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise misuse(f"--at {text}: is not a date", "write it as 1990-07-01") from None

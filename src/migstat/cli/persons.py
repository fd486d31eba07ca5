"""The commands on persons: keys of pseudonyms, linking, permits, signs of life."""

import argparse
from collections.abc import Callable
from pathlib import Path

from migstat import api
from migstat.cli import show
from migstat.words.finding import misuse
from migstat.words.how_many import how_many

MOST_CELLS = 60

Command = Callable[[str, str], argparse.ArgumentParser]


def add_commands(command: Command) -> None:
    """Add the commands to the parser."""
    keys = command(
        "pseudonym",
        "migstat pseudonym key --into persons.key\n"
        "migstat pseudonym id --key PERSON_KEY\n"
        "migstat pseudonym rotate build/X.records.parquet --old KEY_2024 --new KEY_2026 --into build/X.2026.parquet",
    )
    keys.add_argument("what", metavar="key|id|rotate", choices=["key", "id", "rotate"], help="what to do")
    keys.add_argument("file", metavar="FILE", nargs="?", help="rotate: a Parquet file of records with pseudonyms")
    keys.add_argument("--into", metavar="FILE", help="key, rotate: the file to write")
    keys.add_argument("--key", metavar="NAME", default="PERSON_KEY", help="id: the environment variable of the key")
    keys.add_argument("--old", metavar="NAME", help="rotate: the environment variable of the old key")
    keys.add_argument("--new", metavar="NAME", help="rotate: the environment variable of the new key")

    linking = command(
        "link",
        "migstat link crossings.csv --on PASSPORT --on NAME,BIRTH_DATE --key PERSON_KEY --into linked.parquet\n"
        "migstat link people.csv --on EMAIL --on NAME,DOB --nobody UNKNOWN --into linked.parquet",
    )
    linking.add_argument("file", metavar="FILE", help="an extract or records: CSV or Parquet")
    linking.add_argument("--on", metavar="ID[,ID]", action="append", required=True, help="a key; may be repeated")
    linking.add_argument("--key", metavar="NAME[,NAME]", help="environment variable of the key: persons are pseudonyms")
    linking.add_argument("--into", metavar="FILE", required=True, help="the Parquet file to write")
    linking.add_argument("--person", metavar="ID", default="PERSON_ID", help="the column to write (PERSON_ID)")
    linking.add_argument("--nobody", metavar="VALUE[,VALUE]", help="values that identify nobody, such as UNKNOWN")
    linking.add_argument("--keep", action="store_true", help="keep the columns linked on: they identify people")

    counting = command(
        "permits",
        "migstat permits build/IRL.records.parquet --by PERMIT_REASON,DURATION --into first.csv\n"
        "migstat permits build/IRL.records.parquet --count valid --at 2022-12-31,2023-12-31 --by CITIZENSHIP",
    )
    counting.add_argument("records", metavar="RECORDS", nargs="+", help="Parquet files that harmonize wrote")
    counting.add_argument("--count", metavar="WHAT", default="first", help="first (default), change, valid, or several")
    counting.add_argument("--years", metavar="YEAR[,YEAR]", help="of first permits and changes (default: all)")
    counting.add_argument("--at", metavar="DAY[,DAY]", help="for valid: 2023-12-31")
    counting.add_argument("--by", metavar="ID[,ID]", default="PERMIT_REASON", help="dimensions (PERMIT_REASON)")
    counting.add_argument("--gap", metavar="MONTHS", type=int, default=6, help="after the last permit (6)")
    counting.add_argument("--any-reason", action="store_true", help="compare with earlier permits for any reason")
    counting.add_argument("--into", metavar="FILE", help=".parquet, .csv, .sdmx.csv; none prints the table")

    living = command(
        "signs",
        "migstat signs TAX=tax.parquet SCHOOL=school.csv --rule signs-12m --at 2023-12-31\n"
        "migstat signs TAX=tax.parquet --rule my_rule.yaml --at 2022-12-31,2023-12-31 --into residents.parquet",
    )
    living.add_argument("registers", metavar="NAME=FILE", nargs="+", help="a register of the rule: CSV or Parquet")
    living.add_argument("--rule", metavar="ID|FILE", required=True, help="signs-12m, residency-index, or your own YAML")
    living.add_argument("--at", metavar="DAY[,DAY]", required=True, help="the days, such as 2023-12-31")
    living.add_argument("--population", metavar="FILE", help="the persons to judge (default: all met)")
    living.add_argument("--into", metavar="FILE", help="write a row a person and day (Parquet)")


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
        show.parquet_only(options.into, options.file)
        facts = api.rotate(Path(options.file), options.into, old=options.old, new=options.new)
        if options.json:
            show.line({"into": options.into, "pseudonyms": facts["pseudonyms"]})
        else:
            show.say(f"{', '.join(facts['pseudonyms'])} under the new key: {options.into}", options)
    return 0


def link(options: argparse.Namespace) -> int:
    """Say which records are of one person."""
    show.parquet_only(options.into, options.file)
    found = api.link(
        options.file,
        on=[_listed(kind) for kind in options.on],
        key=_listed(options.key) or None,
        into=options.into,
        person=options.person,
        nobody=_listed(options.nobody),
        keep=options.keep,
    )
    if options.json:
        show.line({**found.facts, "into": options.into, "findings": [show.facts(one) for one in found.findings]})
        return 0
    show.findings(found.findings, json=False)
    rows = [(" with ".join(one["on"]), one["different"], one["rows_without"], one["most_of_one_person"])
            for one in found.facts["keys"]]  # fmt: skip
    heads = ["linked on", "different", "rows without", "most of one person"]
    show.table(heads, rows, options, numbers=(1, 2, 3))
    show.say(
        f"\n{how_many(found.facts['rows'], 'row')}, {how_many(found.facts['persons'], 'person')}: {options.into}",
        options,
    )
    return 0


def permits(options: argparse.Namespace) -> int:
    """Count persons with permits to reside."""
    table = api.permits(
        options.records,
        count=_listed(options.count),
        years=[_year(text) for text in _listed(options.years)],
        at=_listed(options.at),
        by=_listed(options.by),
        same_reason=not options.any_reason,
        gap=options.gap,
    )
    if options.into:
        api.write_table(table, options.into)
        show.say(f"{how_many(table.frame.height, 'cell')} written: {options.into}", options)
    if options.json:
        cells = {} if options.into else {"rows": table.frame.to_dicts()}
        show.line({"cells": table.frame.height, "into": options.into, "metadata": table.metadata, **cells})
        return 0
    if not options.into:
        columns, rows, numbers = api.table_for_people(table, MOST_CELLS)
        show.table(columns, rows, options, numbers)
        if table.frame.height > MOST_CELLS:
            show.say(
                f"\n{how_many(table.frame.height - MOST_CELLS, 'more cell')}: write them with --into permits.csv",
                options,
            )
    for note in table.metadata["notes"]:
        show.say(note, options)
    return 0


def signs(options: argparse.Namespace) -> int:
    """Say who is a resident by signs of life."""
    registers = show.unlike((_register(text) for text in options.registers), "the register")
    show.parquet_only(options.into, *registers.values())
    rule = Path(options.rule) if options.rule.endswith((".yaml", ".yml")) else options.rule
    found = api.signs_of_life(registers, rule=rule, at=_listed(options.at), population=options.population)
    if options.into:
        api.write_signs(found, options.into)
    if options.json:
        stock = [{**row, "DAY": str(row["DAY"])} for row in found.stock.to_dicts()]
        show.line({**found.facts, "stock": stock, "findings": [show.facts(one) for one in found.findings]})
        return 0
    show.findings(found.findings, json=False)
    rows = [tuple(str(one) if index == 0 else one for index, one in enumerate(row)) for row in found.stock.rows()]
    heads = ["day", "residents", "not", "unknown", "at least", "at most"]
    show.table(heads, rows, options, numbers=(1, 2, 3, 4, 5))
    standing = f"; {found.rule.standing}" if found.rule.standing else ""
    show.say(
        f"\n{how_many(found.facts['persons'], 'person')} by {found.rule.id} {found.rule.version}{standing}", options
    )
    if options.into:
        show.say(f"written: {options.into}", options)
    return 0


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _year(text: str) -> int:
    if not text.isdecimal():
        raise misuse(f"--years {text}: no year", "write --years 2022,2023", place="migstat permits")
    return int(text)


def _register(text: str) -> tuple[str, str]:
    name, equals, file = text.partition("=")
    if not equals or not name or not file:
        raise misuse(f"{text}: no register or no file", "write TAX=tax.parquet", place="migstat signs")
    return name, file

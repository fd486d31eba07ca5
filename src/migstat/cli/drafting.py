"""The commands on drafts: propose a mapping for a file, walk through what it leaves open, and compare two mappings."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from migstat import api
from migstat.cli import show
from migstat.cli.commands import _mapping as mapping_file
from migstat.words.codebook import CODEBOOKS
from migstat.words.draft import Draft
from migstat.words.finding import Finding, Misuse, Place, misuse
from migstat.words.how_many import how_many
from migstat.words.open_answer import Question

Command = Callable[[str, str], argparse.ArgumentParser]
HELP = (
    "a number chooses a candidate; s skips; q stops (what was answered is kept); anything else is taken as the answer"
)


LEAST_ROWS = 3
"""Of fewer rows their number is not said, as a draft shows no value of fewer."""


def add_commands(command: Command) -> None:
    """Add the commands to the parser."""
    made = command(
        "draft",
        "migstat draft persons.csv --codebook dictionary.csv --area KEN --date 2019-08-24 --into ken_census_2019/\n"
        "migstat draft persons.sav --area CHL --structure CENSUS_PERSON --into chl_census/\n"
        "migstat draft permits.zip --format \"encoding: cp1256, member: 'permits_*.csv'\" --into jor_permits/\n"
        "migstat draft --ask ken_census_2019/\n"
        "migstat draft --ask ken_census_2019/ persons.csv",
    )
    made.add_argument("extract", metavar="EXTRACT", nargs="?", help="the file to draft a mapping for")
    made.add_argument("--codebook", metavar="FILE", help=f"what its office says of it: {CODEBOOKS}")
    made.add_argument("--id", metavar="ID", default="", help="of the mapping, such as KEN_CENSUS_2019")
    made.add_argument("--area", metavar="CODE", default="", help="the country of the source, such as KEN")
    made.add_argument("--date", metavar="DATE", default="", help="what the source speaks of, such as 2019-08-24")
    made.add_argument("--structure", metavar="ID", default="CENSUS_PERSON", help="to fill (default: CENSUS_PERSON)")
    made.add_argument(
        "--format",
        metavar="TEXT",
        default="",
        help="how the file is written, where its beginning does not tell: the keys of source.format",
    )
    made.add_argument("--into", metavar="FOLDER", default="draft", help="where the draft goes (default: draft)")
    made.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="whether the first line of a text file names its columns (default: as it looks)",
    )
    made.add_argument(
        "--ask",
        metavar="FOLDER",
        help="walk through what the draft in this folder leaves open; EXTRACT tells how many rows a value has",
    )

    compared = command(
        "diff",
        "migstat diff ken_census_2009/ ken_census_2019/\n"
        "migstat diff examples/can_cchs/mapping.yaml@cchs2003_p examples/can_cchs/mapping.yaml@cchs2005_p\n"
        "migstat diff dictionary_2018.csv dictionary_2019.csv --mapping usa_acs_2018/mapping.yaml\n"
        "migstat diff persons_2018.csv persons_2019.csv --mapping usa_acs_2018/mapping.yaml",
    )
    compared.add_argument("old", metavar="OLD", help="a mapping, MAPPING@WAVE, a codebook or an extract")
    compared.add_argument("new", metavar="NEW", help="another of the same kind")
    compared.add_argument(
        "--mapping", metavar="FILE", action="append", default=[], help="whose rules are looked at; may be repeated"
    )


def diff(options: argparse.Namespace) -> int:
    """Compare two mappings, codebooks or extracts."""
    found = api.diff(options.old, options.new, [_with_wave(one) for one in options.mapping])
    if options.json:
        changed = [
            {"kind": one.kind, "subject": one.subject, "value": one.value, "before": one.before, "after": one.after}
            for one in found.changes
        ]
        show.findings(found.findings, json=True, of=found.of, old=found.old, new=found.new, changes=changed)
        return int(found.breaks)
    show.findings(found.findings, json=False)
    rows = [
        (one.kind, one.subject, "a blank" if one.value == "" else one.value or "", one.before, one.after)
        for one in found.changes
    ]
    if rows:
        show.table(["change", "of", "value", "before", "after"], rows, options)
    counts = Counter(one.kind for one in found.changes)
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "nothing changed"
    looked = f"; {', '.join(found.looked_at)} looked through" if found.looked_at else ""
    show.say(f"{found.old} to {found.new}: {told}{looked}", options)
    return int(found.breaks)


def _with_wave(text: str) -> str:
    name, at, wave = text.rpartition("@")
    return f"{mapping_file(name)}@{wave}" if at else str(mapping_file(text))


def draft(options: argparse.Namespace) -> int:
    """Draft a mapping, or ask what one leaves open."""
    if options.ask is not None:
        return _ask(options)
    if options.extract is None:
        raise misuse(
            "there is no extract to draft a mapping for", "write migstat draft EXTRACT, or migstat draft --ask FOLDER"
        )
    made = api.draft(
        options.extract,
        options.codebook,
        id=options.id,
        area=options.area,
        date=options.date,
        structure=options.structure,
        into=options.into,
        header=options.header,
        format=options.format,
    )
    _show(made, options)
    return 0


def _show(made: Draft, options: argparse.Namespace) -> None:
    rules = [
        {
            "component": rule.component,
            "kind": rule.kind,
            "column": rule.column,
            "confidence": round(rule.confidence, 2),
            "why": rule.why,
            "open": rule.undecided,
            "lines": len(rule.all_lines),
        }
        for rule in made.rules
    ]
    if options.json:
        unused = [{"column": one.name, "label": one.label, "why": one.why} for one in made.unused]
        show.findings(
            made.findings, json=True, id=made.id, into=options.into, open=made.undecided, rules=rules, unused=unused
        )
        return
    show.findings(made.findings, json=False)
    rows = [
        (one["component"], one["column"], f"{one['confidence']:.2f}", one["lines"], one["open"] or "", one["why"])
        for one in rules
    ]
    show.table(["component", "column", "sure", "lines", "open", "why"], rows, options, numbers=(3,))
    show.say(f"\nwritten: {Path(options.into) / 'mapping.yaml'}, {how_many(len(made.files) - 1, 'table')}", options)
    if made.unused:
        noun = how_many(len(made.unused), "column is", "columns are")
        show.say(f"{noun} not used: the end of the mapping lists them", options)
    noun = "thing is" if made.undecided == 1 else "things are"
    show.say(f"{made.undecided} {noun} left to decide: migstat draft --ask {options.into}", options)


def _ask(options: argparse.Namespace) -> int:
    """Ask one thing after another; each answer is written at once, so that the walk can be taken up again."""
    skipped: set[tuple[str, str, str]] = set()
    answered = 0
    asked = api.open_in_draft(options.ask, options.extract)
    rows = {_key(one): one.rows for one in asked}  # The extract is read once.
    show.say(f"{len(asked)} open. {HELP}", options)
    while left := [one for one in asked if _key(one) not in skipped]:
        answer = _answer(replace(left[0], rows=rows.get(_key(left[0]))), options)
        if answer is None:
            break
        if answer == "":
            skipped.add(_key(left[0]))
        else:
            try:
                put = api.answer_draft(options.ask, left[0], answer)
            except Misuse as error:
                show.findings(error.findings, json=False)
                continue
            answered += 1
            show.say(f"  {left[0].subject}: {put}", options)
        asked = api.open_in_draft(options.ask)
    rest = api.open_in_draft(options.ask)
    if options.json:
        left_open = [
            Finding(Place(one.place.file, one.place.line), one.component, f"{one.subject} is open", "") for one in rest
        ]
        show.findings(left_open, json=True, answered=answered, open=len(rest))
    show.say(f"{answered} answered, {len(rest)} open" + ("" if rest else ": migstat check can be run"), options)
    return int(bool(rest))


def _key(question: Question) -> tuple[str, str, str]:
    return (question.place.file, question.subject, question.label)


def _told(rows: int) -> str:
    """Return how many rows a value has; of a few, which may be known persons, it is not said how many."""
    if 0 < rows < LEAST_ROWS:
        return f"fewer than {LEAST_ROWS} rows have it"
    return f"{rows:,} rows have it"


def _answer(question: Question, options: argparse.Namespace) -> str | None:
    """Return what is answered; nothing for a skip, None where the walk ends."""
    show.say(show.printable(f"\n{question.subject}" + (f'  "{question.label}"' if question.label else "")), options)
    if question.why:
        show.say(show.printable(f"  {question.why}"), options)
    if question.rows is not None:
        show.say(f"  {_told(question.rows)}", options)
    for number, guess in enumerate(question.guesses, 1):
        because = f"  {guess.because}" if guess.because else ""
        show.say(show.printable(f"  {number}  {guess.answer}  ({guess.confidence:.2f}){because}"), options)
    if not options.quiet and not options.json:
        sys.stdout.write("> ")
        sys.stdout.flush()
    line = sys.stdin.readline()
    if not line or line.strip().lower() in {"q", "quit"}:
        return None
    said = line.strip()
    if said.lower() in {"s", "skip", ""}:
        return ""
    if said in {"?", "h", "help"}:
        show.say(HELP, options)
        return _answer(question, options)
    if said.isdecimal() and 1 <= int(said) <= len(question.guesses):
        return question.guesses[int(said) - 1].answer
    if said.isdecimal() and len(said) == 1:
        show.findings(
            [Finding(Place("migstat"), question.component, f"there is no candidate {said}", HELP)], json=False
        )
        return _answer(question, options)
    return said

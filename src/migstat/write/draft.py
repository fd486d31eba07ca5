"""A draft as the files of a mapping: YAML that a person finishes, with reasons, and long recodes beside it."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from textwrap import wrap

from migstat.words.draft import BLANKS, Draft, DraftLine, DraftRule, Guess, Part, Unused
from migstat.words.undecided import TODO
from migstat.words.yaml_text import comment, flow

LONG = 12
"""A recode of more lines stands in a table beside the mapping."""
WIDE = 110
"""Columns that are listed together go to the next line past so many signs."""
MISSING = {"_Z": "not_applicable", "_N": "not_stated", "_U": "unknown"}
HEAD = (
    "# A draft, made by migstat from {inputs}. At each rule stands how sure it is (0 to 1) and why: read them all.\n"
    "# Where it says TODO, a person decides: `migstat draft --ask` walks through it, and `migstat check` refuses it.\n"
)
REASONS = (
    Guess("the source does not ask it", 0.5, "see its form"),
    Guess("asked, and left out of the file", 0.3, "see its documentation"),
)
Files = dict[str, str]


def draft_files(draft: Draft, inputs: Sequence[str]) -> Files:
    """Return the files of a draft, by name: mapping.yaml, and the tables that it names."""
    files: Files = {}
    lines = [HEAD.format(inputs=" and ".join(comment(name) for name in inputs)).rstrip("\n")]
    lines += [line for part in draft.head for line in _part(part, "")]
    lines += ["", "source:"]
    lines += [line for part in draft.source for line in _part(part, "  ")]
    if draft.keep:
        lines += ["", "keep:"]
        for part in draft.keep:
            lines += [*_why(part.confidence, part.why, "  "), f"  - {part.value}"]
    lines += ["", "rules:"]
    for rule in draft.rules:
        lines += _rule(rule, files)
    if draft.left_out:
        lines += ["", "  # Left out, since it is not required and not sure enough:"]
        lines += [
            f"  #   {rule.component} from {comment(rule.column)} ({rule.confidence:.2f}): {comment(rule.why)}"
            for rule in draft.left_out
        ]
    if draft.unused:
        noun = "column" if len(draft.unused) == 1 else "columns"
        lines += ["", f"# Not used, {len(draft.unused):,} {noun} of the extract. Look whether something is missed:"]
        lines += [f"#   {line}" for line in _unused(draft.unused)]
    return {"mapping.yaml": "\n".join(lines) + "\n", **dict(sorted(files.items()))}


def _unused(unused: Sequence[Unused]) -> Iterator[str]:
    """Yield a line for each column with a label; those without are listed together, by why they are not used."""
    together: dict[str, list[str]] = {}
    for one in unused:
        if one.label:
            yield f'{comment(one.name)}  "{comment(one.label)}": {comment(one.why)}'
        else:
            together.setdefault(one.why, []).append(comment(one.name))
    for why, names in together.items():
        yield from wrap(f"{comment(why)}: {', '.join(names)}", WIDE, subsequent_indent="  ", break_on_hyphens=False)


def _why(confidence: float, why: str, indent: str) -> list[str]:
    return [f"{indent}# {confidence:.2f}: {comment(why)}"] if why else []


def _guesses(guesses: Sequence[Guess], indent: str) -> list[str]:
    return [
        f"{indent}# {number}: {comment(guess.answer)} -- {guess.confidence:.2f}: {comment(guess.because)}"
        for number, guess in enumerate(guesses, 1)
    ]


def _part(part: Part, indent: str) -> Iterator[str]:
    yield from _why(part.confidence, part.why, indent)
    yield from _guesses(part.guesses, indent)
    # What is only said stands apart: a comment right above a key speaks of that key.
    yield f"{indent}{part.key}: {part.value}" if part.value else ""


def _rule(rule: DraftRule, files: Files) -> Iterator[str]:
    name = rule.component
    if rule.kind == "open":
        yield f"  # {TODO} {name}: {comment(rule.why)}"
        for number, candidate in enumerate(rule.candidates, 1):
            answer = rule_text(candidate, files, f"{name.lower()}_{number}")
            yield f"  # {number}: {answer} -- {candidate.confidence:.2f}: {comment(candidate.why)}"
        yield f"  {name}: {TODO}"
        return
    yield from _why(rule.confidence, rule.why, "  ")
    yield from _guesses(REASONS if rule.kind == "not_collected" and rule.because == TODO else (), "  ")
    if rule.unlisted:
        noun = "value is" if rule.unlisted == 1 else "values are"
        yield f"  # {rule.unlisted} rare {noun} not shown: rows with them are rejects until they have a line"
    if rule.kind == "recode" and len(rule.lines) <= LONG:
        yield from _block(rule)
    elif rule.kind in ("copy", "date") and _open_blank(rule) is not None:
        yield from _copied(rule)
    elif rule.kind == "cases":
        yield from _cases(rule, files)
    else:
        yield f"  {name}: {rule_text(rule, files, name.lower())}"


def rule_text(rule: DraftRule, files: Files, table: str) -> str:
    """Return a rule on one line; its table, where it is long, goes among the files."""
    if rule.kind == "not_collected":
        return f"{{not_collected: {flow(rule.because)}}}"
    parts = _from(rule)
    short = len(rule.lines) <= LONG and not any(line.code == TODO for line in rule.lines)
    if rule.kind == "recode" and not short:
        name = f"tables/{table}.csv"
        files[name] = table_text(rule.lines)
        parts.append(f"recode: {name}")
        return f"{{{', '.join(parts + _pad(rule.pad) + _universe(rule))}}}"
    if rule.kind == "recode":
        told = [line for line in rule.lines if line.code not in MISSING]
        parts.append("recode: {" + ", ".join(f"{flow(line.value)}: {_code(line)}" for line in told) + "}")
    parts += [f"{key}: [{values}]" for key, values, _ in _missing(rule.lines)]
    parts += [f"blank: {TODO}"] if rule.kind != "recode" and _open_blank(rule) is not None else []
    return f"{{{', '.join(parts + _pad(rule.pad) + _universe(rule))}}}"


def _universe(rule: DraftRule) -> list[str]:
    return [f"universe: {flow(rule.universe)}"] if rule.universe else []


def _from(rule: DraftRule) -> list[str]:
    """Return what a rule reads, and how a date is written there."""
    if rule.parts:
        said = [f"date: {{{', '.join(f'{part}: {flow(name)}' for part, name in rule.parts)}}}"]
        return said + ([] if len(rule.parts) == 3 else ["match: broader", f"because: {flow(rule.because)}"])
    return [f"from: {flow(rule.column)}"] + ([f"date: {flow(rule.format)}"] if rule.kind == "date" else [])


def _open_blank(rule: DraftRule) -> DraftLine | None:
    return next((line for line in rule.lines if line.value == "" and line.code == TODO), None)


def _copied(rule: DraftRule) -> Iterator[str]:
    """Write a rule that copies, with the blanks that nobody explains as an open key."""
    yield f"  {rule.component}:"
    yield from (f"    {said}" for said in _from(rule))
    told = {key: values for key, values, _ in _missing(rule.lines)}
    yield from (f"    {key}: [{values}]" for key, values in told.items())
    blank = _open_blank(rule)
    assert blank is not None
    guesses = [(MISSING[guess.answer], guess) for guess in blank.guesses]
    # A key that is there already cannot be written a second time: it is offered with its values.
    answers = [replace(guess, answer=f'{key}: [{told[key] + ", " if key in told else ""}""]') for key, guess in guesses]
    yield from _guesses([one for one in answers if one.answer.partition(":")[0] not in told], "    ")
    yield f"    blank: {TODO}"


def _pad(pad: int | None) -> list[str]:
    return [f"pad: {pad}"] if pad else []


def _code(line: DraftLine) -> str:
    if line.match == "exact" and not line.because:
        return line.code
    said = [f"to: {line.code}", f"match: {line.match}"] + ([f"because: {flow(line.because)}"] if line.because else [])
    return f"{{{', '.join(said)}}}"


def _missing(lines: Sequence[DraftLine]) -> Iterator[tuple[str, str, str]]:
    for code, key in MISSING.items():
        found = [line for line in lines if line.code == code]
        if found:
            labels = "; ".join(f"{line.value or 'blank'} {line.label}" for line in found if line.label)
            yield key, ", ".join(flow(line.value) for line in found), labels


def _block(rule: DraftRule) -> Iterator[str]:
    yield f"  {rule.component}:"
    yield f"    from: {flow(rule.column)}"
    told = [line for line in rule.lines if line.code not in MISSING]
    if told:
        yield "    recode:"
    for line in told:
        yield from _guesses(line.guesses if line.code == TODO else (), "      ")
        label = f"  # {comment(line.label)}" if line.label and line.label != line.value else ""
        yield f"      {flow(line.value)}: {_code(line)}{label}"
    if not told:
        # Nothing but kinds of missing: a recode needs a line, and these are its lines.
        yield f"    recode: {{{', '.join(f'{flow(line.value)}: {line.code}' for line in rule.lines)}}}"
    else:
        for key, values, labels in _missing(rule.lines):
            yield f"    {key}: [{values}]" + (f"  # {comment(labels)}" if labels else "")
    yield from (f"    {text}" for text in (*_pad(rule.pad), *_universe(rule)))


def _cases(rule: DraftRule, files: Files) -> Iterator[str]:
    yield f"  {rule.component}:"
    yield "    cases:"
    for number, arm in enumerate(rule.arms, 1):
        values = ", ".join(flow(value) for value in arm.values)
        when = f"when: {{{flow(arm.column)}: [{values}]}}"
        if not arm.column:
            rest = [f"from: {flow(arm.source)}", *(f"{key}: [{said}]" for key, said, _ in _missing(arm.lines))]
            rest += [f"blank: {TODO}"] if any(line.code == TODO for line in arm.lines) else []
            yield f"      - {{else: true, {', '.join(rest)}}}"
            continue
        if not arm.source:
            standard = BLANKS if arm.values == ("",) else ()
            yield from _guesses((arm.guesses or standard) if arm.code == TODO else (), "      ")
            because = f", because: {flow(arm.because)}" if arm.because else ""
            yield f"      - {{{when}, give: {arm.code}{because}}}"
            continue
        name = f"tables/{rule.component.lower()}.csv"
        name = name if name not in files else f"tables/{rule.component.lower()}_{number}.csv"
        files[name] = table_text(arm.lines)
        rest = [f"from: {flow(arm.source)}", f"recode: {name}", *_pad(arm.pad)]
        yield f"      - {{{', '.join((when, *rest))}}}"


def table_text(lines: Sequence[DraftLine]) -> str:
    """Return a recode as CSV; where a line is open, its candidates stand under ``because``."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["from", "to", "match", "because", "label"])
    for line in lines:
        because = line.because
        if line.code == TODO:
            because = " | ".join(
                f"{number}: {guess.answer} -- {guess.confidence:.2f}" for number, guess in enumerate(line.guesses, 1)
            )
        label = "" if line.label == line.value else comment(line.label)
        writer.writerow([line.value, line.code, line.match, because, label])
    return out.getvalue()

"""Patterns: lines of texts, parts of texts and regular expressions, matched in time that grows only with the text."""

import re
from collections.abc import Sequence
from functools import cache, reduce
from operator import and_

import narwhals as nw
import polars as pl

from migstat.words.mapping_rule import PatternLine, Patterns, PatternValue

LARGEST = 2_000
"""Letters of a regular expression; what is longer is a list, and belongs into lines."""
SEPARATOR = "\x1f"
_GROUP = re.compile(r"\\(\d)")


def whole(pattern: str) -> str:
    """Return an expression that takes a whole value: ``A`` takes A alone, ``^A`` what begins with it.

    So SDMX's own examples read (Technical Notes, structure mapping, regular expressions).

    >>> whole("A"), whole("^A"), whole("A$")
    ('^(?:A)$', '^(?:A)(?s:.*)$', '^(?s:.*?)(?:A)$')
    """
    begins = pattern.startswith("^")
    ends = pattern.endswith("$") and not re.search(r"(?<!\\)(?:\\\\)*\\\$$", pattern)
    inner = pattern[1 if begins else 0 : len(pattern) - 1 if ends else len(pattern)]
    before = "(?s:.*?)" if ends and not begins else ""
    after = "(?s:.*)" if begins and not ends else ""
    return f"^{before}(?:{inner}){after}$"


@cache
def pattern_fault(pattern: str) -> str:
    """Return what is wrong with a regular expression, or an empty text.

    Expressions are run by an engine whose time grows with the text alone; it has no look-around and no
    back-references, and refuses an expression that would grow too large.
    """
    if len(pattern) > LARGEST:
        return f"is longer than {LARGEST:,} letters"
    try:
        pl.Series(["x"]).str.contains(whole(pattern))
    except pl.exceptions.PolarsError as error:
        if "size limit" in str(error):
            return "cannot be used: its repetitions grow too large"
        last = [line.strip() for line in str(error).splitlines() if line.strip()]
        said = next((line.removeprefix("error:").strip() for line in last if line.startswith("error:")), last[-1])
        return f"cannot be used: {said}"
    return ""


def groups(pattern: str) -> int:
    """Return how many groups an expression captures."""
    found = pl.select(pl.lit("x").str.extract_groups(whole(pattern)).struct.unnest()).columns
    return 0 if found == ["literal"] else len(found)


def matched(rule: Patterns, lines: Sequence[PatternLine]) -> nw.Expr:
    """Return the code of the first line that takes the row, or null; lines of whole texts are asked first."""
    plain = [line for line in lines if all(_is_plain(value) for value in line.values)]
    others = [line for line in lines if not all(_is_plain(value) for value in line.values)]
    found: list[nw.Expr] = []
    if plain:
        found.append(_exact(rule.columns, plain))
    for line in others:
        takes = reduce(and_, (_takes(name, value) for name, value in zip(rule.columns, line.values, strict=True)))
        found.append(nw.when(takes).then(_target(rule, line)))
    if not found:
        return nw.lit(None, nw.String)
    return nw.coalesce(*found) if len(found) > 1 else found[0]


def _exact(columns: Sequence[str], lines: Sequence[PatternLine]) -> nw.Expr:
    """Return the code of the first line whose texts are those of the row: one look-up, however many lines there are."""
    parts = [_part(name, PatternValue("")) for name in columns]
    key = nw.concat_str(*parts, separator=SEPARATOR) if len(parts) > 1 else parts[0]
    exact = {SEPARATOR.join(value.text for value in line.values): line.code for line in reversed(lines)}
    return key.replace_strict(list(exact), list(exact.values()), default=None, return_dtype=nw.String)


def _is_plain(value: PatternValue) -> bool:
    return not value.is_regex and value.start is None and value.end is None


def _part(name: str, value: PatternValue) -> nw.Expr:
    """Return the part of the column that is looked at; a blank is an empty text."""
    column = nw.col(name)
    column = nw.when(column.is_null()).then(nw.lit("")).otherwise(column)
    if value.start is None and value.end is None:
        return column
    start = (value.start or 1) - 1
    return column.str.slice(start, None if value.end is None else max(0, value.end - start))


def _takes(name: str, value: PatternValue) -> nw.Expr:
    if not value.is_regex:
        return _part(name, value) == value.text
    return _part(name, value).str.contains(whole(value.text))


def _target(rule: Patterns, line: PatternLine) -> nw.Expr:
    """Return what the line gives; ``\\1`` is what the first group took of the first column with an expression."""
    if not _GROUP.search(line.code):
        return nw.lit(line.code)
    name, value = next((name, value) for name, value in zip(rule.columns, line.values, strict=True) if value.is_regex)
    text = _GROUP.sub(r"${\1}", line.code.replace("$", "$$"))
    return _part(name, value).str.replace_all(whole(value.text), text)


def lines_met(rule: Patterns, lines: Sequence[PatternLine], rows: Sequence[tuple[str, ...]]) -> list[tuple[int, str]]:
    """Return for each row of source values the number of the line that takes it (-1: none), and its code."""
    frame = pl.DataFrame(
        [[value or None for value in column] for column in zip(*rows, strict=True)] if rows else [],
        schema=dict.fromkeys(rule.columns, pl.String),
    )
    numbered = [PatternLine(line.values, str(number), line.place) for number, line in enumerate(lines)]
    found = nw.from_native(frame, eager_only=True).select(
        matched(rule, numbered).alias("line"), matched(rule, lines).alias("code")
    )
    return [(-1 if line is None else int(line), code or "") for line, code in found.iter_rows()]

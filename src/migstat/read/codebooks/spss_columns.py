"""Columns as SPSS programs give them: DATA LIST and GET DATA, by positions, by formats, or by order alone."""

import re

from migstat.read.codebooks.making import Making
from migstat.read.codebooks.statements import Reader, Token, column_range
from migstat.words.codebook import Kind, Variable
from migstat.words.how_many import how_many

TEXT = {"a", "ahex", "an"}
DATES = {"date", "adate", "edate", "sdate", "jdate", "qyr", "moyr", "wkyr", "datetime", "ymdhms", "time", "dtime"}
FORMAT = re.compile(r"([a-z$]+?)(\d+)?(?:\.(\d+))?", re.I)
JOIN = "join the lines of a record into one, and add the lengths of the lines before to the positions"
MOST_SPREAD = 10_000


def spread(first: Token, last: Token, making: Making) -> list[str]:
    """Return the names that ``A TO C`` stands for: of columns that are there, or A1 TO A9 counted through."""
    known = [one.name.casefold() for one in making.columns]
    if first.folded in known and last.folded in known:
        begin, end = known.index(first.folded), known.index(last.folded)
        if begin <= end:
            return [one.name for one in making.columns[begin : end + 1]]
    return numbered(first, last, making)


def numbered(first: Token, last: Token, making: Making) -> list[str]:
    """Return A1, A2 and so on up to A9; a fault where the two are not counted through."""
    begin, end = (re.fullmatch(r"(.*?)(\d+)", token.text) for token in (first, last))
    if begin and end and begin[1].casefold() == end[1].casefold() and 0 <= int(end[2]) - int(begin[2]) < MOST_SPREAD:
        return [f"{begin[1]}{n:0{len(begin[2])}}" for n in range(int(begin[2]), int(end[2]) + 1)]
    what = f"{first.text} TO {last.text} cannot be counted through"
    making.wrong(first.line, what, "write names that end in numbers, the lower first, as V1 TO V9")
    return [first.text, last.text]


def data_list(reader: Reader, making: Making, record: str) -> None:
    """Read ``DATA LIST FILE='x' FIXED RECORDS=1 /1 V1 1-4 (A) V2 TO V5 5-8 V6 9 (F,2)``."""
    free = False
    while reader and reader.peek().folded != "/":
        token = reader.take()
        free |= token.folded in ("free", "list")
        if token.folded in ("records", "record"):
            reader.took("=")
            count = reader.whole()
            if count and count > 1:
                making.wrong(token.line, f"a record has {how_many(count, 'line')}, and cannot be read", JOIN)
        elif token.folded == "skip":
            reader.took("=")
            making.doubt(token.line, "lines are left out above the first record", _header(reader))
    position = 1
    while reader:
        if reader.took("/"):
            number = reader.whole() if reader.peek().kind == "number" else None
            if number and number > 1:
                making.wrong(reader.line, f"line {number} of a record: a record of several lines cannot be read", JOIN)
            continue
        position = _named_columns(reader, making, record, position, free=free)


def _header(reader: Reader) -> str:
    return f"write header: {reader.whole() or 1} under source.format"


def _named_columns(reader: Reader, making: Making, record: str, position: int, *, free: bool) -> int:
    """Read one name or several, with their positions or formats."""
    names: list[Token] = []
    line = reader.line
    if reader.peek().kind == "sign" and reader.peek().folded == "(":
        making.wrong(line, "a format stands where a name should", "write NAME 1-4 (A)")
        reader.skip_to(")")
        reader.take()
        return position
    while reader.peek().kind == "word":
        token = reader.take()
        if reader.peek().folded == "to" and reader.peek(1).kind == "word":
            reader.take()
            names += [Token("word", name, token.line) for name in numbered(token, reader.take(), making)]
        else:
            names.append(token)
        if reader.took("*"):
            break
    found = column_range(reader)
    if not names:
        token = reader.take() if found is None else Token("number", str(found[0]), line)
        making.wrong(line, f"'{token.text[:40]}' stands where a name should", "write NAME 1-4")
        return position
    kind, decimals, widths = _format(reader, making, names[-1].text)
    if found is not None:
        start, whole = found
        width, rest = divmod(whole, len(names))
        if rest or width < 1:
            what = (
                f"{how_many(whole, 'position')} cannot be shared by "
                f"{how_many(len(names), 'column')}, {names[0].text} to {names[-1].text}"
            )
            making.wrong(line, what, "mend the positions", names[0].text)
            width = max(1, width)
        for at, token in enumerate(names):
            making.add(
                Variable(token.text, start=start + at * width, width=width, kind=kind, decimals=decimals,
                         record=record), token.line)  # fmt: skip
        return start + whole
    if free:
        for token in names:
            making.add(Variable(token.text, kind=kind, record=record), token.line)
        return position
    if not widths:
        for token in names:
            making.wrong(token.line, f"{token.text} has no positions", f"write {token.text} 1-4", token.text)
        return position
    if len(widths) == 1:
        widths = widths * len(names)
    if len(widths) != len(names):
        making.wrong(
            line,
            f"{how_many(len(names), 'column has', 'columns have')} {how_many(len(widths), 'format')}",
            "write a format for each",
            names[0].text,
        )
    for token, width in zip(names, widths, strict=False):
        making.add(
            Variable(token.text, start=position, width=width, kind=kind, decimals=decimals, record=record), token.line
        )
        position += width
    return position


def _format(reader: Reader, making: Making, name: str) -> tuple[Kind, int, list[int]]:
    """Read ``(A)``, ``(2)``, ``(F,2)``, ``(F8.2)``, ``(A10)``: kind, decimals, and widths where they are given."""
    if not reader.took("("):
        return "number", 0, []
    kind: Kind = "number"
    decimals, widths = 0, []
    while reader and not reader.took(")"):
        token = reader.take()
        if token.folded in (",", "*"):
            continue
        if token.kind == "number":
            if token.text.isdecimal() and reader.peek().kind == "word":
                times, token = int(token.text), reader.take()
                widths += _one_format(token, making)[2] * min(times, MOST_SPREAD)
                continue
            decimals = int(float(token.text)) if token.text.isdecimal() else 0
            continue
        if token.kind == "word" and reader.peek().kind == "number" and reader.peek().text.startswith("."):
            token = Token("word", token.text + reader.take().text, token.line)
        if token.kind != "word":
            making.wrong(
                token.line, f"the format of {name} cannot be read: '{token.text[:40]}'", "write (A) or (F,2)", name
            )
            continue
        kind, found, its = _one_format(token, making)
        decimals = found or decimals
        widths += its
    return kind, decimals, widths


def _one_format(token: Token, making: Making) -> tuple[Kind, int, list[int]]:
    match = FORMAT.fullmatch(token.text)
    if match is None:
        making.doubt(token.line, f"the format {token.text[:40]} is not known: read as text", "write A10 or F8.2")
        return "text", 0, []
    letter = match[1].casefold()
    kind: Kind = "text" if letter in TEXT else "date" if letter in DATES else "number"
    if letter in {"pibhex", "ib", "pib", "p", "pk", "rb", "rbhex", "zhex"}:
        mend = "ask for the file as text"
        making.wrong(token.line, f"the format {token.text} is of bytes that are no text, and cannot be read", mend)
    return kind, int(match[3] or 0) if kind == "number" else 0, [int(match[2])] if match[2] else []


def get_data(reader: Reader, making: Making) -> None:
    """Read ``GET DATA /TYPE=TXT /ARRANGEMENT=FIXED /VARIABLES=/1 V1 0-3 F4.0``; there positions count from 0."""
    fixed = False
    line = reader.line
    if not any(token.folded == "txt" for token in (reader.peek(ahead) for ahead in range(12))):
        making.passed("get data", line)
        return
    while reader and reader.peek().folded != "variables":
        token = reader.take()
        if token.folded == "arrangement":
            reader.took("=")
            fixed = reader.take().folded == "fixed"
        elif token.folded == "firstcase":
            reader.took("=")
            first = reader.whole() or 1
            if first > 1:
                what = f"the data begin in line {first}"
                making.doubt(token.line, what, f"write header: {first - 1} under source.format")
        elif token.folded == "fixcase":
            reader.took("=")
            if (reader.whole() or 1) > 1:
                making.wrong(token.line, "a record of several lines cannot be read", JOIN)
    reader.take()
    reader.took("=")
    while reader:
        if reader.took("/"):
            number = reader.whole()
            if number is not None and number > 1:
                making.wrong(reader.line, f"line {number} of a record: a record of several lines cannot be read", JOIN)
            elif number is None and reader.peek().folded == "map":
                break
            continue
        token = reader.take()
        found = column_range(reader)
        if token.kind != "word" or (fixed and found is None):
            making.wrong(token.line, f"'{token.text[:40]}' has no positions that can be read", "write NAME 0-3 F4.0")
            reader.skip_to("/")
            continue
        kind, decimals = _shown(reader, making)
        start, width = (found[0] + 1, found[1]) if found else (None, None)
        making.add(Variable(token.text, start=start, width=width, kind=kind, decimals=decimals), token.line)


def _shown(reader: Reader, making: Making) -> tuple[Kind, int]:
    """Take a format such as F4.0, A20 or AUTO; what stands before a number is no format, but a name."""
    token = reader.peek()
    match = FORMAT.fullmatch(token.text) if token.kind == "word" else None
    known = {"f", "comma", "dot", "n", "dollar", "pct", "e", "auto"} | TEXT | DATES
    if match is None or match[1].casefold() not in known or reader.peek(1).kind == "number":
        return "number", 0
    reader.take()
    letter = match[1].casefold()
    decimals = int(match[3] or 0)
    if decimals:
        what = f"the format {token.text} is taken to have {how_many(decimals, 'decimal')} whose sign is not written"
        making.doubt(token.line, what, "write a layout as CSV where the sign is written")
    return ("text" if letter in TEXT else "date" if letter in DATES else "number"), decimals

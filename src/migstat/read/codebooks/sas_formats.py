"""Labels of values as SAS gives them: the formats of PROC FORMAT, and which column has which."""

from migstat.read.codebooks.making import Making
from migstat.read.codebooks.sas_input import names_of
from migstat.read.codebooks.statements import Reader
from migstat.words.codebook import ValueLabel

Used = tuple[str, str, int]
"""A column, its format, and the line that says so."""


def format_name(reader: Reader) -> str:
    """Take ``sexf.``, ``$namef.``, ``8.2`` or ``best12.``, and return it without its full stop."""
    name = "$" if reader.took("$") else ""
    token = reader.take()
    name += token.folded if token.kind == "word" else ""
    if token.kind == "word" and reader.peek().kind == "number" and reader.peek().text.startswith("."):
        reader.take()
    elif token.kind == "word":
        reader.took(".")
    return name


def formats(reader: Reader, making: Making, used: list[Used]) -> None:
    """Read ``format A B abf. C $cf. D 8.2``."""
    names: list[tuple[str, int]] = []
    while reader:
        token = reader.peek()
        named = token.kind == "word" and (
            reader.peek(1).folded == "." or (reader.peek(1).kind == "number" and reader.peek(1).text.startswith("."))
        )
        if token.folded == "$" or named or token.kind == "number":
            format = format_name(reader)
            used += [(name, format, line) for name, line in names]
            names = []
        elif token.kind == "word":
            reader.take()
            names += [(name, token.line) for name in names_of(token, reader, making)]
        else:
            reader.take()
            if token.folded not in (".", "="):
                making.doubt(token.line, f"'{token.text[:40]}' in FORMAT cannot be read", "write NAME namef.")


def values(reader: Reader, making: Making, defined: dict[str, list[ValueLabel]]) -> None:
    """Read ``value sexf 1 = 'Male' 2,3 = 'Other' 4-9 = 'More' other = 'Else'``."""
    line = reader.line
    name = ("$" if reader.took("$") else "") + reader.take().folded
    if reader.took("("):
        reader.skip_to(")")
        reader.take()
    found: dict[str, ValueLabel] = {}
    while reader:
        values = _value_range(reader, name, making)
        if values is None:
            continue
        if not reader.took("="):
            said = reader.take().text[:40]
            making.doubt(reader.line, f"'{said}' in the format {name} cannot be read", "write 1 = 'Male'", name)
            continue
        if reader.peek().kind == "text":
            label = reader.take().text.strip()
            found |= {value: ValueLabel(value, label, missing=value[:1] == ".") for value in values}
        else:
            making.doubt(reader.line, f"a value of the format {name} has no label in quotes", "write 1 = 'Male'", name)
            reader.take()
    if name in defined:
        making.doubt(line, f"the format {name} is defined again: this is the one that counts", "remove one")
    defined[name] = list(found.values())


def _value_range(reader: Reader, name: str, making: Making) -> list[str] | None:
    """Take values up to the equals sign; None after a fault."""
    values: list[str] = []
    while True:
        line, low = reader.line, _bound(reader)
        if low == "other":
            making.doubt(line, f"OTHER in the format {name} stands for all values that are not listed: left out", "")
        elif not low:
            said = reader.take().text[:40]
            making.doubt(line, f"'{said}' in the format {name} cannot be read", "write 1 = 'Male'", name)
            return None
        sign = reader.peek().text
        if sign in ("-", "<-", "-<", "<-<"):
            reader.take()
            high = _bound(reader)
            if "<" in sign:
                making.doubt(line, f"a range of the format {name} leaves out an end of it: read as {low}..{high}", "")
            values.append(f"{low}..{high}")
        elif low != "other":
            values.append(low)
        if not reader.took(","):
            return values


def _bound(reader: Reader) -> str:
    token = reader.peek()
    if token.kind == "text":
        return reader.take().text.strip() or " "
    if token.folded in ("low", "high", "other"):
        reader.take()
        return {"low": "-inf", "high": "inf", "other": "other"}[token.folded]
    if token.folded == ".":
        reader.take()
        letter = reader.peek().text
        return f".{reader.take().text}" if reader.peek().kind == "word" and len(letter) == 1 else "."
    return reader.number()

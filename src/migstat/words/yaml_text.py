"""Texts as they stand in YAML of one line: in quotes where a sign, or a word such as null, means something else."""

import re

_PLAIN = re.compile(r"[^\W\d_][\w ]*|[A-Za-z_][\w./ -]*|\d+|-\d+")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def flow(text: str) -> str:
    """Return a text as it stands in a list or dict of one line.

    >>> flow("Person ID"), flow("abroad; none named"), flow("null"), flow("TODO")
    ('Person ID', '"abroad; none named"', '"null"', 'TODO')
    """
    if _PLAIN.fullmatch(text) and text == text.strip() and text.casefold() not in _WORDS:
        return text
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f'"{escaped}"'


def comment(text: str) -> str:
    """Return a text as it can stand in a comment: on one line, its control characters written out."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()

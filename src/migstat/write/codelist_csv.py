"""Codelists at rest: a table of codes, one line a code, and a header beside it; written as they are read."""

import csv
import io
import os
from pathlib import Path

from migstat.words.codelist import LANGUAGES, Codelist
from migstat.write.atomic import write_text
from migstat.write.sdmx.notes import code_notes, columns


def codelist_csv(codelist: Codelist) -> str:
    """Return the table of codes: id, parent, the name in each language, then dates, bounds and other columns."""
    more = columns(codelist)
    there = dict.fromkeys(language for code in codelist for language in code.names)
    languages = [*LANGUAGES, *(language for language in there if language not in LANGUAGES)]
    if not set(LANGUAGES) <= set(there):
        languages = [language for language in languages if language in there]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "parent", *(f"name_{language}" for language in languages), *more])
    for code in codelist:
        notes = code_notes(code)
        names = [code.names.get(language, "") for language in languages]
        writer.writerow([code.id, code.parent or "", *names, *(notes.get(name, "") for name in more)])
    return out.getvalue()


def codelist_toml(codelist: Codelist) -> str:
    """Return the header of a codelist."""
    head = {
        "id": codelist.id,
        "agency": codelist.agency,
        "version": codelist.version,
        "description": codelist.description,
        "source": codelist.source,
        "standing": codelist.standing,
    }
    lines = [f"{key} = {_quoted(value)}" for key, value in head.items()]
    if codelist.retrieved is not None:
        lines.append(f"retrieved = {codelist.retrieved.isoformat()}")
    lines += [f"licence = {_quoted(codelist.licence)}", "", "[names]"]
    lines += [f"{_key(language)} = {_quoted(name)}" for language, name in codelist.names.items()]
    return "\n".join(lines) + "\n"


def write_codelist_csv(codelist: Codelist, path: str | os.PathLike[str]) -> None:
    """Write a codelist as a CSV file, and its header as a TOML file beside it."""
    table = Path(path)
    write_text(table, codelist_csv(codelist))
    write_text(table.with_suffix(".toml"), codelist_toml(codelist))


def _key(language: str) -> str:
    return language if language.replace("-", "").isalnum() and language.isascii() else _quoted(language)


def _quoted(text: str) -> str:
    """Return a basic string of TOML."""
    short = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    signs = (short.get(sign, sign if sign >= " " and sign != "\x7f" else f"\\u{ord(sign):04x}") for sign in text)
    return '"' + "".join(signs) + '"'

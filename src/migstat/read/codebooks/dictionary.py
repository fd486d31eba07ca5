"""Data dictionaries in CSV: the Census Bureau's NAME and VAL lines, and plain tables of variables and values."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from migstat.read.codebooks.layout_csv import HEADINGS
from migstat.read.codebooks.text import codebook_text
from migstat.read.legacy import plainly
from migstat.read.packed import fault
from migstat.words.codebook import Codebook, Kind, ValueLabel, Variable
from migstat.words.finding import Finding
from migstat.words.mapping_rule import bounds
from migstat.words.plain_words import listed, plain

LARGEST = 50_000_000
"""Bytes; a dictionary that is larger is refused."""
MOST_DIGITS = 9
"""Of a length."""
SEPARATORS = (",", ";", "\t", "|")
VARIABLE = listed(
    "variable; variable name; var; name; column; field; column name; field name; variabele; nombre; nombre "
    "variable; campo; columna; nom; champ; colonne; nome; coluna; feld; spalte; merkmal; переменная; поле; "
    "المتغير; 变量; 变量名; 字段"
)
VALUE = listed(
    "value; code; category; answer code; option; valor; codigo; valeur; modalite; wert; auspragung; schlussel; "
    "значение; код; القيمة; الرمز; 值; 代码; 取值"
)
VALUE_LABEL = listed(
    "value label; code label; category label; meaning; answer; label of value; value labels; etiqueta valor; "
    "etiqueta de valor; libelle modalite; libelle; wertelabel; bedeutung; rotulo; categoria; значение кода; "
    "метка; المعنى; 含义; 值标签"
)
LABEL = listed(
    "variable label; label; description; title; etiqueta; etiqueta variable; descripcion; rotulo variable; "
    "descricao; etiquette; libelle variable; bezeichnung; beschreibung; название; описание; الوصف; 标签; 描述; 说明; "
    "concept; variable description"
)
QUESTION = ("question", "question text", "pregunta", "pergunta", "frage", "вопрос", "السؤال", "问题")
UNIVERSE = ("universe", "universo", "univers", "population")
MISSING = ("missing", "is missing", "perdido", "manquant", "fehlend")
PLACES = {"values", *(plain(one) for key in ("start", "end", "width", "positions") for one in (key, *HEADINGS[key]))}
"""A table with one of these is a layout, which another module reads."""


@dataclass(slots=True)
class _Made:
    """A variable while its lines are read."""

    name: str
    label: str = ""
    kind: Kind = "text"
    width: int = 0
    question: str = ""
    universe: str = ""
    values: dict[str, ValueLabel] = field(default_factory=dict)

    def word(self) -> Variable:
        values = tuple(self.values.values())
        missing = tuple(one.value for one in values if one.missing)
        return Variable(
            self.name, self.label, values, missing, self.kind, question=self.question, universe=self.universe
        )


def recognised(path: Path, start: bytes) -> bool:
    """Say whether a file begins as a data dictionary does."""
    if path.suffix.lower() not in {".csv", ".txt", ".tsv"}:
        return False
    head = _text(start[:4096]).lstrip("\ufeff").split("\n", 1)[0].rstrip("\r")
    return _is_names_and_values(head) or _columns(_cells(head, _separator(head))) is not None


def read(path: Path) -> Codebook:
    """Read a data dictionary. Raises MigstatError where it is none, is damaged, or holds no variable."""
    if path.stat().st_size > LARGEST:
        raise fault(path.name, f"is larger than {LARGEST:,} bytes", "leave out what is not about variables")
    findings: list[Finding] = []
    text = codebook_text(path, findings)
    head = text.split("\n", 1)[0].rstrip("\r")
    rows = list(_rows(text, _separator(head), path.name))
    if _is_names_and_values(head):
        found = _names_and_values(rows, path.name)
    else:
        columns = _columns(rows[0]) if rows else None
        if columns is None:
            mend = "give it the columns variable, value and label, or variable and label"
            raise fault(path.name, "is not a data dictionary: no column says what the variables are called", mend)
        found = _table(rows[1:], columns)
    variables = tuple(one.word() for one in found)
    if not variables:
        raise fault(path.name, "holds no variable", "write a line for each variable below the header")
    return Codebook(path.name, variables, findings=tuple(findings))


def _text(data: bytes) -> str:
    """Return the first bytes as text, well enough to know what they are the beginning of."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(plainly(data)[0] or "cp1252", errors="replace")


def _separator(head: str) -> str:
    return max(SEPARATORS, key=head.count)


def _cells(head: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([head], delimiter=separator), [])
    except csv.Error:
        return []


def _rows(text: str, separator: str, name: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        yield from (row for row in reader if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise fault(name, f"line {reader.line_num} is not CSV: {error}", "mend the quotes of this line") from None


def _is_names_and_values(head: str) -> bool:
    cells = _cells(head, ",")
    return len(cells) >= 5 and cells[0] == "NAME"


def _names_and_values(rows: list[list[str]], name: str) -> Iterable[_Made]:
    """Read lines NAME,variable,type,length,label and VAL,variable,type,length,from,to,label.

    A variable may stand in it twice, once for each kind of record; a value of nothing but ``b`` is a blank.
    """
    found: dict[str, _Made] = {}
    for number, row in enumerate(rows, 1):
        kind, *cells = row
        if (kind == "NAME" and len(cells) < 4) or (kind == "VAL" and len(cells) < 6) or kind not in {"NAME", "VAL"}:
            raise fault(name, f"row {number} is neither a NAME line nor a VAL line", "mend the line, or take it out")
        variable, type, length = cells[0], cells[1], cells[2].strip()
        if length and not (length.isdecimal() and len(length) <= MOST_DIGITS):
            said = f"{length[:12]}, no whole number of up to {MOST_DIGITS} digits"
            raise fault(name, f"row {number}: the length of {variable} is {said}", "mend the length, or leave it empty")
        if kind == "NAME":
            made = found.setdefault(variable, _Made(variable, cells[3].strip()))
            made.kind = "number" if type == "N" else "text"
            made.width = int(length or 0)
        elif variable in found:
            value = _value(cells[3].strip(), cells[4].strip(), found[variable].width)
            if value is not None:
                found[variable].values.setdefault(value, ValueLabel(value, cells[5].strip()))
        else:
            raise fault(name, f"row {number}: {variable} has a value before its NAME line", "put the NAME line first")
    return found.values()


def _value(low: str, high: str, width: int) -> str | None:
    """Return a value or a range of numbers; None for a range of texts, which says no more than their form."""
    if low and set(low) == {"b"} and len(low) == (width or len(low)):
        return ""
    if low == high:
        return low
    span = f"{low}..{high}"
    return span if bounds(span) else None


def _columns(header: list[str]) -> dict[str, int] | None:
    """Return what each column of a plain table holds, or None where none names the variables."""
    cells = [plain(cell) for cell in header]
    if PLACES & set(cells):
        return None
    found: dict[str, int] = {}
    subjects = (
        ("variable", VARIABLE),
        ("value", VALUE),
        ("value_label", VALUE_LABEL),
        ("label", LABEL),
        ("question", QUESTION),
        ("universe", UNIVERSE),
        ("missing", MISSING),
    )
    for subject, known in subjects:
        # The list is in order of how plainly it says it: a table with both 'variable' and 'name' names the first so.
        at = next(
            (cells.index(word) for word in known if word in cells and cells.index(word) not in found.values()), None
        )
        if at is not None:
            found[subject] = at
    if "variable" not in found or not {"value", "label", "value_label", "question"} & set(found):
        return None
    if "value" in found and "value_label" not in found and "label" in found:
        # The only label of a table with values is that of the values, and of the variable where there is no value.
        found["value_label"] = found["label"]
    return found


def _table(rows: list[list[str]], columns: dict[str, int]) -> Iterable[_Made]:
    """Read a line for each variable or value; a line without a variable belongs to the one above."""
    found: dict[str, _Made] = {}
    made: _Made | None = None
    shared = columns.get("label") == columns.get("value_label")

    def cell(row: list[str], subject: str) -> str:
        at = columns.get(subject)
        return row[at].strip() if at is not None and at < len(row) else ""

    for row in rows:
        name = cell(row, "variable")
        if name:
            made = found.setdefault(name, _Made(name))
        if made is None:
            continue
        value, meaning = cell(row, "value"), cell(row, "value_label")
        of_value = bool(value) or ("value" in columns and bool(meaning) and not shared)
        if not shared or not of_value:
            made.label = made.label or cell(row, "label")
        made.question = made.question or cell(row, "question")
        made.universe = made.universe or cell(row, "universe")
        if of_value:
            said = plain(cell(row, "missing"))
            value = (
                "" if plain(value) in {"blank", "empty", "en blanco", "vacio", "vide", "leer", "em branco"} else value
            )
            made.values.setdefault(
                value, ValueLabel(value, meaning, said in {"1", "y", "yes", "true", "x", "si", "oui"})
            )
    return found.values()

"""Layouts as CSV: a line a column of the file, with its position, and its values in the line or in lines below it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from migstat.read.codebooks.making import Making
from migstat.read.codebooks.text import codebook_text
from migstat.words.codebook import Codebook, Kind, RecordType, ValueLabel, Variable
from migstat.words.finding import MigstatError
from migstat.words.how_many import how_many

HEADINGS = {
    "name": ("variable", "var", "column", "field", "varname", "variable name", "column name", "field name", "nombre",
             "campo", "variavel", "variável", "nom", "nome", "mnemonic", "mnemonico"),
    "start": ("begin", "from", "position", "pos", "start position", "startpos", "start column", "starting position",
              "first", "inicio", "início", "desde", "début", "debut", "posicion", "posición", "posição", "von"),
    "end": ("to", "stop", "last", "end position", "endpos", "end column", "ending position", "fin", "final", "fim",
            "hasta", "bis"),
    "width": ("length", "len", "size", "longitud", "ancho", "tamano", "tamaño", "tamanho", "longueur", "taille",
              "laenge", "länge", "breite"),
    "positions": ("columns", "location", "cols", "posiciones", "posições"),
    "label": ("description", "desc", "variable label", "etiqueta", "descripcion", "descripción", "descrição",
              "libelle", "libellé", "bezeichnung"),
    "type": ("kind", "format", "tipo", "data type", "datatype"),
    "decimals": ("decimal", "dec", "implied decimals", "decimales", "decimais", "décimales"),
    "record": ("record type", "rectype", "registro", "tipo de registro"),
    "values": ("codes", "categories", "value labels"),
    "value": ("code", "valor", "codigo", "código", "valeur"),
    "value_label": ("value label", "meaning", "code label", "etiqueta de valor", "significado"),
    "missing": ("missing values", "perdidos"),
    "question": ("question text", "pregunta", "pergunta"),
    "universe": ("universo", "population", "asked of"),
    "repeats": ("occurrences", "occurs", "repeticiones"),
}  # fmt: skip
"""Our headings, each with what others call it."""
OURS = {other: heading for heading, others in HEADINGS.items() for other in (heading, *others)}
KINDS: dict[str, Kind] = {
    "": "text", "text": "text", "string": "text", "str": "text", "char": "text", "character": "text", "a": "text",
    "alpha": "text", "c": "text", "alphanumeric": "text", "x": "text", "texto": "text",
    "number": "number", "numeric": "number", "num": "number", "n": "number", "integer": "number", "int": "number",
    "float": "number", "f": "number", "decimal": "number", "9": "number", "numerico": "number", "numérico": "number",
    "date": "date", "fecha": "date", "data": "date", "d": "date",
}  # fmt: skip
RECORD_TYPE = ("record type", "record_type", "rectype")
"""What ``type`` says of the column that marks the lines of a file of several records."""
TELLING = {"start", "end", "width", "positions", "label", "values", "value"}
"""One of these beside the name makes a layout of a table."""
RANGE = re.compile(r"\s*(\d+)\s*(?:(?:-|\.\.|–|to|a)\s*(\d+))?\s*", re.I)


def recognised(path: Path, start: bytes) -> bool:
    """Tell whether the first line names columns of a layout."""
    text = start.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = start.decode("utf-16", "replace")
    first = next((line for line in text.splitlines() if line.strip()), "")
    cells = [_heading(cell) for cell in first.replace('"', "").split(_separator(first))]
    return "name" in cells and len(TELLING.intersection(cells)) > 0


def read(path: Path) -> Codebook:
    """Read a layout. Raises MigstatError with every line that is wrong."""
    making = Making(path.name)
    text = codebook_text(path, making.findings)
    lines = _lines(text, making)
    _, head = next(lines, (1, []))
    columns = [_heading(cell) or f"_{cell.strip()}" for cell in head]
    for twice in sorted(one for one, times in Counter(columns).items() if times > 1):
        making.wrong(1, f"two headings say '{twice}'", "keep one of them")
    if "name" not in columns:
        making.wrong(1, "has no heading 'name'", "begin with a line name,start,width,label")
    for other in columns:
        if other.startswith("_") and other != "_":
            making.doubt(1, f"the heading '{other[1:]}' is not known, and not read", f"one of {', '.join(HEADINGS)}")
    if any(one.place.line == 1 and one.severity == "error" for one in making.findings):
        raise MigstatError(making.findings)
    last: tuple[str, str] | None = None
    for number, cells in lines:
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            what = f"the line has {how_many(len(cells), 'cell')}, the head {len(columns)}"
            making.wrong(number, what, "put a text that holds the separator in double quotes")
            continue
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        name, record = row.get("name", ""), row.get("record", "")
        if not name and last is None:
            making.wrong(number, "the line names no column", "write its name in the column 'name'")
            continue
        if not name or (last is not None and (name, record) == last and row.get("value") and _placeless(row)):
            _value_below(row, number, making)
            continue
        last = (name, record)
        variable = _variable(row, number, making)
        making.add(variable, number)
    _fill_starts(making)
    return making.made()


def _placeless(row: dict[str, str]) -> bool:
    return not any(row.get(key) for key in ("start", "end", "width", "positions"))


def _variable(row: dict[str, str], number: int, making: Making) -> Variable:
    name = row["name"]
    start, width = _position(row, number, making)
    decimals, repeats = (_whole(row, key, number, making) for key in ("decimals", "repeats"))
    kind = row.get("type", "").casefold()
    variable = Variable(
        name=name,
        label=row.get("label", ""),
        start=start,
        width=width,
        kind=KINDS.get(kind, "text"),
        decimals=decimals or 0,
        record=row.get("record", ""),
        question=row.get("question", ""),
        universe=row.get("universe", ""),
        missing=tuple(_list(row.get("missing", ""))),
        repeats=repeats or 1,
    )
    if kind in RECORD_TYPE:
        _record_types(row.get("values", ""), variable, number, making)
        return replace(variable, values=tuple(ValueLabel(one.value, one.label or one.name) for one in making.records))
    if kind not in KINDS:
        mend = "write text, number, date, or record type"
        making.doubt(number, f"type '{row['type']}' is not known: read as text", mend, name)
    values = []
    for pair in _list(row.get("values", "")):
        value, sign, label = pair.partition("=")
        if not sign:
            making.doubt(number, f"the value '{pair}' has no label", "write values as 1=Male; 2=Female", name)
        values.append(ValueLabel(value.strip(), label.strip(), value.strip() in variable.missing))
    if row.get("value"):
        values.append(ValueLabel(row["value"], row.get("value_label", ""), row["value"] in variable.missing))
    return replace(variable, values=tuple(values))


def _value_below(row: dict[str, str], number: int, making: Making) -> None:
    """Add a value to the column above it."""
    if not row.get("value"):
        making.wrong(number, "the line names neither a column nor a value", "write its name in the column 'name'")
        return
    above = making.columns[-1]
    missing = row["value"] in above.missing or row.get("missing", "").casefold() in {"y", "yes", "true", "1", "x"}
    made = ValueLabel(row["value"], row.get("value_label") or row.get("label", ""), missing)
    if any(one.value == made.value for one in above.values):
        making.wrong(number, f"the value {made.value} of {above.name} stands twice", "remove one", above.name)
        return
    making.columns[-1] = replace(above, values=(*above.values, made))


def _record_types(text: str, variable: Variable, number: int, making: Making) -> None:
    """Read ``H=household; P=person<household by HHID``: what marks the lines of each record, what it belongs to, and
    by which column that both have.
    """
    if making.records:
        what = f"{variable.name} is a second column that marks the records"
        making.wrong(number, what, "leave type: record type with one column", variable.name)
        return
    making.record_start, making.record_width = variable.start, variable.width
    making.record_column = variable.name
    pairs = [pair.partition("=") for pair in _list(text)]
    names = [name.partition("<")[0].strip() for _, _, name in pairs]
    for value, _, said in pairs:
        name, _, parent = (part.strip() for part in said.partition("<"))
        parent, _, key = (part.strip() for part in parent.partition(" by "))
        if not name or not value.strip():
            mend = "write values as H=household; P=person<household"
            making.wrong(number, f"'{value}={said}' names no record", mend, variable.name)
            continue
        if not parent and names[0] != name:
            parent = names[0]
            if len(pairs) > 2:
                mend = f"write {value.strip()}={name}<{parent}"
                making.wrong(number, f"the record {name} does not say what it belongs to", mend, variable.name)
        if parent and parent not in names:
            mend = f"one of {', '.join(names)}"
            making.wrong(number, f"the record {name} belongs to {parent}, which is none", mend, variable.name)
        making.records.append(RecordType(name, value.strip(), parent, key=key))
    if not pairs:
        mend = "write values as H=household; P=person<household"
        making.wrong(number, f"{variable.name} marks the records, and names none", mend, variable.name)


def _position(row: dict[str, str], number: int, making: Making) -> tuple[int | None, int | None]:
    name = row["name"]
    both = row.get("positions", "")
    start_text = row.get("start", "")
    if not both and RANGE.fullmatch(start_text) and not start_text.isdecimal():
        both = start_text
    if both:
        found = RANGE.fullmatch(both)
        if found is None:
            making.wrong(number, f"positions '{both}' cannot be read", "write them as 1-4", name)
            return None, None
        start, end = int(found[1]), int(found[2] or found[1])
    else:
        read = [_whole(row, key, number, making) for key in ("start", "end", "width")]
        first, last, width = read
        if first is None and last is not None and width is not None:
            first = last - width + 1
        if first is None:
            return None, width
        if last is None:
            return first, width
        if width is not None and first + width - 1 != last:
            what = f"begins at {first}, ends at {last}, and has the width {width}, which is not what lies between"
            making.wrong(number, what, f"write the width {last - first + 1}, or the end {first + width - 1}", name)
        start, end = first, last
    if end < start:
        making.wrong(number, f"ends at {end}, before it begins, at {start}", "exchange the two", name)
        return start, 1
    return start, end - start + 1


def _fill_starts(making: Making) -> None:
    """Where only widths are given, each column begins where the one above it, of the same record, ends."""
    columns = making.columns
    if any(one.start is not None for one in columns) or not all(one.width for one in columns):
        return
    ends: dict[str, int] = {}
    for number, one in enumerate(columns):
        start = ends.get(one.record, ends.get("", 1))
        columns[number] = replace(one, start=start)
        ends[one.record] = start + (one.width or 0) * one.repeats
        if one.name == making.record_column:
            making.record_start, making.record_width = start, one.width
    if columns:
        making.doubt(0, "has widths and no positions: each column begins where the one above it ends", "", "")


def _whole(row: dict[str, str], key: str, number: int, making: Making) -> int | None:
    text = row.get(key, "")
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}(\.0*)?", text):
        making.wrong(number, f"{key} '{text}' is not a whole number", "write a number, 0 or more", row["name"])
        return None
    return int(text.partition(".")[0])


def _list(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;|\n]", text) if part.strip()]


def _heading(cell: str) -> str:
    plain = re.sub(r"[\s_.]+", " ", cell.strip().strip('"').casefold().removeprefix("\ufeff")).strip()
    return OURS.get(plain, OURS.get(plain.replace(" ", "_"), ""))


def _separator(first: str) -> str:
    return max(",;\t|", key=first.count)


def _lines(text: str, making: Making) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that is not blank, with its number."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(first), strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        making.wrong(begins, f"is not CSV: {error}", "mend the double quotes of this line")

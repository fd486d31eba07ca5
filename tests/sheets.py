"""Workbooks made for tests, without a library: .xlsx, .xlsb and .ods with texts, numbers, dates and faults."""

import datetime
import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

Cell = str | int | float | bool | datetime.date | None
Sheets = Mapping[str, Sequence[Sequence[Cell]]]
XML = '<?xml version="1.0" encoding="UTF-8"?>'
OFFICE = "http://schemas.openxmlformats.org"
TYPES = f"{OFFICE}/package/2006/content-types"
LINKS = f"{OFFICE}/package/2006/relationships"
DOCUMENT = f"{OFFICE}/officeDocument/2006/relationships"
MAIN = f"{OFFICE}/spreadsheetml/2006/main"


def letters(column: int) -> str:
    return chr(65 + column)


def serial(day: datetime.date) -> int:
    return (day - datetime.date(1899, 12, 30)).days


def packed(members: Mapping[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def _links(sheets: Sheets, ending: str) -> str:
    made = [
        f'<Relationship Id="r{at}" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet{at}.{ending}"/>'
        for at, _ in enumerate(sheets, 1)
    ]
    made.append(f'<Relationship Id="s" Type="{DOCUMENT}/styles" Target="styles.xml"/>' if ending == "xml" else "")
    return f'{XML}<Relationships xmlns="{LINKS}">{"".join(made)}</Relationships>'


def xlsx(sheets: Sheets) -> bytes:
    """A workbook of Excel; a text that begins with ``#`` is a fault of a formula."""
    named = "".join(f'<sheet name="{escape(name)}" sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(sheets, 1))
    styles = '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{XML}<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'{XML}<Relationships xmlns="{LINKS}"><Relationship Id="r" Type="{DOCUMENT}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _links(sheets, "xml"),
        "xl/styles.xml": f'{XML}<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
    }
    for at, rows in enumerate(sheets.values(), 1):
        lines = "".join(
            f'<row r="{number}">{"".join(_xlsx(cell, f"{letters(c)}{number}") for c, cell in enumerate(row))}</row>'
            for number, row in enumerate(rows, 1)
        )
        members[f"xl/worksheets/sheet{at}.xml"] = (
            f'{XML}<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'
        )
    return packed(members)


def _xlsx(cell: Cell, place: str) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
        case datetime.date():
            return f'<c r="{place}" s="1"><v>{serial(cell)}</v></c>'
        case str() if cell.startswith("#"):
            return f'<c r="{place}" t="e"><f>1/0</f><v>{cell}</v></c>'
        case str():
            return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
        case _:
            return f'<c r="{place}"><v>{cell!r}</v></c>'


def ods(sheets: Sheets) -> bytes:
    """A workbook of OpenDocument."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(f"<table:table-row>{''.join(map(_ods, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'{XML}<office:document-content xmlns:office="{urn}:office:1.0" xmlns:table="{urn}:table:1.0" '
        f'xmlns:text="{urn}:text:1.0"><office:body><office:spreadsheet>{tables}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'{XML}<manifest:manifest xmlns:manifest="{urn}:manifest:1.0"/>'
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": manifest,
        }
    )


def _ods(cell: Cell) -> str:
    match cell:
        case None:
            return "<table:table-cell/>"
        case bool():
            return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(cell).lower()}"/>'
        case datetime.date():
            return f'<table:table-cell office:value-type="date" office:date-value="{cell.isoformat()}"/>'
        case str():
            return f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
        case _:
            return f'<table:table-cell office:value-type="float" office:value="{cell!r}"/>'


def xlsb(sheets: Sheets) -> bytes:
    """A binary workbook of Excel; dates are not made."""
    bundle = b"".join(
        _record(0x9C, struct.pack("<II", 0, at) + _wide(f"r{at}") + _wide(name)) for at, name in enumerate(sheets, 1)
    )
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{XML}<Types xmlns="{TYPES}"><Default Extension="bin" '
        'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>',
        "_rels/.rels": f'{XML}<Relationships xmlns="{LINKS}"><Relationship Id="r" Type="{DOCUMENT}/officeDocument" '
        'Target="xl/workbook.bin"/></Relationships>',
        "xl/workbook.bin": _record(0x83) + _record(0x8F) + bundle + _record(0x90) + _record(0x84),
        "xl/_rels/workbook.bin.rels": _links(sheets, "bin"),
    }
    for at, rows in enumerate(sheets.values(), 1):
        width = max((len(row) for row in rows), default=1)
        body = _record(0x81) + _record(0x94, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1)) + _record(0x91)
        for number, row in enumerate(rows):
            body += _record(0x00, struct.pack("<I", number) + bytes(21))
            body += b"".join(_xlsb(cell, column) for column, cell in enumerate(row) if cell is not None)
        members[f"xl/worksheets/sheet{at}.bin"] = body + _record(0x92) + _record(0x82)
    return packed(members)


def _xlsb(cell: Cell, column: int) -> bytes:
    head = struct.pack("<II", column, 0)
    if isinstance(cell, str):
        return _record(0x06, head + _wide(cell))
    assert isinstance(cell, int | float)
    return _record(0x05, head + struct.pack("<d", cell))


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _record(type: int, data: bytes = b"") -> bytes:
    """A record of BIFF12: its type and length in groups of seven bits, then its data."""
    kind = bytes([type]) if type < 0x80 else bytes([type, 0x01])
    length = len(data)
    size = b""
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return kind + size + data

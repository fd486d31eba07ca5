"""The codebook of a microdata file as DDI Codebook 2.5: its study, its files, its variables with their codes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from lxml import etree

from migstat.words.anonymized import Anonymized
from migstat.words.codelist import Codelist
from migstat.words.microdata_policy import MEASURES, Pram, Swap
from migstat.words.missing import KINDS, MISSING_SUFFIX
from migstat.words.shown import FEWEST
from migstat.write.statistical_files import Variable

SPACE = "ddi:codebook:2_5"
TYPES = {"csv": "text/csv, UTF-8", "parquet": "Apache Parquet", "sav": "SPSS", "dta": "Stata"}
FORMAT = {"integer": "numeric", "number": "numeric", "year": "numeric"}


def ddi_codebook(
    run: Anonymized, frame: pl.DataFrame, variables: Iterable[Variable], files: Mapping[str, str], language: str
) -> bytes:
    """Return the codebook as XML. ``files`` are the names of the data files by format.

    Elements stand in the order of the schema. Frequencies are given of a variable of which no category has fewer than
    ten records. There is no date in it: equal files have equal codebooks. What PRAM and swapping changed is not told.
    """
    book = etree.Element(f"{{{SPACE}}}codeBook", nsmap={None: SPACE}, version="2.5")
    book.set("{http://www.w3.org/XML/1998/namespace}lang", language)
    title = _title(run)
    _document(book, run, title)
    _study(book, run, title)
    for at, (kind, name) in enumerate(files.items(), 1):
        text = _add(_add(book, "fileDscr", ID=f"F{at}"), "fileTxt")
        _add(text, "fileName", name)
        dimensions = _add(text, "dimensns")
        _add(dimensions, "caseQnty", str(frame.height))
        _add(dimensions, "varQnty", str(_width(frame, kind)))
        _add(text, "fileType", TYPES[kind])
    data = _add(book, "dataDscr")
    numbered = bool({"sav", "dta"} & set(files))
    for at, one in enumerate(variables, 1):
        _variable(data, one, frame, run, [f"F{n}" for n in range(1, len(files) + 1)], at, numbered)
    etree.indent(book, " ")
    return bytes(etree.tostring(book, xml_declaration=True, encoding="UTF-8"))


def _width(frame: pl.DataFrame, kind: str) -> int:
    beside = [id for id in frame.columns if id.endswith(MISSING_SUFFIX) and id.removesuffix(MISSING_SUFFIX) in frame]
    return frame.width - (len(beside) if kind in ("sav", "dta") else 0)


def _title(run: Anonymized) -> str:
    name = (run.provenance.get("source") or {}).get("name") or run.name
    return f"{name}: {run.policy.use} use file"


def _document(book: Any, run: Anonymized, title: str) -> None:
    citation = _add(_add(book, "docDscr"), "citation")
    _add(_add(citation, "titlStmt"), "titl", f"Codebook of {title}")
    _add(_add(citation, "prodStmt"), "software", "migstat", version=str(run.provenance.get("migstat", "")))


def _study(book: Any, run: Anonymized, title: str) -> None:
    source: dict[str, Any] = run.provenance.get("source") or {}
    study = _add(book, "stdyDscr")
    citation = _add(study, "citation")
    statement = _add(citation, "titlStmt")
    _add(statement, "titl", title)
    _add(statement, "IDNo", run.name)
    if source.get("by"):
        _add(_add(citation, "rspStmt"), "AuthEnty", source["by"])
    version = _add(citation, "verStmt")
    _add(version, "version", f"policy {run.policy.id} {run.policy.version}")
    info = _add(study, "stdyInfo")
    _add(info, "abstract", f"{run.structure.description} Harmonized, and protected by {run.policy.name()}.")
    summary = _add(info, "sumDscr")
    for period in _values(run.records, "TIME_PERIOD") or [source.get("period", "")]:
        if period:
            _add(summary, "timePrd", period)
    for area in _values(run.records, "REF_AREA") or [source.get("area", "")]:
        if area:
            codes = run.codelists.get("REF_AREA")
            _add(summary, "nation", codes.label(area) if codes is not None and area in codes else area, abbr=area)
    _add(summary, "anlyUnit", run.structure.unit)
    if source.get("coverage") or source.get("population"):
        _add(summary, "universe", "; ".join(filter(None, [source.get("coverage"), source.get("population")])))
    if source.get("kind"):
        _add(summary, "dataKind", source["kind"])
    _method(study, run)
    access = _add(_add(study, "dataAccs"), "useStmt")
    if source.get("licence"):
        _add(access, "conditions", source["licence"])
    _add(access, "disclaimer", "Whoever uses the file must not try to find out whom a record is of.")


def _method(study: Any, run: Anonymized) -> None:
    method = _add(study, "method")
    weight = "WEIGHT" in _columns(run.records)
    if weight:
        collected = _add(method, "dataColl")
        _add(collected, "weight", "WEIGHT: how many persons of the population a record stands for")
    done = [f"{one.name}: {one.what}" for one in run.steps if one.name not in ("pram", "swap")]
    hidden = [type(step).__name__.lower() for step in run.policy.steps if isinstance(step, Pram | Swap)]
    done += [f"{name}: some values were changed at random" for name in dict.fromkeys(hidden)]
    _add(method, "notes", "Protection. " + ". ".join(done) + ".", type="protection")
    if run.suppressed_cells:
        text = "Single values were taken out to protect persons: _U stands for them too, not only for unknown answers."
        _add(method, "notes", text, type="protection")
    for one in run.measures:
        if one.limit is not None:
            of = f" of {one.component}" if one.component else ""
            text = f"{MEASURES[one.measure]}{of}, keys {', '.join(one.ids)}: {one.after:.6g} (limit {one.limit:g})"
            _add(method, "notes", text, type="risk")


def _variable(
    data: Any, one: Variable, frame: pl.DataFrame, run: Anonymized, files: Sequence[str], at: int, numbered: bool
) -> None:
    component = next((found for found in run.structure.components if found.id == one.id), None)
    coded = one.id in run.codelists
    weight = {"wgt": "wgt"} if one.id == "WEIGHT" else {}
    kind = {"intrvl": "discrete" if coded or frame[one.id].dtype == pl.String else "contin"}
    made = _add(data, "var", ID=f"V{at}", name=one.id, files=" ".join(files), **weight, **kind)
    _add(made, "labl", one.label)
    numeric = frame[one.id].dtype.is_numeric()
    if numeric and frame[one.id].drop_nulls().len():
        _add(_add(made, "valrng"), "range", min=str(frame[one.id].min()), max=str(frame[one.id].max()))
    if component is not None and component.universe:
        _add(made, "universe", component.universe)
    if component is not None and component.description:
        _add(made, "txt", component.description)
    if coded:
        _categories(made, one, frame[one.id], run.codelists[one.id], numbered)
        _add(made, "concept", one.id, vocab=run.codelists[one.id].id)
    elif one.kinds:
        for missing, name in one.kinds.items():
            category = _add(made, "catgry", missing="Y")
            _add(category, "catValu", missing)
            _add(category, "labl", name)
    type = "numeric" if numeric else "character"
    _add(made, "varFormat", type=type)
    beside = f"{one.id}{MISSING_SUFFIX}"
    if beside in frame.columns:
        _add(made, "notes", f"{beside} says why a value is missing (CSV and Parquet)")


def _categories(made: Any, one: Variable, values: pl.Series, codes: Codelist, numbered: bool) -> None:
    counts = dict(values.cast(pl.String).value_counts().rows())
    told = all(count >= FEWEST for count in counts.values())
    every = {code: one.labels[code] for code in one.numbers} | dict(one.kinds)
    for code, name in every.items():
        category = _add(made, "catgry", **({"missing": "Y"} if code in KINDS else {}))
        _add(category, "catValu", code)
        _add(category, "labl", name)
        said = []
        if code in codes and any(below in one.numbers for below in codes.descendants(code)):
            said.append("other than the codes below it that are listed")
        if numbered and code in one.numbers:
            said.append(f"{one.numbers[code]} in SPSS and Stata")
        if said:
            _add(category, "txt", "; ".join(said))
        if told:
            _add(category, "catStat", str(counts[code]), type="freq")


def _add(parent: Any, tag: str, text: str | None = None, **attributes: str) -> Any:
    made = etree.SubElement(parent, f"{{{SPACE}}}{tag}", attributes)
    if text is not None:
        made.text = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
    return made


def _columns(records: Any) -> list[str]:
    return list(records.columns)


def _values(records: Any, id: str) -> list[str]:
    if id not in _columns(records):
        return []
    return sorted({str(value) for value in records[id].unique() if value is not None})

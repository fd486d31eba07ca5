"""What texts of files mean: country names as codes, and the answers of questions."""

import csv
import datetime
import io
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from migstat.read.answers import answers, read_answers
from migstat.read.area_names import area_letters, area_names, read_area_names
from migstat.read.codelists import codelist as _codelist
from migstat.read.extracts import read_extract
from migstat.words.answer import AnswerMatch, Taken
from migstat.words.country_match import CountryColumn, CountryMatch
from migstat.words.finding import Finding, Place, Severity, misuse
from migstat.words.how_many import how_many
from migstat.words.source import Format
from migstat.words.undecided import TODO
from migstat.work.names.answers import Wordings, match_answer
from migstat.work.names.answers import wordings as made_wordings
from migstat.work.names.countries import Recogniser, match_country
from migstat.work.names.gazetteer import gazetteer
from migstat.write.atomic import write_text

COLUMNS = ("text", "rows", "code", "how", "confidence", "mark", "reason")
MOST_COLUMNS = 8
AREAS = ("CL_AREA", "CL_AREA_HIST", "CL_COUNTRY_BIRTH", "CL_CITIZENSHIP")


def country(
    text: str,
    *,
    system: str | None = None,
    language: str | None = None,
    at: datetime.date | None = None,
    least: float = 0.9,
    names: str | os.PathLike[str] | None = None,
) -> CountryMatch:
    """Say which area a name, a nationality or a code means, with how, how sure, and why.

    Names are read in English, French, Spanish, Portuguese, Arabic, Russian, Chinese, German and, without nationalities,
    in some thirty other languages; in any case, order and abbreviation that leaves no doubt. Below ``least`` the code
    is None, with up to three candidates. A likeness (``how == "fuzzy"``) is a proposal: its code is always None. A
    former state is given as itself; a former name of a state that is still there as that state, and ``mark`` says so.

    ``system`` says whose codes the text may be: ISO, ISO2, ISO3, M49, FIPS, IOC, FIFA, or a correspondence such as
    UNHCR_ORIGIN; without it ISO's only. ``language`` chooses where a spelling means different areas in different
    languages. ``at`` asks for the area of that day. ``names`` is a table of an office's own names, which go before
    ours: CSV with the columns areas, kind, languages and name. Raises Misuse for a system that is not known.

    >>> country("Moldova, Rep. of").code, country("CH", system="FIPS").code
    ('MDA', 'CHN')
    >>> found = country("Afganistn")
    >>> found.code, found.how, found.candidates[0].code
    (None, 'fuzzy', 'AFG')
    """
    return countries([text], system=system, language=language, at=at, least=least, names=names)[0]


def countries(
    texts: Iterable[object],
    *,
    system: str | None = None,
    language: str | None = None,
    at: datetime.date | None = None,
    least: float = 0.9,
    names: str | os.PathLike[str] | None = None,
) -> list[CountryMatch]:
    """Say of each text which area it means, in their order: see ``country``. A text met before costs nothing.

    >>> [one.code for one in countries(["Perú", "peruana", "PER", "604", "Perou"])]
    ['PER', 'PER', 'PER', 'PER', 'PER']
    """
    recogniser = _recogniser(*_stamp(names))
    if not 0 <= least <= 1:
        raise misuse(
            f"least: {least} is not between 0 and 1", "0.9 lets through what leaves no doubt", component="least"
        )
    if system is not None and (system := system.upper()) not in (known := recogniser.gazetteer.systems):
        near = get_close_matches(system, known, 1, 0.5)
        mend = f"write {near[0]}" if near else f"write one of {', '.join(known)}"
        raise misuse(f"there is no system of codes {system}", mend, component="system")
    met: dict[str, CountryMatch] = {}
    found = ["" if text is None else str(text) for text in texts]
    for text in found:
        if text not in met:
            met[text] = match_country(text, recogniser, system=system, language=language, at=at, least=least)
    return [met[text] for text in found]


def countries_of_file(
    path: str | os.PathLike[str],
    column: str | None = None,
    *,
    system: str | None = None,
    language: str | None = None,
    at: datetime.date | None = None,
    least: float = 0.9,
    names: str | os.PathLike[str] | None = None,
) -> CountryColumn:
    """Say of each distinct text in a column of a file which area it means: see ``country``.

    The file is CSV, also packed, or Parquet; ``column`` may be left out where it has one only. Raises Misuse where it
    has more, and MigstatError where the file cannot be read or lacks the column.
    """
    file = Path(path)
    if not file.is_file():
        raise misuse("there is no such file", "name a CSV file with a column of names", place=file.name)
    extract = read_extract(file, Format(), [] if column is None else [column])
    if column is None and len(extract.columns) != 1:
        what = f"has {how_many(len(extract.columns), 'column')}: {', '.join(extract.columns[:MOST_COLUMNS])}"
        raise misuse(what, "say which one holds the names: column, or --column NAME", place=file.name)
    name = column or extract.columns[0]
    rows: Counter[str] = Counter()
    for _, part in extract.parts:
        rows.update(text for text in part[name].cast(str).to_list() if text is not None and text.strip())
    found = countries(rows, system=system, language=language, at=at, least=least, names=names)
    findings = list(extract.findings)
    if extract.malformed:
        what = f"{how_many(len(extract.malformed), 'line')} with too few or too many values left out"
        mend = "put quotes around a value that holds the separator"
        findings.append(Finding(Place(file.name), name, what, mend, Severity.WARNING))
    return CountryColumn(name, tuple(found), rows, tuple(findings))


def country_csv(found: Iterable[CountryMatch], rows: Mapping[str, int] | None = None) -> str:
    """Return what texts were taken for as CSV: text, rows, code, how, confidence, mark, reason and three candidates."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, "candidate_1", "candidate_2", "candidate_3"])
    for one in found:
        near = [candidate.code for candidate in one.candidates] + [""] * (3 - len(one.candidates))
        count = (rows or {}).get(one.text, 1)
        writer.writerow([one.text, count, one.code or "", one.how, one.confidence, one.mark, one.reason, *near])
    return out.getvalue()


RELATIONS = {"part": "broader", "without others": "broader", "with others": "narrower"}
"""What a mark says of the code as a line of a recode; a former name means the same area."""


def country_recode(found: Iterable[CountryMatch]) -> str:
    """Return what texts were taken for as the recode table of a mapping; without a code a line is TODO."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["from", "to", "match", "because", "label"])
    areas = _codelist("CL_COUNTRY_BIRTH")
    for one in found:
        match = RELATIONS.get(one.mark, "exact") if one.code else "exact"
        near = [f"{at}: {candidate.code}" for at, candidate in enumerate(one.candidates, 1)]
        because = (one.reason if one.mark or not one.code else "") if not near else " | ".join(near)
        label = areas.label(one.code) if one.code and one.code in areas else ""
        writer.writerow([one.text, one.code or TODO, match, because, label])
    return out.getvalue()


def write_country_recode(found: CountryColumn, path: str | os.PathLike[str]) -> None:
    """Write the table of ``country_recode``."""
    write_text(path, country_recode(found.matches))


def write_countries(found: CountryColumn, path: str | os.PathLike[str]) -> None:
    """Write the table of ``country_csv``."""
    write_text(path, country_csv(found.matches, found.rows))


def recognise(
    codelist: str,
    label: str,
    language: str | None = None,
    *,
    beside: Sequence[str] = (),
    least: float = 0.85,
    wordings: str | os.PathLike[str] | None = None,
) -> AnswerMatch:
    """Say which code of a codelist a label means: an answer such as "Soltero/a", a missing answer, a country.

    Reads the names of the codes, and the wordings in ``codelists/names/answers.csv`` (general knowledge, to be
    confirmed) in eight languages. ``beside`` are the other labels of the column: two labels mean two codes, so that
    Spanish M beside H is mujer. Numbers without a label mean nothing. Below ``least`` the code is None, with
    candidates. ``wordings`` is a table of an office's own, which go before ours: CSV with the columns codelist, code,
    language, match and text.

    >>> recognise("CL_MARITAL", "Soltero(a)").code, recognise("CL_SEX", "M", "es", beside=["H"]).code
    ('SINGLE', 'F')
    """
    text, known = str(label), _wordings(codelist, *_stamp(wordings))
    if codelist not in AREAS:
        return match_answer(text, known, language=language, beside=beside, least=least)
    found = country(text, language=language, least=max(least, 0.9))
    if found.code is not None and found.code in _codelist(codelist):
        return AnswerMatch(codelist, text, found.code, "country", found.confidence, found.reason, found.mark)
    answer = match_answer(text, known, language=language, least=least)
    if found.code is None and found.how != "ambiguous" and answer.code is not None:
        return answer
    how: Taken = "ambiguous" if found.candidates else "nothing"
    return AnswerMatch(codelist, text, None, how, 0.0, found.reason, candidates=found.candidates)


def _stamp(table: str | os.PathLike[str] | None) -> tuple[str, int]:
    """Return a table's path and the time it was written, by which what was made of it is kept."""
    if table is None:
        return "", 0
    path = Path(table)
    if not path.is_file():
        raise misuse("there is no such table", "name a CSV file", place=path.name)
    return str(path.resolve()), path.stat().st_mtime_ns


@lru_cache(64)
def _wordings(id: str, table: str, written: int) -> Wordings:
    return made_wordings(_codelist(id), answers(), read_answers(Path(table)) if table else ())


@lru_cache(4)
def _recogniser(table: str = "", written: int = 0) -> Recogniser:
    own = read_area_names(Path(table)) if table else ()
    current, former = _codelist("CL_AREA"), _codelist("CL_AREA_HIST")
    return Recogniser.of(gazetteer(current, former, area_names(), area_letters(), own))

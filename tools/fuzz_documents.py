"""What tools/fuzz.py fuzzes besides readers of data: plans, policies, tables of an office's own, drafts, and verbs."""

import math
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from fuzz_seeds import ROOT, joined, of_tests, parted, written

SEX = ROOT / "codelists" / "CL_SEX.csv"
TEACHING = ROOT / "examples" / "gbr_census_2011_teaching"


@cache
def teaching() -> Any:
    """Return the mapping of the extracts that are harmonized and compared."""
    import migstat as ms

    return ms.read_mapping(TEACHING / "mapping.yaml")


def codelist_header(path: Path) -> None:
    """Read a codelist, of which the input is the header."""
    import migstat as ms

    table = path.with_suffix(".csv")
    table.write_bytes(SEX.read_bytes())
    ms.read_codelist(table)


def open_draft(path: Path) -> None:
    """Answer all that a draft leaves open, whose files are those of the input: with the first candidate, or a word."""
    import migstat as ms
    from migstat.words.finding import MigstatError

    folder = unpacked(path, "draft")
    if not (folder / "mapping.yaml").is_file():
        return
    extract = folder / "x.csv"
    if extract.is_file():
        ms.open_in_draft(folder, extract)
    for _ in range(20):
        questions = ms.open_in_draft(folder)
        answered = False
        for question in questions[:1]:
            for answer in (*(guess.answer for guess in question.guesses[:1]), "M", "{not_collected: no}"):
                try:
                    ms.answer_draft(folder, question, answer)
                except MigstatError:
                    continue
                answered = True
                break
        if not answered or len(ms.open_in_draft(folder)) >= len(questions):
            return


def mapping(path: Path) -> None:
    """Read a mapping with its tables, which are the other files of the input."""
    import migstat as ms

    ms.read_mapping(unpacked(path, "mapping") / "mapping.yaml")


def draft(path: Path) -> None:
    """Draft a mapping for an extract, with a codebook where the input has a second file."""
    import migstat as ms

    folder = unpacked(path, "drafted")
    extract, book = folder / "a.csv", folder / "b.csv"
    if extract.is_file():
        for header in (None, False):
            ms.draft(extract, book if book.is_file() else None, area="KEN", date="2019", header=header)


def draft_format(path: Path) -> None:
    """Say how the file of a draft is written, which the input says."""
    import migstat as ms

    text = path.read_bytes().decode("utf-8", "replace")
    ms.draft(next((TEACHING / "extract").iterdir()), area="GBR", date="2011", rows=50, format=text)


def diff(path: Path) -> None:
    """Compare two extracts by a mapping."""
    import migstat as ms

    folder = unpacked(path, "waves")
    extracts = [folder / name for name in ("a.csv", "b.csv")]
    if all(one.is_file() for one in extracts):
        ms.diff(*extracts, [teaching()])


def harmonized(path: Path) -> None:
    """Harmonize an extract: rows in are records, rejects and excluded, by count and by weight."""
    import migstat as ms

    run = ms.harmonize(path, teaching())
    for measure in ("rows", "weight"):
        counts = {one.name: getattr(one, measure) for one in run.steps if not one.part}
        if not math.isclose(counts.pop("read"), sum(counts.values()), abs_tol=1e-9):
            raise ValueError(f"{measure} of the extract are lost")
    if (run.records.height, run.rejects.height) != (run.step("records").rows, run.step("rejected").rows):
        raise ValueError("the frames hold other rows than the steps say")


def joined_by_key(path: Path) -> None:
    """Harmonize an extract with a companion, by a mapping of the input: as many rows come out as without it."""
    import migstat as ms

    folder = unpacked(path, "joined")
    extract = folder / "a.csv"
    if not (extract.is_file() and (folder / "b.csv").is_file() and (folder / "mapping.yaml").is_file()):
        return
    mapping = ms.read_mapping(folder / "mapping.yaml")
    run = ms.harmonize(extract, mapping, companions={one.name: folder / "b.csv" for one in mapping.source.companions})
    counts = {one.name: one.rows for one in run.steps if not one.part}
    if counts.pop("read") != sum(counts.values()):
        raise ValueError("rows of the extract are lost")


def validated(path: Path) -> None:
    """Validate a file of records as it stands: each rule passes, fails or leaves open every row."""
    import migstat as ms

    run = ms.validate(path, structure="CENSUS_PERSON")
    for one in run.results:
        if one.units == "rows" and one.passed + one.failed + one.undecided > run.rows:
            raise ValueError("more rows are judged than there are")


def counted(path: Path) -> None:
    """Count and validate records that say they are ours."""
    import migstat as ms
    from migstat.words.finding import MigstatError

    with suppress(MigstatError):
        ms.validate(path)
    ms.tabulate(path, by=["SEX"])


def table(path: Path) -> None:
    """Read a table that is to be protected."""
    from migstat.api.table_files import table_of_file

    table_of_file(path)


def names(path: Path) -> None:
    """Say of each line which country it means, and which answer."""
    import migstat as ms

    for line in path.read_bytes().decode("utf-8", "replace").splitlines()[:20]:
        ms.country(line)
        ms.recognise("CL_MARITAL", line)


def read_by(name: str, module: str) -> Any:
    """Return what calls a reader that is no public verb."""

    def call(path: Path) -> object:
        from importlib import import_module

        return getattr(import_module(f"migstat.read.{module}"), name)(path)

    return call


def unpacked(path: Path, name: str) -> Path:
    """Lay the files of an input into a folder of their own."""
    folder = path.with_name(name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for inner, content in parted(path.read_bytes()):
        if re.fullmatch(r"[A-Za-z0-9_]{1,40}(\.(yaml|csv))?", inner):
            (folder / inner).write_bytes(content)
    return folder


def drafts() -> tuple[bytes, ...]:
    """Return a draft as it is written, with what it leaves open."""
    import tempfile

    import migstat as ms

    with tempfile.TemporaryDirectory() as folder:
        ms.draft(next((TEACHING / "extract").iterdir()), into=Path(folder) / "made", area="GBR", date="2011")
        files = {one.name: one.read_bytes() for one in sorted((Path(folder) / "made").glob("*.*"))}
    table = b"from,to,match,because,label\n1,TODO,exact,1: M -- 0.50,Male\n2,TODO,exact,,\n"
    small = b"id: A\nversion: 1.0\ninto: CENSUS_PERSON\nrules:\n  SEX: {from: P05, recode: a.csv}\n  AGE: TODO\n"
    counted = {"mapping.yaml": small, "a.csv": table, "x.csv": b"P05,B\n1,2\n2,\n,1\n1,1\n"}
    return joined(files), joined({"mapping.yaml": small, "a.csv": table}), joined(counted)


def mappings() -> tuple[bytes, ...]:
    """Return a mapping with a table of each kind: lines of a recode, layout, and margins of weights."""
    text = b"""id: A
version: 1.0
into: SURVEY_PERSON
source:
  kind: survey
  by: B
  area: KEN
  date: 2019
  format: {kind: fixed, layout: layout.csv}
  weight: W
  calibration: {method: raking, margins: [{by: SEX, totals: sex.csv}]}
rules:
  SEX: {from: P, recode: a.csv}
"""
    layout = b"name,start,width,label,decimals\nP,1,1,Sex,\nW,2,6,Weight,2\n"
    lines = (
        b"from,to,match,because,label,valid_from,valid_to,confidence\n1,M,exact,,Man,,,\n2,F,broader,x,,2001-01-01,,\n"
    )
    files = {"mapping.yaml": text, "layout.csv": layout, "sex.csv": b"SEX,TOTAL\nM,800\nF,900\n", "a.csv": lines}
    return (joined(files),)


def extracts() -> tuple[bytes, ...]:
    """Return the beginning of an extract, whole lines."""
    return (b"\n".join(next((TEACHING / "extract").iterdir()).read_bytes().split(b"\n")[:12]) + b"\n",)


def companions() -> tuple[bytes, ...]:
    """Return an extract and its households, with a mapping that takes columns of them."""
    text = b"""id: A
version: 1.0
into: CENSUS_PERSON
source:
  kind: census
  by: B
  area: KEN
  date: 2019
  weight: W
  companions:
    households: {by: {HH: HHID}, columns: {URBAN: URB, W: W}, file: "b*.csv", format: {missing: ["", "9"]}}
rules:
  SEX: {from: P, recode: {1: M, 2: F}}
  AGE: {not_collected: no}
  COUNTRY_BIRTH: {not_collected: no}
  CITIZENSHIP: {not_collected: no}
  RESID_5Y: {not_collected: no}
  YEAR_ARRIVAL: {not_collected: no}
  MIG_REASON: {not_collected: no}
  URBAN: {from: URBAN, recode: {1: URBAN, 2: RURAL}, not_stated: [""]}
"""
    persons, households = b"HH,P\n01,1\n01,2\n2,1\n,1\n", b"HHID,URB,W\n01,1,2.5\n02,9,1\n,2,1\n"
    return (joined({"mapping.yaml": text, "a.csv": persons, "b.csv": households}),)


def extract_and_book() -> tuple[bytes, ...]:
    """Return an extract with a codebook, and one without."""
    rows = b"P05;P07;P13;ANIO\n1;34;404;1999\n2;7;800;2005\n1;;_;\n"
    book = b"variable;label;value;value label\nP05;Sex;1;Male\n;;2;Female\nP07;Age;;\nP13;Country of birth;404;Kenya\n"
    return joined({"a.csv": rows, "b.csv": book}), joined({"a.csv": extracts()[0]})


def draft_formats() -> tuple[bytes, ...]:
    """Return what may be said of how a file is written."""
    return (
        b"encoding: cp1256, member: 'a*.csv', delimiter: tab, quote: none, header: 1, missing: ['', .]",
        b"{kind: excel, sheet: Persons, header: auto}",
        b"header: 0, columns: [A, B, C], decimal: ',', trim: yes",
        b"kind: fixed, record: person, count: bytes, length: 120, pad: yes",
    )


def two_waves() -> tuple[bytes, ...]:
    """Return two extracts of one layout."""
    return (joined({"a.csv": extracts()[0], "b.csv": extracts()[0].replace(b",2,", b",3,")}),)


def records() -> tuple[bytes, ...]:
    """Return records as CSV, with wrong ones."""
    head = b"PERSON_ID,SEX,AGE,COUNTRY_BIRTH,CITIZENSHIP,REF_AREA,TIME_PERIOD,WEIGHT,YEAR_ARRIVAL\n"
    return (head + b"1,M,30,KEN,KEN,KEN,2019,1.5,_Z\n1,F,-3,UGA,_U,KEN,2019,x,2030\n2,,,,,,,,\n",)


def parquet_records() -> tuple[bytes, ...]:
    """Return small records with the note that migstat leaves in the footer."""
    make = of_tests("test_foreign_records")
    return (written(lambda path: make.written(path, make.PEOPLE.head(4)), ".parquet"),)


def tables() -> tuple[bytes, ...]:
    """Return tables of cells, as CSV that names its structure."""
    head = b"STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,SEX,AGE,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n"
    return (head + b"datastructure,MIGSTAT:MIGRANT_STOCK(1.0),I,KEN,F,_T,2019,12,A\n",)


def perturbations() -> Iterable[bytes]:
    """Return tables of noise."""
    head = b"i,j,p,v,p_int_lb,p_int_ub,type\n"
    return (head + b"0,0,1,0,0,1,all\n1,0,0.5,-1,0,0.5,all\n1,2,0.5,1,0.5,1,all\n", b"i,j,p\n0,0,1\n1,1,1\n")


def texts() -> tuple[bytes, ...]:
    """Return names of countries and answers, as people write them."""
    return ("Côte d'Ivoire\nMoldova, Rep. of\nСССР\n中国\nKEN\n404\nnacido en el extranjero\n\nx".encode(),)

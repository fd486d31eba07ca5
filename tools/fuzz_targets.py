"""What tools/fuzz.py fuzzes: every reader, with the files that it begins with and the laws that it must hold."""

import shutil
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import fuzz_documents as documents
import fuzz_seeds as seeds
from fuzz_seeds import made, parted

LONGEST_INPUT = 20_000
LONG = 60_000
LONGEST = 1_000_000


@dataclass(frozen=True)
class Target:
    """One reader: what a file of its kind is called, where good ones lie to begin with, and what reads it."""

    suffix: str
    seeds: tuple[str, ...]
    read: Callable[[Path], object]
    made: Callable[[], tuple[bytes, ...]] = tuple
    """Makes seeds beside the files."""
    longest: int = LONGEST_INPUT
    """Bytes of an input; seeds are cut off there."""
    warm: bool = False
    """What reads it in a process apart is forked."""


def drained(path: Path, **format: Any) -> None:
    """Read an extract to its end."""
    from migstat.read.extracts import read_extract
    from migstat.words.source import Format

    held(read_extract(path, Format(**format), ()), every=not format.get("record"))


def held(extract: Any, *, every: bool) -> None:
    """Hold the law: a line is a row or is told to be none, never both; and where ``every`` is true, none is lost."""
    rows = [number for numbers, _ in extract.parts for number in numbers.to_list()]
    both = sorted([*rows, *(number for number, *_ in extract.malformed)])
    if len(both) != len(set(both)):
        raise ValueError("a line is a row and is none")
    if every and both != list(range(1, len(both) + 1)):
        raise ValueError("a line is lost")


def text(path: Path) -> None:
    """Read a file of text in the format that its first byte says, in small blocks."""
    from migstat.read.extracts import delimited, delimited_records, fixed_width

    data = path.read_bytes()
    path.write_bytes(data[1:])
    size = (16, 64, 1 << 20)[len(data) % 3]
    fixed_width.LARGEST = fixed_width.SMALLEST = size
    delimited.BLOCK = delimited_records.BLOCK = max(size, 1 << 10)
    formats = text_formats()
    drained(path, **formats[data[0] % len(formats) if data else 0])


@cache
def text_formats() -> list[dict[str, Any]]:
    """Return formats of text of every kind: separators, encodings, fixed widths, several types of record."""
    from migstat.words.codebook import Codebook, RecordType, Variable

    plain = Codebook("plain", (Variable("A", start=1, width=2), Variable("B", start=3, width=3, decimals=1)))
    types = Codebook(
        "types",
        (
            Variable("RT", start=1, width=1),
            Variable("K", start=2, width=1),
            Variable("H", start=3, width=2, record="h"),
            Variable("P", start=3, width=1, record="p"),
            Variable("D", start=3, width=1, record="d"),
        ),
        records=(RecordType("h", "H"), RecordType("p", "P", "h", key="K"), RecordType("d", "D", "h")),
        record_start=1,
        record_width=1,
        record_column="RT",
    )
    encodings = ("utf-8", "latin-1", "cp1256", "gb18030", "utf-16", "cp500")
    fixed = {"kind": "fixed", "header": 0}
    return [
        *({"encoding": one} for one in encodings),
        *({"delimiter": one} for one in ";\t|"),
        {"quote": ""},
        {"header": 2},
        {"header": 0, "columns": ("A", "B")},
        *(
            {**fixed, "codebook": plain, "encoding": one, "pad": pad, "count": count}
            for one in encodings
            for pad in (False, True)
            for count in ("", "bytes")
        ),
        *(
            {"kind": kind, "header": 0, "codebook": types, "record": record}
            for kind in ("fixed", "csv")
            for record in ("h", "p", "d")
        ),
    ]


def text_seeds() -> tuple[bytes, ...]:
    """Return one small file for each format of text."""
    files = (b'A,B\n1,2\n3,"x\ny"\n', b"12345\n1 2.5\n     \n", b"H1xx\nP1a\nP2a\nD1a\nX\nH2\n", b"H,1,xx\nP,1,a\n")
    return tuple(bytes([number]) + file for number in range(len(text_formats())) for file in files)


def codebook(path: Path) -> None:
    """Read a codebook, which has columns if it has anything."""
    import migstat as ms

    if not ms.codebook(path).variables:
        raise ValueError("a codebook without a column")


def messages(path: Path) -> None:
    """Read an SDMX data message to its end."""
    from migstat.read.sdmx_data import open_data

    open_data(path)


def expression(path: Path) -> None:
    """Parse an expression."""
    from migstat.read.expression import parse_expression
    from migstat.words.finding import Place

    parse_expression(path.read_bytes().decode("utf-8", "replace"), Place("fuzz"))


def workbook(path: Path) -> None:
    """Read every sheet of a workbook to its end; rows that are empty are left out."""
    from migstat.read.extracts import read_extract
    from migstat.read.workbooks import open_workbook
    from migstat.words.source import Format

    held(read_extract(path, Format(), ()), every=False)
    for sheet in open_workbook(path).sheets:
        held(read_extract(path, Format(kind="excel", sheet=sheet), ()), every=False)


def dbase(path: Path) -> None:
    """Read a file of dBASE; rows that are marked as deleted are left out."""
    from migstat.read.extracts import read_extract
    from migstat.words.source import Format

    held(read_extract(path, Format(kind="dbase"), ()), every=False)


def inside(read: Callable[[Path], object]) -> Callable[[Path], None]:
    """Return what packs the files of an input, and reads the zip."""

    def call(path: Path) -> None:
        files = parted(path.read_bytes())
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
            warnings.simplefilter("ignore")  # Two files may have one name.
            for name, content in files:
                archive.writestr(zipfile.ZipInfo(name or "-"), content)
        read(path)

    return call


def packed(path: Path) -> None:
    """Read a zip: the one file that is in it, one that is named, or several."""
    from migstat.read.extracts import read_extract
    from migstat.words.finding import MigstatError
    from migstat.words.source import Format

    for member in ("*", "a.csv"):
        with suppress(MigstatError):
            held(read_extract(path, Format(member=member), ()), every=False)
    drained(path)


def cspro(path: Path) -> None:
    """Read a text file of CSPro by its dictionary, one type of record after another."""
    import migstat as ms
    from migstat.read.extracts import read_extract
    from migstat.words.source import Format

    (_, dictionary), *rest = parted(path.read_bytes())
    layout = path.with_name("a.dcf")
    layout.write_bytes(dictionary)
    path.write_bytes(b"".join(content for _, content in rest))
    book = ms.codebook(layout)
    for record in book.records[:3] or (None,):
        format = Format(kind="cspro", header=0, codebook=book, record=record.name if record else "")
        held(read_extract(path, format, ()), every=False)


def csdb(path: Path) -> None:
    """Read a data file of CSPro, one type of record after another."""
    from migstat.read.cspro import open_csdb
    from migstat.read.extracts import read_extract
    from migstat.words.source import Format

    for record in open_csdb(path).dictionary.records()[:3]:
        held(read_extract(path, Format(kind="cspro", record=record.name), ()), every=True)


def csdb_dictionary(path: Path) -> None:
    """Read a data file of CSPro that has the dictionary of the input inside."""
    dictionary = path.read_bytes().decode("utf-8", "replace")
    path.unlink()
    seeds.csdb_with(dictionary, path)
    csdb(path)


def database(path: Path) -> None:
    """Read the tables of a database of DuckDB."""
    from migstat.read.source_extracts import read_source
    from migstat.words.source import Format

    for table in ("t", "v"):
        held(read_source(f"duckdb:///{path}", Format(kind="table", table=table), ()), every=True)


def view(path: Path) -> None:
    """Read a view of a database, which asks what the input says."""
    import duckdb

    from migstat.read.source_extracts import read_source
    from migstat.words.source import Format

    question = path.read_bytes().decode("utf-8", "replace")
    path.unlink()
    with duckdb.connect(str(path), config={"enable_external_access": False, "max_memory": "1GB"}) as connection:
        try:
            connection.execute("CREATE VIEW v AS " + question.replace(";", " "))
        except duckdb.Error:
            return
    held(read_source(f"duckdb:///{path}", Format(kind="table", table="v"), ()), every=True)


def pack(path: Path) -> None:
    """List a pack, and test it as its office does: a folder of the files of the input."""
    import migstat as ms

    folder = path.with_name("packs")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "a").mkdir(parents=True)
    for name, content in parted(path.read_bytes()):
        if name.isascii() and name.isprintable() and len(name) < 60 and ".." not in name and not name.startswith("/"):
            file = folder / "a" / PurePosixPath(name)
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            except OSError:  # The name of a folder is that of a file.
                continue
    for one in ms.packs(folder):
        assert one.id
    ms.check_pack(folder / "a")


def verb(name: str, module: str = "") -> Callable[[Path], object]:
    """Return what calls a verb with the path."""

    def call(path: Path) -> object:
        from importlib import import_module

        return getattr(import_module(f"migstat.{module}".rstrip(".")), name)(path)

    return call


def sheet(path: Path) -> None:
    """Take the fingerprint of a workbook."""
    from migstat.read.workbooks import fingerprint

    fingerprint(path)


TARGETS = {
    "csv": Target(".csv", ("examples/*/extract/*.csv", "examples/*/extract/*.txt"), drained),
    "text": Target(".txt", (), text, text_seeds),
    **{
        f"codebook{ending}": Target(ending, (f"tests/codebooks/*{ending}", f"examples/*/*{ending}"), codebook)
        for ending in (".csv", ".xml", ".do", ".dct", ".sps", ".sas")
    },
    "packed": Target(".csv.gz", (), drained, made("packed", ".zip")),
    "parquet": Target(".parquet", (), drained, seeds.parquets),
    "mapping": Target(".yaml", ("examples/*/mapping*.yaml", "tests/wrong_mappings/*.yaml"), verb("read_mapping")),
    "rules": Target(".yaml", ("schemas/rules/*.yaml", "tests/wrong_rules/*.yaml"), verb("read_rules")),
    "policy": Target(".yaml", ("schemas/policies/*.yaml", "tests/wrong_policies/*.yaml"), verb("read_policy")),
    "microdata-policy": Target(".yaml", ("tests/wrong_microdata_policies/*.yaml",), verb("read_microdata_policy")),
    "table-set": Target(".yaml", ("schemas/sets/*.yaml",), verb("read_table_set", "api.table_sets")),
    "structure": Target(".yaml", ("schemas/*.yaml",), verb("read_structure")),
    "structure-xml": Target(".xml", (), verb("read_structure"), made("structure", ".xml")),
    "codelist": Target(".csv", ("codelists/CL_SEX.csv",), verb("read_codelist")),
    "codelist-xml": Target(".xml", (), verb("read_codelist"), made("codelist", ".xml")),
    "structure-map": Target(".xml", (), verb("read_structure_map"), made("map", ".xml")),
    "structure-map-json": Target(".json", (), verb("read_structure_map"), made("map", ".json")),
    "data-xml": Target(".xml", (), messages, made("data", ".xml")),
    "data-json": Target(".json", (), messages, made("data", ".json")),
    "data-csv": Target(".csv", (), messages, made("data", ".sdmx.csv")),
    "expression": Target(".txt", (), expression, lambda: (b"AGE >= 5 and SEX in ('M', 'F') or matches(A, '[0-9]+')",)),
    "workbook": Target(".xlsx", (), sheet, made("frame", ".xlsx")),
    **{
        ending[1:]: Target(ending, (), drained, seeds.statistical(ending), LONG, warm=True)
        for ending in (".sav", ".zsav", ".por", ".dta", ".xpt", ".sas7bdat")
    },
    "dbf": Target(".dbf", (), dbase, seeds.dbase, LONG),
    "sas7bcat": Target(".sas7bcat", (), codebook, seeds.statistical(".sas7bcat"), LONG, warm=True),
    **{
        kind: Target(f".{kind}", (), workbook, seeds.workbooks(kind), warm=True)
        for kind in ("xlsx", "xlsb", "ods", "xls")
    },
    **{
        f"{kind}-inside": Target(f".{kind}", (), inside(workbook), seeds.workbooks(kind, inside=True), warm=True)
        for kind in ("xlsx", "xlsb", "ods")
    },
    "zip-inside": Target(".zip", (), inside(packed), seeds.zips, warm=True),
    "cspro": Target(".dat", (), cspro, seeds.cspro),
    "codebook.dcf": Target(".dcf", (), codebook, seeds.cspro_dictionaries),
    "csdb": Target(".csdb", (), csdb, lambda: (seeds.csdb(),), LONG),
    "csdb-dictionary": Target(".csdb", (), csdb_dictionary, seeds.cspro_dictionaries),
    "codebook.dicx": Target(".dicx", (), codebook, seeds.redatam),
    "dictionary": Target(".csv", (), codebook, seeds.dictionaries),
    "duckdb": Target(".duckdb", (), database, seeds.duckdb, LONGEST),
    "duckdb-view": Target(".duckdb", (), view, seeds.questions),
    "pack": Target(".yaml", (), pack, seeds.packs, LONG),
    "run-plan": Target(".yaml", ("examples/nightly/*.yaml",), documents.read_by("read_run_plan", "run_plans")),
    "signs": Target(".yaml", ("schemas/signs/*.yaml",), documents.read_by("read_signs_rule", "signs")),
    "reliability": Target(".yaml", ("schemas/reliability/*.yaml",), documents.read_by("read_policy", "reliability")),
    "codelist-header": Target(".toml", ("codelists/CL_SEX.toml",), documents.codelist_header),
    "perturbation-table": Target(
        ".csv", (), documents.read_by("read_perturbation_table", "perturbation_tables"), documents.perturbations
    ),
    "wordings": Target(".csv", ("codelists/names/answers.csv",), documents.read_by("read_answers", "answers")),
    "area-names": Target(
        ".csv", ("codelists/names/nationalities.csv",), documents.read_by("read_area_names", "area_names")
    ),
    "names": Target(".txt", (), documents.names, documents.texts),
    "mapping-folder": Target(".yaml", (), documents.mapping, documents.mappings),
    "open-draft": Target(".yaml", (), documents.open_draft, documents.drafts),
    "draft": Target(".csv", (), documents.draft, documents.extract_and_book),
    "draft-format": Target(".yaml", (), documents.draft_format, documents.draft_formats),
    "diff": Target(".csv", (), documents.diff, documents.two_waves),
    "harmonize": Target(".csv", (), documents.harmonized, documents.extracts),
    "companions": Target(".yaml", (), documents.joined_by_key, documents.companions),
    "validate": Target(".csv", (), documents.validated, documents.records),
    "records": Target(".parquet", (), documents.counted, documents.parquet_records),
    "table": Target(".csv", (), documents.table, documents.tables),
}

"""Good files of every kind, from which tools/fuzz.py begins: made here, or those of the tests.

A folder or a packed file is given to the fuzzer as one text: its files one after another, each below a line with its
name, so that what is mutated is what stands in them, and not how they are packed.
"""

import gzip
import importlib.util
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NAMED = b"\n=== "
"""Before the name of each file but the first."""
ROWS = 20


def joined(files: Mapping[str, bytes]) -> bytes:
    """Return files as one text."""
    return NAMED.join(name.encode() + b"\n" + content for name, content in files.items())


def parted(data: bytes) -> list[tuple[str, bytes]]:
    """Return the files of a text, with whatever names they have."""
    pieces = [piece.partition(b"\n") for piece in data.split(NAMED)]
    return [(name.decode("latin-1"), content) for name, _, content in pieces]


@cache
def of_tests(name: str) -> Any:
    """Load a module of the tests, which makes files that no library writes."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def packed_file(name: str) -> bytes:
    """Return a file of tests/files."""
    return gzip.decompress((ROOT / "tests" / "files" / f"{name}.gz").read_bytes())


def statistical(ending: str) -> Callable[[], tuple[bytes, ...]]:
    """Return what makes files of SPSS, Stata or SAS: with labels, user missing values, dates, text, and packed."""

    def make() -> tuple[bytes, ...]:
        if ending in {".sas7bdat", ".sas7bcat"}:
            return (packed_file("people.sas7bdat" if ending == ".sas7bdat" else "formats.sas7bcat"),)
        import datetime

        import pandas as pd
        import pyreadstat

        days = [datetime.date(2020, 1, 1), None] * (ROWS // 2)
        columns = {"SEX": [1.0, 9.0] * (ROWS // 2), "CODE": ["01", "NA"] * (ROWS // 2), "W": [0.5, 1e9] * (ROWS // 2)}
        frame = pd.DataFrame(columns | {"D": days, "LONG": ["x" * 300, ""] * (ROWS // 2)})
        short = frame[["SEX", "CODE", "W", "D"]]
        labels = {"column_labels": {"SEX": "Sex"}, "variable_value_labels": {"SEX": {1: "M", 9: "?"}}}
        missing = {"missing_ranges": {"SEX": [{"lo": 8, "hi": 9}], "CODE": ["NA"]}}
        writers: dict[str, list[Callable[[Path], object]]] = {
            ".sav": [
                lambda path: pyreadstat.write_sav(frame, path, row_compress=True, **labels, **missing),
                lambda path: pyreadstat.write_sav(frame, path, **labels),
            ],
            ".zsav": [lambda path: pyreadstat.write_sav(short, path, compress=True, **labels)],
            ".por": [lambda path: pyreadstat.write_por(short, path, variable_format={"W": "F8.2"})],
            ".dta": [
                lambda path, version=version: pyreadstat.write_dta(short, path, version=version, **labels)
                for version in (8, 10, 12, 13, 14, 15)
            ],
            ".xpt": [
                lambda path, version=version: pyreadstat.write_xport(short, path, file_format_version=version)
                for version in (5, 8)
            ],
        }
        return tuple(written(write, ending) for write in writers[ending])

    return make


def written(write: Callable[[Path], object], ending: str) -> bytes:
    """Return what is written to a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"made{ending}"
        write(path)
        return path.read_bytes()


def workbooks(kind: str, *, inside: bool = False) -> Callable[[], tuple[bytes, ...]]:
    """Return what makes workbooks; ``inside`` are the files that are packed in one."""

    def make() -> tuple[bytes, ...]:
        if kind == "xls":
            return (packed_file("persons.xls"),)
        rows = {"S": [["HH", "P12", "W"], ["01", 1, 0.5], ["02", 2, 1.5]], "T": [["note"]]}
        whole = getattr(of_tests("sheets"), kind)(rows)
        return (joined(dict(members_of(whole))),) if inside else (whole,)

    return make


def members_of(whole: bytes) -> Iterable[tuple[str, bytes]]:
    """Yield the files of a zip."""
    import io

    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def zips() -> tuple[bytes, ...]:
    """Return the files of zips: one table, several, names that lead out, one in another, a statistical file."""
    table = b"a,b\n1,2\n"
    sav = statistical(".sav")()[0]
    return tuple(
        joined(files)
        for files in (
            {"a.csv": table},
            {"a.csv": table, "b.csv": table, "../c.csv": table, "/d.txt": table, "e\\f.csv": table},
            {"a.zip": zipped({"a.csv": table}), "__MACOSX/a.csv": b"", "a/": b""},
            {"a.sav": sav},
        )
    )


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files packed."""
    made: bytes = of_tests("sheets").packed(files)
    return made


def cspro() -> tuple[bytes, ...]:
    """Return dictionaries of CSPro, each with data."""
    tests = of_tests("test_cspro")
    dictionaries = (tests.INI, tests.as_json(tests.INI))
    return tuple(joined({"a.dcf": one.encode(), "a.dat": tests.TEXT.encode()}) for one in dictionaries)


def cspro_dictionaries() -> tuple[bytes, ...]:
    """Return dictionaries of CSPro."""
    tests = of_tests("test_cspro")
    return tests.INI.encode(), tests.as_json(tests.INI).encode()


@cache
def csdb() -> bytes:
    """Return a data file of CSPro."""
    return written(of_tests("test_cspro").database, ".csdb")


def csdb_with(dictionary: str, path: Path) -> None:
    """Write a data file of CSPro that has this dictionary inside, whatever its tables are."""
    path.write_bytes(csdb())
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET dictionary = ?", [dictionary])
    connection.close()


def dbase() -> tuple[bytes, ...]:
    """Return files of dBASE: with every type, an encoding that is told or not, and rows that are deleted."""
    make = of_tests("test_dbase").dbf
    foxpro = (("I", "I", 4, 0), ("B", "B", 8, 4), ("M", "M", 4, 0), ("L", "L", 1, 0))
    numbers = [(bytes(4), bytes(8), bytes(4), b"T")] * 3
    return make(), make(language=0, deleted=[1], fill=b"\0"), make(foxpro, numbers, version=0x30)


def redatam() -> tuple[bytes, ...]:
    """Return a dictionary of REDATAM."""
    return (of_tests("test_kinds_of_extracts").DICX.encode(),)


def dictionaries() -> tuple[bytes, ...]:
    """Return data dictionaries in CSV."""
    table = "variable;label;value;value label;missing\nSEX;Sex;1;Male;\n;;2;Female;\n;;9;?;1\nAGE;Age;0-120;;\n"
    return of_tests("test_dictionary").BUREAU.encode(), table.encode(), table.replace(";", ",").encode("utf-16")


def duckdb() -> tuple[bytes, ...]:
    """Return a database of DuckDB with a table and a view."""

    def write(path: Path) -> None:
        import duckdb

        with duckdb.connect(str(path)) as connection:
            connection.execute("CREATE TABLE t (a VARCHAR, b INTEGER, c DOUBLE, d DATE, e INTEGER[])")
            connection.execute("INSERT INTO t VALUES ('x', 1, 0.5, '2020-01-01', [1]), (NULL, 2, NULL, NULL, NULL)")
            connection.execute("CREATE VIEW v AS SELECT a FROM t")

    return (written(write, ".duckdb"),)


def questions() -> tuple[bytes, ...]:
    """Return questions that a view of a database may ask."""
    return (
        b"SELECT 1 AS a",
        b"SELECT i AS a, i % 2 = 0 AS b, [i] AS c, {'x': i} AS d FROM range(9) t(i)",
        b"SELECT * FROM read_csv('/etc/passwd')",
        b"SELECT CAST('2020-01-01' AS TIMESTAMPTZ) AS a, 1::HUGEINT AS b, 'x'::BLOB AS c, INTERVAL 1 DAY AS d",
        b"SELECT count(*) AS a FROM duckdb_settings() UNION ALL SELECT 1",
    )


def packs() -> tuple[bytes, ...]:
    """Return a small pack: few lines of each table, few rows."""
    folder = ROOT / "examples" / "ken_census_2019"
    names = ("mapping.yaml", "generate.csv", "layout.csv")
    files = {name: (folder / name).read_bytes() for name in names}
    for path in sorted((folder / "tables").glob("*.csv")):
        files[f"tables/{path.name}"] = b"\n".join(path.read_bytes().split(b"\n")[:8]) + b"\n"
    files["golden/cases.csv"] = b"case,mapping,wave,extract,rows\nforms,mapping.yaml,,made.csv,5\n"
    files["README.md"] = b"# A pack\n"
    return (joined(files),)


def parquets() -> tuple[bytes, ...]:
    """Return Parquet files: plain, with lists and structures, dates, categories, and several row groups."""
    import datetime

    import polars as pl

    plain = pl.DataFrame({"A": ["1", "2", None], "B": [1, 2, 3], "C": [0.5, None, 7.0]})
    rich = plain.with_columns(
        D=pl.Series([datetime.date(2020, 1, 1), None, None]), E=pl.Series([[1], [], None]), F=pl.struct("A", "B"),
        G=pl.col("A").cast(pl.Categorical), H=pl.Series([b"\xff", b"", None]), I=pl.lit(datetime.datetime(2020, 1, 1)),
    )  # fmt: skip
    return tuple(
        written(lambda path, one=one, how=how: one.write_parquet(path, row_group_size=2, compression=how), ".parquet")
        for one in (plain, rich)
        for how in ("uncompressed", "snappy", "zstd", "gzip")
    )


def made(kind: str, ending: str) -> Callable[[], tuple[bytes, ...]]:
    """Return what makes good files of one kind, to begin with: structures, maps, or a small table."""

    def make() -> tuple[bytes, ...]:
        import polars as pl

        import migstat as ms

        mapping = ROOT / "examples" / "gbr_census_2011_teaching" / "mapping.yaml"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"made{ending}"
            if kind == "structure":
                ms.write_structure("MIGRANT_STOCK", path, alone=True)
            elif kind == "codelist":
                ms.write_structure("CL_STAY_CLASS", path)
            elif kind == "frame":
                frame = pl.DataFrame({"A": ["1", "2", None], "B": [1, 2, 3], "C": [0.5, None, 7.0]})
                frame.write_parquet(path) if ending == ".parquet" else frame.write_excel(path)
            elif kind == "packed":
                with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                    archive.writestr("a.csv", "a,b\n1,2\n" * 50)
                return path.read_bytes(), gzip.compress(b"a,b\n1,2\n" * 50)
            elif kind == "map":
                ms.write_structure_map(mapping, path, "json20" if ending == ".json" else "ml30")
            else:
                run = ms.harmonize(next((mapping.parent / "extract").iterdir()), mapping)
                ms.write_table(ms.tabulate(run, definition="FOREIGN_BORN", by=["SEX"]), path)
            return (path.read_bytes(),)

    return make

"""Damage of Parquet files that shows only when their rows are read: pages that were changed or cut off."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from migstat.read.packed import CUT_OFF, fault
from migstat.words.finding import MigstatError, misuse

MAGIC = b"PAR1"
NOT_OF_A_FILE = (MigstatError, KeyboardInterrupt, SystemExit, GeneratorExit)
"""What is raised for another reason than that a file is damaged; a panic of a library is no Exception to Python."""


@contextmanager
def undamaged(*given: Any) -> Iterator[None]:
    """Tell Parquet files that are damaged where what is done with them goes wrong.

    ``given`` are paths, lists of them, or anything else, which is left alone. The files are read whole to know whether
    they are the cause, and only then: what goes well takes no longer.
    """
    try:
        yield
    except NOT_OF_A_FILE:
        raise
    except BaseException as error:
        for path in _parquet_files(given):
            if not is_whole(path):
                raise fault(path.name, *CUT_OFF) from error
        raise


@contextmanager
def undamaged_schema(name: str) -> Iterator[None]:
    """Tell a footer that cannot be read, or that names a column twice."""
    try:
        yield
    except NOT_OF_A_FILE:
        raise
    except PermissionError:
        raise misuse("may not be read", "ask for the right to read it", place=name) from None
    except pl.exceptions.DuplicateError:
        raise fault(name, "has two columns of one name", "rename one of the two") from None
    except BaseException as error:
        raise fault(name, *CUT_OFF) from error


def is_parquet(path: Path) -> bool:
    """Tell whether a file begins as a Parquet file does."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except PermissionError:
        raise misuse("may not be read", "ask for the right to read it", place=path.name) from None


def is_whole(path: Path) -> bool:
    """Tell whether every page of a Parquet file can be read, by both libraries that read them here."""
    try:
        for _ in pl.scan_parquet(path, glob=False).collect_batches(chunk_size=100_000):
            pass
        from pyarrow import parquet

        with parquet.ParquetFile(path) as file:
            for _ in file.iter_batches(100_000):
                pass
    except NOT_OF_A_FILE:
        raise
    except BaseException:
        return False
    return True


def _parquet_files(given: Iterable[Any]) -> Iterator[Path]:
    for one in given:
        if isinstance(one, str | os.PathLike):
            path = Path(one)
            inside = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
            yield from (file for file in inside if file.is_file() and is_parquet(file))
        elif isinstance(one, list | tuple):
            yield from _parquet_files(one)
        elif isinstance(one, dict):
            yield from _parquet_files(one.values())

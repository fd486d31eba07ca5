"""CSV and Parquet files that are read whole: tables, denominators, stocks; what is wrong with one is told."""

from pathlib import Path

import polars as pl

from migstat.api.plain_columns import check_plain
from migstat.read.damage import NOT_OF_A_FILE
from migstat.words.finding import misuse


def frame_of_file(path: Path, missing: str, mend: str) -> pl.DataFrame:
    """Read a Parquet file, or a CSV file whose values are all text, as a Polars frame.

    ``missing`` and ``mend`` are told where there is no such file. Raises Misuse where it cannot be read.
    """
    if path.is_dir():
        raise misuse("is a folder", "name a file in it", place=path.name)
    if not path.is_file():
        raise misuse(missing, mend, place=path.name)
    try:
        # A code such as NA (Namibia) is text; only numbers have a null.
        frame = (
            pl.read_parquet(path, glob=False) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
        )
    except NOT_OF_A_FILE:
        raise
    except BaseException as error:
        raise misuse(*_why(path, error), place=path.name) from None
    check_plain(frame.schema, frame.columns, path.name)
    return frame


def _why(path: Path, error: BaseException) -> tuple[str, str]:
    """Return what is wrong with a file that cannot be read, and its mend; nothing of what stands in it."""
    if not path.stat().st_size:
        return "the file is empty", "ask for the file again"
    if isinstance(error, pl.exceptions.DuplicateError):
        return "has two columns of one name", "rename one of the two"
    if isinstance(error, PermissionError):
        return "may not be read", "ask for the right to read it"
    if path.suffix == ".parquet":
        return "the Parquet file is damaged or was cut off", "ask for the file again, or write it again"
    if "utf-8" in str(error).lower() or "utf8" in str(error).lower():
        return "is not UTF-8", "save the file as CSV in UTF-8"
    return f"cannot be read as a table: {type(error).__name__}", "name a CSV file in UTF-8 with a header"

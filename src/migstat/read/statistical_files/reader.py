"""The one door for reading SPSS, Stata and SAS files: run in a process apart, since a damaged file can end it."""

import io
from collections.abc import Callable
from typing import Any

import polars as pl

from migstat.read import apart
from migstat.read.apart import Answer
from migstat.read.statistical_files.declared import Declared
from migstat.read.statistical_files.values import as_text


def serve() -> None:
    """Answer requests until there are no more of them."""
    apart.serve(_answer)


def _answer(request: dict[str, Any]) -> Answer:
    try:
        return _labels(request) if request["kind"] == "sas7bcat" else _read(request)
    except Exception as error:
        return {"error": type(error).__name__, "told": str(error)}, b""


def _labels(request: dict[str, Any]) -> Answer:
    import pyreadstat

    _, meta = pyreadstat.read_sas7bcat(request["path"], encoding=request["encoding"], output_format="dict")
    return {"sets": [[name, list(labels.items())] for name, labels in meta.value_labels.items()]}, b""


def _read(request: dict[str, Any]) -> Answer:
    if request["limit"] is None:
        _, meta = _with_pyreadstat(request, metadataonly=True)
        return {"declared": Declared.of(meta, request["kind"]).plain()}, b""
    data, meta = _with_pyreadstat(request, row_offset=request["offset"], row_limit=request["limit"])
    forms = Declared.of(meta, request["kind"]).forms()
    part = pl.DataFrame([as_text(values, forms[name], name) for name, values in data.items()])
    rows = io.BytesIO()
    part.write_ipc_stream(rows, compression="uncompressed", compat_level=pl.CompatLevel.newest())
    return {"rows": part.height}, rows.getvalue()


def _with_pyreadstat(request: dict[str, Any], **more: Any) -> tuple[Any, Any]:
    import pyreadstat
    from pyreadstat._readstat_parser import parser_entry_point

    kind = request["kind"]
    given = {
        "disable_datetime_conversion": True,
        "output_format": "dict",
        "user_missing": True,
        "encoding": request["encoding"],
        "usecols": request["columns"],
        **more,
    }
    readers: dict[str, Callable[..., tuple[Any, Any]]] = {
        "sav": pyreadstat.read_sav,
        "dta": pyreadstat.read_dta,
        "sas7bdat": pyreadstat.read_sas7bdat,
    }
    if kind in readers:
        return readers[kind](request["path"], **given)
    # The public functions for these two kinds lose special and user missing values; what they call does not.
    return parser_entry_point(request["path"], parser_format=kind, **given)  # type: ignore[no-any-return]

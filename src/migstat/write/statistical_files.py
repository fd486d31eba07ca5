"""The one door for SPSS and Stata: codes as labelled numbers, kinds of missing as user missing values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.missing import KINDS, MISSING_SUFFIX
from migstat.words.structure import Structure

PLACE_OF_KIND = {kind: at for at, kind in enumerate(KINDS, 1)}
"""In SPSS a missing value is minus this number, in Stata the letter at this place: .a to .d."""
FAR = 9_000_000
"""Subtracted from the codes of missing values where a variable has negative values of its own."""
LONGEST = {"sav": 255, "dta": 80}
"""Bytes of a variable's label that the format holds."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A column as these formats hold it."""

    id: str
    label: str
    numbers: Mapping[str, int]
    """The number of each code; empty where the values are numbers or text themselves."""
    labels: Mapping[str, str]
    kinds: Mapping[str, str]
    """Kinds of missing met, with their names."""


def variables(
    frame: pl.DataFrame, structure: Structure, codelists: Mapping[str, Codelist], language: str
) -> list[Variable]:
    """Return the columns with their labels; the second columns of numbers, which say why one is missing, are within.

    The number of a code is its place in the codelist, which is the same in every file of that version of the list.
    """
    found = []
    for id in frame.columns:
        base = id.removesuffix(MISSING_SUFFIX)
        if base != id and base in frame.columns:
            continue
        component = next((one for one in structure.components if one.id == id), None)
        label = (component.names.get(language) or component.names.get("en") if component else "") or id
        met = set(frame[id].cast(pl.String).unique().drop_nulls()) if id in codelists else set()
        numbers, labels = {}, {}
        if id in codelists:
            codes = codelists[id]
            places = {code: at for at, code in enumerate((one for one in codes.ids if one not in KINDS), 1)}
            places |= {code: len(places) + at for at, code in enumerate(sorted(met - set(codes.ids) - set(KINDS)), 1)}
            numbers = {code: at for code, at in places.items() if code in met}
            labels = {code: codes.label(code, language) if code in codes else code for code in numbers}
        kinds = {kind: _kind(kind, codelists.get(id), language) for kind in KINDS if kind in met}
        beside = f"{id}{MISSING_SUFFIX}"
        if beside in frame.columns:
            kinds = {kind: name for kind, name in KINDS.items() if kind in set(frame[beside].unique().drop_nulls())}
        found.append(Variable(id, label, numbers, labels, kinds))
    return found


def _kind(kind: str, codes: Codelist | None, language: str) -> str:
    return codes.label(kind, language) if codes is not None and kind in codes else KINDS[kind]


def write_sav(frame: pl.DataFrame, listed: Iterable[Variable], path: Path, label: str) -> None:
    """Write an SPSS file; missing values are -1 to -4 with labels, declared as user missing."""
    import pyreadstat

    listed = list(listed)
    columns: dict[str, Any] = {}
    labels: dict[str, dict[int | float, str]] = {}
    ranges: dict[str, list[Any]] = {}
    for one in listed:
        away = _away(frame, one)
        missing = {kind: -PLACE_OF_KIND[kind] - away for kind in one.kinds}
        columns[one.id] = _column(frame, one, missing)
        named = {at: f"{one.labels[code]} [{code}]" for code, at in one.numbers.items()}
        named |= {missing[kind]: f"{name} [{kind}]" for kind, name in one.kinds.items()}
        if named:
            labels[one.id] = {at: _cut(text, 120) for at, text in named.items()}
        if missing:
            ranges[one.id] = [{"lo": min(missing.values()), "hi": max(missing.values())}]
    pyreadstat.write_sav(
        _pandas(columns),
        path,
        file_label=_cut(label, 64),
        column_labels={one.id: _cut(one.label, LONGEST["sav"]) for one in listed},
        variable_value_labels=labels,
        missing_ranges=ranges,
        row_compress=True,
    )
    # The format has the time of writing at a fixed place; without it, equal data are equal bytes.
    with path.open("r+b") as file:
        file.seek(92)
        file.write(b"01 Jan 7000:00:00")


def write_dta(frame: pl.DataFrame, listed: Iterable[Variable], path: Path, label: str) -> None:
    """Write a Stata file; missing values are .a to .d with labels."""
    import pyreadstat

    listed = list(listed)
    columns: dict[str, Any] = {}
    labels: dict[str, dict[Any, str]] = {}
    letters: dict[str, list[str]] = {}
    for one in listed:
        missing = {kind: "abcd"[PLACE_OF_KIND[kind] - 1] for kind in one.kinds}
        columns[one.id] = _column(frame, one, missing)
        named: dict[Any, str] = {at: f"{one.labels[code]} [{code}]" for code, at in one.numbers.items()}
        named |= {missing[kind]: f"{name} [{kind}]" for kind, name in one.kinds.items()}
        if named:
            labels[one.id] = named
        if missing:
            letters[one.id] = list(missing.values())
    pyreadstat.write_dta(
        _pandas(columns),
        path,
        file_label=_cut(label, 80),
        column_labels={one.id: _cut(one.label, LONGEST["dta"]) for one in listed},
        variable_value_labels=labels,
        missing_user_values=letters,
        version=15,
    )
    data = path.read_bytes()
    head = re.sub(rb"(?<=<timestamp>\x11).{17}(?=</timestamp>)", b"01 Jan 1970 00:00", data[:2000], count=1, flags=re.S)
    path.write_bytes(head + data[2000:])


def _away(frame: pl.DataFrame, one: Variable) -> int:
    column = frame[one.id]
    return FAR if column.dtype.is_numeric() and bool((column < 0).any()) else 0


def _column(frame: pl.DataFrame, one: Variable, missing: Mapping[str, int | str]) -> list[Any]:
    """Return the values of a column, codes as their numbers, kinds of missing as their marks."""
    values = frame[one.id].to_list()
    if one.numbers or (
        one.kinds and frame[one.id].dtype == pl.String and f"{one.id}{MISSING_SUFFIX}" not in frame.columns
    ):
        into: dict[str, int | str] = {**one.numbers, **missing}
        return [into.get(value) for value in values]
    beside = f"{one.id}{MISSING_SUFFIX}"
    if beside not in frame.columns or frame[one.id].dtype in (pl.String, pl.Date):
        return values
    return [
        missing.get(why) if value is None and why is not None else value
        for value, why in zip(values, frame[beside].to_list(), strict=True)
    ]


def _pandas(columns: Mapping[str, list[Any]]) -> Any:
    import pandas as pd

    made = {}
    for id, values in columns.items():
        some = [value for value in values if value is not None]
        if some and all(isinstance(value, str) for value in some) and not all(len(value) == 1 for value in some):
            made[id] = pd.Series(["" if value is None else value for value in values], dtype="object")
        elif any(isinstance(value, str) for value in some):
            made[id] = pd.Series([float("nan") if value is None else value for value in values], dtype="object")
        elif some and not all(isinstance(value, int | float) for value in some):
            made[id] = pd.Series(values, dtype="object")
        else:
            made[id] = pd.Series([float("nan") if value is None else float(value) for value in values])
    return pd.DataFrame(made)


def _cut(text: str, most: int) -> str:
    """Cut a text to so many bytes without cutting a letter."""
    data = text.encode()
    return text if len(data) <= most else data[: most - 3].decode(errors="ignore") + "…"

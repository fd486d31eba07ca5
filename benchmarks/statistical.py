"""Reads a file of SPSS or Stata to its end and sums up each column: by pyreadstat, and by migstat, whose door it is."""

import argparse
import json
from pathlib import Path
from typing import Any

import polars as pl

TEXT = "HHID"
LABELS = {
    "P12": {1: "Male", 2: "Female", 9: "Not stated"},
    "P18": {1: "Same house", 2: "Other house", 3: "Abroad", 9: "Not stated"},
    "P19": {1: "Same house", 2: "Other house", 3: "Abroad", 9: "Not stated"},
}


def write(path: Path, census: Path) -> None:
    """Write the census as a statistical file: numbers with labels, and the household as text."""
    import pyreadstat

    frame = pl.read_csv(census, infer_schema=False)
    frame = frame.with_columns(pl.exclude(TEXT).cast(pl.Float64, strict=False))
    unfinished = path.with_name(f"unfinished.{path.suffix.removeprefix('.')}")
    if path.suffix == ".sav":
        pyreadstat.write_sav(frame, unfinished, variable_value_labels=LABELS)
    else:
        pyreadstat.write_dta(frame, unfinished, variable_value_labels=LABELS)
    unfinished.rename(path)


def read(path: Path, how: str) -> dict[str, float]:
    """Return of each column how many values it has, and their sum: of texts, that of their lengths."""
    if how == "migstat":
        return by_parts(path)
    import pyreadstat

    reader = pyreadstat.read_sav if path.suffix == ".sav" else pyreadstat.read_dta
    if how != "pyreadstat":
        frame = reader(path, output_format="polars")[0]
        return summed([frame.with_columns(pl.col(pl.Float64).fill_nan(None))])
    table, _ = reader(path)
    told = {f"{name} n": float(table[name].notna().sum()) for name in table.columns}
    sums = {
        f"{name} sum": float((table[name].str.len() if name == TEXT else table[name]).sum()) for name in table.columns
    }
    return told | sums


def by_parts(path: Path) -> dict[str, float]:
    """Sum up the parts that our reader hands out, whose values are text."""
    from migstat.read.extracts import read_extract
    from migstat.words.source import Format

    kind = "spss" if path.suffix == ".sav" else "stata"
    return summed(part for _, part in read_extract(path, Format(kind=kind), ()).parts)


def summed(parts: Any) -> dict[str, float]:
    told: dict[str, float] = {}
    for part in parts:
        values = [
            pl.col(name).cast(pl.String).replace("", None).str.len_bytes()
            if name == TEXT
            else pl.col(name).cast(pl.Float64)
            for name in part.columns
        ]
        row = part.select(values)
        for name in part.columns:
            told[f"{name} n"] = told.get(f"{name} n", 0.0) + len(row) - row[name].null_count()
            told[f"{name} sum"] = told.get(f"{name} sum", 0.0) + float(row[name].sum())
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--census", type=Path)
    parser.add_argument("--read", type=Path)
    parser.add_argument("--how", default="migstat")
    parser.add_argument("--told", type=Path, help="the file that the sums are told in")
    given = parser.parse_args()
    if given.write:
        write(given.write, given.census)
        return
    given.told.write_text(json.dumps(read(given.read, given.how)), encoding="utf-8")


if __name__ == "__main__":
    main()

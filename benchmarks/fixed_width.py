"""Reads a generated file of fixed width, beside Polars that slices by hand, each in a process of its own."""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.inputs import DATA, warm
from benchmarks.measuring import machine, timed
from benchmarks.telling import keep

WIDTHS = (8, 2, 1, 3, 3, 3, 1, 2, 4, 2, 1, 1, 3, 5, 2, 1, 6, 8, 3, 20)
"""Twenty columns; the last is text with blanks behind it, and some others are blank here and there."""
BLANK = {3, 9, 12, 16}
NAMES = [f"V{at + 1:02d}" for at in range(len(WIDTHS))]
STARTS = [int(start) for start in np.cumsum([0, *WIDTHS[:-1]])]
CHUNK = 250_000
SLICED, TRIMMED, OURS = "Polars by hand: slices", "Polars by hand: slices without their blanks", "migstat"


def write(path: Path, rows: int, seed: int = 7) -> None:
    """Write digits, blanks and names, chunk by chunk, the same for the same seed."""
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        for number, start in enumerate(range(0, rows, CHUNK)):
            random = np.random.default_rng([seed, number])
            count = min(CHUNK, rows - start)
            lines = random.integers(48, 58, (count, sum(WIDTHS) + 1), dtype=np.uint8)
            for at in BLANK:
                empty = random.random(count) < 0.2
                lines[empty, STARTS[at] : STARTS[at] + WIDTHS[at]] = 32
            letters = random.integers(97, 123, (count, WIDTHS[-1]), dtype=np.uint8)
            letters[np.arange(WIDTHS[-1]) >= random.integers(3, WIDTHS[-1], count)[:, None]] = 32
            lines[:, STARTS[-1] : STARTS[-1] + WIDTHS[-1]] = letters
            lines[:, -1] = 10
            file.write(lines.tobytes())
    unfinished.rename(path)


def by_hand(path: Path, *, trimmed: bool) -> list[tuple[int, int]]:
    """Count values and their letters in each column, as a good user of Polars would."""
    line = pl.scan_csv(
        path, has_header=False, separator="\x01", quote_char=None, new_columns=["line"], infer_schema=False
    )
    columns = []
    for name, start, width in zip(NAMES, STARTS, WIDTHS, strict=True):
        value = pl.col("line").str.slice(start, width)
        if trimmed:
            value = value.str.strip_chars()
            value = pl.when(value != "").then(value)
        columns.append(value.alias(name))
    counts = [pl.col(name).count().alias(f"{name} n") for name in NAMES]
    sizes = [pl.col(name).str.len_bytes().cast(pl.Int64).sum().alias(f"{name} b") for name in NAMES]
    row = line.select(columns).select(counts + sizes).collect(engine="streaming").row(0)
    return list(zip(row[: len(NAMES)], row[len(NAMES) :], strict=True))


def ours(path: Path) -> list[tuple[int, int]]:
    """Count the same, from the parts that our reader hands out."""
    from migstat.read.extracts import read_extract
    from migstat.words.codebook import Codebook, Variable
    from migstat.words.source import Format

    columns = zip(NAMES, STARTS, WIDTHS, strict=True)
    placed = [Variable(name, start=start + 1, width=width) for name, start, width in columns]
    format = Format(kind="fixed", header=0, codebook=Codebook("generated", tuple(placed)))
    totals = np.zeros((len(NAMES), 2), np.int64)
    for _, part in read_extract(path, format, ()).parts:
        sizes = part.select(pl.all().str.len_bytes().cast(pl.Int64).sum()).row(0)
        totals += np.column_stack([[part.height - nulls for nulls in part.null_count().row(0)], sizes])
    return [(int(count), int(size)) for count, size in totals]


def jobs(path: Path) -> dict[str, list[str]]:
    """Return the commands. The first is what the others are compared with."""
    python = [sys.executable, "-m", "benchmarks.fixed_width", "--read", str(path), "--how"]
    return {TRIMMED: [*python, "trimmed"], SLICED: [*python, "sliced"], OURS: [*python, "ours"]}


def read(path: Path, how: str) -> list[tuple[int, int]]:
    """Read the file in one way."""
    return ours(path) if how == "ours" else by_hand(path, trimmed=how == "trimmed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="lines of the generated file (10_000_000)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each job (3)")
    parser.add_argument("--clear", action="store_true", help="delete the generated file at the end")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--how", choices=["trimmed", "sliced", "ours"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read:
        print(json.dumps(read(given.read, given.how)))
        return
    about = machine()
    DATA.mkdir(exist_ok=True)
    path = DATA / f"fixed_{given.rows}.dat"
    if not path.exists():
        write(path, given.rows)
    small = DATA / "fixed_small.dat"
    write(small, 10_000)
    if ours(small) != by_hand(small, trimmed=True):
        sys.exit("the results differ, so that their times mean nothing")
    small.unlink()
    warm(path)
    figures = timed(jobs(path), given.runs)
    keep("fixed-width", "fixed width", path.stat().st_size / 1e6, given.rows, given.runs, about, figures)
    if given.clear:
        path.unlink()


if __name__ == "__main__":
    main()

"""A generated census: person rows with the skew and the dirt of a real file, the same for the same seed."""

import argparse
import csv
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as parquet

CHUNK = 250_000
SMALL = 4
"""So many chunks are made in one process."""
SEED = 20190824
YEAR = 2019
HOME = "404"
TABLES = Path(__file__).parent / "census" / "tables"

UNLISTED = "777"
UNLISTED_EVERY = 50_000
"""Each row of this number bears a birthplace that no table lists, and is kept: the rejects are known beforehand."""

NEIGHBOURS = ["800", "706", "834", "728", "231", "646"]


def rejects(rows: int) -> int:
    """Return how many rows of a census of this size are to be rejected."""
    return rows // UNLISTED_EVERY


def write_census(path: Path, rows: int, seed: int = SEED) -> None:
    """Write a census of persons as CSV, Parquet (.parquet) or fixed width (.dat), chunk by chunk.

    A larger census begins with the rows of a smaller one, and no two households have one number, however many.
    """
    unfinished = path.with_suffix(".part")
    kind = path.suffix.removeprefix(".")
    tasks = [(number, seed, min(CHUNK, rows - number * CHUNK), kind) for number in range(-(-rows // CHUNK))]
    with _pool(len(tasks)) as mapped:
        if kind == "parquet":
            schema = pa.schema([(name, pa.string()) for name in LAYOUT])
            with parquet.ParquetWriter(unfinished, schema, compression="zstd") as writer:
                for frame in mapped(_made, tasks):
                    writer.write_table(pa.Table.from_batches(frame.to_arrow().to_batches()).cast(schema))
        else:
            with unfinished.open("wb") as file:
                for written in mapped(_made, tasks):
                    file.write(written)
    unfinished.rename(path)


@contextmanager
def _pool(tasks: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """Give a map over the cores, and one that stays in this process where there is little to do."""
    if tasks <= SMALL:
        yield map
        return
    with multiprocessing.get_context("spawn").Pool() as pool:
        yield pool.imap


def _made(task: tuple[int, int, int, str]) -> Any:
    """Make one chunk: bytes as they stand in the file, or the frame for Parquet."""
    number, seed, rows, kind = task
    frame = persons(number, seed).head(rows)
    if kind == "parquet":
        return frame
    if kind == "dat":
        padded = [pl.col(name).fill_null("").str.pad_end(width) for name, width in LAYOUT.items()]
        return ("\n".join(frame.select(pl.concat_str(padded)).to_series()) + "\n").encode()
    return frame.write_csv(include_header=number == 0).encode()


def _layout() -> dict[str, int]:
    with (TABLES.parent / "layout.csv").open(encoding="utf-8", newline="") as file:
        return {line["name"]: int(line["width"]) for line in csv.DictReader(file)}


LAYOUT = _layout()
"""The columns in their order, with their widths."""


def persons(number: int, seed: int = SEED) -> pl.DataFrame:
    """Return one chunk of the census. Every column is text, as it stands in the file; null is a blank."""
    random = np.random.default_rng([seed, number])
    sizes = random.choice(np.arange(1, 10), size=CHUNK, p=[0.13, 0.14, 0.16, 0.17, 0.15, 0.11, 0.07, 0.04, 0.03])
    sizes = sizes[: np.searchsorted(np.cumsum(sizes), CHUNK) + 1]
    household = np.repeat(np.arange(len(sizes)), sizes)[:CHUNK]
    line = np.arange(CHUNK) - (np.cumsum(sizes) - sizes)[household] + 1

    age = np.minimum(random.gamma(1.6, 15.5, CHUNK).astype(int), 97)
    abroad = random.random(CHUNK) < 0.07
    birthplace = np.where(abroad, _country(random, "birthplace"), HOME)
    second = random.random(CHUNK)
    mother = np.where(second < 0.85, birthplace, np.where(second < 0.95, HOME, _country(random, "birthplace")))
    father = np.where(second < 0.80, birthplace, np.where(second < 0.93, HOME, _country(random, "birthplace")))
    foreign = np.where(abroad, second < 0.62, second < 0.004)
    own = np.where(abroad & (random.random(CHUNK) < 0.8), birthplace, _country(random, "citizenship"))
    citizenship = np.where(np.isin(own, _codes("citizenship")), own, "996")

    stay = np.minimum(random.exponential(11, CHUNK).astype(int), np.maximum(age, 0))
    prior = random.choice(["1", "2", "3"], size=CHUNK, p=[0.86, 0.135, 0.005])
    one = np.where(abroad & (stay < 1), "3", prior)
    five = np.where(abroad & (stay < 5), "3", np.where(prior == "1", np.where(second < 0.3, "2", "1"), prior))
    lived = np.where(abroad & (random.random(CHUNK) < 0.85), birthplace, _country(random, "residence"))
    residence = np.where(np.isin(lived, _codes("residence")), lived, "996")
    reasons = ["11", "12", "13", "21", "22", "31", "32", "41", "51", "52", "61", "90"]
    reason = random.choice(reasons, size=CHUNK, p=[0.2, 0.1, 0.02, 0.12, 0.02, 0.22, 0.13, 0.02, 0.1, 0.02, 0.03, 0.02])

    row = number * CHUNK + np.arange(1, CHUNK + 1)
    unlisted = row % UNLISTED_EVERY == 0
    presence = random.choice(["1", "2", "3"], size=CHUNK, p=[0.955, 0.025, 0.02])
    dirt = _Dirt(random)
    return pl.DataFrame(
        {
            "HHID": pl.Series(number * CHUNK + household + 1).cast(pl.String).str.zfill(9),
            "LINE": pl.Series(line).cast(pl.String).str.zfill(2),
            "P00": _text(np.where(unlisted, "1", presence)),
            "P11": dirt(pl.Series(age).cast(pl.String), blank=0.001, stated=("98", 0.004)),
            "P12": dirt(_text(random.choice(["1", "2"], size=CHUNK, p=[0.495, 0.505])), 0.0005, ("9", 0.001)),
            "P13": dirt(_text(mother), 0.005, ("999", 0.02)),
            "P14": dirt(_text(father), 0.006, ("999", 0.04)),
            "P15": _unpadded(dirt(_text(birthplace), 0.002, ("999", 0.008)), unlisted, random),
            "P16": dirt(_text(np.where(foreign, "2", "1")), 0.001, ("9", 0.003)),
            "P17": dirt(_text(citizenship, foreign), 0, ("999", 0.01)),
            "P18": dirt(_text(one, age >= 1), 0.002, ("9", 0.004)),
            "P19": dirt(_text(five, age >= 5), 0.002, ("9", 0.005)),
            "P20": dirt(_text(residence, (five == "3") & (age >= 5)), 0.01, ("999", 0.02)),
            "P21": dirt(pl.Series(YEAR - stay).cast(pl.String).set(pl.Series(~abroad), None), 0, ("9999", 0.03)),
            "P22": dirt(_text(reason, abroad), 0, ("99", 0.05)),
            "PERWT": pl.Series(np.maximum(random.gamma(9, 112, CHUNK).astype(int), 1)).cast(pl.String),
        }
    )


class _Dirt:
    """Makes a small share of a column blank, and another not stated."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random

    def __call__(self, column: pl.Series, blank: float, stated: tuple[str, float]) -> pl.Series:
        chance = self.random.random(len(column))
        value, share = stated
        column = column.set(pl.Series(chance < share) & column.is_not_null(), value)
        return column.set(pl.Series(chance > 1 - blank), None)


def _unpadded(column: pl.Series, unlisted: np.ndarray, random: np.random.Generator) -> pl.Series:
    """Write every hundredth code without its leading zeros, as a spreadsheet leaves it."""
    short = pl.Series(random.random(len(column)) < 0.01)
    return column.set(short, None).fill_null(column.str.strip_chars_start("0")).set(pl.Series(unlisted), UNLISTED)


def _text(values: np.ndarray, where: np.ndarray | None = None) -> pl.Series:
    column = pl.Series(values.astype(str))
    return column if where is None else column.set(pl.Series(~where), None)


def _country(random: np.random.Generator, table: str) -> np.ndarray:
    """Draw countries: a few neighbours are most of them, and the rarest are one in a hundred thousand."""
    codes = _codes(table)
    near = np.isin(codes, NEIGHBOURS)
    share = np.where(near, 0.3, 0.0)
    share[~near] = 1 / np.random.default_rng(SEED).permutation(np.arange(1, (~near).sum() + 1)) ** 1.6
    share[codes == HOME] = 0
    return random.choice(codes, size=CHUNK, p=share / share.sum())


def _codes(table: str) -> np.ndarray:
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return np.array([line["from"] for line in csv.DictReader(file)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    write_census(given.path, given.rows, given.seed)


if __name__ == "__main__":
    main()

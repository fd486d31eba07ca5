"""Residence from generated crossings: crossings a second, how the time grows, and the peak memory by parts.

``python -m benchmarks.reside --rows 1000000 5000000 20000000`` prints a table and keeps the figures.
"""

import argparse
import datetime
import json
import shutil
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.inputs import DATA, ROOT, warm
from benchmarks.measuring import machine, measure

SEED = 20121
EACH = 25 / 3
"""Crossings of a person on average: 5 million are of 600,000 persons."""
CHUNK = 120_000
"""Persons generated at a time."""
UNTIL = "2023-12-31"


def crossings(first: int, persons: int) -> pl.DataFrame:
    """Return the crossings of some persons in 2012 to 2023, in order of date: short trips, long stays and the edges."""
    random = np.random.default_rng([SEED, first])
    number = 1 + random.poisson(EACH - 1, persons)
    person = np.repeat(np.arange(persons), number)
    begins = np.concatenate([[0], np.cumsum(number)[:-1]])
    gap = np.where(
        random.random(len(person)) < 0.7, random.gamma(0.8, 60, len(person)), random.gamma(2, 300, len(person))
    )
    edges = random.random(len(person)) < 0.02
    gap = np.where(edges, random.choice([0, 121, 122, 123, 243, 244, 364, 365, 366, 487], len(person)), gap).astype(int)
    gap[begins] = random.integers(0, 3000, persons)
    day = np.cumsum(gap)
    day -= np.repeat(day[begins] - gap[begins], number)
    place = np.arange(len(person)) - np.repeat(begins, number)
    arrival = (place + np.repeat(random.integers(0, 2, persons), number)) % 2 == 0
    start = (datetime.date(2012, 1, 1) - datetime.date(1970, 1, 1)).days
    return (
        pl.DataFrame(
            {
                "PERSON_ID": pl.Series((person + first).astype(str)).str.zfill(9),
                "CROSSING_DATE": pl.Series(start + day).cast(pl.Int32).cast(pl.Date),
                "DIRECTION": pl.Series(np.where(arrival, "ARR", "DEP")),
                "SEX": pl.Series(np.where(np.repeat(random.random(persons) < 0.5, number), "F", "M")),
                "CITIZENSHIP": pl.Series(random.choice(["NZL", "AUS", "GBR", "IND", "CHN", "PHL"], persons)[person]),
                "PURPOSE": pl.Series(random.choice(["HOLIDAY", "RELATIVES", "WORK", "STUDY", "_N"], len(person))),
            }
        )
        .with_columns(REF_AREA=pl.lit("NZL"))
        .sort("CROSSING_DATE", maintain_order=True)
    )


def extract(rows: int) -> Path:
    """Return the file of about so many crossings, made where there is none."""
    DATA.mkdir(exist_ok=True)
    path = DATA / f"crossings_{rows}.parquet"
    if not path.exists() or path.stat().st_mtime < Path(__file__).stat().st_mtime:
        persons = round(rows / EACH)
        chunks = [(at, min(CHUNK, persons - at)) for at in range(0, persons, CHUNK)]
        import pyarrow.parquet as parquet

        writer = None
        for at, some in chunks:
            part = crossings(at, some).to_arrow(compat_level=pl.CompatLevel.oldest())
            writer = writer or parquet.ParquetWriter(path, part.schema, compression="zstd")
            writer.write_table(part)
        assert writer is not None
        writer.close()
    return warm(path)


def room(path: Path) -> float:
    """Return the seconds that the judging itself takes, of crossings in memory."""
    from datetime import date

    from migstat.words.residence import residence_rule
    from migstat.work.reside import reside

    until = date.fromisoformat(UNTIL)
    frame = pl.read_parquet(path).filter(pl.col("CROSSING_DATE") <= until)
    begun = time.perf_counter()
    reside(frame, residence_rule("12/16"), until)
    return time.perf_counter() - begun


def line(rows: int, runs: int) -> dict[str, Any]:
    """Measure the whole command on a file of this size, and the judging alone on those that fit into one part."""
    path = extract(rows)
    true = int(pl.scan_parquet(path).select(pl.len()).collect().item())
    persons = int(pl.scan_parquet(path).select(pl.col("PERSON_ID").n_unique()).collect(engine="streaming").item())
    out = DATA / "out-reside"
    command = [sys.executable, "-m", "migstat", "reside", str(path), "--until", UNTIL, "--into", str(out), "--quiet"]
    figures = []
    for run in range(runs):
        shutil.rmtree(out, ignore_errors=True)
        figures.append(measure(command))
        print(f"{rows:,} run {run + 1}: {figures[-1]['wall']:.2f} s, {figures[-1]['gb']:.2f} GB", file=sys.stderr)
    written = out / f"{path.stem}.residence.parquet"
    moved = (
        pl.scan_parquet(written).select((pl.col("FLOW").cast(pl.String).is_in(["IMM", "EMI"])).sum()).collect().item()
    )
    shutil.rmtree(out, ignore_errors=True)
    wall = statistics.median(one["wall"] for one in figures)
    return {
        "rows": true,
        "persons": persons,
        "moves": int(moved),
        "wall": wall,
        "wall_min": min(one["wall"] for one in figures),
        "cpu": statistics.median(one["cpu"] for one in figures),
        "gb": max(one["gb"] for one in figures),
        "a_second": true / wall,
        "a_second_best": true / min(one["wall"] for one in figures),
        "figures": figures,
    }


def table(lines: list[dict[str, Any]]) -> str:
    """Return the figures as a table in Markdown."""
    shown = [
        "| crossings | persons | wall, s | lowest, s | CPU, s | crossings a second | at best | peak memory, GB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    shown += [
        f"| {one['rows']:,} | {one['persons']:,} | {one['wall']:.2f} | {one['wall_min']:.2f} | {one['cpu']:.1f} "
        f"| {one['a_second']:,.0f} | {one['a_second_best']:,.0f} | {one['gb']:.2f} |"
        for one in lines
    ]
    return "\n".join(shown)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[5_000_000], help="crossings (5_000_000); several sizes")
    parser.add_argument("--runs", type=int, default=3, help="runs of each (3)")
    parser.add_argument("--room", action="store_true", help="also time the judging alone, in this process")
    parser.add_argument("--clear", action="store_true", help="delete the generated crossings at the end")
    given = parser.parse_args()
    about = machine()
    lines = [line(rows, given.runs) for rows in given.rows]
    alone = {}
    if given.room:
        alone = {one["rows"]: room(extract(rows)) for rows, one in zip(given.rows, lines, strict=True)}
    date = datetime.date.today().isoformat()
    kept = {"date": date, "runs": given.runs, "machine": about, "lines": lines, "judging_alone": alone}
    print(f"{date}; {about['cores']} cores ({about['processor']}), {about['memory_gb']} GB; "
          f"load at the start {about['load_at_start']}\n\n{table(lines)}")  # fmt: skip
    for rows, seconds in alone.items():
        print(f"\njudging alone, in memory: {rows:,} crossings in {seconds:.2f} s, {rows / seconds:,.0f} a second")
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    name = f"{date}-reside-{'-'.join(map(str, given.rows))}.json"
    (results / name).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    if given.clear:
        for rows in given.rows:
            (DATA / f"crossings_{rows}.parquet").unlink(missing_ok=True)


if __name__ == "__main__":
    main()

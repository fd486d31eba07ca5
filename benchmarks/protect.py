"""Protects linked sets of three tables, of 1,000, 10,000 and 100,000 cells, and prints cells against seconds."""

import argparse
import time

import numpy as np
import polars as pl

import migstat as ms
from migstat.words.policy import Policy, Suppression, Threshold

SIZES = {1_000: (16, 6, 4), 10_000: (60, 9, 10), 100_000: (200, 18, 20)}
"""Countries, ages and regions."""
TABLES = (["country", "age", "sex"], ["country", "age", "region"], ["country", "region", "sex"])


def people(countries: int, ages: int, regions: int, seed: int = 1) -> pl.DataFrame:
    """Make counts by country, age, region and sex: a few large countries, and many small ones."""
    draw = np.random.default_rng(seed)
    sizes = [np.exp(draw.normal(0, spread, many)) for spread, many in ((1.8, countries), (0.6, ages), (1.0, regions))]
    parts = [size / size.sum() for size in sizes]
    expected = np.einsum("i,j,k,l->ijkl", *parts, np.array([0.52, 0.48])) * countries * ages * regions * 8
    counts = draw.poisson(expected)
    country, age, region, sex = np.nonzero(counts)
    codes = {"country": ("C", country), "age": ("A", age), "region": ("R", region), "sex": ("S", sex)}
    columns = {name: [f"{letter}{code:03d}" for code in of] for name, (letter, of) in codes.items()}
    return pl.DataFrame({**columns, "n": counts[country, age, region, sex]})


def hierarchies(cells: pl.DataFrame) -> dict[str, dict[str, str]]:
    """Put ten countries in a subregion and five subregions in a region of the world; six ages in a group."""
    countries = sorted(cells["country"].unique())
    world = {code: f"W{int(code[1:]) // 10:02d}" for code in countries}
    world |= {group: f"X{int(group[1:]) // 5:02d}" for group in set(world.values())}
    return {"country": world, "age": {code: f"B{int(code[1:]) // 6}" for code in cells["age"].unique()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=100_000, help="the largest set (100,000)")
    parser.add_argument("--below", type=int, default=3, help="the threshold (3)")
    given = parser.parse_args()
    policy = Policy("BENCHMARK", "1.0", Suppression((Threshold(given.below),)))
    print("| cells of 3 tables | at risk | with them | disclosed | weak | all ranges | seconds |")
    print("|---|---|---|---|---|---|---|")
    for size, scale in SIZES.items():
        if size > given.most:
            break
        cells = people(*scale)
        tables = [cells.group_by(names).agg(pl.col("n").sum()) for names in TABLES]
        begun = time.perf_counter()
        run = ms.protect(
            tables,
            policy=policy,
            dimensions=["country", "age", "region", "sex"],
            value="n",
            hierarchies=hierarchies(cells),
        )
        spent = time.perf_counter() - begun
        assert run.audit is not None
        lost = run.losses
        print(
            f"| {lost['CELLS'].sum():,} | {lost['PRIMARY'].sum():,} | {lost['SECONDARY'].sum():,} "
            f"| {run.audit.disclosed.height} | {run.audit.weak.height:,} | {'yes' if run.audit.complete else 'no'} "
            f"| {spent:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()

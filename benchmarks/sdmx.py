"""SDMX data written and read, beside pysdmx and DuckDB: ``python -m benchmarks.sdmx --rows 1000000``.

Each job is a process of its own; they alternate. What every job wrote or read is compared by count, sum and keys.
"""

import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.inputs import DATA, ROOT
from benchmarks.measuring import machine, measure
from benchmarks.telling import summary, table

MOST_FOR_PEERS = 1_000_000
"""pysdmx holds the whole message; beyond this size it is left out."""
COLUMNS = ("FREQ", "REF_AREA", "SEX", "AGE", "C_BIRTH", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "COMMENT_OBS")
JOBS = {
    "CSV 2.0 write": ("ours", "duckdb", "pysdmx"),
    "CSV 2.0 read": ("ours", "duckdb", "pysdmx"),
    "ML 2.1 write": ("ours", "pysdmx"),
    "ML 2.1 read": ("ours", "pysdmx"),
    "ML 2.1 series write": ("ours",),
    "ML 2.1 series read": ("ours",),
    "JSON 2.0 write": ("ours",),
    "JSON 2.0 read": ("ours",),
    "validate CSV 2.0": ("ours",),
}
NAMES = {"ours": "migstat", "duckdb": "DuckDB", "pysdmx": "pysdmx"}
PEERS = os.environ.get("PEERS_PYTHON", sys.executable)
"""The Python that has pysdmx with its part for XML, where this one has not."""
JSON_MOST = 1_000_000
"""JSON is read whole, so that its reading is measured at this size only."""


def structure() -> Any:
    """Return the structure of the generated data, with its codelists."""
    from migstat.words.codelist import Code, Codelist
    from migstat.words.structure import Component, Structure

    def listed(id: str, codes: list[str]) -> Codelist:
        return Codelist(id, tuple(Code(code, {"en": code}) for code in codes), "BENCH", names={"en": id})

    areas = [f"A{number:02}" for number in range(60)]
    lists = {
        "CL_FREQ": listed("CL_FREQ", ["A"]),
        "CL_AREA": listed("CL_AREA", areas),
        "CL_SEX": listed("CL_SEX", ["M", "F", "_T"]),
        "CL_AGE": listed("CL_AGE", [f"Y{number}" for number in range(100)]),
        "CL_OBS_STATUS": listed("CL_OBS_STATUS", ["A", "E", "P"]),
    }
    of = {"REF_AREA": "CL_AREA", "C_BIRTH": "CL_AREA", "FREQ": "CL_FREQ", "SEX": "CL_SEX", "AGE": "CL_AGE"}
    parts = [
        Component(id, id, "dimension", codelist=of[id], required=True, names={"en": id}, scheme="BENCH:CS(1.0)")
        for id in COLUMNS[:5]
    ]
    text = Component("TIME_PERIOD", "TIME_PERIOD", "dimension", "text", required=True, names={"en": "Time period"})
    parts.append(replace(text, format="ObservationalTimePeriod", scheme="BENCH:CS(1.0)"))
    parts.append(
        Component("OBS_VALUE", "OBS_VALUE", "measure", "number", names={"en": "Value"}, format="Double", minimum=0)
    )
    parts.append(Component("OBS_STATUS", "OBS_STATUS", "attribute", codelist="CL_OBS_STATUS", names={"en": "Status"}))
    parts.append(Component("COMMENT_OBS", "COMMENT_OBS", "attribute", "text", names={"en": "Remark"}, format="String"))
    names = {"en": "Generated stock"}
    return Structure(
        "STOCK", "table", "1.0", names, "", "cell", COLUMNS[:6], tuple(parts), agency="BENCH", codelists=lists
    )


def generate(rows: int, path: Path) -> None:
    """Write observations, in the order of their series, to Parquet."""
    import numpy as np
    import polars as pl
    import pyarrow.parquet as parquet

    series = rows // 20
    writer = None
    for start in range(0, series, 50_000):
        many = min(50_000, series - start)
        number = np.repeat(np.arange(start, start + many), 20)
        random = np.random.default_rng([5, start])
        frame = pl.DataFrame({"n": number, "t": np.tile(np.arange(20), many), "x": random.random(many * 20) * 1e5})
        n, t = pl.col("n"), pl.col("t")
        areas, period = 60, (n // 1_080_000) * 20 + t
        made = frame.select(
            pl.lit("A").alias("FREQ"),
            ("A" + (n // 18_000 % areas).cast(pl.String).str.zfill(2)).alias("REF_AREA"),
            pl.concat_str(pl.lit(""), (n % 3)).replace_strict(["0", "1", "2"], ["M", "F", "_T"]).alias("SEX"),
            ("Y" + (n // 3 % 100).cast(pl.String)).alias("AGE"),
            ("A" + (n // 300 % areas).cast(pl.String).str.zfill(2)).alias("C_BIRTH"),
            (1960 + period).cast(pl.String).alias("TIME_PERIOD"),
            pl.col("x").round(1).alias("OBS_VALUE"),
            pl.lit("A").alias("OBS_STATUS"),
            pl.when(t == 7).then(pl.lit('counted < 1 in 2 & rounded, "as told"')).alias("COMMENT_OBS"),
        )
        arrow = made.to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or parquet.ParquetWriter(path, arrow.schema)
        writer.write_table(arrow)
    assert writer is not None
    writer.close()


def told(frame: Any) -> dict[str, Any]:
    """Return what all results must agree on: rows, the sum of values, the codes of each column, the remarks."""
    import polars as pl

    lazy = frame.lazy()
    row = lazy.select(
        pl.len().alias("rows"),
        pl.col("OBS_VALUE").cast(pl.Float64).sum().round(1).alias("sum"),
        *(pl.col(id).cast(pl.String).n_unique().alias(id) for id in COLUMNS[:6]),
        pl.col("COMMENT_OBS").cast(pl.String).str.len_chars().sum().alias("remarks"),
    ).collect(engine="streaming").row(0, named=True)  # fmt: skip
    return dict(row)


def work(job: str, who: str, folder: Path, rows: int) -> None:
    """Do one job, in this process."""
    source, out = folder.parent / f"sdmx_{rows}.parquet", folder / who
    out.mkdir(parents=True, exist_ok=True)
    ending = {"CSV": "csv", "ML": "xml", "JSON": "json"}[job.removeprefix("validate ").split()[0]]
    kind = "series" if "series" in job else "flat"
    path, ours = out / f"{kind}.{ending}", folder / "ours" / f"{kind}.{ending}"
    if job.endswith("write"):
        _writers()[who](source, path, kind, folder)
    elif job.startswith("validate"):
        import migstat as ms

        run = ms.validate(ours, dsd=structure())
        assert (run.ok, run.rows) == (True, rows), [one.rule.id for one in run.results if one.verdict == "fail"]
    else:
        _readers()[who](ours, folder)


def _writers() -> dict[str, Any]:
    def ours(source: Path, path: Path, kind: str, folder: Path) -> None:
        import polars as pl

        import migstat as ms
        from migstat.words.table import Table

        format = {".csv": "csv20", ".xml": "ml21", ".json": "json20"}[path.suffix]
        options = {"lay": kind} if format == "ml21" else {}
        ms.write_table(Table(pl.scan_parquet(source), structure()), path, format, **options)

    def duckdb(source: Path, path: Path, kind: str, folder: Path) -> None:
        import duckdb

        opening = "'dataflow' AS STRUCTURE, 'BENCH:STOCK(1.0)' AS STRUCTURE_ID, 'I' AS ACTION"
        duckdb.sql(f"COPY (SELECT {opening}, * FROM '{source}') TO '{path}' (HEADER)")

    def pysdmx(source: Path, path: Path, kind: str, folder: Path) -> None:
        import pandas as pd
        from pysdmx.io import write_sdmx
        from pysdmx.io.format import Format
        from pysdmx.io.pd import PandasDataset

        data = pd.read_parquet(source)
        format = Format.DATA_SDMX_CSV_2_0_0 if path.suffix == ".csv" else Format.DATA_SDMX_ML_2_1_STR
        write_sdmx(PandasDataset(structure=_schema(folder), data=data), format, output_path=str(path))

    return {"ours": ours, "duckdb": duckdb, "pysdmx": pysdmx}


def _schema(folder: Path) -> Any:
    from pysdmx.io import read_sdmx

    return read_sdmx(folder / "structure.xml").get_data_structure_definitions()[0].to_schema()


def _has_xml() -> bool:
    """Tell whether pysdmx can read and write XML there."""
    return not subprocess.run([PEERS, "-c", "import pysdmx.io.xml"], capture_output=True, check=False).returncode


def _readers() -> dict[str, Any]:
    def ours(path: Path, folder: Path) -> None:
        import migstat as ms

        assert ms.read_data(path).rows

    def duckdb(path: Path, folder: Path) -> None:
        import duckdb

        duckdb.sql(f"CREATE TABLE data AS SELECT * FROM read_csv('{path}', all_varchar = true, header = true)")

    def pysdmx(path: Path, folder: Path) -> None:
        from pysdmx.io import get_datasets

        get_datasets(path, folder / "structure.xml")

    return {"ours": ours, "duckdb": duckdb, "pysdmx": pysdmx}


def compare(folder: Path, rows: int) -> None:
    """Compare what was written, as we read it, with the source; run in a process of its own."""
    import polars as pl

    import migstat as ms

    expected = told(pl.scan_parquet(folder.parent / f"sdmx_{rows}.parquet"))
    for path in sorted(folder.glob("*/*.*")):
        if path.suffix == ".json" and rows > JSON_MOST:
            continue
        name = f"{path.parent.name}/{path.name}"
        try:
            found = told(ms.read_data(path).frame)
        except ms.MigstatError as error:
            if path.parent.name == "ours":
                raise
            print(f"what {name} holds cannot be read: {error.findings[0].what}")
            continue
        if found != expected:
            sys.exit(f"{name} differs, so that the times mean nothing: {found}, not {expected}")
    print(f"all others agree: {json.dumps(expected)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="observations (1_000_000)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each job (3)")
    parser.add_argument("--leave-out", nargs="*", default=[], help="jobs that are not run, such as 'JSON 2.0 write'")
    parser.add_argument(
        "--work", nargs=3, metavar=("JOB", "WHO", "FOLDER"), help="do one job (for the benchmark itself)"
    )
    parser.add_argument("--compare", type=Path, help="compare what was written (for the benchmark itself)")
    given = parser.parse_args()
    if given.work:
        work(given.work[0], given.work[1], Path(given.work[2]), given.rows)
        return
    if given.compare:
        compare(given.compare, given.rows)
        return
    DATA.mkdir(exist_ok=True)
    source = DATA / f"sdmx_{given.rows}.parquet"
    if not source.exists():
        generate(given.rows, source)
    folder = DATA / "sdmx"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    made = "import migstat.api as ms; from benchmarks.sdmx import structure; "
    made += f"ms.write_structure(structure(), {str(folder / 'structure.xml')!r}, format='ml21')"
    subprocess.run([sys.executable, "-c", made], cwd=ROOT, check=True)
    work_of = ["-m", "benchmarks.sdmx", "--rows", str(given.rows), "--work"]
    jobs = {
        f"{job}, {NAMES[who]}": [PEERS if who == "pysdmx" else sys.executable, *work_of, job, who, str(folder)]
        for job, people in JOBS.items()
        for who in people
        if job not in given.leave_out
        and (who != "duckdb" or find_spec(who))
        and (who != "pysdmx" or (given.rows <= MOST_FOR_PEERS and _has_xml()))
        and (job != "JSON 2.0 read" or given.rows <= JSON_MOST)
    }
    about = machine()
    figures: dict[str, list[dict[str, float]]] = {job: [] for job in jobs}
    for run in range(given.runs):
        # Reading needs what was written, so that the first round keeps the order of the jobs.
        for job, command in list(jobs.items())[:: -1 if run % 2 else 1]:
            figures[job].append(measure(command))
            print(f"run {run + 1}  {job}: {figures[job][-1]['cpu']:.2f} s of CPU", file=sys.stderr)
    command = [sys.executable, "-m", "benchmarks.sdmx", "--rows", str(given.rows), "--compare", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}")
    lines = [line for line in summary(figures) if line]
    date = datetime.date.today().isoformat()
    print(f"\n{given.rows:,} observations; {given.runs} runs of each job, alternating; medians; {date}\n")
    print(table(lines))
    print(f"\n{done.stdout.strip()}")
    kept = {"date": date, "rows": given.rows, "machine": about, "summary": lines, "figures": figures}
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    (results / f"{date}-sdmx-{given.rows}.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()

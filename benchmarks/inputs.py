"""What is measured on: generated files of a size asked for, made where there are none, and read once to be warm."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "benchmarks" / "data"
CENSUS = ROOT / "benchmarks" / "census"
MAPPING = "benchmarks/census/mapping.yaml"
ENDINGS = {"csv": ".csv", "parquet": ".parquet", "fixed": ".dat"}
"""The kinds of file that the census is written as."""
FORMATS = {
    "csv": 'format: {kind: csv, delimiter: ",", encoding: utf-8, missing: [""]}',
    "parquet": 'format: {kind: parquet, missing: [""]}',
    "fixed": 'format: {kind: fixed, layout: layout.csv, encoding: utf-8, missing: [""], trim: true}',
}
"""How the mapping says so."""
KEYED = "  key: [HHID, LINE]\n"
ONCE = 10_000_000
"""Persons of the largest census that is generated; records of more are these several times over."""


def census(rows: int, kind: str = "csv") -> Path:
    """Return the generated census of this size.

    It is made where there is none, or where the generator or a recode table is newer.
    """
    DATA.mkdir(exist_ok=True)
    path = DATA / f"census_{rows}{ENDINGS[kind]}"
    made_of = [ROOT / "benchmarks" / "generate.py", CENSUS / "layout.csv", *CENSUS.rglob("tables/*.csv")]
    if not _newer(path, made_of):
        _run("benchmarks.generate", str(path), "--rows", str(rows))
    return warm(path)


def records(rows: int) -> Path:
    """Return the records of the census of this size as Parquet."""
    times = max(1, rows // ONCE)
    source, path = census(min(rows, ONCE)), DATA / f"records_{rows}.parquet"
    if not _newer(path, [ROOT / "benchmarks" / "validate_records.py", ROOT / MAPPING, source]):
        _run("benchmarks.validate_records", str(source), str(path), "--times", str(times))
    return warm(path)


def harmonized(rows: int) -> Path:
    """Return the file of records that migstat harmonize writes of the census of this size."""
    source, path = census(rows), DATA / f"harmonized_{rows}.parquet"
    if not _newer(path, [ROOT / MAPPING, source]):
        folder = DATA / "harmonized"
        command = [sys.executable, "-m", "migstat", "harmonize", MAPPING, str(source), "--into", str(folder), "--quiet"]
        subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
        (folder / "BENCHMARK_CENSUS.records.parquet").rename(path)
        shutil.rmtree(folder)
    return warm(path)


def replicates(rows: int) -> Path:
    """Return persons with a weight and 80 replicate weights, as Parquet."""
    DATA.mkdir(exist_ok=True)
    path = DATA / f"replicates_{rows}.parquet"
    if not _newer(path, [ROOT / "benchmarks" / "replicates.py"]):
        _run("benchmarks.replicates", str(path), "--generate", str(rows))
    return warm(path)


def statistical(rows: int, kind: str) -> Path:
    """Return a statistical file, .sav or .dta, of the columns of the census."""
    source, path = census(rows), DATA / f"census_{rows}.{kind}"
    if not _newer(path, [ROOT / "benchmarks" / "statistical.py", source]):
        _run("benchmarks.statistical", "--write", str(path), "--census", str(source))
    return warm(path)


def mapping(kind: str, key: bool) -> Path:
    """Return the mapping of the census for a kind of file, with its key or without, in a folder with all it names."""
    folder = DATA / f"mapping_{kind}{'_key' if key else ''}"
    text = (CENSUS / "mapping.yaml").read_text(encoding="utf-8")
    assert FORMATS["csv"] in text, "the mapping has another format than inputs.py says"
    assert KEYED in text, "the mapping has another key than inputs.py says"
    text = text.replace(FORMATS["csv"], FORMATS[kind]).replace(KEYED, KEYED if key else "")
    for source in (path for path in CENSUS.rglob("*") if path.is_file()):
        wanted = text.encode() if source.name == "mapping.yaml" else source.read_bytes()
        path = folder / source.relative_to(CENSUS)
        path.parent.mkdir(parents=True, exist_ok=True)
        # What is as it should be stays: another run may be reading it.
        if not path.exists() or path.read_bytes() != wanted:
            path.write_bytes(wanted)
    return folder / "mapping.yaml"


def warm(path: Path) -> Path:
    """Read a file once, so that every job finds it in memory."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass
    return path


def _newer(path: Path, sources: list[Path]) -> bool:
    return path.exists() and path.stat().st_mtime >= max(one.stat().st_mtime for one in sources)


def _run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, check=True)

"""Fuzz every reader, guided by coverage: no crash, no hang, no silent loss; only errors that say what is wrong.

python tools/fuzz.py --minutes 30            all readers, two at a time; `make fuzz` sets up what is needed
python tools/fuzz.py --minutes 5 csv yaml    some of them
python tools/fuzz.py --again FILE csv        one input, with its traceback

What breaks a reader is kept in build/fuzz/READER/, and becomes a case of tests/test_fuzzed.py.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "fuzz"
MEMORY = Path("/dev/shm")
LONGEST_INPUT = 20_000
SECONDS_A_CALL = 20
MEGABYTES = 4096


@dataclass(frozen=True)
class Target:
    """One reader: what a file of its kind is called, where good ones lie to begin with, and what reads it."""

    suffix: str
    seeds: tuple[str, ...]
    read: Callable[[Path], object]
    made: Callable[[], tuple[bytes, ...]] = tuple
    """Makes seeds beside the files."""


def drained(path: Path, **format: Any) -> None:
    """Read an extract to its end; every line is a row or malformed."""
    from migstat.read.extracts import read_extract
    from migstat.words.source import Format

    extract = read_extract(path, Format(**format), ())
    rows = sum(part.height for _, part in extract.parts)
    if format.get("quote") == "" and format.get("encoding") == "latin-1":
        # Without quotes a row is a line, so that the rows can be counted by other means.
        lines = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")[1:]
        expected = sum(1 for line in lines if line)
        assert rows + len(extract.malformed) == expected, f"{rows} + {len(extract.malformed)} rows of {expected} lines"


def messages(path: Path) -> None:
    """Read an SDMX data message to its end."""
    from migstat.read.sdmx_data import open_data

    open_data(path)


def expression(path: Path) -> None:
    """Parse an expression."""
    from migstat.read.expression import parse_expression
    from migstat.words.finding import Place

    parse_expression(path.read_bytes().decode("utf-8", "replace"), Place("fuzz"))


def verb(name: str, module: str = "") -> Callable[[Path], object]:
    """Return what calls a verb with the path."""

    def call(path: Path) -> object:
        from importlib import import_module

        return getattr(import_module(f"migstat.{module}".rstrip(".")), name)(path)

    return call


def made(kind: str, ending: str) -> Callable[[], tuple[bytes, ...]]:
    """Return what makes good files of one kind, to begin with: structures, maps, or a small table."""

    def make() -> tuple[bytes, ...]:
        import gzip
        import zipfile

        import polars as pl

        import migstat as ms

        mapping = ROOT / "examples" / "gbr_census_2011_teaching" / "mapping.yaml"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"made{ending}"
            if kind == "structure":
                ms.write_structure("MIGRANT_STOCK", path, alone=True)
            elif kind == "codelist":
                ms.write_structure("CL_STAY_CLASS", path)
            elif kind == "frame":
                frame = pl.DataFrame({"A": ["1", "2", None], "B": [1, 2, 3], "C": [0.5, None, 7.0]})
                frame.write_parquet(path) if ending == ".parquet" else frame.write_excel(path)
            elif kind == "packed":
                with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                    archive.writestr("a.csv", "a,b\n1,2\n" * 50)
                return path.read_bytes(), gzip.compress(b"a,b\n1,2\n" * 50)
            elif kind == "map":
                ms.write_structure_map(mapping, path, "json20" if ending == ".json" else "ml30")
            else:
                run = ms.harmonize(next((mapping.parent / "extract").iterdir()), mapping)
                ms.write_table(ms.tabulate(run, definition="FOREIGN_BORN", by=["SEX"]), path)
            return (path.read_bytes()[:LONGEST_INPUT],)

    return make


def sheet(path: Path) -> None:
    """Take the fingerprint of a workbook."""
    from migstat.read.workbooks import fingerprint

    fingerprint(path)


TARGETS = {
    "csv": Target(".csv", ("examples/*/extract/*.csv", "examples/*/extract/*.txt"), drained),
    "csv-plain": Target(".csv", ("examples/*/extract/*.csv",), lambda p: drained(p, quote="", encoding="latin-1")),
    "csv-utf-16": Target(".csv", (), lambda p: drained(p, encoding="utf-16"), lambda: ("a,b\n1,2\n".encode("utf-16"),)),
    "csv-gb18030": Target(
        ".csv", (), lambda p: drained(p, encoding="gb18030"), lambda: ("中,b\n1,国\n".encode("gb18030"),)
    ),
    "packed": Target(".csv.gz", (), drained, made("packed", ".zip")),
    "parquet": Target(".parquet", (), drained, made("frame", ".parquet")),
    "mapping": Target(".yaml", ("examples/*/mapping*.yaml", "tests/wrong_mappings/*.yaml"), verb("read_mapping")),
    "rules": Target(".yaml", ("schemas/rules/*.yaml", "tests/wrong_rules/*.yaml"), verb("read_rules")),
    "policy": Target(".yaml", ("schemas/policies/*.yaml", "tests/wrong_policies/*.yaml"), verb("read_policy")),
    "microdata-policy": Target(".yaml", ("tests/wrong_microdata_policies/*.yaml",), verb("read_microdata_policy")),
    "table-set": Target(".yaml", ("schemas/sets/*.yaml",), verb("read_table_set", "api.table_sets")),
    "structure": Target(".yaml", ("schemas/*.yaml",), verb("read_structure")),
    "structure-xml": Target(".xml", (), verb("read_structure"), made("structure", ".xml")),
    "codelist": Target(".csv", ("codelists/CL_SEX.csv",), verb("read_codelist")),
    "codelist-xml": Target(".xml", (), verb("read_codelist"), made("codelist", ".xml")),
    "structure-map": Target(".xml", (), verb("read_structure_map"), made("map", ".xml")),
    "structure-map-json": Target(".json", (), verb("read_structure_map"), made("map", ".json")),
    "data-xml": Target(".xml", (), messages, made("data", ".xml")),
    "data-json": Target(".json", (), messages, made("data", ".json")),
    "data-csv": Target(".csv", (), messages, made("data", ".sdmx.csv")),
    "expression": Target(".txt", (), expression, lambda: (b"AGE >= 5 and SEX in ('M', 'F') or matches(A, '[0-9]+')",)),
    "workbook": Target(".xlsx", (), sheet, made("frame", ".xlsx")),
}


def run(name: str, seconds: int) -> None:
    """Fuzz one reader in this process, for so many seconds."""
    import atheris

    with atheris.instrument_imports(include=["migstat"]):
        import migstat as ms
        from migstat.api import _MODULES
        from migstat.read import expression, extracts, sdmx_data  # noqa: F401
        from migstat.words.finding import MigstatError

        for verbs in _MODULES.values():
            for one in verbs:
                getattr(ms, one, None)
    target = TARGETS[name]
    folder = Path(tempfile.mkdtemp(prefix="fuzz-", dir=MEMORY if MEMORY.is_dir() else None))
    file = folder / f"input{target.suffix}"
    file.with_suffix(".toml").write_bytes((ROOT / "codelists" / "CL_SEX.toml").read_bytes())

    def once(given: bytes) -> None:
        file.write_bytes(given)
        try:
            target.read(file)
        except MigstatError as error:
            if not error.findings or not all(finding.what for finding in error.findings):
                raise ValueError("an error that says nothing") from error

    corpus = KEPT / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds(target):
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    limits = [f"-max_total_time={seconds}", f"-timeout={SECONDS_A_CALL}", f"-rss_limit_mb={MEGABYTES}"]
    place = [f"-artifact_prefix={KEPT / name}/", f"-max_len={LONGEST_INPUT}", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *limits, *place, str(corpus)], once)
    atheris.Fuzz()


def seeds(target: Target) -> Iterable[bytes]:
    """Yield what a reader begins with: the beginnings of good files, and wrong ones of the tests."""
    yield from target.made()
    for pattern in target.seeds:
        for path in sorted(ROOT.glob(pattern)):
            yield path.read_bytes()[:LONGEST_INPUT]


def main() -> int:
    """Run the readers that are named, or all, two at a time; return 1 where one of them broke."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("targets", nargs="*", choices=[[], *TARGETS], metavar="READER")
    words.add_argument("--minutes", type=float, default=30, help="for all together (default: 30)")
    words.add_argument("--at-once", type=int, default=2, help="processes at a time (default: 2)")
    words.add_argument("--again", type=Path, help="read this input once")
    words.add_argument("--seconds", type=int, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.again:
        return again(given.again, TARGETS[given.targets[0]])
    if given.seconds:
        run(given.targets[0], given.seconds)
        return 0
    names = given.targets or list(TARGETS)
    seconds = max(5, int(given.minutes * 60 * given.at_once / len(names)))
    waiting, running, broken = list(names), {}, []
    while waiting or running:
        while waiting and len(running) < given.at_once:
            name = waiting.pop(0)
            (KEPT / name).mkdir(parents=True, exist_ok=True)
            log = (KEPT / name / "log.txt").open("w", encoding="utf-8")
            command = [sys.executable, __file__, name, "--seconds", str(seconds)]
            running[name] = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT), time.monotonic()
        for name, (process, since) in list(running.items()):
            stuck = time.monotonic() - since > seconds + 5 * SECONDS_A_CALL
            if stuck:
                process.kill()
            if process.poll() is not None:
                del running[name]
                print(told(name, process.returncode, stuck), flush=True)
                if process.returncode:
                    broken.append(name)
        time.sleep(0.5)
    return 1 if broken else 0


def again(path: Path, target: Target) -> int:
    """Read one input, under the name that its kind has."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"input{target.suffix}"
        file.write_bytes(path.read_bytes())
        target.read(file)
    return 0


def told(name: str, code: int, stuck: bool) -> str:
    """Return one line on what came of a reader."""
    log = (KEPT / name / "log.txt").read_text(encoding="utf-8", errors="replace").splitlines()
    stats = dict(line.removeprefix("stat::").split(":") for line in log if line.startswith("stat::"))
    runs = int(stats.get("number_of_executed_units", "0"))
    if not code:
        return f"{name:20} {runs:>9,} inputs, nothing broke"
    why = next((line for line in log if " ERROR: " in line or "Error" in line or "Exception" in line), "stopped")
    return f"{name:20} BROKE{' (stuck)' if stuck else ''}: {why.strip()[:150]}"


if __name__ == "__main__":
    sys.exit(main())

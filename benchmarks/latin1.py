"""Reads and harmonizes the generated census in Latin-1 beside the same in UTF-8; each in a process of its own."""

import argparse
import shutil
import sys
from pathlib import Path

from benchmarks.inputs import DATA, MAPPING, ROOT, census, warm
from benchmarks.measuring import machine, timed
from benchmarks.telling import keep

NAMES = ["José Nuñez", "Zoë", "Ana", "Ümit Öz", "Peter", "Grâce Adélaïde", "Ali"]
"""Names that stand in a last column: in Latin-1 a letter is one byte, in UTF-8 one or two."""
ENCODINGS = {"UTF-8": "utf-8", "Latin-1": "latin-1", "cp1252": "cp1252"}


def write(source: Path, encoding: str) -> Path:
    """Write the census with a name at the end of each line, in an encoding."""
    path = DATA / f"{source.stem}_{encoding}.csv"
    if path.exists() and path.stat().st_mtime > source.stat().st_mtime:
        return path
    endings = [f",{name}\n".encode(encoding) for name in NAMES]
    with source.open("rb") as lines, path.with_suffix(".part").open("wb") as file:
        file.write(next(lines).rstrip() + b",NAME\n")
        for at, line in enumerate(lines):
            file.write(line.rstrip() + endings[at % len(endings)])
    path.with_suffix(".part").rename(path)
    return path


def write_wide(source: Path, path: Path, rows: int, size: float) -> None:
    """Write the census in Latin-1 with a long text at the end of each line, so that the file has so many bytes."""
    width = int(size - source.stat().st_size) // rows
    texts = [("," + (name + " ") * (width // len(name) + 1))[: width - 1].encode("latin-1") for name in NAMES]
    with source.open("rb") as lines, path.open("wb") as file:
        file.write(next(lines).rstrip() + b",TEXT\n")
        for at, line in enumerate(lines):
            file.write(line.rstrip() + texts[at % len(texts)] + b"\n")


def one_large(rows: int, gigabytes: float) -> None:
    """Harmonize one Latin-1 file of many gigabytes, made and deleted again."""
    path, out = DATA / "census_wide.csv", DATA / "out"
    needed = gigabytes * 1.2e9 + rows * 10
    if (free := shutil.disk_usage(DATA.parent).free) < needed:
        sys.exit(f"{needed / 1e9:.0f} GB of disk are needed; {free / 1e9:.0f} are free")
    about = machine()
    try:
        write_wide(census(rows), path, rows, gigabytes * 1e9)
        command = [sys.executable, "-m", "migstat", "harmonize", str(mapping("latin-1")), str(path)]
        figures = timed({"harmonize Latin-1": [*command, "--into", str(out), "--quiet"]}, 1, accepted=(1,))
        keep("latin1-large", "CSV", path.stat().st_size / 1e6, rows, 1, about, figures)
    finally:
        path.unlink(missing_ok=True)
        shutil.rmtree(out, ignore_errors=True)


def mapping(encoding: str) -> Path:
    """Return the census mapping for an encoding, in a folder of its own."""
    folder = DATA / f"mapping_{encoding}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree((ROOT / MAPPING).parent, folder)
    text = (folder / "mapping.yaml").read_text(encoding="utf-8")
    (folder / "mapping.yaml").write_text(text.replace("encoding: utf-8", f"encoding: {encoding}"), encoding="utf-8")
    return folder / "mapping.yaml"


def read(path: Path, encoding: str) -> int:
    """Read all rows."""
    from migstat.read.extracts import read_extract
    from migstat.words.source import Format

    return sum(part.height for _, part in read_extract(path, Format(encoding=encoding), ()).parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="persons in the generated census (10_000_000)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each job (3)")
    parser.add_argument("--clear", action="store_true", help="delete the generated files at the end")
    parser.add_argument("--gigabytes", type=float, help="harmonize one Latin-1 file of so many, once, and nothing else")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--encoding", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read:
        print(read(given.read, given.encoding))
        return
    if given.gigabytes:
        one_large(given.rows, given.gigabytes)
        return
    about = machine()
    source = census(given.rows)
    paths = {encoding: warm(write(source, encoding)) for encoding in ("utf-8", "latin-1")}
    paths["cp1252"] = paths["latin-1"]
    reads = {
        f"read {name}": [
            sys.executable,
            "-m",
            "benchmarks.latin1",
            "--read",
            str(paths[encoding]),
            "--encoding",
            encoding,
        ]
        for name, encoding in ENCODINGS.items()
    }
    mb = paths["latin-1"].stat().st_size / 1e6
    keep("latin1-read", "CSV", mb, given.rows, given.runs, about, timed(reads, given.runs))
    out = DATA / "out"
    harmonized = {
        f"harmonize {name}": [
            sys.executable, "-m", "migstat", "harmonize", str(mapping(encoding)), str(paths[encoding]),
            "--into", str(out / encoding), "--quiet",
        ]
        for name, encoding in list(ENCODINGS.items())[:2]
    }  # fmt: skip
    # A generated census holds rows that no rule covers, so that a run ends with findings: exit code 1.
    figures = timed(harmonized, given.runs, accepted=(1,))
    keep("latin1-harmonize", "CSV", mb, given.rows, given.runs, about, figures)
    shutil.rmtree(out, ignore_errors=True)
    if given.clear:
        for path in {*paths.values()}:
            path.unlink()


if __name__ == "__main__":
    main()

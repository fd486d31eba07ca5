"""Test a pack: its folder, its mappings with their examples, its extract, and the result that must come of it."""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import partial
from itertools import zip_longest
from pathlib import Path

from migstat.api.checking import check, read_mapping
from migstat.api.harmonizing import harmonize
from migstat.api.making_packs import GENERATOR, made_extract
from migstat.api.table_extracts import read_table
from migstat.read.packs.document import read_cases
from migstat.read.packs.found import pack_files
from migstat.words.finding import Finding, MigstatError, Place, Severity, misuse
from migstat.words.pack import PackCase, PackCheck, PackTest
from migstat.words.run import Harmonized, Unused
from migstat.words.table import Table
from migstat.words.undecided import TODO
from migstat.write.atomic import write_text
from migstat.write.extract import extract_text
from migstat.write.pack_test import cells_csv, pack_junit, summary_csv, table_summary_csv

FILES = {"mapping.yaml", "layout.csv", "README.md", GENERATOR, "generate.py"}
FOLDERS = {"tables", "extract", "golden", "structure"}
TEXTS = (".yaml", ".yml", ".csv", ".md", ".toml")
LARGEST = 5_000_000
"""Bytes of a file in a pack; what is larger is hardly invented."""
MOST = 20
"""Differences told of one golden file, and places of one kind."""
HEADINGS = {
    "how to get the true file": re.compile(r"^#+ .*\b(get|obtain)\b", re.IGNORECASE | re.MULTILINE),
    "what compares, and what does not": re.compile(r"^#+ .*compar", re.IGNORECASE | re.MULTILINE),
    "what is not verified": re.compile(r"^#+ .*(verified|come from)", re.IGNORECASE | re.MULTILINE),
}
"""What a README must have a heading on, and how the heading is known."""
EXAMPLE_KEY = "5e1f0b7a94c2d8e36f10a7b5c4d29e8871fa3cb65d04e2918c7ab3f6d5e09142"
"""The key of pseudonyms while a pack is tested: its persons are invented, and the result must be the same anywhere."""
_TODO = re.compile(rf"\b{TODO}\b")


def check_pack(
    folder: str | os.PathLike[str], *, update: bool = False, junit: str | os.PathLike[str] | None = None
) -> PackTest:
    """Test a pack as its CI does, and say check by check what is wrong.

    The folder is whole and holds nothing else; nothing in it is still TODO; every mapping is right and its examples
    hold; the extract is what generate.csv makes; every run of golden/cases.csv gives the records and the account that
    lie in ``golden``; each line of the mappings meets a row, and some row is rejected. With ``update`` extract and
    golden files are written anew: read the difference before you keep it. ``junit`` is a file for pipelines.
    No code of the pack is run.
    """
    path = Path(folder)
    if not (path / "mapping.yaml").is_file():
        raise misuse("is no pack: it has no mapping.yaml", "migstat pack new KEN_CENSUS_2029", place=str(folder))
    if update:
        (path / "extract").mkdir(exist_ok=True)
    test = PackTest(path.resolve().name.upper(), tuple(_checks(path, update)))
    if junit is not None:
        write_text(junit, pack_junit(test))
    return test


def _checks(path: Path, update: bool) -> Iterator[PackCheck]:
    if links := tuple(_links(path)):
        yield PackCheck("folder", links)
        return
    yield PackCheck("folder", tuple(_folder(path)))
    yield PackCheck("README", tuple(_readme(path)))
    left = tuple(_todo(path))
    yield PackCheck("nothing is TODO", left)
    for file in pack_files(path):
        if any(one.place.file == file.name for one in left):
            continue
        yield _caught(f"check {file.name}", partial(check, file))
    cases: list[PackCase] = []
    yield _caught("golden/cases.csv", partial(_cases, path, cases))
    if left and any(one.place.file.endswith((".yaml", ".csv")) for one in left):
        return
    lines: dict[tuple[str, Unused], int] = {}
    rejected = done = 0
    with _example_keys(path):
        for case in cases:
            if (path / GENERATOR).is_file():
                yield _caught(f"extract {case.extract}", partial(_same_extract, path, case, update))
            runs: list[Harmonized | Table] = []
            yield _caught(f"golden {case.name}", partial(_golden, path, case, update, runs))
            done += len(runs)
            for run in runs:
                if isinstance(run, Table):
                    rejected += sum(one.rows or 0 for one in run.findings)
                    continue
                rejected += run.step("rejected").rows
                for line in run.coverage.unused:
                    lines[case.mapping, line] = lines.get((case.mapping, line), 0) + 1
    counts = {case.mapping: sum(one.mapping == case.mapping for one in cases) for case in cases}
    # Lines of a correspondence that ships are not the pack's: no extract holds every country of the world in each.
    own = ((line, times == counts[mapping]) for (mapping, line), times in lines.items() if not _ships(line))
    unmet = [line for line, never in own if never]
    yield PackCheck("every line meets a row", tuple(_unmet(unmet)))
    if done and not rejected:
        what = "no row of the extract is rejected: nothing shows what becomes of a value that no line takes"
        mend = "spoil some in generate.csv, such as COUNTRY,,999,2"
        yield PackCheck("some row is rejected", (Finding(cases[0].place, "", what, mend, Severity.WARNING),))


def _caught(name: str, work: Callable[[], Iterable[Finding]]) -> PackCheck:
    """Run one check; what it returns or raises are its findings."""
    try:
        return PackCheck(name, tuple(work()))
    except MigstatError as error:
        return PackCheck(name, error.findings)


def _links(path: Path) -> Iterator[Finding]:
    """Find what leads out of the pack: nothing else of it is read then."""
    for one in sorted(path.rglob("*")):
        if one.is_symlink() and not one.resolve().is_relative_to(path.resolve()):
            place = Place(one.relative_to(path).as_posix())
            yield Finding(place, "", "is a link that leads out of the pack", "put the file itself there")


def _folder(path: Path) -> Iterator[Finding]:
    for name in ("layout.csv", "README.md", "golden", "extract"):
        if not (path / name).exists():
            yield Finding(Place(name), "", "is not there", "migstat pack new writes a whole pack to begin with")
    for one in sorted(path.iterdir()):
        own = one.suffix in (".yaml", ".toml", ".csv", ".xml", ".json") and (
            one.stem.isupper() or "mapping" in one.stem
        )
        if one.name.startswith(".") or one.name in FOLDERS | FILES or own or one.name == "__pycache__":
            continue
        mend = "take it out: a pack holds no data but the invented extract"
        yield Finding(Place(one.name), "", "is no part of a pack", mend)
    for one in sorted(path.rglob("*")):
        if one.is_file() and one.stat().st_size > LARGEST:
            what = f"is larger than {LARGEST:,} bytes, which an invented extract is not"
            yield Finding(Place(one.relative_to(path).as_posix()), "", what, "never put true records into a pack")
    if (path / "golden" / "cases.csv").is_file() and (path / "extract").is_dir():
        try:
            cases = read_cases(path)
            mappings = [read_mapping(path / name) for name in dict.fromkeys(case.mapping for case in cases)]
        except MigstatError:
            return
        named = {case.extract for case in cases}
        beside = [one.file for mapping in mappings for one in mapping.source.companions if one.file]
        for one in sorted((path / "extract").iterdir()):
            if one.name not in named and not any(fnmatchcase(one.name, like) for like in beside):
                mend = "name it in golden/cases.csv, or take it out"
                yield Finding(Place(f"extract/{one.name}"), "", "is an extract that no case runs", mend)


def _readme(path: Path) -> Iterator[Finding]:
    if not (path / "README.md").is_file():
        return
    text = (path / "README.md").read_text(encoding="utf-8", errors="replace")
    for what, heading in HEADINGS.items():
        if not heading.search(text):
            mend = f"write it under a heading of its own, such as ## {what[0].upper()}{what[1:]}"
            yield Finding(Place("README.md"), "", f"has no heading on {what}", mend)


def _todo(path: Path) -> Iterator[Finding]:
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if (
            file.suffix not in TEXTS
            or name.startswith("golden/")
            or not file.is_file()
            or file.stat().st_size > LARGEST
        ):
            continue
        found = (
            number
            for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
            if _TODO.search(line)
        )
        for number in list(found)[:MOST]:
            yield Finding(
                Place(name, number), "", f"is still {TODO}", "decide it, and write what the source's documents say"
            )


def _cases(path: Path, cases: list[PackCase]) -> list[Finding]:
    cases += read_cases(path)
    return []


def _same_extract(path: Path, case: PackCase, update: bool) -> list[Finding]:
    there = path / "extract" / case.extract
    if update:
        made_extract(path, case, path / "extract")
        return []
    with tempfile.TemporaryDirectory() as folder:
        made = extract_text(made_extract(path, case, Path(folder)))
    if there.is_file() and extract_text(there) == made:
        return []
    what = f"is not what {GENERATOR} makes" if there.is_file() else "is not there"
    return [Finding(Place(f"extract/{case.extract}"), "", what, f"migstat pack extract {path.name}")]


def _golden(path: Path, case: PackCase, update: bool, runs: list[Harmonized | Table]) -> list[Finding]:
    extract, mapping = path / "extract" / case.extract, read_mapping(path / case.mapping)
    found = []
    if mapping.table is not None:
        runs.append(table := read_table(extract, mapping))
        made = {"summary": table_summary_csv(table), "cells": cells_csv(table)}
    else:
        runs.append(run := harmonize(extract, mapping, wave=case.wave or None))
        records = run.records.select(name for name in run.records.columns if not name.startswith("REPWT_"))
        made = {"summary": summary_csv(run), "records": records.write_csv(line_terminator="\n")}
    for kind, actual in made.items():
        name = f"golden/{case.name}.{kind}.csv"
        if update:
            write_text(path / name, actual)
        elif not (path / name).is_file():
            found.append(
                Finding(Place(name), "", "is not there", "migstat pack test --update, and read what it writes")
            )
        else:
            expected = (path / name).read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
            found += _differences(name, expected.splitlines(), actual.splitlines())
    return found


def _differences(name: str, expected: list[str], actual: list[str]) -> list[Finding]:
    """Tell the first lines that differ, cell by cell where both have the same columns."""
    if expected == actual:
        return []
    head = expected[0].split(",") if expected else []
    found = []
    pairs = [(at, one, two) for at, (one, two) in enumerate(zip_longest(expected, actual), 1) if one != two]
    for at, one, two in pairs[:MOST]:
        cells = list(zip(head, (one or "").split(","), (two or "").split(","), strict=False))
        differ = [f"{column} is '{b}' and was '{a}'" for column, a, b in cells if a != b]
        same = one is not None and two is not None and len(one.split(",")) == len(two.split(",")) == len(head)
        what = "; ".join(differ) if same else f"is {_quoted(two)} and was {_quoted(one)}"
        found.append(Finding(Place(name, at), "", what, "mend the mapping, or migstat pack test --update"))
    if len(pairs) > MOST:
        what = f"{len(pairs) - MOST:,} more lines differ"
        found.append(Finding(Place(name), "", what, "mend the mapping, or migstat pack test --update"))
    return found


def _quoted(line: str | None) -> str:
    return "not there" if line is None else f"'{line}'"


def _ships(line: Unused) -> bool:
    return line.place.file.startswith("maps/")


def _unmet(lines: list[Unused]) -> Iterator[Finding]:
    mend = f"let {GENERATOR} draw it: values 'recode' takes every line of the mapping"
    for line in lines[:MOST]:
        what = f"no row of any extract goes through the line of {' '.join(line.values) or 'a blank'} to {line.code}"
        yield Finding(line.place, line.component, what, mend, Severity.WARNING)
    if len(lines) > MOST:
        what = f"{len(lines) - MOST:,} more lines meet no row"
        yield Finding(lines[MOST].place, lines[MOST].component, what, mend, Severity.WARNING)


@contextmanager
def _example_keys(path: Path) -> Iterator[None]:
    """Give every pseudonym of the pack a key that protects nothing, and leave the environment as it was."""
    names: list[str] = []
    for file in pack_files(path):
        try:
            names += [name for name in read_mapping(file).keys if name not in names]
        except MigstatError:
            continue
    before = {name: os.environ.get(name) for name in names}
    for number, name in enumerate(names):
        other = hashlib.sha256(f"{EXAMPLE_KEY}{name}".encode()).hexdigest()
        os.environ[name] = EXAMPLE_KEY if number == 0 else other
    try:
        yield
    finally:
        for name, text in before.items():
            if text is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = text

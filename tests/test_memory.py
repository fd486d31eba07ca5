"""Memory: a ceiling that holds, checks that put away what they hold, and a run that ends where it cannot hold."""

import gzip
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.api.ceiling import Ceiling
from migstat.cli import main
from migstat.read.resident_memory import give_back, resident
from migstat.words.finding import Misuse
from migstat.words.memory import LEAST, memory_bytes, part_bytes, part_rows
from migstat.work import buckets
from migstat.work.harmonize.keys import KeyCheck
from migstat.write.spill import Spill, spill, temporary_folder

BY_POLARS = "dirty_decay_ms:500,muzzy_decay_ms:1000"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of a process as Linux tells it")

MAPPING = """\
id: COUNTED_2019
version: 1.0
into: CENSUS_PERSON
source:
  kind: census
  by: The office
  area: KEN
  date: 2019-08-24
  population: de jure
  birthplace: actual
  boundaries: census date
  key: [HHID, LINE]
  format: {kind: csv, delimiter: ",", encoding: utf-8}
rules:
  HOUSEHOLD_ID:  {from: HHID}
  SEX:           {from: SEX, recode: {1: M, 2: F}}
  AGE:           {from: AGE}
  COUNTRY_BIRTH: {not_collected: no birthplace}
  CITIZENSHIP:   {not_collected: no citizenship}
  RESID_5Y:      {not_collected: no former residence}
  YEAR_ARRIVAL:  {not_collected: no year of arrival}
  MIG_REASON:    {not_collected: no reason}
"""

RULES = """\
id: HOUSEHOLDS
version: 1.0
rules:
  - {id: KEY, unique: [HH, LINE], label: {en: each line once}}
  - {id: ONE_AREA, unique: [HH, LINE, AREA], label: {en: each line and area once}}
  - {id: SAME, determines: {by: [HH], one: AREA}, label: {en: one area}}
  - {id: FEW, check: count() <= 3, by: [HH], label: {en: three at most}}
  - {id: HEAD, check: "count(LINE = 1) = 1 and sum(AGE) > 20", by: [HH], label: {en: one head}}
  - {id: OLD, check: "median(AGE) < 60 and distinct(AREA) < 3", by: [HH], label: {en: young}}
  - {id: FAR, check: "smallest(AGE) < 60 and largest(AGE) > 5", by: [HH, AREA], label: {en: of all ages}}
  - {id: ORDER, check: AGE <= previous(AGE) + 40, sequence: {by: [HH], sort: [LINE]}, label: {en: order}}
"""


@pytest.mark.parametrize(
    ("given_size", "size"),
    [
        ("4G", 4 << 30),
        (" 4 GiB ", 4 << 30),
        ("4gb", 4_000_000_000),
        ("1.5G", 3 << 29),
        ("900M", 900 << 20),
        ("1T", 1 << 40),
        ("2000000000", 2_000_000_000),
        (2_000_000_000, 2_000_000_000),
        (None, None),
    ],
)
def test_a_size_is_read(given_size, size):
    assert size == memory_bytes(given_size)


WRONG = {
    "much": "'much' is no amount of memory\n  Mend: write such as 4G, 900M, or bytes",
    "4": "'4' is no amount of memory\n  Mend: write such as 4G, 900M, or bytes",
    "16": "'16' is no amount of memory\n  Mend: write such as 16G, 900M, or bytes",
    "-4G": "'-4G' is no amount of memory\n  Mend: write such as 4G, 900M, or bytes",
    "4 giga": "'4 giga' is no amount of memory\n  Mend: write such as 4G, 900M, or bytes",
    True: "True is no amount of memory\n  Mend: write such as 4G, 900M, or bytes",
    4.5: "4.5 is no amount of memory\n  Mend: write such as 4G, 900M, or bytes",
    "300M": "300M is too little: Python and its libraries take some 200 MB, and the smallest part as much\n"
    "  Mend: write 640M or more",
    0: "0 bytes is too little: Python and its libraries take some 200 MB, and the smallest part as much\n"
    "  Mend: write 640M or more",
}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_size_that_is_none_is_told(wrong):
    with pytest.raises(Misuse) as error:
        memory_bytes(wrong)

    assert f"memory\n  {WRONG[wrong]}" == str(error.value)


@pytest.mark.parametrize("command", ["harmonize MAPPING extract.csv", "validate records.parquet"])
def test_a_command_tells_a_wrong_size(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--memory", "much"])

    assert 2 == ended.value.code
    assert "'much' is no amount of memory" in capsys.readouterr().err


RULES_OF_PEOPLE = """\
id: PEOPLE
version: 1.0
rules:
  - {id: OLD, unique: [SEX, AGE], label: {en: once}}
  - {id: MEAN, check: mean(AGE) < 20, by: [SEX], label: {en: young}}
"""
ENVIRONMENTS = [
    ("", "dirty_decay_ms:0,muzzy_decay_ms:0"),
    (BY_POLARS, "dirty_decay_ms:0,muzzy_decay_ms:0"),
    (f"{BY_POLARS},{BY_POLARS}", "dirty_decay_ms:0,muzzy_decay_ms:0"),
    ("narenas:2", "narenas:2"),
    (f"{BY_POLARS},narenas:2", f"{BY_POLARS},narenas:2"),
]


@pytest.mark.parametrize(("found", "left"), ENVIRONMENTS)
def test_what_a_process_inherits_of_polars_is_not_taken_for_a_wish(found, left):
    code = """
import os
from migstat.api.ceiling import prepare
prepare("640M")
print(os.environ["_RJEM_MALLOC_CONF"])
"""
    done, _ = python(code, _RJEM_MALLOC_CONF=found)

    assert left == done.stdout.splitlines()[0]


def test_polars_writes_what_is_taken_for_its_own():
    done, _ = python("import os, polars; print(os.environ['_RJEM_MALLOC_CONF'])", _RJEM_MALLOC_CONF="")

    assert done.stdout.splitlines()[0] == BY_POLARS


@pytest.mark.parametrize("kind", ["parquet", "csv", "scan", "frame", "duckdb"])
def test_parts_that_are_validated_are_small_under_a_ceiling(kind, tmp_path, monkeypatch):
    people = pl.DataFrame(
        {"SEX": ["F", "M"] * 60_000, "AGE": [30] * 120_000, "TEXT": ["of some length " * 8] * 120_000}
    )
    people.write_parquet(tmp_path / "people.parquet", row_group_size=200_000)
    people.write_csv(tmp_path / "people.csv")
    sources = {
        "parquet": lambda: tmp_path / "people.parquet",
        "csv": lambda: tmp_path / "people.csv",
        "scan": lambda: pl.scan_parquet(tmp_path / "people.parquet"),
        "frame": lambda: people,
        "duckdb": lambda: pytest.importorskip("duckdb").read_parquet(str(tmp_path / "people.parquet")),
    }
    heights = []
    watched = Ceiling.watched
    monkeypatch.setattr(
        Ceiling, "watched", lambda self, parts: watched(self, (heights.append(len(part[0])) or part for part in parts))
    )
    monkeypatch.setattr("migstat.words.memory.LEAST_PART", 1_000)
    monkeypatch.setattr("migstat.words.memory.CELL", 40_000)
    monkeypatch.setattr(Ceiling, "look", lambda self: None)
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES_OF_PEOPLE, encoding="utf-8")
    run = ms.validate(sources[kind](), rules=rules, only=True, memory="1G")

    assert (120_000, 120_000) == (run.rows, run["OLD"].failed)
    assert heights
    assert max(heights) < 60_000


def test_parts_are_never_larger_for_a_ceiling_and_never_too_small():
    ceilings = [LEAST, 1 << 30, 2 << 30, 4 << 30, 64 << 30]
    rows = [part_rows(ceiling, 16, 400_000) for ceiling in ceilings]

    assert rows == sorted(rows)
    assert 400_000 == rows[-1] == part_rows(None, 16, 400_000)
    assert 10_000 == part_rows(LEAST, 5_000, 400_000)
    assert 512 << 20 == part_bytes(None, 512 << 20) == part_bytes(64 << 30, 512 << 20)
    assert part_bytes(LEAST, 512 << 20) < 16 << 20


KEYS = st.lists(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 9)), max_size=12), max_size=8)


@given(KEYS, st.sampled_from([0, 60, 1 << 30]))
def test_keys_that_stand_again_are_the_same_put_away_or_not(parts, kept):
    with spill(kept) as room:
        check, before = KeyCheck(["H", "L"], room), 0
        seen: Counter[tuple[str, int]] = Counter()
        later = []
        for part in parts:
            frame = pl.DataFrame(part, schema={"H": pl.String, "L": pl.Int64}, orient="row")
            check.add(pl.int_range(before + 1, before + 1 + len(part), eager=True), frame)
            for number, key in enumerate(part, before + 1):
                later += [number] if seen[key] else []
                seen[key] += 1
            before += len(part)
        found = check.repeated()

        assert (len(later), later[:10]) == found
        assert 0 == room.held
        assert (room.written > 0) == (kept == 0 and before > 0) or kept == 60


LINES = st.lists(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.sampled_from(["1", "2", "3", "4"])),
            st.one_of(st.none(), st.integers(1, 4)),
            st.one_of(st.none(), st.integers(0, 90)),
            st.one_of(st.none(), st.sampled_from("ab")),
        ),
        min_size=1,
        max_size=10,
    ),
    min_size=1,
    max_size=5,
)


@pytest.fixture(scope="module")
def rules(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


@pytest.mark.slow
@settings(max_examples=25)
@given(LINES)
def test_rules_say_the_same_when_what_they_hold_is_put_away_or_merged(rules, parts):
    columns = {"HH": pl.String, "LINE": pl.Int64, "AGE": pl.Int64, "AREA": pl.String}
    frame = pl.DataFrame([line for part in parts for line in part], schema=columns, orient="row").with_columns(
        W=pl.lit(0.5)
    )

    def facts() -> list[object]:
        run = ms.validate(frame, rules=rules, weight="W", key=["HH"])
        failing = run.failures().sort("_rule", "_row").rows()
        return [*((one.rule.id, one.passed, one.failed, one.undecided, one.failed_weight) for one in run.results),
                failing]  # fmt: skip

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("migstat.api.sources.PART_ROWS", 4)
        whole = facts()
        patch.setattr("migstat.words.memory.KEPT", 0)
        away = facts()
        patch.setattr(buckets, "WAITING", 2)
        merged = facts()
        patch.setattr("migstat.words.memory.KEPT", 1 << 30)
        kept = facts()

    assert whole == away == merged == kept


def test_lines_of_one_hash_come_together_and_hashes_in_order():
    hashes = pl.Series("h", [1 << 63, 5, 1 << 60, 5, 1 << 63, None], dtype=pl.UInt64)
    bag = buckets.Buckets("h")
    for at in range(0, 6, 2):
        bag.add(hashes.slice(at, 2).to_frame().with_columns(at=pl.int_range(at, at + 2)))

    assert [[1, 3, 5], [2], [0, 4]] == [frame["at"].to_list() for frame in bag]
    assert [] == list(bag)


@pytest.mark.parametrize(("span", "wide"), [(1 << 18, 64), (32, 32), (1, 1), (0, 1)])
def test_lines_are_looked_at_in_spans_of_few(span, wide, monkeypatch):
    monkeypatch.setattr(buckets, "SPAN", span)
    hashes = pl.Series("h", [number << 58 for number in range(64)], dtype=pl.UInt64)
    with spill(0) as room:
        for bag in (buckets.Buckets("h"), buckets.Buckets("h", room)):
            bag.add(hashes.reverse().to_frame())
            spans = list(bag.spans())
            found = [frame for span in spans if (frame := bag.lines(*span)) is not None]

            assert [(first, first + wide) for first in range(0, 64, wide)] == spans
            assert [wide] * (64 // wide) == [frame.height for frame in found]
            assert hashes.to_list() == pl.concat(found)["h"].sort().to_list()


def test_what_is_put_away_lies_in_a_file_without_a_name(tmp_path):
    with spill(0, tmp_path / "made") as room:
        first, second = room.write(b"abc"), room.write(b"defg")

        assert (b"abc", b"defg") == (room.read(first, 3), room.read(second, 4))
        if os.name == "posix":
            assert [] == list((tmp_path / "made").iterdir())
    assert [] == list((tmp_path / "made").iterdir())


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(Misuse, match="cannot be written"):
        Spill(0, tmp_path / "file").write(b"abc")


@pytest.mark.skipif(sys.platform != "linux", reason="only there is /tmp often memory")
def test_large_temporary_files_go_where_they_were_told_to(tmp_path, monkeypatch):
    monkeypatch.delenv("TMPDIR", raising=False)
    large = temporary_folder()
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    assert Path("/var/tmp") == large
    assert tmp_path == temporary_folder()


@LINUX
def test_memory_that_arrow_let_go_of_is_given_back():
    import pyarrow as pa

    held = [pa.array(range(20_000)) for _ in range(500)]
    before = resident()
    del held
    give_back()

    assert resident() < before - 40_000_000


def test_resident_memory_is_what_the_system_says():
    said = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))

    assert pytest.approx(int(said.split()[1]) * 1024, rel=0.1) == resident()


def census(path: Path, rows: int, again: int) -> None:
    """Write persons of whom some have the key of another."""
    numbers = pl.int_range(rows, eager=True)
    numbers = numbers - (numbers % again == again - 1).cast(pl.Int64)
    pl.DataFrame(
        {"HHID": numbers // 4, "LINE": numbers % 4 + 1, "SEX": numbers % 2 + 1, "AGE": numbers % 90}
    ).write_csv(path)


def python(code: str, *words: str, **more: str) -> tuple[subprocess.CompletedProcess[str], int]:
    """Run Python in a process of its own, and return what it said and the most memory it took.

    What getrusage tells would count the memory of the process that it was forked from.
    """
    told = "\nprint(int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) * 1024)\n"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **more}
    done = subprocess.run([sys.executable, "-c", code + told, *words], capture_output=True, text=True, env=environment)
    return done, int(done.stdout.split()[-1]) if done.returncode == 0 else 0


@pytest.mark.slow
@LINUX
def test_a_run_under_a_ceiling_stays_under_it_and_tells_the_same(tmp_path):
    census(tmp_path / "census.csv", 1_000_000, 50_000)
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    code = """
import sys
import migstat.words.memory as memory
memory.KEPT = 4 << 20
from migstat.write.spill import Spill
close = Spill.close
Spill.close = lambda self: (print("away", self.written), close(self))
from migstat.api.ceiling import prepare
prepare("640M")
import migstat as ms
run = ms.harmonize(sys.argv[1], sys.argv[2], into=sys.argv[3], memory="640M")
(found,) = [one for one in run.findings if one.rule == "duplicate"]
print(found.what, found.rows)
checked = ms.validate(f"{sys.argv[3]}/COUNTED_2019.records.parquet", memory="640M", key=["HOUSEHOLD_ID"])
print(checked.rows, checked["KEY.UNIQUE"].failed)
"""
    into = tmp_path / "build"
    done, most = python(code, str(tmp_path / "census.csv"), str(tmp_path / "mapping.yaml"), str(into))
    lines = done.stdout.splitlines()

    assert 0 == done.returncode, done.stderr
    numbers = ", ".join(str(50_000 * at) for at in range(1, 11))
    assert f"the key HHID, LINE stands again in row {numbers}, and more 20" in lines
    assert "1000000 0" in lines
    assert all(int(line.split()[1]) > 4 << 20 for line in lines if line.startswith("away"))
    assert 2 == sum(line.startswith("away") for line in lines)
    assert most < 640 << 20
    assert not [path.name for path in into.iterdir() if path.name.startswith((".", "tmp"))]


@LINUX
def test_a_ceiling_that_cannot_hold_ends_the_run_and_leaves_nothing(tmp_path):
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    with gzip.open(tmp_path / "census.csv.gz", "wb", compresslevel=1) as file:
        file.write(b"HHID,LINE,SEX,AGE\n")
        for number in range(200):
            file.write(b"%d,1,1,1\n%d,1,1,1,%s\n" % (number, number, b"x" * 3_900_000))
    for folder in ("build", "temporary"):
        (tmp_path / folder).mkdir()
    code = "from migstat.cli import main\nmain()"
    words = ["harmonize", str(tmp_path / "mapping.yaml"), str(tmp_path / "census.csv.gz"), "--into",
             str(tmp_path / "build"), "--memory", "640M"]  # fmt: skip
    done, _ = python(code, *words, TMPDIR=str(tmp_path / "temporary"))

    assert 1 == done.returncode
    told = re.search(r"memory\n  the run came to (\d+)M, and may take 640M: it was ended", done.stderr)
    assert told is not None, done.stderr
    assert 640 <= int(told[1]) < 720
    assert "nothing is half-written\n  Mend: allow 1G or more, " in done.stderr
    assert "Traceback" not in done.stderr
    assert [] == list((tmp_path / "build").iterdir())
    assert [] == list((tmp_path / "temporary").iterdir())


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_a_killed_run_leaves_no_file_of_hashes(tmp_path):
    code = """
import sys
from pathlib import Path
from migstat.write.spill import Spill
room = Spill(0, Path(sys.argv[1]))
room.write(b"x" * 1_000_000)
print("written", flush=True)
sys.stdin.read()
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    assert b"written\n" == process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert [] == list(tmp_path.iterdir())


@LINUX
def test_a_ceiling_changes_no_byte_of_what_fits_one_part(tmp_path):
    census(tmp_path / "census.csv", 5_000, 1_000)
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    code = """
import sys
import migstat as ms
for folder, memory in (("without", None), ("with", "4G"), ("low", "704M")):
    ms.harmonize(sys.argv[1], sys.argv[2], into=f"{sys.argv[3]}/{folder}", memory=memory)
"""
    done, _ = python(code, *(str(tmp_path / name) for name in ("census.csv", "mapping.yaml", "")))
    assert 0 == done.returncode, done.stderr
    names = sorted(path.name for path in (tmp_path / "without").iterdir())

    assert names == sorted(path.name for path in (tmp_path / "with").iterdir())
    for name in names:
        assert (tmp_path / "without" / name).read_bytes() == (tmp_path / "with" / name).read_bytes()
        assert (tmp_path / "without" / name).read_bytes() == (tmp_path / "low" / name).read_bytes()

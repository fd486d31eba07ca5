"""Spark as the engine: what comes of a file there is what comes of it on one machine, to the last cell."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import migstat as ms
from migstat.cli import main
from migstat.read.packs.document import read_cases
from migstat.words.finding import MigstatError, Misuse

pytestmark = [pytest.mark.spark]
EXAMPLES = Path(__file__).parent.parent / "examples"
PACKS = {
    "ken_census_2019": ("COUNTRY_BIRTH,SEX", "CSV of a census with excluded visitors"),
    "bra_censo_2010": ("COUNTRY_BIRTH,SEX", "fixed width in latin-1, trimmed, with a design"),
    "can_cchs": ("SEX", "a survey in waves"),
    "deu_register": ("CITIZENSHIP,SEX", "regular expressions, and ; as delimiter"),
}
MAPPING = """\
id: SMALL
version: 1.0
into: CENSUS_PERSON
source:
  kind: census
  by: nobody
  area: KEN
  date: 2019-08-24
  population: de facto
  birthplace: actual
  boundaries: census date
  key: [id]
  weight: w
  format: {format}
keep:
  - {{column: kind, is: [1], because: residents}}
rules:
  PERSON_ID: {{from: id}}
  SEX: {{from: sex, recode: {{1: M, 2: F}}, not_stated: [9]}}
  AGE: {{from: age, not_stated: [98, 99]}}
  COUNTRY_BIRTH: {{from: born, recode: {{450: KEN, 800: UGA, "NA": NAM}}}}
  CITIZENSHIP: {{from: born, recode: {{450: KEN, 800: UGA}}, else: _O, match: broader, because: a test}}
  REGION: {{from: place}}
  RESID_5Y: {{not_collected: a test}}
  YEAR_ARRIVAL: {{not_collected: a test}}
  MIG_REASON: {{not_collected: a test}}
"""
ROWS = [
    'a1,1,34,450,"Nairobi, west",1,2.5',
    'a2,2,98,NA,"the ""old"" town",1,1.25',
    "a3,9,7,800,,1,0.1",
    "",
    "a4,1,40,450,x,2,1",
    "a5,1,40,450,x,,1",
    "a6,7,40,999,x,1,1",
    "a7,1,40,450",
    "a8,1,40,450,x,1,1,more,again",
    "a9,2, 40 ,450,é,1,x",
    "a1,2,12,450,again,1,3",
    'b1,1,41,800,5" pipe,1,0.2',
    "b2,,,,,1,0.7",
]
HEAD = "id,sex,age,born,place,kind,w"


@pytest.fixture
def small(spark):
    """A session that parts files into many small blocks."""
    set_ = {"spark.sql.files.maxPartitionBytes": "40000", "spark.sql.files.openCostInBytes": "0"}
    before = {name: spark.conf.get(name) for name in set_}
    for name, value in set_.items():
        spark.conf.set(name, value)
    yield spark
    for name, value in before.items():
        spark.conf.set(name, value)


def plain(frame):
    """A frame of either engine with codes as text, its rows in one order."""
    if not isinstance(frame, pl.DataFrame):
        frame = pl.DataFrame(pl.from_arrow(frame.toArrow()))
    frame = frame.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))
    return frame.sort(frame.columns)


def same(expected, found):
    assert expected.steps == found.steps
    assert expected.coverage == found.coverage
    assert [named(one) for one in expected.findings] == [named(one) for one in found.findings]
    for what in ("records", "rejects"):
        left, right = plain(getattr(expected, what)), plain(getattr(found, what))
        assert left.schema == right.schema
        assert left.equals(right), what


def verdicts(run):
    return {
        one.rule.id: (one.passed, one.failed, one.undecided, round(one.failed_weight, 6))
        for one in run.results
        if not one.note.startswith("cannot be judged on this engine")
    }


@pytest.mark.parametrize("pack", list(PACKS))
def test_a_pack_gives_the_same_on_spark(small, tmp_path, pack):
    case = read_cases(EXAMPLES / pack)[0]
    extract, mapping = EXAMPLES / pack / "extract" / case.extract, EXAMPLES / pack / case.mapping
    expected = ms.harmonize(extract, mapping, wave=case.wave or None)

    run = ms.harmonize(extract, mapping, wave=case.wave or None, engine="spark", into=tmp_path)
    judged = ms.validate(run)
    table = ms.tabulate(run, by=PACKS[pack][0])

    same(expected, run)
    at_home = verdicts(ms.validate(expected))
    assert verdicts(judged).items() <= at_home.items()
    assert len(verdicts(judged)) > 0.9 * len(at_home)
    assert ms.tabulate(expected, by=PACKS[pack][0]).frame.equals(table.frame)
    folder = tmp_path / f"{run.name}.records.parquet"
    assert ms.tabulate(folder, by=PACKS[pack][0]).frame.equals(table.frame)
    assert at_home == verdicts(ms.validate(folder))


def written(folder, form, text, name="extract.csv"):
    (folder / "mapping.yaml").write_text(MAPPING.format(format=form), encoding="utf-8")
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return path


TEXTS = {
    "plain": ("{kind: csv}", "\n".join([HEAD, *ROWS, ""]).encode()),
    "windows": ("{kind: csv}", ("\ufeff" + "\r\n".join([HEAD, *ROWS])).encode()),
    "old mac": ("{kind: csv}", "\r".join([HEAD, *ROWS, ""]).encode()),
    "latin": ("{kind: csv, encoding: latin-1, trim: true}", "\n".join([HEAD, *ROWS]).encode("latin-1")),
    "cp1252 unsaid": ("{kind: csv}", "\n".join([HEAD, *ROWS]).encode("cp1252")),
    "semicolons unsaid": ("{kind: csv}", "\n".join([HEAD, "a1,1,34,450,x,1,2.5"]).replace(",", ";").encode()),
    "missing": ("{kind: csv, missing: [x, NULL]}", "\n".join([HEAD, *ROWS]).encode()),
    "header below": ("{kind: csv, header: 3}", "\n".join(["a title", "", HEAD, *ROWS]).encode()),
    "no header": ("{kind: csv, header: 0, columns: [id, sex, age, born, place, kind, w]}", "\n".join(ROWS).encode()),
    "no rows": ("{kind: csv}", f"{HEAD}\n".encode()),
}


def named(finding):
    """A finding as text; which rows have a key that stands again is not told on Spark."""
    what = finding.what.partition(" in row")[0] if finding.rule == "duplicate" else finding.what
    return (finding.rule, str(finding.place), finding.component, what, finding.rows, finding.mend)


@pytest.mark.parametrize("kind", list(TEXTS))
def test_text_is_read_as_on_one_machine(spark, tmp_path, kind):
    extract = written(tmp_path, *TEXTS[kind])
    expected = ms.harmonize(extract, tmp_path / "mapping.yaml")
    run = ms.harmonize(extract, tmp_path / "mapping.yaml", engine="spark")

    assert [named(one) for one in expected.findings] == [named(one) for one in run.findings]
    assert expected.steps == run.steps
    assert expected.coverage == run.coverage
    for what in ("records", "rejects"):
        assert plain(getattr(expected, what)).equals(plain(getattr(run, what))), what


def test_packed_files_folders_and_parquet_are_read(small, tmp_path):
    form, text = TEXTS["plain"]
    expected = ms.harmonize(written(tmp_path, form, text), tmp_path / "mapping.yaml")
    packed = ms.harmonize(written(tmp_path, form, text, "extract.csv.gz"), tmp_path / "mapping.yaml", engine="spark")
    lines = text.decode().splitlines()
    for number, at in enumerate(range(1, len(lines), 3)):
        part = "\n".join([lines[0], *lines[at : at + 3]]).encode()
        written(tmp_path, form, part, f"folder/part-{number}.csv")
    (tmp_path / "folder" / "_SUCCESS").write_bytes(b"")
    whole = ms.harmonize(tmp_path / "folder", tmp_path / "mapping.yaml")
    parts = ms.harmonize(tmp_path / "folder", tmp_path / "mapping.yaml", engine="spark")
    rows = [line.split(",") for line in lines[1:] if line.count(",") == 6 and '"' not in line]
    frame = pl.DataFrame(rows, schema=HEAD.split(","), orient="row")
    frame.write_parquet(tmp_path / "extract.parquet")
    read = ms.harmonize(tmp_path / "extract.parquet", tmp_path / "mapping.yaml", engine="spark")
    at_home = ms.harmonize(tmp_path / "extract.parquet", tmp_path / "mapping.yaml")

    assert plain(expected.records).equals(plain(packed.records))
    assert plain(expected.rejects).equals(plain(packed.rejects))
    assert (whole.steps, whole.coverage) == (parts.steps, parts.coverage)
    assert plain(whole.records).equals(plain(parts.records))
    assert plain(whole.rejects).equals(plain(parts.rejects))
    assert (at_home.steps, at_home.coverage) == (read.steps, read.coverage)
    assert plain(at_home.records).drop("ROW").equals(plain(read.records))


def test_a_frame_of_spark_is_harmonized_where_it_lies(spark, tmp_path):
    written(tmp_path, "{kind: csv}", b"")
    rows = [(1, 34.0, "450", "a", "1", 2.5), (2, None, "800", "b", "1", 0.5), (9, 98.0, "1", "", "1", 1.0)]
    frame = pl.DataFrame(rows, schema=["sex", "age", "born", "place", "kind", "w"], orient="row")
    frame = frame.with_columns(id=pl.Series(["x", "y", "y"]))
    expected = ms.harmonize(frame.lazy(), tmp_path / "mapping.yaml")
    given = spark.createDataFrame(frame.to_arrow(compat_level=pl.CompatLevel.oldest())).repartition(3)
    run = ms.harmonize(given, tmp_path / "mapping.yaml")
    into = ms.harmonize(given, tmp_path / "mapping.yaml", into=tmp_path / "build")

    for one in (run, into):
        assert (expected.steps, expected.coverage) == (one.steps, one.coverage)
        assert [str(one) for one in expected.findings] == [str(one) for one in one.findings]
        assert plain(expected.records.collect()).equals(plain(one.records))
        assert plain(expected.rejects.collect()).equals(plain(one.rejects))
    assert ["SMALL.coverage.csv", "SMALL.records.parquet", "SMALL.rejects.parquet", "SMALL.run.json"] == sorted(
        path.name for path in (tmp_path / "build").iterdir() if not path.name.endswith(".crc")
    )


def command(capsys, *words):
    with pytest.raises(SystemExit) as done:
        main([str(word) for word in words])
    out = capsys.readouterr()
    return done.value.code, out.out, out.err


def test_the_commands_run_on_spark(spark, tmp_path, capsys):
    extract = written(tmp_path, *TEXTS["plain"])
    home, there = tmp_path / "home", tmp_path / "there"
    words = ("harmonize", tmp_path / "mapping.yaml", extract, "--allow-rejects")
    first, second = (
        command(capsys, *words, "--into", into, *more) for into, more in ((home, ()), (there, ("--engine", "spark")))
    )
    table = ["tabulate", "--by", "COUNTRY_BIRTH,SEX", "--into"]
    command(capsys, *table, home / "stock.csv", home / "SMALL.records.parquet")
    counted = command(capsys, *table, there / "stock.csv", there / "SMALL.records.parquet", "--engine", "spark")
    rules = [
        command(capsys, "validate", folder / "SMALL.records.parquet", "--csv", folder / "rules.csv", *more)
        for folder, more in ((home, ()), (there, ("--engine", "spark")))
    ]

    assert first[0] == second[0] == 1  # a key stands twice
    assert first[1].replace("home", "there") == second[1]
    assert 0 == counted[0]
    assert (home / "SMALL.coverage.csv").read_bytes() == (there / "SMALL.coverage.csv").read_bytes()
    assert (home / "stock.csv").read_bytes() == (there / "stock.csv").read_bytes()
    assert rules[0][0] == rules[1][0]
    assert (there / "SMALL.html").read_text("utf-8").count("</html>") == 1


READS = ("collect", "toPandas", "toArrow", "take", "head", "first", "tail", "show", "toLocalIterator", "foreach")


@pytest.fixture
def watched(spark, monkeypatch):
    """What comes to the driver: the root of each optimized plan, and how many rows."""
    from pyspark.sql.classic.dataframe import DataFrame

    met = []

    def root(frame):
        plan = frame._jdf.queryExecution().optimizedPlan()
        while plan.getClass().getSimpleName() in {"Project", "Filter", "Sort"}:
            plan = plan.children().apply(0)
        return plan.getClass().getSimpleName()

    def watching(name):
        original = getattr(DataFrame, name)

        def read(self, *given, **more):
            found = original(self, *given, **more)
            rows = found.num_rows if name == "toArrow" else len(found) if hasattr(found, "__len__") else -1
            met.append((name, root(self), rows))
            return found

        return read

    for name in READS:
        monkeypatch.setattr(DataFrame, name, watching(name))
    return met


def test_no_microdata_come_to_the_driver(watched, small, tmp_path):
    lines = [f"p{number},{1 + number % 2},{number % 90},{(450, 800)[number % 2]},x,1,1.5" for number in range(3000)]
    extract = written(tmp_path, "{kind: csv}", "\n".join([HEAD, *lines, "odd,1,2"]).encode())
    run = ms.harmonize(extract, tmp_path / "mapping.yaml", engine="spark", into=tmp_path / "build")
    counted = len(watched)
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "id: R\nversion: 1.0\nlanguage: en\nrules:\n"
        "  - {id: G, label: A, by: [PERSON_ID], check: count(AGE >= 18) >= 1}\n",
        "utf-8",
    )
    grouped = ms.validate(run, rules=rules)["G"]
    ms.tabulate(run, by="COUNTRY_BIRTH,SEX,AGE")
    ms.validate(tmp_path / "build" / "SMALL.records.parquet", engine="spark")

    assert (3000, 2388) == (grouped.passed + grouped.failed, grouped.passed)
    assert 1 == counted
    assert len(watched) > 3
    assert {"Aggregate"} == {root for _, root, _ in watched}
    assert max(rows for *_, rows in watched) <= 400
    assert 3000 == run.step("records").rows


WRONG = [
    ("nowhere.csv", "", "nowhere.csv\n  there is no such file\n"
     "  Mend: check the path, and that the cluster may see it"),
    ("extract.csv", "id,sex\n1,2\n", "extract.csv  kind\n  the extract has no such column\n  Mend: did you mean id?"),
    ("extract.csv", "", "extract.csv\n  the file is empty\n  Mend: ask the sender for the file again"),
    ("extract.sav", "$FL2@(#) IBM", "extract.sav\n  is read as sav, which Spark cannot read in parts\n"
     "  Mend: make Parquet or CSV of it first, or run it without --engine spark"),
    ("extract.dbf", "\x03|\x08\x18\x01\0\0\0a\0\x02\0" + "\0" * 85, "is read as dbase, which Spark cannot read"),
    ("extract.zip", "PK\x03\x04", "is a zip file or a workbook, which Spark cannot read in parts"),
    ("extract.csv", f'{HEAD}\na,1,34,450,"two\nlines",1,1\n',
     "extract.csv\n  a value runs over several lines, or a quote is not closed: Spark reads each line by itself\n"
     "  Mend: make Parquet of it first, or run it without --engine spark"),
    ("nofs://bucket/extract.csv", "", "is on a file system that this Spark has no driver for"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "expected"), WRONG)
def test_what_is_wrong_is_told_in_our_words(spark, tmp_path, name, text, expected):
    written(tmp_path, "{kind: csv}", text.encode(), name if "nowhere" not in name and "://" not in name else "other")
    with pytest.raises(MigstatError) as error:
        ms.harmonize(name if "://" in name else tmp_path / name, tmp_path / "mapping.yaml", engine="spark")

    assert expected in str(error.value)
    assert "Exception" not in str(error.value)


def test_an_error_of_a_worker_is_told_without_the_rows(spark, tmp_path):
    from pyspark.sql import functions as f

    written(tmp_path, "{kind: csv}", b"")
    frame = spark.createDataFrame([("secret-id", "1", "34", "450", "x", "1", "1")], HEAD.split(","))
    broken = frame.withColumn("sex", f.raise_error(f.concat(f.lit("hush "), f.col("id"))).cast("string"))
    with pytest.raises(MigstatError) as error:
        ms.harmonize(broken, tmp_path / "mapping.yaml")

    assert "the frame\n  Spark stopped: USER_RAISED_EXCEPTION" in str(error.value)
    assert "secret" not in str(error.value)


def test_what_spark_cannot_do_is_refused(spark, tmp_path, monkeypatch):
    extract = written(tmp_path, *TEXTS["plain"])
    with pytest.raises(Misuse, match="a trace is written on one machine"):
        ms.harmonize(extract, tmp_path / "mapping.yaml", engine="spark", trace=tmp_path / "t.parquet")
    with pytest.raises(Misuse, match="engine: dask is not known"):
        ms.harmonize(extract, tmp_path / "mapping.yaml", engine="dask")
    with pytest.raises(Misuse, match="is not a file of harmonized records"):
        ms.tabulate(extract, engine="spark")


def test_without_pyspark_or_java_it_is_said(tmp_path, monkeypatch):
    from migstat.read.spark import session

    monkeypatch.setattr(session, "find_spec", lambda name: None)
    with pytest.raises(Misuse) as error:
        session.session()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(Misuse) as java:
        session._refuse_no_java()
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Misuse) as none:
        session._refuse_no_java()

    assert "spark\n  Spark needs the library pyspark\n  Mend: install it with migstat[spark]" == str(error.value)
    assert "JAVA_HOME has no bin/java" in str(java.value)
    assert "Spark needs Java, and none is found\n  Mend: install Java 17 or 21" in str(none.value)


@pytest.mark.slow
def test_a_command_of_its_own_is_quiet(tmp_path, root):
    extract = written(tmp_path, "{kind: csv}", f"{HEAD}\na1,1,34,450,x,1,1\n".encode())
    words = ["harmonize", str(tmp_path / "mapping.yaml"), str(extract), "--engine", "spark", "--into", "build"]
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "SPARK_LOCAL_IP": "127.0.0.1"}
    command = [sys.executable, "-m", "migstat", *words]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)
    assert "written: build/SMALL.*" in done.stdout
    assert (tmp_path / "build" / "SMALL.records.parquet" / "_SUCCESS").is_file()
    assert [] == list((tmp_path / "build").glob(".*.part"))

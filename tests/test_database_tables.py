"""A table of a database as an extract: DuckDB, and a real PostgreSQL server that is started here and ended again."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import narwhals as nw
import polars as pl
import pytest

import migstat as ms
from migstat.read.database_tables import _connected
from migstat.read.source_extracts import read_source
from migstat.words.finding import MigstatError
from migstat.words.source import Format
from migstat.work.harmonize.text import as_text
from migstat.write.run import run_json

MAPPING = """\
id: KEN_TEST
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
  key: [hh, line]
  weight: w
  format: {kind: table, table: census.persons}
rules:
  SEX: {from: p12, recode: {1: M, 2: F}, not_stated: [9]}
  AGE: {from: p11, not_stated: [98, 99]}
  COUNTRY_BIRTH: {from: p15, recode: {450: KEN, 800: UGA}}
  CITIZENSHIP: {from: p15, recode: {450: KEN, 800: UGA}, match: broader, because: a test}
  RESID_5Y: {not_collected: a test}
  YEAR_ARRIVAL: {not_collected: a test}
  MIG_REASON: {not_collected: a test}
"""
TABLE = """
CREATE SCHEMA census;
CREATE TABLE census.persons (hh varchar, line int, p12 smallint, p11 double precision, p15 numeric(3,0), w numeric(6,2),
                             arrived date, seen timestamp, here boolean, note varchar);
INSERT INTO census.persons VALUES
  ('01', 1, 1, 34, 450, 2.50, '2001-02-03', '2019-08-24 10:30:00', true, 'a'),
  ('01', 2, 2, 98, 800, 2.50, null, null, false, ''),
  ('02', 1, 9, 7, 450, 1.00, '1999-12-31', '2019-08-24 00:00:00', null, 'NA');
"""
TEXT = {
    "hh": ["01", "01", "02"],
    "line": ["1", "2", "1"],
    "p15": ["450", "800", "450"],
    "w": ["2.50", "2.50", "1.00"],
    "arrived": ["2001-02-03", None, "1999-12-31"],
    "seen": ["2019-08-24T10:30:00", None, "2019-08-24T00:00:00"],
    "note": ["a", None, "NA"],
}
SECRET = "hush-not-to-be-told"
pytestmark = [
    pytest.mark.skipif(find_spec("ibis") is None, reason="needs ibis-framework"),
]


class Server:
    """A PostgreSQL of our own, in a folder of its own, on a port of its own."""

    def __init__(self, folder: Path, tools: Path) -> None:
        self.folder, self.tools = folder, tools
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.user = "keeper"
        self.address = f"postgresql://127.0.0.1:{self.port}/register"

    def run(self, tool: str, *words: str, **more) -> None:
        """Run one of its tools, as an unprivileged user: PostgreSQL refuses root."""
        user = {} if os.getuid() else {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
        environment = {**os.environ, "PGPASSWORD": SECRET, "HOME": str(self.folder)}
        done = subprocess.run(
            [str(self.tools / tool), *words], cwd=self.folder, env=environment, capture_output=True, text=True,
            check=False, **user, **more,
        )  # fmt: skip
        assert 0 == done.returncode, done.stderr

    def start(self) -> None:
        if not os.getuid():
            os.chown(self.folder, pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
        word = self.folder / "word"
        word.write_text(SECRET)
        word.chmod(0o644)
        data = str(self.folder / "data")
        self.run("initdb", "-D", data, "-U", self.user, "-A", "scram-sha-256", f"--pwfile={word}", "-E", "UTF8", "-N")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self.run("pg_ctl", "-D", data, "-o", options, "-l", str(self.folder / "log"), "-w", "start")
        self.run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", self.user, "register")
        self.sql(TABLE)

    def sql(self, text: str) -> None:
        place = ("-h", "127.0.0.1", "-p", str(self.port), "-U", self.user, "-d", "register")
        self.run("psql", *place, "-v", "ON_ERROR_STOP=1", "-q", "-c", text)

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")


@pytest.fixture(scope="module")
def postgres():
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = tools[-1].parent if tools else shutil.which("initdb") and Path(shutil.which("initdb")).parent
    if not found:
        pytest.skip("needs the server of PostgreSQL")
    if find_spec("psycopg") is None:
        pytest.skip("needs psycopg")
    folder = Path(tempfile.mkdtemp(prefix="migstat-postgres-"))
    server = Server(folder, Path(found))
    try:
        server.start()
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def duck(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "register.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLE)
        (tmp_path / "other.csv").write_text("a\nb\n")
        connection.execute(f"CREATE VIEW census.leak AS SELECT * FROM read_csv('{tmp_path}/other.csv')")
    return f"duckdb:///{path}"


@pytest.fixture(params=["duckdb", "postgresql"])
def address(request, monkeypatch):
    if request.param == "duckdb":
        return request.getfixturevalue("duck")
    server = request.getfixturevalue("postgres")
    monkeypatch.setenv("PGUSER", server.user)
    monkeypatch.setenv("PGPASSWORD", SECRET)
    return server.address


def rows(extract):
    return pl.concat([part for _, part in extract.parts]).to_dict(as_series=False)


def harmonized(folder, source, **more):
    (folder / "mapping.yaml").write_text(MAPPING)
    return ms.harmonize(source, folder / "mapping.yaml", **more)


def test_a_table_is_read_as_text_by_harmonize(tmp_path, address):
    run = harmonized(tmp_path, address).require()
    into = harmonized(tmp_path, address, into=tmp_path / "build").require()

    assert ["M", "F", "_N"] == run.records["SEX"].cast(pl.String).to_list()
    assert [34, None, 7] == run.records["AGE"].to_list()
    assert ["KEN", "UGA", "KEN"] == into.records.collect()["COUNTRY_BIRTH"].cast(pl.String).to_list()
    assert [] == [str(one) for one in run.findings]
    assert run.provenance["inputs"] == into.provenance["inputs"]
    name = run.provenance["inputs"][0]["name"]
    assert name.endswith("/census.persons")
    assert 64 == len(run.provenance["inputs"][0]["sha256"])


def test_values_are_what_the_database_shows(address):

    extract = read_source(address, Format(kind="table", table="census.persons"), ["hh"])
    parts = [as_text(nw.from_native(part, eager_only=True), part.columns).to_native() for _, part in extract.parts]
    found = pl.concat(parts).to_dict(as_series=False)

    assert TEXT == {key: found[key] for key in TEXT}
    assert ["34", "98", "7"] == found["p11"]


def test_identifiers_never_leave_the_database(address):
    extract = read_source(address, Format(kind="table", table="census.persons"), ["hh"], ["note", "seen"])

    assert {"note", "seen"}.isdisjoint(rows(extract))


def test_the_table_may_stand_in_the_address(tmp_path, address):
    extract = read_source(f"{address}?table=census.persons", Format(kind="csv"), ["hh"])

    assert ["01", "01", "02"] == rows(extract)["hh"]
    assert ["read as a table of a database"] == [one.what for one in extract.findings]


def test_validate_takes_an_address(tmp_path, address):
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    found = ms.validate(address, mapping=tmp_path / "mapping.yaml")

    assert found is not None


def test_validate_without_a_mapping_tells_no_secret():
    with pytest.raises(MigstatError) as error:
        ms.validate("postgresql://eva:hush@server/register?table=a")

    assert (
        "postgresql://server/register\n  a table of a database is validated through its mapping\n"
        "  Mend: write mapping= (--mapping), or hand in a frame"
    ) == str(error.value)


WRONG = [
    ("{}", {"table": "census.person"}, "has no table 'census.person', or it may not be read\n"
     "  Mend: did you mean persons?"),
    ("{}", {"table": "census.zzz"}, "has no table 'census.zzz', or it may not be read\n"),
    ("{}", {}, "no table is named\n  Mend: write table: under source.format, or ?table=NAME at the end of the address"),
    ("{}?table=b", {"table": "a"}, "the address names the table b, and the mapping a\n"
     "  Mend: leave one of the two out"),
    ("{}?tabel=b", {"table": "a"}, "the address has tabel, which is not known\n"
     "  Mend: write ?table=NAME; what else a session needs is set in the environment"),
]  # fmt: skip


@pytest.mark.parametrize(("where", "format", "expected"), WRONG)
def test_a_wrong_table_is_told(address, where, format, expected):
    with pytest.raises(MigstatError) as error:
        read_source(where.format(address), Format(kind="table", **format), ["hh"])

    assert expected in str(error.value)
    assert SECRET not in str(error.value)


def test_a_column_that_is_not_there_is_told(address):
    with pytest.raises(MigstatError) as error:
        read_source(address, Format(kind="table", table="census.persons"), ["HH", "p12"])

    assert "HH\n  the extract has no such column\n  Mend: did you mean hh?" in str(error.value)


ADDRESSES = [
    ("mysql://server/register", "mysql://server/register\n  mysql is no database that can be read by its address\n"
     "  Mend: write duckdb:///file.duckdb or postgresql://server/database; of another, hand in an Ibis table"),
    ("duckdb:///nowhere/register.duckdb", "duckdb:///register.duckdb\n  there is no such file\n"
     "  Mend: write duckdb:///folder/file.duckdb, or duckdb:////from/the/root.duckdb"),
    ("postgresql://eva:hush@[::1", "postgresql://...\n  the address cannot be read\n"
     "  Mend: write postgresql://server:5432/database"),
    ("postgresql://eva:hush@127.0.0.1:1/register", "postgresql://127.0.0.1:1/register\n  the server cannot be reached\n"
     "  Mend: check the address, the network, and that the server runs"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "expected"), ADDRESSES)
def test_a_wrong_address_is_told_without_its_secrets(address, expected):
    with pytest.raises(MigstatError) as error:
        read_source(address, Format(kind="table", table="a"), ["hh"])

    assert expected == str(error.value)


def test_a_file_that_is_no_database_is_told(tmp_path):
    pytest.importorskip("duckdb")
    (tmp_path / "a.duckdb").write_bytes(b"hh,line\n" * 4000)
    with pytest.raises(MigstatError) as error:
        read_source(f"duckdb:///{tmp_path}/a.duckdb", Format(kind="table", table="a"), ["hh"])

    assert "duckdb:///a.duckdb\n  is no database of DuckDB, or one that is damaged or of another version\n" in str(
        error.value
    )


def test_a_view_of_a_duckdb_file_reads_no_other_file(duck):
    with pytest.raises(MigstatError) as error:
        rows(read_source(duck, Format(kind="table", table="census.leak"), []))

    assert "may not be read" in str(error.value)


def test_a_wrong_password_is_told_and_not_shown(postgres, monkeypatch):
    monkeypatch.setenv("PGUSER", postgres.user)
    monkeypatch.setenv("PGPASSWORD", "wrong-and-hush")
    with pytest.raises(MigstatError) as error:
        read_source(postgres.address, Format(kind="table", table="census.persons"), ["hh"])

    assert "the database refuses the user or the password" in str(error.value)
    assert "hush" not in str(error.value)


def test_user_and_password_are_told_nowhere(postgres, tmp_path):
    address = postgres.address.replace("//", f"//{postgres.user}:{SECRET}@")
    run = harmonized(tmp_path, address, into=tmp_path / "build")
    everything = run_json(run) + "".join(str(one) for one in run.findings) + str(run.provenance)
    written = b"".join(path.read_bytes() for path in (tmp_path / "build").iterdir())

    assert ["the password stands in the address, where others on this machine may see it"] == [
        one.what for one in run.findings
    ]
    assert SECRET not in everything
    assert SECRET.encode() not in written
    assert postgres.user not in everything


def test_the_command_takes_an_address(postgres, tmp_path, root):
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    environment = {**os.environ, "PGUSER": postgres.user, "PGPASSWORD": SECRET, "PYTHONPATH": str(root / "src")}
    words = ["harmonize", str(tmp_path / "mapping.yaml"), postgres.address, "--into", str(tmp_path / "build")]
    done = subprocess.run(
        [sys.executable, "-m", "migstat", *words], env=environment, capture_output=True, text=True, check=False
    )

    assert 0 == done.returncode, done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert 3 == pl.read_parquet(tmp_path / "build" / "KEN_TEST.records.parquet").height


def test_nothing_can_be_written(postgres, monkeypatch):
    import psycopg

    monkeypatch.setenv("PGUSER", postgres.user)
    monkeypatch.setenv("PGPASSWORD", SECRET)
    backend = _connected(urlsplit(postgres.address), "the database")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        backend.raw_sql("CREATE TABLE census.other AS SELECT 1")
    backend.disconnect()


def test_types_of_postgres_without_a_like_come_as_text(postgres, monkeypatch):
    monkeypatch.setenv("PGUSER", postgres.user)
    monkeypatch.setenv("PGPASSWORD", SECRET)
    postgres.sql(
        "DROP TABLE IF EXISTS odd; DROP TYPE IF EXISTS sex; CREATE TYPE sex AS ENUM ('M', 'F');"
        "CREATE TABLE odd (s sex, u uuid, j jsonb, i inet, a int[], t time, c char(4));"
        "INSERT INTO odd VALUES ('F', '00000000-0000-0000-0000-000000000001', '{\"a\": 1}', '10.0.0.1', '{1,2}',"
        " '10:30', 'ab');"
    )
    found = rows(read_source(postgres.address, Format(kind="table", table="odd"), ["s"]))

    assert "F" == found["s"][0]
    assert "00000000-0000-0000-0000-000000000001" == str(found["u"][0])
    assert "{1,2}" == found["a"][0]
    assert "ab" == found["c"][0].strip()


@pytest.fixture
def stays(address):
    """The table as Ibis gives it, and a function that returns what was asked of the database since the last time."""
    backend = _connected(urlsplit(address), "the database")
    yield backend.table("persons", database="census")
    backend.disconnect()


def test_an_ibis_table_with_a_folder_is_read_in_parts(stays, tmp_path):
    into = harmonized(tmp_path, stays, into=tmp_path / "build").require()

    assert ["M", "F", "_N"] == into.records.collect()["SEX"].cast(pl.String).to_list()
    assert "the table census.persons" == into.provenance["inputs"][0]["name"]


@pytest.mark.slow
def test_an_ibis_table_stays_in_its_database_and_only_counts_leave(stays, address, tmp_path, monkeypatch):
    import sqlglot

    expected = harmonized(tmp_path, address).require()
    rules = tmp_path / "rules.yaml"
    rules.write_text("id: R\nversion: 1.0\nlanguage: en\nrules:\n  - {id: A, label: A, check: AGE >= 15}\n", "utf-8")
    asked = []
    backend = stays.get_backend()
    compile_ = backend.compile

    def compiled(expression, *given, **more):
        asked.append(compile_(expression, *given, **more))
        return asked[-1]

    monkeypatch.setattr(backend, "compile", compiled)
    run = harmonized(tmp_path, stays).require()
    judged, at_home = (ms.validate(one, rules=rules) for one in (run, expected))
    table, counted = (ms.tabulate(one, by="COUNTRY_BIRTH,SEX,AGE") for one in (run, expected))
    good, bad = judged.split()
    monkeypatch.undo()

    assert len(asked) > 5
    assert [] == [text for text in asked if not adds_up(sqlglot.parse_one(text, read=backend.dialect))]
    assert not adds_up(sqlglot.parse_one(backend.compile(run.records), read=backend.dialect))
    assert type(run.records) is type(run.rejects) is type(good) is type(bad)
    assert (expected.steps, expected.coverage) == (run.steps, run.coverage)
    assert [str(one) for one in expected.findings] == [str(one) for one in run.findings]
    records = nw.from_native(run.records).collect("polars").to_native()
    whole = expected.records.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String)).drop("ROW")
    assert whole.sort(whole.columns).equals(records.select(whole.columns).sort(whole.columns))
    assert "the table census.persons" == run.provenance["inputs"][0]["name"]
    left = {one.rule.id: (one.passed, one.failed, one.undecided) for one in judged.results if "engine" not in one.note}
    right = {one.rule.id: (one.passed, one.failed, one.undecided) for one in at_home.results}
    assert left.items() <= right.items()
    assert (1, 1, 1) == left["A"]
    assert counted.frame.equals(table.frame)


def adds_up(query):
    """Whether the rows of a query are groups, or one row of sums: looked for below what only renames or sorts them."""
    from sqlglot import exp

    while isinstance(query, exp.Select):
        if query.args.get("group") or all(one.find(exp.AggFunc) for one in query.expressions):
            return True
        source = query.args.get("from_") or query.args.get("from")
        inner = source.this
        if isinstance(inner, exp.Table):
            named = {one.alias: one.this for one in (query.find_ancestor(exp.With) or query).find_all(exp.CTE)}
            inner = named.get(inner.name, inner)
        query = inner.this if isinstance(inner, exp.Subquery) else inner
    return False


def test_records_of_an_ibis_table_can_be_kept_in_the_database(tmp_path):
    duckdb, ibis = pytest.importorskip("duckdb"), pytest.importorskip("ibis")
    from migstat.read.database_tables import _Bridge

    with duckdb.connect() as connection:
        connection.execute(TABLE)
        backend = ibis.duckdb.from_connection(_Bridge(connection))
        run = harmonized(tmp_path, backend.table("persons", database="census")).require()
        connection.execute(f"CREATE TABLE kept AS {ibis.to_sql(run.records, dialect='duckdb')}")
        kept = connection.execute("SELECT count(*) FROM kept").fetchall()

    assert [(3,)] == kept


def test_what_a_database_cannot_do_is_refused(stays, tmp_path):
    with pytest.raises(MigstatError) as error:
        harmonized(tmp_path, stays, trace=tmp_path / "trace.parquet")

    assert "a trace cannot be run inside Ibis\n  Mend: name a folder, into=: the rows are then read in parts" in str(
        error.value
    )

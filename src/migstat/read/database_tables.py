"""The one door for databases: a table of DuckDB or PostgreSQL, through Ibis, part by part; nothing is written there."""

import hashlib
import os
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import polars as pl

from migstat.read.heads import check_columns, left_behind, nested_note
from migstat.read.packed import PART_ROWS, fault
from migstat.words.address import told
from migstat.words.finding import Finding, MigstatError, Place, Severity, misuse
from migstat.words.source import Format

if TYPE_CHECKING:  # the readers of files are not needed for a frame
    from migstat.read.extracts import Extract

SCHEMES = ("duckdb", "postgresql", "postgres")
SHUT: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}
"""A DuckDB file may hold views: none of them may read another file, or fetch anything."""
READ_ONLY = "-c default_transaction_read_only=on -c synchronize_seqscans=off"
"""Options of a session with PostgreSQL: nothing can be written, and rows come in the order in which they are stored."""
MOST_NAMED = 12
AS_THEY_ARE = ("string", "integer", "floating", "decimal", "date", "timestamp", "boolean")


def read_table(address: str, format: Format, needed: Sequence[str], identifiers: Sequence[str]) -> "Extract":
    """Open a table by the address of its database: ``duckdb:///file.duckdb`` or ``postgresql://server/database``.

    The table is the one that the format names, or ``?table=`` at the end of the address. User and password come from
    the environment (PGUSER, PGPASSWORD, or a password file), and are told nowhere.
    """
    parts, named = _address(address, format)
    name = f"{told(address)}/{named}"
    findings: list[Finding] = []
    if parts.password:
        what = "the password stands in the address, where others on this machine may see it"
        mend = "leave it out, and set PGPASSWORD, or write a password file"
        findings.append(Finding(Place(name), "", what, mend, Severity.WARNING, rule="assumed"))
    if format.kind != "table":
        what, mend = "read as a table of a database", "write kind: table under source.format"
        findings.append(Finding(Place(name), "", what, mend, Severity.WARNING, rule="assumed"))
    session = _Session(_connected(parts, told(address)))
    table = _table(session.backend, named, told(address))
    extract = read_ibis(table, needed, identifiers, name)
    extract.findings[:0] = findings
    extract.parts = _to_the_end(session, extract.parts)
    return extract


def table_at(address: str, table: str) -> Any:
    """Return a table of a database as one of Ibis, by its address; the session can only read."""
    parts, named = _address(address, Format(kind="table", table=table))
    return _table(_connected(parts, told(address)), named, told(address))


class _Session:
    """A connection that is closed when its rows are read, or when nobody asks for them any more."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend
        self.close = weakref.finalize(self, _closed, backend)


def _closed(backend: Any) -> None:
    with suppress(Exception):  # It is gone already.
        backend.disconnect()


def _to_the_end(
    session: _Session, parts: Iterator[tuple[pl.Series, pl.DataFrame]]
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    try:
        yield from parts
    finally:
        session.close()


def is_ibis(source: object) -> bool:
    """Tell whether an object is a table of Ibis; Ibis is not loaded to say so."""
    return type(source).__module__.split(".")[0] == "ibis" and hasattr(source, "to_pyarrow_batches")


def read_ibis(table: Any, needed: Sequence[str], identifiers: Sequence[str], name: str = "") -> "Extract":
    """Open a table of Ibis: its rows come in parts, in the order in which the database gives them."""
    from migstat.read.extracts import Extract

    name = name or name_of(table)
    schema = table.schema()
    check_columns(list(schema.names), needed, name, 0)
    taken = [column for column in schema.names if column not in identifiers]
    nested = [one for one in taken if schema[one].is_nested()]
    findings = [*left_behind(list(schema.names), needed, identifiers, name), *nested_note(nested, name)]
    asked = table.select([_plain(table[one], schema[one]) for one in taken]) if taken else table
    digest = hashlib.sha256()

    def parts() -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        before = 0
        try:
            for batch in asked.to_pyarrow_batches(chunk_size=extract.limits.rows):
                part = _as_iso(pl.DataFrame(pl.from_arrow(batch)))
                if not part.height:
                    continue
                digest.update(part.write_csv(include_header=False).encode())
                yield pl.int_range(before + 1, before + 1 + part.height, eager=True), part
                before += part.height
        except MigstatError:
            raise
        except Exception as error:
            if not _of_database(error):
                raise
            raise _interrupted(name, error) from None

    extract = Extract(name, tuple(taken), iter(()), findings=findings, sha256=digest.hexdigest, raw=True)
    extract.parts = parts()
    return extract


def in_place(table: Any, identifiers: Sequence[str]) -> Any:
    """Return a table of Ibis whose values are as ``read_ibis`` gives them, without the identifiers; nothing is read."""
    schema = table.schema()
    taken = [column for column in schema.names if column not in identifiers]
    return table.select([_in_place(table[one], schema[one]) for one in taken]) if taken else table


def _in_place(column: Any, type: Any) -> Any:
    if type.is_timestamp():
        return column.cast("string").replace(" ", "T").name(column.get_name())
    return _plain(column, type)


@contextmanager
def in_database(table: Any) -> Iterator[None]:
    """Turn the errors of a database that works on its own rows into ours; what it quotes is not repeated."""
    try:
        yield
    except MigstatError:
        raise
    except NotImplementedError as error:
        what = f"this database cannot do what is asked for: {error}"
        mend = "name a folder, into=: the rows are then read in parts, and worked on here"
        raise misuse(what, mend, place=name_of(table)) from None
    except Exception as error:
        cause = error.__cause__
        if not (_of_database(error) or (isinstance(cause, Exception) and _of_database(cause))):
            raise
        raise _interrupted(name_of(table), error) from None


def name_of(table: Any) -> str:
    """Return what a table of Ibis is called where it is shown."""
    try:
        return f"the table {table.get_name()}"
    except Exception:  # A question asked of tables has no name.
        return "the table"


def _plain(column: Any, type: Any) -> Any:
    """Ask the database for text where its type is none that a column of a table of ours can have."""
    plain = any(getattr(type, f"is_{kind}")() for kind in AS_THEY_ARE)
    return column if plain else column.cast("string").name(column.get_name())


def _as_iso(part: pl.DataFrame) -> pl.DataFrame:
    moments = [name for name, type in part.schema.items() if isinstance(type, pl.Datetime)]
    return part.with_columns(pl.col(moments).dt.strftime("%Y-%m-%dT%H:%M:%S%.f")) if moments else part


def _address(address: str, format: Format) -> tuple[SplitResult, str]:
    """Return the parts of an address and the table that is meant."""
    place = told(address)
    scheme = address.partition("://")[0].lower()
    if scheme not in SCHEMES:
        mend = "write duckdb:///file.duckdb or postgresql://server/database; of another, hand in an Ibis table"
        raise misuse(f"{scheme} is no database that can be read by its address", mend, place=place)
    try:
        parts = urlsplit(address)
        _ = parts.port, parts.password
    except ValueError:
        raise misuse("the address cannot be read", "write postgresql://server:5432/database", place=place) from None
    given = dict(parse_qsl(parts.query))
    if strange := sorted(set(given) - {"table"}):
        mend = "write ?table=NAME; what else a session needs is set in the environment"
        raise misuse(f"the address has {', '.join(strange)}, which is not known", mend, place=place)
    asked = given.get("table", "")
    if asked and format.table and asked != format.table:
        what = f"the address names the table {asked}, and the mapping {format.table}"
        raise misuse(what, "leave one of the two out", place=place)
    if not (asked or format.table):
        mend = "write table: under source.format, or ?table=NAME at the end of the address"
        raise misuse("no table is named", mend, place=place)
    return parts, asked or format.table


def _ibis(place: str) -> Any:
    try:
        import ibis
    except ImportError:
        what = "tables of databases need the library ibis-framework"
        raise misuse(what, "install it with migstat[database]", place=place) from None
    return ibis


def _connected(parts: SplitResult, place: str) -> Any:
    ibis = _ibis(place)
    try:
        return _duckdb(ibis, parts, place) if parts.scheme.lower() == "duckdb" else _postgres(ibis, parts)
    except ImportError:
        driver = "duckdb" if parts.scheme.lower() == "duckdb" else "psycopg"
        mend = "install it with migstat[database]"
        raise misuse(f"this database needs the library {driver}", mend, place=place) from None
    except MigstatError:
        raise
    except Exception as error:
        if not _of_database(error):
            raise
        raise _refused(place, error) from None


def _duckdb(ibis: Any, parts: SplitResult, place: str) -> Any:
    path = Path(unquote(parts.netloc + (parts.path if parts.netloc else parts.path[1:])))
    if not path.is_file():
        mend = "write duckdb:///folder/file.duckdb, or duckdb:////from/the/root.duckdb"
        raise misuse("there is no such file", mend, place=place)
    import duckdb

    return ibis.duckdb.from_connection(_Bridge(duckdb.connect(os.fspath(path), read_only=True, config=SHUT)))


class _Bridge:
    """A connection of DuckDB as Ibis 12 calls it: DuckDB 2 gives Arrow by other names, from a relation."""

    def __init__(self, connection: Any, relation: Any = None) -> None:
        self._connection, self._relation = connection, relation

    def execute(self, query: Any, parameters: Any = None) -> "_Bridge":
        """Ask a query; it runs when its rows are asked for."""
        given: Mapping[str, Any] = {} if parameters is None else {"params": parameters}
        return _Bridge(self._connection, self._connection.sql(str(query), **given))

    sql = execute

    def fetch_arrow_table(self) -> Any:
        """Return all rows."""
        relation = self._relation
        return relation.to_arrow_table() if hasattr(relation, "to_arrow_table") else relation.arrow()

    def fetch_record_batch(self, rows_per_batch: int = PART_ROWS) -> Any:
        """Return the rows in parts."""
        relation = self._relation
        reader = relation.to_arrow_reader if hasattr(relation, "to_arrow_reader") else relation.fetch_arrow_reader
        return reader(rows_per_batch)

    def __enter__(self) -> "_Bridge":
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        target = self._relation if self._relation is not None and hasattr(self._relation, name) else self._connection
        return getattr(target, name)


def _postgres(ibis: Any, parts: SplitResult) -> Any:
    # What the address does not say is left to the environment and the password file, as in every client of PostgreSQL.
    return ibis.postgres.connect(
        host=parts.hostname,
        port=parts.port or int(os.environ.get("PGPORT") or 5432),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        database=unquote(parts.path.lstrip("/")) or None,
        options=f"{os.environ.get('PGOPTIONS', '')} {READ_ONLY}".strip(),
        connect_timeout=15,
    )


def _table(backend: Any, named: str, place: str) -> Any:
    schema, _, table = named.rpartition(".")
    given = {"database": schema} if schema else {}
    try:
        there = backend.list_tables(**given)
    except Exception as error:
        if not _of_database(error):
            raise
        there = []
    if table not in there:
        near = get_close_matches(table, there, 3)
        listed = ", ".join(sorted(there)[:MOST_NAMED]) + (" ..." if len(there) > MOST_NAMED else "")
        mend = f"did you mean {' or '.join(near)}?" if near else f"name one of {listed or 'none'}, as schema.table"
        raise fault(place, f"has no table '{named}', or it may not be read", mend)
    try:
        return backend.table(table, **given)
    except Exception as error:
        if not _of_database(error):
            raise
        raise _interrupted(f"{place}/{named}", error) from None


def _of_database(error: Exception) -> bool:
    return type(error).__module__.split(".")[0] in {"duckdb", "_duckdb", "psycopg", "psycopg_c", "ibis", "pyarrow"}


def _refused(place: str, error: Exception) -> MigstatError:
    """Tell why there is no connection; what the server says is not repeated, since it may hold names and secrets."""
    said = str(error).lower()
    if "password" in said or "authentication" in said or "pg_hba" in said or "role" in said:
        what, mend = "the database refuses the user or the password", "set PGUSER and PGPASSWORD, or a password file"
    elif "does not exist" in said:
        what, mend = "there is no such database on the server", "mend the address: postgresql://server/database"
    elif "permission denied" in said:
        what, mend = "may not be read", "ask for the right to read it"
    elif "lock" in said:
        what, mend = "the database is being written by another program", "end that program, or read a copy"
    elif type(error).__module__.split(".")[0] in {"duckdb", "_duckdb"}:
        what, mend = "is no database of DuckDB, or one that is damaged or of another version", "check the file"
    else:
        what, mend = "the server cannot be reached", "check the address, the network, and that the server runs"
    return MigstatError([Finding(Place(place), "", what, mend)])


def _interrupted(name: str, error: Exception) -> MigstatError:
    kind = type(error).__name__
    said = str(error).lower()
    if "permission" in said or kind in {"InsufficientPrivilege", "PermissionException"}:
        return fault(name, "may not be read", "ask for the right to read it; a view may not read other files")
    return fault(name, f"the database stopped while the table was read: {kind}", "run again, or ask who keeps it")

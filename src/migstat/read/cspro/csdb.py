"""The one door for SQLite: data files of CSPro (.csdb), opened read only; nothing in them can run."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migstat.read.cspro.dictionary import Dictionary, Item, Record, codebook_of
from migstat.read.cspro.parsed import parse_dictionary
from migstat.read.packed import fault
from migstat.words.codebook import Codebook
from migstat.words.finding import Finding, Place, Severity
from migstat.words.how_many import how_many

TABLES = {"meta", "cases"}
"""What every such file has beside the tables of its records."""
OUTSIDE = 1e50
"""Numbers past this stand for special values of CSPro that are no codes."""
LONGEST = 1_000_000
"""Bytes of a value; of the dictionary inside, MOST."""
MOST = 50_000_000
PART = 20_000
PART_SIZE = 64 << 20
"""Records, and signs of them, that are held at a time."""
AGAIN = "ask the sender for the file again, or open it in CSPro and save it anew"
ALIVE = "(cases.deleted = 0 OR cases.deleted IS NULL)"
ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_TRANSACTION}
PLAIN_FUNCTIONS = {"count"}


@dataclass(slots=True)
class Csdb:
    """A data file of CSPro: its tables with the number of their rows, and the dictionary that it was made by."""

    path: Path
    dictionary: Dictionary
    tables: dict[str, int]
    version: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def codebook(self) -> Codebook:
        """What the dictionary says."""
        return codebook_of(self.dictionary)

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Return the rows of a table as they are stored, texts without the blanks at their ends."""
        if table not in self.tables:
            raise fault(self.path.name, f"has no table '{table}'", f"name one of {', '.join(self.tables)}")
        with _told(self.path), closing(_connected(self.path)) as connection:
            cursor = connection.execute(f"SELECT * FROM {_quoted(table)}")  # noqa: S608 - the table is one of the file
            names = [one[0] for one in cursor.description]
            for row in cursor:
                yield {
                    name: value.rstrip(" ") if isinstance(value, str) else value
                    for name, value in zip(names, row, strict=True)
                }

    def records(
        self, record: Record, above: Sequence[Record], columns: Sequence[tuple[str, str, Item]]
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Go through the records of a type, in the order of the cases, with those that they belong to beside them.

        ``columns`` name the table, the column in it and the item. Cases that were deleted are left out.
        """
        self._check_columns(columns)
        query = self._query(record, above, columns)
        alive = self._count_in_cases(record, ALIVE)
        seen = 0
        with _told(self.path), closing(_connected(self.path, LONGEST)) as connection:
            for rows in _parts(connection.execute(query)):
                seen += len(rows)
                if seen > alive:
                    break
                yield rows
        if seen != alive:
            whose = f"{'belongs' if alive == 1 else 'belong'} to {'more' if seen > alive else 'fewer'} rows"
            what = f"has {how_many(alive, 'record')} of {record.name}, which {whose}"
            raise fault(self.path.name, f"{what}: a case, or a record above them, stands twice or lacks", AGAIN)

    def astray(self, record: Record) -> int:
        """Return how many records of a type belong to no case; they make no row."""
        return self.tables[record.name.lower()] - self._count_in_cases(record, "TRUE")

    def _count_in_cases(self, record: Record, which: str) -> int:
        """Count the records of a type that belong to the cases which a condition holds for."""
        inner = f"SELECT id FROM cases WHERE {which}"  # noqa: S608
        key = '"case-id"'
        for at in range(1, self.dictionary.level_of(record.name) + 2):
            id = _quoted(f"level-{at}-id")
            inner, key = f'SELECT {id} FROM "level-{at}" WHERE {key} IN ({inner})', id  # noqa: S608
        query = f"SELECT count(*) FROM {_quoted(record.name.lower())} WHERE {key} IN ({inner})"  # noqa: S608
        with _told(self.path), closing(_connected(self.path)) as connection:
            return int(connection.execute(query).fetchone()[0])

    def _check_columns(self, columns: Sequence[tuple[str, str, Item]]) -> None:
        """Refuse what is not stored: a column that is calculated may grow without end."""
        with _told(self.path):
            stored = {table: set(_columns(self.path, table)) for table in {table for table, _, _ in columns}}
        lacking = sorted({f"{table}.{column}" for table, column, _ in columns if not _stored(column, stored[table])})
        if lacking:
            what = f"does not hold {', '.join(lacking[:5])}, which its dictionary names"
            raise fault(self.path.name, what, AGAIN)

    def _query(self, record: Record, above: Sequence[Record], columns: Sequence[tuple[str, str, Item]]) -> str:
        level = self.dictionary.level_of(record.name) + 1
        named = ", ".join(f"{_quoted(table)}.{_quoted(column)}" for table, column, _ in columns)
        table = record.name.lower()
        joins = []
        own = _quoted(f"level-{level}-id")
        joins.append(f'JOIN "level-{level}" ON {_quoted(table)}.{own} = "level-{level}".{own}')
        for at in range(level - 1, 0, -1):
            id = _quoted(f"level-{at}-id")
            joins.append(f'JOIN "level-{at}" ON "level-{at + 1}".{id} = "level-{at}".{id}')
        for other in above:
            at = self.dictionary.level_of(other.name) + 1
            id = _quoted(f"level-{at}-id")
            joins.append(
                f'LEFT JOIN {_quoted(other.name.lower())} ON {_quoted(other.name.lower())}.{id} = "level-{at}".{id}'
            )
        joins.append('JOIN cases ON "level-1"."case-id" = cases.id')
        order = ["cases.file_order", *(f'"level-{at}".occ' for at in range(2, level + 1))]
        if "occ" in _columns(self.path, table):
            order.append(f"{_quoted(table)}.occ")
        return (
            f"SELECT {named} FROM {_quoted(table)} {' '.join(joins)} WHERE {ALIVE} "  # noqa: S608
            f"ORDER BY {', '.join(order)}"
        )


def is_csdb(path: Path) -> bool:
    """Tell whether a SQLite file has the tables of a CSPro data file."""
    try:
        with closing(_connected(path)) as connection:
            return set(_tables(connection)) >= TABLES
    except (sqlite3.Error, ValueError, OverflowError):
        return path.suffix.lower() == ".csdb"  # Whoever opens it says in what way it is damaged.


def open_csdb(path: Path) -> Csdb:
    """Open a data file of CSPro. Raises MigstatError where it is damaged, locked, or in the midst of being written."""
    beside = path.with_name(path.name + "-wal")
    if beside.exists() and beside.stat().st_size:
        what = f"has changes in {beside.name} that are not yet in the file"
        raise fault(path.name, what, "open the file in CSPro and close it, then read it")
    if _pages_lacking(path):
        raise fault(path.name, "the data file of CSPro ends too early: it was cut off", AGAIN)
    with _told(path), closing(_connected(path)) as connection:
        tables = {name: _count(connection, name) for name in _tables(connection)}
        if not set(tables) >= TABLES:
            raise fault(path.name, "is a SQLite database, and no data file of CSPro", "read it as a table: kind: table")
        found = connection.execute("SELECT dictionary, cspro_version FROM meta").fetchone()
        gone, partial = connection.execute(
            "SELECT count(CASE WHEN deleted != 0 THEN 1 END), "
            "count(CASE WHEN deleted = 0 AND partial_save_mode IS NOT NULL THEN 1 END) FROM cases"
        ).fetchone()
    if found is None or not isinstance(found[0], str):
        raise fault(path.name, "has no dictionary inside", AGAIN)
    read = parse_dictionary(found[0], path.name)
    lacking = [one.name for one in read.records() if one.name.lower() not in tables]
    lacking += [f"level-{at}" for at in range(1, len(read.levels) + 1) if f"level-{at}" not in tables]
    if lacking:
        raise fault(path.name, f"has no tables for {', '.join(lacking)}, which its dictionary names", AGAIN)
    opened = Csdb(path, read, tables, str(found[1]), list(read.findings))
    place = Place(path.name)
    if gone:
        what = "cases that were deleted in CSPro are not read"
        opened.findings.append(Finding(place, "", what, "", Severity.NOTE, rule="records", rows=gone))
    if partial:
        what = "cases that were saved before they were complete are read as they are"
        mend = "complete them in CSPro, or exclude them under keep"
        opened.findings.append(Finding(place, "", what, mend, Severity.WARNING, rule="records", rows=partial))
    return opened


def _pages_lacking(path: Path) -> bool:
    """Tell whether a file is shorter than its head says: SQLite reads what lacks as nothing, and says nothing."""
    with path.open("rb") as file:
        head = file.read(100)
    size = int.from_bytes(head[16:18], "big")
    whole = (65_536 if size == 1 else size) * int.from_bytes(head[28:32], "big")
    return len(head) < 100 or path.stat().st_size < whole


def _parts(cursor: sqlite3.Cursor) -> Iterator[list[tuple[Any, ...]]]:
    rows: list[tuple[Any, ...]] = []
    size = 0
    for row in cursor:
        rows.append(row)
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(rows) == PART or size > PART_SIZE:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _stored(column: str, stored: set[str]) -> bool:
    """Tell whether a table has a column; SQLite takes small letters for capital ones."""
    return column in stored or column.lower() in {one.lower() for one in stored}


def _connected(path: Path, longest: int = MOST) -> sqlite3.Connection:
    """Open the file so that nothing can be written, no code in it runs, and nothing else is opened."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, cached_statements=0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.set_authorizer(_allow)
    return connection


def _allow(action: int, first: str | None, second: str | None, database: str | None, inner: str | None) -> int:
    if inner is not None:  # A view or trigger of the file asks, not we.
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_OK if (second or "").lower() in PLAIN_FUNCTIONS else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if first == "table_info" else sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in ALLOWED else sqlite3.SQLITE_DENY


def _tables(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    texts = [(name, sql) for name, sql in found if isinstance(name, str) and isinstance(sql, str)]
    plain = [name for name, sql in texts if not sql.upper().startswith("CREATE VIRTUAL")]
    return [name for name in plain if not name.startswith("sqlite_")]


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()[0])  # noqa: S608


def _columns(path: Path, table: str) -> list[str]:
    with closing(_connected(path)) as connection:
        return [row[1] for row in connection.execute(f"PRAGMA table_info({_quoted(table)})")]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class _told:
    """Turns what SQLite says of a damaged file into errors that say so."""

    def __init__(self, path: Path) -> None:
        self._name = path.name

    def __enter__(self) -> None:
        return None

    def __exit__(self, type: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, sqlite3.Error | OverflowError | UnicodeError):
            what = f"the data file of CSPro is damaged, or locked with a password ({str(error).splitlines()[0][:120]})"
            raise fault(self._name, what, AGAIN) from error

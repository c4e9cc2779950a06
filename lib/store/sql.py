"""The SQL adapter: a SQLite file (the embedded default) or PostgreSQL (several replicas), through SQLAlchemy Core.

The sequence in `meta` is the compare-and-swap: `UPDATE meta SET seq = seq + 1 WHERE seq = :expected` goes first in the
transaction that puts rows and History, so that of two writers based on one snapshot exactly one wins.
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from lib.domain.records.extras import is_extra
from lib.domain.records.fields import Column
from lib.errors import NoWorkspace, OutcomeUnknown, StaleSequence, StoreBusy, StoreUnavailable, TableMissing
from lib.store.listening import Listener, tell
from lib.store.port import Load, Pull, Row, Write
from lib.store.schema import HISTORY, HOT_TABS, SCHEMA, Schema, Tab
from lib.store.schema_number import OURS, UNNUMBERED, SchemaNumber, require_known

TIMEOUT = 10.0  # seconds to wait for a connection, a lock, or an answer
_PAUSE = 0.01  # seconds between two tries at a lock that SQLite does not wait for itself
_META = "meta"
_ONLY_IF_THERE = {"mode": "rw", "uri": "true"}
_REV, _GONE = "_rev", "_gone"
_EXTRAS = "_extras"  # the extra columns of a row that are filled in, as one JSON object
_WRITES = "casesheet_writes"  # marks a transaction that takes the write lock at its start
_SET_UP = 0x0CA5E  # the advisory lock that PostgreSQL keeps while one process sets up the tables
_CELL_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "flag": sa.Boolean,
    "number": sa.Float,
    "money": sa.Float,
}


def _cell_type(tab: Tab, column: Column) -> sa.types.TypeEngine[Any]:
    """Whole numbers get an integer column, so that they come back as they went in."""
    whole = column.kind == "number" and "int" in str(tab.model.model_fields[column.key].annotation)
    return sa.BigInteger() if whole else _CELL_TYPES.get(column.kind, sa.Text)()


def _tables(schema: Schema) -> tuple[sa.MetaData, dict[str, sa.Table]]:
    metadata = sa.MetaData()
    sa.Table(
        _META,
        metadata,
        sa.Column("one", sa.Integer, primary_key=True),
        sa.Column("seq", sa.BigInteger),
        sa.Column("breaking", sa.Integer),  # the schema's number
        sa.Column("additive", sa.Integer),
    )
    sa.Table(
        "writes",
        metadata,
        sa.Column("write_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False, index=True),
        sa.Column("tabs", sa.Text, nullable=False),
    )
    tables = {name: _table(tab, metadata) for name, tab in schema.items()}
    return metadata, tables


def _table(tab: Tab, metadata: sa.MetaData) -> sa.Table:
    cells = [sa.Column(name, _cell_type(tab, column)) for name, column in tab.own.items()]
    if tab.name == HISTORY:
        table = sa.Table(tab.name, metadata, *cells, sa.PrimaryKeyConstraint("commit_id", "line"))
        for name in ("seq", "case_no", "action"):
            sa.Index(f"ix_history_{name}", table.c[name])
        return table
    return sa.Table(
        tab.name,
        metadata,
        *cells,
        sa.Column(_EXTRAS, sa.Text),
        sa.Column(_REV, sa.BigInteger, nullable=False, index=True),
        sa.Column(_GONE, sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint(tab.key),
    )


class SqlStore:
    """A `Store` in one SQL database."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._listener = Listener(self._engine)
        self._reader = self._engine
        self._writer = self._engine.execution_options(**{_WRITES: True})
        if self._engine.dialect.name == "postgresql":  # all tables as of one moment; SQLite reads so anyway
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._metadata, self._tables = _tables(SCHEMA)
        self._meta = self._metadata.tables[_META]
        self._writes = self._metadata.tables["writes"]

    def provision(self, schema: Schema, *, create: bool = True) -> Sequence[str]:
        """Create missing tables and add missing columns; an older database is upgraded, nothing is dropped."""
        done: list[str] = []
        self._find_file(create=create)
        with self._border(), self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":  # one process after the other
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SET_UP)))
            present = sa.inspect(connection)
            before = set(present.get_table_names())
            if _META not in before and not create:
                raise NoWorkspace(self._engine.url.render_as_string())
            have = {
                name: {column["name"] for column in present.get_columns(name)} for name in before & {*schema, _META}
            }
            if "breaking" in have.get(_META, ()):
                number = self._number(connection)
                require_known(number)
                if number >= OURS and (dropped := [name for name in schema if name not in before]):
                    raise TableMissing(dropped[0])
            self._metadata.create_all(connection)
            done += [f"create {name}" for name in self._metadata.tables if name not in before]
            for name, known in have.items():
                columns = self._metadata.tables[name].c
                done += [_add_column(connection, column) for column in columns if column.name not in known]
            self._begin(connection)
        return done

    def _find_file(self, *, create: bool) -> None:
        """A connection alone makes no SQLite file: a mistyped path would be a new, empty workspace."""
        if self._engine.dialect.name != "sqlite":
            return
        file = _file_of(self._engine.url)
        if not create and not file.is_file():
            raise NoWorkspace(str(file))
        try:
            file.touch()
        except OSError as failed:
            raise StoreUnavailable(f"{file}: {failed.strerror}") from failed

    def _begin(self, connection: Connection) -> None:
        """The one row of a new store, and the schema's number, unless a later version has written its own."""
        if connection.execute(sa.select(self._meta.c.seq)).first() is None:
            connection.execute(self._meta.insert().values(one=1, seq=0))
        if self._number(connection) < OURS:
            connection.execute(self._meta.update().values(breaking=OURS.breaking, additive=OURS.additive))

    def pull(self, since: int | None) -> Pull:
        """One consistent read: of every hot tab, or of the rows after `since` in the tabs written to since then."""
        with self._border(), self._reader.connect() as connection:
            seq, number = self._seq(connection), self._number(connection)
            require_known(number)
            if seq == since:
                return Pull(seq, {}, complete=False, number=number)
            rows: dict[str, list[Row]] = {}
            removed: dict[str, list[str]] = {}
            for name in HOT_TABS if since is None else self._written_since(connection, since):
                rows[name], removed[name] = self._read(connection, name, since)
        return Pull(seq, rows, complete=since is None, removed=removed, number=number)

    def write(self, write: Write) -> None:
        seq = write.expected_seq + 1
        with self._border(writing=True), self._writer.begin() as connection:
            self._move_on(connection, write.expected_seq, seq)
            tabs = " ".join({*write.rows, *write.removed})
            connection.execute(self._writes.insert().values(write_id=write.write_id, seq=seq, tabs=tabs))
            for name, rows in write.rows.items():
                self._put(connection, name, rows, seq)
            for name, keys in write.removed.items():
                self._mark_gone(connection, name, keys, seq)
            history = self._tables[HISTORY]
            if write.history:
                connection.execute(history.insert(), _even(write.history, history.c.keys()))
            tell(connection)

    def has_write(self, write_id: str) -> bool:
        with self._border(), self._engine.connect() as connection:
            found = sa.select(self._writes.c.seq).where(self._writes.c.write_id == write_id)
            return connection.execute(found).first() is not None

    def history(
        self,
        *,
        commit_ids: Iterable[str] | None = None,
        case_no: str | None = None,
        since_seq: int | None = None,
        until_seq: int | None = None,
        actions: Iterable[str] | None = None,
    ) -> Sequence[Mapping[str, Any]]:
        table = self._tables[HISTORY]
        query = table.select().order_by(table.c.seq, table.c.line)
        if commit_ids is not None:
            query = query.where(table.c.commit_id.in_(list(commit_ids)))
        if case_no is not None:
            query = query.where(table.c.case_no == case_no)
        if since_seq is not None:
            query = query.where(table.c.seq > since_seq)
        if until_seq is not None:
            query = query.where(table.c.seq <= until_seq)
        if actions is not None:
            query = query.where(table.c.action.in_(list(actions)))
        with self._border(), self._engine.connect() as connection:
            return [_filled(row._mapping) for row in connection.execute(query)]

    def load(self, load: Load) -> None:
        with self._border(writing=True), self._writer.begin() as connection:
            self._move_on(connection, load.expected_seq, load.expected_seq)
            for name, rows in load.rows.items():
                self._put(connection, name, rows, load.seq)
            for name, keys in load.removed.items():
                self._mark_gone(connection, name, keys, load.seq)
            history = self._tables[HISTORY]
            if load.history:
                add: Any = _insert(connection, history)
                connection.execute(add.on_conflict_do_nothing(), _even(load.history, history.c.keys()))

    def seal(self, *, expected_seq: int, seq: int) -> None:
        with self._border(writing=True), self._writer.begin() as connection:
            if self._seq(connection) == seq:
                return
            self._move_on(connection, expected_seq, seq)
            everything = {"write_id": f"copy-{seq}", "seq": seq, "tabs": " ".join(HOT_TABS)}
            connection.execute(self._writes.insert().values(everything))
            tell(connection)

    def wait(self, seconds: float) -> bool:
        """See `lib.store.port.Watched`."""
        return self._listener.wait(seconds)

    def close(self) -> None:
        self._listener.close()
        self._engine.dispose()

    def _move_on(self, connection: Connection, expected: int, seq: int) -> None:
        """The compare-and-swap: first in its transaction, so that it also keeps other writers out until the end.

        Where a later version has made a breaking change nothing is written; the pull that follows says so.
        """
        ours = sa.func.coalesce(self._meta.c.breaking, 0) <= OURS.breaking
        swapped = connection.execute(self._meta.update().where(self._meta.c.seq == expected, ours).values(seq=seq))
        if swapped.rowcount != 1:
            raise StaleSequence

    def _seq(self, connection: Connection) -> int:
        found = connection.execute(sa.select(self._meta.c.seq)).scalar()
        if found is None:
            raise StoreUnavailable("not set up")
        return int(found)

    def _number(self, connection: Connection) -> SchemaNumber:
        found = connection.execute(sa.select(self._meta.c.breaking, self._meta.c.additive)).first()
        return SchemaNumber(found[0], found[1]) if found and found[0] is not None else UNNUMBERED

    def _written_since(self, connection: Connection, since: int) -> set[str]:
        """The tabs of ours that were written to; a later version of the app may write to others too."""
        found = connection.execute(sa.select(self._writes.c.tabs).where(self._writes.c.seq > since)).scalars()
        return {name for tabs in found for name in tabs.split()} & set(HOT_TABS)

    def _read(self, connection: Connection, name: str, since: int | None) -> tuple[list[Row], list[str]]:
        table = self._tables[name]
        cells = [column for column in table.c if column.name not in (_REV, _GONE)]
        wanted = table.c[_GONE].is_(False) if since is None else table.c[_REV] > since
        names = [column.name for column in cells]
        present: list[Row] = []
        removed: list[str] = []
        for gone, *row in connection.execute(sa.select(table.c[_GONE], *cells).where(wanted)):
            cells_by_name = {name: cell for name, cell in zip(names, row, strict=True) if cell is not None}
            if _EXTRAS in cells_by_name:
                cells_by_name |= json.loads(cells_by_name.pop(_EXTRAS))
            if gone:
                removed.append(str(cells_by_name[SCHEMA[name].key]))
            else:
                present.append(cells_by_name)
        return present, removed

    def _put(self, connection: Connection, name: str, rows: Sequence[Row], seq: int) -> None:
        table, key = self._tables[name], SCHEMA[name].key
        statement: Any = _insert(connection, table)
        values = {column.name: statement.excluded[column.name] for column in table.c if column.name != key}
        put = statement.on_conflict_do_update(index_elements=[key], set_=values)
        stamped = _even(rows, list(SCHEMA[name].own))
        more = [{_EXTRAS: _extras(row), _REV: seq, _GONE: False} for row in rows]
        if stamped:
            connection.execute(put, [{**row, **cells} for row, cells in zip(stamped, more, strict=True)])

    def _mark_gone(self, connection: Connection, name: str, keys: Sequence[str], seq: int) -> None:
        """The row stays, so that other processes learn that it is gone."""
        table = self._tables[name]
        mark = table.update().where(table.c[SCHEMA[name].key] == sa.bindparam("gone_key"))
        if keys:
            connection.execute(mark.values({_GONE: True, _REV: seq}), [{"gone_key": key} for key in keys])

    @contextmanager
    def _border(self, *, writing: bool = False) -> Iterator[None]:
        """The only place where SQLAlchemy's errors become ours."""
        try:
            yield
        except DBAPIError as failed:
            if writing and _lost_a_race(failed):
                raise StaleSequence from failed
            if _waited_in_vain(failed):
                raise StoreBusy from failed
            if writing and failed.connection_invalidated:
                raise OutcomeUnknown from failed
            raise StoreUnavailable(str(failed.orig)) from failed
        except SQLAlchemyError as failed:
            raise StoreUnavailable(str(failed)) from failed


def _lost_a_race(failed: DBAPIError) -> bool:
    """PostgreSQL chose the other one of two writers: nothing of ours was applied."""
    return getattr(failed.orig, "sqlstate", None) in ("40001", "40P01")


def _waited_in_vain(failed: DBAPIError) -> bool:
    """Somebody held a lock for longer than `TIMEOUT`: nothing of ours was applied."""
    locked = getattr(failed.orig, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    return locked or getattr(failed.orig, "sqlstate", None) == "55P03"


def _insert(connection: Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that may say what to do where the key is there already."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def _even(rows: Sequence[Row], names: Sequence[str]) -> list[dict[str, Any]]:
    """The same keys in every row, as an executemany wants them."""
    return [{name: row.get(name) for name in names} for row in rows]


def _extras(row: Row) -> str | None:
    found = {name: cell for name, cell in row.items() if is_extra(name)}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) if found else None


def _filled(row: sa.RowMapping) -> dict[str, Any]:
    return {str(name): cell for name, cell in row.items() if cell is not None}


def _add_column(connection: Connection, column: sa.Column[Any]) -> str:
    kind = column.type.compile(connection.dialect)
    preparer = connection.dialect.identifier_preparer
    table, name = preparer.quote(column.table.name), preparer.quote(column.name)
    connection.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN {name} {kind}"))
    return f"add {column.table.name}.{column.name}"


def _engine(url: str) -> Engine:
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as wrong:  # a port that is no number
        raise StoreUnavailable(f"not a store address: {wrong}") from wrong
    make = {"sqlite": _sqlite_engine, "postgresql": _postgres_engine}.get(address.get_backend_name())
    if make is None:
        raise StoreUnavailable(f"no adapter for {address.drivername}")
    try:
        return make(address)
    except (ImportError, sa.exc.NoSuchModuleError) as missing:
        raise StoreUnavailable(f"no driver for {address.drivername}: {missing}") from missing


def _postgres_engine(address: sa.URL) -> Engine:
    wait = int(TIMEOUT)
    options = f"-c statement_timeout={wait * 1000} -c lock_timeout={wait * 500}"
    connect = {"connect_timeout": wait, "options": options}
    return sa.create_engine(address, pool_pre_ping=True, pool_timeout=TIMEOUT, connect_args=connect)


def _sqlite_engine(address: sa.URL) -> Engine:
    if address.database in (None, "", ":memory:"):
        raise StoreUnavailable(f"{address.render_as_string()}: no file; write sqlite:///PATH")
    named = str(address.database)
    uri = named if named.startswith("file:") else Path(named).absolute().as_uri()
    there = sa.URL.create(address.drivername, database=uri, query={**_ONLY_IF_THERE, **address.query})
    engine = sa.create_engine(there, pool_timeout=TIMEOUT, connect_args={"timeout": TIMEOUT})

    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        """WAL lets readers go on beside a writer; FULL makes an acknowledged save survive a power cut."""
        connection.isolation_level = None
        _write_ahead(connection)
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        """A writer that began as a reader would be refused at once, instead of waiting for its turn."""
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _file_of(address: sa.URL) -> Path:
    return Path(url2pathname(urlsplit(str(address.database)).path))


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn WAL on. For this one lock SQLite refuses at once where somebody else is just creating the file."""
    until = time.monotonic() + TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as failed:
            if failed.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_PAUSE)

"""The contract on a real PostgreSQL server, and what can happen to a server."""

import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from lib.errors import OutcomeUnknown, StoreBusy, StoreUnavailable
from lib.store import sql
from lib.store.schema import SCHEMA
from lib.store.sql import SqlStore
from tests.store import postgres
from tests.store.contract import SqlContract, case_row
from tests.store.support import a_case, batch, committer, create, row_write, rows_of

pytestmark = pytest.mark.postgres


@pytest.fixture
def address(server: postgres.Server) -> Iterator[str]:
    with server.database() as url:
        yield url


class TestPostgres(SqlContract):
    """Every test of the contract."""


@pytest.fixture
def store(address: str) -> Iterator[SqlStore]:
    """A store with one case in it."""
    opened = SqlStore(address)
    opened.provision(SCHEMA)
    opened.write(row_write(opened, {"cases": [case_row("A-1")]}))
    yield opened
    opened.close()


def cut_during(store: SqlStore, statement: str) -> None:
    """From now on the server ends the connection that is about to run a statement that begins so (once)."""
    left = [statement]
    cutter = sa.create_engine(store._engine.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)

    @sa.event.listens_for(store._engine, "before_cursor_execute")
    def cut(connection: sa.Connection, _cursor: object, text: str, *_rest: object) -> None:
        if left and text.startswith(left[0]):
            left.clear()
            number = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
            with cutter.connect() as other:
                other.execute(sa.text(f"SELECT pg_terminate_backend({number}, 5000)"))


@pytest.mark.parametrize("statement", ["UPDATE meta", "INSERT INTO cases", "INSERT INTO history"])
def test_a_connection_cut_in_the_middle_of_a_write(store: SqlStore, statement: str) -> None:
    cut_during(store, statement)
    with pytest.raises(OutcomeUnknown):
        store.write(row_write(store, {"cases": [case_row("A-2")]}, write_id="cut"))
    assert not store.has_write("cut")
    assert store.pull(None).rows["cases"] == [case_row("A-1")]


def test_the_loop_saves_once_although_the_connection_is_cut(store: SqlStore) -> None:
    app = committer(store)
    cut_during(store, "INSERT INTO history")
    receipt = app.commit(batch(create(a_case("new:1"))))
    assert receipt.created == (("cases", "TS-2026-000001"),)
    assert len([key for key in rows_of(store) if key[0] == "cases"]) == 2
    assert len(store.history(commit_ids=[receipt.commit_id])) == 2  # the case and its number


def test_a_connection_cut_while_reading(store: SqlStore) -> None:
    cut_during(store, "SELECT cases")
    with pytest.raises(StoreUnavailable):
        store.pull(None)
    assert store.pull(None).rows["cases"] == [case_row("A-1")]


def test_a_row_locked_for_too_long(address: str, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "TIMEOUT", 1.0)
    waiting = SqlStore(address)
    with store._engine.begin() as holder:
        holder.execute(sa.text("UPDATE meta SET seq = seq"))
        with pytest.raises(StoreBusy):
            waiting.write(row_write(store, {"cases": [case_row("A-2")]}, seq=1))
    waiting.write(row_write(store, {"cases": [case_row("A-2")]}, seq=1))
    waiting.close()


def test_a_statement_that_takes_too_long(address: str, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "TIMEOUT", 1.0)
    waiting = SqlStore(address)
    with store._engine.begin() as holder:
        holder.execute(sa.text("SET LOCAL lock_timeout = 0"))
        holder.execute(sa.text("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(StoreBusy):
            waiting.pull(None)
    assert waiting.pull(None).seq == 1
    waiting.close()


@pytest.mark.parametrize("database", ["no_such_database", "postgres"])
def test_a_database_that_is_not_there_or_not_ours(server: postgres.Server, database: str) -> None:
    store = SqlStore(server.url.set(database=database).render_as_string(hide_password=False))
    with pytest.raises(StoreUnavailable):
        store.pull(None)
    store.close()


def test_a_server_that_stops_and_comes_back(server: postgres.Server, store: SqlStore) -> None:
    if not server.own:
        pytest.skip(f"{postgres.VARIABLE} names a server that is not ours to stop")
    write = row_write(store, {"cases": [case_row("A-2")]})
    server.stop()
    try:
        for use in (lambda: store.pull(None), lambda: store.has_write("w"), store.history, lambda: store.write(write)):
            with pytest.raises(StoreUnavailable):
                use()
        with pytest.raises(StoreUnavailable):
            SqlStore(store._engine.url.render_as_string(hide_password=False)).provision(SCHEMA)
    finally:
        server.start()
    store.write(write)
    assert store.pull(None).rows["cases"] == [case_row("A-1"), case_row("A-2")]


@pytest.mark.trial(48)
def test_who_listens_hears_at_once_of_what_another_saves(store: SqlStore, address: str) -> None:
    assert store.wait(0.01), "nothing was saved"
    other = SqlStore(address)
    other.write(row_write(other, {"cases": [case_row("A-2")]}))
    begun = time.monotonic()
    assert store.wait(20.0)
    assert time.monotonic() - begun < 10
    other.close()


@pytest.mark.trial(48)
def test_a_listener_that_was_cut_off_says_so_and_listens_anew(store: SqlStore) -> None:
    assert store.wait(0.01)
    with store._engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        )
    assert not store.wait(5.0)
    assert store.wait(0.01)

"""The contract on SQLite, and what is peculiar to a file."""

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from lib.errors import StoreBusy, StoreUnavailable
from lib.store import sql
from lib.store.schema import SCHEMA
from lib.store.sql import SqlStore
from tests.store.contract import SqlContract, case_row
from tests.store.support import row_write


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db"


class TestSqlite(SqlContract):
    """Every test of the contract."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with one case in it, which nobody has open."""
    store = SqlStore(f"sqlite:///{tmp_path}/store.db")
    store.provision(SCHEMA)
    store.write(row_write(store, {"cases": [case_row("A-1")]}))
    store.close()
    return tmp_path / "store.db"


def fails(store: SqlStore, error: type[Exception]) -> None:
    """Every verb raises this error, and no foreign one."""
    write = row_write(store, {"cases": [case_row("A-2")]}, seq=1)
    for use in (
        lambda: store.provision(SCHEMA),
        lambda: store.pull(None),
        lambda: store.pull(0),
        lambda: store.write(write),
        lambda: store.has_write("w"),
        store.history,
    ):
        with pytest.raises(error):
            use()
    store.close()


def test_a_folder_that_is_gone(path: Path) -> None:
    shutil.rmtree(path.parent)
    fails(SqlStore(f"sqlite:///{path}"), StoreUnavailable)


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_bytes(b"not a database" * 1000)
    fails(SqlStore(f"sqlite:///{path}"), StoreUnavailable)


def test_a_damaged_file(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    fails(SqlStore(f"sqlite:///{path}"), StoreUnavailable)


def test_a_file_that_may_only_be_read(path: Path) -> None:
    keeper = sqlite3.connect(path)  # a read-only reader needs the shared memory file of a WAL database to be there
    keeper.execute("SELECT seq FROM meta").fetchone()
    store = SqlStore(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert store.pull(None).rows["cases"] == [case_row("A-1")]
    with pytest.raises(StoreUnavailable, match="readonly"):
        store.write(row_write(store, {"cases": [case_row("A-2")]}))
    store.close()
    keeper.close()


def test_a_full_disk(path: Path) -> None:
    store = SqlStore(f"sqlite:///{path}")
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreUnavailable, match="full"):
        store.write(row_write(store, {"cases": [case_row(f"B-{n}", description="长" * 50_000) for n in range(20)]}))
    assert store.pull(None).rows["cases"] == [case_row("A-1")]
    store.close()


def test_a_lock_held_for_too_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "TIMEOUT", 0.1)
    store = SqlStore(f"sqlite:///{path}")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy):
        store.write(row_write(store, {"cases": [case_row("A-2")]}, seq=1))
    with pytest.raises(StoreBusy):
        store.provision(SCHEMA)
    assert store.pull(None).rows["cases"] == [case_row("A-1")]
    holder.close()
    store.write(row_write(store, {"cases": [case_row("A-2")]}, seq=1))
    store.close()


def test_a_file_that_another_process_is_just_creating(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    finished = threading.Timer(0.2, other.rollback)
    finished.start()
    store = SqlStore(f"sqlite:///{tmp_path}/store.db")
    assert store.provision(SCHEMA)
    finished.join()
    other.close()
    store.close()


def test_every_connection_taken(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "TIMEOUT", 0.05)
    store = SqlStore(f"sqlite:///{path}")
    taken = [store._engine.connect() for _ in range(15)]
    with pytest.raises(StoreUnavailable):
        store.pull(None)
    for connection in taken:
        connection.close()
    assert store.pull(None).seq == 1
    store.close()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://host/db", "postgresql+nosuch://host/db", "oracle://x", "://", "sqlite+nosuch:///x"]
)
def test_addresses_without_an_adapter(url: str) -> None:
    with pytest.raises(StoreUnavailable):
        SqlStore(url)

"""What the tests of the Sheets store share: a loopback server, stores on it, and a manager at work."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lib.store.commit.batch import create
from lib.store.commit.loop import Committer
from lib.store.schema import SCHEMA
from lib.store.sheets.api.account import open_account
from lib.store.sheets.api.client import Patience, Quota, SheetsClient
from lib.store.sheets.api.quota import TokenBucket
from lib.store.sheets.model.options import Options
from lib.store.sheets.store import SheetsStore
from tests.google.book.workbook import Workbook
from tests.google.server import SheetsServer
from tests.store.support import a_case, batch, committer
from tests.support import ZONE

APP = "app@loopback.test"
NOWHERE = Path("/no/such/secrets.toml")
TAB, TASKS, ARCHIVE_TAB = "案件", "任务", "案件归档"
MOVES: list[list[Any]] = [
    ["sort", {"tab": TAB, "column": "标题"}],
    ["sort", {"tab": TAB, "column": "案件编号", "descending": True}],
    ["insert_rows", {"tab": TAB, "at": 2}],
    ["insert_rows", {"tab": TAB, "at": 3, "count": 2}],
    ["move_column", {"tab": TAB, "column": "小区", "before": "案件编号"}],
    ["move_column", {"tab": TAB, "column": "标题", "before": "类型"}],
    ["add_column", {"tab": TAB, "header": "备注", "before": "阶段"}],
    ["sort", {"tab": TASKS, "column": "任务编号", "descending": True}],
    ["sort", {"tab": TAB, "column": "小区"}],
    ["insert_rows", {"tab": TASKS, "at": 2}],
    ["move_rows", {"tab": TAB, "at": 2, "to": 5}],
    ["move_column", {"tab": TAB, "column": "案件编号", "before": "小区"}],
    ["move_column", {"tab": TAB, "column": "_rev", "before": "标题"}],
    ["move_column", {"tab": TASKS, "column": "_hash", "before": "任务编号"}],
    ["sort", {"tab": ARCHIVE_TAB, "column": "标题"}],
    ["insert_rows", {"tab": ARCHIVE_TAB, "at": 2}],
    ["move_column", {"tab": ARCHIVE_TAB, "column": "标题", "before": "案件编号"}],
]
"""What managers do to rows and columns."""
QUICK = Patience(connect=2, attempts=4, first=0.001, longest=0.005)
"""Quick to try again, but as patient as the app with an answer: thousands of rows take the loopback server seconds when
other tests run, and a write that is given up counts as one of unknown outcome."""


def no_sleep(_seconds: float) -> None:
    pass


def unlimited() -> Quota:
    return Quota(TokenBucket(1e9, 10**6), TokenBucket(1e9, 10**6))


def sheet_at(url: str, spreadsheet: str) -> SheetsStore:
    """A store on a spreadsheet of a loopback server, for a process of its own."""
    client = SheetsClient(open_account(NOWHERE, url), spreadsheet, patience=QUICK, quota=unlimited())
    return SheetsStore(client, Options(zone=ZONE, grace=0.0, fresh=0.0, sleep=no_sleep))


class Sheets:
    """One spreadsheet on a loopback server."""

    def __init__(self, server: SheetsServer) -> None:
        self.server = server
        self.id = server.create("案件台账", share=(APP,))
        self.manager = server.manager(self.id)

    def client(self, *, patience: Patience = QUICK, quota: Quota | None = None) -> SheetsClient:
        account = open_account(NOWHERE, self.server.url)
        return SheetsClient(account, self.id, patience=patience, quota=quota or unlimited())

    def open(self, **options: Any) -> SheetsStore:
        """A store of its own, as another process would have; deletions by hand are noticed at once."""
        chosen = {"zone": ZONE, "grace": 0.0, "fresh": 0.0, "sleep": no_sleep, **options}
        return SheetsStore(self.client(), Options(**chosen))

    def opened(self, **options: Any) -> SheetsStore:
        """A store that is set up."""
        store = self.open(**options)
        store.provision(SCHEMA)
        return store

    def version(self) -> Workbook:
        """The file as it is now, to be restored later."""
        return self.server.store.files[self.id].book.fork()

    def restore(self, version: Workbook, *, markers: bool) -> None:
        """As "restore this version" in Google's own page; with `markers` developer metadata stay as they are."""
        file = self.server.store.files[self.id]
        book = version.fork()
        if markers:
            book.metadata = dict(file.book.metadata)
        file.book = book
        file.touch()

    def cell(self, tab: str, key: str, column: str) -> Any:
        """What stands in the row with that key under that header."""
        row = self.manager.rows(tab)[self.manager.row_of(tab, key, column=self.manager.rows(tab)[0][0]) - 1]
        at = self.manager.column(tab, column)
        return row[at] if at < len(row) else ""


@contextmanager
def loopback() -> Iterator[Sheets]:
    with SheetsServer() as server:
        yield Sheets(server)


def with_a_row_just_deleted(sheets: Sheets) -> tuple[Committer, list[Any], list[float]]:
    """An app that waits fifteen seconds before it takes a row for deleted: the app, the row, and its clock."""
    now = [0.0]
    app = committer(sheets.opened(grace=15.0, trusted=0.0, clock=lambda: now[0]))
    app.commit(batch(create(a_case())))
    row = sheets.manager.rows(TAB)[1]
    sheets.manager.delete_rows(TAB, 2)
    app.keep_up()
    return app, row, now

"""What the tests of the Sheets store share: a loopback server, stores on it, and a manager at work."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lib.store.schema import SCHEMA
from lib.store.sheets.account import open_account
from lib.store.sheets.client import Patience, Quota, SheetsClient
from lib.store.sheets.quota import TokenBucket
from lib.store.sheets.store import Options, SheetsStore
from tests.google.server import SheetsServer
from tests.support import ZONE

APP = "app@loopback.test"
NOWHERE = Path("/no/such/secrets.toml")
QUICK = Patience(connect=2, answer=5, attempts=4, first=0.001, longest=0.005)


def unlimited() -> Quota:
    return Quota(TokenBucket(1e9, 10**6), TokenBucket(1e9, 10**6))


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
        chosen = {"zone": ZONE, "grace": 0.0, "fresh": 0.0, **options}
        return SheetsStore(self.client(), Options(**chosen))

    def opened(self, **options: Any) -> SheetsStore:
        """A store that is set up."""
        store = self.open(**options)
        store.provision(SCHEMA)
        return store

    def cell(self, tab: str, key: str, column: str) -> Any:
        """What stands in the row with that key under that header."""
        row = self.manager.rows(tab)[self.manager.row_of(tab, key, column=self.manager.rows(tab)[0][0]) - 1]
        at = self.manager.column(tab, column)
        return row[at] if at < len(row) else ""


@contextmanager
def loopback() -> Iterator[Sheets]:
    with SheetsServer() as server:
        yield Sheets(server)

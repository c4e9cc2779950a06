"""The contract of every store over Google Sheets: real gspread over HTTP against the loopback server."""

import pytest

from lib.store.schema import SCHEMA
from lib.store.sheets.store import SheetsStore
from tests.store.contract import StoreContract, case_row
from tests.store.sheets_support import Sheets
from tests.store.support import row_write


@pytest.fixture
def address(sheets: Sheets) -> str:
    return sheets.id


class TestSheets(StoreContract):
    """Every test of the contract."""

    @pytest.fixture(autouse=True)
    def _at(self, sheets: Sheets) -> None:
        self.sheets = sheets

    def open(self, address: str) -> SheetsStore:
        return self.sheets.open()


def test_an_empty_sheet_is_set_up_in_few_calls(sheets: Sheets) -> None:
    sheets.server.log.reset()
    sheets.open().provision(SCHEMA)
    assert sheets.server.log.summary()["requests"] <= 6


def test_a_column_that_is_new_in_the_schema_is_added(sheets: Sheets) -> None:
    """An older version did not know it: it is neither in the sheet nor among the columns that were made."""
    store = sheets.opened()
    store.write(row_write(store, {"cases": [case_row("A-1", title="标题")]}))
    sheets.manager.delete_column("案件", "严重度")
    remembered = sheets.manager.rows("_casesheet")[0][3]
    sheets.manager.set("_casesheet!D1", [[remembered.replace('"severity_score",', "")]], option="RAW")
    assert sheets.open().provision(SCHEMA) == ["add cases.severity_score"]
    again = sheets.open()
    assert again.pull(None).rows["cases"] == [case_row("A-1", title="标题")]
    again.write(row_write(again, {"cases": [case_row("A-2", severity_score=61.5)]}))
    assert sheets.open().pull(1).rows["cases"] == [case_row("A-2", severity_score=61.5)]

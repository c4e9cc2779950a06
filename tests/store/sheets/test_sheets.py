"""The contract of every store over Google Sheets: real gspread over HTTP against the loopback server."""

import pytest

from lib.errors import NoWorkspace, StoreTooNew, TabMissing
from lib.store.schema import SCHEMA
from lib.store.schema_number import OURS, UNNUMBERED
from lib.store.sheets.model.layout import letter
from lib.store.sheets.model.meta import MetaCell
from lib.store.sheets.store import SheetsStore
from tests.store.contract import StoreContract, case_row
from tests.store.sheets.support import Sheets
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


@pytest.mark.trial(26)
def test_a_spreadsheet_without_a_workspace_is_left_as_it_is(sheets: Sheets) -> None:
    before = [sheet["properties"] for sheet in sheets.client().metadata("sheets.properties")["sheets"]]
    with pytest.raises(NoWorkspace):
        sheets.open().provision(SCHEMA, create=False)
    assert [sheet["properties"] for sheet in sheets.client().metadata("sheets.properties")["sheets"]] == before


@pytest.mark.trial(26)
def test_the_apps_own_tab_is_not_made_anew_beside_the_others(sheets: Sheets) -> None:
    """It would begin to count at 0, and give out numbers that are taken."""
    sheets.opened()
    sheets.manager.delete_tab("_casesheet")
    with pytest.raises(TabMissing):
        sheets.open().provision(SCHEMA)


@pytest.mark.trial(47)
def test_a_breaking_change_by_a_later_version_is_refused(sheets: Sheets) -> None:
    store = sheets.opened()
    store.write(row_write(store, {"cases": [case_row("A-1")]}))
    said = sheets.manager.rows("_casesheet")[0][MetaCell.SCHEMA]
    assert f'"schema":"{OURS}"' in said
    later = f'"schema":"{OURS.breaking + 1}.400"'
    cell = f"_casesheet!{letter(MetaCell.SCHEMA)}1"
    sheets.manager.set(cell, [[said.replace(f'"schema":"{OURS}"', later)]], option="RAW")
    for use in (lambda: sheets.open().provision(SCHEMA), lambda: sheets.open().pull(None), lambda: store.pull(1)):
        with pytest.raises(StoreTooNew):
            use()


@pytest.mark.trial(47)
def test_a_spreadsheet_from_before_there_were_numbers_gets_one(sheets: Sheets) -> None:
    sheets.opened()
    sheets.manager.set(f"_casesheet!{letter(MetaCell.SCHEMA)}1", [[""]], option="RAW")
    assert sheets.open().pull(None).number == UNNUMBERED
    store = sheets.open()
    assert store.provision(SCHEMA, create=False) == []
    assert store.pull(None).number == OURS

"""A repair comes to an end: the sheet is right afterwards, or the row is left to data health and the app goes on."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from lib.store.schema import SCHEMA
from lib.store.sheets.model.layout import META, sheet_id
from lib.store.sheets.model.tabs import sheet_tabs
from lib.store.sheets.repair import recovery
from lib.store.sheets.repair.repair import LEFT
from tests.google.book.grid import Row
from tests.google.server import SheetsServer
from tests.store.sheets.support import Sheets
from tests.store.support import batch, committer, new_case

SHARED = Path(__file__).parents[5] / "shared" / "cases" / "sheet_repair_without_end.json.gz"
"""The raw values of every tab after thousands of random steps: stamps of before stand in other columns."""


def fill(sheets: Sheets, values: dict[str, list[list[Any]]]) -> None:
    """Put raw values into the tabs with these titles, or these names in the schema."""
    names = {text: name for name, tab in sheet_tabs(SCHEMA).items() for text in (name, tab.zh)} | {META: META}
    book = sheets.server.workbook(sheets.id)
    for title, rows in values.items():
        if title not in names:
            continue
        sheet = book.sheet(sheet_id(names[title]))
        sheet.rows = [Row([None if cell == "" else cell for cell in row], [], sheet.token) for row in rows]
        sheet.row_count = max(sheet.row_count, len(rows))
        sheet.column_count = max(sheet.column_count, *map(len, rows))


@pytest.mark.trial(35)
@pytest.mark.parametrize("endless", [False, True], ids=["after_many_in_vain", "by_the_stamp"])
def test_a_repair_of_old_stamps_in_other_columns_ends(
    google: SheetsServer, no_pause: None, monkeypatch: pytest.MonkeyPatch, *, endless: bool
) -> None:
    """It stops where it comes to nothing; and a row is known by `_rev` alone, so that it comes to something."""
    if endless:
        monkeypatch.setattr(recovery, "goes_on", lambda _journal, _plan: True)
    if not SHARED.is_file():
        pytest.skip(f"there is no {SHARED.name} here")
    sheets = Sheets(google)
    sheets.opened().close()
    values = json.loads(gzip.decompress(SHARED.read_bytes()))
    fill(sheets, values)
    before = values["_casesheet"][0][0]
    store = sheets.opened()  # which makes columns that are newer than the file
    app = committer(store)
    assert app.snapshot.seq <= before + 1
    at_rest = app.keep_up().seq
    left = store.history(actions=[LEFT])
    assert bool(left) is not endless, "rows that no repair puts right are told, once"
    assert {line["tab"] for line in left} <= {"cases"}
    assert len({line["record_id"] for line in left}) == len(left)
    for _ in range(3):
        assert app.keep_up().seq == at_rest
        assert committer(sheets.open()).keep_up().seq == at_rest
    app.commit(batch(new_case(title="neu")))
    assert committer(sheets.open()).keep_up().seq == at_rest + 1
    assert store.history(actions=[LEFT]) == left

"""What a write leaves in the sheet: texts that stay texts, formats of added rows, columns of people, many rows."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lib.config.settings import ROOT
from lib.domain.records.case import Case
from lib.store.commit.batch import create, edit
from lib.store.port import Load
from lib.store.schema import SCHEMA
from lib.store.sheets.model.layout import letter
from lib.store.sheets.store import SheetsStore
from tests.store.contract import case_row
from tests.store.sheets.support import TAB, Sheets
from tests.store.support import a_case, batch, committer, history_row, row_write
from tests.support import MONDAY

STRINGS = ROOT.parent / "shared" / "data" / "strings"
ROWS = 20_000


def lines_of(path: Path) -> list[str]:
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    texts = path.read_text("utf-8", errors="replace").split("\n")
    return [text.strip() for text in texts if text.strip() and not text.startswith("#") and text.isprintable()]


def entered(sheets: Sheets, column: str) -> list[dict[str, Any]]:
    """What was entered into the cells of a column, as Google keeps it."""
    at = sheets.manager.column(TAB, column)
    fields = "sheets(properties.title,data.rowData.values.userEnteredValue)"
    answer = sheets.client().fetch_sheet_metadata(sheets.id, params={"ranges": [TAB], "fields": fields})
    rows = answer["sheets"][0]["data"][0]["rowData"][1:]
    cells = [row.get("values", []) for row in rows]
    return [row[at].get("userEnteredValue", {}) for row in cells if len(row) > at]


@pytest.mark.parametrize("name", ["formula_injection.txt", "naughty_strings.txt"])
def test_whatever_is_typed_into_the_app_is_text_in_the_sheet(sheets: Sheets, store: SheetsStore, name: str) -> None:
    texts = lines_of(STRINGS / name)
    app = committer(store)
    app.commit(batch(*[create(a_case(f"new:{n}", description=text)) for n, text in enumerate(texts)]))
    assert [cell.get("stringValue") for cell in entered(sheets, "问题描述")] == texts
    late = committer(sheets.open())
    assert [case.description for case in late.snapshot[Case].values()] == texts
    assert late.keep_up() is late.snapshot
    assert sheets.open().pull(None).by_hand is None


def test_a_formula_of_an_edit_is_text_too(sheets: Sheets, store: SheetsStore) -> None:
    app = committer(store)
    app.commit(batch(create(a_case(description="x"))))
    (case,) = app.snapshot[Case].values()
    app.commit(batch(edit(case, {"description": "=1+1", "room": "0501"})))
    assert entered(sheets, "问题描述") == [{"stringValue": "=1+1"}]
    assert entered(sheets, "房号") == [{"stringValue": "0501"}]


def test_rows_below_the_grid_get_the_formats_of_their_columns(sheets: Sheets, store: SheetsStore) -> None:
    """The set-up formats the rows that are there; whoever adds more must do it for them."""
    rows = [case_row(f"A-{n:03}", occurred_on="2026-03-01", compensation=1.5, room="0501") for n in range(205)]
    store.write(row_write(store, {"cases": rows[:198]}))
    store.write(row_write(store, {"cases": rows[198:]}))
    columns = ("受理时间", "发生日期", "补偿金额", "房号")
    assert look(sheets, 206, *columns) == ["DATE_TIME", "DATE", "NUMBER", "TEXT"]
    assert look(sheets, 150, *columns) == ["", "", "", ""], "rows of the grid are the set-up's, and people's"


def look(sheets: Sheets, row: int, *columns: str) -> list[str]:
    fields = "sheets.data.rowData.values.userEnteredFormat.numberFormat.type"
    params = {"ranges": [f"{TAB}!A{row}:ZZ{row}"], "fields": fields}
    answer = sheets.client().fetch_sheet_metadata(sheets.id, params=params)
    rows = answer["sheets"][0].get("data", [{}])[0].get("rowData", [{}])
    cells = rows[0].get("values", []) if rows else []
    places = [sheets.manager.column(TAB, column) for column in columns]
    kinds = [cells[at].get("userEnteredFormat", {}) if at < len(cells) else {} for at in places]
    return [kind.get("numberFormat", {}).get("type", "") for kind in kinds]


def test_new_columns_never_cover_what_people_keep_at_the_right(sheets: Sheets, store: SheetsStore) -> None:
    """A column of theirs may have no header."""
    store.write(row_write(store, {"cases": [case_row("A-1", title="标题")]}))
    sheets.manager.delete_column(TAB, "严重度")
    width = len(sheets.manager.rows(TAB)[0])
    sheets.manager.set(f"{TAB}!{letter(width)}2", [["mine"]])
    remembered = sheets.manager.rows("_casesheet")[0][3]
    sheets.manager.set("_casesheet!D1", [[remembered.replace('"severity_score",', "")]], option="RAW")
    assert sheets.open().provision(SCHEMA) == ["add cases.severity_score"]
    header, row = sheets.manager.rows(TAB)[:2]
    assert (header[width], row[width], header[width + 1]) == ("", "mine", "严重度")
    assert sheets.open().pull(None).rows["cases"] == [case_row("A-1", title="标题")]


def test_tens_of_thousands_of_rows(sheets: Sheets) -> None:
    """They are loaded, saved and refreshed."""
    store = sheets.opened()
    for first in range(0, ROWS, 2_000):
        rows = [
            case_row(f"TS-2026-{n:06d}", title=f"漏水 {n}", taken_at=(MONDAY + timedelta(minutes=n)).isoformat())
            for n in range(first + 1, first + 2_001)
        ]
        counter = [{"series": "case:2026", "last": first + 2_000}]
        lines = [history_row(1, commit_id="copy", line=first)]
        store.load(Load(0, 1, {"cases": rows, "counters": counter}, {}, lines))
    store.seal(expected_seq=0, seq=1)
    started = time.monotonic()
    app = committer(sheets.open())
    loaded = time.monotonic() - started
    assert len(app.snapshot[Case]) == ROWS
    case = app.snapshot[Case][f"TS-2026-{ROWS:06d}"]
    started = time.monotonic()
    assert app.commit(batch(create(a_case()), edit(case, {"title": "neu"}))).first("cases") == f"TS-2026-{ROWS + 1:06d}"
    saved = time.monotonic() - started
    sheets.manager.set_cell(TAB, 12_346, "标题", "von Hand")
    started = time.monotonic()
    app.keep_up()
    refreshed = time.monotonic() - started
    assert app.snapshot[Case]["TS-2026-012345"].title == "von Hand"
    print(f"{ROWS} rows: load {loaded:.1f} s, save {saved:.1f} s, refresh with an edit {refreshed:.1f} s")
    assert sheets.cell(TAB, f"TS-2026-{ROWS:06d}", "标题") == "neu"

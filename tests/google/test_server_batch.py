"""Batches: all or nothing, developer metadata as a guard, protection, structure, and what the schema refuses."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError

from tests.google.conftest import Send, cells
from tests.google.server import SheetsServer

PROTECTED = "You are trying to edit a protected cell or object"


def marker(number: int, value: str = "x") -> dict[str, Any]:
    metadata = {"metadataId": number, "metadataKey": "commit", "metadataValue": value, "visibility": "DOCUMENT"}
    return {"createDeveloperMetadata": {"developerMetadata": metadata | {"location": {"spreadsheet": True}}}}


def write(*values: Any, row: int = 0, column: int = 0, sheet: int = 0) -> dict[str, Any]:
    start = {"sheetId": sheet, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": [cells(*values)], "fields": "userEnteredValue"}}


def message(error: pytest.ExceptionInfo[APIError]) -> str:
    return error.value.error["message"]


def test_a_batch_that_fails_leaves_nothing(sheets: SheetsServer, book: gspread.Spreadsheet, send: Send) -> None:
    send(marker(7), write("old"))
    version = sheets.store.files[book.id].version
    with pytest.raises(APIError) as error:
        send({"addSheet": {"properties": {"title": "新"}}}, write("new"), {"deleteSheet": {"sheetId": 99}}, marker(8))
    assert message(error) == "Invalid requests[2].deleteSheet: No sheet with id: 99"
    assert [tab.title for tab in book.worksheets()] == ["Sheet1"]
    assert sheets.manager(book.id).rows("Sheet1") == [["old"]]
    assert sorted(sheets.workbook(book.id).metadata) == [7]
    assert sheets.store.files[book.id].version == version


def test_a_metadata_id_wins_once(sheets: SheetsServer, book: gspread.Spreadsheet, send: Send) -> None:
    send(marker(41), write("first"))
    with pytest.raises(APIError) as error:
        send(marker(41), write("second"))
    assert message(error) == (
        "Invalid requests[0].createDeveloperMetadata: Cannot add developer metadata with ID [41] "
        "because developer metadata with that ID already exists."
    )
    assert sheets.manager(book.id).rows("Sheet1") == [["first"]]


def test_of_simultaneous_batches_with_one_id_one_wins(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    def attempt(n: int) -> bool:
        try:
            sheets.client("app").http_client.batch_update(book.id, {"requests": [marker(5), write(n, row=n)]})
        except APIError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, range(8)))
    assert won.count(True) == 1
    assert [row for row in sheets.manager(book.id).rows("Sheet1") if row] == [[won.index(True)]]


def test_metadata_is_searched_changed_deleted(book: gspread.Spreadsheet, send: Send) -> None:
    send(marker(1, "a"), marker(2, "b"))
    base = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}/developerMetadata"
    lookup = {"developerMetadataLookup": {"metadataKey": "commit"}}
    found = book.client.request("post", f"{base}:search", json={"dataFilters": [lookup]}).json()
    assert [m["developerMetadata"]["metadataId"] for m in found["matchedDeveloperMetadata"]] == [1, 2]
    one = {"developerMetadataLookup": {"metadataId": 2}}
    new = {"dataFilters": [one], "developerMetadata": {"metadataValue": "c"}, "fields": "metadataValue"}
    send({"updateDeveloperMetadata": new})
    assert book.client.request("get", f"{base}/2").json()["metadataValue"] == "c"
    (reply,) = send({"deleteDeveloperMetadata": {"dataFilter": one}})
    assert reply["deleteDeveloperMetadata"]["deletedDeveloperMetadata"][0]["metadataId"] == 2
    assert send({"deleteDeveloperMetadata": {"dataFilter": one}}) == [{"deleteDeveloperMetadata": {}}]
    with pytest.raises(APIError, match="not found"):
        book.client.request("get", f"{base}/2")


def test_metadata_has_a_budget(send: Send) -> None:
    send(marker(1, "x" * 29_900))
    with pytest.raises(APIError, match="limit of 30000 characters"):
        send(marker(2, "x" * 100))


def test_what_is_undocumented_goes_either_way(sheets: SheetsServer, send: Send) -> None:
    gone = {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": 9}}}}
    assert send(gone) == [{"deleteDeveloperMetadata": {}}]
    sheets.store.rules.missing_metadata = "refuse"
    with pytest.raises(APIError, match="No developer metadata"):
        send(gone)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"DeleteRange": {}}, "Unknown name \"DeleteRange\" at 'requests[0]': Cannot find field."),
        (
            {"deleteSheet": {"sheetid": 1}},
            "Unknown name \"sheetid\" at 'requests[0].delete_sheet': Cannot find field.",
        ),
        ({"deleteSheet": {"sheetId": "one"}}, "Invalid value at 'requests[0].delete_sheet.sheet_id' (TYPE_INT32)"),
        (
            {"mergeCells": {"range": {"sheetId": 0}, "mergeType": "MERGE_SOME"}},
            "Invalid value at 'requests[0].merge_cells.merge_type'",
        ),
        ({"addSheet": {"properties": {"hidden": "yes"}}}, "(TYPE_BOOL)"),
        ({"addSheet": {}, "deleteSheet": {"sheetId": 0}}, "oneof field 'kind' is already set"),
        (
            {"updateCells": {"start": {"sheetId": 0}, "fields": "note", "rows": [{"values": [{"note": 5}]}]}},
            "Invalid value at 'requests[0].update_cells.rows[0].values[0].note' (TYPE_STRING), 5",
        ),
        (
            {"updateCells": {"start": {"sheetId": 0}, "fields": "*", "rows": [
                {"values": [{"userEnteredValue": {"stringValue": "a", "numberValue": 1}}]}]}},
            "oneof field 'value' is already set",
        ),
        ({"updateCells": {"start": {"sheetId": 0}, "rows": []}}, "At least one field must be listed in 'fields'."),
        ({"updateCells": {"start": {"sheetId": 5}, "rows": [], "fields": "*"}}, "No grid with id: 5"),
        ({"deleteSheet": {"sheetId": 0}}, "You can't remove all the sheets in a document."),
        ({"addSheet": {"properties": {"title": "sheet1"}}}, 'A sheet with the name "sheet1" already exists.'),
        (
            {"updateSheetProperties": {"properties": {"sheetId": 0, "hidden": True}, "fields": "hidden"}},
            "You can't hide all the sheets in a document.",
        ),
        (write(*"x" * 27), "Attempting to write column: 26, beyond the last requested column of: 25"),
        (write("x" * 50_001), "more than the maximum of 50000 characters"),
    ],
)  # fmt: skip
def test_what_google_refuses(request_: dict[str, Any], words: str, send: Send) -> None:
    with pytest.raises(APIError) as error:
        send(request_)
    assert error.value.code == 400
    assert words in message(error)


def test_typed_text_never_becomes_a_formula(book: gspread.Spreadsheet, send: Send) -> None:
    send(write("=1+1", "+86 139", "'x", "TRUE", "2026-03-02"))
    read = book.sheet1.get("A1:E1", value_render_option="FORMULA")
    assert read == [["=1+1", "+86 139", "'x", "TRUE", "2026-03-02"]]
    formula = {"values": [{"userEnteredValue": {"formulaValue": "=6*7"}}]}
    send({"updateCells": {"start": {"sheetId": 0}, "rows": [formula], "fields": "userEnteredValue"}})
    assert book.sheet1.get("A1:A1", value_render_option="UNFORMATTED_VALUE") == [[42]]


def test_a_range_is_cleared_where_rows_do_not_cover_it(book: gspread.Spreadsheet, send: Send) -> None:
    book.sheet1.update([["a", "b"], ["c", "d"]], "A1")
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    send({"updateCells": {"range": area, "rows": [cells("x")], "fields": "userEnteredValue"}})
    assert book.sheet1.get("A1:B2") == [["x"]]


def test_appended_cells_follow_the_last_row_with_data(book: gspread.Spreadsheet, send: Send) -> None:
    tab = book.add_worksheet("小", 3, 2)
    tab.update([["头"], ["a"]], "A1")
    tab.format("A1:B3", {"textFormat": {"bold": True}})
    rows = [cells("b", True), cells("c", 0)]
    send({"appendCells": {"sheetId": tab.id, "rows": rows, "fields": "userEnteredValue"}})
    assert tab.get("A1:B4", value_render_option="UNFORMATTED_VALUE") == [["头"], ["a"], ["b", True], ["c", 0]]


def test_the_response_shows_the_keys_that_were_hit(book: gspread.Spreadsheet, send: Send) -> None:
    book.sheet1.update([["K1", "a"], ["K2", "b"]], "A1")
    answer = send(
        write("c", row=1, column=1),
        includeSpreadsheetInResponse=True,
        responseIncludeGridData=True,
        responseRanges=["Sheet1!A2"],
    )
    ((sheet,),) = [answer["updatedSpreadsheet"]["sheets"]]
    assert sheet["data"][0]["startRow"] == 1
    assert sheet["data"][0]["rowData"][0]["values"][0]["effectiveValue"] == {"stringValue": "K2"}


def test_the_response_is_masked(book: gspread.Spreadsheet) -> None:
    body = {"requests": [write("c")], "includeSpreadsheetInResponse": True, "responseRanges": ["Sheet1!A1:B2"]}
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}:batchUpdate"
    fields = "updatedSpreadsheet.sheets.data.rowData.values.userEnteredValue"
    answer = book.client.request("post", url, params={"fields": fields}, json=body).json()
    row = {"values": [{"userEnteredValue": {"stringValue": "c"}}]}
    assert answer == {"updatedSpreadsheet": {"sheets": [{"data": [{"rowData": [row]}]}]}}


def test_protection_stops_all_but_owner_and_editors(sheets: SheetsServer) -> None:
    key = sheets.create("台账", share=("app@loopback.test", "li@example.com"))
    manager, app, li = sheets.manager(key), sheets.client("app").open_by_key(key), sheets.client("li@example.com")
    header = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1}
    manager.set("Sheet1!A1", [["头"], ["a"]])
    protection = {"range": header, "editors": {"users": ["li@example.com"]}}
    manager.batch({"addProtectedRange": {"protectedRange": protection}})
    for refused in (
        lambda: app.sheet1.update([["x"]], "A1"),
        lambda: app.sheet1.delete_rows(1),
        lambda: app.sheet1.batch_clear(["A1:B9"]),
        lambda: app.batch_update({"requests": [write("x")]}),
    ):
        with pytest.raises(APIError, match=PROTECTED):
            refused()
    app.sheet1.update([["b"]], "A2")
    li.open_by_key(key).sheet1.update([["抬头"]], "A1")
    manager.set("Sheet1!B1", [["二"]])
    assert manager.rows("Sheet1") == [["抬头", "二"], ["b"]]


def test_sorting_over_protected_cells_goes_either_way(sheets: SheetsServer) -> None:
    key = sheets.create("台账", share=("app@loopback.test",))
    sheets.manager(key).set("Sheet1!A1", [["b", 1], ["a", 2]])
    column = {"sheetId": 0, "startColumnIndex": 1, "endColumnIndex": 2}
    sheets.manager(key).batch({"addProtectedRange": {"protectedRange": {"range": column}}})
    tab = sheets.client("app").open_by_key(key).sheet1
    with pytest.raises(APIError, match=PROTECTED):
        tab.sort((1, "asc"), range="A1:B2")
    sheets.store.rules.sort_over_protected = "allow"
    tab.sort((1, "asc"), range="A1:B2")
    assert tab.get("A1:B2") == [["a", "2"], ["b", "1"]]


def test_rules_follow_the_columns(sheets: SheetsServer, book: gspread.Spreadsheet, send: Send) -> None:
    book.sheet1.update([["a", "b", "c", "d"]], "A1")
    column = {"sheetId": 0, "startColumnIndex": 2, "endColumnIndex": 3}
    rule = {"ranges": [column], "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {}}}
    lines = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 2, "endIndex": 3}
    location = {"location": {"dimensionRange": lines}, "metadataKey": "k", "visibility": "DOCUMENT", "metadataId": 3}
    send(
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": 1, "range": column}}},
        {"addConditionalFormatRule": {"rule": rule}},
        {"addNamedRange": {"namedRange": {"namedRangeId": "n", "name": "三", "range": column}}},
        {"createDeveloperMetadata": {"developerMetadata": location}},
        {"moveDimension": {"source": lines, "destinationIndex": 0}},
        {"insertDimension": {"range": {**lines, "startIndex": 0, "endIndex": 1}}},
    )
    assert book.sheet1.row_values(1) == ["", "c", "a", "b", "d"]
    workbook = sheets.workbook(book.id)
    extras = workbook.sheets[0].extras
    assert extras["protectedRanges"][0]["range"]["startColumnIndex"] == 1
    assert extras["conditionalFormats"][0]["ranges"][0]["endColumnIndex"] == 2
    assert workbook.named["n"]["range"]["startColumnIndex"] == 1
    assert workbook.metadata[3]["location"]["dimensionRange"]["startIndex"] == 1
    send({"deleteDimension": {"range": {**lines, "startIndex": 1, "endIndex": 2}}})
    workbook = sheets.workbook(book.id)
    assert not any(workbook.sheets[0].extras.values())
    assert (workbook.named, workbook.metadata) == ({}, {})


def test_filter_views_and_colouring_rules(book: gspread.Spreadsheet, send: Send) -> None:
    view = {"title": "逾期", "range": {"sheetId": 0}, "filterViewId": 12}
    rule = {"ranges": [{"sheetId": 0}], "booleanRule": {"condition": {"type": "BLANK"}, "format": {}}}
    send({"addFilterView": {"filter": view}}, {"addConditionalFormatRule": {"rule": rule, "index": 0}})
    send({"updateFilterView": {"filter": {"filterViewId": 12, "title": "今日"}, "fields": "title"}})
    (sheet,) = book.fetch_sheet_metadata()["sheets"]
    assert [(v["filterViewId"], v["title"]) for v in sheet["filterViews"]] == [(12, "今日")]
    assert len(sheet["conditionalFormats"]) == 1
    send({"deleteFilterView": {"filterId": 12}}, {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}})
    (sheet,) = book.fetch_sheet_metadata()["sheets"]
    assert "filterViews" not in sheet
    assert "conditionalFormats" not in sheet
    with pytest.raises(APIError, match="No conditional format on sheet: 0 at index: 0"):
        send({"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}})


def test_cells_shift_and_text_is_replaced(book: gspread.Spreadsheet, send: Send) -> None:
    book.sheet1.update([["a", 1], ["b", 2]], "A1")
    first = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
    send({"insertRange": {"range": first, "shiftDimension": "ROWS"}})
    assert book.sheet1.get("A1:B3") == [["", "1"], ["a", "2"], ["b"]]
    send({"deleteRange": {"range": first, "shiftDimension": "ROWS"}})
    assert book.sheet1.get("A1:B3") == [["a", "1"], ["b", "2"]]
    (reply,) = send({"findReplace": {"find": "A", "replacement": "丙", "allSheets": True}})
    assert reply["findReplace"]["occurrencesChanged"] == 1
    assert book.sheet1.acell("A1").value == "丙"

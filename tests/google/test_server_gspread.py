"""gspread's ordinary calls, over HTTP."""

import gspread
import pytest
from gspread.utils import PasteType, ValidationConditionType

from tests.google.server import SheetsServer

UNFORMATTED, FORMULA = "UNFORMATTED_VALUE", "FORMULA"


def test_a_new_spreadsheet_has_one_empty_tab(book: gspread.Spreadsheet) -> None:
    (tab,) = book.worksheets()
    assert (tab.id, tab.title, tab.row_count, tab.col_count) == (0, "Sheet1", 1000, 26)
    assert tab.get_all_values() == [[]]


def test_values_go_in_and_come_out(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.update([["案号", "数"], ["A-1", 2.5]], "A1")
    tab.update_acell("C2", "=1+1")
    tab.update_cell(3, 1, "末")
    assert tab.get_all_values() == [["案号", "数", ""], ["A-1", "2.5", "2"], ["末", "", ""]]
    assert tab.acell("C2", value_render_option=FORMULA).value == "=1+1"
    assert tab.row_values(2) == ["A-1", "2.5", "2"]
    assert tab.col_values(1) == ["案号", "A-1", "末"]
    assert [cell.value for cell in tab.range("A1:B2")] == ["案号", "数", "A-1", "2.5"]
    assert tab.find("A-1").address == "A2"


def test_records_lose_leading_zeros_as_gspread_reads_them(book: gspread.Spreadsheet) -> None:
    book.sheet1.update([["电话"], ["0501234567"]], "A1", raw=True)
    assert book.sheet1.get_all_records() == [{"电话": 501234567}]
    assert book.sheet1.get("A2", value_render_option=UNFORMATTED) == [["0501234567"]]


def test_batches_of_ranges(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.batch_update([{"range": "A1:D1", "values": [["a", "b", "", "d"]]}, {"range": "A4", "values": [[4]]}])
    assert tab.batch_get(["A1:D1", "A4:B4"], value_render_option=UNFORMATTED) == [[["a", "b", "", "d"]], [[4]]]
    tab.batch_clear(["A1:B1", "A4"])
    assert tab.get("A1:D4") == [["", "", "", "d"]]
    tab.clear()
    assert tab.get_all_values() == [[]]


def test_columns_first(book: gspread.Spreadsheet) -> None:
    book.sheet1.update([["a", "b"], [None, 2]], "A1", major_dimension="COLUMNS")
    assert book.sheet1.get("A1:B2", value_render_option=UNFORMATTED) == [["a"], ["b", 2]]
    read = book.values_get("Sheet1!A1:B2", {"majorDimension": "COLUMNS", "valueRenderOption": UNFORMATTED})
    assert read["values"] == [["a", "b"], ["", 2]]


def test_rows_are_appended_and_inserted(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.append_row(["a", 1])
    tab.append_rows([["c", 3], ["d", 4]])
    tab.insert_row(["b", 2], 2)
    assert tab.get_all_values() == [["a", "1"], ["b", "2"], ["c", "3"], ["d", "4"]]
    tab.delete_rows(1, 2)
    assert tab.get_all_values() == [["c", "3"], ["d", "4"]]
    assert book.sheet1.row_count == 999


def test_appending_makes_room(book: gspread.Spreadsheet) -> None:
    tab = book.add_worksheet("小", 1, 2)
    tab.append_rows([["a"], ["b"], ["c", "d", "e"]])
    grown = book.worksheet("小")
    assert (grown.row_count, grown.col_count) == (3, 3)


def test_columns_are_inserted_deleted_resized(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.update([["a", "b", "c"]], "A1")
    tab.insert_cols([["x"], ["y"]], 2)
    assert tab.row_values(1) == ["a", "x", "y", "b", "c"]
    tab.delete_columns(2, 3)
    tab.add_rows(5)
    tab.add_cols(1)
    again = book.sheet1
    assert again.row_values(1) == ["a", "b", "c"]
    assert (again.row_count, again.col_count) == (1005, 27)
    tab.resize(2, 2)
    assert book.sheet1.get_all_values() == [["a", "b"]]


def test_tabs_are_added_copied_renamed_ordered_hidden_removed(book: gspread.Spreadsheet) -> None:
    first = book.sheet1
    first.update([["x"]], "A1")
    second = book.add_worksheet("二", 5, 5)
    copy = first.duplicate(insert_sheet_index=2, new_sheet_name="副本")
    assert copy.get_all_values() == [["x"]]
    copy.update([["y"]], "A1")
    assert first.get_all_values() == [["x"]]
    second.update_title("第二")
    book.reorder_worksheets([second, copy, first])
    assert [tab.title for tab in book.worksheets()] == ["第二", "副本", "Sheet1"]
    second.hide()
    assert [tab.title for tab in book.worksheets(exclude_hidden=True)] == ["副本", "Sheet1"]
    second.show()
    book.del_worksheet(copy)
    first.update_index(0)
    assert [tab.title for tab in book.worksheets()] == ["Sheet1", "第二"]


def test_tab_looks(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.freeze(rows=1, cols=2)
    tab.update_tab_color("#ff0000")
    tab.hide_gridlines()
    again = book.sheet1
    assert (again.frozen_row_count, again.frozen_col_count, again.is_gridlines_hidden) == (1, 2, True)
    assert again.get_tab_color() == "#FF0000"
    tab.clear_tab_color()
    assert book.sheet1.get_tab_color() is None


def test_sort_filter_merge(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.update([["b", 2], ["c", 1], ["a", 2], ["", 0]], "A1")
    tab.sort((2, "des"), (1, "asc"), range="A1:B4")
    assert tab.get("A1:B4") == [["a", "2"], ["b", "2"], ["c", "1"], ["", "0"]]
    tab.set_basic_filter("A1:B4")
    meta = book.fetch_sheet_metadata()["sheets"][0]
    assert meta["basicFilter"]["range"]["endRowIndex"] == 4
    tab.clear_basic_filter()
    assert "basicFilter" not in book.fetch_sheet_metadata()["sheets"][0]
    tab.merge_cells("A1:B2", merge_type="MERGE_ROWS")
    assert len(book.fetch_sheet_metadata()["sheets"][0]["merges"]) == 2
    tab.update([["x"]], "C1")
    assert tab.get_values("A1:C2", combine_merged_cells=True) == [["a", "a", "x"], ["b", "b", ""]]
    tab.unmerge_cells("A1:B2")
    assert "merges" not in book.fetch_sheet_metadata()["sheets"][0]


def test_notes(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.update_notes({"A1": "一", "B2": "二"})
    assert tab.get_notes() == [["一"], ["", "二"]]
    assert tab.get_note("B2") == "二"
    tab.clear_note("A1")
    assert tab.get_notes() == [[], ["", "二"]]


def test_formats(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.update([[46083.5]], "A1")
    tab.format("A1:A3", {"numberFormat": {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm"}})
    tab.format("A1", {"textFormat": {"bold": True}})
    assert tab.acell("A1").value == "2026-03-02 12:00"
    assert tab.acell("A1", value_render_option=UNFORMATTED).value == 46083.5


def test_ranges_named_and_protected(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.update([["x", "y"]], "A1")
    tab.define_named_range("A1:B1", "抬头")
    assert [cell.value for cell in book.named_range("抬头")] == ["x", "y"]
    (named,) = book.list_named_ranges()
    tab.delete_named_range(named["namedRangeId"])
    assert book.list_named_ranges() == []
    tab.add_protected_range("A1:B1", editor_users_emails=["zhang@example.com"], description="抬头")
    (protected,) = book.list_protected_ranges(tab.id)
    assert "zhang@example.com" in protected["editors"]["users"]
    tab.delete_protected_range(protected["protectedRangeId"])
    assert book.list_protected_ranges(tab.id) == []


def test_groups_hiding_validation_copying(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.add_dimension_group_columns(0, 4)
    tab.add_dimension_group_columns(1, 2)
    assert [group["depth"] for group in tab.list_dimension_group_columns()] == [1, 2]
    tab.delete_dimension_group_columns(0, 4)
    assert [group["depth"] for group in tab.list_dimension_group_columns()] == [1]
    tab.hide_columns(0, 2)
    tab.unhide_columns(0, 1)
    columns = book.fetch_sheet_metadata({"fields": "sheets.data.columnMetadata"})["sheets"][0]["data"][0]
    assert [c.get("hiddenByUser", False) for c in columns["columnMetadata"][:3]] == [False, True, False]
    tab.add_validation("A1:A5", ValidationConditionType.one_of_list, ["是", "否"], showCustomUi=True)
    tab.update([["a"], ["b"]], "A1")
    tab.copy_range("A1:A2", "B1:B4")
    tab.cut_range("A1:A2", "C1")
    assert tab.get("A1:C4") == [["", "a", "a"], ["", "b", "b"], ["", "a"], ["", "b"]]


def test_files_are_listed_opened_copied_shared_deleted(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    client, other = sheets.client("app"), sheets.client("li@example.com")
    book.sheet1.update([["x"]], "A1")
    assert [found.id for found in client.openall("案件台账")] == [book.id]
    with pytest.raises(PermissionError):
        other.open_by_key(book.id)
    book.share("li@example.com", perm_type="user", role="reader")
    assert other.open("案件台账").sheet1.get_all_values() == [["x"]]
    with pytest.raises(gspread.exceptions.APIError, match="does not have permission"):
        other.open_by_key(book.id).sheet1.update([["y"]], "A1")
    copy = client.copy(book.id, title="抄本", copy_permissions=False)
    copy.sheet1.update([["z"]], "A1")
    assert (copy.sheet1.get_all_values(), book.sheet1.get_all_values()) == ([["z"]], [["x"]])
    assert book.remove_permissions("li@example.com")
    with pytest.raises(PermissionError):
        other.open_by_key(book.id)
    client.del_spreadsheet(copy.id)
    with pytest.raises(gspread.exceptions.SpreadsheetNotFound):
        client.open_by_key(copy.id)


def test_titles_and_times(book: gspread.Spreadsheet) -> None:
    book.update_title("新名")
    book.update_timezone("Asia/Shanghai")
    book.update_locale("zh_CN")
    assert (book.title, book.timezone, book.locale) == ("新名", "Asia/Shanghai", "zh_CN")
    assert book.get_lastUpdateTime() >= book.creationTime


def test_a_tab_goes_to_another_spreadsheet(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    other = sheets.client("app").create("另一份")
    book.sheet1.update([["x"]], "A1")
    book.sheet1.copy_to(other.id)
    assert other.worksheet("Copy of Sheet1").get_all_values() == [["x"]]


def test_a_table_of_text_is_imported(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    sheets.client("app").import_csv(book.id, "案号,数\nA-1,007\n")
    assert book.sheet1.get_all_values() == [["案号", "数"], ["A-1", "7"]]


def test_many_ranges_in_one_call(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    body = {
        "valueInputOption": "RAW",
        "data": [{"range": "A1:B1", "values": [["a", "b"]]}, {"range": "C3", "values": [[7]]}],
    }
    assert book.values_batch_update(body)["totalUpdatedCells"] == 3
    book.values_append("Sheet1!A1", {"valueInputOption": "RAW"}, {"values": [["c"]]})
    assert tab.get_values() == [["a", "b", ""], ["c", "", ""], ["", "", "7"]]
    book.values_clear("Sheet1!B1")
    book.values_batch_clear(body={"ranges": ["A2", "C3"]})
    assert tab.get_values() == [["a"]]
    tab.batch_format(
        [
            {"range": "A1", "format": {"numberFormat": {"type": "TEXT", "pattern": "@"}}},
            {"range": "B1", "format": {"textFormat": {"bold": True}}},
        ]
    )
    tab.update([["0501", "0501"]], "A1", value_input_option="USER_ENTERED")
    assert tab.get_values("A1:B1") == [["0501", "501"]]


def test_cells_are_found_and_listed(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.update([["漏水", "a"], ["漏水", "b"]], "A1")
    assert tab.cell(2, 2).value == "b"
    assert [found.address for found in tab.findall("漏水")] == ["A1", "A2"]
    assert [found.value for found in tab.get_all_cells()[:1]] == ["漏水"]
    assert tab.expand("A1") == [["漏水", "a"], ["漏水", "b"]]


def test_merging_keeps_the_first_cell(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.update([["a", "b"], ["c", "d"], ["e", "f"]], "A1")
    tab.batch_merge([{"range": "A1:B2", "mergeType": "MERGE_ALL"}, {"range": "A3:B3"}])
    assert tab.get_values() == [["a"], [""], ["e"]]


def test_a_pasted_value_is_no_formula(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.update([["=1+1"]], "A1", value_input_option="USER_ENTERED")
    tab.copy_range("A1", "B1", PasteType.values)
    tab.copy_range("A1", "C1", PasteType.formula)
    assert tab.get("A1:C1", value_render_option=FORMULA) == [["=1+1", 2, "=1+1"]]


def test_notes_rows_and_looks(book: gspread.Spreadsheet) -> None:
    tab = book.sheet1
    tab.insert_note("A1", "一")
    tab.update_note("A1", "二")
    tab.insert_notes({"B1": "三"})
    assert tab.get_notes() == [["二", "三"]]
    tab.clear_notes(["A1", "B1"])
    assert tab.get_notes() == [[]]
    tab.add_dimension_group_rows(1, 4)
    assert [group["depth"] for group in tab.list_dimension_group_rows()] == [1]
    tab.delete_dimension_group_rows(1, 4)
    assert tab.list_dimension_group_rows() == []
    tab.hide_rows(0, 2)
    tab.unhide_rows(0, 1)
    rows = book.fetch_sheet_metadata({"fields": "sheets.data.rowMetadata"})["sheets"][0]["data"][0]["rowMetadata"]
    assert [row.get("hiddenByUser", False) for row in rows[:3]] == [False, True, False]
    tab.columns_auto_resize(0, 2)
    tab.rows_auto_resize(0, 2)
    tab.hide_gridlines()
    tab.show_gridlines()
    assert not book.sheet1.is_gridlines_hidden


def test_tabs_and_people_by_id(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    client = sheets.client("app")
    twin = book.duplicate_sheet(book.sheet1.id, new_sheet_name="二")
    assert book.get_worksheet_by_id(twin.id).title == book.get_worksheet(0).title == "二"
    assert client.open_by_url(book.url).worksheet("二").id == twin.id
    book.del_worksheet_by_id(twin.id)
    assert [tab.title for tab in book.worksheets()] == ["Sheet1"]
    client.insert_permission(book.id, "li@example.com", perm_type="user", role="writer")
    found = {one["emailAddress"]: one for one in client.list_permissions(book.id)}
    assert found["li@example.com"]["role"] == "writer"
    client.remove_permission(book.id, found["li@example.com"]["id"])
    assert [one["role"] for one in book.list_permissions()] == ["owner"]
    assert [one["id"] for one in client.list_spreadsheet_files()] == [book.id]
    assert client.get_file_drive_metadata(book.id)["name"] == "案件台账"

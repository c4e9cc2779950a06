"""Where clients of the real service see more than a first look at its documents tells."""

import io
from typing import Any

import gspread
import pypdfium2
import pytest
from gspread.exceptions import APIError
from gspread.urls import DRIVE_FILES_API_V3_URL
from gspread.utils import ExportFormat
from openpyxl import load_workbook

from tests.google.book.colours import eight_bits
from tests.google.drive import exporting
from tests.google.server import SheetsServer


@pytest.mark.trial(41)
@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("=A1+B1", 7),
        ("=a1*B1-1", 11),
        ("=$A$1/2", 1.5),
        ("=A1^2", 9),
        ("=(A1+B1)*-1", -7),
        ("=A1+C1", 3),
        ("=A1+D1", "#VALUE!"),
        ("=A1/C1", "#DIV/0!"),
        ("=A1+E1", "#DIV/0!"),
        ("=A1+NONSENSE", "#NAME?"),
    ],
)
def test_a_formula_calculates_with_cells(book: gspread.Spreadsheet, formula: str, shown: Any) -> None:
    tab = book.sheet1
    tab.update([[3, 4, None, "text", "=1/0"]], "A1", raw=False)
    tab.update([[formula]], "F1", raw=False)
    found = tab.get("F1", value_render_option="UNFORMATTED_VALUE")
    assert found == [[shown]]


@pytest.mark.trial(41)
def test_an_empty_place_in_an_update_is_no_updated_cell(book: gspread.Spreadsheet) -> None:
    answer: Any = book.values_update("Sheet1!A1", {"valueInputOption": "RAW"}, {"values": [["a", None], [None, ""]]})
    assert (answer["updatedRows"], answer["updatedColumns"], answer["updatedCells"]) == (2, 2, 2)


@pytest.mark.trial(41)
@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("A1", "'A1'"),
        ("abc123", "'abc123'"),
        ("R1C1", "'R1C1'"),
        ("ABCD1", "ABCD1"),
        ("Data", "Data"),
        ("案件", "'案件'"),
    ],
)
def test_a_title_that_looks_like_a_cell_is_quoted(book: gspread.Spreadsheet, title: str, written: str) -> None:
    tab = book.add_worksheet(title, 5, 5)
    answer: Any = tab.update([["x"]], "B2")
    assert answer["updatedRange"] == f"{written}!B2"


@pytest.mark.trial(41)
def test_typed_numbers_and_formulas_show_as_recorded(book: gspread.Spreadsheet) -> None:
    """Right values: gspread's cassette CellTest.test_numeric_value."""
    tab = book.sheet1
    for typed, seen in (("= 1 / 1024", "0.0009765625"), ("2,000,000.01", "2,000,000.01")):
        tab.update([[typed]], "A1", raw=False)
        assert tab.acell("A1").value == seen


@pytest.mark.trial(41)
def test_only_rows_and_columns_with_something_new_count_as_updated(book: gspread.Spreadsheet) -> None:
    """Right values: gspread's cassette WorksheetTest.test_update_cells_noncontiguous."""
    rows = [["top left", None, None, None], *[[None] * 4] * 4, [None, None, None, "bottom right"]]
    answer: Any = book.values_update("Sheet1!A1:D6", {"valueInputOption": "RAW"}, {"values": rows})
    assert answer["updatedRange"] == "Sheet1!A1:D6"
    assert (answer["updatedRows"], answer["updatedColumns"], answer["updatedCells"]) == (2, 2, 2)


@pytest.mark.trial(41)
@pytest.mark.parametrize(
    ("searched", "table", "written"),
    [
        ("Sheet1", "Sheet1!B4:D6", "Sheet1!B7"),
        ("Sheet1!B4", "Sheet1!B4:D6", "Sheet1!B7"),
        ("Sheet1!C5:D5", "Sheet1!B4:D6", "Sheet1!B7"),
        ("Sheet1!B5", "Sheet1!B4:D6", "Sheet1!B7"),
        ("Sheet1!B2:D4", "Sheet1!B4:D6", "Sheet1!B7"),
        ("Sheet1!A3:G10", "Sheet1!B4:D6", "Sheet1!B7"),
        ("Sheet1!A1", "Sheet1!A1:C2", "Sheet1!A3"),
        ("Sheet1!E4", None, "Sheet1!E4"),
        ("Sheet1!A4", None, "Sheet1!A4"),
    ],
)
def test_values_are_appended_to_the_last_table_in_the_range(
    book: gspread.Spreadsheet, searched: str, table: str | None, written: str
) -> None:
    """Tables and right values: "Append values" in Google's guide "Read & write cell values"."""
    book.sheet1.update([["x", "y", "z"], ["x", "y", "z"]], "A1")
    book.sheet1.update([["x", "y"], [None, "y", "z"], ["x", "y", "z"]], "B4")
    answer: Any = book.values_append(searched, {"valueInputOption": "RAW"}, {"values": [["new"]]})
    assert answer.get("tableRange") == table
    assert answer["updates"]["updatedRange"] == written


@pytest.mark.trial(41)
def test_an_empty_cell_parts_tables_and_the_last_of_a_row_is_taken(book: gspread.Spreadsheet) -> None:
    """Right values: the cassettes WorksheetTest.test_append_row_with_empty_value and ..._and_table_range."""
    row = {"values": [["1", "", "3"]]}
    answers: list[Any] = [
        book.values_append(where, {"valueInputOption": "RAW"}, row) for where in ("Sheet1", "Sheet1", "Sheet1!A1")
    ]
    assert [answer.get("tableRange") for answer in answers] == [None, "Sheet1!C1", "Sheet1!A1"]
    ranges = [answer["updates"]["updatedRange"] for answer in answers]
    assert ranges == ["Sheet1!A1:C1", "Sheet1!C2:E2", "Sheet1!A2:C2"]


@pytest.mark.trial(41)
@pytest.mark.parametrize(
    ("option", "below", "named"), [("OVERWRITE", "new", "A3"), ("INSERT_ROWS", "what stood there", "A5")]
)
def test_appended_rows_are_inserted_or_written_over_what_is_there(
    book: gspread.Spreadsheet, option: str, below: str, named: str
) -> None:
    """Right values: InsertDataOption in the discovery document. What is named moves with its row."""
    tab = book.sheet1
    tab.update([["a"], [""], ["what stood there"]], "A1")
    tab.define_named_range("A3", "there")
    how = {"valueInputOption": "RAW", "insertDataOption": option}
    answer: Any = book.values_append("Sheet1!A1", how, {"values": [["b"], ["new"]]})
    assert answer["updates"]["updatedRange"] == "Sheet1!A2:A3"
    assert tab.acell(named).value == below
    (there,) = book.list_named_ranges()
    assert there["range"]["startRowIndex"] == int(named[1:]) - 1


@pytest.mark.trial(41)
def test_a_column_is_fitted_to_its_longest_line(book: gspread.Spreadsheet) -> None:
    """Right values: the cassette WorksheetTest.test_auto_resize_columns."""
    book.sheet1.update_acell("A1", "A" * 1024)

    def widths() -> list[int]:
        found: Any = book.fetch_sheet_metadata({"fields": "sheets.data.columnMetadata"})
        return [column["pixelSize"] for column in found["sheets"][0]["data"][0]["columnMetadata"]]

    assert widths() == [100] * 26
    book.sheet1.columns_auto_resize(0, 2)
    assert widths() == [8691, *[100] * 25]


@pytest.mark.trial(41)
@pytest.mark.parametrize(
    ("sent", "kept"),
    [(0.5, 0.49803922), (127 / 255, 0.49803922), (66 / 255, 0.25882354), (1, 1), (0.8980392, 0.8980392)],
)
def test_a_colour_is_kept_in_steps_of_a_255th(book: gspread.Spreadsheet, sent: float, kept: float) -> None:
    """Right values: the cassettes WorksheetTest.test_update_tab_color and test_set_tab_color, and the theme in each."""
    tab = book.sheet1
    wanted = {"properties": {"sheetId": 0, "tabColor": {"red": 1, "green": 0, "blue": sent}}, "fields": "tabColor"}
    book.batch_update({"requests": [{"updateSheetProperties": wanted}]})
    tab.format(
        "A1", {"backgroundColor": {"blue": sent}, "borders": {"top": {"style": "SOLID", "color": {"blue": sent}}}}
    )
    found: Any = book.fetch_sheet_metadata(
        {"fields": "sheets(properties(tabColor,tabColorStyle),data.rowData.values.userEnteredFormat)"}
    )
    properties = found["sheets"][0]["properties"]
    assert properties["tabColor"] == properties["tabColorStyle"]["rgbColor"] == {"red": 1, "blue": kept}
    form = found["sheets"][0]["data"][0]["rowData"][0]["values"][0]["userEnteredFormat"]
    assert form["backgroundColorStyle"]["rgbColor"] == {"blue": kept}
    assert form["borders"]["top"]["color"] == {"blue": kept}


@pytest.mark.trial(41)
def test_a_colour_that_was_read_may_be_written_again() -> None:
    for step in range(256):
        read = eight_bits({"red": step / 255})
        assert round(read["red"] * 255) == step
        assert eight_bits(read) == read


@pytest.mark.trial(41)
@pytest.mark.parametrize(
    ("dimension", "name"), [("rows", "rowGroupControlAfter"), ("columns", "columnGroupControlAfter")]
)
def test_groups_show_where_their_control_stands(book: gspread.Spreadsheet, dimension: str, name: str) -> None:
    """Right values: the cassettes WorksheetTest.test_group_rows and test_group_columns."""

    def grid() -> dict[str, Any]:
        found: Any = book.fetch_sheet_metadata()
        return dict(found["sheets"][0]["properties"]["gridProperties"])

    size = {"rowCount": 1000, "columnCount": 26}
    assert grid() == size
    getattr(book.sheet1, f"add_dimension_group_{dimension}")(0, 2)
    assert grid() == size | {name: True}
    getattr(book.sheet1, f"delete_dimension_group_{dimension}")(0, 2)
    assert grid() == size | {name: True}


AREA = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}


def protect(book: gspread.Spreadsheet, **how: Any) -> dict[str, Any]:
    wanted = {"protectedRange": {"range": AREA, **how}}
    answer: Any = book.batch_update({"requests": [{"addProtectedRange": wanted}]})
    return dict(answer["replies"][0]["addProtectedRange"]["protectedRange"])


@pytest.mark.trial(41)
@pytest.mark.parametrize("warning", [False, True])
def test_the_owner_is_named_among_the_editors_of_a_protection(book: gspread.Spreadsheet, *, warning: bool) -> None:
    """Right values: WorksheetTest.test_add_protected_range_normal and ..._warning; the reply does not name them yet."""
    made = protect(book, warningOnly=warning, editors={"users": [], "groups": []})
    assert (made["editors"], made["requestingUserCanEdit"]) == ({}, True)
    (kept,) = book.list_protected_ranges(0)
    assert kept["editors"] == {"users": ["app@loopback.test"]}
    assert (kept["requestingUserCanEdit"], kept.get("warningOnly", False)) == (True, warning)


@pytest.mark.trial(41)
@pytest.mark.parametrize(
    ("editors", "may"),
    [
        ({}, set()),
        ({"users": ["li@example.com"]}, {"li@example.com"}),
        ({"groups": ["heads@example.com"]}, {"wang@example.com"}),
        ({"domainUsersCanEdit": True}, {"he@loopback.test"}),
    ],
)
def test_who_edits_a_protection_may_and_is_told_who_else(
    sheets: SheetsServer, book: gspread.Spreadsheet, editors: dict[str, Any], may: set[str]
) -> None:
    """Right values: Editors, and ProtectedRange.editors ("only visible to users with edit access to the protected
    range"), in the discovery document."""
    sheets.store.groups["heads@example.com"] = {"wang@example.com"}
    for person in (people := ("li@example.com", "wang@example.com", "he@loopback.test")):
        book.share(person, perm_type="user", role="writer", notify=False)
    protect(book, editors=editors)
    for person in people:
        theirs = sheets.client(person).open_by_key(book.id)
        (seen,) = theirs.list_protected_ranges(0)
        assert seen.get("requestingUserCanEdit", False) is ("editors" in seen) is (person in may)
        if person in may:
            theirs.sheet1.update([[person]], "A1")
        else:
            with pytest.raises(APIError, match="protected cell"):
                theirs.sheet1.update([[person]], "A1")


@pytest.mark.trial(41)
def test_a_warning_that_becomes_a_lock_is_open_to_all_editors_of_the_document(book: gspread.Spreadsheet) -> None:
    """Right value: ProtectedRange.warningOnly in the discovery document."""
    book.share("li@example.com", perm_type="user", role="writer", notify=False)
    book.share("he@example.com", perm_type="user", role="reader", notify=False)
    number = protect(book, warningOnly=True, editors={"users": ["wang@example.com"]})["protectedRangeId"]
    changed = {"protectedRange": {"protectedRangeId": number, "warningOnly": False}, "fields": "warningOnly"}
    book.batch_update({"requests": [{"updateProtectedRange": changed}]})
    (kept,) = book.list_protected_ranges(0)
    assert set(kept["editors"]["users"]) == {"app@loopback.test", "li@example.com"}


@pytest.mark.trial(41)
def test_a_spreadsheet_is_exported_as_text_of_its_first_tab(book: gspread.Spreadsheet) -> None:
    """Right values: the cassettes ClientTest.test_client_export_spreadsheet, SpreadsheetTest.test_export_spreadsheet;
    "first-sheet only" in Drive's table of export formats."""
    book.sheet1.update([["a1", "B2"]], "A1")
    book.add_worksheet("二", 5, 5).update([["no"]], "A1")
    assert book.export(ExportFormat.CSV) == b"a1,B2"
    book.sheet1.update([["案, 件"], ["", "=1+1"]], "A2", raw=False)
    assert book.export(ExportFormat.CSV) == 'a1,B2\r\n"案, 件",\r\n,2'.encode()
    assert book.export(ExportFormat.TSV) == "a1\tB2\r\n案, 件\t\r\n\t2".encode()


@pytest.mark.trial(41)
def test_a_spreadsheet_is_exported_whole(book: gspread.Spreadsheet) -> None:
    book.sheet1.update([["案件", 2.5, True]], "A1")
    book.add_worksheet("二", 5, 5).update([["=1+1", "=1+1"]], "B2")
    book.worksheet("二").update([["=1+1"]], "C3", raw=False)
    excel = load_workbook(io.BytesIO(book.export(ExportFormat.EXCEL)))
    assert excel.sheetnames == ["Sheet1", "二"]
    assert list(excel["Sheet1"].values) == [("案件", 2.5, True)]
    assert (excel["二"]["B2"].value, excel["二"]["B2"].data_type, excel["二"]["C3"].value) == ("=1+1", "s", 2)
    pages = pypdfium2.PdfDocument(book.export(ExportFormat.PDF))
    assert [page.get_textpage().get_text_range().split() for page in pages] == [
        ["案件", "2.5", "TRUE"],
        ["=1+1", "=1+1", "2"],
    ]


@pytest.mark.trial(41)
def test_drive_exports_no_other_kind_and_nothing_too_large(
    book: gspread.Spreadsheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right values: "limited to 10 MB" in the discovery document."""
    book.sheet1.update([["x" * 50]], "A1")
    with pytest.raises(APIError, match="requested conversion is not supported"):
        book.client.request("get", f"{DRIVE_FILES_API_V3_URL}/{book.id}/export", params={"mimeType": "image/png"})
    monkeypatch.setattr(exporting, "LARGEST", 49)
    with pytest.raises(APIError, match="too large to be exported"):
        book.export(ExportFormat.CSV)


@pytest.mark.trial(41)
def test_an_imported_table_stands_on_a_tab_of_the_files_name(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    """Right values: the cassette ClientTest.test_import_csv."""
    book.add_worksheet("二", 5, 5)
    sheets.client("app").import_csv(book.id, "a,b\nc,d\n")
    (tab,) = sheets.client("app").open_by_key(book.id).worksheets()
    assert (tab.title, tab.get_all_values()) == ("案件台账", [["a", "b"], ["c", "d"]])
    assert tab.id != 0

"""How answers look: what is left out, how values are shown, how ranges are written and read."""

from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError
from hypothesis import given
from hypothesis import strategies as st

from tests.google.book.a1 import Area, column_letters, column_number, parse_cells, split_title, written
from tests.google.book.cells import Formula, entered, shown
from tests.google.book.shifts import Delete, Insert, Move
from tests.google.conftest import Send, cells
from tests.google.server import SheetsServer


def raw_get(book: gspread.Spreadsheet, path: str, **params: Any) -> Any:
    return book.client.request("get", f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}{path}", params).json()


def test_empty_ends_are_left_out(book: gspread.Spreadsheet, send: Send) -> None:
    rows = [cells("a", None, "c", None), cells(None, None), cells(None, "b"), cells(None, None)]
    send({"updateCells": {"start": {"sheetId": 0}, "rows": rows, "fields": "userEnteredValue"}})
    for params in ({"valueRenderOption": "UNFORMATTED_VALUE"}, {}):
        read = raw_get(book, "/values/Sheet1", **params)
        assert read == {
            "range": "Sheet1!A1:Z1000",
            "majorDimension": "ROWS",
            "values": [["a", "", "c"], [], ["", "b"]],
        }
    assert "values" not in raw_get(book, "/values/Sheet1!D1:F9")
    assert raw_get(book, "/values/Sheet1!B2:C")["values"] == [[], ["b"]]


def test_zeros_are_left_out_as_in_the_records(book: gspread.Spreadsheet, send: Send) -> None:
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2}
    ((reply),) = send({"addNamedRange": {"namedRange": {"name": "x", "range": area}}})
    assert reply["addNamedRange"]["namedRange"]["range"] == {"startRowIndex": 0, "endRowIndex": 2}
    (sheet,) = raw_get(book, "", includeGridData="false")["sheets"]
    assert sheet == {
        "properties": {
            "sheetId": 0,
            "title": "Sheet1",
            "index": 0,
            "sheetType": "GRID",
            "gridProperties": {"rowCount": 1000, "columnCount": 26},
        }
    }


def test_false_and_zero_in_cells_are_kept(book: gspread.Spreadsheet, send: Send) -> None:
    send({"updateCells": {"start": {"sheetId": 0}, "rows": [cells(0, False)], "fields": "userEnteredValue"}})
    fields = "sheets.data.rowData.values(effectiveValue,formattedValue)"
    (row,) = raw_get(book, "", ranges="Sheet1!A1:B1", fields=fields)["sheets"][0]["data"][0]["rowData"]
    assert row["values"] == [
        {"effectiveValue": {"numberValue": 0}, "formattedValue": "0"},
        {"effectiveValue": {"boolValue": False}, "formattedValue": "FALSE"},
    ]
    assert raw_get(book, "/values/A1:B1", valueRenderOption="UNFORMATTED_VALUE")["values"] == [[0, False]]


def test_masks(book: gspread.Spreadsheet) -> None:
    assert raw_get(book, "", fields="sheets/properties(title,index)") == {
        "sheets": [{"properties": {"title": "Sheet1", "index": 0}}]
    }
    with pytest.raises(APIError) as error:
        raw_get(book, "", fields="joe")
    assert error.value.response.json()["error"]["details"][0]["fieldViolations"][0] == {
        "field": "joe",
        "description": "Error expanding 'fields' parameter. Cannot find matching fields for path 'joe'.",
    }
    assert raw_get(book, "/values:batchGet", ranges="Sheet1!A1", fields="valueRanges.range") == {
        "valueRanges": [{"range": "Sheet1!A1"}]
    }


@pytest.mark.parametrize(
    ("range_", "words"),
    [
        ("无此表!A1", "Unable to parse range: 无此表!A1"),
        ("Sheet1!A1B", "Unable to parse range: Sheet1!A1B"),
        ("Sheet1!A1001", "Range (Sheet1!A1001) exceeds grid limits. Max rows: 1000, max columns: 26"),
    ],
)
def test_bad_ranges(range_: str, words: str, book: gspread.Spreadsheet) -> None:
    with pytest.raises(APIError) as error:
        book.values_get(range_)
    assert error.value.error["message"] == words


def test_masks_of_values(book: gspread.Spreadsheet, send: Send) -> None:
    send({"updateCells": {"start": {"sheetId": 0}, "rows": [cells("a")], "fields": "userEnteredValue"}})
    ranges = ["Sheet1!A1:B1", "Sheet1!D4"]
    area, empty = {"range": "Sheet1!A1:B1"}, {"range": "Sheet1!D4"}
    for fields, answer in {
        "valueRanges.values": {"valueRanges": [{"values": [["a"]]}, {}]},
        "valueRanges.range": {"valueRanges": [area, empty]},
        "valueRanges(range,values)": {"valueRanges": [area | {"values": [["a"]]}, empty]},
        "spreadsheetId": {"spreadsheetId": book.id},
    }.items():
        assert raw_get(book, "/values:batchGet", ranges=ranges, fields=fields) == answer
    assert raw_get(book, "/values/A1", fields="values") == {"values": [["a"]]}
    assert raw_get(book, "/values/A1", fields="majorDimension") == {"majorDimension": "ROWS"}
    with pytest.raises(APIError, match="invalid argument"):
        raw_get(book, "/values:batchGet", ranges=ranges, fields="valueRanges.colour")


def test_an_answer_given_before_is_not_given_again_after_a_change(book: gspread.Spreadsheet, send: Send) -> None:
    for number in (1.5, 2.5):
        send({"updateCells": {"start": {"sheetId": 0}, "rows": [cells(number)], "fields": "userEnteredValue"}})
        for _ in range(2):
            assert raw_get(book, "/values/A1")["values"] == [[str(number)]]
            assert raw_get(book, "/values/A1", valueRenderOption="UNFORMATTED_VALUE")["values"] == [[number]]
            assert raw_get(book, "/values/Sheet1", valueRenderOption="UNFORMATTED_VALUE")["values"] == [[number]]


def test_bad_parameters(book: gspread.Spreadsheet) -> None:
    with pytest.raises(APIError, match="Cannot bind query parameter"):
        raw_get(book, "/values/A1", valueRender="FORMULA")
    with pytest.raises(APIError, match="Invalid value at 'value_render_option'"):
        raw_get(book, "/values/A1", valueRenderOption="RAW")
    with pytest.raises(APIError, match="'valueInputOption' is required but not specified"):
        book.values_update("A1", body={"values": [["x"]]})
    with pytest.raises(APIError, match=r"google.protobuf.ListValue"):
        book.values_update("A1", {"valueInputOption": "RAW"}, {"values": "X"})
    with pytest.raises(APIError, match="tried writing to row"):
        book.values_update("A1:B1", {"valueInputOption": "RAW"}, {"values": [["x"], ["y"]]})
    with pytest.raises(APIError, match="exceeds grid limits"):
        book.values_update("A1000", {"valueInputOption": "RAW"}, {"values": [["x"], ["y"]]})


def test_dates_as_serial_or_as_text(book: gspread.Spreadsheet) -> None:
    book.sheet1.update([["2026-03-02 09:30", 7]], "A1", value_input_option="USER_ENTERED")
    asked = {"valueRenderOption": "UNFORMATTED_VALUE"}
    assert raw_get(book, "/values/A1:B1", **asked)["values"][0] == [pytest.approx(46083.395833), 7]
    as_text = raw_get(book, "/values/A1:B1", **asked, dateTimeRenderOption="FORMATTED_STRING")
    assert as_text["values"] == [["2026-03-02 09:30:00", 7]]


def test_ranges_by_filter(book: gspread.Spreadsheet) -> None:
    book.sheet1.update([["a", "b"]], "A1")
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}/values:batchGetByDataFilter"
    filters = [{"a1Range": "Sheet1!B1"}, {"gridRange": {"sheetId": 0, "endRowIndex": 1, "endColumnIndex": 1}}]
    read = book.client.request("post", url, json={"dataFilters": filters}).json()
    assert [found["valueRange"]["values"] for found in read["valueRanges"]] == [[["b"]], [["a"]]]


def test_what_was_sent_before_is_not_sent_again_when_changed(book: gspread.Spreadsheet, send: Send) -> None:
    asked = {"valueRenderOption": "UNFORMATTED_VALUE"}
    book.sheet1.update([["a"], ["b"]], "A1")
    assert raw_get(book, "/values/Sheet1", **asked)["values"] == [["a"], ["b"]]
    book.sheet1.update([["c"]], "A2")
    assert raw_get(book, "/values/Sheet1", **asked)["values"] == [["a"], ["c"]]


def test_the_file_version_grows_with_every_change(sheets: SheetsServer, book: gspread.Spreadsheet) -> None:
    def version() -> int:
        url = f"https://www.googleapis.com/drive/v3/files/{book.id}"
        return int(book.client.request("get", url, {"fields": "version"}).json()["version"])

    seen = [version()]
    book.sheet1.update([["a"]], "A1")
    seen.append(version())
    sheets.manager(book.id).set("A1", [["b"]])
    seen.append(version())
    book.sheet1.get_all_values()
    assert seen[0] < seen[1] < seen[2] == version()


# The parts


@pytest.mark.parametrize(
    ("typed", "value", "pattern"),
    [
        ("0501234567", 501234567, None),
        ("1,234.5", 1234.5, "#,##0.00"),
        ("1e5", 100000, None),
        ("12%", 0.12, "0%"),
        ("¥1200", 1200, '"¥"#,##0.00'),
        ("2026/3/2", 46083, "yyyy-mm-dd"),
        ("2026年3月2日", 46083, "yyyy-mm-dd"),
        ("2026-02-30", "2026-02-30", None),
        ("18:00", 0.75, "hh:mm"),
        ("true", True, None),
        ("'007", "007", None),
        ("NaN", "NaN", None),
        ("+86 139", "+86 139", None),
        ("=A1", Formula("=A1"), None),
        ("-", "-", None),
        ("", None, None),
    ],
)
def test_typed_text_is_understood(typed: str, value: Any, pattern: str | None) -> None:
    found, form = entered(typed, None)
    assert found == value
    assert type(found) is type(value)
    assert (form or {}).get("pattern") == pattern


def test_a_plain_text_cell_keeps_what_is_typed() -> None:
    look = {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}}
    assert entered("0501234567", look) == ("0501234567", None)


@pytest.mark.parametrize(
    ("value", "kind", "pattern", "text"),
    [
        (46083.75, "DATE_TIME", "yyyy-mm-dd hh:mm", "2026-03-02 18:00"),
        (46083.75, "DATE_TIME", "yyyy年m月d日 h:mm am/pm", "2026年3月2日 6:00 PM"),
        (46083, "DATE", "", "2026-03-02"),
        (1234.5, "NUMBER", "#,##0.00", "1,234.50"),
        (0.125, "PERCENT", "0.0%", "12.5%"),
        (7, "TEXT", "@", "7"),
        (1 / 3, "", "", "0.3333333333"),
    ],
)
def test_numbers_are_shown(value: float, kind: str, pattern: str, text: str) -> None:
    assert shown(value, {"userEnteredFormat": {"numberFormat": {"type": kind, "pattern": pattern}}}) == text


@given(st.integers(0, 18_277))
def test_column_letters_there_and_back(number: int) -> None:
    assert column_number(column_letters(number)) == number


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("B2", Area(1, 1, 2, 2)),
        ("A1:C3", Area(0, 0, 3, 3)),
        ("C3:A1", Area(0, 0, 3, 3)),
        ("A:C", Area(0, 0, None, 3)),
        ("2:5", Area(1, 0, 5, None)),
        ("A2:F", Area(1, 0, None, 6)),
        ("$A$1:$B2", Area(0, 0, 2, 2)),
    ],
)
def test_cells_are_parsed(text: str, area: Area) -> None:
    assert parse_cells(text) == area


@given(st.text(min_size=1).filter(lambda title: "\x00" not in title))
def test_quoted_titles_there_and_back(title: str) -> None:
    text = written(title, Area(0, 0, 2, 2))
    assert split_title(text) == (title, "A1:B2")


@given(st.integers(0, 9), st.integers(1, 4), st.integers(0, 12), st.integers(1, 5), st.data())
def test_spans_follow_their_lines(start: int, length: int, at: int, count: int, data: st.DataObject) -> None:
    """A span after an insertion or deletion holds the lines that it held before, and what came between them."""
    shift = data.draw(st.sampled_from([Insert(at, count), Delete(at, at + count)]))
    kept = [shift.point(i) for i in range(start, start + length)]
    left = [i for i in kept if i is not None]
    span = shift.span(start, start + length)
    assert span == ((left[0], left[-1] + 1) if left else None)


@given(st.integers(0, 5), st.integers(1, 3), st.integers(0, 12), st.lists(st.integers(), min_size=12, max_size=12))
def test_moved_lines_land_where_a_list_would_put_them(start: int, length: int, to: int, lines: list[int]) -> None:
    if start < to < start + length:
        to = start
    shift = Move(start, start + length, to)
    block, rest = lines[start : start + length], lines[:start] + lines[start + length :]
    moved = rest[: shift.landing] + block + rest[shift.landing :]
    assert [moved[shift.point(i) or 0] for i in range(12)] == lines

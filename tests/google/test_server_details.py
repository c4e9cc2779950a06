"""Where clients of the real service see more than a first look at its documents tells."""

from typing import Any

import gspread
import pytest


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

"""Recorded traffic of the real service, sent again: the answers must be the same but for ids and times."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import gspread
import pytest

from tests.google.server import SheetsServer

RECORDED = Path(__file__).parents[3] / "shared" / "google" / "recorded_examples.txt"


class Example(NamedTuple):
    kind: str
    verb: str
    url: str
    body: str
    answer: str


def _read() -> list[Example]:
    if not RECORDED.exists():
        return []
    pattern = r"^### (.+?) \| .*\n(\w+) (\S+)\nBODY (.*)\n200 ((?:.*\n)*?)(?=^###|\Z)"
    found = re.findall(pattern, RECORDED.read_text(encoding="utf-8"), re.MULTILINE)
    return [Example(*parts[:4], parts[4].strip()) for parts in found]


EXAMPLES = _read()
CORNER = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
GROUP = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}
BLUE = {"backgroundColor": {"green": 1, "blue": 1}, "horizontalAlignment": "CENTER"}
YELLOW = {"foregroundColor": {"red": 1, "green": 1}, "fontSize": 12, "bold": True}
FRUIT = [["🍇", "🍉", "🍋"], ["🍐", "🍎", "🍓"]]


def _tab(sheet_id: int, title: str = "又一", rows: int = 10) -> dict[str, Any]:
    grid = {"rowCount": rows, "columnCount": 26}
    return {"addSheet": {"properties": {"sheetId": sheet_id, "title": title, "gridProperties": grid}}}


def _named(key: str, name: str) -> dict[str, Any]:
    return {"addNamedRange": {"namedRange": {"namedRangeId": key, "name": name, "range": CORNER}}}


def _text(text: str, column: int = 0) -> dict[str, Any]:
    start = {"sheetId": 0, "rowIndex": 0, "columnIndex": column}
    cell = {"userEnteredValue": {"stringValue": text}}
    return {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}


FORMAT = {"userEnteredFormat": BLUE | {"textFormat": YELLOW}}
SECOND_ROW = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
STANDING: dict[str, list[dict[str, Any]]] = {
    "get-namedRanges": [_named("220755387", "TestDefineNamedRange")],
    "bu-deleteNamedRange": [_named("220755387", "x")],
    "bu-updateNamedRange": [_named("1450817762", "x")],
    "bu-deleteSheet": [_tab(1877059582)],
    "values:batchGet": [_tab(5, "🌵 test_values_batch_get 1")],
    "bu-updateSheetProperties": [_tab(755875121)],
    "append-tableRange": [_text("x", 2)],
    "bu-deleteProtectedRange": [
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": 2028942746, "range": CORNER}}}
    ],
    "get-sheets.data.rowData.values.userEnteredFo": [
        {"repeatCell": {"range": SECOND_ROW, "cell": FORMAT, "fields": "userEnteredFormat"}}
    ],
    "bu-updateCells+updateCells": [_tab(367780790)],
    "bu-deleteDimensionGroup": [{"addDimensionGroup": {"range": GROUP}}],
}  # fmt: skip
"""What has to stand in the spreadsheet before an example makes sense."""


@pytest.mark.skipif(not EXAMPLES, reason="the recorded examples (../shared/google) are not here")
@pytest.mark.parametrize("example", EXAMPLES or [None], ids=lambda e: e.kind if e else "none")
def test_recorded_example(example: Example, sheets: SheetsServer) -> None:
    book = sheets.client("app").create("Test CellTest test_a1_value")
    if example.body and not _whole(example.body):
        pytest.skip("the record is cut off within the request")
    if example.kind in STANDING:
        book.batch_update({"requests": STANDING[example.kind]})
    if example.kind == "values:batchGet":
        sheets.manager(book.id).set("'🌵 test_values_batch_get 1'!A1", FRUIT)
    url = re.sub(r"(spreadsheets|files)/[\w-]{30,}", rf"\1/{book.id}", example.url)
    answer = _send(book, example.verb, url, example.body)
    if _whole(example.answer):
        assert _neutral(answer) == _neutral(json.loads(example.answer))
    else:
        shown = json.dumps(answer, ensure_ascii=False, indent=2)
        assert shown.startswith(example.answer)


def _whole(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _send(book: gspread.Spreadsheet, verb: str, url: str, body: str) -> Any:
    data = body.encode() if body else None
    return book.client.request(verb.lower(), url, data=data).json()


_OWN = {"id", "spreadsheetId", "createdTime", "modifiedTime", "sheetId", "protectedRangeId", "namedRangeId"}


def _neutral(value: Any) -> Any:
    """The answer with ids and times, which are never the same twice, blotted out."""
    if isinstance(value, list):
        return [_neutral(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: "…" if name in _OWN and item else _neutral(item) for name, item in value.items()}

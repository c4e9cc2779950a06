"""spreadsheets.get: properties, cells and rules as Google answers them, without zero values."""

from typing import Any

from tests.google.batch.batch import Body, Work
from tests.google.batch.rules import protection_for
from tests.google.batch.sheets import properties_of
from tests.google.book.a1 import Area
from tests.google.book.cells import Look, Value, shown, to_extended
from tests.google.book.grid import COLUMN_PIXELS, ROW_PIXELS, Sheet
from tests.google.book.values import closed
from tests.google.book.workbook import DEFAULT_FORMAT, located_on
from tests.google.drive.discovery import Mask, masked, patched, within

_KEPT_AT_ZERO = {
    "index", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex", "startIndex", "endIndex",
    "numberValue", "boolValue", "stringValue", "formulaValue", "bold", "italic", "strikethrough", "underline",
}  # fmt: skip
_LISTS = ("merges", "conditionalFormats", "filterViews", "rowGroups", "columnGroups")


def without_zeros(value: Any, parent: str = "") -> Any:
    """An answer without zeros, empty texts and empty lists, except where Google writes them."""
    if isinstance(value, list):
        return [without_zeros(item, parent) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: without_zeros(item, name)
        for name, item in value.items()
        if item or isinstance(item, dict) or name in _KEPT_AT_ZERO or (name == "sheetId" and parent == "properties")
    }


def spreadsheet(work: Work, *, ranges: list[str], grid: bool, mask: Mask) -> Body:
    """A Spreadsheet; with ranges only the tabs that they touch. A mask decides alone whether cells are answered."""
    book = work.book
    places = [closed(book, text) for text in ranges]
    sheets = [s for s in book.sheets if not places or any(s is sheet for sheet, _ in places)]
    data_mask = within(mask, "sheets", "data") if mask else ({} if grid else None)
    answer = {
        "spreadsheetId": book.id,
        "properties": book.properties | {"defaultFormat": DEFAULT_FORMAT},
        "sheets": [_sheet(work, sheet, [area for s, area in places if s is sheet], data_mask) for sheet in sheets],
        "namedRanges": list(book.named.values()),
        "developerMetadata": [m for m in work.metadata().values() if located_on(m) is None],
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
    }
    return without_zeros(masked(answer, mask))


def _sheet(work: Work, sheet: Sheet, areas: list[Area], mask: Mask | None) -> Body:
    answer: Body = {"properties": properties_of(work.book, sheet)}
    answer |= {kind: sheet.extras[kind] for kind in _LISTS if sheet.extras.get(kind)}
    answer["protectedRanges"] = [protection_for(work, item) for item in sheet.extras.get("protectedRanges", [])]
    if sheet.extras.get("basicFilter"):
        answer["basicFilter"] = sheet.extras["basicFilter"][0]
    answer["developerMetadata"] = [
        m for m in work.metadata().values() if located_on(m) == sheet.id and "dimensionRange" not in m["location"]
    ]
    if mask is not None:
        answer["data"] = [_grid(work, sheet, area, mask) for area in areas or [sheet.full(Area())]]
    return answer


def _grid(work: Work, sheet: Sheet, area: Area, mask: Mask) -> Body:
    answer: Body = {"startRow": area.top, "startColumn": area.left}
    cell_mask = within(mask, "rowData", "values")
    if cell_mask is not None:
        answer["rowData"] = _rows(work, sheet, area, cell_mask)
    for name, dimension, pixels, first, last in (
        ("rowMetadata", "ROWS", ROW_PIXELS, area.top, area.bottom or 0),
        ("columnMetadata", "COLUMNS", COLUMN_PIXELS, area.left, area.right or 0),
    ):
        if within(mask, name) is not None:
            own = sheet.lines[dimension]
            noted = _line_metadata(work, sheet, dimension)
            answer[name] = [
                {"pixelSize": pixels} | own.get(i, {}) | {"developerMetadata": noted.get(i, [])}
                for i in range(first, last)
            ]
    return answer


def _line_metadata(work: Work, sheet: Sheet, dimension: str) -> dict[int, list[Body]]:
    found: dict[int, list[Body]] = {}
    for item in work.metadata().values():
        lines = item["location"].get("dimensionRange", {})
        if lines and lines.get("sheetId", 0) == sheet.id and lines["dimension"] == dimension:
            found.setdefault(lines.get("startIndex", 0), []).append(item)
    return found


def _rows(work: Work, sheet: Sheet, area: Area, mask: Mask) -> list[Body]:
    rows: list[Body] = []
    for row in sheet.rows[area.top : area.bottom]:
        cells: list[Body] = []
        if row:
            last = min(max(len(row.values), len(row.looks)), area.right or 0)
            for c in range(area.left, last):
                cells.append(masked(_cell(work, sheet, row.value(c), row.look(c), mask), mask))
        while cells and not cells[-1]:
            cells.pop()
        rows.append({"values": cells} if cells else {})
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _cell(work: Work, sheet: Sheet, value: Value, look: Look | None, mask: Mask) -> Body:
    """CellData, with only those parts worked out that the mask asks for."""
    cell: Body = {}
    if value is not None and within(mask, "userEnteredValue") is not None:
        cell["userEnteredValue"] = to_extended(value)
    if value is not None and (within(mask, "effectiveValue") is not None or within(mask, "formattedValue") is not None):
        effective = work.book.effective(sheet, value)
        cell["effectiveValue"] = to_extended(effective)
        cell["formattedValue"] = shown(effective, look)
    cell |= look or {}
    if (value is not None or look) and within(mask, "effectiveFormat") is not None:
        form = cell.get("userEnteredFormat", {})
        cell["effectiveFormat"] = patched(DEFAULT_FORMAT, form, _leaves(form)) if form else DEFAULT_FORMAT
    return cell


def _leaves(form: Body) -> Mask:
    return {name: _leaves(item) if name == "textFormat" else {} for name, item in form.items()}

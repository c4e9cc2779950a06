"""The requests of a batch that add, change, copy and remove tabs."""

from typing import Any

from tests.google.batch.batch import Body, Work, mask_of, request
from tests.google.book.colours import both_names
from tests.google.book.grid import Sheet, refuse_cells
from tests.google.book.shifts import Delete
from tests.google.book.workbook import Workbook, some_id
from tests.google.drive.discovery import Mask, patched
from tests.google.errors import PROTECTED, Refusal

_ID_OF = {"protectedRanges": "protectedRangeId", "filterViews": "filterViewId"}
_NO_TITLE_LONGER = 100
_CHANGEABLE = ("title", "index", "hidden", "rightToLeft", "gridProperties", "tabColor", "tabColorStyle")


def properties_of(book: Workbook, sheet: Sheet) -> Body:
    """SheetProperties as answered: id and index even when 0."""
    grid = {k: v for k, v in sheet.properties.get("gridProperties", {}).items() if v and not k.endswith("Count")}
    frozen = {k: v for k, v in sheet.properties.get("gridProperties", {}).items() if v and k.startswith("frozen")}
    rest = {k: v for k, v in sheet.properties.items() if k not in {"sheetId", "title", "sheetType", "gridProperties"}}
    return {
        "sheetId": sheet.id,
        "title": sheet.title,
        "index": book.sheets.index(sheet),
        "sheetType": sheet.properties["sheetType"],
        "gridProperties": {"rowCount": sheet.row_count, "columnCount": sheet.column_count} | frozen | grid,
    } | {k: v for k, v in rest.items() if v}


@request("addSheet")
def add_sheet(work: Work, body: Body) -> Body:
    wanted = both_names(body.get("properties", {}))
    if len(wanted.get("title", "")) > _NO_TITLE_LONGER:
        raise Refusal("The sheet name cannot be greater than 100 characters.")
    sheet = work.book.add(wanted, at=wanted.get("index"))
    refuse_cells(work.book.cells())
    return {"properties": properties_of(work.book, sheet)}


@request("deleteSheet")
def delete_sheet(work: Work, body: Body) -> None:
    sheet = work.book.sheet(body.get("sheetId", 0), "sheet")
    if len(work.book.sheets) == 1:
        raise Refusal("You can't remove all the sheets in a document.")
    if any(work.book.locked(work.user, item) for item in sheet.extras.get("protectedRanges", [])):
        raise Refusal(PROTECTED)
    work.book.forget(sheet)


@request("duplicateSheet")
def duplicate_sheet(work: Work, body: Body) -> Body:
    source = work.book.sheet(body.get("sourceSheetId", 0), "sheet")
    title = body.get("newSheetName") or copy_title(work.book, source.title)
    twin = add_copy(work.book, source, title, at=body.get("insertSheetIndex", 0), sheet_id=body.get("newSheetId"))
    refuse_cells(work.book.cells())
    return {"properties": properties_of(work.book, twin)}


def copy_title(book: Workbook, title: str) -> str:
    wanted = f"Copy of {title}"
    return wanted if book.titled(wanted) is None else book.free_title(f"{wanted} ")


def add_copy(book: Workbook, source: Sheet, title: str, *, at: int | None, sheet_id: int | None = None) -> Sheet:
    """A copy of a tab in the workbook, with ids of its own."""
    properties = {k: v for k, v in source.properties.items() if k not in {"sheetId", "title"}}
    chosen = {} if sheet_id is None else {"sheetId": sheet_id}
    sheet = book.add(properties | chosen | {"title": title}, at=at)
    twin = source.fork()
    sheet.rows, sheet.lines = twin.rows, twin.lines
    sheet.row_count, sheet.column_count = twin.row_count, twin.column_count
    sheet.extras = {kind: [_moved(item, kind, sheet.id) for item in items] for kind, items in twin.extras.items()}
    return sheet


def _moved(item: Body, kind: str, sheet_id: int) -> Body:
    """An extra on another tab: ranges point there, ids are new."""
    if kind == "merges":
        return item | {"sheetId": sheet_id}
    moved: dict[str, Any] = item | ({_ID_OF[kind]: some_id()} if kind in _ID_OF else {})
    if "range" in item:
        moved["range"] = item["range"] | {"sheetId": sheet_id}
    for name in ("ranges", "unprotectedRanges"):
        if name in item:
            moved[name] = [r | {"sheetId": sheet_id} for r in item[name]]
    return moved


@request("updateSheetProperties")
def update_sheet_properties(work: Work, body: Body) -> None:
    wanted, mask = body.get("properties", {}), mask_of(body)
    if "*" in mask:
        mask = {name: {} for name in _CHANGEABLE}
    sheet = work.book.sheet(wanted.get("sheetId", 0), "sheet")
    if "title" in mask:
        _rename(work.book, sheet, wanted.get("title", ""))
    others = [other for other in work.book.sheets if other is not sheet]
    if "hidden" in mask and wanted.get("hidden") and all(other.properties.get("hidden") for other in others):
        raise Refusal("You can't hide all the sheets in a document.")
    _resize(work, sheet, wanted.get("gridProperties", {}), mask)
    if "index" in mask:
        _reorder(work.book, sheet, wanted.get("index", 0))
    rest = {name: below for name, below in mask.items() if name not in {"index", "sheetId", "title"}}
    sheet.properties = _coloured(patched(sheet.properties, wanted, rest), rest)


def _coloured(properties: Body, mask: Mask) -> Body:
    for one, other in (("tabColor", "tabColorStyle"), ("tabColorStyle", "tabColor")):
        if one in mask and other not in mask:
            properties = {k: v for k, v in properties.items() if k != other}
    return both_names(properties)


def _rename(book: Workbook, sheet: Sheet, title: str) -> None:
    if not title:
        raise Refusal("Sheet title cannot be blank.")
    other = book.titled(title)
    if other is not None and other is not sheet:
        raise Refusal(f'A sheet with the name "{title}" already exists. Please enter another name.')
    sheet.properties = sheet.properties | {"title": title}


def _resize(work: Work, sheet: Sheet, wanted: Body, mask: Mask) -> None:
    named = mask.get("gridProperties")
    if named is None:
        return
    whole = not named or "*" in named
    rows = wanted.get("rowCount", 0) if whole or "rowCount" in named else sheet.row_count
    columns = wanted.get("columnCount", 0) if whole or "columnCount" in named else sheet.column_count
    if whole:
        rows, columns = rows or sheet.row_count, columns or sheet.column_count
    if rows < 1 or columns < 1:
        raise Refusal("gridProperties.rowCount and columnCount must be at least 1.")
    frozen = wanted.get("frozenRowCount", 0)
    if frozen >= rows:
        raise Refusal("You can't freeze all visible rows on the sheet.")
    refuse_cells(work.book.cells() - sheet.row_count * sheet.column_count + rows * columns)
    for dimension, old, new in (("ROWS", sheet.row_count, rows), ("COLUMNS", sheet.column_count, columns)):
        if new < old:
            work.book.shift(sheet, dimension, Delete(new, old))
    sheet.resize(rows, columns)


def _reorder(book: Workbook, sheet: Sheet, index: int) -> None:
    """The index counts the tabs as they stand before the move."""
    old = book.sheets.index(sheet)
    book.sheets.remove(sheet)
    book.sheets.insert(index - 1 if index > old else index, sheet)


@request("updateSpreadsheetProperties")
def update_spreadsheet_properties(work: Work, body: Body) -> None:
    wanted, mask = body.get("properties", {}), mask_of(body)
    if "title" in mask and not wanted.get("title"):
        raise Refusal("Spreadsheet title cannot be blank.")
    work.book.properties = patched(work.book.properties, wanted, mask)

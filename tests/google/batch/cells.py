"""The requests of a batch that write cells."""

import re
from collections.abc import Callable
from typing import Any

from tests.google.batch.batch import Body, Work, mask_of, request
from tests.google.book.a1 import Area, area_of
from tests.google.book.cells import Formula, Look, from_extended, raw
from tests.google.book.colours import both_names
from tests.google.book.grid import Sheet, refuse_cells
from tests.google.drive.discovery import Mask, patched
from tests.google.errors import Refusal


class Pen:
    """Writes CellData through a mask; looks that come out the same are the same object."""

    def __init__(self, sheet: Sheet, mask: Mask) -> None:
        self._sheet = sheet
        self._all = "*" in mask
        self._values = self._all or "userEnteredValue" in mask
        self._rest = {name: below for name, below in mask.items() if name != "userEnteredValue"}
        self._seen: dict[tuple[int, int], Look | None] = {}
        self._kept: list[Any] = []

    def write_line(self, row: int, left: int, cells: list[Body]) -> None:
        """Cells side by side; plain values go in together."""
        if self._values and not self._rest:
            self._sheet.put_line(row, left, [from_extended(cell.get("userEnteredValue") or {}) for cell in cells])
            return
        for column, cell in enumerate(cells, left):
            self.write(row, column, cell)

    def write(self, row: int, column: int, cell: Body) -> None:
        if self._values:
            self._sheet.put(row, column, from_extended(cell.get("userEnteredValue") or {}))
        if self._rest:
            self._sheet.dress(row, column, self._look(self._sheet.look(row, column), cell))

    def _look(self, old: Look | None, cell: Body) -> Look | None:
        key = (id(old), id(cell))
        if key not in self._seen:
            bare = {name: item for name, item in cell.items() if name != "userEnteredValue" and item != ""}
            self._seen[key] = _complete(patched(old or {}, bare, self._rest)) or None
            self._kept.extend((old, cell))
        return self._seen[key]


def _complete(look: Look) -> Look:
    form = look.get("userEnteredFormat")
    if not form:
        return look
    text = {"textFormat": both_names(form["textFormat"])} if "textFormat" in form else {}
    return look | {"userEnteredFormat": both_names(form) | text}


_EMPTY: Body = {}


@request("updateCells")
def update_cells(work: Work, body: Body) -> None:
    mask, rows = mask_of(body), body.get("rows", [])
    if "range" in body:
        sheet, area = work.editable(body["range"])
    else:
        start = body.get("start", {})
        sheet = work.sheet(start)
        area = _written(start.get("rowIndex", 0), start.get("columnIndex", 0), rows)
        area = sheet.full(area)
        work.book.guard(work.user, sheet, area)
    _refuse_overflow(area, rows)
    pen = Pen(sheet, mask)
    for offset in range(area.height):
        cells = rows[offset].get("values", []) if offset < len(rows) else []
        width = area.width if "range" in body else len(cells)
        pen.write_line(area.top + offset, area.left, cells + [_EMPTY] * (width - len(cells)))


def _written(top: int, left: int, rows: list[Body]) -> Area:
    width = max((len(row.get("values", [])) for row in rows), default=0)
    return Area(top, left, top + len(rows), left + width)


def _refuse_overflow(area: Area, rows: list[Body]) -> None:
    wanted = _written(area.top, area.left, rows)
    for kind, last, limit in (("row", wanted.bottom, area.bottom), ("column", wanted.right, area.right)):
        if (last or 0) > (limit or 0):
            end = limit or 0
            raise Refusal(f"Attempting to write {kind}: {end}, beyond the last requested {kind} of: {end - 1}")


@request("appendCells")
def append_cells(work: Work, body: Body) -> None:
    sheet, mask, rows = work.sheet(body), mask_of(body), body.get("rows", [])
    top = sheet.filled_rows()
    if work.rules.filtered == "obeyed" and sheet.extras.get("basicFilter"):
        top = sheet.extras["basicFilter"][0]["range"]["endRowIndex"]
    area = _written(top, 0, rows)
    if (area.right or 0) > sheet.column_count:
        count = sheet.column_count
        raise Refusal(f"Attempting to write column: {count}, beyond the last requested column of: {count - 1}")
    missing = max(0, (area.bottom or 0) - sheet.row_count)
    refuse_cells(work.book.cells() + missing * sheet.column_count)
    sheet.row_count += missing
    work.book.guard(work.user, sheet, area)
    pen = Pen(sheet, mask)
    for offset, row in enumerate(rows):
        pen.write_line(top + offset, 0, row.get("values", []))


@request("repeatCell")
def repeat_cell(work: Work, body: Body) -> None:
    sheet, area = work.editable(body["range"])
    pen, cell = Pen(sheet, mask_of(body)), body.get("cell", _EMPTY)
    for row in range(area.top, area.bottom or 0):
        for column in range(area.left, area.right or 0):
            pen.write(row, column, cell)


def _change_looks(sheet: Sheet, area: Area, change: Callable[[Look], Look]) -> None:
    seen: dict[int, Look] = {}
    kept = []
    for row in range(area.top, area.bottom or 0):
        for column in range(area.left, area.right or 0):
            old = sheet.look(row, column)
            if id(old) not in seen:
                seen[id(old)] = change(old or {})
                kept.append(old)
            sheet.dress(row, column, seen[id(old)])


@request("setDataValidation")
def set_data_validation(work: Work, body: Body) -> None:
    sheet, area = work.editable(body["range"])
    rule = body.get("rule")
    if rule is not None and "type" not in rule.get("condition", {}):
        raise Refusal("BooleanCondition.type is required.")
    _change_looks(sheet, area, lambda old: _with(old, "dataValidation", rule))


def _with(old: Look, name: str, item: Any) -> Look:
    return {k: v for k, v in old.items() if k != name} | ({} if item is None else {name: item})


@request("updateBorders")
def update_borders(work: Work, body: Body) -> None:
    sheet, area = work.editable(body["range"])
    last = (area.bottom or 0) - 1, (area.right or 0) - 1
    for row in range(area.top, area.bottom or 0):
        for column in range(area.left, area.right or 0):
            sides = {
                "top": body.get("top" if row == area.top else "innerHorizontal"),
                "bottom": body.get("bottom" if row == last[0] else "innerHorizontal"),
                "left": body.get("left" if column == area.left else "innerVertical"),
                "right": body.get("right" if column == last[1] else "innerVertical"),
            }
            _set_borders(sheet, row, column, {side: border for side, border in sides.items() if border is not None})


def _set_borders(sheet: Sheet, row: int, column: int, sides: Body) -> None:
    look = sheet.look(row, column) or {}
    form = look.get("userEnteredFormat", {})
    borders = form.get("borders", {}) | sides
    sheet.dress(row, column, look | {"userEnteredFormat": form | {"borders": borders}})


@request("sortRange")
def sort_range(work: Work, body: Body) -> None:
    sheet, area = work.place(body["range"])
    if work.rules.sort_over_protected == "refuse":
        work.book.guard(work.user, sheet, area)
    specs = [(s.get("dimensionIndex", 0), s.get("sortOrder") == "DESCENDING") for s in body.get("sortSpecs", [])]
    if any(not area.left <= column < (area.right or 0) for column, _ in specs):
        raise Refusal("Sort column is outside the range.")
    sheet.sort(area, specs)


@request("insertRange")
def insert_range(work: Work, body: Body) -> None:
    sheet, area = work.editable(body["range"])
    sheet.shift_cells(area, body["shiftDimension"], remove=False)


@request("deleteRange")
def delete_range(work: Work, body: Body) -> None:
    sheet, area = work.editable(body["range"])
    sheet.shift_cells(area, body["shiftDimension"], remove=True)


@request("copyPaste")
def copy_paste(work: Work, body: Body) -> None:
    sheet, source = work.place(body["source"])
    target, area = work.place(body["destination"])
    transposed = body.get("pasteOrientation") == "TRANSPOSE"
    height, width = (source.width, source.height) if transposed else (source.height, source.width)
    tall, wide = max(1, area.height // height) * height, max(1, area.width // width) * width
    area = Area(area.top, area.left, area.top + tall, area.left + wide)
    work.book.guard(work.user, target, area)
    kind = body.get("pasteType", "PASTE_NORMAL")
    cells = _picked(sheet, source)
    if work.rules.filtered == "obeyed":
        cells = [line for line, shown in zip(cells, _shown(sheet, source), strict=True) if shown]
        tall = min(tall, len(cells)) if cells else 0
    if kind == "PASTE_VALUES":
        cells = [[(work.book.effective(sheet, value), look) for value, look in line] for line in cells]
    for row in range(tall):
        for column in range(wide):
            down, across = (column % width, row % height) if transposed else (row % height, column % width)
            _paste(target, area.top + row, area.left + column, cells[down][across], kind)


def _shown(sheet: Sheet, area: Area) -> list[bool]:
    """By row: whether the filter of the tab lets it be seen."""
    specs = [spec for one in sheet.extras.get("basicFilter", ()) for spec in one.get("filterSpecs", ())]
    hidden = {spec["columnIndex"]: spec["filterCriteria"].get("hiddenValues", ()) for spec in specs}
    return [
        all(sheet.value(row, column) not in texts for column, texts in hidden.items())
        for row in range(area.top, area.bottom or 0)
    ]


def _picked(sheet: Sheet, area: Area) -> list[list[tuple[Any, Look | None]]]:
    columns = range(area.left, area.right or 0)
    return [[(sheet.value(r, c), sheet.look(r, c)) for c in columns] for r in range(area.top, area.bottom or 0)]


def _paste(sheet: Sheet, row: int, column: int, cell: tuple[Any, Look | None], kind: str) -> None:
    value, look = cell
    old = sheet.look(row, column) or {}
    if kind in {"PASTE_NORMAL", "PASTE_VALUES", "PASTE_FORMULA", "PASTE_NO_BORDERS"}:
        sheet.put(row, column, value)
    if kind in {"PASTE_NORMAL", "PASTE_NO_BORDERS"}:
        sheet.dress(row, column, look)
    elif kind == "PASTE_FORMAT":
        sheet.dress(row, column, _with(old, "userEnteredFormat", (look or {}).get("userEnteredFormat")))
    elif kind == "PASTE_DATA_VALIDATION":
        sheet.dress(row, column, _with(old, "dataValidation", (look or {}).get("dataValidation")))


@request("cutPaste")
def cut_paste(work: Work, body: Body) -> None:
    sheet, source = work.editable(body["source"])
    corner = body["destination"]
    target = work.sheet(corner)
    top, left = corner.get("rowIndex", 0), corner.get("columnIndex", 0)
    area = Area(top, left, top + source.height, left + source.width)
    work.book.guard(work.user, target, area)
    cells = _picked(sheet, source)
    for row in range(source.top, source.bottom or 0):
        for column in range(source.left, source.right or 0):
            sheet.put(row, column, None)
            sheet.dress(row, column, None)
    for down, line in enumerate(cells):
        for across, cell in enumerate(line):
            _paste(target, top + down, left + across, cell, body.get("pasteType", "PASTE_NORMAL"))


@request("findReplace")
def find_replace(work: Work, body: Body) -> Body:
    pattern = body["find"] if body.get("searchByRegex") else re.escape(body["find"])
    if body.get("matchEntireCell"):
        pattern = f"^(?:{pattern})$"
    finder = re.compile(pattern, 0 if body.get("matchCase") else re.IGNORECASE)
    places = _search_places(work, body)
    counts = {"values": 0, "formulas": 0, "occurrences": 0}
    rows, sheets = set(), set()
    for sheet, area in places:
        for row, column, value in list(sheet.filled(area)):
            formula = isinstance(value, Formula)
            if isinstance(value, bool) or (formula and not body.get("includeFormulas")):
                continue
            old = value.text if isinstance(value, Formula) else str(value)
            new, found = finder.subn(body.get("replacement", "").replace("\\", "\\\\"), old)
            if found:
                work.book.guard(work.user, sheet, Area(row, column, row + 1, column + 1))
                sheet.put(row, column, Formula(new) if formula else _retyped(value, new))
                counts["formulas" if formula else "values"] += 1
                counts["occurrences"] += found
                rows.add((sheet.id, row))
                sheets.add(sheet.id)
    return {
        "valuesChanged": counts["values"],
        "formulasChanged": counts["formulas"],
        "rowsChanged": len(rows),
        "sheetsChanged": len(sheets),
        "occurrencesChanged": counts["occurrences"],
    }


def _retyped(old: Any, new: str) -> Any:
    if isinstance(old, str):
        return raw(new)
    try:
        return raw(float(new))
    except ValueError:
        return raw(new)


def _search_places(work: Work, body: Body) -> list[tuple[Sheet, Area]]:
    if "range" in body:
        return [work.place(body["range"])]
    sheets = work.book.sheets if body.get("allSheets") else [work.sheet(body)]
    return [(sheet, sheet.full(area_of({}))) for sheet in sheets]

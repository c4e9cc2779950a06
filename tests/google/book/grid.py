"""One tab: its cells, rows and columns. Rows are lists that copies of the tab share until one of them writes."""

import json
from collections.abc import Iterator
from typing import Any

from tests.google.book.a1 import Area, area_of
from tests.google.book.cells import Formula, Look, Value
from tests.google.book.shifts import Delete, Insert, Move, Shift, shifted_lines, shifted_range
from tests.google.errors import Refusal

ROW_PIXELS, COLUMN_PIXELS = 21, 100
LETTER_PIXELS = 8691 / 1024  # as recorded of 1,024 letters A in a column fitted to them
_NEW_LINES_LOSE = ("note", "hyperlink", "textFormatRuns")


class Row:
    """Values and looks of one row without empty ends; `json` keeps the values as they were last sent."""

    __slots__ = ("json", "looks", "owner", "values")

    def __init__(self, values: list[Value], looks: list[Look | None], owner: object) -> None:
        self.values, self.looks, self.owner = values, looks, owner
        self.json: str | None = None

    def copy(self, owner: object) -> "Row":
        return Row(self.values[:], self.looks[:], owner)

    def value(self, column: int) -> Value:
        return self.values[column] if column < len(self.values) else None

    def look(self, column: int) -> Look | None:
        return self.looks[column] if column < len(self.looks) else None

    def sent(self) -> str:
        """The whole row as JSON, unformatted. TypeError when it holds a formula, which has to be worked out."""
        if self.json is None:
            filled = ["" if v is None else v for v in self.values]
            self.json = json.dumps(filled, ensure_ascii=False, separators=(",", ":"))
        return self.json

    def trim(self) -> None:
        for cells in (self.values, self.looks):
            while cells and cells[-1] is None:
                cells.pop()


def _pad(cells: list[Any], length: int) -> None:
    if len(cells) < length:
        cells.extend([None] * (length - len(cells)))


class Sheet:
    """`extras` holds what Google lists beside the cells: merges, filters, protections, groups, colouring rules."""

    def __init__(self, properties: dict[str, Any]) -> None:
        grid = properties.get("gridProperties", {})
        self.rows: list[Row | None] = []
        self.row_count: int = grid.get("rowCount", 1000)
        self.column_count: int = grid.get("columnCount", 26)
        self.properties = {"sheetType": "GRID"} | properties
        self.lines: dict[str, dict[int, dict[str, Any]]] = {"ROWS": {}, "COLUMNS": {}}
        self.extras: dict[str, list[dict[str, Any]]] = {}
        self.token = object()

    @property
    def id(self) -> int:
        return self.properties["sheetId"]

    @property
    def title(self) -> str:
        return self.properties["title"]

    def say_once(self, name: str) -> None:
        """A property of the grid that is true from the first time that it matters, unless somebody set it."""
        grid = self.properties.get("gridProperties", {})
        self.properties = self.properties | {"gridProperties": {name: True} | grid}

    def fork(self) -> "Sheet":
        """A copy that shares the rows; both sides copy a row before they write into it."""
        twin = Sheet(self.properties)
        twin.rows = self.rows[:]
        twin.row_count, twin.column_count = self.row_count, self.column_count
        twin.lines = {dimension: dict(lines) for dimension, lines in self.lines.items()}
        twin.extras = {kind: items[:] for kind, items in self.extras.items()}
        self.token = object()
        return twin

    def full(self, area: Area) -> Area:
        return area.within(self.row_count, self.column_count)

    def area(self, grid_range: dict[str, Any]) -> Area:
        return self.full(area_of(grid_range))

    def row(self, index: int) -> Row | None:
        return self.rows[index] if index < len(self.rows) else None

    def own(self, index: int) -> Row:
        """The row for writing. Call `trim` on it after."""
        if index >= len(self.rows):
            self.rows.extend([None] * (index + 1 - len(self.rows)))
        row = self.rows[index]
        if row is None:
            row = self.rows[index] = Row([], [], self.token)
        elif row.owner is not self.token:
            row = self.rows[index] = row.copy(self.token)
        row.json = None
        return row

    def value(self, row: int, column: int) -> Value:
        found = self.row(row)
        return found.value(column) if found else None

    def look(self, row: int, column: int) -> Look | None:
        found = self.row(row)
        return found.look(column) if found else None

    def put(self, row: int, column: int, value: Value) -> None:
        if value is None and self.value(row, column) is None:
            return
        written = self.own(row)
        _pad(written.values, column + 1)
        written.values[column] = value
        if value is None:
            written.trim()

    def put_line(self, row: int, left: int, values: list[Value]) -> None:
        """Values side by side."""
        written = self.own(row)
        _pad(written.values, left + len(values))
        written.values[left : left + len(values)] = values
        written.trim()

    def dress(self, row: int, column: int, look: Look | None) -> None:
        if not look and self.look(row, column) is None:
            return
        written = self.own(row)
        _pad(written.looks, column + 1)
        written.looks[column] = look or None
        if not look:
            written.trim()

    def filled_rows(self) -> int:
        """One more than the index of the last row with a value."""
        last = min(len(self.rows), self.row_count)
        while last:
            row = self.rows[last - 1]
            if row and row.values:
                break
            last -= 1
        return last

    def filled(self, area: Area) -> Iterator[tuple[int, int, Value]]:
        """The cells with a value, in reading order."""
        for index in range(area.top, min(area.bottom or 0, len(self.rows))):
            row = self.rows[index]
            for column in range(area.left, min(area.right or 0, len(row.values))) if row else ():
                if row and row.values[column] is not None:
                    yield index, column, row.values[column]

    def has_formula(self, row: Row) -> bool:
        return any(isinstance(value, Formula) for value in row.values)

    # Structure

    def count(self, dimension: str) -> int:
        return self.row_count if dimension == "ROWS" else self.column_count

    def resize(self, rows: int, columns: int) -> None:
        if rows < self.row_count:
            self._shift_extras("ROWS", Delete(rows, self.row_count))
            del self.rows[rows:]
        if columns < self.column_count:
            self._shift_extras("COLUMNS", Delete(columns, self.column_count))
            for index in range(len(self.rows)):
                if self.rows[index]:
                    self._cut(self.own(index), columns)
        self.row_count, self.column_count = rows, columns

    def _cut(self, row: Row, columns: int) -> None:
        del row.values[columns:], row.looks[columns:]
        row.trim()

    def insert(self, dimension: str, at: int, count: int, *, like_before: bool = False) -> None:
        """New lines look like their neighbour before or after, as Google's do, without notes."""
        near = at - 1 if like_before else at
        if dimension == "ROWS":
            model = self.row(near)
            looks = [_bare(look) for look in model.looks] if model else []
            if at < len(self.rows) or looks:
                self.rows.extend([None] * (at - len(self.rows)))
                self.rows[at:at] = [Row([], looks[:], self.token) for _ in range(count)]
            self.row_count += count
        else:
            for index in range(len(self.rows)):
                if self.rows[index]:
                    _insert_cells(self.own(index), at, count, near)
            self.column_count += count
        self._shift_extras(dimension, Insert(at, count))

    def delete(self, dimension: str, start: int, end: int) -> None:
        if dimension == "ROWS":
            del self.rows[start:end]
            self.row_count -= end - start
        else:
            for index in range(len(self.rows)):
                if self.rows[index]:
                    row = self.own(index)
                    del row.values[start:end], row.looks[start:end]
                    row.trim()
            self.column_count -= end - start
        self._shift_extras(dimension, Delete(start, end))

    def move(self, dimension: str, start: int, end: int, to: int) -> None:
        landing = Move(start, end, to).landing
        if dimension == "ROWS":
            _pad(self.rows, max(end, to))
            block = self.rows[start:end]
            del self.rows[start:end]
            self.rows[landing:landing] = block
        else:
            for index in range(len(self.rows)):
                if self.rows[index]:
                    _move_cells(self.own(index), start, end, landing)
        self._shift_extras(dimension, Move(start, end, to))

    def sort(self, area: Area, specs: list[tuple[int, bool]]) -> None:
        """Orders the rows of an area by columns (index, descending); values and looks travel, empty cells go last."""
        lines = [self._take(index, area) for index in range(area.top, area.bottom or 0)]
        for column, descending in reversed(specs):
            at = column - area.left
            lines.sort(key=lambda line, at=at: _rank(line[0][at]), reverse=descending)
            lines.sort(key=lambda line, at=at: line[0][at] is None)
        for index, (values, looks) in enumerate(lines, area.top):
            self._lay(index, area, values, looks)

    def _take(self, index: int, area: Area) -> tuple[list[Value], list[Look | None]]:
        row, columns = self.row(index), range(area.left, area.right or 0)
        if row is None:
            return [None] * len(columns), [None] * len(columns)
        return [row.value(c) for c in columns], [row.look(c) for c in columns]

    def _lay(self, index: int, area: Area, values: list[Value], looks: list[Look | None]) -> None:
        row = self.own(index)
        for cells, new in ((row.values, values), (row.looks, looks)):
            _pad(cells, area.right or 0)
            cells[area.left : area.right] = new
        row.trim()

    def shift_cells(self, area: Area, dimension: str, *, remove: bool) -> None:
        """Inserts or deletes the cells of an area; those behind it move down or to the right, up or to the left."""
        wide = Area(area.top, area.left, self.row_count, self.column_count)
        cells = [self._take(index, wide) for index in range(area.top, self.row_count)]
        for part in (0, 1):
            block = [line[part] for line in cells]
            if dimension == "COLUMNS":
                for line in block[: area.height]:
                    _shift_line(line, area.width, remove=remove)
            else:
                for column in range(area.width):
                    line = [row[column] for row in block]
                    _shift_line(line, area.height, remove=remove)
                    for row, item in zip(block, line, strict=True):
                        row[column] = item
        for index, (values, looks) in enumerate(cells, area.top):
            self._lay(index, wide, values, looks)

    def _shift_extras(self, dimension: str, shift: Shift) -> None:
        moved = {shift.point(index): line for index, line in self.lines[dimension].items()}
        self.lines[dimension] = {index: line for index, line in moved.items() if index is not None}
        for kind, items in self.extras.items():
            changed = [shifted_extra(kind, item, dimension, shift) for item in items]
            self.extras[kind] = [item for item in changed if item is not None]
        frozen = "frozenRowCount" if dimension == "ROWS" else "frozenColumnCount"
        self._shift_frozen(frozen, shift)

    def _shift_frozen(self, name: str, shift: Shift) -> None:
        grid = self.properties.get("gridProperties", {})
        if grid.get(name) and not isinstance(shift, Move):
            span = shift.span(0, grid[name])
            self.properties = self.properties | {"gridProperties": grid | {name: span[1] if span else 0}}


def _bare(look: Look | None) -> Look | None:
    return {k: v for k, v in look.items() if k not in _NEW_LINES_LOSE} or None if look else None


def _insert_cells(row: Row, at: int, count: int, near: int) -> None:
    model = _bare(row.look(near)) if near >= 0 else None
    if at < len(row.values):
        row.values[at:at] = [None] * count
    if at < len(row.looks) or model:
        _pad(row.looks, at)
        row.looks[at:at] = [model] * count
        row.trim()


def _move_cells(row: Row, start: int, end: int, landing: int) -> None:
    for cells in (row.values, row.looks):
        _pad(cells, max(end, landing + end - start))
        block = cells[start:end]
        del cells[start:end]
        cells[landing:landing] = block
    row.trim()


def _shift_line(line: list[Any], count: int, *, remove: bool) -> None:
    length = len(line)
    if remove:
        del line[:count]
        line.extend([None] * (length - len(line)))
    else:
        line[:0] = [None] * count
        del line[length:]


def _rank(value: Value) -> tuple[int, Any]:
    match value:
        case bool():
            return 2, value
        case int() | float():
            return 0, value
        case Formula():
            return 1, value.text.casefold()
        case None:
            return 3, 0
    return 1, value.casefold()


def shifted_extra(kind: str, item: dict[str, Any], dimension: str, shift: Shift) -> dict[str, Any] | None:
    """A merge, filter, protection, group or colouring rule after lines were inserted, deleted or moved."""
    match kind:
        case "merges":
            return shifted_range(item, dimension, shift)
        case "rowGroups" | "columnGroups":
            lines = shifted_lines(item["range"], dimension, shift)
            return lines and item | {"range": lines}
        case "conditionalFormats":
            ranges = [shifted_range(r, dimension, shift) for r in item["ranges"]]
            kept = [r for r in ranges if r is not None]
            return item | {"ranges": kept} if kept else None
    return _shifted_filter(item, dimension, shift)


def _shifted_filter(item: dict[str, Any], dimension: str, shift: Shift) -> dict[str, Any] | None:
    if "range" in item:
        area = shifted_range(item["range"], dimension, shift)
        if area is None:
            return None
        item = item | {"range": area}
    if "unprotectedRanges" in item:
        ranges = [shifted_range(r, dimension, shift) for r in item["unprotectedRanges"]]
        item = item | {"unprotectedRanges": [r for r in ranges if r]}
    if dimension == "COLUMNS":
        for name, key in (("filterSpecs", "columnIndex"), ("sortSpecs", "dimensionIndex")):
            if name in item:
                item = item | {name: [s for s in (_pointed(s, key, shift) for s in item[name]) if s]}
    return item


def _pointed(spec: dict[str, Any], key: str, shift: Shift) -> dict[str, Any] | None:
    index = shift.point(spec.get(key, 0))
    return None if index is None else spec | {key: index}


def refuse_cells(count: int) -> None:
    if count > 10_000_000:
        raise Refusal(
            "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
        )

"""spreadsheets.values: ranges of values read, written, appended and cleared."""

import json
from dataclasses import dataclass
from typing import Any

from tests.google.batch.batch import Body, Work
from tests.google.book.a1 import Area, area_of, column_letters, written
from tests.google.book.cells import Formula, Look, Value, entered, is_time, number_format, raw, shown
from tests.google.book.grid import Row, Sheet, refuse_cells
from tests.google.book.shifts import Insert
from tests.google.book.tables import last_table
from tests.google.book.workbook import Workbook
from tests.google.errors import Refusal, invalid

Rows = list[list[Any]]


@dataclass(frozen=True)
class Style:
    """How values are asked for."""

    render: str = "FORMATTED_VALUE"
    moments: str = "SERIAL_NUMBER"
    major: str = "ROWS"

    @classmethod
    def of(cls, params: Body, prefix: str = "") -> "Style":
        render, moments = (
            ("valueRenderOption", "dateTimeRenderOption")
            if not prefix
            else (f"{prefix}ValueRenderOption", f"{prefix}DateTimeRenderOption")
        )
        major = params.get("majorDimension", "ROWS")
        return cls(
            params.get(render, "FORMATTED_VALUE"),
            params.get(moments, "SERIAL_NUMBER"),
            "ROWS" if major == "DIMENSION_UNSPECIFIED" else major,
        )

    @property
    def as_stored(self) -> bool:
        return self.render != "FORMATTED_VALUE" and self.moments == "SERIAL_NUMBER"


def value_range(book: Workbook, text: str, style: Style) -> tuple[Body, bytes]:
    """A ValueRange of a committed workbook without its values, and the values as JSON; empty where there are none.

    However the values are asked for, they are written once for each state of the workbook.
    """
    sheet, area = closed(book, text)
    head = {"range": written(sheet.title, area), "majorDimension": style.major}
    asked = (sheet.id, area, style)
    if asked not in book.answered:
        book.answered[asked] = values_json(book, sheet, area, style).encode()
    return head, book.answered[asked]


def closed(book: Workbook, text: str) -> tuple[Sheet, Area]:
    """The tab and area of a range; an end beyond the grid is cut off, a start beyond it is refused."""
    sheet, area = book.place(text)
    if area.top >= sheet.row_count or area.left >= sheet.column_count:
        raise invalid(_beyond(text, sheet))
    return sheet, sheet.full(area)


def _beyond(text: str, sheet: Sheet) -> str:
    return f"Range ({text}) exceeds grid limits. Max rows: {sheet.row_count}, max columns: {sheet.column_count}"


def values_json(book: Workbook, sheet: Sheet, area: Area, style: Style) -> str:
    if style.major == "ROWS" and style.as_stored:
        lines = _stored_lines(book, sheet, area, style)
        return f"[{','.join(lines)}]" if lines else ""
    rows = values(book, sheet, area, style)
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")) if rows else ""


def _stored_lines(book: Workbook, sheet: Sheet, area: Area, style: Style) -> list[str]:
    """Each row as JSON, whole rows from what was sent before."""
    whole = area.left == 0 and area.right == sheet.column_count
    lines = []
    for row in sheet.rows[area.top : area.bottom]:
        if row is None or not row.values:
            lines.append("[]")
            continue
        try:
            if whole:
                lines.append(row.sent())
                continue
        except TypeError:
            pass  # a formula is in it
        lines.append(json.dumps(_line(book, sheet, row, area, style), ensure_ascii=False, separators=(",", ":")))
    while lines and lines[-1] == "[]":
        lines.pop()
    return lines


def values(book: Workbook, sheet: Sheet, area: Area, style: Style) -> Rows:
    """The values without trailing empty cells and rows."""
    rows = [_line(book, sheet, row, area, style) if row else [] for row in sheet.rows[area.top : area.bottom]]
    while rows and not rows[-1]:
        rows.pop()
    if style.major == "ROWS":
        return rows
    width = max(map(len, rows), default=0)
    return [_trimmed([row[c] if c < len(row) else "" for row in rows]) for c in range(width)]


def _line(book: Workbook, sheet: Sheet, row: Row, area: Area, style: Style) -> list[Any]:
    cells = row.values[area.left : area.right]
    looks = row.looks[area.left : area.right]
    looks.extend([None] * (len(cells) - len(looks)))
    return _trimmed([_rendered(book, sheet, v, look, style) for v, look in zip(cells, looks, strict=False)])


def _trimmed(line: list[Any]) -> list[Any]:
    while line and line[-1] == "" and isinstance(line[-1], str):
        line.pop()
    return line


def _rendered(book: Workbook, sheet: Sheet, value: Value, look: Look | None, style: Style) -> Any:
    if value is None:
        return ""
    if isinstance(value, Formula) and style.render == "FORMULA":
        return value.text
    effective = book.effective(sheet, value)
    text_wanted = style.render == "FORMATTED_VALUE" or (style.moments == "FORMATTED_STRING" and is_time(look))
    plain = isinstance(effective, (str, bool, int, float))
    return effective if plain and not text_wanted else shown(effective, look)


# Writing


@dataclass
class Writing:
    """What an update did: the answer's parts."""

    sheet: Sheet
    area: Area
    response: Body
    rows: set[int]
    columns: set[int]


def update(work: Work, text: str, body: Body, option: str | None) -> Writing:
    """values.update of one range; null leaves a cell as it is, an empty text clears it."""
    sheet, area = work.book.place(text)
    rows = _by_rows(body)
    bottom, right = area.top + len(rows), area.left + max(map(len, rows), default=0)
    single = area.bottom == area.top + 1 and area.right == area.left + 1
    _refuse_outside(sheet, area, text, bottom, right, single=single)
    target = Area(area.top, area.left, bottom, right)
    _write(work, sheet, target, rows, option)
    return _written(work.book, sheet, target, rows)


def _refuse_outside(sheet: Sheet, area: Area, text: str, bottom: int, right: int, *, single: bool) -> None:
    if (area.bottom or 0) > sheet.row_count or (area.right or 0) > sheet.column_count:
        raise invalid(_beyond(text, sheet))
    if not single:
        whole = written(sheet.title, sheet.full(area))
        if area.bottom is not None and bottom > area.bottom:
            raise invalid(f"Requested writing within range [{whole}], but tried writing to row [{area.bottom + 1}]")
        if area.right is not None and right > area.right:
            column = column_letters(area.right)
            raise invalid(f"Requested writing within range [{whole}], but tried writing to column [{column}]")
    if bottom > sheet.row_count or right > sheet.column_count:
        outer = written(sheet.title, Area(area.top, area.left, max(bottom, area.top + 1), max(right, area.left + 1)))
        raise invalid(_beyond(outer, sheet))


def _by_rows(body: Body) -> Rows:
    rows = body.get("values", [])
    for r, row in enumerate(rows):
        for c, item in enumerate(row):
            if isinstance(item, (list, dict)):
                kind = "list_value" if isinstance(item, list) else "struct_value"
                raise invalid(f"Invalid values[{r}][{c}]: {kind} {{}}")
    if body.get("majorDimension") == "COLUMNS":
        height = max(map(len, rows), default=0)
        return [[column[r] if r < len(column) else None for column in rows] for r in range(height)]
    return rows


def _write(work: Work, sheet: Sheet, area: Area, rows: Rows, option: str | None) -> None:
    if option not in {"RAW", "USER_ENTERED"}:
        raise invalid("'valueInputOption' is required but not specified")
    work.book.guard(work.user, sheet, area)
    for r, row in enumerate(rows, area.top):
        for c, item in enumerate(row, area.left):
            if item is not None:
                type_in(sheet, r, c, item, option)


def type_in(sheet: Sheet, row: int, column: int, item: Any, option: str) -> None:
    """One cell written as RAW or USER_ENTERED; typed dates and amounts bring a format where the cell has none."""
    if option == "RAW":
        sheet.put(row, column, raw(item))
        return
    look = sheet.look(row, column)
    value, implied = entered(item, look)
    sheet.put(row, column, value)
    if implied and not number_format(look):
        form = (look or {}).get("userEnteredFormat", {})
        sheet.dress(row, column, (look or {}) | {"userEnteredFormat": form | {"numberFormat": implied}})


def _written(book: Workbook, sheet: Sheet, area: Area, rows: Rows) -> Writing:
    response: Body = {"spreadsheetId": book.id}
    one = Area(area.top, area.left, max(area.bottom or 0, area.top + 1), max(area.right or 0, area.left + 1))
    response["updatedRange"] = written(sheet.title, one)
    filled = [
        (r, c) for r, row in enumerate(rows, area.top) for c, item in enumerate(row, area.left) if item is not None
    ]
    lines, columns = {r for r, _ in filled}, {c for _, c in filled}
    if filled:
        response |= {"updatedRows": len(lines), "updatedColumns": len(columns), "updatedCells": len(filled)}
    return Writing(sheet, area, response, lines, columns)


def with_data(work: Work, writing: Writing, style: Style) -> Body:
    """The answer with the values as they are now."""
    data = {"range": writing.response["updatedRange"], "majorDimension": style.major}
    found = values(work.book, writing.sheet, writing.area, style)
    return writing.response | {"updatedData": data | ({"values": found} if found else {})}


def update_many(work: Work, body: Body) -> Body:
    writings = [update(work, one.get("range", ""), one, body.get("valueInputOption")) for one in body.get("data", [])]
    style = Style.of(body, "response")
    include = body.get("includeValuesInResponse", False)
    return {
        "spreadsheetId": work.book.id,
        "totalUpdatedRows": len({(w.sheet.id, r) for w in writings for r in w.rows}),
        "totalUpdatedColumns": len({(w.sheet.id, c) for w in writings for c in w.columns}),
        "totalUpdatedCells": sum(w.response.get("updatedCells", 0) for w in writings),
        "totalUpdatedSheets": len({w.sheet.id for w in writings}),
        "responses": [with_data(work, w, style) if include else w.response for w in writings],
    }


def append(work: Work, text: str, body: Body, params: Body) -> Body:
    """values.append: below the last table that the range touches, or in the range itself where there is none."""
    sheet, area = work.book.place(text)
    table = last_table(sheet, sheet.full(area))
    rows = _by_rows(body)
    top, left = (table.bottom or 0, table.left) if table else (area.top, area.left)
    target = Area(top, left, top + len(rows), left + max(map(len, rows), default=0))
    if params.get("insertDataOption") == "INSERT_ROWS" and top < sheet.row_count:
        sheet.insert("ROWS", top, len(rows))
        work.book.shift(sheet, "ROWS", Insert(top, len(rows)))
    missing = (max(0, (target.bottom or 0) - sheet.row_count), max(0, (target.right or 0) - sheet.column_count))
    sheet.row_count, sheet.column_count = sheet.row_count + missing[0], sheet.column_count + missing[1]
    refuse_cells(work.book.cells())
    _write(work, sheet, target, rows, params.get("valueInputOption"))
    done = _written(work.book, sheet, target, rows)
    updates = with_data(work, done, Style.of(params, "response")) if params.get("includeValuesInResponse") else None
    found = {"tableRange": written(sheet.title, table)} if table else {}
    return {"spreadsheetId": work.book.id} | found | {"updates": updates or done.response}


def clear(work: Work, text: str) -> str:
    """Empties the values of a range, and gives the range as written."""
    sheet, area = closed(work.book, text)
    work.book.guard(work.user, sheet, area)
    for row, column, _ in list(sheet.filled(area)):
        sheet.put(row, column, None)
    return written(sheet.title, area)


def filtered_range(book: Workbook, one: Body) -> str:
    """The A1 text of a data filter."""
    if "a1Range" in one:
        return one["a1Range"]
    if "gridRange" in one:
        sheet = book.sheet(one["gridRange"].get("sheetId", 0))
        return written(sheet.title, sheet.full(area_of(one["gridRange"])))
    raise Refusal("Only a1Range and gridRange are imitated in filters for values.")

"""Write tables that Excel, WPS and LibreOffice open as they are meant: no text garbled, none a formula."""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from io import BytesIO, StringIO
from math import isfinite
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from lib.tabular.escapes import escape_formula, looks_like_formula, to_xstring
from lib.tabular.table import Cell

Row = Sequence[Cell]

_LONGEST_CELL = 32_767
_LONGEST_NAME = 31
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_FIRST_YEAR = 1900
# Excel keeps 15 digits of a number; a longer one (identity card, order number) is safe only as text.
_EXACT = 10**15
_SHOWN_WHOLE = 10**11  # a spreadsheet shows a longer number as 3.1E+17
_BOLD = Font(bold=True)


class CellTooLong(ValueError):
    """A cell cannot hold the text: Excel cuts at 32,767 characters. `row` counts from 1, with the header."""

    def __init__(self, *, sheet: str, row: int, column: str, length: int) -> None:
        self.sheet, self.row, self.column, self.length = sheet, row, column, length
        self.limit = _LONGEST_CELL
        super().__init__(f"{sheet} row {row} {column}: {length} > {_LONGEST_CELL}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One more sheet for `write_xlsx`. `widths` are characters by header."""

    name: str
    headers: Sequence[str]
    rows: Iterable[Row]
    widths: Mapping[str, float] | None = None


def write_csv(headers: Sequence[str], rows: Iterable[Row]) -> bytes:
    """UTF-8 with byte order mark (Excel and WPS take it for the local code page otherwise), commas, CRLF.

    Text that a spreadsheet would run or change gets an apostrophe before it; `read_table(unescape_formula=True)` takes
    it away.
    """
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([escape_formula(header) for header in headers])
    writer.writerows([_csv_text(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def _csv_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return escape_formula(cell)
    if isinstance(cell, int) and abs(cell) >= _SHOWN_WHOLE:
        return escape_formula(str(cell))
    return str(cell).upper() if isinstance(cell, bool) else str(cell)


def write_jsonl(headers: Sequence[str], rows: Iterable[Row]) -> bytes:
    """One JSON object per line, UTF-8; dates and times in ISO 8601."""
    lines = [json.dumps(dict(zip(headers, map(_json, row), strict=True)), ensure_ascii=False) for row in rows]
    # A lone surrogate has no UTF-8; backslashreplace writes the escape that JSON has for it.
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


def _json(cell: Cell) -> str | int | float | bool | None:
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    return None if isinstance(cell, float) and not isfinite(cell) else cell


def write_xlsx(
    sheet_name: str,
    headers: Sequence[str],
    rows: Iterable[Row],
    *,
    widths: Mapping[str, float] | None = None,
    extra_sheets: Iterable[Sheet] = (),
) -> bytes:
    """A workbook: header bold and frozen, text typed as text, dates as dates. Raises CellTooLong.

    Datetimes are naive wall-clock time (XLSX has no zones): the caller converts aware ones first (ValueError).
    """
    # All is checked before the first cell is written: openpyxl cannot leave a sheet half-way.
    sheets = [_checked(sheet) for sheet in (Sheet(sheet_name, headers, rows, widths), *extra_sheets)]
    book = Workbook(write_only=True)
    used: set[str] = set()
    for sheet in sheets:
        _add_sheet(book, sheet, _free_name(sheet.name, used))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _free_name(name: str, used: set[str]) -> str:
    clean = _NOT_IN_SHEET_NAME.sub("_", name).strip("'")[:_LONGEST_NAME] or "Sheet"
    free, number = clean, 1
    while free.casefold() in used:
        number += 1
        free = f"{clean[: _LONGEST_NAME - 5]} ({number})"
    used.add(free.casefold())
    return free


def _checked(sheet: Sheet) -> Sheet:
    rows = [[_stored(cell) for cell in row] for row in sheet.rows]
    _refuse_long(sheet.headers, sheet, 1)
    for number, cells in enumerate(rows, start=2):
        _refuse_long(cells, sheet, number)
    return replace(sheet, rows=rows)


def _add_sheet(book: Any, sheet: Sheet, name: str) -> None:
    target = book.create_sheet(name)
    target.freeze_panes = "A2"
    for position, header in enumerate(sheet.headers, start=1):
        width = (sheet.widths or {}).get(header)
        if width is not None:
            target.column_dimensions[get_column_letter(position)].width = width
    target.append([_bold(_text_cell(target, header)) for header in sheet.headers])
    for cells in sheet.rows:
        target.append([_text_cell(target, cell) if _misread(cell) else cell for cell in cells])


def _bold(cell: Any) -> Any:
    cell.font = _BOLD
    return cell


def _stored(cell: Cell) -> Cell:
    """The value to write: text where a number or a date would lose something in the file."""
    if isinstance(cell, (datetime, time)) and cell.tzinfo is not None:
        raise ValueError(f"XLSX has no time zones: {cell.isoformat()}")
    if isinstance(cell, date):
        return cell if cell.year >= _FIRST_YEAR else cell.isoformat()
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return cell or None if isinstance(cell, str) else cell
    return cell if isfinite(cell) and (isinstance(cell, float) or abs(cell) < _EXACT) else str(cell)


def _refuse_long(cells: Sequence[Cell], sheet: Sheet, number: int) -> None:
    for position, cell in enumerate(cells):
        if isinstance(cell, str) and len(cell) > _LONGEST_CELL // 7 and len(to_xstring(cell)) > _LONGEST_CELL:
            column = sheet.headers[position] if position < len(sheet.headers) else f"#{position + 1}"
            raise CellTooLong(sheet=sheet.name, row=number, column=column, length=len(cell))


def _misread(cell: Cell) -> bool:
    # openpyxl takes "=..." for a formula and "#N/A" for an error, and refuses what XML cannot hold.
    return isinstance(cell, str) and (cell[0] == "#" or looks_like_formula(cell) or to_xstring(cell) != cell)


def _text_cell(target: Any, text: Any) -> Any:
    cell = WriteOnlyCell(target, to_xstring(text))
    cell.data_type = "s"
    if looks_like_formula(text):
        # Without it a spreadsheet takes the text for a formula as soon as somebody edits the cell.
        cell.quotePrefix = True
    return cell

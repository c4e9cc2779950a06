"""XLS (BIFF 2 to 8) through xlrd."""

from datetime import datetime, time
from io import StringIO
from typing import Any

import xlrd

from lib.tabular.formats.cell_kinds import MonthDay, NoValue, shows_month_day
from lib.tabular.formats.workbook import SYMPTOMS, Workbook, visible_first, whole
from lib.tabular.merging import Ranges, filled
from lib.tabular.table import Cell, Rows, UnreadableTable

_EAST_ASIAN_MONTH_DAYS = frozenset({28, 29, 51, 53, 54, 58})


def open_workbook(content: bytes) -> Workbook:
    """Hidden sheets come last. Raises UnreadableTable `encrypted`, also where Excel itself would open the file without
    a password."""
    try:
        book = _open(content, formats=False)
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise UnreadableTable("encrypted") from error
        raise
    names = zip(book.sheet_names(), book._sheet_visibility, strict=False)
    return Workbook(visible_first((name, not hidden) for name, hidden in names), lambda name: _rows(content, name))


def _open(content: bytes, *, formats: bool) -> Any:
    """A sheet is read when it is asked for, and each row only as wide as it is: one cell in the last corner of a small
    file would else make sixteen million."""
    # xlrd prints its warnings; a silent file takes them.
    return xlrd.open_workbook(
        file_contents=content, logfile=StringIO(), formatting_info=formats, on_demand=True, ragged_rows=True
    )


def _sheet(content: bytes, name: str) -> tuple[Any, Any]:
    """The workbook and one sheet; without formats and merged cells where those are damaged or were never written."""
    try:
        book = _open(content, formats=True)
        return book, book.sheet_by_name(name)
    except SYMPTOMS:
        book = _open(content, formats=False)
        return book, book.sheet_by_name(name)


def _rows(content: bytes, name: str) -> Rows:
    book, sheet = _sheet(content, name)
    ranges = Ranges()
    for first, end, column, _ in sheet.merged_cells:
        ranges.add(first + 1, end, column)
    rows = ((index + 1, [_cell(book, cell) for cell in sheet.row(index)]) for index in range(sheet.nrows))
    return filled(rows, ranges)


def _cell(book: Any, cell: Any) -> Cell:
    value = cell.value
    match cell.ctype:
        case xlrd.XL_CELL_NUMBER:
            return whole(value)
        case xlrd.XL_CELL_DATE:
            return _date(book, cell)
        case xlrd.XL_CELL_BOOLEAN:
            return bool(value)
        case xlrd.XL_CELL_ERROR:
            return NoValue(xlrd.error_text_from_code.get(value, value))
        case xlrd.XL_CELL_TEXT:
            return str(value) or None
    return None


def _date(book: Any, cell: Any) -> Cell:
    value: float = cell.value
    try:
        moment: datetime = xlrd.xldate_as_datetime(value, book.datemode)
    except (ValueError, OverflowError):
        return whole(value)
    if 0 <= value < 1:
        return moment.time()
    return MonthDay.of(moment) if moment.time() == time() and _shows_month_day(book, cell.xf_index) else moment


def _shows_month_day(book: Any, style: int) -> bool:
    number = book.xf_list[style].format_key if style is not None else 0
    return number in _EAST_ASIAN_MONTH_DAYS or shows_month_day(book.format_map[number].format_str)

"""XLS (BIFF 2 to 8) through xlrd."""

from datetime import datetime
from io import StringIO
from typing import Any

import xlrd

from lib.tabular.table import Cell, Rows, UnreadableTable
from lib.tabular.workbook import Workbook, whole


def open_workbook(content: bytes) -> Workbook:
    """Raises UnreadableTable `encrypted`, also where Excel itself would open the file without a password."""
    try:
        # xlrd prints its warnings; a silent file takes them.
        book = xlrd.open_workbook(file_contents=content, logfile=StringIO())
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise UnreadableTable("encrypted") from error
        raise
    return Workbook(tuple(book.sheet_names()), lambda name: _rows(book, name))


def _rows(book: Any, name: str) -> Rows:
    sheet = book.sheet_by_name(name)
    for index in range(sheet.nrows):
        yield index + 1, [_cell(cell, book.datemode) for cell in sheet.row(index)]


def _cell(cell: Any, datemode: int) -> Cell:
    value = cell.value
    match cell.ctype:
        case xlrd.XL_CELL_NUMBER:
            return whole(value)
        case xlrd.XL_CELL_DATE:
            return _date(value, datemode)
        case xlrd.XL_CELL_BOOLEAN:
            return bool(value)
        case xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(value, value))
        case xlrd.XL_CELL_TEXT:
            return str(value) or None
    return None


def _date(value: float, datemode: int) -> Cell:
    try:
        moment: datetime = xlrd.xldate_as_datetime(value, datemode)
    except (ValueError, OverflowError):
        return whole(value)
    return moment.time() if 0 <= value < 1 else moment

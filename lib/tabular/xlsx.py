"""XLSX through openpyxl, values only."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from lib.tabular.escapes import from_xstring
from lib.tabular.table import Cell, Rows, UnreadableTable
from lib.tabular.workbook import Workbook

_LAST_ROW = 1_048_576
_ITEM, _RUN, _TEXT = (f"{{{SHEET_MAIN_NS}}}{tag}" for tag in ("si", "r", "t"))


class _Reader(ExcelReader):  # type: ignore[misc]
    """openpyxl drops `x005F_` from shared strings, and with it the difference between `_x0041_` and `A`."""

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                self.shared_strings = [_plain_text(item) for _, item in iterparse(source) if item.tag == _ITEM]


def _plain_text(item: Any) -> str:
    # Runs of rich text, without the phonetic hints that may stand beside them.
    runs = [item, *item.findall(_RUN)]
    text = "".join(run.findtext(_TEXT) or "" for run in runs)
    item.clear()
    return text


def open_workbook(content: bytes) -> Workbook:
    """Formula cells give the value that was saved with them."""
    reader = _Reader(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    reader.read()
    names = tuple(sheet.title for sheet in reader.wb.worksheets)
    return Workbook(names, lambda name: _rows(reader.wb[name]))


def _rows(sheet: Any) -> Rows:
    # Some programs write a wrong <dimension>, and openpyxl would cut the sheet there.
    sheet.reset_dimensions()
    return _numbered(sheet.iter_rows(values_only=True))


def _numbered(rows: Iterator[tuple[Any, ...]]) -> Rows:
    for number, row in enumerate(rows, start=1):
        if number > _LAST_ROW:
            raise UnreadableTable("damaged", why="row number beyond the last row of a sheet")
        if row:
            yield number, [_cell(value) for value in row]


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return from_xstring(value) or None
    if isinstance(value, timedelta):
        return _duration(value)
    if value is None or isinstance(value, (bool, int, float, datetime, date, time)):
        return value
    return str(value)


def _duration(value: timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"

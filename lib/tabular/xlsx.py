"""XLSX through openpyxl, values only."""

import re
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import IO, Any

from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._reader import FORMULA_TAG, ROW_TAG, VALUE_TAG, WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS

from lib.tabular.cell_kinds import MonthDay, NoValue, shows_month_day
from lib.tabular.escapes import from_xstring
from lib.tabular.merging import Ranges, filled
from lib.tabular.table import Cell, Rows, UnreadableTable
from lib.tabular.workbook import Workbook, visible_first
from lib.tabular.xml_stream import streamed

_LAST_ROW = 1_048_576
_ITEM, _RUN, _TEXT = (f"{{{SHEET_MAIN_NS}}}{tag}" for tag in ("si", "r", "t"))
# Date formats that have a number only and no code in the file (ECMA-376 part 1, 18.8.30, zh-cn).
_EAST_ASIAN_DATES = frozenset({*range(27, 37), *range(50, 59)})
_EAST_ASIAN_MONTH_DAYS = frozenset({28, 29, 51, 53, 54, 58})
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_CHUNK, _LONGEST_ELEMENT = 1 << 20, 200


class _Reader(ExcelReader):  # type: ignore[misc]
    """openpyxl drops `x005F_` from shared strings, and with it the difference between `_x0041_` and `A`; and it looks
    into every sheet at once."""

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                ends = (item for event, item in streamed(source, _ITEM) if event == "end" and item.tag == _ITEM)
                self.shared_strings = [_plain_text(item) for item in ends]

    def read_worksheets(self) -> None:
        found = [(sheet, rel.target) for sheet, rel in self.parser.find_sheets() if "chartsheet" not in rel.Type]
        self.sheets = {sheet.name: (sheet.state, target) for sheet, target in found if target in self.valid_files}


class _Cells(WorkSheetParser):  # type: ignore[misc]
    """The cells of one sheet; `month_days` are the styles that show a date as month and day."""

    def __init__(self, reader: _Reader, month_days: frozenset[int]) -> None:
        book = reader.wb
        super().__init__(
            None, reader.shared_strings, data_only=True, epoch=book.epoch,
            date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
        )  # fmt: skip
        self._month_days = month_days

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["data_type"] == "e":
            cell["value"] = NoValue(cell["value"])
        elif cell["value"] is None:
            formula = element.find(FORMULA_TAG)
            # An empty text is a result too, and says so by its type.
            if formula is not None and (element.get("t") != "str" or element.find(VALUE_TAG) is None):
                cell["value"] = NoValue(f"={formula.text or ''}")
        elif cell["style_id"] in self._month_days and _is_day(cell["value"]):
            cell["value"] = MonthDay.of(cell["value"])
        return cell


def _is_day(value: Any) -> bool:
    return isinstance(value, datetime) and value.time() == time()


def _plain_text(item: Any) -> str:
    # Runs of rich text, without the phonetic hints that may stand beside them.
    runs = [item, *item.findall(_RUN)]
    return "".join(run.findtext(_TEXT) or "" for run in runs)


def open_workbook(content: bytes) -> Workbook:
    """Formula cells give the value that was saved with them; hidden sheets come last."""
    reader = _Reader(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    reader.read()
    book, styles = reader.wb, reader.wb._cell_styles
    book._date_formats |= {at for at, style in enumerate(styles) if style.numFmtId in _EAST_ASIAN_DATES and at}
    month_days = frozenset(at for at in book._date_formats if _shows_month_day(book, styles[at].numFmtId))
    names = visible_first((name, state == "visible") for name, (state, _) in reader.sheets.items())
    return Workbook(names, lambda name: _rows(reader, month_days, reader.sheets[name][1]))


def _shows_month_day(book: Any, number: int) -> bool:
    own = number - 164
    if 0 <= own < len(book._number_formats):
        return shows_month_day(book._number_formats[own])
    return number in _EAST_ASIAN_MONTH_DAYS


def _rows(reader: _Reader, month_days: frozenset[int], part: str) -> Rows:
    with reader.archive.open(part) as source:
        merged = _merged(source)
    with reader.archive.open(part) as source:
        yield from filled(_numbered(_Cells(reader, month_days), source), merged)


def _numbered(cells: _Cells, source: IO[bytes]) -> Rows:
    for event, element in streamed(source, ROW_TAG):
        if event == "start" or element.tag != ROW_TAG:
            continue
        number, found = cells.parse_row(element)
        if number > _LAST_ROW:
            raise UnreadableTable("damaged", why="row number beyond the last row of a sheet")
        if found:
            row: list[Cell] = [None] * max(cell["column"] for cell in found)
            for cell in found:
                row[cell["column"] - 1] = _cell(cell["value"])
            yield number, row


def _merged(source: IO[bytes]) -> Ranges:
    """The merged ranges, which stand behind the rows that need them: looked for in the text, which is quick."""
    ranges, kept = Ranges(), b""
    while chunk := source.read(_CHUNK):
        text = kept + chunk
        end = 0
        for found in _MERGED.finditer(text):
            end = found.end()
            column, first, _, last = range_boundaries(found[1].decode())
            ranges.add(first, last, column - 1)
        kept = text[max(end, len(text) - _LONGEST_ELEMENT) :]
    return ranges


def _cell(value: Any) -> Cell:
    if isinstance(value, NoValue):
        return value
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

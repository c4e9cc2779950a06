"""XLSX through openpyxl, values only."""

import re
from datetime import datetime, time, timedelta
from io import BytesIO
from typing import IO, Any
from xml.etree.ElementTree import Element

from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
from openpyxl.utils.cell import column_index_from_string, range_boundaries
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.worksheet._reader import CELL_TAG, FORMULA_TAG, INLINE_STRING, ROW_TAG, VALUE_TAG, _cast_number
from openpyxl.xml.constants import SHEET_MAIN_NS

from lib.tabular.formats.cell_kinds import MonthDay, NoValue, shows_month_day
from lib.tabular.formats.escapes import from_xstring
from lib.tabular.formats.workbook import Workbook, visible_first
from lib.tabular.formats.xml_stream import elements
from lib.tabular.merging import Ranges, filled
from lib.tabular.table import Cell, Rows, UnreadableTable

_LAST_ROW = 1_048_576
_DIGITS = "0123456789"
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
                self.shared_strings = [_plain_text(item) for item in elements(source, _ITEM)]

    def read_worksheets(self) -> None:
        found = [(sheet, rel.target) for sheet, rel in self.parser.find_sheets() if "chartsheet" not in rel.Type]
        self.sheets = {sheet.name: (sheet.state, target) for sheet, target in found if target in self.valid_files}


class _Places(dict[str, int]):
    """The column, from 0, of the letters in the reference of a cell."""

    def __missing__(self, letters: str) -> int:
        place = int(column_index_from_string(letters)) - 1
        self[letters] = place
        return place


class _Cells:
    """The cells of one sheet; `month_days` are the styles that show a date as month and day."""

    def __init__(self, reader: _Reader, month_days: frozenset[int]) -> None:
        book = reader.wb
        self._texts, self._epoch = reader.shared_strings, book.epoch
        self._dates, self._durations, self._month_days = book._date_formats, book._timedelta_formats, month_days
        self._places = _Places()

    def of(self, row: Element) -> list[Cell]:
        """The cells of a row up to the last that holds anything."""
        cells: list[Cell] = []
        place = -1
        for element in row.iterfind(CELL_TAG):
            reference = element.get("r")
            place = self._places[reference.rstrip(_DIGITS)] if reference else place + 1
            value = self._value(element)
            if value is not None:
                if place >= len(cells):
                    cells += [None] * (place + 1 - len(cells))
                cells[place] = value
        return cells

    def _value(self, element: Element) -> Cell:
        kind = element.get("t", "n")
        if kind == "inlineStr":
            inline = element.find(INLINE_STRING)
            return None if inline is None else _plain_text(inline) or None
        text = element.findtext(VALUE_TAG)
        if kind == "e":
            return NoValue(text or "")
        if not text:
            return _without_result(element, kind, text)
        match kind:
            case "n":
                number = _cast_number(text)
                style = int(element.get("s", 0))
                return self._moment(number, style) if style in self._dates else number
            case "s":
                return self._texts[int(text)] or None
            case "b":
                return bool(int(text))
            case "d":
                return _stored_moment(from_ISO8601(text))
        return from_xstring(text)

    def _moment(self, serial: float, style: int) -> Cell:
        try:
            moment = from_excel(serial, self._epoch, timedelta=style in self._durations)
        except (OverflowError, ValueError):  # a number that no day has
            return NoValue("#VALUE!")
        if style in self._month_days and isinstance(moment, datetime) and moment.time() == time():
            return MonthDay.of(moment)
        return _stored_moment(moment)


def _without_result(element: Element, kind: str, text: str | None) -> Cell:
    """An empty text is a result too, and says so by its type."""
    formula = element.find(FORMULA_TAG)
    if formula is None or (kind == "str" and text is not None):
        return None
    return NoValue(f"={formula.text or ''}")


def _stored_moment(moment: Any) -> Cell:
    return _duration(moment) if isinstance(moment, timedelta) else moment


def _plain_text(item: Element) -> str:
    """Text as it is meant: runs of rich text, without the phonetic hints that may stand beside them."""
    runs = [item, *item.findall(_RUN)]
    return from_xstring("".join(run.findtext(_TEXT) or "" for run in runs))


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
    number = 0
    for row in elements(source, ROW_TAG):
        number = _whole_number(row.get("r")) or number + 1
        if number > _LAST_ROW:
            raise UnreadableTable("damaged", why="row number beyond the last row of a sheet")
        if found := cells.of(row):
            yield number, found


def _whole_number(text: str | None) -> int:
    """0 where there is none."""
    return int(float(text)) if text else 0


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


def _duration(value: timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"

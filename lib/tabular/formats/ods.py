"""ODS, streamed: the file format repeats cells and rows by count, which must not be unrolled blindly."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from xml.etree.ElementTree import Element

from lib.domain.records.fields import CELL_LIMIT
from lib.domain.text.spreadsheet_errors import is_error
from lib.tabular.formats.cell_kinds import MonthDay, NoValue
from lib.tabular.formats.workbook import Workbook, visible_first, whole
from lib.tabular.formats.xml_stream import streamed
from lib.tabular.merging import Ranges, filled
from lib.tabular.table import Cell, Rows, UnreadableTable

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_ROW = f"{_TABLE}table-row"
_MONTH_DAY = re.compile(r"(\d{1,2})(?:-|/|月)(\d{1,2})日?")
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?")
# More columns than any limit allows are not unrolled; the width alone makes the table refused.
_UNROLLED = 16_384
_MOST_SPACES = 10_000_000


def open_workbook(content: bytes) -> Workbook:
    """Raises UnreadableTable `encrypted`, or `unknown_format` for another kind of document."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise UnreadableTable("encrypted")
        kind = archive.read("mimetype") if "mimetype" in names else b"spreadsheet"
    if b"spreadsheet" not in kind:
        raise UnreadableTable("unknown_format", found=kind.decode("ascii", "replace"))
    return Workbook(visible_first(_sheets(content)), lambda name: _rows(content, name))


def _sheets(content: bytes) -> Iterator[tuple[str, bool]]:
    """The name of every sheet, and whether it is visible: its style says so."""
    style, hidden = "", set()
    for event, element in _events(content):
        if event != "start":
            continue
        if element.tag == f"{_STYLE}style":
            style = element.get(f"{_STYLE}name", "")
        elif element.tag == f"{_STYLE}table-properties" and element.get(f"{_TABLE}display") == "false":
            hidden.add(style)
        elif _is_sheet(element):
            yield element.get(f"{_TABLE}name", ""), element.get(f"{_TABLE}style-name") not in hidden


def _events(content: bytes) -> Iterator[tuple[str, Element]]:
    with zipfile.ZipFile(BytesIO(content)) as archive, archive.open("content.xml") as source:
        yield from streamed(source, _ROW)


def _is_sheet(element: Element) -> bool:
    return element.tag == f"{_TABLE}table"


def _rows(content: bytes, name: str) -> Rows:
    ranges = Ranges()
    return filled(_numbered(content, name, ranges), ranges)


def _numbered(content: bytes, name: str, ranges: Ranges) -> Rows:
    """The rows as they stand; the merged ranges that begin in one are put into `ranges` before it comes."""
    number, inside = 1, False
    spaces = _Spaces()
    for event, element in _events(content):
        if _is_sheet(element):
            inside = event == "start" and element.get(f"{_TABLE}name", "") == name
        elif event == "end" and element.tag == _ROW:
            times = _count(element, f"{_TABLE}number-rows-repeated")
            cells = _cells(element, spaces) if inside else []
            if inside and times == 1:
                _note_merged(element, number, ranges)
            for offset in range(times if cells else 0):
                yield number + offset, cells
            number = number + times if inside else 1


def _note_merged(row: Element, number: int, ranges: Ranges) -> None:
    column = 0
    for element in row:
        if element.tag in _CELLS:
            ranges.add(number, number + _count(element, f"{_TABLE}number-rows-spanned") - 1, column)
            column += _count(element, f"{_TABLE}number-columns-repeated")


def _count(element: Element, attribute: str) -> int:
    """How often something is repeated; a number of more digits than anything has is as good as a billion."""
    text = element.get(attribute, "1")
    return max(1, int(text) if len(text) < 10 else 10**9) if text.isdecimal() else 1


class _Spaces:
    """Spaces that a file gives by their number (text:c), up to what a cell holds, and all in all to what a file may."""

    def __init__(self) -> None:
        self._left = _MOST_SPACES

    def of(self, element: Element) -> str:
        """Raises UnreadableTable."""
        count = min(_count(element, f"{_TEXT}c"), CELL_LIMIT)
        self._left -= count
        if self._left < 0:
            raise UnreadableTable("damaged", why="more spaces than a file of this size can mean")
        return " " * count


def _cells(row: Element, spaces: _Spaces) -> list[Cell]:
    cells: list[Cell] = []
    gap = 0
    for element in row:
        if element.tag not in _CELLS:
            continue
        times, value = _count(element, f"{_TABLE}number-columns-repeated"), _value(element, spaces)
        if value is None:
            gap += times
            continue
        cells += [None] * min(gap, _UNROLLED) + [value] * min(times, _UNROLLED)
        gap = 0
        if len(cells) > _UNROLLED:
            break
    return cells


def _value(cell: Element, spaces: _Spaces) -> Cell:
    kind = cell.get(f"{_OFFICE}value-type")
    number = cell.get(f"{_OFFICE}value")
    text = cell.get(f"{_OFFICE}string-value") or "\n".join(_plain(part, spaces) for part in cell.findall(f"{_TEXT}p"))
    formula = cell.get(f"{_TABLE}formula")
    if formula is not None and (is_error(text) or (kind is None and not text)):
        return NoValue(text or formula)
    try:
        if kind in ("float", "percentage", "currency") and number is not None:
            return whole(float(number))
        if kind == "date":
            return _date(cell.get(f"{_OFFICE}date-value", ""), text)
        if kind == "time":
            return _time(cell.get(f"{_OFFICE}time-value", ""))
    except ValueError:
        return text or None
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true"
    return text or None


def _date(text: str, shown: str) -> Cell:
    if "T" in text:
        return datetime.fromisoformat(text)
    day = date.fromisoformat(text)
    month_day = _MONTH_DAY.fullmatch(shown)
    if month_day and (int(month_day[1]), int(month_day[2])) == (day.month, day.day):
        return MonthDay.of(datetime.combine(day, time()))
    return day


def _time(text: str) -> Cell:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return time(hours, minutes, seconds) if hours < 24 else f"{hours}:{minutes:02}:{seconds:02}"


def _plain(element: Element, spaces: _Spaces) -> str:
    match element.tag.removeprefix(_TEXT):
        case "s":
            own = spaces.of(element)
        case "tab":
            own = "\t"
        case "line-break":
            own = "\n"
        case _:
            own = element.text or ""
    return own + "".join(_plain_child(child, spaces) + (child.tail or "") for child in element)


def _plain_child(child: Element, spaces: _Spaces) -> str:
    # A comment on a cell is not its content.
    return "" if child.tag == f"{_OFFICE}annotation" else _plain(child, spaces)

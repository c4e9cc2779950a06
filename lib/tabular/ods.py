"""ODS, streamed: the file format repeats cells and rows by count, which must not be unrolled blindly."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

from lib.tabular.table import Cell, Rows, UnreadableTable
from lib.tabular.workbook import Workbook, whole

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?")
# More columns than any limit allows are not unrolled; the width alone makes the table refused.
_UNROLLED = 16_384


def open_workbook(content: bytes) -> Workbook:
    """Raises UnreadableTable `encrypted`, or `unknown_format` for another kind of document."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise UnreadableTable("encrypted")
        kind = archive.read("mimetype") if "mimetype" in names else b"spreadsheet"
    if b"spreadsheet" not in kind:
        raise UnreadableTable("unknown_format", found=kind.decode("ascii", "replace"))
    sheets = [e.get(f"{_TABLE}name", "") for event, e in _events(content) if event == "start" and _is_sheet(e)]
    return Workbook(tuple(sheets), lambda name: _rows(content, name))


def _events(content: bytes) -> Iterator[tuple[str, Element]]:
    with zipfile.ZipFile(BytesIO(content)) as archive, archive.open("content.xml") as source:
        yield from iterparse(source, events=("start", "end"))


def _is_sheet(element: Element) -> bool:
    return element.tag == f"{_TABLE}table"


def _rows(content: bytes, name: str) -> Rows:
    number, inside = 1, False
    for event, element in _events(content):
        if _is_sheet(element):
            inside = event == "start" and element.get(f"{_TABLE}name", "") == name
        elif event == "end" and element.tag == f"{_TABLE}table-row":
            times = _count(element, "number-rows-repeated")
            cells = _cells(element) if inside else []
            element.clear()
            for offset in range(times if cells else 0):
                yield number + offset, cells
            number = number + times if inside else 1


def _count(element: Element, attribute: str) -> int:
    text = element.get(f"{_TABLE}{attribute}", "1")
    return max(1, int(text)) if text.isdecimal() else 1


def _cells(row: Element) -> list[Cell]:
    cells: list[Cell] = []
    gap = 0
    for element in row:
        if element.tag not in _CELLS:
            continue
        times, value = _count(element, "number-columns-repeated"), _value(element)
        if value is None:
            gap += times
            continue
        cells += [None] * min(gap, _UNROLLED) + [value] * min(times, _UNROLLED)
        gap = 0
    return cells


def _value(cell: Element) -> Cell:
    kind = cell.get(f"{_OFFICE}value-type")
    number = cell.get(f"{_OFFICE}value")
    text = cell.get(f"{_OFFICE}string-value") or "\n".join(map(_plain, cell.findall(f"{_TEXT}p")))
    try:
        if kind in ("float", "percentage", "currency") and number is not None:
            return whole(float(number))
        if kind == "date":
            return _date(cell.get(f"{_OFFICE}date-value", ""))
        if kind == "time":
            return _time(cell.get(f"{_OFFICE}time-value", ""))
    except ValueError:
        return text or None
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true"
    return text or None


def _date(text: str) -> Cell:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _time(text: str) -> Cell:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return time(hours, minutes, seconds) if hours < 24 else f"{hours}:{minutes:02}:{seconds:02}"


def _plain(element: Element) -> str:
    match element.tag.removeprefix(_TEXT):
        case "s":
            own = " " * int(element.get(f"{_TEXT}c", "1"))
        case "tab":
            own = "\t"
        case "line-break":
            own = "\n"
        case _:
            own = element.text or ""
    return own + "".join(_plain_child(child) + (child.tail or "") for child in element)


def _plain_child(child: Element) -> str:
    # A comment on a cell is not its content.
    return "" if child.tag == f"{_OFFICE}annotation" else _plain(child)

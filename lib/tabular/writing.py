"""Write tables that Excel, WPS and LibreOffice open as they are meant: no text garbled, none a formula."""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from io import BytesIO, StringIO
from math import isfinite
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

from lib.tabular.formats.escapes import escape_formula, looks_like_formula, to_xstring
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
class ExtraSheet:
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
    extra_sheets: Iterable[ExtraSheet] = (),
) -> bytes:
    """A workbook: header bold and frozen, text typed as text, dates as dates. Raises CellTooLong.

    Datetimes are naive wall-clock time (XLSX has no zones): the caller converts aware ones first (ValueError).
    """
    sheets = [ExtraSheet(sheet_name, headers, rows, widths), *extra_sheets]
    book = Workbook(write_only=True)
    used: set[str] = set()
    for sheet in sheets:
        _add_head(book, sheet, _free_name(sheet.name, used))
    styles = _Styles.of(book.worksheets[0])
    head, out = BytesIO(), BytesIO()
    book.save(head)
    parts = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, start=1)}
    with ZipFile(head) as made, ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for part in made.namelist():
            if part in parts:
                _write_rows(archive, part, made.read(part), parts[part], styles)
            else:
                archive.writestr(part, made.read(part))
    return out.getvalue()


def _write_rows(archive: ZipFile, part: str, head: bytes, sheet: ExtraSheet, styles: "_Styles") -> None:
    """The sheet as openpyxl writes it, with the rows put in as text: its object a cell takes five times as long."""
    before, end, after = head.partition(b"</sheetData>")
    with archive.open(part, "w") as target:
        target.write(before)
        for number, row in enumerate(sheet.rows, start=2):
            cells = [_stored(cell) for cell in row]
            _refuse_long(cells, sheet, number)
            target.write(_row_xml(number, cells, styles).encode())
        target.write(end + after)


def _free_name(name: str, used: set[str]) -> str:
    clean = _NOT_IN_SHEET_NAME.sub("_", name).strip("'")[:_LONGEST_NAME] or "Sheet"
    free, number = clean, 1
    while free.casefold() in used:
        number += 1
        free = f"{clean[: _LONGEST_NAME - 5]} ({number})"
    used.add(free.casefold())
    return free


def _add_head(book: Any, sheet: ExtraSheet, name: str) -> None:
    _refuse_long(sheet.headers, sheet, 1)
    target = book.create_sheet(name)
    target.freeze_panes = "A2"
    for position, header in enumerate(sheet.headers, start=1):
        width = (sheet.widths or {}).get(header)
        if width is not None:
            target.column_dimensions[get_column_letter(position)].width = width
    target.append([_bold(_text_cell(target, header)) for header in sheet.headers])


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


def _refuse_long(cells: Sequence[Cell], sheet: ExtraSheet, number: int) -> None:
    for position, cell in enumerate(cells):
        if isinstance(cell, str) and len(cell) > _LONGEST_CELL // 7 and len(to_xstring(cell)) > _LONGEST_CELL:
            column = sheet.headers[position] if position < len(sheet.headers) else f"#{position + 1}"
            raise CellTooLong(sheet=sheet.name, row=number, column=column, length=len(cell))


@dataclass(frozen=True, slots=True)
class _Styles:
    """The numbers of the styles that cells of each kind have in a workbook."""

    formula: int
    day: int
    moment: int
    clock: int

    @classmethod
    def of(cls, sheet: Any) -> "_Styles":
        samples = (_text_cell(sheet, "="), *(WriteOnlyCell(sheet, kind.min) for kind in (date, datetime, time)))
        return cls(*(cell.style_id for cell in samples))


def _row_xml(number: int, cells: Sequence[Cell], styles: _Styles) -> str:
    found = (
        f'<c r="{letters}{number}"{_cell_xml(cell, styles)}</c>'
        for letters, cell in zip(_letters(len(cells)), cells, strict=True)
        if cell is not None
    )
    return f'<row r="{number}">{"".join(found)}</row>'


@cache
def _letters(count: int) -> tuple[str, ...]:
    return tuple(map(get_column_letter, range(1, count + 1)))


def _cell_xml(cell: Cell, styles: _Styles) -> str:
    """The rest of the tag of a cell, and what it holds."""
    match cell:
        case str():
            # Without the style a spreadsheet takes the text for a formula as soon as somebody edits the cell.
            style = f' s="{styles.formula}"' if looks_like_formula(cell) else ""
            return f'{style} t="inlineStr"><is><t xml:space="preserve">{escape(to_xstring(cell))}</t></is>'
        case bool():
            return f' t="b"><v>{cell:d}</v>'
        case datetime():
            return f' s="{styles.moment}"><v>{to_excel(cell)}</v>'
        case date():
            return f' s="{styles.day}"><v>{to_excel(cell)}</v>'
        case time():
            return f' s="{styles.clock}"><v>{to_excel(cell)}</v>'
    return f"><v>{cell!r}</v>"


def _text_cell(target: Any, text: Any) -> Any:
    cell = WriteOnlyCell(target, to_xstring(text))
    cell.data_type = "s"
    if looks_like_formula(text):
        cell.quotePrefix = True
    return cell

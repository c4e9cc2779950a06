"""A spreadsheet as the file that Drive's files.export gives: a table of text of its first tab, or all of it."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from openpyxl import Workbook as Excel
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from tests.google.book.a1 import Area
from tests.google.book.cells import Fault
from tests.google.book.grid import Sheet
from tests.google.book.values import Style, values
from tests.google.book.workbook import Workbook
from tests.google.errors import GoogleError

LARGEST = 10_000_000  # bytes that Drive exports
_FONT, _SIZE, _LINE, _MARGIN = "STSong-Light", 9, 14, 40


def export(book: Workbook, mime: str) -> bytes:
    """Raises: GoogleError where Drive does not make such a file of a spreadsheet, or only a smaller one."""
    if mime not in _FORMATS:
        raise _refused(400, "badRequest", "The requested conversion is not supported.", at="convertTo")
    content = _FORMATS[mime](book)
    if len(content) > LARGEST:
        raise _refused(403, "exportSizeLimitExceeded", "This file is too large to be exported.")
    return content


def _refused(code: int, reason: str, message: str, *, at: str = "") -> GoogleError:
    place = {"locationType": "parameter", "location": at} if at else {}
    error = {"domain": "global", "reason": reason, "message": message} | place
    return GoogleError(code, {"errors": [error], "code": code, "message": message})


def _shown(book: Workbook, sheet: Sheet) -> list[list[str]]:
    """What people see, every row as wide as the widest."""
    rows = values(book, sheet, sheet.full(Area()), Style())
    width = max(map(len, rows), default=0)
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _text(**how: Any) -> Callable[[Workbook], bytes]:
    def table(book: Workbook) -> bytes:
        written = io.StringIO()
        csv.writer(written, lineterminator="\r\n", **how).writerows(_shown(book, book.sheets[0]))
        return written.getvalue().removesuffix("\r\n").encode()

    return table


def _excel(book: Workbook) -> bytes:
    made = Excel()
    made.remove(made.active)
    for sheet in book.sheets:
        tab = made.create_sheet(sheet.title)
        tab.sheet_state = "hidden" if sheet.properties.get("hidden") else "visible"
        for row, column, value in sheet.filled(sheet.full(Area())):
            seen = book.effective(sheet, value)
            cell = tab.cell(row + 1, column + 1)
            cell.value = seen.sign if isinstance(seen, Fault) else seen
            if isinstance(seen, str):
                cell.data_type = "s"  # also where it looks like a formula
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def _pdf(book: Workbook) -> bytes:
    """The tabs that are seen, a line of text for each row."""
    content = io.BytesIO()
    canvas = Canvas(content, pagesize=A4)
    canvas.setTitle(book.properties["title"])
    registerFont(UnicodeCIDFont(_FONT))
    for page in _pages(book):
        canvas.setFont(_FONT, _SIZE)
        for number, line in enumerate(page, 1):
            canvas.drawString(_MARGIN, A4[1] - _MARGIN - number * _LINE, line)
        canvas.showPage()
    canvas.save()
    return content.getvalue()


def _pages(book: Workbook) -> Iterator[list[str]]:
    fit = int((A4[1] - 2 * _MARGIN) // _LINE)
    for sheet in book.sheets:
        lines = ["  ".join(row) for row in _shown(book, sheet)]
        if not sheet.properties.get("hidden"):
            yield from (lines[at : at + fit] for at in range(0, len(lines), fit))


_FORMATS: Mapping[str, Callable[[Workbook], bytes]] = {
    "text/csv": _text(),
    "text/tab-separated-values": _text(delimiter="\t"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _excel,
    "application/pdf": _pdf,
}

"""The Read-me tab: what managers should know before they edit, in the language of the workspace."""

import hashlib
from collections.abc import Iterator, Sequence

from lib.i18n import N_, t
from lib.store.sheets.model.cells import extended
from lib.store.sheets.model.updates import Request, write_styled
from lib.store.sheets.setup.inspect import PresentTab

_WIDTH = 760
_HEADINGS = "#"
_TEXTS = (
    N_("# Before you edit"),
    N_(
        "This spreadsheet is the data of Casesheet. You may edit it while others work in the app: what you "
        "change appears there within seconds, and in the history of the case as “edited in the sheet”."
    ),
    N_(
        "It holds names, telephone numbers and homes of clients: personal data, also in the hidden tabs. Share it with "
        "managers only, never by a link that anyone can open, and give no copy of it away."
    ),
    N_("# What you may do"),
    N_(
        "Change cells under blue headers: choose from the dropdown where there is one, write dates as "
        "2026-03-05 and times as 2026-03-05 14:30."
    ),
    N_("Add a row at the bottom and leave its number empty: the app gives it one."),
    N_(
        "Sort, hide and move columns, change their widths and colours, add columns of your own, write notes "
        "and comments."
    ),
    N_("Use Data > Filter views for common questions: they change nothing for the others."),
    N_(
        "Archived cases stand in a tab of their own. The app moves their rows, values and remarks, but not colours and "
        "cell notes; what you change there appears in the app within ten minutes."
    ),
    N_("# What the colours mean"),
    N_("Red and bold: a deadline has passed. Orange: it ends within 24 hours."),
    N_(
        "Yellow and struck through: the app cannot read this cell. It is kept as it is and listed under data "
        "health, with a suggestion."
    ),
    N_("Grey header: only the app writes this column. What you change there is noticed and checked."),
    N_("# What not to do"),
    N_(
        "Do not change or delete the header of a blue or grey column: the app finds columns by it. A missing "
        "header stops the app until it is back."
    ),
    N_(
        "Do not write a header a second time, and do not copy a whole column: the app cannot tell which one counts, "
        "and stops."
    ),
    N_(
        "Paste values only (Edit > Paste special > Values only, Ctrl+Shift+V): an ordinary paste brings formats and "
        "formulas along and takes dropdowns away."
    ),
    N_("Do not merge cells: what stood in the cells merged away is lost."),
    N_(
        "Do not copy rows, not even to make a similar case: two rows with one number are one too many, and only one of "
        "them counts. Type a new row, or empty the first column of the copy at once."
    ),
    N_("Do not sort some columns only: rows are torn apart."),
    N_("Do not change the number in the first column, and do not use a number twice."),
    N_("Do not change the hidden tabs and columns."),
    N_("Do not delete a case to close it: close it in the app. A deleted row is noticed and can be restored there."),
    N_("Something went wrong? File > Version history shows every change, and the app has the history of every case."),
)


def readme_rows() -> list[str]:
    """The text line by line, in the current language; a heading begins with "# " ."""
    return [t(text) for text in _TEXTS]


def shown(rows: Sequence[str]) -> list[str]:
    """The lines as they stand in the tab."""
    return [row.removeprefix(f"{_HEADINGS} ") for row in rows]


def fingerprint(lines: Sequence[str]) -> str:
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()


def readme_requests(tab: PresentTab, rows: Sequence[str], old: int) -> Iterator[Request]:
    """Write the lines into the first column; `old` lines were there before."""
    cells = [
        {
            **extended(line),
            "userEnteredFormat": {
                "wrapStrategy": "WRAP",
                "textFormat": {"bold": row.startswith(_HEADINGS), "fontSize": 12 if row.startswith(_HEADINGS) else 10},
            },
        }
        for row, line in zip(rows, shown(rows), strict=True)
    ]
    empty: list[Request] = [{}] * max(0, old - len(cells))
    lines = [[cell] for cell in [*cells, *empty]]
    if len(lines) > tab.rows:
        properties = {"sheetId": tab.id, "gridProperties": {"rowCount": len(lines)}}
        yield {"updateSheetProperties": {"properties": properties, "fields": "gridProperties.rowCount"}}
    yield write_styled(tab.id, 0, 0, lines, "userEnteredFormat(wrapStrategy,textFormat(bold,fontSize))")
    if tab.fresh:
        columns = {"sheetId": tab.id, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}
        wide = {"range": columns, "properties": {"pixelSize": _WIDTH}, "fields": "pixelSize"}
        yield {"updateDimensionProperties": wide}

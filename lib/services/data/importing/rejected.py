"""The rows that were not taken, as a file to correct and load again."""

from collections.abc import Iterable

from lib.i18n import current_language
from lib.services.data.importing.check import Checked, RowRefusal
from lib.services.data.importing.plan import REASON_HEADER
from lib.tabular.table import Cell
from lib.tabular.writing import write_csv, write_xlsx
from lib.words.names import reason_words


def rejected_file(checked: Checked, *, format: str = "csv") -> bytes:
    """Every rejected row with all its original columns and, last, the reasons in the current language.

    `format` is "csv" or "xlsx". The column of reasons is ignored when the file is loaded again.
    """
    reasons = checked.rejected_rows
    title = REASON_HEADER[current_language()]
    kept = [at for at, header in enumerate(checked.plan.headers) if header not in REASON_HEADER.values()]
    headers = [*(checked.plan.headers[at] for at in kept), title]
    rows: Iterable[list[Cell]] = (
        [*(row.cells[at] for at in kept), _words(reasons[row.number])]
        for row in checked.plan.table.rows
        if row.number in reasons
    )
    return write_xlsx(title, headers, rows) if format == "xlsx" else write_csv(headers, rows)


def _words(refusals: Iterable[RowRefusal]) -> str:
    return "; ".join(f"{item.column}: {reason_words(item.reason)}" for item in refusals)

"""From numbered rows to headers and rows of one width."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from statistics import median

from lib.tabular.header_rows import joined
from lib.tabular.table import Cell, NumberedRow, SourceRow, UnreadableTable, is_blank

HEAD = 50
"""The header is looked for in this many rows."""


def dense_rows(rows: Iterable[NumberedRow], columns: int) -> Iterator[NumberedRow]:
    """The rows with something to see. Raises UnreadableTable where one is wider than `columns`."""
    for number, cells in rows:
        width = _width(cells)
        if width > columns:
            raise UnreadableTable("too_many_columns", row=number, width=width, limit=columns)
        if width:
            # What a sheet formats without content, to its last column, would be kept for every row.
            yield number, cells if len(cells) <= columns else cells[:columns]


def shape(numbered: Sequence[NumberedRow]) -> tuple[tuple[str, ...], tuple[SourceRow, ...]]:
    """Headers and data rows; title rows are left out, a header of two rows is joined, trailing empty columns are
    trimmed."""
    at = _header_index([cells for _, cells in numbered[:HEAD]])
    body = numbered[at:]
    width = widest(body)
    rows = [SourceRow(number, _fit(cells, width)) for number, cells in body]
    both = joined(rows[0].cells, rows[1].cells, [row.cells for row in rows[2:HEAD]]) if len(rows) > 1 else None
    headers = _unique_headers(both or rows[0].cells)
    return headers, tuple(rows[2 if both else 1 :])


def widest(numbered: Sequence[NumberedRow]) -> int:
    """How many columns the rows need."""
    return max(_width(cells) for _, cells in numbered)


def _width(cells: Sequence[Cell]) -> int:
    width = len(cells)
    while width and is_blank(cells[width - 1]):
        width -= 1
    return width


def _header_index(head: Sequence[Sequence[Cell]]) -> int:
    filled = [sum(not is_blank(cell) for cell in cells) for cells in head]
    usual = median(filled)
    return next(
        (
            at
            for at, count in enumerate(filled)
            if count >= max(2.0, usual / 2) and (count >= usual or not _names_parameters(head[at]))
        ),
        0,
    )


def _names_parameters(cells: Sequence[Cell]) -> bool:
    """A line such as `单位：城东店 | 2024年1月` or `Region: | Germany`, which forms print above their table."""
    first = next((str(cell).strip() for cell in cells if not is_blank(cell)), "")
    return "：" in first or first.endswith(":")


def _fit(cells: Sequence[Cell], width: int) -> tuple[Cell, ...]:
    return tuple(cells[:width]) + (None,) * (width - len(cells))


def _unique_headers(cells: Sequence[Cell]) -> tuple[str, ...]:
    headers: list[str] = []
    taken = {_header_text(cell) for cell in cells}
    seen: set[str] = set()
    for position, cell in enumerate(cells, start=1):
        name = _header_text(cell)
        if not name or name in seen:
            name = _free_name(name, position, taken)
        seen.add(name)
        headers.append(name)
    return tuple(headers)


def _free_name(name: str, position: int, taken: set[str]) -> str:
    wanted = f"{name} #{position}".strip()
    while wanted in taken:
        wanted += "'"
    taken.add(wanted)
    return wanted


def _header_text(cell: Cell) -> str:
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return "" if cell is None else " ".join(str(cell).split())

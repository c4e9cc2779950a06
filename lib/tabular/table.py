"""What a table file holds once it is read, and why one cannot be read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

Cell = str | int | float | bool | datetime | date | time | None
NumberedRow = tuple[int, Sequence[Cell]]
Rows = Iterator[NumberedRow]

Reason = Literal[
    "empty",
    "encrypted",
    "damaged",
    "unknown_format",
    "not_text",
    "unclosed_quote",
    "too_large",
    "too_large_unpacked",
    "too_many_rows",
    "too_many_columns",
    "too_many_cells",
    "no_such_sheet",
]


MB = 2**20
"""Bytes; what a browser and Windows call a megabyte."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused before it costs memory. `bytes` and `uncompressed` are bytes, `part` those of a part that
    can only be read as a whole (the styles of a workbook); `rows` are data rows, `cells` all of them at full width."""

    bytes: int = 100 * MB
    uncompressed: int = 800 * MB
    part: int = 40 * MB
    rows: int = 100_000
    columns: int = 500
    cells: int = 25_000_000


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row. `number` counts from 1 as a person does in the file (CSV: the line where the record starts).

    `cells` are as many as the table has headers; a cell without content is None in every format.
    """

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class FileTable:
    """Headers are unique and none is empty: `#3` is a column without header, `Name #5` a second `Name`.

    `encoding` and `delimiter` are None for workbooks; `sheets` is empty for text files.
    """

    name: str
    headers: tuple[str, ...]
    rows: tuple[SourceRow, ...]
    encoding: str | None = None
    delimiter: str | None = None
    sheets: tuple[str, ...] = ()

    def column(self, at: int) -> Iterator[Cell]:
        """The cells under the header at this place, from the first row on."""
        return (row.cells[at] for row in self.rows)


class UnreadableTable(ValueError):
    """The file cannot be taken as a table. `facts` say more (limit, size, line, sheets ...)."""

    def __init__(self, reason: Reason, **facts: object) -> None:
        self.reason: Reason = reason
        self.facts = facts
        super().__init__(f"{reason} {facts}" if facts else reason)


def is_blank(cell: Cell) -> bool:
    """Nothing that a person would see."""
    return cell is None or (isinstance(cell, str) and not cell.strip())

"""Merged cells: every row of a merged range has its value, as people see it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lib.tabular.table import Cell, NumberedRow, Rows

_MOST_COLUMNS = 1_000
_MOST_RANGES = 200_000


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged range; `last` is its last row from 1, `column` its first from 0. Only its first cell has a value."""

    last: int
    column: int


class Ranges(dict[int, list[Merged]]):
    """The merged ranges of more than one row, by their first row. What is beyond every table is not kept."""

    def add(self, first: int, last: int, column: int) -> None:
        if last > first and column < _MOST_COLUMNS and len(self) < _MOST_RANGES:
            self.setdefault(first, []).append(Merged(last, column))


def filled(rows: Iterable[NumberedRow], ranges: Mapping[int, Sequence[Merged]]) -> Rows:
    """The rows with the value of a merged range in each row that it spans. `rows` come in their order; their ranges
    must be known when they do.

    A row that holds nothing of its own stays as it is: the end of a range that was merged too far is no row.
    """
    begun: dict[int, tuple[int, Cell]] = {}  # last row and value by column
    for number, cells in rows:
        begun = {column: range_ for column, range_ in begun.items() if range_[0] >= number}
        yield number, _with(cells, begun)
        for item in ranges.get(number, ()):
            if item.column < len(cells) and cells[item.column] is not None:
                begun[item.column] = item.last, cells[item.column]


def _with(cells: Sequence[Cell], begun: Mapping[int, tuple[int, Cell]]) -> Sequence[Cell]:
    if not begun or all(cell is None for cell in cells):
        return cells
    found = [*cells, *[None] * (1 + max(begun) - len(cells))]
    for column, (_, value) in begun.items():
        if found[column] is None:
            found[column] = value
    return found

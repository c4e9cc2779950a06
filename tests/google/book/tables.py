"""Tables as values.append finds them: blocks of filled cells with nothing along their four sides."""

from tests.google.book.a1 import Area
from tests.google.book.grid import Sheet


def last_table(sheet: Sheet, area: Area) -> Area | None:
    """Of the tables that the area touches, also where they are empty, the one that ends last; None where none does."""
    touched = [table for table in tables(sheet) if area.meets(table)]
    return max(touched, key=lambda table: (table.bottom or 0, table.right or 0), default=None)


def tables(sheet: Sheet) -> list[Area]:
    """Every table of a tab."""
    found: list[Area] = []
    for row, column, _ in sheet.filled(sheet.full(Area())):
        if not any(_holds(table, row, column) for table in found):
            found.append(_grown(sheet, row, column))
    return found


def _holds(table: Area, row: int, column: int) -> bool:
    return table.meets(Area(row, column, row + 1, column + 1))


def _grown(sheet: Sheet, row: int, column: int) -> Area:
    """The block around a cell, taking in the line beside a side as long as something stands in it."""
    top, left, bottom, right = row, column, row + 1, column + 1
    while True:
        if top and _filled(sheet, Area(top - 1, left, top, right)):
            top -= 1
        elif left and _filled(sheet, Area(top, left - 1, bottom, left)):
            left -= 1
        elif _filled(sheet, Area(bottom, left, bottom + 1, right)):
            bottom += 1
        elif _filled(sheet, Area(top, right, bottom, right + 1)):
            right += 1
        else:
            return Area(top, left, bottom, right)


def _filled(sheet: Sheet, line: Area) -> bool:
    return next(iter(sheet.filled(sheet.full(line))), None) is not None

"""The number format of each kind of column, and runs of columns that are formatted together.

A number format is a matter of meaning: a date must stay a date, and a room "0501" text.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from lib.domain.records.fields import Column

_TEXT = ("TEXT", "@")
_FORMATS: Mapping[str, tuple[str, str]] = {
    "date": ("DATE", "yyyy-mm-dd"),
    "time": ("DATE_TIME", "yyyy-mm-dd hh:mm"),
    "money": ("NUMBER", "#,##0.00"),
}
_NO_FORMAT = ("number", "flag")


def wanted_format(column: Column) -> tuple[str, str] | None:
    """Type and pattern. Everything that is no number is text, so that nothing typed turns into one."""
    return None if column.kind in _NO_FORMAT else _FORMATS.get(column.kind, _TEXT)


def runs(by_place: Mapping[int, Any]) -> Iterator[tuple[int, int, Any]]:
    """(first, end, value) of places side by side that have the same value."""
    placed = sorted(by_place.items())
    for _, items in groupby(enumerate(placed), lambda item: (item[1][0] - item[0], repr(item[1][1]))):
        run = [item for _, item in items]
        yield run[0][0], run[-1][0] + 1, run[0][1]

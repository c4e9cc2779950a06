"""A1 notation: read and written, with quoted tabs and open ends."""

import re
from dataclasses import dataclass
from typing import Any

_CELL = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,7})?")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*[Cc][0-9]*")


@dataclass(frozen=True, slots=True)
class Area:
    """A half-open rectangle of cells, zero-based; None is an open end."""

    top: int = 0
    left: int = 0
    bottom: int | None = None
    right: int | None = None

    def within(self, rows: int, columns: int) -> "Area":
        """The part inside a grid of that size."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Area(self.top, self.left, bottom, right)

    def meets(self, other: "Area") -> bool:
        return _spans_meet(self.top, self.bottom, other.top, other.bottom) and _spans_meet(
            self.left, self.right, other.left, other.right
        )

    @property
    def height(self) -> int:
        return max(0, (self.bottom or 0) - self.top)

    @property
    def width(self) -> int:
        return max(0, (self.right or 0) - self.left)


def _spans_meet(start: int, end: int | None, other_start: int, other_end: int | None) -> bool:
    return (end is None or other_start < end) and (other_end is None or start < other_end)


def area_of(grid_range: dict[str, Any]) -> Area:
    """The area of a GridRange."""
    return Area(
        grid_range.get("startRowIndex", 0),
        grid_range.get("startColumnIndex", 0),
        grid_range.get("endRowIndex"),
        grid_range.get("endColumnIndex"),
    )


def grid_range(sheet_id: int, area: Area) -> dict[str, Any]:
    named = {
        "sheetId": sheet_id,
        "startRowIndex": area.top,
        "endRowIndex": area.bottom,
        "startColumnIndex": area.left,
        "endColumnIndex": area.right,
    }
    return {name: value for name, value in named.items() if value is not None}


def column_number(letters: str) -> int:
    """A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def split_title(text: str) -> tuple[str | None, str]:
    """The tab's name, unquoted, and the cells; the name alone leaves the cells empty."""
    if text.startswith("'"):
        match = re.fullmatch(r"'((?:[^']|'')*)'(?:!(.*))?", text, re.DOTALL)
        if match is None:
            raise ValueError(text)
        return match[1].replace("''", "'"), match[2] or ""
    title, mark, cells = text.rpartition("!")
    return (title, cells) if mark else (None, text)


def parse_cells(text: str) -> Area:
    """`B2`, `A1:C3`, `A:C`, `2:5`, `A2:F`; ValueError for anything else."""
    first, _, second = text.partition(":")
    start = _corner(first)
    if ":" not in text:
        if None in start:
            raise ValueError(text)
        return Area(start[0], start[1], start[0] + 1, start[1] + 1)
    end = _corner(second)
    top, bottom = _span(start[0], end[0])
    left, right = _span(start[1], end[1])
    return Area(top, left, bottom, right)


def _span(first: int | None, last: int | None) -> tuple[int, int | None]:
    if first is None or last is None:
        return first or 0, None if last is None else last + 1
    return min(first, last), max(first, last) + 1


def _corner(text: str) -> tuple[Any, Any]:
    match = _CELL.fullmatch(text)
    if not text or match is None:
        raise ValueError(text)
    row = int(match[2]) - 1 if match[2] else None
    return row, column_number(match[1]) if match[1] else None


def quoted(title: str) -> str:
    plain = _PLAIN_TITLE.fullmatch(title) and not _LIKE_A_CELL.fullmatch(title)
    return title if plain else "'" + title.replace("'", "''") + "'"


def written(title: str, area: Area) -> str:
    """A closed area as Google writes it in answers."""
    first = f"{column_letters(area.left)}{area.top + 1}"
    last = f"{column_letters((area.right or 1) - 1)}{area.bottom}"
    return f"{quoted(title)}!{first}" + ("" if first == last else f":{last}")

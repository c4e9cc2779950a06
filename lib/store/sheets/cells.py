"""Cells of records and cells of the sheet, both ways.

A record's cell is as `lib.store.port` has it: a time is ISO text. A sheet's cell is text, a number or a truth value;
times and dates are serial numbers (days since 1899-12-30 on the wall clock of the workspace). What a serial number
cannot hold exactly (fractions of a second, an hour that comes twice, years before 1900) is kept as ISO text, a whole
number of more than 53 bits as digits. Whatever a person typed and we cannot read stays as it is, to become a bad cell.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from lib.domain.fields import Cell, Column
from lib.store.port import Row
from lib.store.schema import Tab
from lib.store.sheets.vocabulary import Vocabulary, list_of

EPOCH = date(1899, 12, 30)
_EPOCH_DAY = EPOCH.toordinal()
_DAY = 86_400
_FIRST, _LAST = date(1900, 3, 1), date(9999, 12, 31)  # what every spreadsheet counts alike
_FIRST_SERIAL, _LAST_SERIAL = _FIRST.toordinal() - _EPOCH_DAY, _LAST.toordinal() - _EPOCH_DAY
_EXACT = 2**53
_YES = frozenset({"true", "是", "yes", "y", "1", "✓"})
_NO = frozenset({"false", "否", "no", "n", "0"})
Raw = str | int | float | bool
Convert = Callable[[Any], Any]


class Cells:
    """The conversions for one workspace: its time zone, and the words of one pull."""

    def __init__(self, zone: tzinfo, words: Vocabulary) -> None:
        self._zone, self.words = zone, words
        self._days: dict[int, tuple[str, str | None]] = {}

    def with_words(self, words: Vocabulary) -> "Cells":
        other = Cells(self._zone, words)
        other._days = self._days
        return other

    def rows(self, tab: Tab, places: Mapping[str, int], rows: Sequence[Sequence[Any]]) -> list[dict[str, Cell]]:
        """Sheet rows as records' rows, column by column. `places` says where each field stands."""
        width = max(places.values(), default=-1) + 1
        even = [row if len(row) >= width else [*row, *[""] * (width - len(row))] for row in rows]
        by_place = list(zip(*even, strict=False)) if even else []
        names = [name for name in tab.columns if name in places]
        found = [self._column(tab, tab.columns[name], by_place[places[name]]) for name in names] if even else []
        return [
            {name: cell for name, cell in zip(names, cells, strict=True) if cell != ""}
            for cells in zip(*found, strict=True)
        ]

    def column(self, tab: Tab, name: str, cells: Sequence[Any]) -> Sequence[Any]:
        """One column of the sheet as records' cells; "" for an empty one."""
        return self._column(tab, tab.columns[name], cells)

    def raw(self, tab: Tab, name: str, cell: Cell) -> Raw:
        """A record's cell as the sheet keeps it; "" for an empty one."""
        if cell is None or cell == "":
            return ""
        column = tab.columns[name]
        if column.kind == "time":
            return self._serial_time(str(cell))
        if column.kind == "date":
            return _serial_date(str(cell))
        if isinstance(cell, str) and list_of(column) and not tab.technical:
            return self.words.shown(column, cell)
        if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) > _EXACT:
            return str(cell)
        return cell

    def _column(self, tab: Tab, column: Column, cells: Sequence[Any]) -> Sequence[Any]:
        kinds = set(map(type, cells))
        if column.kind == "time":
            return cells if kinds <= {str} else self._times(cells)
        if column.kind == "date":
            return cells if kinds <= {str} else [self._date(cell) for cell in cells]
        if column.kind in ("number", "money"):
            return _numbers(cells, whole="int" in str(tab.model.model_fields[column.key].annotation))
        if column.kind == "flag":
            return [_flag(cell) for cell in cells]
        texts = cells if kinds <= {str} else [cell if type(cell) is str else text_of(cell) for cell in cells]
        if list_of(column) and not tab.technical:
            return self._codes(list_of(column), texts)
        return texts

    def _codes(self, name: str, texts: Sequence[str]) -> Sequence[str]:
        known = self.words.known(name)
        if not known:
            return texts
        meant = self.words.meant
        return [known[text] if text in known else text and meant(name, text) for text in texts]

    def _times(self, cells: Sequence[Any]) -> list[Any]:
        """Serial numbers as ISO texts; the parts are looked up, which is what makes thousands of rows quick."""
        found: list[Any] = []
        days, clock = self._days, _CLOCK
        for cell in cells:
            if type(cell) is str or type(cell) is bool or not _FIRST_SERIAL <= cell <= _LAST_SERIAL:
                found.append(cell)
                continue
            day, second = divmod(round(cell * _DAY), _DAY)
            known = days.get(day) or self._day(day)
            found.append(known[0] + clock[second] + (known[1] or self._offset(day, second)))
        return found

    def _day(self, day: int) -> tuple[str, str | None]:
        """The text of a day and, unless clocks are changed on it or next to it, its offset from UTC."""
        on = date.fromordinal(_EPOCH_DAY + day)
        around = {
            datetime.combine(near, datetime.min.time(), self._zone).isoformat()[19:]
            for near in (max(on, _FIRST), min(on + timedelta(days=1), _LAST))
        }
        self._days[day] = known = (f"{on.isoformat()}T", around.pop() if len(around) == 1 else None)
        return known

    def _offset(self, day: int, second: int) -> str:
        moment = datetime.combine(date.fromordinal(_EPOCH_DAY + day), datetime.min.time()) + timedelta(seconds=second)
        return moment.replace(tzinfo=self._zone).isoformat()[19:]

    @staticmethod
    def _date(cell: Any) -> Any:
        if type(cell) is int and _FIRST_SERIAL <= cell <= _LAST_SERIAL:
            return date.fromordinal(_EPOCH_DAY + cell).isoformat()
        if type(cell) is float and cell.is_integer():
            return Cells._date(int(cell))
        return cell if type(cell) is str else text_of(cell)

    def _serial_time(self, text: str) -> Raw:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return text
        if moment.tzinfo is None or moment.microsecond:
            return text
        local = moment.astimezone(self._zone)
        wall = local.replace(tzinfo=None)
        exact = local.fold == 0 and wall.replace(tzinfo=self._zone).astimezone(UTC) == moment.astimezone(UTC)
        if not exact or not _FIRST <= local.date() < _LAST or (local.utcoffset() or timedelta()).total_seconds() % 60:
            return text
        passed = wall - datetime(EPOCH.year, EPOCH.month, EPOCH.day)  # noqa: DTZ001 - both on the wall clock
        return passed.days + passed.seconds / _DAY if passed.seconds else passed.days


_CLOCK = [f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(_DAY)]


def _serial_date(text: str) -> Raw:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return day.toordinal() - _EPOCH_DAY if day.isoformat() == text and _FIRST <= day <= _LAST else text


def _numbers(cells: Sequence[Any], *, whole: bool) -> list[Any]:
    return [cell if cell == "" and type(cell) is str else _number(cell, whole=whole) for cell in cells]


def _number(cell: Any, *, whole: bool) -> Any:
    if type(cell) is bool:
        return text_of(cell)  # a tick is no number
    if type(cell) is str:
        digits = cell.strip().removeprefix("-")
        return int(cell) if digits.isascii() and digits.isdigit() and len(digits) < 20 else cell
    return int(cell) if whole and float(cell).is_integer() else cell if whole else float(cell)


def _flag(cell: Any) -> Any:
    if type(cell) is bool:
        return cell
    text = text_of(cell).strip().casefold()
    return True if text in _YES else False if text in _NO else cell


def text_of(cell: Any) -> str:
    """What a number or a truth value in a column of text says."""
    if type(cell) is bool:
        return "TRUE" if cell else "FALSE"
    if type(cell) is float and cell.is_integer():
        return str(int(cell))
    return str(cell)


def extended(raw: Raw) -> dict[str, Any]:
    """A sheet cell as typed data of a request: text can never become a formula. "" empties the cell."""
    if raw == "" and isinstance(raw, str):
        return {}
    kind = "boolValue" if isinstance(raw, bool) else "stringValue" if isinstance(raw, str) else "numberValue"
    return {"userEnteredValue": {kind: raw}}


def plain(value: Mapping[str, Any] | None) -> Raw:
    """The value of a cell in a response's grid as `values` would give it."""
    for kind in ("stringValue", "boolValue", "numberValue"):
        if value and kind in value:
            found: Raw = value[kind]
            return int(found) if isinstance(found, float) and found.is_integer() else found
    return ""


def digest(row: Row) -> str:
    """Says whether a row is as the app wrote it: of what the cells mean, not of how they look; in the tab's order."""
    return hashlib.blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

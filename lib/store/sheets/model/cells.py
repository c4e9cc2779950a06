"""Cells of records and cells of the sheet, both ways.

A record's cell is as `lib.store.port` has it: a time is ISO text. A sheet's cell is text, a number or a truth value;
times and dates are serial numbers (days since 1899-12-30 on the wall clock of the workspace). What a serial number
cannot hold exactly (fractions of a second, an hour that comes twice, years before 1900) is kept as ISO text, a whole
number of more than 53 bits as digits. A day or a time typed as text counts where it leaves nothing open; whatever else
we cannot read stays as it is, to become a bad cell.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import zip_longest
from typing import Any

import orjson

from lib.domain.records.extras import is_extra
from lib.domain.records.fields import Cell, Column
from lib.domain.rules import fixes
from lib.store.port import Row
from lib.store.schema import Tab
from lib.store.sheets.model.vocabulary import Vocabulary, list_of

EPOCH = date(1899, 12, 30)
_EPOCH_DAY = EPOCH.toordinal()
_DAY = 86_400
_FIRST, _LAST = date(1900, 3, 1), date(9999, 12, 31)  # what every spreadsheet counts alike
_FIRST_SERIAL, _LAST_SERIAL = _FIRST.toordinal() - _EPOCH_DAY, _LAST.toordinal() - _EPOCH_DAY
_EXACT = 2**53
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WRITTEN_OUT = re.compile(rf"{_ISO_DAY.pattern}[Tt].*(?:[Zz]|[+-][0-9]{{2}}:?[0-9]{{2}})")
BATCH = 1_000  # rows converted together
_YES = frozenset({"true", "是", "yes", "y", "1", "✓"})
_NO = frozenset({"false", "否", "no", "n", "0"})
Raw = str | int | float | bool


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
        """Sheet rows as records' rows. `places` says where each field stands."""
        return list(self.each(tab, places, rows))

    def each(self, tab: Tab, places: Mapping[str, int], rows: Sequence[Sequence[Any]]) -> Iterator[dict[str, Cell]]:
        """The same one after the other, converted a batch at a time: its cells stay in the processor's cache, also for
        what is done with a row before the next is asked for."""
        for start in range(0, len(rows), BATCH):
            yield from self._batch(tab, places, rows[start : start + BATCH])

    def _batch(self, tab: Tab, places: Mapping[str, int], rows: Sequence[Sequence[Any]]) -> list[dict[str, Cell]]:
        """Column by column, without those that are empty."""
        by_place = list(zip_longest(*rows, fillvalue=""))
        there = {name: by_place[places[name]] for name in fields_in(tab, places) if places[name] < len(by_place)}
        found = {name: self.column(tab, name, cells) for name, cells in there.items() if _holds_any(cells)}
        made: list[dict[str, Cell]] = [{} for _ in rows]
        for name, cells in found.items():
            for row, cell in zip(made, cells, strict=True):
                if cell or cell != "":
                    row[name] = cell
        return made

    def column(self, tab: Tab, name: str, cells: Sequence[Any]) -> Sequence[Any]:
        """One column of the sheet as records' cells; "" for an empty one."""
        known = tab.columns.get(name)
        return [_as_typed(cell) for cell in cells] if known is None else self._column(tab, known, cells)

    def raw(self, tab: Tab, name: str, cell: Cell) -> Raw:
        """A record's cell as the sheet keeps it; "" for an empty one."""
        if cell is None or cell == "":
            return ""
        column = tab.column(name)
        if column is None:
            return cell
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
        if column.kind == "time":
            return self._times(cells)
        if column.kind == "date":
            return [_date(cell) for cell in cells]
        if column.kind in ("number", "money"):
            own = tab.model.model_fields.get(column.key)
            return _numbers(cells, whole=own is None or "int" in str(own.annotation))
        if column.kind == "flag":
            return [_flag(cell) for cell in cells]
        texts = cells if _is_text(cells) else [cell if type(cell) is str else text_of(cell) for cell in cells]
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
        days, minutes, seconds = self._days, _MINUTES, _SECONDS
        first, last = float(_FIRST_SERIAL), float(_LAST_SERIAL)
        for cell in cells:
            if (type(cell) is float or type(cell) is int) and first <= cell <= last:
                day = int(cell)
                second = round((cell - day) * _DAY)
                if second == _DAY:
                    day, second = day + 1, 0
                on, offset = days.get(day) or self._day(day)
                clock = minutes[second // 60] + seconds[second % 60]
                found.append(f"{on}{clock}{offset or self._offset(day, second)}")
            else:
                found.append(cell if cell == "" else self._typed(cell))
        return found

    def _typed(self, cell: Any) -> Any:
        """A time that is no serial number: ISO 8601 stays as it is, other writing counts where nothing is left open."""
        fix = None if _is_settled(cell, _WRITTEN_OUT) else fixes.moment(cell, self._zone)
        return fix.cell if fix and fix.confidence == "sure" else cell

    def _day(self, day: int) -> tuple[str, str | None]:
        """The text of a day and, unless clocks are changed on it or next to it, its offset from UTC."""
        on = date.fromordinal(_EPOCH_DAY + day)
        after = date.fromordinal(_EPOCH_DAY + min(day + 1, _LAST_SERIAL))
        around = {
            datetime.combine(near, datetime.min.time(), self._zone).isoformat()[19:]
            for near in (max(on, _FIRST), after)
        }
        self._days[day] = known = (f"{on.isoformat()}T", around.pop() if len(around) == 1 else None)
        return known

    def _offset(self, day: int, second: int) -> str:
        moment = datetime.combine(date.fromordinal(_EPOCH_DAY + day), datetime.min.time()) + timedelta(seconds=second)
        return moment.replace(tzinfo=self._zone).isoformat()[19:]

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


_MINUTES = [f"{minute // 60:02d}:{minute % 60:02d}:" for minute in range(_DAY // 60)]
_SECONDS = [f"{second:02d}" for second in range(60)]


def _holds_any(cells: Sequence[Any]) -> bool:
    return any(cells) or cells.count("") < len(cells)  # 0 and FALSE are there


def _is_text(cells: Sequence[Any]) -> bool:
    """Whether every cell is text: joining finds out much quicker than asking each."""
    try:
        "".join(cells)
    except TypeError:
        return False
    return True


@lru_cache(maxsize=2**15)
def _day_text(serial: int) -> str:
    """Thousands of rows are of a few days: each is written once."""
    return date.fromordinal(_EPOCH_DAY + serial).isoformat()


def _date(cell: Any) -> Any:
    if type(cell) is int and _FIRST_SERIAL <= cell <= _LAST_SERIAL:
        return _day_text(cell)
    if type(cell) is float and cell.is_integer():
        return _date(int(cell))
    fix = None if _is_settled(cell, _ISO_DAY) else fixes.day(cell)
    return fix.cell if fix and fix.confidence == "sure" else text_of(cell)


def _is_settled(cell: Any, form: re.Pattern[str]) -> bool:
    """Whether a cell is empty, a truth value, or written as the app itself writes it."""
    return cell == "" or type(cell) is bool or (type(cell) is str and form.fullmatch(cell) is not None)


def _serial_date(text: str) -> Raw:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return day.toordinal() - _EPOCH_DAY if day.isoformat() == text and _FIRST <= day <= _LAST else text


def fields_in(tab: Tab, places: Mapping[str, int]) -> list[str]:
    """The fields that stand there, always in the same order: those of the record, then extra columns by name."""
    return [name for name in tab.own if name in places] + sorted(name for name in places if is_extra(name))


def _as_typed(cell: Any) -> Any:
    """A cell of a column that nobody declared."""
    return int(cell) if type(cell) is float and cell.is_integer() else cell


def _numbers(cells: Sequence[Any], *, whole: bool) -> list[Any]:
    right = int if whole else float
    return [cell if type(cell) is right or cell == "" else _number(cell, whole=whole) for cell in cells]


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
    try:
        content = orjson.dumps(row)
    except orjson.JSONEncodeError:  # half a surrogate pair
        content = _written_out(row)
    return _hashed(content)


def fits(row: Row, stamp: object) -> bool:
    """Whether a row is as it was when it was stamped with its digest, also one that was made as it used to be."""
    return stamp == digest(row) or stamp == _hashed(_written_out(row))


def _written_out(row: Row) -> bytes:
    return repr(row).encode("utf-8", "surrogatepass")


def _hashed(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()

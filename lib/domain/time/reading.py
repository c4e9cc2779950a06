"""The one parser of days and times as people and other systems write them, used for files, the sheet and data
health.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from lib.domain.time.clock import Clock, read_clock
from lib.domain.time.days import Order, column_order, split_day, within_calendar
from lib.domain.time.written import BadDate, Why, Written, plain

__all__ = ["BadDate", "DateReading", "Order", "Why", "Written", "column_order", "parse_date", "parse_datetime", "read"]

_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock, the zone comes with the column
# Serial numbers from 1954 to 2119; smaller and larger numbers are not days.
_SERIALS = (20_000.0, 80_000.0)


@dataclass(frozen=True, slots=True)
class DateReading:
    """What a value says. `clock.after` is None for a day alone; `sure` is False if something was assumed or left
    out: the century of a two-digit year, the end of a window, the meaning of a bare number."""

    day: date
    clock: Clock
    sure: bool

    def at(self, tz: tzinfo) -> datetime:
        """The moment, aware and in `tz`. Without offset it is wall-clock time there; a day alone is its midnight."""
        wall = datetime.combine(self.day, time()) + (self.clock.after or timedelta())
        zone = self.clock.zone
        return wall.replace(tzinfo=zone).astimezone(tz) if zone else wall.replace(tzinfo=tz)


def read(value: Written, *, order: Order | None = None) -> DateReading:
    """What a text, a typed cell or a serial number of a spreadsheet (1900 system) says.

    `order` is that of the column, where numbers alone stand for year, month and day. Raises BadDate.
    """
    if isinstance(value, datetime):
        passed = value.replace(tzinfo=None) - datetime.combine(value.date(), time())
        return DateReading(within_calendar(str(value), value.date()), Clock(passed), True)
    if isinstance(value, date):
        return DateReading(within_calendar(str(value), value), Clock(), True)
    if value is None or isinstance(value, (bool, time)):
        raise BadDate("" if value is None else str(value), "empty" if value is None else "unknown_format")
    text = plain(value)
    if not text:
        raise BadDate(text, "empty")
    if (serial := _from_serial(text)) is not None:
        after = serial - datetime.combine(serial.date(), time())
        return DateReading(serial.date(), Clock(after or None), not isinstance(value, str))
    try:
        day, rest, sure = split_day(text, order)
        clock = read_clock(rest.removeprefix("t"), text, iso=rest.startswith("t"))
    except OverflowError as error:
        raise BadDate(text, "out_of_range") from error
    return DateReading(day, clock, sure and clock.sure)


def parse_datetime(value: Written, *, tz: tzinfo, order: Order | None = None) -> datetime:
    """An aware datetime in `tz`, as `Reading.at` has it. Raises BadDate."""
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(tz)
    return read(value, order=order).at(tz)


def parse_date(value: Written, *, order: Order | None = None) -> date:
    """The calendar day as written; a time beside it is ignored once it is seen to be one. Raises BadDate."""
    return read(value, order=order).day


def _from_serial(text: str) -> datetime | None:
    try:
        days = float(text)
    except ValueError:
        return None
    if not _SERIALS[0] <= days <= _SERIALS[1]:
        return None
    return _EXCEL_EPOCH + timedelta(seconds=round(days * 86_400))

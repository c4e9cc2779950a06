"""Dates and times as people and other systems write them."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal

from lib.tabular.table import Cell

Why = Literal["empty", "unknown_format", "out_of_range", "ambiguous"]


class BadDate(ValueError):
    """The value is no date. `ambiguous`: day and month cannot be told apart without `day_first`."""

    def __init__(self, text: str, why: Why) -> None:
        self.text, self.why = text, why
        super().__init__(f"{why}: {text!r}")


_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock, the zone comes with the column
# Serial numbers from 1954 to 2119; smaller and larger numbers are not meant as days.
_SERIALS = (20_000.0, 80_000.0)
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_MONTH_NAME = "(?P<name>" + "|".join(_MONTHS) + r")[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"

_WEEKDAY = re.compile(r"\(?(?:星期|周|礼拜)[一二三四五六日天]\)?|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b,?")
_CLOCK = re.compile(
    r"(?P<half>上午|下午|中午|凌晨|早上|晚上|[ap]\.?m\.?)?\s*"
    r"(?P<hour>\d{1,2})(?::|时|点)\s*(?P<minute>\d{1,2})?(?:[:分]\s*(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?)?[分秒]?"
    r"\s*(?P<after>[ap]\.?m\.?)?\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})?"
)
_COMPACT_CLOCK = re.compile(r"(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?")
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?P<clock>\d{4}(?:\d{2})?)?")
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>\d{4})\s*([-/.])\s*(?P<month>\d{1,2})\s*\2\s*(?P<day>\d{1,2})",
        r"(?P<year>\d{4}|\d{2})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]?",
        r"(?P<first>\d{1,2})\s*(?P<sep>[-/.])\s*(?P<second>\d{1,2})\s*(?P=sep)\s*(?P<year>\d{4}|\d{2})",
        rf"{_DAY}[\s-]+{_MONTH_NAME}[\s,-]+(?P<year>\d{{4}}|\d{{2}})",
        rf"{_MONTH_NAME}\s+{_DAY},?\s+(?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})[\s-]+{_MONTH_NAME}[\s-]+{_DAY}",
    )
)


def parse_datetime(value: Cell, *, tz: tzinfo, day_first: bool | None = None) -> datetime:
    """An aware datetime in `tz`. Without offset it is wall-clock time there; a date alone is its midnight.

    Takes text, typed cells, and Excel serial numbers (1900 system). Raises BadDate.
    """
    if isinstance(value, datetime):
        return value.astimezone(tz) if value.tzinfo else value.replace(tzinfo=tz)
    if isinstance(value, date):
        return datetime.combine(value, time(), tz)
    text = _clean(value)
    serial = _from_serial(text)
    if serial is not None:
        return serial.replace(tzinfo=tz)
    day, rest = _split_date(text, day_first)
    clock, zone = _clock(rest, text)
    moment = datetime.combine(day, time()) + clock
    return moment.replace(tzinfo=zone).astimezone(tz) if zone else moment.replace(tzinfo=tz)


def parse_date(value: Cell, *, day_first: bool | None = None) -> date:
    """The calendar day as written; a time beside it is ignored once it is seen to be one. Raises BadDate."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _clean(value)
    serial = _from_serial(text)
    if serial is not None:
        return serial.date()
    day, rest = _split_date(text, day_first)
    _clock(rest, text)
    return day


def infer_day_first(values: Iterable[Cell]) -> bool | None:
    """Whether a column writes the day before the month; None where its values do not tell.

    A part above 12 is a day. Without any, a 12-hour clock points to American dates (month first), and of the
    two parts the one that varies more is the day.
    """
    found = [(match, text) for text in map(_lower, values) if (match := _DATES[2].match(text))]
    firsts = [int(match["first"]) for match, _ in found]
    seconds = [int(match["second"]) for match, _ in found]
    days_first, days_second = sum(n > 12 for n in firsts), sum(n > 12 for n in seconds)
    if days_first or days_second:
        return _clear_majority(days_first, days_second)
    if any(re.search(r"\d\s*[ap]\.?m\b", text) for _, text in found):
        return False
    variety = len(set(firsts)), len(set(seconds))
    return None if max(variety) < 2 * min(variety) or max(variety) < 3 else variety[0] > variety[1]


def _clear_majority(days_first: int, days_second: int) -> bool | None:
    # Both orders in one column: a few are typing errors, many are two sources mixed, and nobody can tell.
    few, many = sorted((days_first, days_second))
    return None if few * 20 > many else days_first > days_second


def _lower(value: Cell) -> str:
    return unicodedata.normalize("NFKC", value).strip().lower() if isinstance(value, str) else ""


def _clean(value: Cell) -> str:
    if value is None or isinstance(value, (bool, time)):
        raise BadDate("" if value is None else str(value), "empty" if value is None else "unknown_format")
    text = _lower(value) if isinstance(value, str) else str(value).removesuffix(".0")
    if not text:
        raise BadDate(text, "empty")
    return text


def _from_serial(text: str) -> datetime | None:
    try:
        days = float(text)
    except ValueError:
        return None
    if not _SERIALS[0] <= days <= _SERIALS[1]:
        return None
    return _EXCEL_EPOCH + timedelta(seconds=round(days * 86_400))


def _split_date(text: str, day_first: bool | None) -> tuple[date, str]:
    compact = _COMPACT.match(text)
    if compact and not text[compact.end() : compact.end() + 1].isdigit():
        return _day(text, *_numbers(compact)), compact["clock"] or text[compact.end() :]
    for pattern in _DATES:
        found = pattern.match(_WEEKDAY.sub(" ", text, count=1).strip())
        if found:
            return _named_day(text, found, day_first), found.string[found.end() :]
    raise BadDate(text, "unknown_format")


def _numbers(found: re.Match[str]) -> tuple[int, int, int]:
    return int(found["year"]), int(found["month"]), int(found["day"])


def _named_day(text: str, found: re.Match[str], day_first: bool | None) -> date:
    parts = found.groupdict()
    if "first" in parts:
        day, month = _order(text, int(parts["first"]), int(parts["second"]), parts["sep"] == "." or day_first)
    else:
        day = int(parts["day"])
        month = _MONTHS[parts["name"]] if "name" in parts else int(parts["month"])
    return _day(text, _full_year(parts["year"]), month, day)


def _order(text: str, first: int, second: int, day_first: bool | None) -> tuple[int, int]:
    if first > 12 or second > 12:
        return (first, second) if first > 12 else (second, first)
    if day_first is None and first != second:
        raise BadDate(text, "ambiguous")
    return (first, second) if day_first else (second, first)


def _full_year(year: str) -> int:
    if len(year) == 4:
        return int(year)
    return int(year) + (2000 if int(year) < 70 else 1900)


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise BadDate(text, "out_of_range") from error


def _clock(rest: str, text: str) -> tuple[timedelta, tzinfo | None]:
    rest = _WEEKDAY.sub(" ", rest).strip(" ,t")
    if not rest:
        return timedelta(), None
    found = _CLOCK.fullmatch(rest) or _COMPACT_CLOCK.fullmatch(rest)
    if found is None:
        raise BadDate(text, "unknown_format")
    parts = found.groupdict()
    hour = _hour24(int(parts["hour"]), parts.get("half") or parts.get("after") or "")
    minute, second = int(parts["minute"] or 0), int(parts["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise BadDate(text, "out_of_range")
    micro = int((parts.get("part") or "0")[:6].ljust(6, "0"))
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micro), _zone(parts.get("zone"))


def _hour24(hour: int, half: str) -> int:
    if half in ("下午", "晚上", "中午") or half.startswith("p"):
        return hour + 12 if hour < 12 and not (half == "中午" and hour == 11) else hour
    return 0 if hour == 12 and half else hour


def _zone(zone: str | None) -> tzinfo | None:
    if zone is None:
        return None
    offset = "+0000" if zone in ("z", "utc", "gmt") else zone
    return datetime.strptime(offset, "%z").tzinfo

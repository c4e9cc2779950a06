"""The time of the day as people write it: with its half of the day, as a window, with an offset from UTC."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone

from lib.domain.time.written import BadDate

Parts = Mapping[str, str | None]

_DAY = timedelta(days=1)
_MORNING = ("凌晨", "清晨", "早晨", "早上", "上午", "am")
_EVENING = ("下午", "傍晚", "晚上", "pm")
_QUARTERS = {"半": 30, "1刻": 15, "3刻": 45}
_HALF = r"(?P<half>凌晨|清晨|早晨|早上|上午|中午|下午|傍晚|晚上|[ap]\.?m\.?)"
_AFTER = r"(?P<after>[ap]\.?m\.?)"
_COLONS = r"(?P<hour>\d{1,2})\s*:\s*(?P<minute>\d{1,2})(?:\s*:\s*(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?)?"
_WORDS = (
    r"(?P<hour>\d{1,2})\s*(?P<mark>[时点])\s*"
    r"(?:(?P<quarter>半|[13]刻|整|钟)|(?P<minute>\d{1,2})\s*(?:分\s*(?:(?P<second>\d{1,2})\s*秒?)?)?)?"
)
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_HALF}?\s*{_COLONS}\s*{_AFTER}?",
        rf"{_HALF}?\s*{_WORDS}\s*{_AFTER}?",
        rf"(?P<hour>\d{{1,2}})\s*{_AFTER}",
        r"(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?",
    )
)
_NOTHING: Parts = dict.fromkeys(("half", "minute", "second", "part", "quarter", "mark", "after"))
_WINDOW = re.compile(r"\s*(?:-+|~|至|到)\s*")
_ZONE = re.compile(
    r"\s*(?:(?P<name>z|utc|gmt)\s*(?:(?P<ahead>[+-])(?P<whole>\d{1,2})(?::?(?P<rest>\d{2}))?)?"
    r"|(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2}))$"
)
_SECONDS = re.compile(r":\s*\d{1,2}\s*:\s*\d{1,2}(?:[.,]\d+)?\s*$")

OFFSETS = frozenset(
    {60 * hours for hours in range(-12, 15)} | {-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825}
)
"""Minutes from UTC that some place on earth has today, with its daylight saving time (IANA time zone database)."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What was written after the day. `after` is the time since its midnight, 24 hours at most, None where there was
    none; `sure` is False where something beside it was left out or had to be supposed."""

    after: timedelta | None = None
    zone: timezone | None = None
    sure: bool = True


def read_clock(rest: str, text: str, *, iso: bool) -> Clock:
    """The time in what follows a day; of a window (14:00-15:00) the beginning.

    Only what is marked as an offset is one: by a Z, UTC or GMT, by a plus, or by a form that no window has: that of
    ISO 8601 (`iso`: a T stands between day and time), or seconds before it and none in it. Raises BadDate with `text`.
    """
    rest = rest.strip(" ,")
    if not rest:
        return Clock()
    if (found := _ZONE.search(rest)) and (found["sign"] != "-" or iso or _SECONDS.search(rest[: found.start()])):
        return Clock(_passed(_parts(rest[: found.start()], text), text), _offset(found, text))
    begin, *end = _WINDOW.split(rest)
    if not end:
        return Clock(_passed(_parts(rest, text), text), sure="晚上" not in rest)
    if len(end) > 1:
        raise BadDate(text, "unknown_format")
    return Clock(_beginning(begin, end[0], text), sure=False)


def _offset(found: re.Match[str], text: str) -> timezone:
    minutes = int(found["whole"] or found["hours"] or 0) * 60 + int(found["rest"] or found["minutes"] or 0)
    signed = -minutes if "-" in (found["ahead"], found["sign"]) else minutes
    if signed not in OFFSETS:
        raise BadDate(text, "no_such_zone")
    return timezone(timedelta(minutes=signed))


def _beginning(begin: str, end: str, text: str) -> timedelta:
    """The first of two times, which may leave to the second what both have in common: 2:00-4:00 PM, 9-11点."""
    last = _parts(end, text)
    until = _passed(last, text)
    if begin[-1:].isdigit() and ":" not in begin:
        begin += last["mark"] or (":00" if last["after"] else "")
    first = _parts(begin, text)
    alone = _passed(first, text)
    if last["after"] and not (first["half"] or first["after"]) and int(first["hour"] or 0) <= 12:
        shared = _passed({**first, "after": last["after"]}, text)
        return min(shared, alone) if shared > until else shared
    return alone


def _parts(written: str, text: str) -> Parts:
    for form in _FORMS:
        if found := form.fullmatch(written.strip()):
            return {**_NOTHING, **found.groupdict()}
    raise BadDate(text, "unknown_format")


def _passed(parts: Parts, text: str) -> timedelta:
    half = (parts["half"] or parts["after"] or "").replace(".", "")
    minute, second = _QUARTERS.get(parts["quarter"] or "", int(parts["minute"] or 0)), int(parts["second"] or 0)
    micro = int((parts["part"] or "0")[:6].ljust(6, "0"))
    hour = _hour24(int(parts["hour"] or 0), half, text)
    after = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micro)
    if minute > 59 or second > 59 or after > _DAY:
        raise BadDate(text, "out_of_range")
    return after


def _hour24(hour: int, half: str, text: str) -> int:
    """Raises BadDate where hour and half of the day contradict each other (13:00 AM), or leave it open (晚上1点)."""
    if (half in _MORNING and hour > 12) or (half == "中午" and hour not in (11, 12, 13, 14, 1, 2)):
        raise BadDate(text, "out_of_range")
    if half == "晚上" and hour in (1, 2, 3, 4):
        raise BadDate(text, "ambiguous_hour")
    if half in _MORNING:
        return hour % 12
    if half == "晚上" and hour == 12:
        return 24
    return hour + 12 if (half in _EVENING and hour < 12) or (half == "中午" and hour < 3) else hour

"""Working time between many pairs of instants at once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from lib.domain.work_calendar import Span, WorkCalendar

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_MICROSECONDS = 1_000_000

Curve = tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]
_CURVES: WeakKeyDictionary[WorkCalendar, dict[tuple[int, int], Curve]] = WeakKeyDictionary()


def working_hours(starts: Any, ends: Any, calendar: WorkCalendar) -> Any:
    """`WorkCalendar.between` in hours for arrays of instants (microseconds since 1970)."""
    if len(starts) == 0:
        return np.empty(0)
    years = _year(min(starts.min(), ends.min())), _year(max(starts.max(), ends.max()))
    curves = _CURVES.setdefault(calendar, {})
    if years not in curves:
        curves[years] = _curve(calendar, *years)
    return np.interp(ends, *curves[years]) - np.interp(starts, *curves[years])


def _curve(calendar: WorkCalendar, first_year: int, last_year: int) -> Curve:
    """Hours worked by each instant at which work begins or ends: straight in between, flat outside."""
    first = date(first_year, 1, 1) - 2 * _DAY  # a year in UTC may begin in the old year of the calendar's zone
    knots = list(_knots(calendar, first, date(last_year + 1, 1, 2))) or [datetime(first_year, 1, 1, tzinfo=UTC)]
    worked = [calendar.between(knots[0], knot) / _HOUR for knot in knots]
    return np.array([knot.timestamp() * _MICROSECONDS for knot in knots]), np.array(worked)


def _knots(calendar: WorkCalendar, first: date, last: date) -> Iterator[datetime]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        for span in calendar.spans(day):
            yield datetime.combine(day, span.start, calendar.zone)
            yield _end(day, span, calendar)


def _end(day: date, span: Span, calendar: WorkCalendar) -> datetime:
    midnight = span.end == time(0)
    return datetime.combine(day + _DAY if midnight else day, span.end, calendar.zone)


def _year(instant: int) -> int:
    return datetime.fromtimestamp(int(instant) / _MICROSECONDS, UTC).year

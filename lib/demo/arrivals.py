"""When clients report: weekends, the days after a holiday and the rainy months bring more."""

from datetime import date, datetime, timedelta
from random import Random

from lib.domain.time.work_calendar import WorkCalendar

RAINY_MONTHS = frozenset({6, 7})
_WEEKEND, _HOLIDAY, _AFTER_HOLIDAY, _RAIN = 1.5, 0.35, 1.9, 1.35
_OFFICE = 0.86  # share of the reports of a working day that come while somebody is there
_IN_OFFICE = {9: 8, 10: 14, 11: 12, 13: 4, 14: 10, 15: 12, 16: 12, 17: 9, 18: 3}
_EVENING = {7: 2, 8: 3, 12: 3, 19: 6, 20: 9, 21: 8, 22: 4}


def weight(day: date, calendar: WorkCalendar) -> float:
    """How many reports a day brings beside a plain weekday."""
    yesterday = day - timedelta(days=1)
    if day in calendar.config.holidays:
        return _HOLIDAY
    factor = _AFTER_HOLIDAY if yesterday in calendar.config.holidays else 1.0
    factor *= _WEEKEND if day.weekday() >= 5 else 1.0
    return factor * (_RAIN if day.month in RAINY_MONTHS else 1.0)


def arrivals(rng: Random, count: int, *, first: date, before: datetime, calendar: WorkCalendar) -> list[datetime]:
    """`count` moments from `first` on and before `before`, in order, in the calendar's zone."""
    days = [first + timedelta(days=n) for n in range((before.date() - first).days + 1)]
    weights = [weight(day, calendar) for day in days]
    found: list[datetime] = []
    while len(found) < count:
        moment = _moment(rng, rng.choices(days, weights)[0], calendar)
        if moment < before:
            found.append(moment)
    return sorted(found)


def _moment(rng: Random, day: date, calendar: WorkCalendar) -> datetime:
    open_day = calendar.is_working_day(day) and rng.random() < _OFFICE
    hours = _IN_OFFICE if open_day else _EVENING
    hour = rng.choices(list(hours), list(hours.values()))[0]
    return datetime(day.year, day.month, day.day, hour, rng.randrange(60), rng.randrange(60), tzinfo=calendar.zone)

"""Weeks from Monday to Sunday in the workspace's zone (ISO 8601); a week is named by its Monday."""

from datetime import date, datetime, time, timedelta, tzinfo

import pandas as pd

from lib.i18n import t
from lib.i18n.formats import format_date

_WEEK = timedelta(days=7)


def monday(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def bounds(week: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """When the week begins, and when the next one begins."""
    return datetime.combine(week, time(0), zone), datetime.combine(week + _WEEK, time(0), zone)


def last_weeks(week: date, count: int) -> list[date]:
    """`count` weeks that end with this one, oldest first."""
    return [week - _WEEK * back for back in range(count - 1, -1, -1)]


def weeks_with_data(cases: pd.DataFrame, today: date) -> list[date]:
    """From the week of the first case to the current one, newest first; at least the current one."""
    newest = monday(today)
    if cases.empty:
        return [newest]
    oldest = min(monday(cases["taken_at"].min().date()), newest)
    return last_weeks(newest, (newest - oldest).days // 7 + 1)[::-1]


def week_label(week: date) -> str:
    """ "Week 23 of 2026: 1 Jun 2026 – 7 Jun 2026"."""
    year, number, _ = week.isocalendar()
    last = week + timedelta(days=6)
    return t(
        "Week {n} of {year}: {first} – {last}", n=number, year=year, first=format_date(week), last=format_date(last)
    )


def short_label(week: date) -> str:
    """ "06-01", the Monday, for axes."""
    return f"{week:%m-%d}"

"""Dates of a case that cannot be: what has happened lies behind, what is promised ahead, and nothing before intake."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from lib.domain.records.case import Case
from lib.errors import Problem

HAPPENED = ("contacted_at", "consent_at", "review_told_at")
AHEAD = ("promised_on", "plan_deadline", "longer_until")
LEEWAY = timedelta(minutes=5)  # the clocks of two machines differ


def date_problems(values: Mapping[str, Any], now: datetime, *, before: Case | None = None) -> Iterator[Problem]:
    """What is wrong with the dates among `values`; `before` is the case as it was, None for a new one.

    What the case held already is not judged again. `now` is in the time zone of the workspace: its day is today.
    """
    told = {name: value for name, value in values.items() if value is not None and value != getattr(before, name, None)}
    if (day := told.get("occurred_on")) is not None and day > now.date():
        yield Problem("occurred_on", "in_future", day.isoformat())
    for name in AHEAD:
        if name in told and told[name] < now.date():
            yield Problem(name, "in_the_past", told[name].isoformat())
    for name in HAPPENED:
        if name in told and told[name] > now + LEEWAY:
            yield Problem(name, "in_future", _words(told[name], now))
        elif name in told and before is not None and told[name] < _minute(before.taken_at):
            yield Problem(name, "before_intake", _words(told[name], now))


def _minute(at: datetime) -> datetime:
    """Forms ask for hours and minutes."""
    return at.replace(second=0, microsecond=0)


def _words(at: datetime, now: datetime) -> str:
    return at.astimezone(now.tzinfo).strftime("%Y-%m-%d %H:%M")

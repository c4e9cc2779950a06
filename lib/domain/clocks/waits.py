"""Waiting for the client or for somebody outside (requirement D9): until when, and which promises were broken.

A wait always has a date. The limit depends on the priority; a later date needs approval, whichever way the date is
entered.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from lib.domain.configured import Configured
from lib.domain.records.case import Case
from lib.domain.records.severity import PRIORITIES, Priority
from lib.domain.time.work_calendar import WorkCalendar
from lib.errors import Problem

APPROVE = "case.wait_longer"
"""The permission to let a case wait beyond the limit."""
_BETWEEN = ","


class Waits(Configured):
    """For how many working days one wait may be promised by whoever handles the case, by priority."""

    days: Mapping[Priority, Annotated[int, Field(ge=1, le=365)]] = {"P1": 1, "P2": 3, "P3": 7, "P4": 14}

    @model_validator(mode="after")
    def _every_priority(self) -> "Waits":
        if missing := [priority for priority in PRIORITIES if priority not in self.days]:
            raise PydanticCustomError("no_targets", "no days for {missing}", {"missing": ", ".join(missing)})
        return self


DEFAULT_WAITS = Waits()


def limit(priority: Priority, begun: date, calendar: WorkCalendar, waits: Waits) -> date:
    """The last day that may be promised without approval in a wait that began on the day `begun`."""
    day = begun
    for _ in range(waits.days[priority]):
        day = calendar.next_working_day(day)
    return day


def limit_of(case: Case, calendar: WorkCalendar, waits: Waits) -> date | None:
    """The limit of the wait that the case is in; None if it is not waiting."""
    if case.paused_at is None:
        return None
    return limit(case.priority, case.paused_at.astimezone(calendar.zone).date(), calendar, waits)


def promise_problem(case: Case, calendar: WorkCalendar, waits: Waits) -> Problem | None:
    """What is wrong with the date that a waiting case is given; an approval counts up to its day."""
    last = limit_of(case, calendar, waits)
    if last is None or case.paused_at is None:
        return None
    if case.promised_on is None:
        return Problem("promised_on", "missing")
    words = case.promised_on.isoformat()
    if case.promised_on < case.paused_at.astimezone(calendar.zone).date():
        return Problem("promised_on", "in_the_past", words)
    if case.promised_on > max(last, case.wait_approved_until or last):
        return Problem("promised_on", "wait_too_long", words, {"limit": last, "priority": case.priority})
    return None


def is_due(case: Case, today: date) -> bool:
    """Whether a waiting case needs attention: its day has come, or it has none."""
    return case.promised_on is None or case.promised_on <= today


def broken(case: Case, today: date) -> Iterator[date]:
    """The days that were promised and not kept so far: those on the row, and that of the current wait."""
    yield from days_in(case.broken_promises)
    if case.paused_at is not None and case.promised_on is not None and case.promised_on < today:
        yield case.promised_on


def days_in(text: str) -> Iterator[date]:
    """The days in a cell of `broken_promises`."""
    return (date.fromisoformat(day) for day in text.split(_BETWEEN) if day)


def broken_until(before: Case, today: date) -> str:
    """The `broken_promises` of a case whose wait ends, or is given another day, today."""
    return _BETWEEN.join(day.isoformat() for day in broken(before, today))

"""Clocks that run follow a changed calendar: a day closed, a year's holidays announced, a day typed in the sheet."""

from collections.abc import Iterator
from datetime import datetime

from lib.domain.clocks.clocks import Clock, ClockTarget, SlaConfig
from lib.domain.records.case import Case
from lib.domain.rules.workflow import CLOCK_FIELDS
from lib.domain.time.work_calendar import WorkCalendar


def followed(case: Case, old: WorkCalendar, new: WorkCalendar, *, now: datetime, sla: SlaConfig) -> dict[str, datetime]:
    """The due times that differ under the new calendar, of the clocks that run or wait.

    The working time from a clock's start to its due time, pauses included, is what it was. Where the row does not tell
    the start, it is the time left that stays; what is late then stays late. Clocks that count day and night stay.
    """
    fields: dict[str, datetime] = {}
    for name, target, begun in _running(case, sla):
        due: datetime = getattr(case, name)
        start = begun or min(now, case.paused_at or now)
        if target.elapsed or due <= start:
            continue
        moved = new.shift(start, old.between(start, due))
        if moved != due:
            fields[name] = moved
    return fields


def _running(case: Case, sla: SlaConfig) -> Iterator[tuple[str, ClockTarget, datetime | None]]:
    """(field of the due time, target, start where it is known) of every clock that has not ended."""
    for clock, (due, end) in CLOCK_FIELDS.items():
        if getattr(case, due) is not None and getattr(case, end) is None:
            yield due, sla.target(clock, case.priority), _start(clock, case, sla)
    if case.review_told_due is not None and case.review_told_at is None:
        yield "review_told_due", sla.review_told, case.reviewed_at


def _start(clock: Clock, case: Case, sla: SlaConfig) -> datetime | None:
    if clock == "review":
        return case.review_asked_at
    first_run = case.reopen_count == 0 and case.reviewed_at is None
    return case.taken_at if first_run and sla.counts_from_receipt(clock, case.kind, case.priority) else None

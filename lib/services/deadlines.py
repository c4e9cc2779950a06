"""The next deadline of a case: which clock, when, how much of its time is used."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lib.domain.case import Case
from lib.domain.clocks import Clock, State, state, time_left
from lib.services.desk import Desk


@dataclass(frozen=True, slots=True)
class Deadline:
    """The running clock that is due first. `left` is working time (all time for an elapsed clock), negative when late.

    `used` is the share of the allowed time that is used, 0 and up; above 1 when late.
    """

    clock: Clock
    due: datetime
    left: timedelta
    used: float
    state: State


def next_deadline(desk: Desk, case: Case, now: datetime) -> Deadline | None:
    """The deadline that comes first, None when no clock runs."""
    running = desk.config.workflow.running(case)
    if not running:
        return None
    due, clock = running[0]
    target, calendar = desk.config.sla.target(clock, case.priority), desk.calendar
    left = time_left(due, now, calendar, target.elapsed)
    # Counted back from the due time, which every pause has already pushed: a case does not keep its pauses.
    day = timedelta(days=1) if target.elapsed else calendar.nominal_day
    allowed = target.amount * {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": day}[target.unit]
    used = max(0.0, 1 - left / allowed) if now < due else max(1.0, 1 - left / allowed)
    return Deadline(clock, due, left, used, state(used, desk.config.sla.shares))

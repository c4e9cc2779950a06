"""The next deadline of a case: which clock, when, how much of its time is used."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lib.desk.desk import Desk
from lib.domain.clocks.clocks import Clock, State, state, time_left, used_share
from lib.domain.records.case import Case


@dataclass(frozen=True, slots=True)
class Deadline:
    """The running clock that is due first. `left` is working time (all time for an elapsed clock), negative when late.

    `used` is the share of the allowed time that is used, 0 and up; above 1 when late. `confirmed` says whether the
    holidays of the year it falls in are known; until they are, it was counted as if there were none. An elapsed clock
    does not depend on them.
    """

    clock: Clock
    due: datetime
    left: timedelta
    used: float
    state: State
    confirmed: bool


def next_deadline(desk: Desk, case: Case, now: datetime) -> Deadline | None:
    """The deadline that comes first, None when no clock runs."""
    running = desk.config.workflow.running(case)
    if not running:
        return None
    due, clock = running[0]
    target, calendar = desk.config.sla.target(clock, case.priority), desk.calendar
    left, used = time_left(due, now, calendar, target.elapsed), used_share(due, now, target, calendar)
    confirmed = target.elapsed or is_confirmed(desk, due)
    return Deadline(clock, due, left, used, state(used, desk.config.sla.warn), confirmed)


def is_confirmed(desk: Desk, due: datetime) -> bool:
    """Whether the holidays are known of the year in which a due time falls, on the clock of the workspace."""
    return desk.calendar.confirmed(due.astimezone(desk.calendar.zone).year)

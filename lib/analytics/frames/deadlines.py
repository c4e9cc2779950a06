"""The next deadline of many cases at once: what `lib.services.alerts.deadlines` computes for one, in one pass over the
frame."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from lib.analytics.frames.clock_times import RUNNING as NEVER
from lib.analytics.frames.columns import NO_TIME, ticks
from lib.analytics.frames.earlier import instant
from lib.analytics.frames.frames import Mask
from lib.analytics.frames.working_time import Ticks, shifted, worked_between
from lib.domain.clocks.clocks import ALMOST, CLOCKS, Clock
from lib.domain.records.severity import PRIORITIES
from lib.domain.rules.moves import Rules
from lib.domain.rules.workflow import CLOCK_FIELDS, Workflow
from lib.domain.time.work_calendar import WorkCalendar

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Deadlines:
    """For every row of a frame the running clock that is due first: its index in CLOCKS, -1 where none runs.

    `due` is an instant (`NO_TIME` where none runs), `allowed` the length of the clock's target, both in microseconds.
    """

    clock: np.ndarray[Any, np.dtype[np.int8]]
    due: Ticks
    allowed: Ticks
    elapsed: Mask

    @property
    def runs(self) -> Mask:
        found: Mask = self.clock >= 0
        return found


def deadlines(cases: pd.DataFrame, rules: Rules) -> Deadlines:
    """The next deadline of each case."""
    first, clock = np.full(len(cases), NEVER), np.full(len(cases), -1, dtype=np.int8)
    for place, name in enumerate(CLOCKS):
        due = _running_due(cases, name, rules.workflow)
        sooner = due < first
        first, clock = np.where(sooner, due, first), np.where(sooner, np.int8(place), clock)
    allowed, elapsed = _targets(cases, clock, rules)
    return Deadlines(clock, np.where(clock >= 0, first, NO_TIME), allowed, elapsed)


def running(cases: pd.DataFrame, clock: Clock, rules: Rules) -> Deadlines:
    """One clock of each case, where it runs."""
    due = _running_due(cases, clock, rules.workflow)
    place = np.where(due < NEVER, CLOCKS.index(clock), -1).astype(np.int8)
    allowed, elapsed = _targets(cases, place, rules)
    return Deadlines(place, np.where(place >= 0, due, NO_TIME), allowed, elapsed)


def used_shares(found: Deadlines, now: datetime, calendar: WorkCalendar) -> Any:
    """`used_share` of each deadline: 0 and up, above 1 when late; NaN where no clock runs."""
    due, moment = np.where(found.runs, found.due, instant(now)), np.full(len(found.due), instant(now))
    left = np.where(found.elapsed, due - moment, worked_between(moment, due, calendar))
    share = 1 - left / found.allowed
    share = np.where(due <= moment, np.maximum(share, 1.0), np.clip(share, 0.0, ALMOST))
    return np.where(found.runs, share, np.nan)


def reached(found: Deadlines, share: float, calendar: WorkCalendar) -> Ticks:
    """When a share of the allowed time is or will be used, if nothing pauses the clock; `NO_TIME` where none runs."""
    by = np.rint((share - 1) * found.allowed).astype(np.int64)
    due = np.where(found.runs, found.due, 0)
    moments = np.where(found.elapsed, due + by, shifted(due, np.where(found.runs, by, 0), calendar))
    return np.where(found.runs, moments, NO_TIME)


def due_times(starts: Ticks, cases: pd.DataFrame, clock: Clock, rules: Rules) -> Ticks:
    """`due_at` of one clock for the priority of every case and its start."""
    place = np.full(len(cases), CLOCKS.index(clock), dtype=np.int8)
    allowed, elapsed = _targets(cases, place, rules)
    return np.where(elapsed, starts + allowed, shifted(starts, allowed, rules.calendar))


def soon(cases: pd.DataFrame, now: datetime, rules: Rules) -> Mask:
    """Cases of which the next deadline has used its warning share, and is still to come."""
    found = deadlines(cases, rules)
    shares = used_shares(found, now, rules.calendar)
    marked: Mask = (shares >= rules.sla.warn) & (shares < 1)
    return marked


def _running_due(cases: pd.DataFrame, clock: Clock, workflow: Workflow) -> Ticks:
    """When the clock is due where it runs, `NEVER` elsewhere."""
    due, end = (ticks(cases[name]) for name in CLOCK_FIELDS[clock])
    stages = [stage.key for stage in workflow.stage if stage.phase == "open" and clock in stage.clocks]
    runs = (due != NO_TIME) & (end == NO_TIME) & cases["stage"].isin(stages).to_numpy()
    return np.where(runs, due, NEVER)


def _targets(cases: pd.DataFrame, clock: Any, rules: Rules) -> tuple[Ticks, Mask]:
    """The target of each row's clock at its priority; a length of 1 where no clock runs."""
    targets = [[rules.sla.target(name, priority) for name in CLOCKS] for priority in PRIORITIES]
    lengths = np.array([[one.length(rules.calendar) // _MICROSECOND for one in row] for row in targets])
    elapsed = np.array([[one.elapsed for one in row] for row in targets])
    known = cases["priority"].array
    rows = np.array([PRIORITIES.index(value) for value in known.categories], dtype=np.int64)[known.codes]
    return np.where(clock >= 0, lengths[rows, clock], 1), (clock >= 0) & elapsed[rows, clock]

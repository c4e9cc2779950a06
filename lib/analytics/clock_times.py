"""When the clocks of cases stopped, also seen from a moment in the past.

A case keeps the due time and the end of each clock, its last change of stage and its closing; stages passed through
earlier are in History only. What follows from that: a clock that no move ended, and that the present stage does not
run, is taken to have stopped with the latest change of stage; a resolve clock that a reopening started afresh has
forgotten its first run.
"""

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from lib.analytics.columns import NO_TIME, ticks
from lib.analytics.frames import Mask
from lib.domain.clocks import CLOCKS, Clock
from lib.domain.workflow import CLOCK_FIELDS, Workflow

RUNNING = int(np.iinfo(np.int64).max)


def instant(moment: datetime) -> int:
    """Microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)


def stopped(cases: pd.DataFrame, clock: Clock, workflow: Workflow) -> Any:
    """When the clock of each case stopped, in microseconds; `RUNNING` where it still runs."""
    end = _or_running(ticks(cases[CLOCK_FIELDS[clock][1]]))
    closed = _or_running(ticks(cases["closed_at"]))
    answered = RUNNING if clock == "review" else _or_running(ticks(cases["answered_at"]))
    runs_in = [stage.key for stage in workflow.stage if stage.phase == "open" and clock in stage.clocks]
    left = np.where(cases["stage"].isin(runs_in), RUNNING, ticks(cases["stage_since"]))
    return np.minimum(np.minimum(end, closed), np.minimum(answered, left))


def late_at(cases: pd.DataFrame, moment: datetime, workflow: Workflow) -> Mask:
    """Cases of which some clock was past due and still running at the moment (now or earlier)."""
    found: Mask = np.zeros(len(cases), dtype=bool)
    for clock in CLOCKS:
        due = ticks(cases[CLOCK_FIELDS[clock][0]])
        found |= (due != NO_TIME) & (due < instant(moment)) & (stopped(cases, clock, workflow) > instant(moment))
    return found


def judged(
    cases: pd.DataFrame, clock: Clock, start: datetime, until: datetime, workflow: Workflow
) -> tuple[Mask, Mask]:
    """Deadlines of the clock that fell from `start` to before `until`, and which of them were met.

    A clock that stopped before its deadline without being fulfilled (a case declined, put to wait, thanked for) is
    not judged.
    """
    due, end = (ticks(cases[name]) for name in CLOCK_FIELDS[clock])
    fell: Mask = (due >= instant(start)) & (due < instant(until))
    fulfilled = end != NO_TIME
    called_off = ~fulfilled & (stopped(cases, clock, workflow) <= due)
    asked = fell & ~called_off
    return asked, asked & fulfilled & (end <= due)


def open_at(cases: pd.DataFrame, moment: datetime) -> Mask:
    """Cases taken in before the moment and not closed by then.

    Reopening clears the closing time, so a case that was closed for a while counts as open for that while too. A case
    in a closed stage without a closing time (imported so) never counts.
    """
    taken, closed = ticks(cases["taken_at"]), ticks(cases["closed_at"])
    shut_unknown = (closed == NO_TIME) & (cases["phase"] == "closed").to_numpy()
    found: Mask = (taken < instant(moment)) & (_or_running(closed) >= instant(moment)) & ~shut_unknown
    return found


def within(column: pd.Series, start: datetime, until: datetime) -> Mask:
    """Rows whose time lies from `start` to before `until`."""
    at = ticks(column)
    found: Mask = (at >= instant(start)) & (at < instant(until))
    return found


def _or_running(times: Any) -> Any:
    return np.where(times == NO_TIME, RUNNING, times)

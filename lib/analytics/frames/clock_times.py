"""When the clocks of cases stopped and when cases were closed, also seen from a moment in the past.

A row holds the current run of each clock; earlier runs, and what a pause or another priority has moved, are in
`Earlier`. A clock that no move ended, and that the present stage does not run, is taken to have stopped with the latest
change of stage.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from lib.analytics.frames.columns import NO_TIME, ticks
from lib.analytics.frames.earlier import Earlier, Numbers, instant
from lib.analytics.frames.frames import Mask
from lib.domain.clocks.clocks import CLOCKS, Clock
from lib.domain.rules.workflow import CLOCK_FIELDS, Workflow

RUNNING = int(np.iinfo(np.int64).max)


@dataclass(frozen=True)
class Happened:
    """Something that happened to cases, once or more to each: at which place of the frame, and when. `again` are those
    that were not the first of their case."""

    place: Numbers
    at: Numbers
    again: Any

    def inside(self, start: datetime, until: datetime) -> Mask:
        """Which came from `start` to before `until`."""
        found: Mask = (self.at >= instant(start)) & (self.at < instant(until))
        return found

    def within(self, start: datetime, until: datetime) -> "Happened":
        return self.where(self.inside(start, until))

    def where(self, mask: Any) -> "Happened":
        return Happened(self.place[mask], self.at[mask], self.again[mask])


def _stopped(cases: pd.DataFrame, clock: Clock, workflow: Workflow) -> Any:
    """When the clock of each case stopped, in microseconds; `RUNNING` where it still runs."""
    end = _or_running(ticks(cases[CLOCK_FIELDS[clock][1]]))
    closed = _or_running(ticks(cases["closed_at"]))
    answered = RUNNING if clock == "review" else _or_running(ticks(cases["answered_at"]))
    runs_in = [stage.key for stage in workflow.stage if stage.phase == "open" and clock in stage.clocks]
    left = np.where(cases["stage"].isin(runs_in), RUNNING, ticks(cases["stage_since"]))
    return np.minimum(np.minimum(end, closed), np.minimum(answered, left))


def late_at(cases: pd.DataFrame, earlier: Earlier, moment: datetime, workflow: Workflow) -> Mask:
    """Cases of which some clock was past due and still running at the moment (now or earlier)."""
    found: Mask = np.zeros(len(cases), dtype=bool)
    at = instant(moment)
    for clock in CLOCKS:
        due, stopped = ticks(cases[CLOCK_FIELDS[clock][0]]), _stopped(cases, clock, workflow)
        broken = np.zeros(len(cases), dtype=bool)  # a run whose earlier spans are kept separately
        broken[_present(earlier, clock)] = True
        begun = np.where(broken & (stopped != RUNNING), RUNNING, np.maximum(due, earlier.since))
        found |= (due != NO_TIME) & (begun < at) & (stopped > at)
        found[earlier.runs[clock].spans.at(at)] = True
    return found


def deadlines(
    cases: pd.DataFrame, earlier: Earlier, clock: Clock, start: datetime, until: datetime, workflow: Workflow
) -> tuple[Numbers, Mask]:
    """Deadlines of the clock that fell from `start` to before `until`: the places of their cases, and which were met.

    Every run of a clock has one. A clock that stopped before its deadline without being fulfilled (a case declined,
    put to wait, thanked for) is not judged.
    """
    due, end = (ticks(cases[name]) for name in CLOCK_FIELDS[clock])
    runs, first, last = earlier.runs[clock], instant(start), instant(until)
    fulfilled = end != NO_TIME
    asked = (due >= first) & (due < last) & (fulfilled | (_stopped(cases, clock, workflow) > due))
    asked[_present(earlier, clock)] = False  # the first deadline that passed counts, not the one it was moved to
    before = (runs.due >= first) & (runs.due < last) & (runs.late | (runs.end != NO_TIME))
    met = np.concatenate([(fulfilled & (end <= due))[asked], (~runs.late & (runs.end <= runs.due))[before]])
    return np.concatenate([np.flatnonzero(asked), runs.place[before]]), met


def _present(earlier: Earlier, clock: Clock) -> Numbers:
    runs = earlier.runs[clock]
    found: Numbers = runs.place[~runs.over]
    return found


def open_at(cases: pd.DataFrame, earlier: Earlier, moment: datetime) -> Mask:
    """Cases logged before the moment and not closed at it.

    A case in a closed stage without a closing time (imported so) never counts.
    """
    taken, closed = ticks(cases["taken_at"]), ticks(cases["closed_at"])
    shut_unknown = (closed == NO_TIME) & (cases["phase"] == "closed").to_numpy()
    found: Mask = (taken < instant(moment)) & (_or_running(closed) >= instant(moment)) & ~shut_unknown
    found[earlier.closed.at(instant(moment))] = False
    return found


def closings(cases: pd.DataFrame, earlier: Earlier) -> Happened:
    """Every closing, also of a case that has been reopened since."""
    return _all(earlier.closed.place, earlier.closed.start, ticks(cases["closed_at"]))


def answers(cases: pd.DataFrame, earlier: Earlier) -> Happened:
    """Every answer to a client, also one after which the case was reopened."""
    runs = earlier.runs["resolve"]
    told = runs.end != NO_TIME
    return _all(runs.place[told], runs.end[told], ticks(cases["answered_at"]))


def reviews(cases: pd.DataFrame, earlier: Earlier) -> tuple[Happened, Mask]:
    """Every review decided, and which changed the decision."""
    runs = earlier.runs["review"]
    told = runs.end != NO_TIME
    found = _all(runs.place[told], runs.end[told], ticks(cases["reviewed_at"]))
    last = (cases["review_result"] == "changed").to_numpy()[ticks(cases["reviewed_at"]) != NO_TIME]
    return found, np.concatenate([runs.changed[told], last])


def reviewed_before(cases: pd.DataFrame, earlier: Earlier, found: Happened) -> Mask:
    """Before which of these a review of the same case had been asked for."""
    asked = ticks(cases["review_asked_at"])[found.place]
    first = np.full(len(cases), RUNNING)
    runs = earlier.runs["review"]
    told = runs.end != NO_TIME
    np.minimum.at(first, runs.place[told], runs.end[told])
    before: Mask = ((asked != NO_TIME) & (asked <= found.at)) | (first[found.place] <= found.at)
    return before


def _all(place: Numbers, at: Numbers, last: Any) -> Happened:
    """The earlier runs, then those of the rows, in the order of time for each case."""
    known = np.flatnonzero(last != NO_TIME)
    places = np.concatenate([place, known])
    again = pd.Series(places).duplicated().to_numpy()
    return Happened(places, np.concatenate([at, last[known]]), again)


def within(column: pd.Series, start: datetime, until: datetime) -> Mask:
    """Rows whose time lies from `start` to before `until`."""
    at = ticks(column)
    found: Mask = (at >= instant(start)) & (at < instant(until))
    return found


def _or_running(times: Any) -> Any:
    return np.where(times == NO_TIME, RUNNING, times)

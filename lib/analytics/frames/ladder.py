"""The steps of the ladder that are reached, and the clients without an update for too long, in one pass."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from lib.analytics.frames.columns import NO_TIME, ticks
from lib.analytics.frames.deadlines import Deadlines, reached, running
from lib.analytics.frames.earlier import instant
from lib.analytics.frames.frames import Mask
from lib.analytics.frames.working_time import Ticks, shifted
from lib.domain.clocks.clocks import CLOCKS
from lib.domain.clocks.escalation import SILENCE, run_key, silence_id, step_id
from lib.domain.records.severity import PRIORITIES
from lib.domain.rules.moves import Rules

_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Reached:
    """A step that a case has reached, under the key of its alert. `clock` is empty for a silence; `at` is when the
    clock is due, or since when the client was told nothing, in microseconds since 1970. `tells` is whom the step tells,
    and the steps below it that nobody was told of."""

    alert_id: str
    case_no: str
    clock: str
    step: str
    tells: tuple[str, ...]
    at: int


def steps_reached(cases: pd.DataFrame, now: datetime, rules: Rules, known: Container[str] = ()) -> Iterator[Reached]:
    """The highest step reached of every clock that runs, but for those in `known`.

    Lower steps raise no alerts of their own: after a night, or when old cases are imported, a clock has passed several
    steps at once, and one alert goes to all their recipients.
    """
    for clock in CLOCKS:
        every = running(cases, clock, rules)
        rows = np.flatnonzero(every.runs & ~_unalerted(cases))
        if not len(rows):
            continue
        found = Deadlines(every.clock[rows], every.due[rows], every.allowed[rows], every.elapsed[rows])
        named, passed = _Names(cases, rows), np.zeros(len(rows), dtype=int)
        for step in rules.sla.ladder:
            passed += reached(found, step.share, rules.calendar) <= instant(now)
        for place in np.flatnonzero(passed).tolist():
            number, run = named[place]
            steps = rules.sla.ladder[: passed[place]]
            keys = [step_id(number, clock, step.key, run) for step in steps]
            told = max((at for at, key in enumerate(keys, 1) if key in known), default=0)
            if told < len(steps):
                tells = dict.fromkeys(step.tell for step in steps[told:])
                yield Reached(keys[-1], number, clock, steps[-1].key, tuple(tells), int(found.due[place]))


def silences_reached(cases: pd.DataFrame, now: datetime, rules: Rules, known: Container[str] = ()) -> Iterator[Reached]:
    """The silences that last too long, for each of those they tell, but for what is in `known`."""
    rows = np.flatnonzero(silent(cases, now, rules))
    numbers, since = cases["case_no"].array[rows], told_last(cases)[rows].tolist()
    for number, at in zip(numbers, since, strict=True):
        for tell in rules.sla.silence.tell:
            key = silence_id(number, tell, at // _SECOND)
            if key not in known:
                yield Reached(key, number, "", SILENCE, (tell,), at)


def silent(cases: pd.DataFrame, now: datetime, rules: Rules) -> Mask:
    """Cases not answered yet whose client has had no update for the working days of their priority."""
    marked: Mask = np.zeros(len(cases), dtype=bool)
    rows = np.flatnonzero(cases["phase"].isin(["open", "paused"]).to_numpy() & ~_unalerted(cases))
    if len(rows):
        priorities = cases["priority"].array
        days = np.array([rules.sla.silence.days[name] for name in PRIORITIES])
        place = np.array([PRIORITIES.index(name) for name in priorities.categories])[priorities.codes[rows]]
        allowed = days[place] * (rules.calendar.nominal_day // _MICROSECOND)
        marked[rows] = shifted(told_last(cases)[rows], allowed, rules.calendar) <= instant(now)
    return marked


def told_last(cases: pd.DataFrame) -> Ticks:
    """`lib.domain.clocks.escalation.told_last` of every case."""
    columns = [ticks(cases[name]) for name in ("told_client_at", "contacted_at", "taken_at")]
    latest: Ticks = np.maximum.reduce(columns)  # a missing time is less than any other
    return latest


def _unalerted(cases: pd.DataFrame) -> Mask:
    """Old cases from a file that have had no step here."""
    marked: Mask = cases["unalerted"].to_numpy()
    return marked


class _Names:
    """Case number and run of chosen rows."""

    def __init__(self, cases: pd.DataFrame, rows: Any) -> None:
        self._numbers = cases["case_no"].array[rows].tolist()
        self._reopened = cases["reopen_count"].array[rows].tolist()
        self._asked = ticks(cases["review_asked_at"])[rows].tolist()

    def __getitem__(self, place: int) -> tuple[str, str]:
        asked = self._asked[place]
        return self._numbers[place], run_key(self._reopened[place], None if asked == NO_TIME else asked // _SECOND)

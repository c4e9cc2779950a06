"""What the rows of cases no longer hold about their clocks (`lib.domain.time.earlier_runs`), as columns of numbers.

Places are positions in the frame of cases that it was made of. Times are microseconds since 1970.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from lib.analytics.frames.columns import NO_TIME
from lib.domain.clocks.clocks import CLOCKS, Clock
from lib.domain.time.earlier_runs import ClockRun, EarlierRuns

Numbers = np.ndarray[Any, np.dtype[np.int64]]


def instant(moment: datetime) -> int:
    """Microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)


@dataclass(frozen=True)
class Spans:
    """From the one time to before the other, each at a case's place."""

    place: Numbers
    start: Numbers
    end: Numbers

    def at(self, moment: int) -> Numbers:
        """The places of the spans that hold the moment."""
        return self.place[(self.start < moment) & (self.end > moment)]


@dataclass(frozen=True)
class Runs:
    """Runs of one clock: the deadline that counted, and when it was fulfilled; `NO_TIME` where there was none.

    `over` are those after which another began; `late` ran past their due time for a while.
    """

    place: Numbers
    due: Numbers
    end: Numbers
    over: Any
    late: Any
    spans: Spans
    changed: Any


@dataclass(frozen=True)
class Earlier:
    """`since`: for each case the time from which its clocks run, `NO_TIME` if it follows from their due times."""

    closed: Spans
    runs: dict[Clock, Runs]
    since: Numbers

    @classmethod
    def of(cls, cases: pd.DataFrame) -> "Earlier":
        told: Sequence[EarlierRuns | None] = cases["earlier"].to_numpy(dtype=object)
        known = [(place, one) for place, one in enumerate(told) if one is not None]
        since = np.full(len(cases), NO_TIME, dtype=np.int64)
        for place, one in known:
            since[place] = _tick(one.since)
        closed = _spans((place, span) for place, one in known for span in one.closed)
        by_clock = {clock: [(place, run) for place, one in known for run in one.runs if run.clock == clock]
                    for clock in CLOCKS}  # fmt: skip
        return cls(closed, {clock: _runs(found) for clock, found in by_clock.items()}, since)


def _runs(found: Sequence[tuple[int, ClockRun]]) -> Runs:
    def of(value: Callable[[ClockRun], Any], kind: Any = np.int64) -> Any:
        return np.array([value(run) for _, run in found], dtype=kind)

    return Runs(
        place=np.array([place for place, _ in found], dtype=np.int64),
        due=of(lambda run: _tick(run.due)),
        end=of(lambda run: _tick(run.end)),
        over=of(lambda run: run.over, bool),
        late=of(lambda run: bool(run.late), bool),
        spans=_spans((place, span) for place, run in found for span in _late_spans(run)),
        changed=of(lambda run: run.result == "changed", bool),
    )


def _late_spans(run: ClockRun) -> Iterable[tuple[datetime, datetime]]:
    """A run that was fulfilled late needs no spans of its own to show that."""
    if run.late or run.due is None or run.end is None or run.end <= run.due:
        return run.late
    return ((run.due, run.end),)


def _spans(found: Iterable[tuple[int, tuple[datetime, datetime]]]) -> Spans:
    rows = [(place, _tick(start), _tick(end)) for place, (start, end) in found]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Spans(columns[:, 0], columns[:, 1], columns[:, 2])


def _tick(moment: datetime | None) -> int:
    return NO_TIME if moment is None else instant(moment)

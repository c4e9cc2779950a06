"""Working time for many instants at once: what `WorkCalendar` and `lib.domain.clocks.clocks` compute for one, for
arrays of them.

Instants and durations are int64 microseconds (instants since 1970); every result is exact.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from lib.domain.time.work_calendar import WorkCalendar
from lib.domain.time.work_index import WorkIndex

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HOUR = timedelta(hours=1) // _MICROSECOND
Ticks = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class _Line:
    """The spans of an index as arrays."""

    starts: Ticks
    ends: Ticks
    worked_before: Ticks

    def worked(self, instants: Ticks) -> Ticks:
        at = np.searchsorted(self.starts, instants, side="right") - 1
        found: Ticks = self.worked_before[at] + np.minimum(instants, self.ends[at]) - self.starts[at]
        return np.where(at < 0, 0, found)

    def earliest(self, worked: Ticks) -> Ticks:
        at = np.searchsorted(self.worked_before, worked, side="left") - 1
        found: Ticks = self.starts[at] + worked - self.worked_before[at]
        return found


_LINES: WeakKeyDictionary[WorkIndex, _Line] = WeakKeyDictionary()


def working_hours(starts: Any, ends: Any, calendar: WorkCalendar) -> Any:
    """`WorkCalendar.between` in hours."""
    return worked_between(starts, ends, calendar) / _HOUR


def worked_between(starts: Any, ends: Any, calendar: WorkCalendar) -> Ticks:
    """`WorkCalendar.between` for every pair."""
    starts, ends = _ticks(starts), _ticks(ends)
    if len(starts) == 0:
        return _ticks(())
    line = _line(calendar, int(min(starts.min(), ends.min())), int(max(starts.max(), ends.max())))
    return line.worked(ends) - line.worked(starts)


def shifted(instants: Any, by: Any, calendar: WorkCalendar) -> Ticks:
    """`WorkCalendar.shift` for every pair; `by` may be negative."""
    begins, by = _ticks(instants), _ticks(by)
    if len(begins) == 0:
        return begins
    first, last = (_extreme(begins, by, calendar, choose) for choose in (np.min, np.max))
    line = _line(calendar, min(first, int(begins.min())), max(last, int(begins.max())))
    return np.where(by == 0, begins, line.earliest(line.worked(begins) + by))


def _extreme(instants: Ticks, by: Ticks, calendar: WorkCalendar, choose: Any) -> int:
    """The calendar's own answer for the latest start with the longest duration; no other answer lies beyond it."""
    moment = _EPOCH + _MICROSECOND * int(choose(instants))
    return (calendar.shift(moment, _MICROSECOND * int(choose(by))) - _EPOCH) // _MICROSECOND


def _line(calendar: WorkCalendar, first: int, last: int) -> _Line:
    index = calendar.covering(first, last)
    line = _LINES.get(index)
    if line is None:
        line = _LINES[index] = _Line(_ticks(index.starts), _ticks(index.ends), _ticks(index.worked_before))
    return line


def _ticks(values: Any) -> Ticks:
    return np.asarray(values, dtype=np.int64)

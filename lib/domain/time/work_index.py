"""Every working span of some whole years on one line of time: how much was worked by an instant, and the way back."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class WorkIndex:
    """Spans as instants (microseconds since 1970) with running totals. It answers for instants from `begin` to before
    `end`; what is worked is counted from `begin`."""

    first_year: int
    last_year: int
    begin: int
    end: int
    starts: list[int]
    ends: list[int]
    worked_before: list[int]
    total: int

    def worked(self, instant: int) -> int:
        at = bisect_right(self.starts, instant) - 1
        if at < 0:
            return 0
        return self.worked_before[at] + min(instant, self.ends[at]) - self.starts[at]

    def is_open(self, instant: int) -> bool:
        at = bisect_right(self.starts, instant) - 1
        return at >= 0 and instant < self.ends[at]

    def earliest(self, worked: int) -> int | None:
        """The first instant by which so much is worked, the end of a span; None where that may lie outside."""
        if not 0 < worked <= self.total:
            return None
        at = bisect_left(self.worked_before, worked) - 1
        return self.starts[at] + worked - self.worked_before[at]

    def latest(self, worked: int) -> int | None:
        """The last instant at which no more is worked, the start of a span; None where that may lie outside."""
        if not 0 <= worked < self.total:
            return None
        at = bisect_right(self.worked_before, worked) - 1
        return self.starts[at] + worked - self.worked_before[at]

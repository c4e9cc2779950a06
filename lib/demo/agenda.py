"""The order of events: stories that run side by side, each until the moment for which it waits.

A story is a generator; it yields the moment at which it wants to go on. What it does before its first `yield`
happens when it is added.
"""

from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

from lib.demo.clock import SteppingClock

Story = Iterator[datetime]


class Scheduler:
    """Runs stories in the order of time; those that wait for the same moment in the order in which they asked."""

    def __init__(self, clock: SteppingClock) -> None:
        self._clock, self._order = clock, count()
        self._waiting: list[tuple[datetime, int, Story]] = []

    def add(self, story: Story) -> None:
        moment = next(story, None)
        if moment is not None:
            heappush(self._waiting, (max(moment, self._clock()), next(self._order), story))

    def run(self, until: datetime) -> None:
        """Play everything up to `until`; later events do not happen."""
        while self._waiting and self._waiting[0][0] <= until:
            moment, _, story = heappop(self._waiting)
            self._clock.step_to(moment)
            self.add(story)
        self._clock.step_to(until)

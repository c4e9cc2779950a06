"""A clock that stands still until it is set."""

from datetime import datetime


class SteppingClock:
    """The present as the generator says it is. Call it for the present, `step_to` moves it on and never back."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def step_to(self, moment: datetime) -> None:
        """Raises ValueError for a moment without a zone, or one that is past."""
        if moment.utcoffset() is None or moment < self._now:
            raise ValueError(f"cannot step from {self._now.isoformat()} to {moment.isoformat()}")
        self._now = moment

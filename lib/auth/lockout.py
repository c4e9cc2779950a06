"""Lock-out after repeated failures to sign in, as a rule over the times of those failures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lib.domain.time.skew import is_ahead


@dataclass(frozen=True)
class Open:
    """May try; a lock follows after `left` more failures."""

    left: int


@dataclass(frozen=True)
class Locked:
    """May not try before `until`."""

    until: datetime


@dataclass(frozen=True)
class Lockout:
    """`limit` failures within `window` lock for `lock`; each further lock is twice as long, up to `longest`.

    Earlier locks are forgotten after a pause of `forget`.
    """

    limit: int = 5
    window: timedelta = timedelta(minutes=15)
    lock: timedelta = timedelta(minutes=15)
    longest: timedelta = timedelta(hours=4)
    forget: timedelta = timedelta(days=1)

    def __post_init__(self) -> None:
        if self.limit < 1 or min(self.window, self.lock, self.longest, self.forget) <= timedelta(0):
            raise ValueError("limit and durations of a lock-out must be positive")

    def state(self, failures: tuple[datetime, ...], now: datetime) -> Open | Locked:
        """`failures` since the last success, in any order; those during a lock do not count, nor do those that a wrong
        clock put into the future."""
        until, recent = self._replay(sorted(at for at in failures if not is_ahead(at, now)))
        if until is not None and now < until:
            return Locked(until)
        return Open(self.limit - len(self._within(recent, now)))

    def _replay(self, failures: Iterable[datetime]) -> tuple[datetime | None, list[datetime]]:
        until: datetime | None = None
        previous: datetime | None = None
        recent: list[datetime] = []
        locks = 0
        for at in failures:
            if previous is not None and at - previous >= self.forget:
                locks = 0
            previous = at
            if until is not None and at < until:
                continue
            recent = [*self._within(recent, at), at]
            if len(recent) >= self.limit:
                until, recent, locks = at + self._length(locks), [], locks + 1
        return until, recent

    def _within(self, failures: Iterable[datetime], now: datetime) -> list[datetime]:
        return [at for at in failures if now - at < self.window]

    def _length(self, earlier_locks: int) -> timedelta:
        doublings = min(earlier_locks, 20)  # far beyond any sensible `longest`, far below overflow
        return min(self.longest, self.lock * (1 << doublings))

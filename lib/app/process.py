"""The one Desk of this process: opened when first asked for, the same for pages, routes and jobs."""

import gc
import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from lib.app.bootstrap import open_desk
from lib.auth.handoff import Once
from lib.desk.desk import Desk
from lib.errors import CasesheetError, OpeningFailed, StoreUnavailable

log = logging.getLogger("casesheet")

AWAKE = 120.0  # seconds after the last page run during which somebody counts as using the app
RETRY = 5.0  # seconds for which a failure to open answers for the next attempts too
PATIENCE = 10.0  # seconds that a page waits while somebody else opens the workspace


class Presence:
    """When a page last ran, when the store last answered, and what went wrong since. Pages write the first, looks at
    the store the others."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen = self._answered = clock()
        self.refreshed_at: datetime | None = None
        self.problem: Exception | None = None

    def touch(self) -> None:
        with self._lock:
            self._seen = self._clock()

    def anybody(self) -> bool:
        with self._lock:
            return self._clock() - self._seen < AWAKE

    def answered(self, at: datetime | None = None) -> None:
        """The store has just answered; `at`: by the workspace's clock, where that is the news of a refresh."""
        self._answered, self.problem = self._clock(), None
        self.refreshed_at = at or self.refreshed_at

    @property
    def age(self) -> float:
        """Seconds since the store last answered."""
        return self._clock() - self._answered


class Refresh:
    """Pulls what others saved. Callers that arrive during a look share the next one, so that many at once
    cost the store two looks."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._begun = float("-inf")

    def __call__(self, desk: Desk) -> None:
        """The snapshot holds whatever was saved before the call. Raises what the store raises; the pages tell of it
        until a look succeeds."""
        called = self._clock()
        with self._lock:
            if self._begun > called and presence.problem is None:
                return
            self._begun = self._clock()
            try:
                desk.committer.keep_up()
            except Exception as failed:
                presence.problem = failed
                raise
            presence.answered(desk.now())


look = Refresh()
handed = Once()
"""The new sessions that a browser's cookie has taken over (`lib.auth.handoff`)."""

presence = Presence()
_lock = threading.Lock()
_open: list[Desk] = []
_failures: list[tuple[float, CasesheetError]] = []  # the last one, and when it came


def wake(of: Desk) -> None:
    """Looks at the store before somebody is let in by data that an idle process remembers, unless a look has just
    failed.
    """
    if presence.anybody() or presence.problem is not None:
        return
    try:
        look(of)
    except CasesheetError as failed:  # pages report it and go on with what is known
        log.warning("nothing new could be read after a rest: %s", failed)


def desk() -> Desk:
    """The Desk. Raises ConfigError or StoreUnavailable when it cannot be opened; asking again later tries again."""
    if not _open:
        if not _lock.acquire(timeout=PATIENCE):
            raise StoreUnavailable("still being opened")
        try:
            if not _open:
                _try_to_open()
        finally:
            _lock.release()
    return _open[0]


def opened() -> Desk | None:
    """The Desk if it is open; never waits."""
    return _open[0] if _open else None


def _try_to_open() -> None:
    """Many pages that wait for a silent store fail together, not one after another."""
    if _failures and time.monotonic() - _failures[0][0] < RETRY:
        raise _failures[0][1].with_traceback(None)
    try:
        _open.append(_opened_now())
    except CasesheetError as failed:
        _failures[:] = [(time.monotonic(), failed)]
        raise
    _failures.clear()
    presence.answered()
    gc.freeze()  # the records live as long as the process: the collector need not walk them again


def _opened_now() -> Desk:
    """A failure in opening is reported in words and tried again; a bug must not end the server."""
    try:
        return open_desk()
    except CasesheetError:
        raise
    except Exception as fault:
        number = uuid4().hex[:8]
        log.exception("the workspace cannot be opened: %s", number)
        raise OpeningFailed(number, type(fault).__name__) from fault


def use(other: Desk) -> None:
    """Put another Desk in its place; for tests and for commands that open their own."""
    with _lock:
        _open[:] = [other]

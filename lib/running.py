"""The one Desk of this process: opened when first asked for, the same for pages, routes and jobs."""

import gc
import threading
import time
from collections.abc import Callable
from datetime import datetime

from lib.auth.sessions import Handoff
from lib.bootstrap import open_desk
from lib.errors import CasesheetError, StoreUnavailable
from lib.services.desk import Desk

AWAKE = 120.0  # seconds after the last page run that count as "on"
RETRY = 5.0  # seconds for which a failure to open answers for the next attempts too
PATIENCE = 10.0  # seconds that a page waits while somebody else opens the workspace


class Presence:
    """When a page last ran, and how the last refresh went. Pages write it, the refresher reads it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen = clock()
        self.refreshed_at: datetime | None = None
        self.problem: CasesheetError | None = None

    def touch(self) -> None:
        with self._lock:
            self._seen = self._clock()

    def anybody(self) -> bool:
        with self._lock:
            return self._clock() - self._seen < AWAKE


handoff = Handoff()
"""New sessions on their way from the sign-in page to the browser's cookie."""

presence = Presence()

_lock = threading.Lock()
_open: list[Desk] = []
_failures: list[tuple[float, CasesheetError]] = []  # the last one, and when it came


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
        _open.append(open_desk())
    except CasesheetError as failed:
        _failures[:] = [(time.monotonic(), failed)]
        raise
    _failures.clear()
    gc.freeze()  # the records live as long as the process: the collector need not walk them again


def use(other: Desk) -> None:
    """Put another Desk in its place; for tests and for commands that open their own."""
    with _lock:
        _open[:] = [other]

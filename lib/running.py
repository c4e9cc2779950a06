"""The one Desk of this process: opened when first asked for, the same for pages, routes and jobs."""

import threading

from lib.auth.sessions import Handoff
from lib.bootstrap import open_desk
from lib.jobs.refresher import Presence
from lib.services.desk import Desk

handoff = Handoff()
"""New sessions on their way from the sign-in page to the browser's cookie."""

presence = Presence()

_lock = threading.Lock()
_open: list[Desk] = []


def desk() -> Desk:
    """The Desk. Raises ConfigError or StoreUnavailable when it cannot be opened; asking again tries again."""
    if not _open:
        with _lock:
            if not _open:
                _open.append(open_desk())
    return _open[0]


def use(other: Desk) -> None:
    """Put another Desk in its place; for tests and for commands that open their own."""
    with _lock:
        _open[:] = [other]

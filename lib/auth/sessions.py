"""The session cookie, the hand-over of a new session to the browser, and where sign-in may send people."""

import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypedDict

from lib.auth.tokens import BadToken, Purpose, Signer

COOKIE: Final = "casesheet_session"
HOME: Final = "/"
_LONGEST_PATH: Final = 2000


@dataclass(frozen=True)
class Session:
    """Who is signed in. Raising the person's `epoch` in the store ends her older sessions."""

    staff_id: str
    epoch: int
    issued_at: datetime


class CookieAttributes(TypedDict):
    """What Starlette's `response.set_cookie(value=..., **attributes)` takes."""

    key: str
    max_age: int
    path: str
    secure: bool
    httponly: bool
    samesite: Literal["lax"]


def issue(signer: Signer, staff_id: str, epoch: int, now: datetime) -> str:
    """The value of the cookie."""
    return signer.sign(Purpose.SESSION, {"staff": staff_id, "epoch": epoch}, now=now)


def read(signer: Signer, cookie: str, max_age: timedelta, *, now: datetime | None = None) -> Session:
    """Raises BadToken or ExpiredToken. The caller compares the epoch with the store's."""
    payload, issued_at = signer.read_with_time(Purpose.SESSION, cookie, max_age, now=now)
    match payload:
        case {"staff": str(staff_id), "epoch": int(epoch)}:
            return Session(staff_id, epoch, issued_at)
    raise BadToken("not a session")


def cookie_attributes(*, https: bool, max_age: timedelta) -> CookieAttributes:
    """Out of reach of scripts, and not sent along with another site's forms."""
    return {
        "key": COOKIE,
        "max_age": int(max_age.total_seconds()),
        "path": "/",
        "secure": https,
        "httponly": True,
        "samesite": "lax",
    }


def safe_next(path: str | None) -> str:
    """The path where it stays on this site ("/case?no=TS-1"), else the home page."""
    if not path or len(path) > _LONGEST_PATH or not path.isprintable() or "\\" in path:
        return HOME
    # Not urlsplit: it drops leading spaces and reads "///host" as a path, where a browser sees a host.
    before_query = re.split(r"[?#]", path, maxsplit=1)[0]
    local = before_query.startswith("/") and "//" not in before_query
    return path if local else HOME


@dataclass(frozen=True)
class Handed:
    """What a hand-off code stands for."""

    session_cookie: str
    next_path: str


class Handoff:
    """One-time codes that carry a new session from the page that signed in to the route that sets the cookie.

    A page cannot set an HttpOnly cookie. Kept in memory: a code works once, in the process that made it.
    """

    def __init__(
        self,
        lifetime: timedelta = timedelta(seconds=60),
        capacity: int = 1000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lifetime = lifetime.total_seconds()
        self._capacity = capacity
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[float, Handed]] = {}

    def create(self, session_cookie: str, next_path: str) -> str:
        """A code for the address line; it holds nothing of the session."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._drop_old()
            self._waiting[code] = (
                self._clock() + self._lifetime,
                Handed(session_cookie, safe_next(next_path)),
            )
        return code

    def take(self, code: str) -> Handed | None:
        """What was handed over; None where the code is unknown, used already or too old."""
        with self._lock:
            expires, handed = self._waiting.pop(code, (0.0, None))
            return handed if self._clock() < expires else None

    def _drop_old(self) -> None:
        now = self._clock()
        self._waiting = {code: entry for code, entry in self._waiting.items() if now < entry[0]}
        while len(self._waiting) >= self._capacity:
            del self._waiting[next(iter(self._waiting))]

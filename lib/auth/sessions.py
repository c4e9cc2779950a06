"""The proof of a session: the signed cookie, and how a browser keeps it."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypedDict

from lib.auth.tokens import BadToken, Signer, TokenPurpose

COOKIE: Final = "casesheet_session"


@dataclass(frozen=True, slots=True)
class Session:
    """Who signed in when; the store says whether the session is still valid (`lib.services.people.sessions`).

    `key` tells it from the person's other sessions. `epoch` is None if an OpenID provider vouched for them, because the
    app has then issued nothing that could carry it.
    """

    staff_id: str
    key: str
    issued_at: datetime
    epoch: int | None = None


class CookieAttributes(TypedDict):
    """What Starlette's `response.set_cookie(value=..., **attributes)` takes."""

    key: str
    max_age: int
    path: str
    secure: bool
    httponly: bool
    samesite: Literal["lax"]


def begin(staff_id: str, epoch: int, now: datetime) -> Session:
    """A session after a password; times are kept to the second."""
    return Session(staff_id, secrets.token_urlsafe(12), now.replace(microsecond=0), epoch)


def cookie_of(signer: Signer, session: Session) -> str:
    """The value of the cookie."""
    payload = {"staff": session.staff_id, "epoch": session.epoch, "key": session.key}
    return signer.sign(TokenPurpose.SESSION, payload, now=session.issued_at)


def read(signer: Signer, cookie: str, max_age: timedelta, *, now: datetime | None = None) -> Session:
    """Raises BadToken or ExpiredToken."""
    payload, issued_at = signer.read_with_time(TokenPurpose.SESSION, cookie, max_age, now=now)
    match payload:
        case {"staff": str(staff_id), "epoch": int(epoch), "key": str(key)}:
            return Session(staff_id, key, issued_at, epoch)
    raise BadToken("not a session")


def cookie_path(base: str) -> str:
    """Where the browser sends the cookie: the path below which the pages are served (`server.baseUrlPath`)."""
    return f"/{base.strip('/')}"


def cookie_attributes(*, https: bool, max_age: timedelta, base: str = "") -> CookieAttributes:
    """Out of reach of scripts, not sent along with another site's forms, nor to another application on this host."""
    return {
        "key": COOKIE,
        "max_age": int(max_age.total_seconds()),
        "path": cookie_path(base),
        "secure": https,
        "httponly": True,
        "samesite": "lax",
    }

"""Codes that carry a new session from the page that signed in to the route that sets its cookie.

A page cannot set an HttpOnly cookie, and behind a proxy the route may be asked of another server than the page. So the
code is signed and says who signed in, not what the cookie holds: a script of the page cannot make a cookie of it.
"""

import threading
from datetime import datetime, timedelta
from typing import Final

from lib.auth.sessions import Session
from lib.auth.tokens import BadToken, Signer, TokenPurpose

LIFETIME: Final = timedelta(seconds=60)


def code_for(signer: Signer, session: Session, now: datetime) -> str:
    """Valid for LIFETIME and on any server that has the same secret."""
    begun = session.issued_at.isoformat()
    payload = {"staff": session.staff_id, "key": session.key, "epoch": session.epoch, "begun": begun}
    return signer.sign(TokenPurpose.HANDOFF, payload, now=now)


def session_of(signer: Signer, code: str, now: datetime) -> Session:
    """The session that a code stands for. Raises BadToken or ExpiredToken."""
    match signer.read(TokenPurpose.HANDOFF, code, LIFETIME, now=now):
        case {"staff": str(staff_id), "key": str(key), "epoch": int(epoch), "begun": str(begun)}:
            return Session(staff_id, key, datetime.fromisoformat(begun), epoch)
    raise BadToken("not a hand-off")


class Once:
    """Remembers the codes used in this process, for as long as they would be valid."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: dict[str, datetime] = {}

    def first(self, key: str, now: datetime) -> bool:
        """Whether this is the first use."""
        with self._lock:
            self._used = {used: at for used, at in self._used.items() if now - at <= LIFETIME}
            if key in self._used:
                return False
            self._used[key] = now
            return True

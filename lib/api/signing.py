"""The session cookie over HTTP, out of reach of a page: putting it into the browser, and ending its session."""

import logging

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from lib.api.origin import is_https, is_own
from lib.app import process
from lib.auth.handoff import session_of
from lib.auth.sessions import COOKIE, cookie_attributes, cookie_path
from lib.auth.tokens import TokenError
from lib.desk.desk import Desk
from lib.errors import CasesheetError
from lib.services.people import sessions

log = logging.getLogger("casesheet")

LONGEST_CODE = 2000  # bytes


class Signing:
    """The routes below one path. `base`: that of the pages (`server.baseUrlPath`)."""

    def __init__(self, base: str = "") -> None:
        self._base = base

    async def keep(self, request: Request) -> Response:
        """Put the session that the sign-in page has just opened into the browser's cookie; the body is its code."""
        desk = process.opened()
        if desk is None:
            return Response(status_code=503)
        if not is_own(request, desk.settings.public_url):
            return Response(status_code=403)
        cookie = _taken(desk, await _body(request))
        if cookie is None:
            return Response(status_code=410)
        response = Response(status_code=204)
        attributes = cookie_attributes(https=is_https(request), max_age=sessions.SESSION_AGE, base=self._base)
        response.set_cookie(value=cookie, **attributes)
        return response

    async def end(self, request: Request) -> Response:
        """End the session of this browser on the server, and forget its cookie."""
        desk = process.opened()
        if desk is not None and not is_own(request, desk.settings.public_url):
            return Response(status_code=403)
        if desk is not None and (cookie := request.cookies.get(COOKIE)):
            await anyio.to_thread.run_sync(_end, desk, cookie)
        response = Response(status_code=204, headers={"Clear-Site-Data": '"cache", "storage"'})
        for path in dict.fromkeys((cookie_path(self._base), "/")):  # earlier versions kept it at the root
            response.delete_cookie(COOKIE, path=path)
        return response


async def _body(request: Request) -> str:
    """The code, "" where it is longer than any; nothing more is read."""
    read = b""
    async for part in request.stream():
        read += part
        if len(read) > LONGEST_CODE:
            return ""
    return read.decode("ascii", "replace")


def _taken(desk: Desk, code: str) -> str | None:
    """The cookie of the session that the code stands for; None if the code or the session is no longer valid."""
    try:
        session = session_of(desk.signer, code, desk.now())
    except TokenError:
        return None
    stands = sessions.bearer(desk, session) is not None
    return sessions.cookie_of(desk, session) if stands and process.handed.first(session.key, desk.now()) else None


def _end(desk: Desk, cookie: str) -> None:
    session = sessions.by_cookie(desk, cookie)
    try:
        if session is not None:
            sessions.end(desk, session)
    except CasesheetError as failed:
        log.warning("a session could not be ended: %s", failed)

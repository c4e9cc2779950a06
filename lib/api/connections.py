"""Identifies the page that sends a request: every connection of a page gets its own number, which the page never sees.

The page's script reads it off the headers of its connection. Requests outside the script (a download) run in
the connection's context: `asking`.
"""

import secrets
from contextvars import ContextVar
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

HEADER: Final = "x-casesheet-connection"
_ASKING: ContextVar[str] = ContextVar("asking", default="")


def asking() -> str:
    """The connection on whose behalf this runs, "" if there is none."""
    return _ASKING.get()


class Connections:
    """The middleware that numbers them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        number = secrets.token_hex(16)
        known = [(name, value) for name, value in scope["headers"] if name != HEADER.encode()]
        _ASKING.set(number)
        await self._app({**scope, "headers": [*known, (HEADER.encode(), number.encode())]}, receive, send)

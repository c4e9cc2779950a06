"""The security headers of every response: what a page may load and who may frame it (OWASP Secure Headers).

They are set in one place because pages, Streamlit's own files and the app's routes all pass through it.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.api.origin import is_https

HSTS: Final = "max-age=31536000"  # a year, this host only: others may not have HTTPS
ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
CLOSED: Final = ("/_stcore/metrics", "/_stcore/agent/", "/_stcore/script-health-check")
"""Streamlit's addresses that reveal facts about the server and its visitors."""
SIGN_OUT: Final = "/auth/logout"
"""Streamlit's, of OpenID sessions; it takes a link too."""
IN_A_VIEWER: Final = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""Of a PDF: what shows it is a plug-in to some browsers, and loads parts of its own."""
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")


class Headers:
    """The middleware. `scripts`: the texts of the inline scripts that pages bring along."""

    def __init__(self, app: ASGIApp, scripts: Iterable[str] = ()) -> None:
        self._app = app
        self._policy = content_policy(scripts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            _nameless(send)
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(raw=message.setdefault("headers", [])), request)
            await send(message)

        refused = _refusal(request)
        if refused:
            await with_headers({"type": "http.response.start", "status": refused})
            await send({"type": "http.response.body"})
            return
        await self._app(scope, receive, with_headers)

    def _add(self, headers: MutableHeaders, request: HTTPConnection) -> None:
        host = request.headers.get("host", "")
        sockets = (
            f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
        )  # 'self' is enough except for old browsers
        is_pdf = headers.get("content-type", "").startswith("application/pdf")
        headers["Content-Security-Policy"] = IN_A_VIEWER if is_pdf else self._policy + sockets
        for name, value in ALWAYS.items():
            headers.setdefault(name, value)
        if "/media/" in request.url.path or "/api/" in request.url.path or "/auth/" in request.url.path:
            headers.setdefault("Cache-Control", "no-store")
        if is_https(request):
            headers["Strict-Transport-Security"] = HSTS


def _refusal(request: HTTPConnection) -> int:
    """The status for an address that nobody may request; 0 for all others."""
    path = request.scope["path"]
    if any(closed in path for closed in CLOSED):
        return 404
    elsewhere = request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
    return 403 if elsewhere and path.endswith(SIGN_OUT) else 0


def content_policy(scripts: Iterable[str]) -> str:
    """A page loads from this host alone, runs Streamlit's files and these scripts, and cannot be framed.

    Styles are made by Streamlit while it runs, so they cannot be told by a hash. The last part is `connect-src`.
    """
    hashes = " ".join(dict.fromkeys(f"'sha256-{_sha256(script)}'" for script in scripts))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'wasm-unsafe-eval' {hashes}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "connect-src 'self'",
        )
    )


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _nameless(send: Any) -> None:
    """The server below names itself in every answer, and Streamlit gives no way to tell it not to: its configuration
    is within reach here alone."""
    config = getattr(getattr(send, "__self__", None), "config", None)
    if config is not None and hasattr(config, "encoded_headers"):
        config.encoded_headers = [(name, value) for name, value in config.encoded_headers if name != b"server"]

"""Who may put a file into the server's memory: a page that has just offered an uploader, within the limits it named.

Streamlit takes files at an address of its own before any page sees them, from whoever has a page open. What a page
offers is recorded here when it is drawn; everything else is refused before it is read.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.domain.text.uploads import MEGABYTE

PUBLIC_TOTAL: Final = 400 * MEGABYTE
"""The bytes that all pages together may hold in memory before clients without sign-in have to wait."""
FRAMING: Final = 65_536  # bytes around a file in a request, at most
_SESSIONS = 10_000  # pages remembered
_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)$")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one uploader takes: so many files of so many bytes, as long as `may` says so."""

    files: int
    largest: int
    may: Callable[[], bool]
    public: bool = False


@dataclass(slots=True)
class _Offer:
    """An uploader on a page: when it was drawn last, what it takes, and the ids of the files chosen in it."""

    run: int
    allowance: Allowance
    files: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Page:
    """One open page: how often it was drawn to its end, its uploaders by key, and the bytes that it holds, by file."""

    run: int = 0
    offers: dict[str, _Offer] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)


class Allowances:
    """Of all open pages of this process, by Streamlit's number of the page. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: OrderedDict[str, _Page] = OrderedDict()

    def give(self, page: str, key: str, allowance: Allowance) -> None:
        """The page draws an uploader with this key."""
        with self._lock:
            found = self._page(page)
            before = found.offers.get(key)
            found.offers[key] = _Offer(found.run, allowance, before.files if before else frozenset())

    def chosen(self, page: str, key: str, files: Iterable[str]) -> None:
        """The ids of the files in an uploader."""
        with self._lock:
            self._page(page).offers[key].files = frozenset(files)

    def finish(self, page: str) -> frozenset[str]:
        """The page was drawn to its end: what it offered before and did not now is over. A run that was broken off
        says nothing. Returns the ids of the files chosen there, which nobody needs any more."""
        with self._lock:
            found = self._page(page)
            over = [offer for offer in found.offers.values() if offer.run != found.run]
            found.offers = {key: offer for key, offer in found.offers.items() if offer.run == found.run}
            found.run += 1
            kept = frozenset[str]().union(*(offer.files for offer in found.offers.values()))
            return frozenset[str]().union(*(offer.files for offer in over)) - kept

    def reserve(self, page: str, file: str, size: int, *, stored: int) -> int:
        """Room for a file of so many bytes, where `stored` lie in memory already: 0, or the HTTP status of the refusal.

        403: nothing is offered; 413: too large; 429: too many; 503: memory is full of clients' files.
        """
        with self._lock:
            found = self._pages.get(page)
            offers = [one.allowance for one in found.offers.values() if one.allowance.may()] if found else []
            if found is None or not offers:
                return 403
            others = {name: held for name, held in found.held.items() if name != file}
            if size > max(offer.largest for offer in offers):
                return 413
            if len(others) >= sum(offer.files for offer in offers):
                return 429
            if stored + size >= PUBLIC_TOTAL and all(offer.public for offer in offers):
                return 503
            found.held = {**others, file: size}
            return 0

    def release(self, page: str, file: str) -> None:
        """The file is no longer in memory, or never arrived."""
        with self._lock:
            if found := self._pages.get(page):
                found.held.pop(file, None)

    def _page(self, page: str) -> _Page:
        found = self._pages.setdefault(page, _Page())
        self._pages.move_to_end(page)
        while len(self._pages) > _SESSIONS:
            self._pages.popitem(last=False)
        return found


allowances = Allowances()
"""Written by pages, read by the middleware."""


class Uploads:
    """The middleware. `stored`: the bytes of all files in memory."""

    def __init__(self, app: ASGIApp, stored: Callable[[], int]) -> None:
        self._app, self._stored = app, stored
        self._arriving = 0  # bytes of files that are on their way into memory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _UPLOAD.search(scope["path"]) if scope["type"] == "http" else None
        if asked is None or scope["method"] not in ("PUT", "DELETE"):
            await self._app(scope, receive, send)
            return
        page, file = asked.groups()
        size = Headers(scope=scope).get("content-length", "")
        put = scope["method"] == "PUT"
        refused = self._refusal(page, file, size) if put else 0
        if refused:
            await PlainTextResponse("", status_code=refused)(scope, receive, send)
            return
        kept, arriving = False, int(size) if put else 0

        async def watched(message: Message) -> None:
            nonlocal kept
            kept = kept or (put and message.get("status", 500) < 300)
            await send(message)

        self._arriving += arriving
        try:
            await self._app(scope, receive, watched)
        finally:
            self._arriving -= arriving
            if not kept:
                allowances.release(page, file)

    def _refusal(self, page: str, file: str, size: str) -> int:
        """A request that does not say how large it is could be of any size."""
        if not size.isascii() or not size.isdigit() or len(size) > 12:
            return 411
        return allowances.reserve(page, file, max(int(size) - FRAMING, 0), stored=self._stored() + self._arriving)

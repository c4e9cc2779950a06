"""The transport: gspread's client with time-outs, bounded retries, a quota of our own, and our errors.

What may be repeated: every read; a write only where Google surely did not apply it (429, or no connection at all). A
write whose answer is lost or broken raises OutcomeUnknown, and the commit loop asks for its marker. An answer counts
only as the JSON object that Google gives: a proxy's page of 200 or half an answer is none.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from gspread.http_client import HTTPClient
from gspread.urls import DRIVE_FILES_API_V3_URL, SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL
from gspread.urls import SPREADSHEET_VALUES_BATCH_URL as VALUES_URL
from requests import Response

from lib.errors import (
    ApiDisabled,
    BadCredentials,
    DriveFull,
    NetworkDown,
    NoAccess,
    OutcomeUnknown,
    QuotaExceeded,
    SpreadsheetMissing,
    StoreUnavailable,
)
from lib.store.sheets.api.account import ServiceAccount
from lib.store.sheets.api.answers import Refusal, Unusable, refusal_of, usable
from lib.store.sheets.api.quota import TokenBucket

_UNSENT = (requests.exceptions.ConnectTimeout, ValueError)  # a ValueError is a request that cannot be made
_REFUSED, _NOT_FOUND, _NOT_SIGNED_IN, _SERVER, _REQUEST_TIMEOUT = 403, 404, 401, 500, 408
SEARCH_URL = SPREADSHEET_URL + "/developerMetadata:search"


class Rejected(StoreUnavailable):
    """Google found something wrong with a request (400) and did nothing; `why` is its own text."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for a connection, for an answer (to a small question less), between attempts;
    and how many attempts, or how many while Google's quota is used up, which comes back within a minute.

    Whoever waits at a page waits for all of them: none begins later than `total` after the first.
    """

    connect: float = 5.0
    answer: float = 50.0
    question: float = 15.0
    attempts: int = 5
    refused: int = 9
    first: float = 0.5
    longest: float = 20.0
    total: float = 45.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def again(self, attempt: int, ends: float, asked: float | None = None) -> bool:
        """Wait after so many attempts, at least as long as the server asked for; False where that would be too long."""
        wait = max(random.uniform(0.5, 1.0) * min(self.longest, self.first * 2 ** (attempt - 1)), asked or 0.0)
        if self.clock() + wait > ends:
            return False
        self.sleep(wait)
        return True


@dataclass(frozen=True, slots=True)
class Quota:
    """Our own limits, below Google's 60 reads and 60 writes a minute for one account."""

    reads: TokenBucket = field(default_factory=lambda: TokenBucket(50, 10))
    writes: TokenBucket = field(default_factory=lambda: TokenBucket(50, 10))


class SheetsClient(HTTPClient):
    """One spreadsheet through the Sheets and Drive interfaces."""

    def __init__(
        self,
        account: ServiceAccount,
        spreadsheet_id: str,
        *,
        patience: Patience | None = None,
        quota: Quota | None = None,
    ) -> None:
        super().__init__(None, session=account.session)  # type: ignore[arg-type] # the session signs
        self.spreadsheet_id, self.email = spreadsheet_id, account.email
        self._patience, self.quota = patience or Patience(), quota or Quota()
        self.largest = 0  # bytes of the largest request sent

    def beside(self, spreadsheet_id: str) -> "SheetsClient":
        """Another spreadsheet through the same account, within the same quota."""
        account = ServiceAccount(self.session, self.email)
        return SheetsClient(account, spreadsheet_id, patience=self._patience, quota=self.quota)

    def values(self, ranges: list[str]) -> list[dict[str, Any]]:
        """Raw values of several ranges in one call: numbers as numbers, times as serial numbers."""
        params = {
            "ranges": ranges,
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
            "fields": "valueRanges.values",
        }
        found = self._read("get", VALUES_URL % self.spreadsheet_id, params=params)
        ranges_read: list[dict[str, Any]] = found.get("valueRanges", [])
        if len(ranges_read) != len(ranges):
            raise NetworkDown(f"{len(ranges_read)} ranges of {len(ranges)}")
        return ranges_read

    def metadata(self, fields: str, ranges: Sequence[str] = ()) -> dict[str, Any]:
        """The spreadsheet's properties; of its cells what `fields` names in these ranges."""
        params = {"fields": fields, **({"ranges": ranges} if ranges else {})}
        found = self._read("get", SPREADSHEET_URL % self.spreadsheet_id, params=params)
        if "sheets" in fields and not found.get("sheets"):  # no spreadsheet is without
            raise NetworkDown("an answer without a tab")
        return found

    def find_metadata(self, key: str, value: str) -> bool:
        """Whether there is developer metadata with this key and value."""
        lookup = {"developerMetadataLookup": {"metadataKey": key, "metadataValue": value}}
        found = self._read("post", SEARCH_URL % self.spreadsheet_id, body={"dataFilters": [lookup]}, brief=True)
        return bool(found.get("matchedDeveloperMetadata"))

    def version(self) -> str:
        """Grows with every change of the file; counts against Drive's quota, not that of the sheet."""
        url = f"{DRIVE_FILES_API_V3_URL}/{self.spreadsheet_id}"
        params = {"fields": "version", "supportsAllDrives": "true"}
        return str(self._ask("get", url, params=params, attempts=1, brief=True)[1].get("version", ""))

    def update(self, body: bytes, fields: str = "replies") -> dict[str, Any]:
        """One batchUpdate, sent once. Raises OutcomeUnknown where it may have been applied all the same."""
        url = SPREADSHEET_BATCH_UPDATE_URL % self.spreadsheet_id
        self.largest = max(self.largest, len(body))
        return self._ask("post", url, params={"fields": fields}, data=body, bucket=self.quota.writes, repeat=False)[1]

    def drive(self, method: str, url: str, *, params: Mapping[str, str], body: Any = None) -> dict[str, Any]:
        """One call about files. Raises OutcomeUnknown where it changes something and may have done so."""
        return usable(self.request(method, url, params=params, json=body))

    def request(
        self,
        method: str,
        endpoint: str,
        params: Any = None,
        data: bytes | None = None,
        json: Mapping[str, Any] | None = None,
        files: Any = None,
        headers: Any = None,
    ) -> Response:
        """gspread's own calls come through here too and are held to the same rules."""
        reads = method == "get"
        bucket = self.quota.reads if reads else self.quota.writes
        more = {"json": json, "files": files, "headers": headers}
        return self._ask(method, endpoint, params=params, data=data, bucket=bucket, repeat=reads, more=more)[0]

    def _read(
        self, method: str, url: str, *, params: Any = None, body: Any = None, brief: bool = False
    ) -> dict[str, Any]:
        more = {"json": body} if body is not None else None
        return self._ask(method, url, params=params, bucket=self.quota.reads, more=more, brief=brief)[1]

    def _ask(
        self,
        method: str,
        url: str,
        *,
        params: Any = None,
        data: bytes | None = None,
        bucket: TokenBucket | None = None,
        repeat: bool = True,
        more: Mapping[str, Any] | None = None,
        attempts: int | None = None,
        brief: bool = False,
    ) -> tuple[Response, dict[str, Any]]:
        """The answer, and the object in it. `brief`: a small question, answered at once or not at all."""
        extra: dict[str, Any] = {"headers": {"Content-Type": "application/json"}} if data is not None else {}
        extra |= {name: value for name, value in (more or {}).items() if value is not None}
        wait, total = (self._patience.question,) * 2 if brief else (self._patience.answer, self._patience.total)
        patience, ends = self._patience, self._patience.clock() + total
        attempt = 0
        while True:
            if bucket:
                bucket.take()
            try:
                answer = self._sent(method, url, params=params, data=data, timeout=(patience.connect, wait), **extra)
                if answer.ok:
                    return answer, usable(answer)
            except (requests.RequestException, TransportError, Unusable) as broken:
                if not repeat and _was_sent(broken):
                    raise OutcomeUnknown from broken
                attempt += 1
                out = isinstance(broken, ValueError) or attempt >= (attempts or patience.attempts)
                if out or not patience.again(attempt, ends):
                    raise NetworkDown(str(broken)) from broken
                continue
            attempt += 1
            refusal = refusal_of(answer)
            over = attempt >= (attempts or (patience.refused if refusal.passing else patience.attempts))
            if over or not _may_repeat(refusal, repeat) or not patience.again(attempt, ends, refusal.wait):
                raise self._error(refusal, repeat)

    def _sent(self, method: str, url: str, **how: Any) -> Response:
        """Raises what `requests` does, TransportError, BadCredentials and NetworkDown."""
        try:
            return self.session.request(method, url, **how)
        except RefreshError as refused:
            if refused.retryable:  # not the key is wrong, but who should look at it is out of order
                raise NetworkDown(str(refused)) from refused
            raise BadCredentials("refused", str(refused)) from refused
        except TransportError:
            raise
        except GoogleAuthError as failed:
            raise NetworkDown(str(failed)) from failed
        except (TypeError, AttributeError) as stumbled:  # google-auth about a token that is no object; nothing was sent
            raise NetworkDown(repr(stumbled)) from stumbled

    def _error(self, refusal: Refusal, repeat: bool) -> Exception:
        code, text = refusal.status, refusal.message
        if refusal.over_quota:
            return QuotaExceeded(text, refusal.wait)
        if code == _NOT_SIGNED_IN:
            return BadCredentials("refused", text)
        if refusal.api_disabled:
            return ApiDisabled(text)
        if refusal.no_room:
            return DriveFull(self.email, text)
        if code == _REFUSED:
            return NoAccess(self.email, text)
        if code == _NOT_FOUND:
            return SpreadsheetMissing(self.spreadsheet_id)
        if code >= _SERVER or code == _REQUEST_TIMEOUT:
            return NetworkDown(f"{code} {text}", refusal.wait) if repeat else OutcomeUnknown(f"{code} {text}")
        return Rejected(text)


def _was_sent(broken: Exception) -> bool:
    """Whether the request may have reached the server; not where there was no connection to begin with."""
    if isinstance(broken, (*_UNSENT, TransportError)):
        return False
    reason = getattr(broken.args[0], "reason", None) if broken.args else None
    return type(reason).__name__ not in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")


def _may_repeat(refusal: Refusal, repeat: bool) -> bool:
    broken = refusal.status >= _SERVER or refusal.status == _REQUEST_TIMEOUT
    return refusal.passing or (repeat and broken)

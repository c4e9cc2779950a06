"""What Google answers, taken apart: the object of an answer that is one, and why a request was refused."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
from requests import Response

from lib.store.snapshot.gc_pause import undisturbed

_TOO_MANY, _FORBIDDEN, _NO_CONTENT = 429, 403, 204
_SHOWN = 200  # characters of an answer that nobody understands
_PASSING = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_LASTING = frozenset({"dailyLimitExceeded", "sharingRateLimitExceeded", "quotaExceeded"})
_DISABLED = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_FULL = frozenset({"storageQuotaExceeded", "teamDriveFileLimitExceeded", "numChildrenInNonRootLimitExceeded"})
"""Reasons, as `error.errors` and `error.details` have them. Drive's domain `usageLimits` says nothing: an interface
that is not enabled is of it too."""


class Unusable(Exception):
    """An answer of success that is not what was asked for: cut off, or not by Google."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why Google refused. `wait`: for so many seconds, where it says so."""

    status: int
    message: str
    reasons: frozenset[str]
    wait: float | None

    @property
    def passing(self) -> bool:
        """Whether it is over within a minute."""
        return self.status == _TOO_MANY or (self.status == _FORBIDDEN and not self.reasons.isdisjoint(_PASSING))

    @property
    def over_quota(self) -> bool:
        return self.passing or (self.status == _FORBIDDEN and not self.reasons.isdisjoint(_LASTING))

    @property
    def api_disabled(self) -> bool:
        return self.status == _FORBIDDEN and not self.reasons.isdisjoint(_DISABLED)

    @property
    def no_room(self) -> bool:
        return self.status == _FORBIDDEN and not self.reasons.isdisjoint(_FULL)


def usable(answer: Response) -> dict[str, Any]:
    """The object in an answer of success. Raises Unusable."""
    if answer.status_code == _NO_CONTENT:
        return {}
    try:
        with undisturbed():
            found = _parsed(answer.content)
    except (ValueError, RecursionError) as cut:
        raise Unusable(f"{answer.status_code}: {cut}") from cut
    if not isinstance(found, dict) or "error" in found:
        raise Unusable(f"{answer.status_code}: {answer.text[:_SHOWN]}")
    return found


def refusal_of(answer: Response) -> Refusal:
    """Of an answer that says no, in whatever form."""
    error = _error_in(answer)
    message = str(error.get("message") or answer.text[:_SHOWN])
    return Refusal(answer.status_code, message, frozenset(_reasons(error)), _retry_after(answer))


def _parsed(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except ValueError:
        return json.loads(content)  # takes half a surrogate pair, which a cell may hold


def _error_in(answer: Response) -> Mapping[str, Any]:
    try:
        found = _parsed(answer.content)
    except (ValueError, RecursionError):
        return {}
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, dict) else {}


def _reasons(error: Mapping[str, Any]) -> Iterator[str]:
    for name in ("errors", "details"):
        items = error.get(name)
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and isinstance(item.get("reason"), str):
                yield item["reason"]


def _retry_after(answer: Response) -> float | None:
    """Seconds, however the header says it."""
    asked = answer.headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        at = parsedate_to_datetime(asked)
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - time.time())

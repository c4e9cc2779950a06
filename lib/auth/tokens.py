"""Signed, expiring tokens for links and cookies. Signed, not secret: whoever holds one can read it."""

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from lib.domain.time.skew import is_ahead
from lib.errors import ConfigError

SECRET_BYTES: Final = 32
_LONGEST_TOKEN: Final = 4096


class TokenPurpose(StrEnum):
    """A token made for one purpose is not valid for another."""

    SESSION = "session"
    HANDOFF = "handoff"
    SURVEY = "survey"
    TRACKING = "tracking"
    PRINT = "print"


_LASTING: Final = frozenset({TokenPurpose.SURVEY, TokenPurpose.TRACKING})
"""Links that are valid for weeks and years, where a day more or less does not matter for security."""


class TokenError(ValueError):
    """The token cannot be used."""


class BadToken(TokenError):
    """Not made by this workspace for this purpose, or damaged."""


class ExpiredToken(TokenError):
    """Genuine, but expired."""

    def __init__(self, issued_at: datetime) -> None:
        super().__init__(f"issued at {issued_at.isoformat()}")
        self.issued_at = issued_at


class _SignerAt(TimestampSigner):
    """Stamps a given time (seconds since 1970) in place of the clock's."""

    def __init__(self, *args: Any, at: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at = at

    def get_timestamp(self) -> int:
        return self._at


def in_link(text: str) -> str:
    """The token at the beginning of what an app made of a link: a full stop or a bracket that stood behind it in the
    message (。)，) is often glued to it."""
    found = re.match(r"[A-Za-z0-9_.-]*", text.strip())
    return found[0].rstrip(".") if found else ""


class Signer:
    """Signs with HMAC-SHA256 under a key of its own for each purpose. Times are kept to the second."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SECRET_BYTES:
            raise ValueError(f"a signing secret needs at least {SECRET_BYTES} bytes")
        self._secret = secret

    def sign(self, purpose: TokenPurpose, payload: Mapping[str, Any], *, now: datetime | None = None) -> str:
        """URL-safe text. The payload must be JSON data."""
        return str(self._serializer(purpose, now or datetime.now(UTC)).dumps(dict(payload)))

    def read(
        self, purpose: TokenPurpose, token: str, max_age: timedelta, *, now: datetime | None = None
    ) -> dict[str, Any]:
        """The payload. Raises BadToken, or ExpiredToken where it is older than `max_age`."""
        return self.read_with_time(purpose, token, max_age, now=now)[0]

    def read_with_time(
        self, purpose: TokenPurpose, token: str, max_age: timedelta, *, now: datetime | None = None
    ) -> tuple[dict[str, Any], datetime]:
        """The payload and when it was signed."""
        now = now or datetime.now(UTC)
        payload, issued_at = self._open(purpose, token, now)
        if is_ahead(issued_at, now):
            if purpose not in _LASTING:
                raise BadToken("issued in the future")
            return payload, now  # genuine all the same; clients cannot wait until the clock is right
        if now - issued_at > max_age:
            raise ExpiredToken(issued_at)
        return payload, issued_at

    def _open(self, purpose: TokenPurpose, token: str, now: datetime) -> tuple[dict[str, Any], datetime]:
        if len(token) > _LONGEST_TOKEN or not token.isascii():
            raise BadToken("not a token")
        try:
            payload, issued_at = self._serializer(purpose, now).loads(token, return_timestamp=True)
        except BadData as error:
            raise BadToken("wrong signature or damaged") from error
        if not isinstance(payload, dict):
            raise BadToken("not a payload")
        return payload, issued_at

    def _serializer(self, purpose: TokenPurpose, at: datetime) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            self._secret,
            salt=f"casesheet.{purpose}".encode(),
            signer=_SignerAt,
            signer_kwargs={
                "at": int(at.timestamp()),
                "digest_method": hashlib.sha256,
                "key_derivation": "hmac",
            },
        )


def load_secret(path: Path, configured: str | None = None) -> bytes:
    """The configured secret, or else the one in the file, which is made on first use for its owner alone.

    Raises ConfigError where either is too short to be safe, or the file can be neither read nor made.
    """
    if configured:
        return _long_enough(configured.encode("utf-8"), "settings")
    try:
        if not path.exists():
            _create_secret(path)
        kept = path.read_bytes()
    except OSError as failed:
        raise ConfigError("app.toml", "secret_file", f"{path}: {failed.strerror}") from failed
    return _long_enough(kept, str(path))


def _long_enough(secret: bytes, where: str) -> bytes:
    if len(secret) < SECRET_BYTES:
        raise ConfigError(where, "secret", f"needs at least {SECRET_BYTES} bytes")
    return secret


def _create_secret(path: Path) -> None:
    # Written aside and then linked: two processes that start together end up with the same, complete file.
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp gives mode 0600
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(part)
    except FileExistsError:
        return  # the other process was first
    finally:
        part.unlink()

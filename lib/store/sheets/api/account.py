"""Who we are at Google: a service account, or a fixed token on a loopback server.

The service account's key is looked for in `[gcp_service_account]` of .streamlit/secrets.toml, then in the file that
GOOGLE_APPLICATION_CREDENTIALS names.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.service_account import Credentials
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter

from lib.errors import BadCredentials, StoreUnavailable

SCOPES = ("https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive")
GOOGLE = ("https://sheets.googleapis.com", "https://www.googleapis.com")
VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
SECTION = "gcp_service_account"


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A session that signs its requests, and the address that a spreadsheet must be shared with."""

    session: Session
    email: str


def open_account(secrets: Path, endpoint: str = "") -> ServiceAccount:
    """The service account, or the loopback server's where `endpoint` names one. Raises BadCredentials."""
    if endpoint:
        return _on_loopback(endpoint)
    return _signed(_key(secrets))


def open_key(key: Path, endpoint: str = "") -> ServiceAccount:
    """The service account whose key (JSON) is in this file, on the loopback server where `endpoint` names one. Raises
    BadCredentials."""
    account = _signed(_in_file(key))
    if endpoint:
        _redirect(account.session, endpoint)
    return account


def _signed(key: Mapping[str, Any]) -> ServiceAccount:
    try:
        credentials = Credentials.from_service_account_info(key, scopes=SCOPES)  # type: ignore[no-untyped-call]
    except (ValueError, GoogleAuthError) as wrong:
        raise BadCredentials("invalid", str(wrong)) from wrong
    session = AuthorizedSession(credentials, refresh_timeout=20)  # type: ignore[no-untyped-call]
    return ServiceAccount(session, str(credentials.service_account_email))


def _key(secrets: Path) -> Mapping[str, Any]:
    try:
        if secrets.exists():
            found = tomllib.loads(secrets.read_text("utf-8")).get(SECTION)
            if isinstance(found, dict):
                return found
        named = os.environ.get(VARIABLE)
        if not named:
            raise BadCredentials("missing", f"[{SECTION}] / {VARIABLE}")
    except (OSError, ValueError) as unreadable:
        raise BadCredentials("invalid", str(unreadable)) from unreadable
    return _in_file(Path(named))


def _in_file(key: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(key.read_text("utf-8"))
    except (OSError, ValueError) as unreadable:
        raise BadCredentials("invalid", str(unreadable)) from unreadable
    if not isinstance(content, dict):
        raise BadCredentials("invalid", key.name)
    return content


def _on_loopback(endpoint: str) -> ServiceAccount:
    session = Session()
    session.headers["Authorization"] = "Bearer app"
    _redirect(session, endpoint)
    return ServiceAccount(session, "app@loopback.test")


def _redirect(session: Session, endpoint: str) -> None:
    if not _is_loopback(endpoint):
        raise StoreUnavailable(f"CASESHEET_GOOGLE_ENDPOINT must be a loopback address, not {endpoint}")
    session.trust_env = False  # no proxy between here and here
    for host in GOOGLE:
        session.mount(host, _Redirected(endpoint.rstrip("/"), host))


def _is_loopback(endpoint: str) -> bool:
    try:
        parts = urlsplit(endpoint)
        host = parts.hostname or ""
        return parts.scheme == "http" and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


class _Redirected(HTTPAdapter):
    """Sends to the loopback server what is meant for Google."""

    def __init__(self, endpoint: str, host: str) -> None:
        super().__init__()
        self._endpoint, self._host = endpoint, host

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        request.url = self._endpoint + (request.url or "").removeprefix(self._host)
        return super().send(request, *args, **kwargs)

"""Whatever Google, a proxy or a cut line answers to whichever call is told once, as an error of ours."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from google.auth.exceptions import GoogleAuthError
from requests.adapters import BaseAdapter

from lib import errors
from lib.store.commit.batch import create, edit
from lib.store.commit.loop import Committer
from lib.store.sheets.api import drive
from lib.store.sheets.api.account import ServiceAccount, open_account
from lib.store.sheets.api.client import Patience, SheetsClient
from lib.store.sheets.model.layout import Layout, Sheet
from lib.store.sheets.selfcheck import selfcheck
from lib.store.sheets.setup.inspect import read_present
from lib.store.sheets.store import SheetsStore
from tests.store.sheets.support import APP, QUICK, TAB, Sheets, unlimited
from tests.store.sheets.write.test_errors import secrets
from tests.store.support import a_case, batch, case, committer

Call = Callable[[SheetsClient], Any]
READS: Mapping[str, Call] = {
    "values": lambda client: client.values(["A1:B2", "C1"]),
    "metadata": lambda client: client.metadata("properties.timeZone,sheets.properties"),
    "cells": lambda client: client.metadata("sheets.data", ["A1"]),
    "find_metadata": lambda client: client.find_metadata("key", "value"),
    "version": lambda client: client.version(),
    "not_shared": lambda client: drive.not_shared(client, ["li@example.com"]),
    "present": lambda client: read_present(client, Layout({"cases": Sheet(TAB, 20, 5)}), {}),
    "gspread": lambda client: client.fetch_sheet_metadata("1abc"),
}
CHANGES: Mapping[str, Call] = {
    "update": lambda client: client.update(b"{}"),
    "create": lambda client: drive.create(client, "x", time_zone="UTC", language="en"),
    "share": lambda client: drive.share(client, "li@example.com"),
    "selfcheck": lambda client: selfcheck.run(client, wait=0, sleep=lambda _: None),
}
CALLS = {**READS, **CHANGES}
NOTHING_USABLE = {
    "empty": b"",
    "cut": b'{"valueRanges": [{"values": [[1',
    "page": b"<!DOCTYPE html><title>Sign in</title>",
    "list": b"[]",
    "null": b"null",
    "text": b'"ok"',
    "number": b"1",
    "deep": b"[" * 100_000,
    "not utf-8": b'{"replies": "\xff\xfe"}',
    "error as 200": b'{"error": {"code": 503, "message": "later"}}',
}
ERROR_BODIES = {**NOTHING_USABLE, "odd error": b'{"error": [1]}', "odder": b'{"error": {"errors": 7, "details": [3]}}'}
STATUSES = (300, 302, 400, 401, 403, 404, 408, 409, 413, 418, 429, 500, 502, 503, 504)


class Canned(BaseAdapter):
    """Answers every request alike; counts them."""

    def __init__(self, answer: requests.Response | Exception) -> None:
        super().__init__()
        self.answer, self.asked = answer, 0

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        self.answer.request, self.answer.url = request, str(request.url)
        return self.answer

    def close(self) -> None:
        return None


def answering(status: int, body: bytes, **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code, made._content, made.raw = status, body, None
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


def at(answer: requests.Response | Exception, patience: Patience = QUICK) -> tuple[SheetsClient, Canned]:
    canned, session = Canned(answer), requests.Session()
    session.mount("https://", canned)
    return SheetsClient(ServiceAccount(session, APP), "1abc", patience=patience, quota=unlimited()), canned


def refused(reason: str, domain: str = "usageLimits") -> bytes:
    """As Drive words it."""
    told = {"domain": domain, "reason": reason, "message": "hidden"}
    return json.dumps({"error": {"errors": [told], "code": 403, "message": "hidden"}}).encode()


every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.mark.trial(39)
@every_call
@pytest.mark.parametrize("body", NOTHING_USABLE.values(), ids=NOTHING_USABLE)
def test_a_success_that_is_none(call: Call, body: bytes) -> None:
    client, _ = at(answering(200, body))
    with pytest.raises((errors.NetworkDown, errors.OutcomeUnknown)):
        call(client)


@pytest.mark.trial(39)
@pytest.mark.parametrize("call", [CALLS[name] for name in ("values", "metadata", "cells", "create", "gspread")])
def test_an_object_that_lacks_what_was_asked_for(call: Call) -> None:
    client, _ = at(answering(200, b"{}"))
    if call is CALLS["gspread"]:
        assert call(client) == {}
        return
    with pytest.raises((errors.NetworkDown, errors.OutcomeUnknown)):
        call(client)


@pytest.mark.trial(39)
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("body", ERROR_BODIES.values(), ids=ERROR_BODIES)
def test_no_refusal_is_foreign(status: int, body: bytes) -> None:
    for call in CALLS.values():
        client, _ = at(answering(status, body, Retry_After="²"))
        with pytest.raises(errors.StoreError):
            call(client)


@pytest.mark.trial(39)
@every_call
@pytest.mark.parametrize(
    "broken",
    [
        requests.exceptions.ContentDecodingError("not gzip"),
        requests.exceptions.ChunkedEncodingError("cut"),
        requests.TooManyRedirects("round and round"),
        requests.exceptions.SSLError("whose certificate?"),
        requests.exceptions.ProxyError("no way out"),
        requests.ReadTimeout("silent"),
        requests.exceptions.InvalidURL("where to?"),
        GoogleAuthError("odd"),
        TypeError("string indices must be integers"),
    ],
    ids=lambda broken: type(broken).__name__,
)
def test_no_broken_line_is_foreign(call: Call, broken: Exception) -> None:
    client, _ = at(broken)
    with pytest.raises((errors.NetworkDown, errors.OutcomeUnknown)):
        call(client)


@pytest.mark.trial(39)
@pytest.mark.parametrize("broken", ["cut", "empty", "page", "gzip", "redirects"])
def test_a_change_whose_answer_is_broken_may_have_been_made(broken: str) -> None:
    kinds: dict[str, requests.Response | Exception] = {
        "gzip": requests.exceptions.ContentDecodingError("not gzip"),
        "redirects": requests.TooManyRedirects("round and round"),
    }
    for name in ("update", "create", "share"):
        client, canned = at(kinds.get(broken) or answering(200, NOTHING_USABLE[broken]))
        with pytest.raises(errors.OutcomeUnknown):
            CALLS[name](client)
        assert canned.asked == 1, "and is not made again"


@pytest.mark.trial(39)
@pytest.mark.parametrize("reason", ["accessNotConfigured", "storageQuotaExceeded", "insufficientFilePermissions"])
def test_what_no_waiting_mends_is_told_at_once(reason: str) -> None:
    kinds = {"accessNotConfigured": errors.ApiDisabled, "storageQuotaExceeded": errors.DriveFull}
    for name in ("version", "not_shared", "create", "share", "update", "values"):
        client, canned = at(answering(403, refused(reason)))
        with pytest.raises(errors.StoreUnavailable) as raised:
            CALLS[name](client)
        assert type(raised.value) is kinds.get(reason, errors.NoAccess)
        assert canned.asked == 1


@pytest.mark.trial(39)
def test_an_interface_of_sheets_that_is_not_enabled_is_no_sharing() -> None:
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}
    body = {"error": {"code": 403, "message": "has not been used", "status": "PERMISSION_DENIED", "details": [detail]}}
    client, _ = at(answering(403, json.dumps(body).encode()))
    with pytest.raises(errors.ApiDisabled):
        client.values(["A1"])


@pytest.mark.parametrize(("reason", "asked"), [("userRateLimitExceeded", 9), ("dailyLimitExceeded", 1)])
@pytest.mark.trial(39)
def test_a_quota_of_drive_is_waited_for_only_where_it_comes_back(reason: str, asked: int) -> None:
    client, canned = at(answering(403, refused(reason)))
    with pytest.raises(errors.QuotaExceeded):
        drive.share(client, "li@example.com")
    assert canned.asked == asked


@pytest.mark.trial(39)
@pytest.mark.parametrize("status", [429, 503])
def test_a_long_wait_is_told_instead_of_waited(status: int) -> None:
    client, canned = at(answering(status, b"{}", Retry_After="120"))
    with pytest.raises((errors.QuotaExceeded, errors.NetworkDown)) as raised:
        client.values(["A1"])
    assert (getattr(raised.value, "wait", None), canned.asked) == (120.0, 1)


@pytest.mark.parametrize(
    "header", ["²", "soon", "", "9" * 400, "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00"]
)
@pytest.mark.trial(39)
def test_whatever_retry_after_says(header: str) -> None:
    client, _ = at(answering(429, b"{}", Retry_After=header))
    with pytest.raises(errors.QuotaExceeded):
        client.values(["A1"])


@pytest.mark.trial(39)
@pytest.mark.parametrize("token", ["[]", '"x"', "null", "7", "<html>", "", '{"token": 1}'])
def test_a_token_that_is_none(sheets: Sheets, tmp_path: Path, token: str) -> None:
    account = open_account(secrets(tmp_path, f"{sheets.server.url}/token"))
    sheets.server.fault(path="/token", body=token, times=99)
    with pytest.raises((errors.NetworkDown, errors.BadCredentials)):
        SheetsClient(account, sheets.id, patience=QUICK, quota=unlimited()).metadata("sheets")


@pytest.fixture
def app(store: SheetsStore) -> Committer:
    made = committer(store)
    made.commit(batch(create(a_case())))
    return made


@pytest.mark.trial(39)
@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"replies": [{'])
def test_a_save_whose_answer_is_cut_is_found_by_its_marker(sheets: Sheets, app: Committer, body: str) -> None:
    sheets.server.fault(method="POST", path=":batchUpdate", body=body, when="after")
    app.commit(batch(edit(case(app, 1), {"title": "x"})))
    assert [row["title"] for row in sheets.open().pull(None).rows["cases"]] == ["x"]


@pytest.mark.trial(39)
@pytest.mark.parametrize("times", [1, 99])
def test_a_read_is_tried_again_before_it_is_told(sheets: Sheets, app: Committer, times: int) -> None:
    sheets.manager.set_cell(TAB, 2, "标题", "x")
    sheets.server.fault(method="GET", path="/v4/", body="<html>", times=times)
    if times == 1:
        assert app.refresh()
        return
    with pytest.raises(errors.NetworkDown):
        app.refresh()

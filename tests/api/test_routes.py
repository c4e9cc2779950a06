"""The HTTP routes: the hand-over of a session to the browser's cookie, its end, and the health check."""

import json
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from starlette.applications import Starlette

from lib import running
from lib.api.routes import routes
from lib.auth.sessions import COOKIE
from lib.domain.people import Staff
from lib.errors import StoreUnavailable
from lib.jobs.refresher import Refresher
from lib.services import accounts
from lib.services.desk import Desk
from lib.store.port import Pull


@dataclass
class Answer:
    status_code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Client:
    """Sends requests to the routes without a network."""

    app: Starlette

    def request(self, method: str, url: str, headers: dict[str, str] | None = None) -> Answer:
        parts = urlsplit(url)
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": parts.path,
            "root_path": "",
            "query_string": parts.query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        }
        answer = Answer()

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            answer.status_code = message.get("status", answer.status_code)
            answer.headers |= {name.decode(): value.decode() for name, value in message.get("headers", ())}
            answer.body += message.get("body", b"")

        anyio.run(self.app, scope, receive, send)
        return answer

    def get(self, url: str) -> Answer:
        return self.request("GET", url)

    def post(self, url: str, headers: dict[str, str] | None = None) -> Answer:
        return self.request("POST", url, headers)


@pytest.fixture
def browser(desk: Desk) -> Client:
    running.use(desk)
    return Client(Starlette(routes=routes()))


def hand_over(desk: Desk) -> tuple[str, str]:
    """A session on its way to the browser, and the code for it."""
    session = accounts.session_cookie(desk, desk.snapshot[Staff]["manager"])
    return session, running.handoff.create(session, "/")


def test_the_cookie_is_out_of_reach_of_scripts_and_the_code_works_once(desk: Desk, browser: Client) -> None:
    session, code = hand_over(desk)
    answer = browser.post(f"/auth/keep?code={code}")
    assert answer.status_code == 204
    head = answer.headers["set-cookie"]
    assert head.startswith(f"{COOKIE}={session};")
    assert "HttpOnly" in head
    assert "SameSite=lax" in head
    assert "Path=/" in head
    assert f"Max-Age={int(accounts.SESSION_AGE.total_seconds())}" in head
    assert browser.post(f"/auth/keep?code={code}").status_code == 410


def test_behind_https_the_cookie_never_travels_in_clear(desk: Desk, browser: Client) -> None:
    plain = browser.post(f"/auth/keep?code={hand_over(desk)[1]}")
    proxied = browser.post(f"/auth/keep?code={hand_over(desk)[1]}", headers={"x-forwarded-proto": "https"})
    assert "Secure" not in plain.headers["set-cookie"]
    assert "Secure" in proxied.headers["set-cookie"]


@pytest.mark.parametrize("query", ["", "?code=", "?code=guessed"])
def test_a_guessed_code_sets_nothing(browser: Client, query: str) -> None:
    answer = browser.post(f"/auth/keep{query}")
    assert answer.status_code == 410
    assert "set-cookie" not in answer.headers


def test_a_link_cannot_use_up_a_code(desk: Desk, browser: Client) -> None:
    _, code = hand_over(desk)
    assert browser.get(f"/auth/keep?code={code}").status_code == 405
    assert browser.post(f"/auth/keep?code={code}").status_code == 204


def test_the_end_of_a_session_takes_the_cookie_and_leads_to_the_front_door(browser: Client) -> None:
    answer = browser.get("/auth/end")
    assert answer.status_code == 303
    assert answer.headers["location"] == "../"
    assert answer.headers["set-cookie"].startswith(f'{COOKIE}="";')
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_health_says_that_the_store_answers_and_nothing_of_the_data(
    desk: Desk, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "presence", running.Presence(clock=lambda: 0.0))
    answer = browser.get("/api/health")
    assert answer.status_code == 200
    assert json.loads(answer.body) == {"status": "ok", "seq": desk.snapshot.seq, "age": 0}


@pytest.mark.trial(47)
def test_health_is_bad_after_a_refresh_that_failed_and_says_how_old_the_last_good_one_is(
    desk: Desk, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    presence = running.Presence(clock=lambda: now)
    monkeypatch.setattr(running, "presence", presence)

    def fault(_: int | None) -> Pull:
        raise KeyError("notices")

    monkeypatch.setattr(desk.store, "pull", fault)
    now += 42
    Refresher(desk).once()
    answer = browser.get("/api/health")
    assert answer.status_code == 503
    assert json.loads(answer.body) == {"status": "stale", "seq": desk.snapshot.seq, "age": 42}


def test_health_without_a_store_neither_waits_nor_tells_why(
    browser: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def silent() -> Desk:
        raise StoreUnavailable(f"{tmp_path}: secret detail")

    monkeypatch.setattr(running, "_open", [])
    monkeypatch.setattr(running, "open_desk", silent)
    answer = browser.get("/api/health")
    assert answer.status_code == 503
    assert json.loads(answer.body) == {"status": "down"}


@pytest.mark.parametrize("base", ["desk", "/desk/"])
def test_below_a_path_the_routes_are_where_the_pages_look_for_them(desk: Desk, base: str) -> None:
    running.use(desk)
    browser = Client(Starlette(routes=routes(base)))
    assert browser.post(f"/desk/auth/keep?code={hand_over(desk)[1]}").status_code == 204
    assert browser.get("/desk/api/health").status_code == 200
    assert browser.get("/api/health").status_code == 404

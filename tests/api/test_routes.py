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

from lib.api.routes import routes
from lib.app import process
from lib.auth.handoff import code_for
from lib.auth.sessions import COOKIE
from lib.desk.desk import Desk
from lib.domain.records.people import Staff
from lib.errors import StoreUnavailable
from lib.jobs.refresher import Refresher
from lib.services.people import sessions
from lib.store.port import Pull
from tests.support import Clock, open_workspace


@dataclass
class Answer:
    status_code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Client:
    """Sends requests to the routes without a network."""

    app: Starlette

    def request(self, method: str, url: str, headers: dict[str, str] | None = None, body: str = "") -> Answer:
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
            return {"type": "http.request", "body": body.encode(), "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            answer.status_code = message.get("status", answer.status_code)
            answer.headers |= {name.decode(): value.decode() for name, value in message.get("headers", ())}
            answer.body += message.get("body", b"")

        anyio.run(self.app, scope, receive, send)
        return answer

    def get(self, url: str) -> Answer:
        return self.request("GET", url)

    def post(self, url: str, headers: dict[str, str] | None = None, body: str = "") -> Answer:
        return self.request("POST", url, headers, body)


@pytest.fixture
def browser(desk: Desk) -> Client:
    process.use(desk)
    return Client(Starlette(routes=routes()))


OWN = {"host": "desk.example.cn", "origin": "https://desk.example.cn"}


def hand_over(desk: Desk) -> tuple[str, str]:
    """A session on its way to the browser: its cookie, and the code for it."""
    session = sessions.begin(desk, desk.snapshot[Staff]["manager"])
    return sessions.cookie_of(desk, session), code_for(desk.signer, session, desk.now())


def test_the_cookie_is_out_of_reach_of_scripts_and_the_code_works_once(desk: Desk, browser: Client) -> None:
    cookie, code = hand_over(desk)
    answer = browser.post("/auth/keep", OWN, code)
    assert answer.status_code == 204
    head = answer.headers["set-cookie"]
    assert head.startswith(f"{COOKIE}={cookie};")
    assert "HttpOnly" in head
    assert "SameSite=lax" in head
    assert "Path=/" in head
    assert f"Max-Age={int(sessions.SESSION_AGE.total_seconds())}" in head
    assert browser.post("/auth/keep", OWN, code).status_code == 410


def test_behind_https_the_cookie_never_travels_in_clear(desk: Desk, browser: Client) -> None:
    plain = browser.post("/auth/keep", OWN, hand_over(desk)[1])
    proxied = browser.post("/auth/keep", {**OWN, "x-forwarded-proto": "https"}, hand_over(desk)[1])
    assert "Secure" not in plain.headers["set-cookie"]
    assert "Secure" in proxied.headers["set-cookie"]


@pytest.mark.parametrize("code", ["", "guessed", "漏水", "a" * 9000])
def test_a_guessed_code_sets_nothing(browser: Client, code: str) -> None:
    answer = browser.post("/auth/keep", OWN, code)
    assert answer.status_code == 410
    assert "set-cookie" not in answer.headers


def test_a_link_cannot_use_up_a_code(desk: Desk, browser: Client) -> None:
    _, code = hand_over(desk)
    assert browser.get(f"/auth/keep?code={code}").status_code == 405
    assert browser.post("/auth/keep", OWN, code).status_code == 204


@pytest.mark.trial(20)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "https://desk.example.cn.evil.example"])
@pytest.mark.parametrize("path", ["/auth/keep", "/auth/end"])
def test_another_site_signs_nobody_in_or_out(desk: Desk, browser: Client, origin: str, path: str) -> None:
    cookie, code = hand_over(desk)
    answer = browser.post(path, {**OWN, "origin": origin, "cookie": f"{COOKIE}={cookie}"}, code)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert stands(desk, cookie)
    assert browser.post("/auth/keep", OWN, code).status_code == 204


@pytest.mark.trial(20)
def test_behind_a_proxy_that_calls_us_otherwise_our_pages_are_known_by_the_name_outside(
    desk: Desk, browser: Client
) -> None:
    inside = {**OWN, "host": "127.0.0.1:8501"}
    assert browser.post("/auth/keep", inside, hand_over(desk)[1]).status_code == 403
    told = {**inside, "x-forwarded-host": "desk.example.cn"}
    assert browser.post("/auth/keep", told, hand_over(desk)[1]).status_code == 204
    public = desk.settings.model_copy(update={"public_url": "https://desk.example.cn/"})
    object.__setattr__(desk, "settings", public)
    assert browser.post("/auth/keep", inside, hand_over(desk)[1]).status_code == 204


@pytest.mark.trial(50)
def test_another_server_of_the_same_workspace_takes_the_code(desk: Desk, tmp_path: Path, clock: Clock) -> None:
    cookie, code = hand_over(desk)
    other = open_workspace(tmp_path, clock)
    process.use(other)
    answer = Client(Starlette(routes=routes())).post("/auth/keep", OWN, code)
    other.store.close()
    assert answer.status_code == 204
    assert answer.headers["set-cookie"].startswith(f"{COOKIE}={cookie};")


@pytest.mark.trial(50)
def test_a_session_that_has_ended_meanwhile_gets_no_cookie(desk: Desk, browser: Client) -> None:
    cookie, code = hand_over(desk)
    found = sessions.by_cookie(desk, cookie)
    assert found
    sessions.end(desk, found)
    assert browser.post("/auth/keep", OWN, code).status_code == 410


@pytest.mark.trial(50)
def test_below_a_path_the_cookie_is_sent_only_there(desk: Desk) -> None:
    process.use(desk)
    browser = Client(Starlette(routes=routes("/desk/")))
    assert "Path=/desk;" in browser.post("/desk/auth/keep", OWN, hand_over(desk)[1]).headers["set-cookie"] + ";"


def stands(desk: Desk, cookie: str) -> bool:
    found = sessions.by_cookie(desk, cookie)
    return found is not None and sessions.bearer(desk, found) is not None


@pytest.mark.trial(19)
def test_the_end_of_a_session_takes_the_cookie_and_what_it_opened(desk: Desk, browser: Client) -> None:
    cookie, _ = hand_over(desk)
    answer = browser.post("/auth/end", {**OWN, "cookie": f"{COOKIE}={cookie}"})
    assert answer.status_code == 204
    assert answer.headers["set-cookie"].startswith(f'{COOKIE}="";')
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert not stands(desk, cookie)


@pytest.mark.trial(20)
def test_a_link_signs_nobody_out(desk: Desk, browser: Client) -> None:
    assert browser.get("/auth/end").status_code == 405


def test_whoever_is_not_signed_in_writes_nothing_by_signing_out(desk: Desk, browser: Client) -> None:
    before = desk.snapshot.seq
    for cookie in ("", f"{COOKIE}=forged"):
        assert browser.post("/auth/end", {**OWN, "cookie": cookie}).status_code == 204
    assert desk.snapshot.seq == before


def test_health_says_that_the_store_answers_and_nothing_of_the_data(
    desk: Desk, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "presence", process.Presence(clock=lambda: 0.0))
    answer = browser.get("/api/health")
    assert answer.status_code == 200
    assert json.loads(answer.body) == {"status": "ok", "seq": desk.snapshot.seq, "age": 0}


@pytest.mark.trial(47)
def test_health_is_bad_after_a_refresh_that_failed_and_says_how_old_the_last_good_one_is(
    desk: Desk, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    presence = process.Presence(clock=lambda: now)
    monkeypatch.setattr(process, "presence", presence)

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

    monkeypatch.setattr(process, "_open", [])
    monkeypatch.setattr(process, "open_desk", silent)
    answer = browser.get("/api/health")
    assert answer.status_code == 503
    assert json.loads(answer.body) == {"status": "down"}


@pytest.mark.parametrize("base", ["desk", "/desk/"])
def test_below_a_path_the_routes_are_where_the_pages_look_for_them(desk: Desk, base: str) -> None:
    process.use(desk)
    browser = Client(Starlette(routes=routes(base)))
    assert browser.post("/desk/auth/keep", OWN, hand_over(desk)[1]).status_code == 204
    assert browser.get("/desk/api/health").status_code == 200
    assert browser.get("/api/health").status_code == 404

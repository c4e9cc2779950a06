import threading
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from lib.auth.sessions import (
    COOKIE,
    Handed,
    Handoff,
    Session,
    cookie_attributes,
    issue,
    read,
    safe_next,
)
from lib.auth.tokens import SECRET_BYTES, BadToken, ExpiredToken, Purpose, Signer

SIGNER = Signer(b"s" * SECRET_BYTES)
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
WEEK = timedelta(days=7)


def test_session_round_trip() -> None:
    cookie = issue(SIGNER, "S-0001", 3, NOW)
    assert read(SIGNER, cookie, WEEK, now=NOW + WEEK) == Session("S-0001", 3, NOW)
    with pytest.raises(ExpiredToken):
        read(SIGNER, cookie, WEEK, now=NOW + WEEK + timedelta(seconds=1))


@pytest.mark.parametrize("payload", [{}, {"staff": "S-1"}, {"staff": 1, "epoch": 1}, {"staff": "S-1", "epoch": "1"}])
def test_signed_but_not_a_session(payload: dict[str, object]) -> None:
    with pytest.raises(BadToken):
        read(SIGNER, SIGNER.sign(Purpose.SESSION, payload, now=NOW), WEEK, now=NOW)


def test_a_survey_link_is_no_session() -> None:
    token = SIGNER.sign(Purpose.SURVEY, {"staff": "S-1", "epoch": 1}, now=NOW)
    with pytest.raises(BadToken):
        read(SIGNER, token, WEEK, now=NOW)


@pytest.mark.parametrize("https", [True, False])
def test_cookie_as_sent(https: bool) -> None:
    response = Response()
    response.set_cookie(value=issue(SIGNER, "S-1", 1, NOW), **cookie_attributes(https=https, max_age=WEEK))
    cookie = SimpleCookie(response.headers["set-cookie"])[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert (bool(cookie["secure"]), cookie["max-age"]) == (https, "604800")
    assert read(SIGNER, cookie.value, WEEK, now=NOW).staff_id == "S-1"


@pytest.mark.parametrize("path", ["/", "/case?no=TS-2026-000001", "/cases?q=漏水&stage=open#top", "/a/b", "/?next=//x"])
def test_own_paths_are_kept(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "case",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\\b",
        "http://evil.example/",
        "http:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "/case\r\nSet-Cookie: a=b",
        "/\x00",
        "/a//evil.example",
        "/..//evil.example",
        " /case",
        "/\u202egpj",
        "//[::1",
        "/" + "a" * 2000,
    ],
)
def test_all_else_goes_home(path: str | None) -> None:
    assert safe_next(path) == "/"


@given(st.text(alphabet="/\\:.@?#%abc \t\n2f", max_size=12))
def test_result_is_always_a_path_of_this_site(path: str) -> None:
    result = safe_next(path)
    assert result.startswith("/")
    assert not result.startswith("//")
    assert not set(result) & set("\\\t\n")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_handoff_works_once() -> None:
    handoff = Handoff()
    code = handoff.create("cookie", "/case?no=1")
    assert "cookie" not in code
    assert handoff.take(code) == Handed("cookie", "/case?no=1")
    assert handoff.take(code) is None
    assert handoff.take("unknown") is None


def test_handoff_expires_and_is_bounded() -> None:
    clock = Clock()
    handoff = Handoff(capacity=3, clock=clock)
    kept = [handoff.create(str(n), "/") for n in range(4)]
    assert handoff.take(kept[0]) is None
    clock.now = 59.9
    assert handoff.take(kept[1]) == Handed("1", "/")
    clock.now = 60.0
    assert handoff.take(kept[2]) is None


def test_handoff_makes_the_path_safe() -> None:
    handoff = Handoff()
    assert handoff.take(handoff.create("c", "//evil.example")) == Handed("c", "/")


def test_only_one_of_many_threads_gets_it() -> None:
    handoff, barrier, got = Handoff(), threading.Barrier(8), []
    code = handoff.create("cookie", "/")

    def take() -> None:
        barrier.wait()
        got.append(handoff.take(code))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in got if one] == [Handed("cookie", "/")]

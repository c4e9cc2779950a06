from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import pytest
from starlette.responses import Response

from lib.auth.sessions import COOKIE, Session, begin, cookie_attributes, cookie_of, read
from lib.auth.tokens import SECRET_BYTES, BadToken, ExpiredToken, Signer, TokenPurpose

SIGNER = Signer(b"s" * SECRET_BYTES)
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
WEEK = timedelta(days=7)


def test_session_round_trip() -> None:
    session = begin("S-0001", 3, NOW)
    cookie = cookie_of(SIGNER, session)
    assert read(SIGNER, cookie, WEEK, now=NOW + WEEK) == session == Session("S-0001", session.key, NOW, 3)
    with pytest.raises(ExpiredToken):
        read(SIGNER, cookie, WEEK, now=NOW + WEEK + timedelta(seconds=1))


def test_each_session_has_a_key_of_its_own() -> None:
    assert begin("S-1", 0, NOW).key != begin("S-1", 0, NOW).key


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"staff": "S-1"},
        {"staff": 1, "epoch": 1, "key": "k"},
        {"staff": "S-1", "epoch": "1", "key": "k"},
        {"staff": "S-1", "epoch": 1},
    ],
)
def test_signed_but_not_a_session(payload: dict[str, object]) -> None:
    with pytest.raises(BadToken):
        read(SIGNER, SIGNER.sign(TokenPurpose.SESSION, payload, now=NOW), WEEK, now=NOW)


def test_a_survey_link_is_no_session() -> None:
    token = SIGNER.sign(TokenPurpose.SURVEY, {"staff": "S-1", "epoch": 1, "key": "k"}, now=NOW)
    with pytest.raises(BadToken):
        read(SIGNER, token, WEEK, now=NOW)


@pytest.mark.parametrize("https", [True, False])
def test_cookie_as_sent(https: bool) -> None:
    response = Response()
    value = cookie_of(SIGNER, begin("S-1", 1, NOW))
    response.set_cookie(value=value, **cookie_attributes(https=https, max_age=WEEK))
    cookie = SimpleCookie(response.headers["set-cookie"])[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert (bool(cookie["secure"]), cookie["max-age"]) == (https, "604800")
    assert read(SIGNER, cookie.value, WEEK, now=NOW).staff_id == "S-1"


@pytest.mark.trial(50)
@pytest.mark.parametrize(("base", "path"), [("", "/"), ("/", "/"), ("desk", "/desk"), ("/a/desk/", "/a/desk")])
def test_the_cookie_is_sent_only_below_the_path_of_the_pages(base: str, path: str) -> None:
    assert cookie_attributes(https=True, max_age=WEEK, base=base)["path"] == path

"""The code that carries a new session to the browser: for any server with the same secret, once, for a minute."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from lib.auth.handoff import LIFETIME, Once, code_for, session_of
from lib.auth.sessions import begin, cookie_of
from lib.auth.tokens import SECRET_BYTES, BadToken, ExpiredToken, Signer

NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
SESSION = begin("S-1", 2, NOW)


def signer(letter: bytes = b"s") -> Signer:
    return Signer(letter * SECRET_BYTES)


@pytest.mark.trial(50)
def test_another_server_with_the_same_secret_reads_the_code() -> None:
    assert session_of(signer(), code_for(signer(), SESSION, NOW), NOW) == SESSION


@pytest.mark.trial(50)
def test_a_code_is_good_for_a_minute_and_only_with_our_secret() -> None:
    code = code_for(signer(), SESSION, NOW)
    assert session_of(signer(), code, NOW + LIFETIME) == SESSION
    with pytest.raises(ExpiredToken):
        session_of(signer(), code, NOW + LIFETIME + timedelta(seconds=1))
    with pytest.raises(BadToken):
        session_of(signer(b"t"), code, NOW)


@pytest.mark.trial(50)
def test_a_code_is_no_cookie_and_a_cookie_no_code() -> None:
    assert cookie_of(signer(), SESSION) not in code_for(signer(), SESSION, NOW)
    with pytest.raises(BadToken):
        session_of(signer(), cookie_of(signer(), SESSION), NOW)


def test_only_one_of_many_threads_is_first() -> None:
    once, barrier, got = Once(), threading.Barrier(8), []

    def take() -> None:
        barrier.wait()
        got.append(once.first("key", NOW))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 7 + [True]


def test_what_was_used_is_forgotten_when_it_is_good_no_more() -> None:
    once = Once()
    assert once.first("a", NOW)
    assert not once.first("a", NOW + LIFETIME)
    assert once.first("a", NOW + LIFETIME * 2)

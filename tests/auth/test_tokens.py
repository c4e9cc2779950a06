import base64
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer

from lib.auth.tokens import SECRET_BYTES, BadToken, ExpiredToken, Signer, TokenError, TokenPurpose, load_secret
from lib.errors import ConfigError

SIGNER = Signer(b"s" * SECRET_BYTES)
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(payload=st.dictionaries(st.text(max_size=8), JSON, max_size=4), purpose=st.sampled_from(TokenPurpose))
def test_comes_back_for_its_own_purpose_only(payload: dict[str, object], purpose: TokenPurpose) -> None:
    token = SIGNER.sign(purpose, payload, now=NOW)
    assert SIGNER.read(purpose, token, HOUR, now=NOW) == payload
    for other in set(TokenPurpose) - {purpose}:
        with pytest.raises(BadToken):
            SIGNER.read(other, token, HOUR, now=NOW)


def test_expires() -> None:
    token = SIGNER.sign(TokenPurpose.SURVEY, {"case": "TS-1"}, now=NOW)
    assert SIGNER.read(TokenPurpose.SURVEY, token, HOUR, now=NOW + HOUR) == {"case": "TS-1"}
    with pytest.raises(ExpiredToken) as caught:
        SIGNER.read(TokenPurpose.SURVEY, token, HOUR, now=NOW + HOUR + timedelta(seconds=1))
    assert caught.value.issued_at == NOW


def test_a_clock_a_little_behind_is_tolerated() -> None:
    token = SIGNER.sign(TokenPurpose.SESSION, {}, now=NOW)
    assert SIGNER.read(TokenPurpose.SESSION, token, HOUR, now=NOW - timedelta(seconds=30)) == {}
    with pytest.raises(BadToken):
        SIGNER.read(TokenPurpose.SESSION, token, HOUR, now=NOW - timedelta(minutes=5))


def test_uses_the_clock_when_not_told_the_time() -> None:
    token = SIGNER.sign(TokenPurpose.SESSION, {"a": 1})
    assert SIGNER.read(TokenPurpose.SESSION, token, HOUR) == {"a": 1}


@given(st.data())
def test_any_changed_character_is_noticed(data: st.DataObject) -> None:
    token = SIGNER.sign(TokenPurpose.TRACKING, {"case": "TS-1"}, now=NOW)
    where = data.draw(st.integers(0, len(token) - 2))  # the last character holds bits that do not count
    other = data.draw(st.sampled_from("AZaz09-_.").filter(lambda char: char != token[where]))
    with pytest.raises(TokenError):
        SIGNER.read(TokenPurpose.TRACKING, token[:where] + other + token[where + 1 :], HOUR, now=NOW)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "投诉", "\ud800", "x" * 5000, "\x00", "=.=.="])
def test_rubbish_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        SIGNER.read(TokenPurpose.SESSION, token, HOUR)


def test_another_secret_or_a_weaker_digest_is_refused() -> None:
    foreign = Signer(b"t" * SECRET_BYTES).sign(TokenPurpose.SESSION, {}, now=NOW)
    default = str(URLSafeTimedSerializer(b"s" * SECRET_BYTES, salt=b"casesheet.session").dumps({}))
    for token in (foreign, default):
        with pytest.raises(BadToken):
            SIGNER.read(TokenPurpose.SESSION, token, HOUR, now=NOW)


def test_signed_data_that_is_no_payload_is_refused() -> None:
    token = str(SIGNER._serializer(TokenPurpose.SESSION, NOW).dumps(["list"]))
    with pytest.raises(BadToken):
        SIGNER.read(TokenPurpose.SESSION, token, HOUR, now=NOW)


def test_tokens_are_fit_for_addresses() -> None:
    token = SIGNER.sign(TokenPurpose.SURVEY, {"case": "TS-2026-000001", "name": "王芳"}, now=NOW)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert base64.b64encode(b"s" * SECRET_BYTES).decode() not in token


def test_short_secrets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32"):
        Signer(b"short")
    with pytest.raises(ConfigError):
        load_secret(tmp_path / "secret", "short")
    (tmp_path / "cut").write_bytes(b"cut")
    with pytest.raises(ConfigError, match="cut"):
        load_secret(tmp_path / "cut")


def test_secret_is_made_once_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret"
    secret = load_secret(path)
    assert len(secret) == SECRET_BYTES
    assert load_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert load_secret(tmp_path / "other" / "secret") != secret


def test_configured_secret_wins_and_leaves_no_file(tmp_path: Path) -> None:
    assert load_secret(tmp_path / "secret", "钥" * 11) == ("钥" * 11).encode()
    assert list(tmp_path.iterdir()) == []


def test_those_who_start_together_get_the_same_secret(tmp_path: Path) -> None:
    path, barrier, found = tmp_path / "secret", threading.Barrier(8), []

    def start() -> None:
        barrier.wait()
        found.append(load_secret(path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.trial(30)
@pytest.mark.parametrize("purpose", TokenPurpose)
def test_a_link_for_a_client_that_a_clock_ahead_signed_works_and_a_session_does_not(purpose: TokenPurpose) -> None:
    signer, now = Signer(b"s" * 32), datetime(2026, 3, 2, 10, tzinfo=UTC)
    token = signer.sign(purpose, {"case": "TS-1"}, now=now + timedelta(days=1))
    if purpose in (TokenPurpose.SURVEY, TokenPurpose.TRACKING):
        assert signer.read(purpose, token, timedelta(days=30), now=now) == {"case": "TS-1"}
    else:
        with pytest.raises(BadToken):
            signer.read(purpose, token, timedelta(days=30), now=now)

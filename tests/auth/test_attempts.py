"""Tries to sign in, counted in memory."""

from datetime import UTC, datetime, timedelta

import pytest

from lib.auth.attempts import NETWORK_TRIES, Attempts, network_of
from lib.auth.rate_limit import RateLimiter

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_five_tries_and_then_a_pause() -> None:
    attempts = Attempts()
    assert [attempts.begin("a@example.cn", NOW) for _ in range(7)] == [True] * 5 + [False] * 2
    assert attempts.begin("b@example.cn", NOW)
    assert attempts.begin("a@example.cn", NOW + timedelta(minutes=15))


def test_a_right_password_takes_the_tries_back() -> None:
    attempts = Attempts()
    for _ in range(4):
        attempts.begin("a", NOW)
    attempts.succeed("a")
    assert attempts.failures("a") == ()
    assert [attempts.begin("a", NOW) for _ in range(5)] == [True] * 5


@pytest.mark.trial(20)
def test_one_network_gets_so_many_tries_whatever_the_addresses() -> None:
    attempts = Attempts(networks=RateLimiter(NETWORK_TRIES, 0.05, clock=lambda: 0.0))
    assert [attempts.let_through("203.0.113.7") for _ in range(NETWORK_TRIES + 1)] == [True] * NETWORK_TRIES + [False]
    assert attempts.let_through("203.0.113.8")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("local", "local"),
    ],
)
def test_one_customer_of_ipv6_is_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_memory_is_bounded() -> None:
    attempts = Attempts()
    for number in range(10_050):
        attempts.begin(str(number), NOW)
    assert attempts.failures("0") == ()
    assert attempts.failures("10049") == (NOW,)

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.auth.lockout import Locked, Lockout, Open

START = datetime(2026, 3, 5, 9, tzinfo=UTC)
RULE = Lockout()


def at(*minutes: float) -> tuple[datetime, ...]:
    return tuple(START + timedelta(minutes=m) for m in minutes)


def test_open_until_the_limit() -> None:
    assert RULE.state((), START) == Open(5)
    assert RULE.state(at(0, 1, 2, 3), *at(3)) == Open(1)
    assert RULE.state(at(0, 1, 2, 3, 4), *at(4)) == Locked(*at(19))


def test_order_does_not_matter() -> None:
    assert RULE.state(at(4, 0, 3, 1, 2), *at(4)) == Locked(*at(19))


def test_opens_at_the_very_end_with_a_clean_count() -> None:
    failures = at(0, 1, 2, 3, 4)
    assert RULE.state(failures, *at(18.99)) == Locked(*at(19))
    assert RULE.state(failures, *at(19)) == Open(5)


def test_slow_failures_leave_the_window() -> None:
    assert RULE.state(at(0, 4, 8, 12, 15), *at(15)) == Open(1)
    assert RULE.state(at(0, 4, 8, 12, 14.99), *at(15)) == Locked(*at(29.99))
    assert RULE.state(at(0, 4, 8, 12), *at(60)) == Open(5)


def test_failures_during_a_lock_neither_count_nor_prolong() -> None:
    assert RULE.state(at(0, 0, 0, 0, 0, *range(1, 15)), *at(14)) == Locked(*at(15))


def test_each_further_lock_is_twice_as_long_up_to_a_limit() -> None:
    failures: tuple[datetime, ...] = ()
    now, lengths = START, []
    for _ in range(7):
        failures += (now,) * 5
        state = RULE.state(failures, now)
        assert isinstance(state, Locked)
        lengths.append((state.until - now) // timedelta(minutes=1))
        now = state.until
    assert lengths == [15, 30, 60, 120, 240, 240, 240]


def test_a_quiet_day_forgets_earlier_locks() -> None:
    assert RULE.state(at(*[0] * 5, *[1440] * 5), *at(1440)) == Locked(*at(1455))
    assert RULE.state(at(*[0] * 5, *[1439] * 5), *at(1439)) == Locked(*at(1469))


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"window": timedelta(0)}, {"lock": timedelta(-1)}])
def test_senseless_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="positive"):
        Lockout(**wrong)  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 5000), max_size=60))
def test_never_more_tries_than_the_limit_in_any_window(seconds: list[int]) -> None:
    """Somebody who tries whenever the rule lets her gets at most `limit` failures in any window."""
    failed: list[datetime] = []
    for second in sorted(seconds):
        now = START + timedelta(seconds=second)
        if isinstance(RULE.state(tuple(failed), now), Open):
            failed.append(now)
    for first in failed:
        assert sum(first <= other < first + RULE.window for other in failed) <= RULE.limit


@pytest.mark.trial(30)
def test_failures_that_a_wrong_clock_put_into_the_future_lock_nobody_out() -> None:
    tomorrow = at(*(24 * 60 + minute for minute in range(5)))
    (now,) = at(0)
    assert isinstance(Lockout().state(tomorrow, tomorrow[-1]), Locked)
    assert Lockout().state(tomorrow, now) == Open(Lockout().limit)

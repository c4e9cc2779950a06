import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.auth.rate_limit import RateLimiter


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_burst_then_refill() -> None:
    clock = Clock()
    limiter = RateLimiter(3, 0.5, clock)
    assert [limiter.allow("a") for _ in range(4)] == [True, True, True, False]
    clock.now += 1.9
    assert not limiter.allow("a")
    clock.now += 0.2
    assert [limiter.allow("a"), limiter.allow("a")] == [True, False]
    clock.now += 1000
    assert [limiter.allow("a") for _ in range(4)] == [True, True, True, False]


def test_keys_do_not_share() -> None:
    limiter = RateLimiter(1, 1, Clock())
    assert [limiter.allow(key) for key in ("a", "b", "a", "b")] == [True, True, False, False]


def test_memory_is_bounded_and_the_longest_unused_goes_first() -> None:
    limiter = RateLimiter(1, 1, Clock(), max_keys=3)
    for key in ("a", "b", "c", "a", "d"):
        limiter.allow(key)
    assert len(limiter) == 3
    assert not limiter.allow("a")
    assert limiter.allow("b")


def test_threads_together_get_no_more_than_the_capacity() -> None:
    limiter, barrier, got = RateLimiter(50, 1, Clock()), threading.Barrier(8), []

    def work() -> None:
        barrier.wait()
        got.extend(limiter.allow("a") for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), sum(got)) == (160, 50)


@pytest.mark.parametrize("wrong", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_senseless_limits_are_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="rate limit"):
        RateLimiter(wrong[0], wrong[1], max_keys=wrong[2])


@given(st.lists(st.floats(0, 5), max_size=80))
def test_long_run_rate(pauses: list[float]) -> None:
    clock = Clock()
    limiter = RateLimiter(4, 0.5, clock)
    allowed = 0
    for pause in pauses:
        clock.now += pause
        allowed += limiter.allow("a")
    assert allowed <= 4 + 0.5 * sum(pauses) + 1e-6

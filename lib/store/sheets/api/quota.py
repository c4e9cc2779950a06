"""A token bucket: at most `rate` calls a minute in the long run, and `burst` at once."""

import threading
import time
from collections.abc import Callable

MINUTE = 60.0


class TokenBucket:
    """Hands out permissions to call. In any minute it gives at most `rate + burst`."""

    def __init__(
        self,
        rate: float,
        burst: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate, self._burst = rate / MINUTE, float(burst)
        self._clock, self._sleep = clock, sleep
        self._tokens, self._filled_at = self._burst, clock()
        self._lock = threading.Lock()
        self.taken = 0

    def take(self) -> None:
        """Wait for a permission. Those who wait are served in turn, because each one takes its token at once."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
            self._filled_at = now
            self._tokens -= 1
            self.taken += 1
            wait = -self._tokens / self._rate
        if wait > 0:
            self._sleep(wait)

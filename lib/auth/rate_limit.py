"""A token bucket for each caller, for the pages and routes that anybody may use."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple


class _Bucket(NamedTuple):
    tokens: float
    at: float


class RateLimiter:
    """Each key may act `capacity` times at once and `refill_per_second` times a second in the long run.

    At most `max_keys` are remembered. The one unused for longest is forgotten first, as it had the most
    time to fill up again.
    """

    def __init__(
        self,
        capacity: float,
        refill_per_second: float,
        clock: Callable[[], float] = time.monotonic,
        *,
        max_keys: int = 10_000,
    ) -> None:
        if capacity < 1 or refill_per_second <= 0 or max_keys < 1:
            raise ValueError("a rate limit needs room for one action, a refill and one key")
        self._capacity = capacity
        self._refill = refill_per_second
        self._clock = clock
        self._max_keys = max_keys
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def allow(self, key: str) -> bool:
        """Takes one token if there is one; a refused call costs nothing."""
        with self._lock:
            now = self._clock()
            tokens = self._tokens(key, now)
            allowed = tokens >= 1
            self._buckets[key] = _Bucket(tokens - 1 if allowed else tokens, now)
            self._buckets.move_to_end(key)
            while len(self._buckets) > self._max_keys:
                self._buckets.popitem(last=False)
            return allowed

    def _tokens(self, key: str, now: float) -> float:
        bucket = self._buckets.get(key)
        if bucket is None:
            return self._capacity
        return min(self._capacity, bucket.tokens + (now - bucket.at) * self._refill)

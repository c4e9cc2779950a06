"""Tries to sign in, counted in memory: for each address (whether or not anybody has it), and for each network."""

import threading
from collections import OrderedDict
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import Final

from lib.auth.lockout import Locked, Lockout
from lib.auth.rate_limit import RateLimiter

NETWORK_TRIES: Final = 30  # at once, and again within ten minutes: an office signs in through one address
_REMEMBERED = 10_000  # addresses tried most recently
_KEPT_FAILURES = 200  # none counts during a lock, so these cover many locks


class Attempts:
    """The tries of one process; a try writes nothing to the store. Safe to use from several threads."""

    def __init__(self, lockout: Lockout | None = None, networks: RateLimiter | None = None) -> None:
        self._lockout = lockout or Lockout()
        self._networks = networks or RateLimiter(NETWORK_TRIES, NETWORK_TRIES / 600)
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, tuple[datetime, ...]] = OrderedDict()

    def let_through(self, network: str) -> bool:
        """Whether one more try from this network is allowed; always if the network is not known ("")."""
        return not network or self._networks.allow(network_of(network))

    def begin(self, address: str, now: datetime, *, since: datetime | None = None) -> bool:
        """Whether the address may be tried; the try counts as a failure until `succeed`, so that many guesses at once
        get no more tries than one after another. What failed before `since` (when it got another password) is past."""
        with self._lock:
            failures = self._failures.get(address, ())
            if since is not None:
                failures = tuple(at for at in failures if at >= since)
            if isinstance(self._lockout.state(failures, now), Locked):
                return False
            if failures and now - failures[-1] >= self._lockout.forget:
                failures = ()
            self._failures[address] = (*failures, now)[-_KEPT_FAILURES:]
            self._failures.move_to_end(address)
            while len(self._failures) > _REMEMBERED:
                self._failures.popitem(last=False)
            return True

    def succeed(self, address: str) -> None:
        """The password was right, so earlier failures no longer count."""
        with self._lock:
            self._failures.pop(address, None)

    def failures(self, address: str) -> tuple[datetime, ...]:
        """Since the last success."""
        with self._lock:
            return self._failures.get(address, ())


def network_of(address: str) -> str:
    """The address, of IPv6 its first 64 bits: a single customer has all the others."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(ip) >> 64 << 64)) if isinstance(ip, IPv6Address) else str(ip)

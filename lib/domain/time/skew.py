"""Times in the future, written by a machine whose clock was wrong; no rule may rely on them."""

from datetime import datetime, timedelta

CLOCK_SKEW = timedelta(minutes=1)
"""The difference that is allowed between the clocks of two machines."""


def is_ahead(at: datetime, now: datetime) -> bool:
    """Whether the recorded time of an event lies in the future."""
    return at > now + CLOCK_SKEW

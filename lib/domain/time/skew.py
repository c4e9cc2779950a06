"""Times from the future: a machine wrote them whose clock was wrong, and nothing may be judged by them."""

from datetime import datetime, timedelta

CLOCK_SKEW = timedelta(minutes=1)
"""By how much the clocks of two machines may differ without being wrong."""


def is_ahead(at: datetime, now: datetime) -> bool:
    """Whether a time that something is said to have happened at lies in the future."""
    return at > now + CLOCK_SKEW

"""The clocks of a case in words."""

from collections.abc import Mapping

from lib.i18n import N_, t

_NAMES: Mapping[str, str] = {
    "acknowledge": N_("Acknowledge"),
    "contact": N_("First contact"),
    "plan": N_("Plan"),
    "resolve": N_("Resolve"),
    "review": N_("Review"),
}


def clock_name(clock: str) -> str:
    """What a clock is called, in the current language; the code of one that there is no more."""
    return t(_NAMES[clock]) if clock in _NAMES else clock

"""Durations in words: how long is left, how late, how long ago. One unit, rounded down."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from lib.i18n.translate import N_, t, tn

_SECOND: Final = timedelta(seconds=1)
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


class _Words(NamedTuple):
    one: str
    many: str

    def say(self, n: int) -> str:
        return tn(self.one, self.many, n)


class _Wording(NamedTuple):
    minutes: _Words
    hours: _Words
    days: _Words


_SPAN: Final = _Wording(
    _Words(N_("{n} min"), N_("{n} min")),
    _Words(N_("{n} h"), N_("{n} h")),
    _Words(N_("{n} day"), N_("{n} days")),
)
_LEFT: Final = _Wording(
    _Words(N_("{n} min left"), N_("{n} min left")),
    _Words(N_("{n} h left"), N_("{n} h left")),
    _Words(N_("{n} day left"), N_("{n} days left")),
)
_LATE: Final = _Wording(
    _Words(N_("late by {n} min"), N_("late by {n} min")),
    _Words(N_("late by {n} h"), N_("late by {n} h")),
    _Words(N_("late by {n} day"), N_("late by {n} days")),
)
_AGO: Final = _Wording(
    _Words(N_("{n} min ago"), N_("{n} min ago")),
    _Words(N_("{n} h ago"), N_("{n} h ago")),
    _Words(N_("{n} day ago"), N_("{n} days ago")),
)


def _say(span: timedelta, wording: _Wording, day: timedelta) -> str:
    if day <= timedelta(0):
        raise ValueError("a day must last longer than nothing")
    if span >= day:
        return wording.days.say(span // day)
    if span >= _HOUR:
        return wording.hours.say(span // _HOUR)
    return wording.minutes.say(span // _MINUTE)


def format_duration(span: timedelta, day: timedelta = _DAY) -> str:
    """ "3 h" or "2 days"; `day` is a working day for working time. The sign is not shown."""
    return _say(abs(span), _SPAN, day)


def time_left_words(left: timedelta, working_day: timedelta) -> str:
    """ "2 h left" or "late by 1 day" for working time until a deadline, negative when it has passed."""
    if abs(left) < _MINUTE:
        return t("due now")
    return _say(abs(left), _LEFT if left > timedelta(0) else _LATE, working_day)


def relative(at: datetime, now: datetime) -> str:
    """ "8 s ago"; a moment slightly in the future (clocks of two machines differ) is "just now"."""
    age = now - at
    if age < _SECOND:
        return t("just now")
    if age < _MINUTE:
        return tn("{n} s ago", "{n} s ago", age // _SECOND)
    return _say(age, _AGO, _DAY)

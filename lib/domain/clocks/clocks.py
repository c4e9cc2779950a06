"""The clocks of a case: when each is due, how much of its time is used, what a pause does to it.

Acknowledging, handling and answering complaints within stated times is asked for by ISO 10002 / GB/T 19012;
the default targets in sla.toml are those of the trade's handbooks.
"""

import re
from datetime import UTC, datetime, timedelta
from math import nextafter
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from lib.domain.clocks.escalation import Ladder, Silence, warn_share
from lib.domain.clocks.waits import DEFAULT_WAITS, Waits
from lib.domain.configured import Configured
from lib.domain.records.severity import Priority
from lib.domain.time.work_calendar import WorkCalendar

Clock = Literal["acknowledge", "contact", "plan", "resolve", "review"]
CLOCKS: tuple[Clock, ...] = ("acknowledge", "contact", "plan", "resolve", "review")
State = Literal["ok", "soon", "late"]

_TARGET = re.compile(r"(?P<amount>[0-9]{1,5})\s*(?P<unit>[mhd])(?P<elapsed>\s+elapsed)?")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_NO_TIME = timedelta()
ALMOST = nextafter(1, 0)
"""The largest share that is less than all."""


class ClockTarget(Configured):
    """Written "30m", "2h" or "1d" in working time, a day being a working day; "15m elapsed" runs day and
    night. It is never zero, because a clock that is late from its start carries no information.
    """

    amount: int = Field(ge=1)
    unit: Literal["m", "h", "d"]
    elapsed: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        match = _TARGET.fullmatch(value.strip())
        if match is None or int(match["amount"]) == 0:
            why = 'expected a target above zero such as "2h", "1d" or "15m elapsed", got {given}'
            raise PydanticCustomError("not_a_target", why, {"given": value})
        return {"amount": int(match["amount"]), "unit": match["unit"], "elapsed": bool(match["elapsed"])}

    def length(self, calendar: WorkCalendar) -> timedelta:
        """The time allowed: working time, or all time for an `elapsed` target, whose day has 24 hours."""
        if self.unit == "d" and not self.elapsed:
            return self.amount * calendar.nominal_day
        return self.amount * _UNITS[self.unit]

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}{' elapsed' if self.elapsed else ''}"


class ClockTargets(Configured):
    acknowledge: ClockTarget
    contact: ClockTarget
    plan: ClockTarget
    resolve: ClockTarget
    review: ClockTarget

    def of(self, clock: Clock) -> ClockTarget:
        target: ClockTarget = getattr(self, clock)
        return target


class FromReceipt(Configured):
    """Clocks that count from the receipt of a report, before triage, for these kinds of case and priorities."""

    clocks: frozenset[Literal["contact", "resolve"]] = frozenset({"contact", "resolve"})
    kinds: frozenset[str] = frozenset({"complaint"})
    priorities: frozenset[Priority] = frozenset({"P1"})


class SlaConfig(Configured):
    """config/sla.toml. `review_told` is the time within which the client hears the outcome of a review; the steps of
    cases of a priority in `any_hour` alert people outside working hours too."""

    ladder: Ladder
    silence: Silence
    waits: Waits = DEFAULT_WAITS
    any_hour: frozenset[Priority] = frozenset({"P1"})
    from_receipt: FromReceipt = FromReceipt()
    targets: dict[Priority, ClockTargets]
    review_told: ClockTarget = ClockTarget(amount=1, unit="d")

    @model_validator(mode="after")
    def _every_priority(self) -> Self:
        if missing := {"P1", "P2", "P3", "P4"} - self.targets.keys():
            facts = {"missing": ", ".join(sorted(missing))}
            raise PydanticCustomError("no_targets", "no targets for {missing}", facts)
        return self

    def target(self, clock: Clock, priority: Priority) -> ClockTarget:
        return self.targets[priority].of(clock)

    def counts_from_receipt(self, clock: Clock, kind: str, priority: Priority) -> bool:
        """Whether the first run of the clock begins with the receipt of the report; the acknowledge clock always
        does.
        """
        chosen = self.from_receipt
        return clock == "acknowledge" or (
            clock in chosen.clocks and (kind in chosen.kinds or priority in chosen.priorities)
        )

    @property
    def warn(self) -> float:
        """The share of the allowed time from which a deadline is near."""
        return warn_share(self.ladder)


def due_at(clock: Clock, priority: Priority, start: datetime, calendar: WorkCalendar, sla: SlaConfig) -> datetime:
    """When the clock that starts at `start` is due, in the calendar's zone.

    Outside working time (night, lunch, a holiday) a clock in working time begins to run with the next span.
    """
    return shift(start, sla.target(clock, priority), calendar)


def shift(start: datetime, target: ClockTarget, calendar: WorkCalendar) -> datetime:
    """The end of a time allowed from `start` on."""
    return _shifted(start, target.length(calendar), calendar, elapsed=target.elapsed)


def shift_for_pause(
    due: datetime,
    paused_from: datetime,
    resumed_at: datetime,
    calendar: WorkCalendar,
    *,
    elapsed: bool = False,
) -> datetime:
    """`due` pushed by the time spent paused (working time, or all of it for an `elapsed` clock).

    A pause outside working time pushes nothing. Raises ValueError when the pause ends before it begins.
    """
    pause = _passed(paused_from, resumed_at, calendar, elapsed=elapsed)
    if resumed_at < paused_from:
        raise ValueError(f"a pause from {paused_from.isoformat()} cannot end at {resumed_at.isoformat()}")
    return _shifted(due, pause, calendar, elapsed=elapsed)


def due_with(
    due: datetime, old: ClockTarget, new: ClockTarget, calendar: WorkCalendar, *, started: datetime | None = None
) -> datetime:
    """When a running clock is due after its target changed from `old` to `new`.

    Between two targets in working time, or two elapsed ones, `due` moves by their difference: exactly where it would
    be had the clock had the new target from its start, pauses included, because working time adds up. Between one
    and the other the clock is counted again from `started` (where that is not known: counted back from `due`), with
    the pauses that had pushed it.
    """
    if old.elapsed == new.elapsed:
        difference = new.length(calendar) - old.length(calendar)
        return _shifted(due, difference, calendar, elapsed=new.elapsed)
    begin = started or _begun(due, old, calendar)
    paused = _passed(begin, due, calendar, elapsed=old.elapsed) - old.length(calendar)
    again = _shifted(begin, new.length(calendar), calendar, elapsed=new.elapsed)
    return _shifted(again, max(paused, _NO_TIME), calendar, elapsed=new.elapsed)


def used_share(due: datetime, now: datetime, target: ClockTarget, calendar: WorkCalendar) -> float:
    """Share of the allowed time that is used: 0.0 at the start and before it, 1.0 when due, above 1 when late.

    Counted back from `due`, which every pause has already pushed, so that paused time is neither used nor allowed.
    Until working time passes after `due` (a clock due at the end of the day) the share stays at 1. Before `due` it is
    below 1, also where only rest is left, as after a change of the calendar.
    """
    share = 1 - time_left(due, now, calendar, target.elapsed) / target.length(calendar)
    return max(share, 1.0) if now >= due else min(max(share, 0.0), ALMOST)


def state(share: float, warn: float) -> State:
    """Soon from the share `warn` on, late from the moment the time is used up."""
    if share >= 1:
        return "late"
    return "soon" if share >= warn else "ok"


def time_left(due: datetime, now: datetime, calendar: WorkCalendar, elapsed: bool = False) -> timedelta:
    """Working time until `due` (all time for an `elapsed` clock), negative when late."""
    return _passed(now, due, calendar, elapsed=elapsed)


def _begun(due: datetime, target: ClockTarget, calendar: WorkCalendar) -> datetime:
    """The latest moment at which a clock with this target, never paused, would have started."""
    length = target.length(calendar)
    return _shifted(due, -length, calendar, elapsed=True) if target.elapsed else calendar.subtract(due, length)


def _passed(start: datetime, end: datetime, calendar: WorkCalendar, *, elapsed: bool) -> timedelta:
    if elapsed:
        return _utc(end) - _utc(start)
    return calendar.between(start, end)


def _shifted(moment: datetime, by: timedelta, calendar: WorkCalendar, *, elapsed: bool) -> datetime:
    return (_utc(moment) + by).astimezone(calendar.zone) if elapsed else calendar.shift(moment, by)


def _utc(moment: datetime) -> datetime:
    """In UTC, because arithmetic within a zone uses the wall clock and ignores daylight-saving changes."""
    if moment.utcoffset() is None:
        raise ValueError(f"a time without a zone: {moment.isoformat()}")
    return moment.astimezone(UTC)

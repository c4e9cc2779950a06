"""The clocks of a case: when each is due, how much of its time is used, what a pause does to it.

Acknowledging, handling and answering complaints within stated times is asked for by ISO 10002 / GB/T 19012;
the default targets in sla.toml are those of the trade's handbooks.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lib.domain.severity import Priority
from lib.domain.work_calendar import WorkCalendar

Clock = Literal["acknowledge", "contact", "plan", "resolve", "review"]
CLOCKS: tuple[Clock, ...] = ("acknowledge", "contact", "plan", "resolve", "review")
State = Literal["ok", "soon", "late"]

_TARGET = re.compile(r"(?P<amount>[1-9][0-9]{0,4})\s*(?P<unit>[mhd])(?P<elapsed>\s+elapsed)?")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class _Config(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(_Config):
    """Written "30m", "2h" or "1d" in working time, a day being a working day; "15m elapsed" runs day and
    night.
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
        if match is None:
            raise ValueError(f'expected a target such as "2h", "1d" or "15m elapsed", got {value!r}')
        return {"amount": int(match["amount"]), "unit": match["unit"], "elapsed": bool(match["elapsed"])}

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}{' elapsed' if self.elapsed else ''}"


class ClockTargets(_Config):
    acknowledge: Target
    contact: Target
    plan: Target
    resolve: Target
    review: Target

    def of(self, clock: Clock) -> Target:
        target: Target = getattr(self, clock)
        return target


class Shares(_Config):
    """Shares of the allowed time at which the handler is warned, then the department head and the manager
    are told.
    """

    warn: float = Field(default=0.75, gt=0)
    escalate: float = Field(default=1.0, gt=0)
    escalate_again: float = Field(default=1.5, gt=0)

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not self.warn < self.escalate < self.escalate_again:
            raise ValueError("shares must ascend: warn, escalate, escalate_again")
        return self


DEFAULT_SHARES = Shares()


class SlaConfig(_Config):
    shares: Shares = DEFAULT_SHARES
    targets: dict[Priority, ClockTargets]

    @model_validator(mode="after")
    def _every_priority(self) -> Self:
        if missing := {"P1", "P2", "P3", "P4"} - self.targets.keys():
            raise ValueError(f"no targets for {', '.join(sorted(missing))}")
        return self

    def target(self, clock: Clock, priority: Priority) -> Target:
        return self.targets[priority].of(clock)


def due_at(clock: Clock, priority: Priority, start: datetime, calendar: WorkCalendar, sla: SlaConfig) -> datetime:
    """When the clock that starts at `start` is due, in the calendar's zone."""
    target = sla.target(clock, priority)
    if target.elapsed:
        return _later(start, target.amount * _UNITS[target.unit], calendar)
    if target.unit == "d":
        return calendar.add_days(start, target.amount)
    return calendar.add(start, target.amount * _UNITS[target.unit])


def shift_for_pause(
    due: datetime,
    paused_from: datetime,
    resumed_at: datetime,
    calendar: WorkCalendar,
    *,
    elapsed: bool = False,
) -> datetime:
    """`due` pushed by the time spent paused (working time, or all of it for an `elapsed` clock).

    Raises ValueError when the pause ends before it begins.
    """
    pause = _passed(paused_from, resumed_at, calendar, elapsed=elapsed)
    if pause < timedelta():
        raise ValueError(f"a pause from {paused_from.isoformat()} cannot end at {resumed_at.isoformat()}")
    return _later(due, pause, calendar) if elapsed else calendar.add(due, pause)


def used_share(
    start: datetime,
    due: datetime,
    now: datetime,
    calendar: WorkCalendar,
    *,
    elapsed: bool = False,
    paused: timedelta = timedelta(),
) -> float:
    """Share of the allowed time that is used: 0.0 at the start, 1.0 when due, above 1 when late.

    Time that `due` was pushed by pauses goes into `paused`, and into `now` only what lies outside a pause
    (the beginning of the pause while it lasts): otherwise a long pause would make half-used time look
    nearly used up.
    """
    allowed = _passed(start, due, calendar, elapsed=elapsed) - paused
    used = _passed(start, now, calendar, elapsed=elapsed) - paused
    if allowed <= timedelta():
        return 1.0 if _passed(due, now, calendar, elapsed=True) >= timedelta() else 0.0
    return max(used / allowed, 0.0)


def state(share: float, shares: Shares = DEFAULT_SHARES) -> State:
    """Soon from the warning share on, late from the moment the time is used up."""
    if share >= 1:
        return "late"
    return "soon" if share >= shares.warn else "ok"


def time_left(due: datetime, now: datetime, calendar: WorkCalendar, elapsed: bool = False) -> timedelta:
    """Working time until `due` (all time for an `elapsed` clock), negative when late."""
    return _passed(now, due, calendar, elapsed=elapsed)


def _passed(start: datetime, end: datetime, calendar: WorkCalendar, *, elapsed: bool) -> timedelta:
    if elapsed:
        return _utc(end) - _utc(start)
    return calendar.between(start, end)


def _later(start: datetime, duration: timedelta, calendar: WorkCalendar) -> datetime:
    return (_utc(start) + duration).astimezone(calendar.zone)


def _utc(moment: datetime) -> datetime:
    """In UTC, because sums within a zone are made on the wall clock and miss daylight-saving changes."""
    if moment.utcoffset() is None:
        raise ValueError(f"a time without a zone: {moment.isoformat()}")
    return moment.astimezone(UTC)

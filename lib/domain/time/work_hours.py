"""When the agency works, as configured: weekly spans, public holidays, make-up workdays, single days set by hand."""

from collections.abc import Iterable, Mapping
from datetime import date, time
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from lib.domain.configured import Configured

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = time(0)


class Span(Configured):
    """Wall-clock times of one day. An `end` of 00:00 is midnight at the end of the day, written 24:00."""

    start: time
    end: time

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """Accept "09:00-12:00", the form used in the configuration."""
        if not isinstance(value, str):
            return value
        start, _, end = (part.strip() for part in value.partition("-"))
        try:
            return {"start": time.fromisoformat(start), "end": MIDNIGHT if end == "24:00" else time.fromisoformat(end)}
        except ValueError:
            raise PydanticCustomError(
                "not_a_span", "expected a span such as 09:00-12:00, got {given}", {"given": value}
            ) from None

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.start.tzinfo or self.end.tzinfo:
            raise PydanticCustomError("not_a_span", "spans have no time zone, got {given}", {"given": str(self)})
        if self.end != MIDNIGHT and self.end <= self.start:
            raise PydanticCustomError("span_reversed", "ends before it begins: {given}", {"given": str(self)})
        return self

    def __str__(self) -> str:
        end = "24:00" if self.end == MIDNIGHT else _clock(self.end)
        return f"{_clock(self.start)}-{end}"


def _clock(at: time) -> str:
    return at.isoformat("seconds" if at.second else "minutes")


def _in_order(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    for earlier, later in pairwise(spans):
        if earlier.end == MIDNIGHT or later.start < earlier.end:
            facts = {"first": str(earlier), "second": str(later)}
            raise PydanticCustomError("spans_overlap", "overlap or are out of order: {first}, {second}", facts)
    return spans


Spans = Annotated[tuple[Span, ...], AfterValidator(_in_order)]

_OFFICE_DAY = (Span(start=time(9), end=time(12)), Span(start=time(13, 30), end=time(18, 30)))


def every_day() -> dict[Weekday, Spans]:
    """Brokerages work weekends."""
    return dict.fromkeys(WEEKDAYS, _OFFICE_DAY)


class CalendarConfig(Configured):
    """When the agency works. Overrides take precedence over holidays, holidays over make-up days, and these over the
    week.

    A weekday that `weekly` leaves out is a rest day. A make-up day matters only where the week has a rest
    day; it then has the spans of the week's first working day. `announced` are the years whose holidays are known;
    None if the agency keeps no public holidays, so that none are expected.
    """

    timezone: str = "Asia/Shanghai"
    weekly: dict[Weekday, Spans] = Field(default_factory=every_day)
    holidays: Mapping[date, str] = {}
    make_up_days: frozenset[date] = frozenset()
    overrides: Mapping[date, Spans] = {}
    announced: frozenset[int] | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return known_zone(name)

    @field_validator("weekly")
    @classmethod
    def _some_work(cls, weekly: dict[Weekday, Spans]) -> dict[Weekday, Spans]:
        return some_work(weekly)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if both := self.make_up_days & self.holidays.keys():
            raise holiday_and_make_up(both)
        return self


def some_work(weekly: dict[Weekday, Spans]) -> dict[Weekday, Spans]:
    """Refuses a week without working time, in which no clock would ever end."""
    if not any(weekly.values()):
        raise PydanticCustomError("no_working_time", "the week has no working time")
    return weekly


def known_zone(name: str) -> str:
    """The name of a time zone, or the error that pydantic reports."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("unknown_time_zone", "unknown time zone {given}", {"given": name}) from None
    return name


def holiday_and_make_up(days: Iterable[date]) -> PydanticCustomError:
    """The error for days that are given as both."""
    facts = {"days": ", ".join(map(str, sorted(days)))}
    return PydanticCustomError("holiday_and_make_up", "both holiday and make-up day: {days}", facts)

"""Working time: weekly spans, public holidays, make-up workdays and manual overrides.

All sums are over instants, so a span that crosses a daylight-saving change counts the time that really
passed.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

FIRST_YEAR, LAST_YEAR = 1900, 2199
_MIDNIGHT = time(0)
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class OutsideCalendar(ValueError):
    """A day outside the years 1900 to 2199; nearly always a typing error in a date."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the working calendar covers {FIRST_YEAR} to {LAST_YEAR}, not {year}")
        self.year = year


class Span(BaseModel):
    """Wall-clock times of one day. An `end` of 00:00 is midnight at the end of the day, written 24:00."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: time
    end: time

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """Accept "09:00-12:00", the form used in the configuration."""
        if not isinstance(value, str):
            return value
        start, dash, end = value.partition("-")
        if not dash:
            raise ValueError(f"expected a span such as 09:00-12:00, got {value!r}")
        return {"start": start.strip(), "end": "00:00" if end.strip() == "24:00" else end.strip()}

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("spans are wall-clock times without a zone")
        if self.end != _MIDNIGHT and self.end <= self.start:
            raise ValueError(f"span ends before it starts: {self}")
        return self

    def __str__(self) -> str:
        end = "24:00" if self.end == _MIDNIGHT else f"{self.end:%H:%M}"
        return f"{self.start:%H:%M}-{end}"


def _in_order(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    for earlier, later in pairwise(spans):
        if earlier.end == _MIDNIGHT or later.start < earlier.end:
            raise ValueError(f"spans overlap or are out of order: {earlier}, {later}")
    return spans


Spans = Annotated[tuple[Span, ...], AfterValidator(_in_order)]

_OFFICE_DAY = (Span(start=time(9), end=time(12)), Span(start=time(13, 30), end=time(18, 30)))


def _every_day() -> dict[Weekday, Spans]:
    """Brokerages work weekends."""
    return dict.fromkeys(WEEKDAYS, _OFFICE_DAY)


class CalendarConfig(BaseModel):
    """When the agency works. The strongest word first: overrides, holidays, make-up days, the week.

    A weekday that `weekly` leaves out is a rest day. A make-up day matters only where the week has a rest
    day; it then has the spans of the week's first working day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    timezone: str = "Asia/Shanghai"
    weekly: dict[Weekday, Spans] = Field(default_factory=_every_day)
    holidays: dict[date, str] = {}
    make_up_days: frozenset[date] = frozenset()
    overrides: dict[date, Spans] = {}

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"unknown time zone {name!r}") from error
        return name

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not any(self.weekly.values()):
            raise ValueError("the week has no working time")
        if both := sorted(self.make_up_days & self.holidays.keys()):
            raise ValueError(f"both holiday and make-up day: {', '.join(map(str, both))}")
        return self


@dataclass(frozen=True)
class _Index:
    """Every working span of some whole years as instants (microseconds since 1970), with running totals."""

    first_year: int
    last_year: int
    begin: int
    end: int
    starts: list[int]
    ends: list[int]
    worked_before: list[int]

    def worked(self, instant: int) -> int:
        at = bisect_right(self.starts, instant) - 1
        if at < 0:
            return 0
        return self.worked_before[at] + min(instant, self.ends[at]) - self.starts[at]

    def earliest(self, worked: int) -> int | None:
        """The first instant at which so much has been worked; None when that lies after the index."""
        at = bisect_left(self.worked_before, worked) - 1
        instant = self.starts[at] + worked - self.worked_before[at]
        return instant if instant <= self.ends[at] else None


class WorkCalendar:
    """Arithmetic in working time. Instants of any zone go in, the calendar's zone comes out.

    Naive datetimes raise ValueError, days outside 1900 to 2199 OutsideCalendar. Safe to share between
    threads: what is cached is replaced as a whole, never changed in place.
    """

    def __init__(self, config: CalendarConfig) -> None:
        self.config = config
        self.zone = ZoneInfo(config.timezone)
        self.nominal_day = _nominal_day(config)
        self._make_up_spans = next(config.weekly[day] for day in WEEKDAYS if config.weekly.get(day))
        self._index: _Index | None = None

    def spans(self, day: date) -> tuple[Span, ...]:
        """The day's working spans, empty on a rest day."""
        config = self.config
        if day in config.overrides:
            return config.overrides[day]
        if day in config.holidays:
            return ()
        usual = config.weekly.get(WEEKDAYS[day.weekday()], ())
        return self._make_up_spans if not usual and day in config.make_up_days else usual

    def is_working_day(self, day: date) -> bool:
        return bool(self.spans(day))

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`, never `day` itself."""
        return self.move_off_rest(day + _DAY)

    def move_off_rest(self, day: date) -> date:
        """`day` when it is a working day, else the next one."""
        while not self.is_working_day(day):
            day += _DAY
            _check_year(day.year)
        return day

    def day_length(self, day: date) -> timedelta:
        return sum((_MICROSECOND * (end - start) for start, end in self._instants(day)), timedelta())

    def is_open(self, now: datetime) -> bool:
        """Whether `now` lies in a span; the end of a span is already outside."""
        instant = _instant(now)
        index = self._covering(instant, instant)
        at = bisect_right(index.starts, instant) - 1
        return at >= 0 and instant < index.ends[at]

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """The earliest moment at which `duration` of working time has passed since `start`.

        A sum that fills a span exactly ends at the end of that span, not at the beginning of the next.
        Nothing added returns `start`, also at night. Negative durations raise ValueError.
        """
        if duration < timedelta():
            raise ValueError(f"negative working time: {duration}")
        instant = _instant(start)
        if duration:
            instant = self._later(instant, duration // _MICROSECOND)
        return self._at(instant)

    def add_days(self, start: datetime, n: int) -> datetime:
        """The same point of working time `n` working days later, a day being `nominal_day` long."""
        return self.add(start, n * self.nominal_day)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`; negative when `end` comes first."""
        begin, finish = _instant(start), _instant(end)
        index = self._covering(min(begin, finish), max(begin, finish))
        return _MICROSECOND * (index.worked(finish) - index.worked(begin))

    def _later(self, instant: int, work: int) -> int:
        index = self._covering(instant, instant)
        while (found := index.earliest(index.worked(instant) + work)) is None:
            _check_year(index.last_year + 1)
            # Twice as far each time, so that even an absurd duration ends soon.
            further = index.last_year + 1 + index.last_year - index.first_year
            index = self._widened(index, index.first_year, min(further, LAST_YEAR))
        return found

    def _at(self, instant: int) -> datetime:
        return (_EPOCH + _MICROSECOND * instant).astimezone(self.zone)

    def _covering(self, first: int, last: int) -> _Index:
        index = self._index
        if index is None or first < index.begin or last >= index.end:
            index = self._widened(index, self._at(first).year, self._at(last).year)
        return index

    def _widened(self, index: _Index | None, first_year: int, last_year: int) -> _Index:
        if index is not None:
            first_year, last_year = min(first_year, index.first_year), max(last_year, index.last_year)
        self._index = widened = self._build(first_year, last_year)
        return widened

    def _build(self, first_year: int, last_year: int) -> _Index:
        _check_year(first_year)
        _check_year(last_year)
        first, beyond = date(first_year, 1, 1), date(last_year + 1, 1, 1)
        starts, ends, worked_before, worked = [], [], [], 0
        for ordinal in range(first.toordinal(), beyond.toordinal()):
            for start, end in self._instants(date.fromordinal(ordinal)):
                starts.append(start)
                ends.append(end)
                worked_before.append(worked)
                worked += end - start
        begin, end = self._wall(first, _MIDNIGHT), self._wall(beyond, _MIDNIGHT)
        return _Index(first_year, last_year, begin, end, starts, ends, worked_before)

    def _instants(self, day: date) -> Iterator[tuple[int, int]]:
        for span in self.spans(day):
            start = self._wall(day, span.start)
            end = self._wall(day + _DAY if span.end == _MIDNIGHT else day, span.end)
            # A span inside the hour that a daylight-saving change skips has no time in it.
            if start < end:
                yield start, end

    def _wall(self, day: date, clock: time) -> int:
        """The instant of a wall-clock time; a skipped one is where daylight saving begins."""
        before = datetime.combine(day, clock, self.zone)
        after = before.replace(fold=1)
        if before.utcoffset() == after.utcoffset():
            return _microseconds(before)
        real = before.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) == datetime.combine(day, clock)
        if real:
            return _microseconds(before)
        return self._jump(_microseconds(after), _microseconds(before))

    def _jump(self, low: int, high: int) -> int:
        """The instant between the two at which the zone's offset changes."""
        offset = self._at(low).utcoffset()
        return low + bisect_left(range(low, high), True, key=lambda at: self._at(at).utcoffset() != offset)


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutsideCalendar(year)


def _instant(moment: datetime) -> int:
    if moment.utcoffset() is None:
        raise ValueError(f"a time without a zone: {moment.isoformat()}")
    _check_year(moment.year)
    return _microseconds(moment)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _nominal_day(config: CalendarConfig) -> timedelta:
    """The commonest length of the week's working days, the longer one of two equally common."""
    lengths = Counter(sum(map(_length, spans), timedelta()) for spans in config.weekly.values() if spans)
    return max(lengths, key=lambda length: (lengths[length], length))


def _length(span: Span) -> timedelta:
    day = date(2000, 1, 1)
    end_day = day + _DAY if span.end == _MIDNIGHT else day
    return datetime.combine(end_day, span.end) - datetime.combine(day, span.start)

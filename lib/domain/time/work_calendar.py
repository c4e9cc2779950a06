"""Arithmetic in working time: adding, subtracting, and what lies between.

All sums are over instants, exact to the microsecond, so a span that crosses a daylight-saving change counts the time
that really passes. A span lasts from the first moment of its day at which the clock on the wall shows its start, or
more where that is skipped, to the first that shows its end: an hour that comes twice belongs to the span it lies in,
and a span inside an hour that is skipped has no time in it.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lib.domain.time.work_hours import MIDNIGHT, WEEKDAYS, CalendarConfig, Span
from lib.domain.time.work_index import WorkIndex

FIRST_YEAR, LAST_YEAR = 1900, 2199
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_Find = Callable[[WorkIndex, int], int | None]


class OutsideCalendar(ValueError):
    """A day outside the years 1900 to 2199; nearly always a typing error in a date."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the working calendar covers {FIRST_YEAR} to {LAST_YEAR}, not {year}")
        self.year = year


class WorkCalendar:
    """Instants of any zone go in, the calendar's zone comes out.

    Naive datetimes raise ValueError, days outside 1900 to 2199 OutsideCalendar. Safe to share between
    threads: what is cached is replaced as a whole, never changed in place.
    """

    def __init__(self, config: CalendarConfig) -> None:
        self.config = config
        self.zone = ZoneInfo(config.timezone)
        self.nominal_day = _nominal_day(config)
        self._make_up_spans = next(config.weekly[day] for day in WEEKDAYS if config.weekly.get(day))
        self._index: WorkIndex | None = None

    def confirmed(self, year: int) -> bool:
        """Whether the holidays of a year are known. In a year that is not, every day follows the normal week."""
        return self.config.announced is None or year in self.config.announced

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
        return self.covering(instant, instant).is_open(instant)

    def at_work(self, moment: datetime) -> datetime:
        """The moment itself or, when nobody is at work then, the next at which somebody is."""
        return self.add(moment, _MICROSECOND) - _MICROSECOND

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """The earliest moment at which `duration` of working time has passed since `start`.

        From outside working time (night, lunch, a holiday) counting begins with the next span. A sum that fills a
        span exactly ends at the end of that span, not at the beginning of the next. Nothing added returns `start`,
        also at night. Negative durations raise ValueError: see `subtract` and `shift`.
        """
        return self.shift(start, _not_negative(duration))

    def subtract(self, end: datetime, duration: timedelta) -> datetime:
        """The latest moment from which `duration` of working time passes until `end`.

        The mirror of `add`: from outside working time counting begins with the span before, and what fills a span
        exactly begins with that span. Nothing subtracted returns `end`. Negative durations raise ValueError.
        """
        instant = _instant(end)
        if _not_negative(duration):
            instant = self._found(instant, -(duration // _MICROSECOND), WorkIndex.latest)
        return self._at(instant)

    def shift(self, moment: datetime, by: timedelta) -> datetime:
        """`moment` moved forwards or, with a negative `by`, backwards, to the earliest moment of that working time.

        So a due time that is moved is the one that would have come of counting with the other duration from the same
        start: `shift(add(start, a), b - a) == add(start, b)` for positive a and b. Nothing returns `moment`.
        """
        instant = _instant(moment)
        if by:
            instant = self._found(instant, by // _MICROSECOND, WorkIndex.earliest)
        return self._at(instant)

    def add_days(self, start: datetime, n: int) -> datetime:
        """The same point of working time `n` working days later, a day being `nominal_day` long."""
        return self.add(start, n * self.nominal_day)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`; of a reversed interval the same with a minus sign."""
        begin, finish = _instant(start), _instant(end)
        index = self.covering(min(begin, finish), max(begin, finish))
        return _MICROSECOND * (index.worked(finish) - index.worked(begin))

    def covering(self, first: int, last: int) -> WorkIndex:
        """An index that answers for both instants (microseconds since 1970) and all between; for sums over many."""
        index = self._index
        if index is None or first < index.begin or last >= index.end:
            index = self._widened(index, self._at(first).year, self._at(last).year)
        return index

    def _found(self, instant: int, work: int, find: _Find) -> int:
        index = self.covering(instant, instant)
        while (found := find(index, index.worked(instant) + work)) is None:
            index = self._further(index, forward=work > 0)
        return found

    def _further(self, index: WorkIndex, *, forward: bool) -> WorkIndex:
        """Twice as far each time, so that even an absurd duration ends soon."""
        years = index.last_year - index.first_year + 1
        if forward:
            _check_year(index.last_year + 1)
            return self._widened(index, index.first_year, min(index.last_year + years, LAST_YEAR))
        _check_year(index.first_year - 1)
        return self._widened(index, max(index.first_year - years, FIRST_YEAR), index.last_year)

    def _widened(self, index: WorkIndex | None, first_year: int, last_year: int) -> WorkIndex:
        if index is not None:
            first_year, last_year = min(first_year, index.first_year), max(last_year, index.last_year)
        self._index = widened = self._build(first_year, last_year)
        return widened

    def _build(self, first_year: int, last_year: int) -> WorkIndex:
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
        begin, end = self._wall(first, MIDNIGHT), self._wall(beyond, MIDNIGHT)
        return WorkIndex(first_year, last_year, begin, end, starts, ends, worked_before, worked)

    def _at(self, instant: int) -> datetime:
        return (_EPOCH + _MICROSECOND * instant).astimezone(self.zone)

    def _instants(self, day: date) -> Iterator[tuple[int, int]]:
        for span in self.spans(day):
            start = self._wall(day, span.start)
            end = self._wall(day + _DAY if span.end == MIDNIGHT else day, span.end)
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


def _not_negative(duration: timedelta) -> timedelta:
    if duration < timedelta():
        raise ValueError(f"negative working time: {duration}")
    return duration


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
    end_day = day + _DAY if span.end == MIDNIGHT else day
    return datetime.combine(end_day, span.end) - datetime.combine(day, span.start)

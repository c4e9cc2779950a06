"""Working time counted minute by minute on the clock on the wall: slow, and so simple that it can be believed."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from lib.domain.time.work_hours import WEEKDAYS, CalendarConfig

MINUTE = timedelta(minutes=1)


class NaiveCalendar:
    """For whole minutes from `first` on, for so many days."""

    def __init__(self, config: CalendarConfig, first: datetime, days: int) -> None:
        self._config, self._zone = config, ZoneInfo(config.timezone)
        self.minutes = [first.astimezone(UTC) + n * MINUTE for n in range(days * 24 * 60)]
        self._walls = [minute.astimezone(self._zone) for minute in self.minutes]
        self.open = self._open()

    def between(self, start: datetime, end: datetime) -> timedelta:
        if end < start:
            return -self.between(end, start)
        return MINUTE * sum(self.open[self._at(start) : self._at(end)])

    def add(self, start: datetime, minutes: int) -> datetime:
        at, left = self._at(start), minutes
        while left:
            left -= self.open[at]
            at += 1
        return self.minutes[at]

    def subtract(self, end: datetime, minutes: int) -> datetime:
        at, left = self._at(end), minutes
        while left:
            at -= 1
            left -= self.open[at]
        return self.minutes[at]

    def _at(self, moment: datetime) -> int:
        return (moment.astimezone(UTC) - self.minutes[0]) // MINUTE

    def _open(self) -> list[bool]:
        """Each span from the first minute that shows its start, or more, to the first that shows its end, or more."""
        found = [False] * len(self.minutes)
        days = sorted({wall.date() for wall in self._walls})
        for day in days:
            for start, end in self._spans(day):
                for at in range(self._first(day, start), self._first(*end)):
                    found[at] = True
        return found

    def _spans(self, day: date) -> list[tuple[time, tuple[date, time]]]:
        config = self._config
        if day in config.overrides:
            spans = config.overrides[day]
        elif day in config.holidays:
            spans = ()
        else:
            spans = config.weekly.get(WEEKDAYS[day.weekday()], ())
        after = day + timedelta(days=1)
        return [(span.start, (after if span.end == time(0) else day, span.end)) for span in spans]

    @cache  # noqa: B019 - lives as long as the test
    def _first(self, day: date, clock: time) -> int:
        shown = ((wall.date(), wall.time()) for wall in self._walls)
        return next((at for at, wall in enumerate(shown) if wall >= (day, clock)), len(self.minutes))

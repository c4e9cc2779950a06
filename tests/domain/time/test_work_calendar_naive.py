"""The calendar against a reference that counts minutes, in zones whose clocks change at odd times."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.time.work_calendar import WorkCalendar
from lib.domain.time.work_hours import CalendarConfig
from tests.domain.time.naive_time import MINUTE, NaiveCalendar

OFFICE = ("09:00-12:00", "13:30-18:30")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NIGHTS = dict.fromkeys(WEEK, ("00:00-00:40", "01:15-02:15", "02:20-02:50", "03:00-05:00", "22:30-24:00"))
DAYS = 16
PLACES: dict[str, tuple[str, dict[str, Any]]] = {
    "Shanghai, National Day, a half day": (
        "2025-09-25",
        {
            "timezone": "Asia/Shanghai",
            "weekly": dict.fromkeys(WEEK[:5], OFFICE),
            "holidays": {f"2025-10-0{day}": "x" for day in range(1, 9)},
            "overrides": {"2025-09-28": OFFICE, "2025-10-03": ["10:00-11:17"], "2025-09-30": ["09:00-12:00"]},
        },
    ),
    "Berlin, spring": ("2025-03-24", {"timezone": "Europe/Berlin", "weekly": NIGHTS}),
    "Berlin, autumn": ("2025-10-20", {"timezone": "Europe/Berlin", "weekly": NIGHTS}),
    "New York, spring": ("2025-03-03", {"timezone": "America/New_York", "weekly": NIGHTS}),
    "New York, autumn, closed": (
        "2025-10-27",
        {"timezone": "America/New_York", "weekly": NIGHTS, "overrides": {"2025-11-02": ["01:30-24:00"]}},
    ),
    "Lord Howe, half an hour": ("2025-03-30", {"timezone": "Australia/Lord_Howe", "weekly": NIGHTS}),
    "Santiago, at midnight": ("2025-09-01", {"timezone": "America/Santiago", "weekly": NIGHTS}),
    "Santiago, midnight twice": ("2025-03-31", {"timezone": "America/Santiago", "weekly": NIGHTS}),
    "Apia, a day left out": ("2011-12-24", {"timezone": "Pacific/Apia", "weekly": NIGHTS}),
}
HERE = st.sampled_from(list(PLACES))
INSIDE = st.integers(4 * 1440, (DAYS - 6) * 1440)  # minutes; the margin is for what is added and subtracted
WORK = st.integers(1, 360)


@cache
def place(name: str) -> tuple[WorkCalendar, NaiveCalendar]:
    first, config = PLACES[name]
    read = CalendarConfig.model_validate(config)
    return WorkCalendar(read), NaiveCalendar(read, datetime.fromisoformat(first).replace(tzinfo=UTC), DAYS)


@pytest.mark.parametrize("name", PLACES)
def test_every_hour_of_two_weeks(name: str) -> None:
    calendar, naive = place(name)
    moments = naive.minutes[2 * 1440 : (DAYS - 2) * 1440 : 60]
    for one, two in pairwise(moments):
        assert calendar.between(one, two) == naive.between(one, two), one


@given(HERE, INSIDE, INSIDE)
def test_between(name: str, one: int, two: int) -> None:
    calendar, naive = place(name)
    start, end = naive.minutes[one], naive.minutes[two]
    assert calendar.between(start, end) == naive.between(start, end)
    assert calendar.is_open(start) == naive.open[one]


@given(HERE, INSIDE, WORK)
def test_adding_and_subtracting(name: str, at: int, minutes: int) -> None:
    calendar, naive = place(name)
    moment = naive.minutes[at]
    # In UTC: Python calls a time that comes twice unequal to the same instant in any other zone.
    assert calendar.add(moment, minutes * MINUTE).astimezone(UTC) == naive.add(moment, minutes)
    assert calendar.subtract(moment, minutes * MINUTE).astimezone(UTC) == naive.subtract(moment, minutes)


@given(HERE, INSIDE, st.integers(0, 59), st.integers(1, 9000))
def test_seconds_between_whole_minutes(name: str, at: int, second: int, seconds: int) -> None:
    """To the second: what is over a whole minute passes in the minute where the whole ones end."""
    calendar, naive = place(name)
    start = naive.minutes[at] + timedelta(seconds=second)
    end = calendar.add(start, timedelta(seconds=seconds))
    whole = naive.minutes[at] if second == 0 else naive.minutes[at + 1]
    before = timedelta(seconds=60 - second) * naive.open[at] if second else timedelta()
    down = end.astimezone(UTC).replace(second=0)
    after = (end - down) * naive.open[naive.minutes.index(down)]
    assert before + naive.between(whole, down) + after == timedelta(seconds=seconds)

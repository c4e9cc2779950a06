from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analytics.frames.working_time import working_hours
from lib.domain.time.work_calendar import WorkCalendar
from lib.domain.time.work_hours import CalendarConfig

CALENDARS = [
    WorkCalendar(CalendarConfig()),
    WorkCalendar(
        CalendarConfig.model_validate(
            {
                "timezone": "Europe/Berlin",
                "weekly": {"mon": ["22:00-24:00"], "tue": ["00:00-06:00", "09:00-17:00"], "sun": ["01:00-04:00"]},
                "holidays": {"2025-12-30": "closed"},
            }
        )
    ),
]
MOMENTS = st.datetimes(
    datetime(2025, 1, 1),  # noqa: DTZ001 - the bounds have no zone
    datetime(2026, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CALENDARS), st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=5))
def test_many_at_once_are_what_the_calendar_says_of_each(
    calendar: WorkCalendar, pairs: list[tuple[datetime, datetime]]
) -> None:
    starts, ends = (np.array([round(pair[i].timestamp() * 1e6) for pair in pairs]) for i in (0, 1))
    expected = [calendar.between(start, end).total_seconds() / 3600 for start, end in pairs]
    np.testing.assert_allclose(working_hours(starts, ends, calendar), expected, atol=1e-6)


def test_nothing_to_measure() -> None:
    assert len(working_hours(np.array([]), np.array([]), CALENDARS[0])) == 0

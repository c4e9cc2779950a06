from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.analytics.frames.weeks import bounds, last_weeks, monday, week_label, weeks_with_data
from lib.i18n import in_language
from tests.analytics.sample import ZONE, case_table, random_cases


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_lies_in_its_week(day: date) -> None:
    start, end = bounds(monday(day), ZONE)
    assert start.weekday() == 0
    assert start.date() <= day < end.date()
    assert end - start == timedelta(days=7)


def test_weeks_with_data_run_from_the_first_case_to_today() -> None:
    first = random_cases(1, 1)[0].model_copy(update={"taken_at": datetime(2026, 2, 23, 0, 0, tzinfo=ZONE)})
    assert weeks_with_data(case_table([first]), date(2026, 3, 11)) == [
        date(2026, 3, 9),
        date(2026, 3, 2),
        date(2026, 2, 23),
    ]


def test_without_cases_there_is_the_present_week() -> None:
    assert weeks_with_data(case_table([]), date(2026, 3, 11)) == [date(2026, 3, 9)]


def test_last_weeks_end_with_the_week() -> None:
    assert last_weeks(date(2026, 3, 9), 2) == [date(2026, 3, 2), date(2026, 3, 9)]


@pytest.mark.parametrize(("day", "number"), [(date(2026, 12, 28), "53"), (date(2025, 12, 29), "1")])
def test_the_label_counts_as_iso_does(day: date, number: str) -> None:
    with in_language("en"):
        assert week_label(day).startswith(f"Week {number} of 2026")

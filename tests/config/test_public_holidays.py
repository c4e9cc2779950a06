"""The days off that come with the configuration, against the official notices and in years nobody has announced."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from lib.config.holidays import HolidaysFile
from lib.config.settings import load_config, load_settings
from lib.domain.time.work_calendar import WorkCalendar
from tests.support import ZONE

NOTICES = Path(__file__).parents[3] / "shared" / "data" / "holidays"
SHIPPED = load_config(load_settings()).calendar
FIVE_DAYS = ("mon", "tue", "wed", "thu", "fri")


def calendar(**file: Any) -> WorkCalendar:
    return WorkCalendar(HolidaysFile.model_validate(file).calendar("Asia/Shanghai"))


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_every_day_is_that_of_the_official_notice(year: int) -> None:
    """Once as shipped, where weekends are worked, and once in a week with a weekend."""
    path = NOTICES / f"{year}.json"
    if not path.exists():
        pytest.skip(f"no {path}")
    told = {date.fromisoformat(day["date"]): day["isOffDay"] for day in json.loads(path.read_text("utf-8"))["days"]}
    shipped = WorkCalendar(SHIPPED)
    weekends = calendar(weekly=dict.fromkeys(FIVE_DAYS, ("09:00-17:00",)), ordinary_days=[*_ordinary()])
    for day in days_of(year):
        assert shipped.is_working_day(day) == (not told.get(day, False)), day
        assert weekends.is_working_day(day) == (not told.get(day, day.weekday() >= 5)), day


def _ordinary() -> list[date]:
    return [date(2023, 12, 30), date(2023, 12, 31)]


def test_years_that_are_announced() -> None:
    shipped = WorkCalendar(SHIPPED)
    assert all(shipped.confirmed(year) for year in range(2004, 2027))
    assert not shipped.confirmed(2199)


def test_a_year_written_into_the_file_is_known() -> None:
    made = calendar(announced={"2099": {"holidays": {"2099-01-01": "元旦"}, "make_up_days": ["2099-01-03"]}})
    assert made.confirmed(2099)
    assert not made.confirmed(2098)
    assert not made.is_working_day(date(2099, 1, 1))
    assert made.config.holidays[date(2099, 1, 1)] == "New Year's Day"


def test_names_of_festivals_are_the_same_in_both_languages() -> None:
    names = {"2099-10-01": "国庆节、中秋节", "2099-02-01": "Spring Festival", "2099-05-05": "店庆"}
    assert list(calendar(announced={"2099": {"holidays": names}}).config.holidays.values())[-3:] == [
        "National Day / Mid-autumn Festival", "Spring Festival", "店庆",
    ]  # fmt: skip


def test_a_year_written_into_the_file_stands_for_that_of_the_library() -> None:
    made = calendar(announced={"2026": {"holidays": {"2026-03-03": "店庆"}}})
    assert {day for day in made.config.holidays if day.year == 2026} == {date(2026, 3, 3)}
    assert made.config.holidays[date(2025, 10, 1)]


def test_without_public_holidays_every_year_is_as_the_week_says() -> None:
    none = calendar(holidays="none")
    assert none.confirmed(2199)
    assert none.is_working_day(date(2026, 10, 1))
    assert not none.config.make_up_days


def test_an_override_is_stronger_than_a_holiday() -> None:
    made = calendar(overrides={"2026-10-01": ["09:00-12:00"], "2026-03-03": []})
    assert made.day_length(date(2026, 10, 1)) == timedelta(hours=3)
    assert not made.is_working_day(date(2026, 3, 3))


def test_make_up_days_are_worked_where_the_week_has_a_weekend() -> None:
    week = calendar(weekly=dict.fromkeys(FIVE_DAYS, ("09:00-12:00", "13:30-18:30")))
    start = datetime(2025, 9, 26, 14, 0, tzinfo=ZONE)  # a Friday; Sunday the 28th is worked, 1 to 8 October are off
    assert week.add_days(start, 1) == datetime(2025, 9, 28, 14, 0, tzinfo=ZONE)
    assert week.add_days(start, 4) == datetime(2025, 10, 9, 14, 0, tzinfo=ZONE)
    assert week.add_days(start, 6) == datetime(2025, 10, 11, 14, 0, tzinfo=ZONE)


@pytest.mark.parametrize("bad", [{"holidays": "us"}, {"ordinary_days": ["tomorrow"]}, {"years": {}}])
def test_a_file_that_says_something_else_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HolidaysFile.model_validate(bad)

from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lib.config.settings import load_config, load_settings
from lib.domain.time.work_calendar import OutsideCalendar, WorkCalendar
from lib.domain.time.work_hours import CalendarConfig, Span

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")

SHIPPED = load_config(load_settings()).calendar
OFFICE_DAYS = ["09:00-12:00", "13:30-18:30"]
CALENDAR = WorkCalendar(SHIPPED)
FIVE_DAYS = WorkCalendar(
    CalendarConfig.model_validate(
        {
            "weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), OFFICE_DAYS),
            "holidays": SHIPPED.holidays,
            "make_up_days": SHIPPED.make_up_days,
            "overrides": {"2025-03-03": [], "2025-10-02": ["10:00-12:00"]},
        }
    )
)
NIGHT_SHIFT = WorkCalendar(
    CalendarConfig.model_validate(
        {
            "timezone": "Europe/Berlin",
            "weekly": {
                "mon": ["08:00-17:00"],
                "sat": ["22:00-24:00"],
                "sun": ["00:00-02:30", "02:45-06:00", "09:00-12:00"],
            },
        }
    )
)
CALENDARS = st.sampled_from([CALENDAR, FIVE_DAYS, NIGHT_SHIFT])
MOMENTS = st.datetimes(
    datetime(2023, 1, 1),  # noqa: DTZ001 - the bounds have no zone
    datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, SHANGHAI, BERLIN]),
)
DURATIONS = st.timedeltas(timedelta(0), timedelta(days=20))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2025-03-05 09:00", 1, "2025-03-05 10:00"),
        ("2025-03-05 11:00", 2, "2025-03-05 14:30"),
        ("2025-03-05 12:30", 1, "2025-03-05 14:30"),
        ("2025-03-05 07:00", 3, "2025-03-05 12:00"),
        ("2025-03-05 13:30", 5, "2025-03-05 18:30"),
        ("2025-03-05 22:00", 1, "2025-03-06 10:00"),
        ("2025-03-08 18:00", 1, "2025-03-09 09:30"),
        ("2025-01-27 18:00", 1, "2025-02-05 09:30"),
        ("2025-12-31 18:00", 1, "2026-01-04 09:30"),
        ("2025-03-05 12:30", 0, "2025-03-05 12:30"),
    ],
)
def test_working_hours_pass_only_in_spans(start: str, hours: int, expected: str) -> None:
    assert CALENDAR.add(at(start), timedelta(hours=hours)) == at(expected)


def test_days_keep_the_point_of_working_time() -> None:
    assert CALENDAR.nominal_day == timedelta(hours=8)
    assert CALENDAR.add_days(at("2025-03-05 10:15"), 1) == at("2025-03-06 10:15")
    assert CALENDAR.add_days(at("2025-09-30 14:00"), 2) == at("2025-10-10 14:00")
    assert FIVE_DAYS.add_days(at("2025-03-14 10:15"), 1) == at("2025-03-17 10:15")


@pytest.mark.parametrize(
    ("end", "hours", "expected"),
    [
        ("2025-03-05 10:00", 1, "2025-03-05 09:00"),
        ("2025-03-05 14:30", 2, "2025-03-05 11:00"),
        ("2025-03-05 12:30", 3, "2025-03-05 09:00"),
        ("2025-03-05 22:00", 5, "2025-03-05 13:30"),
        ("2025-03-05 09:30", 1, "2025-03-04 18:00"),
        ("2025-02-05 09:30", 1, "2025-01-27 18:00"),
        ("2026-01-04 09:30", 1, "2025-12-31 18:00"),
        ("2025-10-04 11:00", 8, "2025-09-30 09:00"),
        ("2025-03-05 12:30", 0, "2025-03-05 12:30"),
    ],
)
def test_subtracting_goes_back_through_spans(end: str, hours: int, expected: str) -> None:
    assert CALENDAR.subtract(at(end), timedelta(hours=hours)) == at(expected)


def test_a_due_time_moved_back_stays_at_the_end_of_a_span() -> None:
    due = at("2025-03-05 14:30")
    assert CALENDAR.shift(due, timedelta(hours=-1)) == at("2025-03-05 12:00")
    assert CALENDAR.subtract(due, timedelta(hours=1)) == at("2025-03-05 13:30")
    assert CALENDAR.shift(at("2025-03-05 13:00"), timedelta()) == at("2025-03-05 13:00")


def test_seconds_are_kept() -> None:
    assert CALENDAR.add(at("2025-03-05 11:59:58"), timedelta(seconds=3)) == at("2025-03-05 13:30:01")
    assert CALENDAR.subtract(at("2025-03-05 13:30:01"), timedelta(seconds=3)) == at("2025-03-05 11:59:58")
    assert CALENDAR.between(at("2025-03-05 11:59:59"), at("2025-03-05 13:30:02")) == timedelta(seconds=3)


def test_sums_reach_years_that_nobody_asked_for_before() -> None:
    calendar = WorkCalendar(SHIPPED)
    start = at("2025-03-05 09:00")
    far = calendar.add(start, timedelta(days=2_000))
    assert calendar.subtract(far, timedelta(days=2_000)) == start
    with pytest.raises(OutsideCalendar):
        WorkCalendar(SHIPPED).subtract(start, timedelta(days=365 * 100))


def test_between_counts_working_time_and_is_negative_backwards() -> None:
    start, end = at("2025-03-05 11:00"), at("2025-03-06 10:00")
    assert CALENDAR.between(start, end) == timedelta(hours=7)
    assert CALENDAR.between(end, start) == timedelta(hours=-7)
    assert CALENDAR.between(at("2025-10-01 00:00"), at("2025-10-08 23:59")) == timedelta()


def test_a_span_is_open_from_its_start_until_just_before_its_end() -> None:
    assert CALENDAR.is_open(at("2025-03-05 09:00"))
    assert not CALENDAR.is_open(at("2025-03-05 08:59:59"))
    assert not CALENDAR.is_open(at("2025-03-05 12:00"))
    assert not CALENDAR.is_open(at("2025-10-01 10:00"))
    assert CALENDAR.is_open(datetime(2025, 3, 5, 1, 0, tzinfo=UTC))


def test_precedence_of_overrides_holidays_and_make_up_days() -> None:
    assert FIVE_DAYS.spans(date(2025, 3, 3)) == ()
    assert [str(span) for span in FIVE_DAYS.spans(date(2025, 10, 2))] == ["10:00-12:00"]
    assert not FIVE_DAYS.is_working_day(date(2025, 10, 1))
    assert not FIVE_DAYS.is_working_day(date(2025, 9, 27))
    assert [str(span) for span in FIVE_DAYS.spans(date(2025, 9, 28))] == OFFICE_DAYS
    assert FIVE_DAYS.day_length(date(2025, 10, 2)) == timedelta(hours=2)


def test_next_working_day_and_moving_off_rest_days() -> None:
    assert CALENDAR.next_working_day(date(2025, 1, 27)) == date(2025, 2, 5)
    assert CALENDAR.next_working_day(date(2025, 3, 5)) == date(2025, 3, 6)
    assert CALENDAR.move_off_rest(date(2025, 1, 29)) == date(2025, 2, 5)
    assert CALENDAR.move_off_rest(date(2025, 3, 5)) == date(2025, 3, 5)
    assert FIVE_DAYS.move_off_rest(date(2025, 3, 1)) == date(2025, 3, 4)


def test_half_days_do_not_shorten_the_nominal_day() -> None:
    weekly = {"mon": OFFICE_DAYS, "tue": OFFICE_DAYS, "sat": ["09:00-12:00"]}
    calendar = WorkCalendar(CalendarConfig.model_validate({"weekly": weekly}))
    assert calendar.nominal_day == timedelta(hours=8)
    assert calendar.add_days(at("2025-03-04 18:00"), 1) == at("2025-03-10 15:00")


def test_daylight_saving_changes_the_length_of_a_night() -> None:
    assert NIGHT_SHIFT.day_length(date(2025, 3, 30)) == timedelta(hours=2 + 3 + 3)
    assert NIGHT_SHIFT.day_length(date(2025, 10, 26)) == timedelta(hours=2.5 + 4.25 + 3)
    assert NIGHT_SHIFT.day_length(date(2025, 6, 1)) == timedelta(hours=2.5 + 3.25 + 3)
    start = at("2025-03-29 23:00", BERLIN)
    assert NIGHT_SHIFT.add(start, timedelta(hours=4)) == at("2025-03-30 04:00", BERLIN)
    assert NIGHT_SHIFT.between(start, at("2025-03-30 04:00", BERLIN)) == timedelta(hours=4)


def test_results_are_in_the_zone_of_the_calendar() -> None:
    result = CALENDAR.add(datetime(2025, 3, 5, 1, 0, tzinfo=UTC), timedelta(hours=1))
    assert result.tzinfo == SHANGHAI
    assert result.isoformat() == "2025-03-05T10:00:00+08:00"


def test_times_without_a_zone_and_negative_durations_are_refused() -> None:
    naive = datetime(2025, 3, 5, 9, 0)  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="without a zone"):
        CALENDAR.add(naive, timedelta(hours=1))
    with pytest.raises(ValueError, match="without a zone"):
        CALENDAR.between(at("2025-03-05 09:00"), naive)
    with pytest.raises(ValueError, match="without a zone"):
        CALENDAR.is_open(naive)
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add(at("2025-03-05 09:00"), timedelta(hours=-1))
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.subtract(at("2025-03-05 09:00"), timedelta(hours=-1))


def test_absurd_dates_and_durations_are_refused_soon() -> None:
    calendar = WorkCalendar(SHIPPED)
    with pytest.raises(OutsideCalendar):
        calendar.between(datetime(202, 5, 1, tzinfo=UTC), at("2025-03-05 09:00"))
    with pytest.raises(OutsideCalendar):
        calendar.is_open(datetime.max.replace(tzinfo=UTC))
    with pytest.raises(OutsideCalendar):
        calendar.add(at("2025-03-05 09:00"), timedelta(days=365 * 100))


@given(CALENDARS, MOMENTS, DURATIONS)
def test_what_is_added_lies_between(calendar: WorkCalendar, start: datetime, duration: timedelta) -> None:
    assert calendar.between(start, calendar.add(start, duration)) == duration


@given(CALENDARS, MOMENTS, DURATIONS)
def test_what_is_subtracted_lies_between(calendar: WorkCalendar, end: datetime, duration: timedelta) -> None:
    start = calendar.subtract(end, duration)
    assert calendar.between(start, end) == duration
    assert start.astimezone(UTC) <= end.astimezone(UTC)  # two times of one zone are compared by the clock on the wall


@given(CALENDARS, MOMENTS, DURATIONS)
def test_subtracting_gives_the_latest_moment(calendar: WorkCalendar, end: datetime, duration: timedelta) -> None:
    later = calendar.subtract(end, duration).astimezone(UTC) + timedelta(microseconds=1)
    if duration:
        assert calendar.between(later, end) < duration


@given(CALENDARS, MOMENTS, DURATIONS, DURATIONS)
def test_moving_a_due_time_is_counting_afresh(
    calendar: WorkCalendar, start: datetime, one: timedelta, two: timedelta
) -> None:
    one, two = one + timedelta(seconds=1), two + timedelta(seconds=1)
    assert calendar.shift(calendar.add(start, one), two - one) == calendar.add(start, two)


@given(CALENDARS, MOMENTS, DURATIONS, DURATIONS)
def test_adding_is_additive_and_monotonic(
    calendar: WorkCalendar, start: datetime, one: timedelta, two: timedelta
) -> None:
    both = calendar.add(start, one + two)
    assert calendar.add(calendar.add(start, one), two) == both
    assert start <= calendar.add(start, one) <= both


@given(CALENDARS, MOMENTS, MOMENTS, DURATIONS)
def test_a_later_start_is_never_due_earlier(
    calendar: WorkCalendar, one: datetime, two: datetime, duration: timedelta
) -> None:
    first, second = sorted([one, two])
    assert calendar.add(first, duration) <= calendar.add(second, duration)


@given(CALENDARS, MOMENTS, MOMENTS, MOMENTS)
def test_between_adds_up(calendar: WorkCalendar, a: datetime, b: datetime, c: datetime) -> None:
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
    assert abs(calendar.between(a, b)) <= abs(b.astimezone(UTC) - a.astimezone(UTC))


@given(CALENDARS, MOMENTS)
def test_a_day_is_as_long_as_its_spans(calendar: WorkCalendar, moment: datetime) -> None:
    day = moment.astimezone(calendar.zone).date()
    midnight = datetime.combine(day, time(), calendar.zone)
    beyond = datetime.combine(day + timedelta(days=1), time(), calendar.zone)
    assert calendar.between(midnight, beyond) == calendar.day_length(day)


@given(CALENDARS, MOMENTS)
def test_open_means_that_time_is_passing(calendar: WorkCalendar, now: datetime) -> None:
    tick = timedelta(microseconds=1)
    passed = calendar.between(now, (now.astimezone(UTC) + tick))
    assert passed == (tick if calendar.is_open(now) else timedelta())


def test_tens_of_thousands_of_sums_are_quick() -> None:
    calendar, start = WorkCalendar(SHIPPED), at("2025-03-05 09:00")
    began = perf_counter()
    for hours in range(20_000):
        due = calendar.add(start, timedelta(hours=hours % 300))
        calendar.between(start, due)
    assert perf_counter() - began < 2


@pytest.mark.parametrize(
    "bad",
    [
        {"weekly": {"mon": ["12:00-09:00"]}},
        {"weekly": {"mon": ["09:00-12:00", "11:00-13:00"]}},
        {"weekly": {"mon": ["20:00-24:00", "21:00-22:00"]}},
        {"weekly": {"mon": ["nine to five"]}},
        {"weekly": {}},
        {"weekly": {"mon": []}},
        {"timezone": "Mars/Olympus"},
        {"timezone": "../etc"},
        {"holidays": {"2025-01-01": "元旦"}, "make_up_days": ["2025-01-01"]},
        {"closed": True},
    ],
)
def test_a_calendar_that_cannot_be_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CalendarConfig.model_validate(bad)


def test_the_default_calendar_works_every_day() -> None:
    calendar = WorkCalendar(CalendarConfig())
    assert all(calendar.day_length(date(2025, 3, day)) == timedelta(hours=8) for day in range(1, 8))
    assert calendar.spans(date(2025, 3, 1))[0] == Span(start=time(9), end=time(12))

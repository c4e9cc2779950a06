import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lib.domain.clocks import (
    CLOCKS,
    Clock,
    Shares,
    SlaConfig,
    Target,
    due_at,
    shift_for_pause,
    state,
    time_left,
    used_share,
)
from lib.domain.severity import PRIORITIES, Priority
from lib.domain.work_calendar import CalendarConfig, WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
RAW: dict[str, Any] = tomllib.loads((Path(__file__).parents[2] / "config/sla.toml").read_text("utf-8"))
SLA = SlaConfig.model_validate(RAW)
CALENDAR = WorkCalendar(CalendarConfig())
MOMENTS = st.datetimes(
    datetime(2025, 1, 1),  # noqa: DTZ001 - the bounds have no zone
    datetime(2025, 12, 31),  # noqa: DTZ001
    timezones=st.just(SHANGHAI),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("priority", "targets"),
    [
        ("P1", ["15m elapsed", "1h", "4h", "1d", "1d"]),
        ("P2", ["30m", "2h", "1d", "3d", "2d"]),
        ("P3", ["2h", "4h", "2d", "7d", "3d"]),
        ("P4", ["4h", "1d", "3d", "10d", "5d"]),
    ],
)
def test_shipped_targets(priority: Priority, targets: list[str]) -> None:
    assert [str(SLA.target(clock, priority)) for clock in CLOCKS] == targets


@pytest.mark.parametrize(
    ("clock", "priority", "start", "due"),
    [
        ("acknowledge", "P1", "2025-03-05 02:00", "2025-03-05 02:15"),
        ("acknowledge", "P2", "2025-03-05 02:00", "2025-03-05 09:30"),
        ("contact", "P3", "2025-03-05 17:30", "2025-03-06 12:00"),
        ("plan", "P2", "2025-03-05 10:15", "2025-03-06 10:15"),
        ("resolve", "P4", "2025-03-05 10:15", "2025-03-15 10:15"),
        ("review", "P1", "2025-03-05 20:00", "2025-03-06 18:30"),
    ],
)
def test_due(clock: Clock, priority: Priority, start: str, due: str) -> None:
    assert due_at(clock, priority, at(start), CALENDAR, SLA) == at(due)


def test_elapsed_minutes_are_not_lost_in_a_daylight_saving_change() -> None:
    calendar = WorkCalendar(CalendarConfig(timezone="Europe/Berlin"))
    before = datetime(2025, 3, 30, 1, 50, tzinfo=ZoneInfo("Europe/Berlin"))
    due = due_at("acknowledge", "P1", before, calendar, SLA)
    assert due.isoformat() == "2025-03-30T03:05:00+02:00"
    assert time_left(due, before, calendar, elapsed=True) == timedelta(minutes=15)


def test_a_pause_pushes_the_due_time_by_its_working_time() -> None:
    due = at("2025-03-06 10:00")
    assert shift_for_pause(due, at("2025-03-05 18:00"), at("2025-03-06 09:30"), CALENDAR) == at("2025-03-06 11:00")
    assert shift_for_pause(due, at("2025-03-05 19:00"), at("2025-03-06 08:00"), CALENDAR) == due
    assert shift_for_pause(due, at("2025-03-05 19:00"), at("2025-03-06 08:00"), CALENDAR, elapsed=True) == at(
        "2025-03-06 23:00"
    )


@pytest.mark.parametrize("elapsed", [True, False])
def test_a_pause_cannot_end_before_it_begins(elapsed: bool) -> None:
    with pytest.raises(ValueError, match="pause"):
        shift_for_pause(
            at("2025-03-06 10:00"), at("2025-03-05 12:00"), at("2025-03-05 11:00"), CALENDAR, elapsed=elapsed
        )


@given(MOMENTS, st.integers(0, 600), st.integers(0, 6000))
def test_a_pause_leaves_the_working_time_left_as_it_was(start: datetime, before: int, paused: int) -> None:
    due = due_at("resolve", "P3", start, CALENDAR, SLA)
    pause = start.astimezone(UTC) + timedelta(minutes=before)
    resumed = pause + timedelta(minutes=paused)
    pushed = shift_for_pause(due, pause, resumed, CALENDAR)
    assert time_left(pushed, resumed, CALENDAR) == time_left(due, pause, CALENDAR)
    lost = CALENDAR.between(pause, resumed)
    assert used_share(start, pushed, resumed, CALENDAR, paused=lost) == used_share(start, due, pause, CALENDAR)


def test_used_share_and_time_left() -> None:
    start, due = at("2025-03-05 09:00"), at("2025-03-05 14:30")
    assert used_share(start, due, start, CALENDAR) == 0
    assert used_share(start, due, at("2025-03-05 08:00"), CALENDAR) == 0
    assert used_share(start, due, at("2025-03-05 12:15"), CALENDAR) == 0.75
    assert used_share(start, due, due, CALENDAR) == 1
    assert used_share(start, due, at("2025-03-05 16:30"), CALENDAR) == 1.5
    assert time_left(due, at("2025-03-05 12:15"), CALENDAR) == timedelta(hours=1)
    assert time_left(due, at("2025-03-06 09:30"), CALENDAR) == timedelta(hours=-4.5)


def test_elapsed_clocks_run_at_night() -> None:
    start, due, now = at("2025-03-05 02:00"), at("2025-03-05 02:20"), at("2025-03-05 02:15")
    assert used_share(start, due, now, CALENDAR, elapsed=True) == 0.75
    assert time_left(due, now, CALENDAR, elapsed=True) == timedelta(minutes=5)
    assert time_left(due, now, CALENDAR) == timedelta()


def test_a_clock_without_any_allowed_time_is_used_up_when_due() -> None:
    start, due = at("2025-03-05 12:10"), at("2025-03-05 13:00")
    assert used_share(start, due, at("2025-03-05 12:59"), CALENDAR) == 0
    assert used_share(start, due, due, CALENDAR) == 1


@pytest.mark.parametrize(
    ("share", "expected"), [(0, "ok"), (0.749, "ok"), (0.75, "soon"), (0.999, "soon"), (1, "late"), (9, "late")]
)
def test_state(share: float, expected: str) -> None:
    assert state(share) == expected
    assert state(share, SLA.shares) == expected


def test_state_warns_when_configured() -> None:
    assert state(0.6, Shares(warn=0.5)) == "soon"


@given(MOMENTS, st.sampled_from(CLOCKS), st.sampled_from(PRIORITIES))
def test_just_due_is_wholly_used(start: datetime, clock: Clock, priority: Priority) -> None:
    elapsed = SLA.target(clock, priority).elapsed
    due = due_at(clock, priority, start, CALENDAR, SLA)
    assert used_share(start, due, due, CALENDAR, elapsed=elapsed) == 1
    assert time_left(due, start, CALENDAR, elapsed) > timedelta()


def test_times_without_a_zone_are_refused() -> None:
    naive = datetime(2025, 3, 5, 9, 0)  # noqa: DTZ001 - the point of the test
    for clock in CLOCKS:
        with pytest.raises(ValueError, match="without a zone"):
            due_at(clock, "P1", naive, CALENDAR, SLA)


@pytest.mark.parametrize("bad", ["", "0h", "2 weeks", "h", "-1h", "1.5h", "15m at night"])
def test_targets_that_cannot_be_read_are_refused(bad: str) -> None:
    with pytest.raises(ValidationError):
        Target.model_validate(bad)


@pytest.mark.parametrize(
    "change",
    [
        {"shares": {"warn": 1.2}},
        {"targets": {"P1": RAW["targets"]["P1"]}},
        {"targets": {**RAW["targets"], "P5": RAW["targets"]["P1"]}},
        {"extra": 1},
    ],
)
def test_inconsistent_configuration_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SlaConfig.model_validate({**RAW, **change})

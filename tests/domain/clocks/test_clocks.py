import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lib.domain.clocks.clocks import (
    CLOCKS,
    Clock,
    ClockTarget,
    SlaConfig,
    due_at,
    due_with,
    shift_for_pause,
    state,
    time_left,
    used_share,
)
from lib.domain.records.severity import PRIORITIES, Priority
from lib.domain.time.work_calendar import WorkCalendar
from lib.domain.time.work_hours import CalendarConfig

SHANGHAI = ZoneInfo("Asia/Shanghai")
RAW: dict[str, Any] = tomllib.loads((Path(__file__).parents[3] / "config/sla.toml").read_text("utf-8"))
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
        ("P1", ["15m elapsed", "1h elapsed", "4h", "1d", "1d"]),
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
    target = SLA.target("resolve", "P3")
    assert used_share(pushed, resumed, target, CALENDAR) == used_share(due, pause, target, CALENDAR)


HALF_DAY = ClockTarget.model_validate("4h")


def test_used_share_and_time_left() -> None:
    due = at("2025-03-05 14:30")  # four hours from 09:00
    for now, share in (("09:00", 0), ("08:00", 0), ("07:00", 0), ("12:15", 0.75), ("14:30", 1), ("16:30", 1.5)):
        assert used_share(due, at(f"2025-03-05 {now}"), HALF_DAY, CALENDAR) == share
    assert used_share(due, at("2025-03-04 10:00"), HALF_DAY, CALENDAR) == 0  # before it started
    assert time_left(due, at("2025-03-05 12:15"), CALENDAR) == timedelta(hours=1)
    assert time_left(due, at("2025-03-06 09:30"), CALENDAR) == timedelta(hours=-4.5)


def test_a_clock_due_at_the_end_of_the_day_is_used_up_all_night() -> None:
    due = at("2025-03-05 18:30")
    assert used_share(due, at("2025-03-05 18:29:59"), HALF_DAY, CALENDAR) < 1
    assert used_share(due, due, HALF_DAY, CALENDAR) == 1
    assert used_share(due, at("2025-03-06 08:00"), HALF_DAY, CALENDAR) == 1
    assert used_share(due, at("2025-03-06 09:00:01"), HALF_DAY, CALENDAR) > 1


def test_nothing_is_late_before_it_is_due() -> None:
    """A due time outside working time, as an override that came later makes it."""
    due = at("2025-03-05 13:00")
    assert used_share(due, at("2025-03-05 12:30"), HALF_DAY, CALENDAR) < 1
    assert state(used_share(due, at("2025-03-05 12:30"), HALF_DAY, CALENDAR), SLA.warn) == "soon"
    assert state(used_share(due, due, HALF_DAY, CALENDAR), SLA.warn) == "late"


def test_elapsed_clocks_run_at_night() -> None:
    due, now = at("2025-03-05 02:20"), at("2025-03-05 02:15")
    assert used_share(due, now, ClockTarget.model_validate("20m elapsed"), CALENDAR) == 0.75
    assert time_left(due, now, CALENDAR, elapsed=True) == timedelta(minutes=5)
    assert time_left(due, now, CALENDAR) == timedelta()


def test_a_day_of_a_target() -> None:
    assert ClockTarget.model_validate("2d").length(CALENDAR) == timedelta(hours=16)
    assert ClockTarget.model_validate("2d elapsed").length(CALENDAR) == timedelta(hours=48)
    assert ClockTarget.model_validate("90m").length(CALENDAR) == timedelta(hours=1.5)


@pytest.mark.parametrize(
    ("share", "expected"), [(0, "ok"), (0.749, "ok"), (0.75, "soon"), (0.999, "soon"), (1, "late"), (9, "late")]
)
def test_state(share: float, expected: str) -> None:
    assert state(share, SLA.warn) == expected


def test_state_warns_when_configured() -> None:
    assert state(0.6, 0.5) == "soon"


@given(MOMENTS, st.sampled_from(CLOCKS), st.sampled_from(PRIORITIES))
def test_just_due_is_wholly_used(start: datetime, clock: Clock, priority: Priority) -> None:
    target = SLA.target(clock, priority)
    due = due_at(clock, priority, start, CALENDAR, SLA)
    assert used_share(due, due, target, CALENDAR) == 1
    assert used_share(due, start, target, CALENDAR) == 0
    assert time_left(due, start, CALENDAR, target.elapsed) == target.length(CALENDAR)


@given(MOMENTS, st.sampled_from(CLOCKS), st.sampled_from(PRIORITIES), st.sampled_from(PRIORITIES), st.integers(0, 6000))
def test_another_target_is_as_if_it_had_been_so_from_the_start(
    start: datetime, clock: Clock, before: Priority, after: Priority, paused: int
) -> None:
    """Also after a pause, which is counted once, day and night for an elapsed clock."""
    old, new = SLA.target(clock, before), SLA.target(clock, after)
    resumed = start.astimezone(UTC) + timedelta(minutes=paused)

    def due(priority: Priority, *, elapsed: bool) -> datetime:
        return shift_for_pause(due_at(clock, priority, start, CALENDAR, SLA), start, resumed, CALENDAR, elapsed=elapsed)

    if old.elapsed == new.elapsed:
        changed = due_with(due(before, elapsed=old.elapsed), old, new, CALENDAR)
        assert changed == due(after, elapsed=old.elapsed)
    else:
        unpaused = due_at(clock, before, start, CALENDAR, SLA)
        assert due_with(unpaused, old, new, CALENDAR, started=start) == due_at(clock, after, start, CALENDAR, SLA)


def test_times_without_a_zone_are_refused() -> None:
    naive = datetime(2025, 3, 5, 9, 0)  # noqa: DTZ001 - the point of the test
    for clock in CLOCKS:
        with pytest.raises(ValueError, match="without a zone"):
            due_at(clock, "P1", naive, CALENDAR, SLA)


@pytest.mark.parametrize("bad", ["", "0h", "00d", "2 weeks", "h", "-1h", "1.5h", "15m at night"])
def test_targets_that_cannot_be_read_are_refused(bad: str) -> None:
    with pytest.raises(ValidationError):
        ClockTarget.model_validate(bad)


@pytest.mark.parametrize(
    "change",
    [
        {"ladder": [{"key": "a", "share": -1, "tell": "handler", "zh": "a", "en": "a"}]},
        {"targets": {"P1": RAW["targets"]["P1"]}},
        {"targets": {**RAW["targets"], "P5": RAW["targets"]["P1"]}},
        {"extra": 1},
    ],
)
def test_inconsistent_configuration_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SlaConfig.model_validate({**RAW, **change})

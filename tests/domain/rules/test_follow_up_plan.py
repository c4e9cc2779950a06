import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lib.config.settings import load_config, load_settings
from lib.domain.rules.follow_up_plan import (
    FollowUpConfig,
    PlannedFollowUp,
    Trigger,
    before_warranty_ends,
    greetings,
    next_repeat,
    next_try,
    plan,
)
from lib.domain.time.work_calendar import WorkCalendar

CONFIG_FOLDER = Path(__file__).parents[3] / "config"
RAW: dict[str, Any] = tomllib.loads((CONFIG_FOLDER / "followup.toml").read_text("utf-8"))
CONFIG = FollowUpConfig.model_validate(RAW)
CALENDAR = WorkCalendar(load_config(load_settings()).calendar)
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
TRIGGERS: list[Trigger] = ["deal_signed", "handover", "case_closed"]


def due_days(trigger: Trigger, on: date) -> list[str]:
    return [follow_up.due.isoformat() for follow_up in plan(trigger, on, CALENDAR, CONFIG)]


def test_plans_on_ordinary_days() -> None:
    assert due_days("case_closed", date(2025, 3, 3)) == ["2025-03-04", "2025-03-10", "2025-04-02"]
    assert due_days("handover", date(2025, 3, 3)) == ["2025-03-10", "2025-04-02"]
    assert plan("deal_signed", date(2025, 3, 3), CALENDAR, CONFIG) == (
        PlannedFollowUp("deal_signed", date(2025, 3, 4)),
        PlannedFollowUp("until_transfer", date(2025, 3, 9)),
    )


def test_rest_days_are_left_forward() -> None:
    assert due_days("handover", date(2025, 9, 25)) == ["2025-10-09", "2025-10-25"]


def test_steps_pushed_onto_one_day_become_one() -> None:
    assert due_days("case_closed", date(2025, 1, 27)) == ["2025-02-05", "2025-02-26"]


def test_the_first_day_after_signing_is_not_missed_before_a_holiday() -> None:
    assert due_days("deal_signed", date(2025, 9, 30))[0] == "2025-09-30"
    assert due_days("deal_signed", date(2025, 10, 3))[0] == "2025-10-09"


def test_rounds_go_on_until_the_transfer() -> None:
    last = date(2025, 3, 9)
    assert next_repeat("deal_signed", last, CALENDAR, CONFIG) == PlannedFollowUp("until_transfer", date(2025, 3, 14))
    assert next_repeat("deal_signed", last, CALENDAR, CONFIG, until=date(2025, 3, 15)) is not None
    assert next_repeat("deal_signed", last, CALENDAR, CONFIG, until=date(2025, 3, 14)) is None
    assert next_repeat("handover", last, CALENDAR, CONFIG) is None


def test_three_tries_on_different_days_then_another_channel() -> None:
    assert next_try(1, date(2025, 3, 3), CALENDAR, CONFIG) == date(2025, 3, 4)
    assert next_try(2, date(2025, 9, 30), CALENDAR, CONFIG) == date(2025, 10, 9)
    assert next_try(3, date(2025, 3, 5), CALENDAR, CONFIG) is None


@given(st.sampled_from(TRIGGERS), DAYS)
def test_no_follow_up_falls_on_a_rest_day_or_twice_on_one(trigger: Trigger, on: date) -> None:
    found = [follow_up.due for follow_up in plan(trigger, on, CALENDAR, CONFIG)]
    assert found == sorted(set(found))
    assert found
    assert all(CALENDAR.is_working_day(day) and day >= on for day in found)


@given(DAYS)
def test_a_reminder_leaves_at_least_sixty_days(until: date) -> None:
    reminder = before_warranty_ends(until, CALENDAR, CONFIG)
    assert reminder.purpose == "warranty_ends"
    assert CALENDAR.is_working_day(reminder.due)
    assert timedelta(days=60) <= until - reminder.due <= timedelta(days=75)


def test_greetings_go_out_before_the_holiday_begins() -> None:
    year = greetings(date(2025, 1, 1), date(2026, 12, 31), CALENDAR, CONFIG)
    assert [str(greeting.due) for greeting in year] == ["2025-01-27", "2025-09-30", "2026-02-14", "2026-09-24"]
    assert greetings(date(2025, 2, 1), date(2025, 9, 29), CALENDAR, CONFIG) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"plans": {"handover": {"steps": [{"purpose": "nothing", "after_days": 7}]}}},
        {"plans": {"handover": {"steps": [{"purpose": "handover", "after_days": 0}]}}},
        {"plans": {"moving": {}}},
        {"tries": {"most": 3, "days_apart": 0}},
        {"greetings": {"purpose": "nothing", "festivals": []}},
        {"extra": 1},
    ],
)
def test_inconsistent_configuration_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FollowUpConfig.model_validate({**RAW, **change})

"""Whole lives of clocks, computed by hand: pauses over weekends, National Day, opening again, another priority.

The calendar has Saturdays and Sundays off, the public holidays of China and their make-up workdays; a working day is
09:00-12:00 and 13:30-18:30, eight hours.
"""

from datetime import datetime

import pytest

from lib.config.holidays import HolidaysFile
from lib.config.settings import load_config, load_settings
from lib.domain.clocks.clocks import ClockTarget, due_with
from lib.domain.records.case import Case
from lib.domain.rules.moves import Rules, apply, enter, moved_clocks, paused_minutes
from lib.domain.rules.permissions import Actor
from lib.domain.rules.workflow import Workflow
from lib.domain.time.work_calendar import WorkCalendar
from tests.support import ZONE

CONFIG = load_config(load_settings())
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-12:00", "13:30-18:30"))
CALENDAR = WorkCalendar(HolidaysFile.model_validate({"weekly": WEEK}).calendar("Asia/Shanghai"))
RULES = Rules(CONFIG.workflow, CONFIG.sla, CALENDAR)
BOSS = Actor("boss", "Boss", dict.fromkeys({move.permission for move in CONFIG.workflow.move}, "all"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def taken(when: str, **fields: object) -> Case:
    case = Case.model_validate({"case_no": "TS-1", "taken_at": at(when), "assignee": "h", "category": "fees", **fields})
    return case.model_copy(update=enter(case, "new", now=at(when), rules=RULES))


def after(case: Case, move: str, when: str, **values: object) -> Case:
    return case.model_copy(update=apply(case, move, values, actor=BOSS, now=at(when), rules=RULES))


def working(when: str, priority: str = "P3") -> Case:
    """Judged at `when`, and in work a minute of no working time later."""
    case = after(taken(when), "accept", when, category="fees", priority=priority)
    case = after(case, "assign", when, assignee="h")
    return after(case, "investigate", when, contacted_at=at(when))


def wait(case: Case, when: str) -> Case:
    return after(case, "wait", when, wait_reason="等配件", promised_on=at(when).date())


def test_clocks_start_one_after_another() -> None:
    case = taken("2026-03-06 18:00")  # a Friday evening; P3: 2 h
    assert case.acknowledge_due == at("2026-03-09 10:30")
    case = after(case, "accept", "2026-03-09 10:00", category="fees", priority="P2")
    assert case.contact_due == at("2026-03-09 12:00")
    assert case.resolve_due == at("2026-03-12 10:00")
    case = after(case, "assign", "2026-03-09 10:30", assignee="h")
    assert case.plan_due == at("2026-03-10 10:30")


def test_a_pause_over_a_weekend() -> None:
    case = working("2026-03-05 10:00")  # Thursday; P3: 7 days
    assert case.resolve_due == at("2026-03-16 10:00")
    waiting = wait(case, "2026-03-06 17:30")  # an hour is left of Friday
    resumed = after(waiting, "resume", "2026-03-09 11:00")  # two hours of Monday are gone
    assert resumed.resolve_due == at("2026-03-16 14:30")
    assert resumed.plan_due == at("2026-03-09 14:30")  # instead of 10:00
    assert resumed.paused_work == 180


def test_two_pauses_add_up() -> None:
    case = wait(working("2026-03-05 10:00"), "2026-03-05 11:00")
    case = after(case, "resume", "2026-03-05 13:45")  # 60 + 15 minutes
    assert case.paused_work == 75
    case = wait(case, "2026-03-07 10:00")
    assert paused_minutes(case, at("2026-03-08 23:00"), CALENDAR) == 75  # a weekend is no working time
    assert paused_minutes(case, at("2026-03-09 09:20"), CALENDAR) == 95
    case = after(case, "resume", "2026-03-09 09:30")
    assert case.paused_work == 105
    assert case.resolve_due == at("2026-03-16 11:45")


def test_a_pause_over_national_day_with_its_make_up_days() -> None:
    """Off: 1 to 8 October 2025. Worked: Sunday 28 September and Saturday 11 October."""
    case = working("2025-09-25 09:00", "P2")  # Thursday; 3 days: Thursday, Friday, and Sunday the 28th
    assert case.resolve_due == at("2025-09-28 18:30")
    waiting = wait(case, "2025-09-28 13:30")  # five hours before
    resumed = after(waiting, "resume", "2025-10-09 10:00")  # 5 + 8 + 8 + 1 hours of work later
    assert resumed.paused_work == 22 * 60
    assert resumed.resolve_due == at("2025-10-09 16:30")


def test_a_clock_runs_over_national_day() -> None:
    case = working("2025-09-30 14:00", "P1")  # plan 4 h, resolve 1 day
    assert case.plan_due == at("2025-09-30 18:00")
    assert case.resolve_due == at("2025-10-09 14:00")
    assert working("2025-09-30 14:00").resolve_due == at("2025-10-16 14:00")  # 9, 10, 11 (make-up), 13, 14, 15, 16


def test_a_clock_that_starts_on_a_holiday_begins_with_the_next_working_day() -> None:
    assert taken("2025-10-03 11:00").acknowledge_due == at("2025-10-09 11:00")
    assert taken("2025-10-03 11:00", priority="P1").acknowledge_due == at("2025-10-03 11:15")


def test_a_pause_pushes_a_clock_day_and_night_where_it_runs_so() -> None:
    asked = after(
        taken("2026-03-06 20:00", priority="P1"),
        "ask_more",
        "2026-03-06 20:05",
        wait_reason="请发照片",
        promised_on=at("2026-03-09 09:00").date(),
    )
    assert asked.acknowledged_at == at("2026-03-06 20:05")  # she has heard something
    assert asked.contact_due == at("2026-03-06 21:00")  # of a P1 from its receipt
    accepted = after(asked, "accept", "2026-03-07 08:05", category="fees", priority="P1")
    assert accepted.contact_due == at("2026-03-07 09:00")
    assert accepted.paused_work == 0  # no working time passed


def test_a_pause_on_two_machines_whose_clocks_differ() -> None:
    waiting = wait(working("2026-03-05 10:00"), "2026-03-05 11:00")
    resumed = after(waiting, "resume", "2026-03-05 10:59")
    assert (resumed.paused_work, resumed.resolve_due) == (0, waiting.resolve_due)


def test_opening_again_starts_the_resolve_clock_afresh_and_no_other() -> None:
    case = after(working("2026-03-05 10:00"), "answer", "2026-03-12 10:00", answer_text="已修好")
    closed = after(case, "close", "2026-03-13 10:00", cause="material", answer_accepted="yes")
    again = after(closed, "reopen", "2026-03-20 17:30", reopen_reason="又漏了")  # Friday, an hour before the end
    assert again.resolve_due == at("2026-03-31 17:30")
    assert again.answered_at is None
    ends = ("acknowledge_due", "acknowledged_at", "contact_due", "contacted_at", "plan_due", "planned_at")
    assert all(getattr(again, name) == getattr(case, name) for name in ends)
    assert [clock for _, clock in CONFIG.workflow.running(again)] == ["resolve"]


def test_a_priority_raised_in_flight() -> None:
    case = wait(working("2026-03-05 10:00"), "2026-03-05 13:30")
    case = after(case, "resume", "2026-03-06 11:00")  # paused for 7 hours
    assert case.resolve_due == at("2026-03-16 18:30")
    raised = after(case, "rejudge", "2026-03-06 14:00", category="fees", priority="P2")
    assert raised.priority == "P2"
    # three days instead of seven, counted from the start with the same pause: 7 hours, then Friday, Monday, Tuesday
    assert raised.resolve_due == at("2026-03-10 18:30")
    assert raised.plan_due == at("2026-03-06 18:30")
    assert raised.contact_due == case.contact_due  # met already
    assert after(raised, "rejudge", "2026-03-06 15:00", priority="P3").resolve_due == case.resolve_due


def test_a_priority_lowered_during_a_pause() -> None:
    waiting = wait(working("2026-03-05 10:00", "P2"), "2026-03-05 11:00")
    assert waiting.resolve_due == at("2026-03-10 10:00")
    lowered = after(waiting, "rejudge", "2026-03-05 15:00", priority="P3")
    assert lowered.resolve_due == at("2026-03-16 10:00")
    assert lowered.paused_at == waiting.paused_at
    assert after(lowered, "resume", "2026-03-06 11:00").resolve_due == at("2026-03-17 10:00")  # paused for a whole day


def test_a_priority_changed_before_the_first_judgement() -> None:
    """By hand, at intake: the acknowledge clock of P1 counts day and night from the intake, and back."""
    case = taken("2026-03-06 20:00")  # Friday evening
    assert case.acknowledge_due == at("2026-03-09 11:00")
    urgent = by_hand(case, "P1")
    assert urgent.acknowledge_due == at("2026-03-06 20:15")
    assert by_hand(urgent, "P3").acknowledge_due == case.acknowledge_due
    assert by_hand(case, "P2").acknowledge_due == at("2026-03-09 09:30")


def test_the_clock_that_a_judgement_ends_keeps_its_due_time() -> None:
    case = taken("2026-03-06 20:00")
    accepted = after(case, "accept", "2026-03-09 09:20", category="fees", priority="P2", accept_text="已受理")
    assert accepted.acknowledge_due == case.acknowledge_due
    assert accepted.acknowledged_at == at("2026-03-09 09:20")
    assert accepted.contact_due == at("2026-03-09 11:20")


@pytest.mark.trial(14)
def test_accepting_a_case_acknowledges_nothing_unless_the_client_reads_it() -> None:
    case = taken("2026-03-06 10:00")
    silent = after(case, "accept", "2026-03-06 10:30", category="fees", priority="P3")
    assert silent.acknowledged_at is None
    assert CONFIG.workflow.next_due(silent) == case.acknowledge_due
    called = after(silent, "contact", "2026-03-06 11:00")
    assert called.acknowledged_at == called.contacted_at == at("2026-03-06 11:00")


@pytest.mark.trial(14)
def test_first_contact_and_resolving_of_a_complaint_count_from_its_receipt() -> None:
    complaint = taken("2026-03-06 10:00", kind="complaint")  # a Friday; P3: 4 h, 7 days
    assert (complaint.contact_due, complaint.resolve_due) == (at("2026-03-06 15:30"), at("2026-03-17 10:00"))
    accepted = after(complaint, "accept", "2026-03-09 10:00", category="fees", priority="P3")
    assert (accepted.contact_due, accepted.resolve_due) == (complaint.contact_due, complaint.resolve_due)
    judged = after(complaint, "accept", "2026-03-09 10:00", category="fees", priority="P2")
    assert (judged.contact_due, judged.resolve_due) == (at("2026-03-06 12:00"), at("2026-03-11 10:00"))

    repair = taken("2026-03-06 10:00", kind="repair")
    assert (repair.contact_due, repair.resolve_due) == (None, None)
    accepted = after(repair, "accept", "2026-03-09 10:00", category="fees", priority="P3")
    assert accepted.contact_due == at("2026-03-09 15:30")


@pytest.mark.trial(14)
def test_a_complaint_opened_again_is_resolved_within_the_time_of_a_new_one() -> None:
    case = after(
        taken("2026-03-02 10:00", kind="complaint"), "accept", "2026-03-02 11:00", category="fees", priority="P3"
    )
    case = after(after(case, "assign", "2026-03-02 11:00", assignee="h"), "contact", "2026-03-02 11:00")
    case = after(after(case, "investigate", "2026-03-02 11:10"), "answer", "2026-03-03 10:00", answer_text="x")
    case = after(case, "close", "2026-03-03 10:00", cause="material", answer_accepted="yes")
    assert after(case, "reopen", "2026-03-20 10:00", reopen_reason="又漏了").resolve_due == at("2026-03-31 10:00")


def test_the_review_clock_moves_too() -> None:
    case = after(working("2026-03-05 10:00"), "answer", "2026-03-06 10:00", answer_text="x")
    asked = after(case, "request_review", "2026-03-06 11:00", review_reason="不满意")
    assert asked.review_due == at("2026-03-11 11:00")
    raised = by_hand(asked, "P1")
    assert raised.review_due == at("2026-03-09 11:00")
    assert raised.resolve_due == asked.resolve_due  # ended with the answer


def test_a_pause_and_another_priority_in_one_step() -> None:
    """Where a workflow asks for the priority on leaving a pause, the pause is counted first, then the target."""
    resume = CONFIG.workflow.moves["resume"].model_copy(update={"asks": ("priority",)})
    moves = tuple(resume if move.key == "resume" else move for move in CONFIG.workflow.move)
    rules = Rules(Workflow(stage=CONFIG.workflow.stage, move=moves), CONFIG.sla, CALENDAR)
    waiting = wait(working("2026-03-05 10:00"), "2026-03-05 11:00")
    fields = apply(waiting, "resume", {"priority": "P2"}, actor=BOSS, now=at("2026-03-06 11:00"), rules=rules)
    assert fields["resolve_due"] == at("2026-03-11 10:00")


@pytest.mark.parametrize(
    ("due", "old", "new", "expected"),
    [
        ("2026-03-06 10:00", "2h elapsed", "4h elapsed", "2026-03-06 12:00"),
        ("2026-03-06 10:00", "1h elapsed", "1h", "2026-03-06 10:00"),
        ("2026-03-07 10:00", "1d elapsed", "1h", "2026-03-06 11:00"),
        ("2026-03-09 10:00", "2h", "1d elapsed", "2026-03-07 17:30"),
        ("2026-03-09 10:00", "1d", "4h", "2026-03-06 15:30"),
    ],
)
def test_a_target_changed_without_a_known_start(due: str, old: str, new: str, expected: str) -> None:
    before, then = ClockTarget.model_validate(old), ClockTarget.model_validate(new)
    assert due_with(at(due), before, then, CALENDAR) == at(expected)


def by_hand(case: Case, priority: str) -> Case:
    changed = case.model_copy(update={"priority": priority})
    return changed.model_copy(update=moved_clocks(case, changed, RULES))

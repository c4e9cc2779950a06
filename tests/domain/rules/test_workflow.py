"""The state machine: the shipped table, guarded moves, and what a move does to the clocks."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lib.config.settings import CONFIG, load_config, load_settings
from lib.domain.records.case import Case
from lib.domain.rules.moves import Rules, apply, enter
from lib.domain.rules.permissions import Actor
from lib.domain.rules.workflow import CLOCK_FIELDS, Workflow
from lib.domain.time.work_calendar import WorkCalendar
from lib.domain.time.work_hours import CalendarConfig
from lib.errors import InvalidFields, NotAllowed, WrongStage

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=ZONE)
CONFIGURED = load_config(load_settings(CONFIG), CONFIG)
RULES = Rules(CONFIGURED.workflow, CONFIGURED.sla, WorkCalendar(CalendarConfig()))
WORKFLOW: Workflow = CONFIGURED.workflow
ALL = Actor("boss", "Boss", dict.fromkeys({move.permission for move in WORKFLOW.move}, "all"))


def case(**fields: object) -> Case:
    start = Case.model_validate({"case_no": "TS-1", "taken_at": NOW, **fields})
    return start.model_copy(update=enter(start, start.stage, now=NOW, rules=RULES))


def after(before: Case, move: str, *, at: datetime = NOW, **values: object) -> Case:
    return before.model_copy(update=apply(before, move, values, actor=ALL, now=at, rules=RULES))


def test_every_stage_can_be_reached_and_left() -> None:
    reached = {move.to for move in WORKFLOW.move} | {WORKFLOW.stage[0].key}
    left = {source for move in WORKFLOW.move for source in move.sources}

    assert reached >= set(WORKFLOW.stages)
    assert set(WORKFLOW.stages) - left == {"archived"}


@pytest.mark.parametrize("stage", list(WORKFLOW.stages))
@pytest.mark.parametrize("move", list(WORKFLOW.moves))
def test_a_move_is_possible_from_its_stages_only(stage: str, move: str) -> None:
    there = case(stage=stage, kind="praise", priority="P3", assignee="somebody")

    refusal = WORKFLOW.refusal(there, WORKFLOW.moves[move], ALL)

    assert (refusal == "stage") == (stage not in WORKFLOW.moves[move].sources)


def test_accepting_stops_the_first_clock_and_starts_the_next_ones() -> None:
    told = {"category": "quality.leak", "priority": "P2", "accept_text": "已受理"}
    accepted = after(case(acknowledge_due=NOW + timedelta(hours=2)), "accept", at=NOW + timedelta(hours=1), **told)

    assert accepted.acknowledged_at == NOW + timedelta(hours=1)
    assert accepted.contact_due is not None
    assert accepted.resolve_due is not None
    assert accepted.plan_due is None


def test_a_pause_moves_the_clocks_that_still_run() -> None:
    working = case(stage="in_progress", resolve_due=NOW + timedelta(hours=2), acknowledged_at=NOW)
    waiting = after(working, "wait", wait_reason="等配件", promised_on=NOW.date())

    resumed = after(waiting.model_copy(update={"assignee": "h"}), "resume", at=NOW + timedelta(hours=1))

    assert waiting.paused_at == NOW
    assert resumed.paused_at is None
    assert working.resolve_due is not None
    assert resumed.resolve_due == RULES.calendar.add(working.resolve_due, timedelta(hours=1))


def test_a_clock_met_during_a_pause_stays_met() -> None:
    waiting = case(stage="waiting", assignee="h", contacted_at=NOW, contact_due=NOW + timedelta(hours=1))

    assert after(waiting, "resume", at=NOW + timedelta(hours=5)).contact_due == waiting.contact_due


def test_reopening_starts_the_resolve_clock_again_and_counts() -> None:
    done = case(stage="closed", assignee="h", answered_at=NOW, resolve_due=NOW, closed_at=NOW)

    reopened = after(done, "reopen", at=NOW + timedelta(days=3), reopen_reason="又漏了")

    assert (reopened.reopen_count, reopened.closed_at, reopened.answered_at) == (1, None, None)
    assert reopened.resolve_due is not None
    assert reopened.resolve_due > NOW + timedelta(days=3)


def test_what_is_needed_is_named() -> None:
    with pytest.raises(InvalidFields) as refused:
        after(case(stage="in_progress"), "wait")

    assert {problem.field for problem in refused.value.problems} == {"wait_reason", "promised_on"}


def test_a_field_outside_the_form_is_refused() -> None:
    with pytest.raises(InvalidFields, match="not_in_form"):
        after(case(), "accept", category="fees", priority="P3", closed_at=NOW)


def test_the_handler_does_not_review_her_own_case() -> None:
    mine = case(stage="in_review", assignee=ALL.staff_id, answer_text="x")

    with pytest.raises(WrongStage, match="own"):
        after(mine, "uphold")


def test_major_cases_need_a_plan_before_work() -> None:
    with pytest.raises(WrongStage, match="priority"):
        after(case(stage="investigating", priority="P1"), "start")


def test_only_praise_and_suggestions_are_thanked() -> None:
    with pytest.raises(WrongStage, match="kind"):
        after(case(kind="complaint"), "thank")
    assert after(case(kind="praise"), "thank").stage == "closed"


def test_without_the_permission_nothing_moves() -> None:
    nobody = Actor("n", "N", {})
    with pytest.raises(NotAllowed):
        apply(case(), "accept", {"category": "fees"}, actor=nobody, now=NOW, rules=RULES)
    assert not list(WORKFLOW.moves_for(case(), nobody))


def test_own_scope_covers_own_cases_only() -> None:
    handler = Actor("h", "H", {"case.handle": "own"})
    mine, other = case(stage="assigned", assignee="h"), case(stage="assigned", assignee="x")

    assert [move.key for move in WORKFLOW.moves_for(mine, handler)] == ["investigate"]
    assert not list(WORKFLOW.moves_for(other, handler))


def test_the_next_due_time_is_the_earliest_clock_that_runs() -> None:
    accepted = after(case(acknowledged_at=NOW), "accept", category="fees", priority="P3")

    assert WORKFLOW.next_due(accepted) == accepted.contact_due
    assert WORKFLOW.next_due(accepted.model_copy(update={"contacted_at": NOW})) == accepted.resolve_due
    assert WORKFLOW.next_due(case(stage="waiting")) is None


def test_every_clock_has_its_fields() -> None:
    assert all(set(pair) <= set(Case.model_fields) for pair in CLOCK_FIELDS.values())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"to": "nowhere"}, "nowhere"),
        ({"needs": ["nothing"]}, "nothing"),
        ({"from": ["nowhere"]}, "nowhere"),
        ({"permission": "case.vew"}, "case.vew"),
        ({"key": "m", "written": ["p1"]}, "written"),
    ],
)
def test_a_wrong_table_is_refused_when_loaded(wrong: dict[str, object], message: str) -> None:
    stage = {"key": "new", "zh": "新", "en": "New", "phase": "open"}
    move = {"key": "m", "zh": "移", "en": "Move", "icon": "x", "from": ["new"], "to": "new", "permission": "case.view"}

    with pytest.raises(ValueError, match=message):
        Workflow.model_validate({"stage": [stage], "move": [{**move, **wrong}]})

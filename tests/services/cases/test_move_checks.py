"""What a move and the intake refuse: blanks, and dates that cannot be."""

from datetime import timedelta

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.errors import Conflict, InvalidFields
from lib.services.cases import handling
from lib.services.cases.handling import SEVERITY_FIELDS
from tests.cases import assigned, closed, move, take_in
from tests.support import Clock


@pytest.mark.parametrize(
    ("move_key", "values", "field", "code"),
    [
        ("wait", {"wait_reason": "  ", "promised_on": 1}, "wait_reason", "missing"),
        ("wait", {"wait_reason": "等配件", "promised_on": -1}, "promised_on", "in_the_past"),
        ("answer", {"answer_text": " \n"}, "answer_text", "missing"),
    ],
)
def test_a_move_refuses_blanks_and_days_that_are_over(
    desk: Desk, people: dict[str, Actor], move_key: str, values: dict[str, object], field: str, code: str
) -> None:
    case = assigned(desk, people)
    case = move(desk, people["handler"], case, "investigate", contacted_at=desk.now())
    given = {
        name: desk.today() + timedelta(days=value) if isinstance(value, int) else value
        for name, value in values.items()
    }
    with pytest.raises(InvalidFields) as refused:
        move(desk, people["handler"], case, move_key, **given)
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [(field, code)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"priority": "P9"}, "priority"),
        ({"priority": "P3", **dict.fromkeys(SEVERITY_FIELDS, 1), "severity_scope": 9}, "severity_scope"),
        ({"priority": "P3", "handover_on": "去年"}, "handover_on"),
    ],
)
def test_a_move_refuses_what_no_case_can_hold(
    desk: Desk, people: dict[str, Actor], values: dict[str, object], field: str
) -> None:
    case = take_in(desk, people["intake"])
    with pytest.raises(InvalidFields) as refused:
        move(desk, people["manager"], case, "accept", category="fees", **values)
    assert [problem.field for problem in refused.value.problems] == [field]


@pytest.mark.parametrize(
    ("move_key", "values"),
    [("reassign", {"assignee": "handler2"}), ("contact", {}), ("rejudge", {"category": "fees", "priority": "P1"})],
)
def test_a_step_that_stays_in_its_stage_is_a_conflict_where_the_case_has_moved_on(
    desk: Desk, people: dict[str, Actor], move_key: str, values: dict[str, object]
) -> None:
    seen = assigned(desk, people)
    moved = move(desk, people["handler"], seen, "wait", wait_reason="等配件", promised_on=desk.today())
    with pytest.raises(Conflict) as caught:
        handling.make_move(desk, actor=people["manager"], case=seen, move=move_key, values=values, text="改派")
    assert [(clash.field, clash.theirs) for clash in caught.value.clashes] == [("stage", "waiting")]
    assert desk.snapshot[Case][seen.case_no] == moved


def test_a_new_pause_needs_a_reason_and_a_promise_of_its_own(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    """What was promised in an earlier pause still stands on the case, and is no promise for this one."""
    case = assigned(desk, people)
    case = move(desk, people["handler"], case, "wait", wait_reason="等配件", promised_on=desk.today())
    clock.forward(days=3)
    case = move(desk, people["handler"], case, "resume")
    with pytest.raises(InvalidFields) as refused:
        move(desk, people["handler"], case, "wait")
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [
        ("wait_reason", "missing"), ("promised_on", "missing"),
    ]  # fmt: skip
    again = {"wait_reason": "等配件", "promised_on": desk.today()}
    assert move(desk, people["handler"], case, "wait", **again).stage == "waiting"


def test_every_reopening_and_every_review_has_a_reason_of_its_own(desk: Desk, people: dict[str, Actor]) -> None:
    """The one given the time before still stands on the case; it is no reason for this time unless it is said again."""
    head = people["head"]
    case = move(desk, head, closed(desk, people), "reopen", reopen_reason="又漏水")
    case = move(desk, people["handler"], case, "answer", answer_text="已修好")
    with pytest.raises(InvalidFields) as refused:
        move(desk, head, case, "reopen")
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("reopen_reason", "missing")]
    case = move(desk, head, case, "request_review", review_reason="客户不服")
    case = move(desk, people["reviewer"], case, "uphold", review_findings="属实", answer_text="维持")
    with pytest.raises(InvalidFields) as refused:
        move(desk, head, case, "request_review")
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("review_reason", "missing")]
    case = move(desk, head, case, "reopen", reopen_reason="又漏水")
    assert case.reopen_count == 2


def test_intake_refuses_what_has_not_happened_yet(desk: Desk, people: dict[str, Actor]) -> None:
    with pytest.raises(InvalidFields) as refused:
        take_in(desk, people["intake"], occurred_on=desk.today() + timedelta(days=1))
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("occurred_on", "in_future")]

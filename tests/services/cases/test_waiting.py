"""Waiting (requirement D9): a date always, a limit that the head may lift, and promises that were broken."""

from datetime import date, timedelta
from typing import Any

import pytest

from lib.analytics.kpis.review import review_of
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import InvalidFields, NotAllowed, WrongStage
from lib.services.cases import handling
from lib.services.work.agenda import agenda
from lib.store.commit.batch import create, edit
from tests.cases import assigned, move, take_in
from tests.support import MONDAY, Clock

pytestmark = pytest.mark.trial(15)
TODAY = MONDAY.date()
PAPERS = "等客户补产权证复印件"


def waiting(desk: Desk, people: dict[str, Actor], days: int, *, by: str = "handler", **values: Any) -> Case:
    case = assigned(desk, people, **values)
    return move(desk, people[by], case, "wait", wait_reason=PAPERS, promised_on=TODAY + timedelta(days=days))


def problems(caught: pytest.ExceptionInfo[InvalidFields]) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in caught.value.problems]


def latest(desk: Desk, case: Case) -> Case:
    return desk.snapshot[Case][case.case_no]


def test_asking_the_client_for_more_needs_a_date(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"])
    with pytest.raises(InvalidFields) as caught:
        move(desk, people["manager"], case, "ask_more", wait_reason=PAPERS)
    assert problems(caught) == [("promised_on", "missing")]
    assert latest(desk, case).stage == "new"


def test_a_wait_for_more_information_returns_to_home_on_its_day(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    case = take_in(desk, people["intake"])
    move(desk, people["manager"], case, "ask_more", wait_reason=PAPERS, promised_on=TODAY + timedelta(days=2))
    assert agenda(desk, actor=people["head"]).promised == ()
    clock.forward(days=2)
    assert [one.case.case_no for one in agenda(desk, actor=people["head"]).promised] == [case.case_no]


def test_a_wait_of_an_earlier_version_without_a_date_is_on_home_at_once(desk: Desk, people: dict[str, Actor]) -> None:
    old = Case(case_no="TS-1", taken_at=MONDAY, stage="waiting", paused_at=MONDAY, assignee="handler")
    desk.save(system_actor(), [create(old)])
    assert [one.case.case_no for one in agenda(desk, actor=people["handler"]).promised] == ["TS-1"]


@pytest.mark.parametrize(("priority", "days"), [("P1", 1), ("P2", 3), ("P3", 7), ("P4", 14)])
def test_a_handler_waits_up_to_the_limit_of_the_priority_and_no_longer(
    desk: Desk, people: dict[str, Actor], priority: str, days: int
) -> None:
    """The office works at weekends, and no holiday falls into these days."""
    case = assigned(desk, people, priority=priority)
    handler, reason = people["handler"], {"wait_reason": PAPERS}
    with pytest.raises(InvalidFields) as caught:
        move(desk, handler, case, "wait", promised_on=TODAY + timedelta(days=days + 1), **reason)
    (problem,) = caught.value.problems
    assert (problem.field, problem.code) == ("promised_on", "wait_too_long")
    assert problem.facts == {"limit": TODAY + timedelta(days=days), "priority": priority}
    assert latest(desk, case).stage == "assigned"
    assert move(desk, handler, case, "wait", promised_on=TODAY + timedelta(days=days), **reason).stage == "waiting"


def test_the_limit_counts_working_days(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    """Three working days from 29 September 2026: 30 September, then 8 and 9 October after the holiday."""
    clock.now = clock.now.replace(month=9, day=29)
    case = assigned(desk, people, priority="P2")
    with pytest.raises(InvalidFields) as caught:
        move(desk, people["handler"], case, "wait", wait_reason=PAPERS, promised_on=date(2026, 12, 1))
    assert (caught.value.problems[0].facts or {})["limit"] == date(2026, 10, 9)


def test_who_may_approve_sets_a_later_date_and_it_is_kept_who_did(desk: Desk, people: dict[str, Actor]) -> None:
    case = waiting(desk, people, 30, by="head")
    assert (case.wait_approved_until, case.wait_approved_by) == (TODAY + timedelta(days=30), "head")
    again = move(desk, people["handler"], case, "resume")
    with pytest.raises(InvalidFields):  # an approval holds for its own wait
        move(desk, people["handler"], again, "wait", wait_reason=PAPERS, promised_on=TODAY + timedelta(days=30))


def test_a_handler_asks_for_longer_and_the_head_approves(desk: Desk, people: dict[str, Actor]) -> None:
    case = waiting(desk, people, 7)
    later = TODAY + timedelta(days=20)
    case = move(desk, people["handler"], case, "ask_longer", longer_until=later, longer_reason="检测机构排期")
    assert (case.stage, case.promised_on) == ("waiting", TODAY + timedelta(days=7))
    assert [one.case_no for one in agenda(desk, actor=people["head"]).to_approve] == [case.case_no]
    assert agenda(desk, actor=people["handler"]).to_approve == ()
    with pytest.raises(NotAllowed):
        move(desk, people["handler"], case, "approve_longer")
    case = move(desk, people["head"], case, "approve_longer")
    assert (case.promised_on, case.wait_approved_until, case.wait_approved_by) == (later, later, "head")
    assert (case.longer_until, case.longer_reason) == (None, "")
    assert agenda(desk, actor=people["head"]).to_approve == ()


def test_a_request_that_is_refused_leaves_the_date(desk: Desk, people: dict[str, Actor]) -> None:
    case = waiting(desk, people, 7)
    later = TODAY + timedelta(days=20)
    case = move(desk, people["handler"], case, "ask_longer", longer_until=later, longer_reason="检测机构排期")
    case = move(desk, people["head"], case, "refuse_longer")
    assert (case.promised_on, case.longer_until) == (TODAY + timedelta(days=7), None)


def test_a_request_ends_with_its_wait(desk: Desk, people: dict[str, Actor]) -> None:
    case = waiting(desk, people, 7)
    values = {"longer_until": TODAY + timedelta(days=20), "longer_reason": "检测机构排期"}
    case = move(desk, people["handler"], case, "ask_longer", **values)
    case = move(desk, people["handler"], case, "resume")
    assert (case.longer_until, case.longer_reason) == (None, "")


def test_facts_edited_while_waiting_meet_the_limit_too(desk: Desk, people: dict[str, Actor]) -> None:
    case = waiting(desk, people, 3)
    for actor, until in (("handler", 2), ("handler", 7), ("head", 40)):
        day = TODAY + timedelta(days=until)
        handling.edit_facts(desk, actor=people[actor], case=latest(desk, case), values={"promised_on": day})
    assert latest(desk, case).wait_approved_by == "head"
    late = {"promised_on": TODAY + timedelta(days=41)}
    with pytest.raises(InvalidFields) as caught:
        handling.edit_facts(desk, actor=people["handler"], case=latest(desk, case), values=late)
    assert problems(caught) == [("promised_on", "wait_too_long")]
    with pytest.raises(InvalidFields) as caught:
        handling.edit_facts(desk, actor=people["handler"], case=latest(desk, case), values={"promised_on": None})
    assert problems(caught) == [("promised_on", "missing")]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"promised_on": date(2027, 1, 4)}, "wait_too_long"),
        ({"promised_on": TODAY - timedelta(days=1)}, "in_the_past"),
        ({"promised_on": date(2027, 1, 4), "wait_approved_until": date(2027, 1, 4)}, "wait_too_long"),
        (
            {
                "promised_on": date(2027, 1, 4),
                "wait_approved_until": date(2027, 1, 4),
                "wait_approved_by": "handler",
            },
            "wait_too_long",
        ),
    ],
)
def test_a_stage_typed_by_hand_meets_the_same_rule(
    desk: Desk, people: dict[str, Actor], typed: dict[str, Any], code: str
) -> None:
    case = assigned(desk, people)
    with pytest.raises(InvalidFields) as caught:
        desk.save(system_actor(), [edit(case, {"stage": "waiting", "wait_reason": PAPERS, **typed})])
    assert problems(caught) == [("promised_on", code)]
    with pytest.raises(WrongStage) as wrong:
        desk.save(system_actor(), [edit(case, {"stage": "waiting", "wait_reason": PAPERS})])
    assert wrong.value.missing == ("promised_on",)


def test_another_priority_does_not_break_a_wait_that_lasts(desk: Desk, people: dict[str, Actor]) -> None:
    case = waiting(desk, people, 7)
    moved = move(desk, people["manager"], case, "rejudge", priority="P1", category="quality.leak")
    assert (moved.priority, moved.promised_on) == ("P1", TODAY + timedelta(days=7))


def test_a_promise_that_was_not_kept_is_counted_whatever_comes_after(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    case = waiting(desk, people, 2)
    clock.forward(days=2)
    kept = move(desk, people["handler"], case, "resume")
    assert kept.broken_promises == ""
    clock.now = MONDAY
    case = waiting(desk, people, 2)
    clock.forward(days=3)
    later = {"promised_on": TODAY + timedelta(days=5)}
    handling.edit_facts(desk, actor=people["handler"], case=case, values=later)
    assert latest(desk, case).broken_promises == "2026-03-04"
    clock.forward(days=3)
    moved = move(desk, people["handler"], latest(desk, case), "resume")
    assert moved.broken_promises == "2026-03-04,2026-03-07"


def test_a_date_moved_before_it_came_is_no_broken_promise(desk: Desk, people: dict[str, Actor]) -> None:
    case = waiting(desk, people, 2)
    values = {"promised_on": TODAY + timedelta(days=5)}
    handling.edit_facts(desk, actor=people["handler"], case=case, values=values)
    assert latest(desk, case).broken_promises == ""


def test_promises_not_kept_and_the_paused_share_are_figures_of_their_week(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    def of(week: date) -> tuple[float | None, float | None]:
        figures = review_of(desk, week, actor=people["manager"], language="en").key_figures()
        return figures["broken_promises"].value, figures["paused_share"].value

    case = waiting(desk, people, 2)
    clock.forward(days=4)
    assert of(TODAY)[0] == 1
    case = move(desk, people["handler"], case, "resume")
    assert of(TODAY)[0] == 1
    case = move(desk, people["handler"], case, "investigate", contacted_at=desk.now())
    move(desk, people["handler"], case, "answer", answer_text="已修复")
    clock.forward(minutes=1)
    assert of(TODAY)[1] == pytest.approx(1.0)
    clock.forward(days=14)
    assert of(TODAY) == (1, pytest.approx(1.0))
    assert of(TODAY + timedelta(days=14))[0] == 0

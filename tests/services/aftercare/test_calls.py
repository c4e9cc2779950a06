"""The calls about a closed case (requirement F4): by kind, never twice, by somebody else, once a day for a client."""

from datetime import date, timedelta
from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp, Survey
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import InvalidFields
from lib.services.aftercare import follow_ups, satisfaction
from lib.services.work.agenda import agenda
from lib.store.commit.batch import edit
from tests.cases import answered, closed, move
from tests.support import MONDAY, Clock

pytestmark = pytest.mark.trial(16)
TODAY = MONDAY.date()


def calls(desk: Desk, case: Case, *, still_open: bool = True) -> list[FollowUp]:
    found = [one for one in desk.snapshot[FollowUp].values() if one.case_no == case.case_no]
    return sorted((one for one in found if not still_open or one.done_at is None), key=lambda one: one.due_on)


def days(desk: Desk, case: Case) -> list[int]:
    return [(one.due_on - desk.today()).days for one in calls(desk, case)]


def reopen(desk: Desk, people: dict[str, Actor], case: Case) -> Case:
    return move(desk, people["manager"], case, "reopen", reopen_reason="又漏了", assignee="handler")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"kind": "complaint"}, [1, 7, 30]),
        ({"kind": "repair"}, [1, 30]),
        ({"kind": "praise"}, []),
        ({"kind": "consultation"}, [1]),
        ({"kind": "consultation", "priority": "P4"}, []),
        ({"kind": "legal_dispute"}, [7, 30]),
        ({"kind": "settlement"}, [3, 30]),
    ],
)
def test_the_plan_follows_the_kind(
    desk: Desk, people: dict[str, Actor], values: dict[str, Any], expected: list[int]
) -> None:
    """None of these days is a rest day."""
    case = answered(desk, people, **values)
    desk.save(system_actor(), [edit(case, {"category": "fees"})])
    case = move(desk, people["handler"], case, "close", cause="material", answer_accepted="yes")
    assert days(desk, case) == expected


def test_a_leak_is_asked_after_again_after_the_next_rain(desk: Desk, people: dict[str, Actor]) -> None:
    assert days(desk, closed(desk, people))[-1] in range(90, 96)  # the next working day


def test_reopening_withdraws_what_is_not_done_and_closing_plans_anew(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    case = closed(desk, people, kind="complaint")
    first = calls(desk, case)
    by_hand = follow_ups.plan_follow_up(desk, actor=people["intake"], due_on=TODAY + timedelta(days=5), case=case)
    kept = by_hand.first("follow_ups")
    case = reopen(desk, people, case)
    assert [one.follow_up_id for one in calls(desk, case)] == [kept]
    gone = [desk.snapshot[FollowUp][one.follow_up_id] for one in first]
    assert {(one.withdrawn, one.outcome, one.done_by) for one in gone} == {("reopened", "", "")}
    clock.forward(days=1)
    case = move(desk, people["handler"], case, "answer", answer_text="重做防水")
    case = move(desk, people["handler"], case, "close", cause="material", answer_accepted="yes")
    planned = [one for one in calls(desk, case) if one.purpose == "case_closed"]
    assert len(planned) == len(first)
    assert min(one.due_on for one in planned) > desk.today()


def test_a_case_opened_again_by_an_earlier_version_is_not_planned_twice(desk: Desk, people: dict[str, Actor]) -> None:
    """Its calls were left standing then."""
    case = closed(desk, people)
    old = calls(desk, case)
    case = reopen(desk, people, case)
    desk.save(
        system_actor(), [edit(one, {"done_at": None, "withdrawn": ""}) for one in calls(desk, case, still_open=False)]
    )
    case = move(desk, people["handler"], case, "answer", answer_text="重做防水")
    case = move(desk, people["handler"], case, "close", cause="material", answer_accepted="yes")
    assert len(calls(desk, case)) == len(old)


def test_closing_and_opening_by_hand_in_the_sheet_do_the_same(desk: Desk, people: dict[str, Actor]) -> None:
    case = answered(desk, people)
    values = {"stage": "closed", "cause": "material", "answer_accepted": "yes"}
    desk.save(system_actor(), [edit(desk.snapshot[Case][case.case_no], values)])
    assert len(calls(desk, case)) == 3
    values = {"stage": "in_progress", "reopen_reason": "又漏了"}
    desk.save(system_actor(), [edit(desk.snapshot[Case][case.case_no], values)])
    assert calls(desk, case) == []


def test_the_archive_withdraws_nothing(desk: Desk, people: dict[str, Actor]) -> None:
    case = closed(desk, people)
    count = len(calls(desk, case))
    move(desk, people["manager"], case, "archive", archive_reason="旧案")
    assert len(calls(desk, case)) == count


def test_somebody_else_calls_than_who_handled_it(desk: Desk, people: dict[str, Actor]) -> None:
    case = closed(desk, people)
    assert {one.assignee for one in calls(desk, case)} == {"intake"}
    own = closed(desk, people, to="head", client_phone="19900005678")
    assert "head" not in {one.assignee for one in calls(desk, own)}


def test_a_call_is_not_given_to_who_handled_it_wherever_the_name_is_written(
    desk: Desk, people: dict[str, Actor]
) -> None:
    case = closed(desk, people)
    call = calls(desk, case)[0]
    with pytest.raises(InvalidFields) as caught:
        desk.save(system_actor(), [edit(call, {"assignee": "handler"})])
    assert [(one.field, one.code) for one in caught.value.problems] == [("assignee", "own_call")]
    with pytest.raises(InvalidFields) as caught:
        follow_ups.record_outcome(desk, actor=people["handler"], follow_up=call, outcome="satisfied")
    assert [(one.field, one.code) for one in caught.value.problems] == [("done_by", "own_call")]
    follow_ups.record_outcome(desk, actor=people["head"], follow_up=call, outcome="satisfied")


def test_the_call_after_a_low_score_is_not_made_by_who_was_rated(desk: Desk, people: dict[str, Actor]) -> None:
    case = closed(desk, people)
    sent = satisfaction.send(desk, actor=people["handler"], case=case)
    asked = satisfaction.questions(desk, desk.snapshot[Survey][sent.survey_id])
    answers = {question.key: 1 for question in asked}
    satisfaction.answer(desk, token=sent.token, answers=answers)
    (recovery,) = [one for one in calls(desk, case) if one.purpose == "recovery"]
    assert recovery.assignee == "head"


def test_a_client_is_called_once_a_day_whatever_there_is_to_ask(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    first, second = closed(desk, people), closed(desk, people, to="handler2", description="卫生间漏水")
    clock.forward(days=1)
    today = follow_ups.due(desk, on=desk.today()).today
    assert len(today) == 1
    assert len(agenda(desk, actor=people["manager"], everybody=True).follow_ups) == 1
    follow_ups.record_outcome(desk, actor=people["intake"], follow_up=today[0], outcome="satisfied", note="都修好了")
    done = [one for one in desk.snapshot[FollowUp].values() if one.done_at is not None]
    assert {(one.case_no, one.outcome, one.note) for one in done} == {
        (first.case_no, "satisfied", "都修好了"),
        (second.case_no, "satisfied", "都修好了"),
    }
    assert follow_ups.due(desk, on=desk.today()).today == ()


def test_a_call_in_vain_moves_all_that_it_was_for(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    closed(desk, people)
    closed(desk, people, to="handler2", description="卫生间漏水")
    clock.forward(days=1)
    (call,) = follow_ups.due(desk, on=desk.today()).today
    recorded = follow_ups.record_outcome(desk, actor=people["intake"], follow_up=call, outcome="not_reached")
    moved = [one for one in desk.snapshot[FollowUp].values() if one.tries == 1]
    assert [one.due_on for one in moved] == [recorded.next_on] * 2


def test_who_calls_about_two_cases_has_handled_neither(desk: Desk, people: dict[str, Actor]) -> None:
    """The first call was the reception's, who then answered the second case herself."""
    closed(desk, people)
    second = closed(desk, people, to="head", description="另一件", client_name="王小明")
    desk.save(system_actor(), [edit(second, {"handled_by": "head,intake"})])
    again = reopen(desk, people, desk.snapshot[Case][second.case_no])
    again = move(desk, people["handler"], again, "answer", answer_text="重做")
    move(desk, people["handler"], again, "close", cause="material", answer_accepted="yes")
    days_of_both = {one.due_on for one in calls(desk, again)}
    made = [one for one in follow_ups.due(desk, on=date(2027, 1, 1)).overdue if one.due_on in days_of_both]
    assert {one.assignee for one in made} == {"manager"}

"""Who may review a case and who may be given one: the service judges, whatever a page or a sheet offers."""

from datetime import timedelta
from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import InvalidFields
from lib.services.cases import handling
from lib.services.cases.review import reviewers
from lib.services.parts import tasks, visits
from lib.services.work import assignment
from lib.store.commit.batch import edit
from tests.cases import accepted, answered, assigned, closed, move
from tests.support import Clock

People = dict[str, Actor]


def change(desk: Desk, staff_id: str, **values: Any) -> None:
    desk.save(system_actor(), [edit(desk.snapshot[Staff][staff_id], values)])


def asked(desk: Desk, people: People, case: Case, reviewer: str = "") -> Case:
    return move(desk, people["head"], case, "request_review", review_reason="客户不服", reviewer=reviewer)


def refused(error: pytest.ExceptionInfo[InvalidFields]) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in error.value.problems]


def test_those_who_may_review_are_those_who_are_offered(desk: Desk, people: People) -> None:
    case = answered(desk, people, kind="complaint", complained_about="administrator")
    change(desk, "manager", away_from=desk.today(), away_until=desk.today() + timedelta(days=2))
    offered = {staff.staff_id for staff in reviewers(desk, case)}
    assert offered == {"reviewer"}
    for staff_id in desk.snapshot[Staff]:
        fresh = answered(desk, people, kind="complaint", complained_about="administrator")
        if staff_id in offered:
            assert asked(desk, people, fresh, staff_id).reviewer == staff_id
            continue
        with pytest.raises(InvalidFields):
            asked(desk, people, fresh, staff_id)
        assert desk.snapshot[Case][fresh.case_no].stage == "answered"


@pytest.mark.parametrize(
    ("reviewer", "change_of", "code"),
    [
        ("intake", {}, "may_not_review"),
        ("handler2", {}, "may_not_review"),
        ("reviewer", {"active": False}, "may_not_review"),
        ("reviewer", {"role": "handler"}, "may_not_review"),
        ("reviewer", {"away": True}, "away"),
        ("handler", {"role": "reviewer"}, "handled_it"),
    ],
)
def test_why_somebody_cannot_review(
    desk: Desk, people: People, reviewer: str, change_of: dict[str, Any], code: str
) -> None:
    case = answered(desk, people)
    if change_of:
        away = {"away_from": desk.today(), "away_until": desk.today()} if change_of.get("away") else change_of
        change(desk, reviewer, **away)
    with pytest.raises(InvalidFields) as caught:
        asked(desk, people, case, reviewer)
    assert refused(caught) == [("reviewer", code)]


def test_a_review_that_is_disputed_goes_to_somebody_else(desk: Desk, people: People) -> None:
    case = asked(desk, people, answered(desk, people), "reviewer")
    case = move(desk, people["reviewer"], case, "uphold", review_findings="属实", answer_text="维持")
    with pytest.raises(InvalidFields) as caught:
        asked(desk, people, case, "reviewer")
    assert refused(caught) == [("reviewer", "handled_it")]
    assert asked(desk, people, case, "manager").reviewer == "manager"


def test_a_reviewer_typed_in_the_sheet_is_judged_too(desk: Desk, people: People) -> None:
    case = asked(desk, people, answered(desk, people))
    for person, code in (("handler2", "may_not_review"), ("handler", "handled_it")):
        with pytest.raises(InvalidFields) as caught:
            desk.save(system_actor(), [edit(desk.snapshot[Case][case.case_no], {"reviewer": person})])
        assert refused(caught) == [("reviewer", code)]
    desk.save(system_actor(), [edit(desk.snapshot[Case][case.case_no], {"reviewer": "reviewer"})])
    assert desk.snapshot[Case][case.case_no].reviewer == "reviewer"


def test_a_review_made_long_ago_keeps_its_reviewer(desk: Desk, people: People) -> None:
    case = asked(desk, people, answered(desk, people), "reviewer")
    case = move(desk, people["reviewer"], case, "uphold", review_findings="属实", answer_text="维持")
    change(desk, "reviewer", active=False)
    case = move(desk, people["handler"], case, "close", cause="material", answer_accepted="yes")
    assert (case.stage, case.reviewer) == ("closed", "reviewer")


def test_whoever_is_at_work_signs_although_she_is_entered_as_away(desk: Desk, people: People) -> None:
    case = asked(desk, people, answered(desk, people))
    change(desk, "reviewer", away_from=desk.today(), away_until=desk.today())
    case = move(desk, people["reviewer"], case, "uphold", review_findings="属实", answer_text="维持")
    assert case.reviewer == "reviewer"


def test_a_case_goes_only_to_who_may_handle_it(desk: Desk, people: People) -> None:
    change(desk, "handler2", active=False)
    for person in ("intake", "handler2"):
        case = accepted(desk, people)
        with pytest.raises(InvalidFields) as caught:
            assignment.assign(desk, actor=people["manager"], cases=[case], assignee=person)
        assert refused(caught) == [("assignee", "may_not_handle")]
        with pytest.raises(InvalidFields) as caught:  # as if typed in the sheet
            desk.save(system_actor(), [edit(case, {"assignee": person})])
        assert refused(caught) == [("assignee", "may_not_handle")]


def test_a_case_is_not_opened_again_for_somebody_who_has_left(desk: Desk, people: People, clock: Clock) -> None:
    case = closed(desk, people)
    change(desk, "handler", active=False)
    with pytest.raises(InvalidFields) as caught:
        move(desk, people["manager"], case, "reopen", reopen_reason="又漏了", assignee="handler")
    assert refused(caught) == [("assignee", "may_not_handle")]
    clock.forward(days=1)
    case = move(desk, people["manager"], case, "reopen", reopen_reason="又漏了", assignee="handler2")
    assert (case.assignee, case.assigned_at) == ("handler2", desk.now()), "whose turn it is next follows from this"


def test_who_has_left_does_not_stop_the_work_of_others(desk: Desk, people: People) -> None:
    """A note, a fact and the end of the case need nobody new."""
    case = assigned(desk, people)
    change(desk, "handler", active=False)
    handling.edit_facts(desk, actor=people["manager"], case=case, values={"title": "厨房漏水"})
    case = move(desk, people["manager"], case, "contact")
    assert case.contacted_at is not None


def test_nothing_is_planned_for_somebody_who_has_left_or_was_never_there(desk: Desk, people: People) -> None:
    case, tomorrow = assigned(desk, people), desk.now() + timedelta(days=1)
    change(desk, "handler2", active=False)
    for person, code in (("handler2", "has_left"), ("ghost", "unknown_person")):
        with pytest.raises(InvalidFields) as caught:
            visits.book(desk, actor=people["handler"], case=case, values={"visit_at": tomorrow, "visit_by": person})
        assert refused(caught) == [("visit_by", code)]
        with pytest.raises(InvalidFields) as caught:
            tasks.add_task(desk, actor=people["handler"], case=case, values={"title": "拍照", "owner": person})
        assert refused(caught) == [("owner", code)]


def test_the_follow_ups_of_a_case_go_to_somebody_who_is_there(desk: Desk, people: People) -> None:
    case = answered(desk, people)
    change(desk, "handler", active=False)
    case = move(desk, people["manager"], case, "close", cause="material", answer_accepted="yes")
    assert {plan.assignee for plan in desk.snapshot[FollowUp].values()} == {case.taken_by} == {"intake"}


@pytest.mark.parametrize(
    "field", ["assignee", "department", "reviewer", "contacted_at", "severity_safety", "import_id"]
)
def test_what_belongs_to_a_step_is_no_fact(desk: Desk, people: People, field: str) -> None:
    case = assigned(desk, people)
    values = {"assignee": "handler2", "department": "sales", "reviewer": "reviewer", "severity_safety": 5}
    with pytest.raises(InvalidFields) as caught:
        handling.edit_facts(desk, actor=people["manager"], case=case, values={field: values.get(field, desk.now())})
    assert refused(caught) == [(field, "locked")]

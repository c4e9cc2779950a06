"""What comes first of all that may be done with a case."""

from datetime import timedelta

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.services.cases import handling
from tests.cases import answered, assigned, closed, move

People = dict[str, Actor]


def _likely(desk: Desk, actor: Actor, case_no: str) -> str:
    return handling.moves_for(desk, actor=actor, case=desk.snapshot[Case][case_no])[0].key


def test_work_that_is_under_way_ends_with_its_result(desk: Desk, people: People) -> None:
    handler = people["handler"]
    case = assigned(desk, people)
    move(desk, handler, case, "investigate", contacted_at=desk.now())
    assert _likely(desk, handler, case.case_no) == "offer_plan"
    today = desk.today()
    plan = {"plan_measures": "更换接头", "plan_deadline": today + timedelta(days=3), "promised_on": today}
    move(desk, handler, case, "offer_plan", **plan)
    assert _likely(desk, handler, case.case_no) == "consent"
    move(desk, handler, case, "consent", consent_at=desk.now(), consent_how="phone", consent_by="王小明")
    assert _likely(desk, handler, case.case_no) == "answer"


def test_a_case_that_needs_no_plan_is_answered_when_work_began(desk: Desk, people: People) -> None:
    handler = people["handler"]
    case = assigned(desk, people)
    move(desk, handler, case, "investigate", contacted_at=desk.now())
    move(desk, handler, case, "start")
    assert _likely(desk, handler, case.case_no) == "answer"


def test_a_major_case_without_a_plan_is_offered_one(desk: Desk, people: People) -> None:
    handler = people["handler"]
    case = move(desk, handler, assigned(desk, people, priority="P2"), "investigate", contacted_at=desk.now())
    case = move(desk, handler, case, "answer", answer_text="并无渗漏")
    move(desk, people["manager"], case, "reopen", reopen_reason="又漏了")
    assert _likely(desk, handler, case.case_no) == "offer_plan"


def test_a_closed_case_goes_to_the_archive(desk: Desk, people: People) -> None:
    case = closed(desk, people)
    assert _likely(desk, people["manager"], case.case_no) == "archive"


def test_a_disputed_answer_goes_to_review(desk: Desk, people: People) -> None:
    handler = people["handler"]
    case = answered(desk, people)
    assert _likely(desk, handler, case.case_no) == "acceptance"
    move(desk, handler, case, "acceptance", answer_accepted="no", refusal_reason="仍有渗漏")
    assert _likely(desk, handler, case.case_no) == "request_review"

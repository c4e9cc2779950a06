"""What History tells of a change: not what the case says already."""

from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.services.story.changes import changed_fields
from tests.cases import closed


def test_a_planned_call_tells_when_and_by_whom(desk: Desk, people: dict[str, Actor]) -> None:
    case = closed(desk, people)
    planned = [line for line in desk.history(case_no=case.case_no) if line.action == "plan_follow_up"]
    told = [[change.column.key for change in changed_fields(line)] for line in planned]
    assert told == [["purpose", "due_on", "assignee"]] * 3

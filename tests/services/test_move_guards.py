"""What a move and the intake refuse: blanks, and dates that cannot be."""

from datetime import timedelta

import pytest

from lib.domain.permissions import Actor
from lib.errors import InvalidFields
from lib.services.desk import Desk
from tests.cases import assigned, move, take_in


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


def test_intake_refuses_what_has_not_happened_yet(desk: Desk, people: dict[str, Actor]) -> None:
    with pytest.raises(InvalidFields) as refused:
        take_in(desk, people["intake"], occurred_on=desk.today() + timedelta(days=1))
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("occurred_on", "in_future")]

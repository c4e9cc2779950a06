"""What stands in the cells of a file: read as it was meant, put right where that can be known, or refused."""

import pytest

from lib.domain.permissions import Actor
from lib.services.desk import Desk
from lib.services.importing import Checked, ColumnRule, check_rows, plan_import


@pytest.fixture
def manager(people: dict[str, Actor]) -> Actor:
    return people["manager"]


def checked(desk: Desk, actor: Actor, text: str) -> Checked:
    return check_rows(desk, plan_import(desk, actor=actor, content=text.encode(), filename="a.csv"))


@pytest.mark.trial(4)
def test_one_column_of_two_digit_years_and_windows_is_read_in_one_way(desk: Desk, manager: Actor) -> None:
    rows = "".join(f"{day},漏水 {day}\n" for day in ("24/03/05", "24/03/15 14:00-15:00", "24/3/5", "24/13/05"))
    found = checked(desk, manager, f"投诉时间,投诉内容\n{rows}")
    assert [f"{item.case.taken_at:%Y-%m-%d %H:%M}" for item in found.ready] == [
        "2024-03-05 00:00", "2024-03-15 14:00", "2024-03-05 00:00",
    ]  # fmt: skip
    assert [(item.row, item.reason) for item in found.refusals] == [(5, "date_out_of_range")]


@pytest.mark.trial(4)
def test_mappings_saved_with_the_former_key_still_hold() -> None:
    rule = ColumnRule.model_validate({"field": "taken_at", "day_first": True})
    assert rule.order == "dmy"
    assert ColumnRule.model_validate({"field": "taken_at", "day_first": None}).order is None

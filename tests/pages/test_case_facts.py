"""The groups of facts on the case page: what says nothing is not shown."""

from datetime import date

import pytest

from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from tests.cases import closed, take_in
from tests.pages.conftest import OpenPage

CLOSING = "Closing"


def groups(open_page: OpenPage, case_no: str) -> str:
    return "\n".join(one.value for one in open_page("case", "manager", language="en", no=case_no).markdown)


def test_a_new_case_has_no_closing(desk: Desk, people: dict[str, Actor], open_page: OpenPage) -> None:
    case = take_in(desk, people["intake"])
    assert CLOSING not in groups(open_page, case.case_no)


def test_a_home_may_have_been_handed_over_long_ago(desk: Desk, people: dict[str, Actor], open_page: OpenPage) -> None:
    case = take_in(desk, people["intake"])
    at = open_page("case", "head", language="en", no=case.case_no, do="accept")
    handover = at.date_input(key=f"move.{case.case_no}.accept.handover_on")
    assert handover.min <= date(1950, 1, 1)


def test_a_closed_case_has_one(desk: Desk, people: dict[str, Actor], open_page: OpenPage) -> None:
    case = closed(desk, people)
    shown = groups(open_page, case.case_no)
    assert CLOSING in shown
    assert "Times reopened" not in shown


@pytest.mark.trial(18)
def test_the_keys_of_a_second_hand_client_say_nothing_of_the_warranty(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    case = take_in(desk, people["intake"])
    at = open_page("case", "head", language="en", no=case.case_no, do="accept")
    key = f"move.{case.case_no}.accept"
    assert "first owner" in at.date_input(key=f"{key}.handover_on").help
    at.selectbox(key=f"{key}.category").set_value("quality.leak").run()
    at.date_input(key=f"{key}.keys_on").set_value("2025-06-01").run()
    assert any("the day the client got the keys does not count" in one.value for one in at.caption)
    at.date_input(key=f"{key}.handover_on").set_value("2015-06-01").run()
    assert any("Out of the warranty" in one.value for one in at.caption)

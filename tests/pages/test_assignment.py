"""Assignment: several cases at once to one person, all or none."""

import pytest

from lib.domain.case import Case
from lib.domain.people import Staff
from lib.domain.permissions import Actor, system_actor
from lib.services import assignment
from lib.services.desk import Desk
from lib.store.batch import edit
from tests.cases import accepted, assigned
from tests.pages.conftest import OpenPage


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_several_cases_go_to_one_person(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], language: str
) -> None:
    first, second = accepted(desk, people), accepted(desk, people, room="1502")
    at = open_page("assignment", "head", language=language)
    for case in (first, second):
        at.checkbox(key=f"assign.pick.{case.case_no}").check()
    at.main.selectbox[-1].select("handler2").run()

    at.button[-1].click().run()

    assert not at.exception
    assert {desk.snapshot[Case][case.case_no].assignee for case in (first, second)} == {"handler2"}


def test_the_least_loaded_is_proposed_and_the_absent_cannot_be_chosen(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    assigned(desk, people, "handler")
    accepted(desk, people)
    head = desk.snapshot[Staff]["head"]
    desk.save(system_actor(), [edit(head, {"away_from": desk.today(), "away_until": desk.today()})])

    at = open_page("assignment", "manager", language="en")

    who = at.main.selectbox[-1]
    assert who.value == "handler2"
    assert not any("陈主管" in option for option in who.options)


def test_a_case_changed_meanwhile_assigns_none(desk: Desk, people: dict[str, Actor]) -> None:
    first, second = accepted(desk, people), accepted(desk, people, room="1502")
    assignment.assign(desk, actor=people["manager"], cases=[second], assignee="handler")

    with pytest.raises(Exception, match="assignee"):
        assignment.assign(desk, actor=people["head"], cases=[first, second], assignee="handler2")

    assert desk.snapshot[Case][first.case_no].assignee == ""


def test_a_handler_does_not_assign(open_page: OpenPage) -> None:
    at = open_page("assignment", "handler", language="en")

    assert at.error[0].value == "Your role does not open this page."

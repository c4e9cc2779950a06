"""Assignment: several cases at once to one person, all or none."""

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, system_actor
from lib.services.work import assignment
from lib.store.commit.batch import edit
from lib.ui.session.state import ASSIGNMENT_OF
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
    at.run()
    at.selectbox(key="assign.everything_to").select("handler2").run()

    at.button(key="assign.save").click().run()

    assert not at.exception
    assert {desk.snapshot[Case][case.case_no].assignee for case in (first, second)} == {"handler2"}


def test_proposals_are_accepted_or_changed_in_one_save(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    first, second = accepted(desk, people), accepted(desk, people, room="1502")
    at = open_page("assignment", "head", language="en")
    at.checkbox(key="assign.all.").check().run()
    assert at.selectbox(key=f"assign.who.{first.case_no}").value == "handler"
    at.selectbox(key=f"assign.who.{second.case_no}").select("handler2").run()
    assert at.selectbox(key=f"assign.who.{second.case_no}").value == "handler2"
    at.text_input(key="assign.reason.").set_value("先看现场").run()
    seq = desk.snapshot.seq

    at.button(key="assign.save").click().run()

    assert not at.exception
    assert desk.snapshot.seq == seq + 1
    given = [desk.snapshot[Case][case.case_no].assignee for case in (first, second)]
    assert given == ["handler", "handler2"]
    assert desk.history(case_no=first.case_no)[-1].text == "先看现场"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Category is “Building quality / Leak”", "is the person complained about", "0 of 15 open"]),
        ("zh_CN", ["李经办", "吴经办"]),
    ],
)
def test_the_rules_tell_why(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], language: str, words: list[str]
) -> None:
    case = accepted(desk, people, kind="complaint", complained_about="handler")
    at = open_page("assignment", "head", language=language)
    at.checkbox(key=f"assign.pick.{case.case_no}").check().run()
    at.session_state[f"assign.why.{case.case_no}"] = True
    at.run()

    said = "\n".join(block.value for block in at.markdown)
    assert not at.exception
    assert [word for word in words if word not in said] == []
    assert not any("李经办" in option for option in at.selectbox(key=f"assign.who.{case.case_no}").options)


def test_the_cases_of_somebody_who_has_left_wait_for_another(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    case = assigned(desk, people, "handler2")
    desk.save(system_actor(), [edit(desk.snapshot[Staff]["handler2"], {"active": False})])
    at = open_page("assignment", "head", language="en")
    assert ["吴经办" in box.value for box in at.warning] == [True]
    at.selectbox(key=ASSIGNMENT_OF).set_value("handler2").run()
    assert not at.exception
    assert [box for box in at.checkbox if box.key == f"assign.hand.handler2.{case.case_no}"]


def test_the_work_of_each_department_is_shown(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    for person in ("handler", "handler", "handler2"):
        assigned(desk, people, person)
    at = open_page("assignment", "manager", language="en")
    bars = [bar.proto.text for bar in at.get("progress")]
    assert any(bar.startswith("Client service · 2 of ") for bar in bars)
    assert any(bar.startswith("Sales · 1 of ") for bar in bars)


def test_the_absent_are_not_offered(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    assigned(desk, people, "handler")
    case = accepted(desk, people)
    head = desk.snapshot[Staff]["head"]
    desk.save(system_actor(), [edit(head, {"away_from": desk.today(), "away_until": desk.today()})])

    at = open_page("assignment", "manager", language="en")
    at.checkbox(key=f"assign.pick.{case.case_no}").check().run()

    assert not any("陈主管" in option for option in at.selectbox(key="assign.everything_to").options)
    assert not any("陈主管" in option for option in at.selectbox(key=f"assign.who.{case.case_no}").options)


def test_handing_over_keeps_what_was_typed_until_there_is_a_reason(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    case = assigned(desk, people, "handler")
    at = open_page("assignment", "manager", language="en")
    at.selectbox(key="assignment.of").select("handler").run()
    at.checkbox(key=f"assign.hand.handler.{case.case_no}").check().run()
    at.selectbox(key=f"assign.who.{case.case_no}").select("handler2").run()
    at.button(key="assign.save").click().run()
    assert "Reason: must be filled in" in at.error[0].value
    assert at.selectbox(key=f"assign.who.{case.case_no}").value == "handler2"

    at.text_input(key="assign.reason.handler").set_value("Leave").run()
    at.button(key="assign.save").click().run()

    assert desk.snapshot[Case][case.case_no].assignee == "handler2"


def test_somebody_else_was_quicker(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    first, second = accepted(desk, people), accepted(desk, people, room="1502")
    at = open_page("assignment", "head", language="en")
    at.checkbox(key="assign.all.").check().run()
    assignment.assign(desk, actor=people["manager"], cases=[second], assignee="handler2")

    at.button(key="assign.save").click().run()

    assert not at.exception
    assert "吴经办" in at.warning[0].value
    assert desk.snapshot[Case][first.case_no].assignee == ""
    at.button(key="assign.save").click().run()
    assert desk.snapshot[Case][first.case_no].assignee == "handler"


def test_a_case_changed_meanwhile_assigns_none(desk: Desk, people: dict[str, Actor]) -> None:
    first, second = accepted(desk, people), accepted(desk, people, room="1502")
    assignment.assign(desk, actor=people["manager"], cases=[second], assignee="handler")

    with pytest.raises(Exception, match="assignee"):
        assignment.assign(desk, actor=people["head"], cases=[first, second], assignee="handler2")

    assert desk.snapshot[Case][first.case_no].assignee == ""


def test_a_handler_does_not_assign(open_page: OpenPage) -> None:
    at = open_page("assignment", "handler", language="en")

    assert at.error[0].value == "You don't have access to this page."

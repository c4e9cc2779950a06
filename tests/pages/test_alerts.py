"""Alerts on the pages: before they happen on the case, on home until they are seen, and the filter of silent cases."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Alert
from lib.domain.records.fields import people_in
from lib.domain.rules.permissions import Actor
from lib.services.alerts.escalation import raise_alerts
from lib.services.cases import handling
from lib.ui.session.state import HOME_TOLD
from tests.cases import assigned, move
from tests.pages.cases_support import links
from tests.pages.conftest import OpenPage
from tests.support import Clock


def _text(at: AppTest) -> str:
    assert not at.exception
    return "\n".join(block.value for block in at.markdown)


def _late(desk: Desk, people: dict[str, Actor], clock: Clock) -> Case:
    """A case of which the plan is late enough for the department head."""
    case = assigned(desk, people)
    assert case.plan_due is not None
    clock.now = desk.calendar.add(case.plan_due, timedelta(minutes=1))
    raise_alerts(desk)
    return case


@pytest.mark.parametrize(
    ("language", "ahead", "past", "silence"),
    [
        ("en", "Handler will be told in 3 h", "Warning · First contact at 75% · 李经办", "told nothing since"),
        ("zh_CN", "3小时后", "预警 · 首次联系用时达75% · 李经办", "没有告知客户进展"),
    ],
)
def test_the_case_says_who_was_told_and_who_is_next(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock, language: str, ahead: str, past: str,
    silence: str,
) -> None:  # fmt: skip
    case = assigned(desk, people)
    at = open_page("case", "handler", language=language, no=case.case_no)
    assert ahead in _text(at)
    assert past not in _text(at)
    assert silence not in _text(at)

    clock.forward(hours=4, minutes=40)  # with lunch, 3 h 10 min of work: more than 75% of the first contact
    raise_alerts(desk)
    assert past in _text(at.run())
    clock.forward(days=4)
    assert silence in _text(at.run())


@pytest.mark.parametrize(
    ("language", "head", "seen"), [("en", "Alerts: 1 case", "Seen"), ("zh_CN", "1件案件有提醒", "已阅")]
)
def test_home_shows_alerts_until_they_are_seen(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock, language: str, head: str, seen: str
) -> None:
    case = _late(desk, people, clock)
    at = open_page("home", "head", language=language)
    assert head in _text(at)
    button = at.button(key=f"{HOME_TOLD}.{case.case_no}")
    assert button.label == seen

    button.click().run()
    assert head not in _text(at)
    mine = [one for one in desk.snapshot[Alert].values() if "head" in people_in(one.told)]
    assert {one.seen_by for one in mine} == {"head"}
    assert not [one for one in mine if one.ended_at and one.told != "head"], "the others are told on"
    assert head in _text(open_page("home", "handler", language=language)), "the handler has his own"
    assert head not in _text(open_page("home", "handler2", language=language))


def test_what_is_over_is_gone_at_once(open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = _late(desk, people, clock)
    at = open_page("home", "handler", language="en")
    assert "Alerts: 1 case" in _text(at)
    move(desk, people["handler"], case, "investigate", contacted_at=desk.now())
    move(desk, people["handler"], case, "answer", answer_text="已修好")
    assert "Alerts: 1 case" not in _text(at.run()), "before the job has looked again"


def test_many_are_seen_together(open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    for _ in range(4):
        case = assigned(desk, people)
    assert case.plan_due is not None
    clock.now = desk.calendar.add(case.plan_due, timedelta(minutes=1))
    raise_alerts(desk)
    at = open_page("home", "head", language="en")
    assert "Alerts: 4 cases" in _text(at)
    at.button(key=f"{HOME_TOLD}.all").click().run()
    assert "Alerts: 1 case" in _text(at), "those that were shown"


@pytest.mark.parametrize(("language", "label"), [("en", "No client update"), ("zh_CN", "超期未告知客户")])
def test_silent_cases_can_be_listed(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock, language: str, label: str
) -> None:
    silent, told = assigned(desk, people), assigned(desk, people)
    clock.forward(days=5)
    handling.add_note(desk, actor=people["handler"], case=told, text="明天上门", audience="client")
    at = open_page("cases", "manager", language=language, only="silent", view="list")
    assert links(at) == [silent.case_no]
    assert label in [option for group in at.button_group for option in group.options]


def test_the_timeline_tells_of_alerts(open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = _late(desk, people, clock)
    assert "Escalated · Plan at 100%" in _text(open_page("case", "manager", language="en", no=case.case_no))


def test_alerts_of_one_look_are_one_entry(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    case = _late(desk, people, clock)
    raised = [one for one in desk.snapshot[Alert].values() if one.case_no == case.case_no]
    assert len(raised) > 1
    at = open_page("case", "manager", language="en", no=case.case_no)
    entries = [block.value for block in at.markdown if "notifications_active: Alert" in block.value]
    assert len(entries) == 1
    assert "Escalated · Plan at 100%" in entries[0]
    assert "Escalated again · First contact at 150%" in entries[0]


def test_a_count_that_was_asked_for_stands_alone(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    case = _late(desk, people, clock)
    at = open_page("home", "handler", language="en")
    assert "Alerts: 1 case" in _text(at)
    at.button(key="show.overdue").click().run()
    assert "Alerts: 1 case" not in _text(at)
    assert case.case_no in _text(at)

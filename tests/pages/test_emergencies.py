"""Emergencies on the screens: what a client in danger reads at once, what everybody sees until somebody takes it."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.auth.rate_limit import RateLimiter
from lib.desk.desk import Desk
from lib.domain.dangers.config import NO_DANGER
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Task
from lib.domain.rules.permissions import Actor
from lib.services.emergencies.numbers import local_numbers, set_number
from lib.services.emergencies.roster import roster
from lib.services.emergencies.taking import take
from lib.ui.frame import public_page
from tests.cases import take_in
from tests.pages.conftest import OpenPage


@pytest.fixture(autouse=True)
def fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in public_page.LIMITS:
        monkeypatch.setitem(public_page.LIMITS, name, RateLimiter(20, 1))


def texts(at: AppTest) -> str:
    return " ".join(block.value for block in (*at.markdown, *at.caption))


@pytest.mark.trial(13)
@pytest.mark.parametrize(
    ("language", "advice", "below"),
    [
        ("zh_CN", "不要开关电器和灯", "本公司不是救援单位"),
        ("en", "Switch nothing on or off", "we are not a rescue service"),
    ],
)
def test_a_client_in_danger_sees_the_number_before_the_form_is_sent(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], language: str, advice: str, below: str
) -> None:
    set_number(desk, actor=people["manager"], key="gas_phone", number="96777")
    at = open_page("report", language=language)
    assert advice not in texts(at)

    at.text_area(key="report.description").input("燃气味, 头晕").run()

    shown = texts(at)
    assert not desk.snapshot[Case]
    assert advice in shown
    assert below in shown
    assert "(tel:96777)" in shown
    assert "(tel:119)" in shown
    assert "duty officer" not in shown
    assert "值班" not in shown


@pytest.mark.trial(13)
def test_the_receipt_shows_it_again_and_says_that_somebody_was_told(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("report", language="en")
    at.text_area(key="report.description").input("燃气味, 头晕")
    at.pills(key="report.kind").set_value("repair")
    at.text_input(key="report.client_name").input("王小明")
    at.text_input(key="report.client_phone").input("19900001234")
    at.checkbox(key="report.consent").check()
    next(button for button in at.button if button.form_id == "report").click().run()

    assert not at.exception
    assert "Switch nothing on or off" in texts(at)
    assert "Our duty officer has been told" in texts(at)
    assert "ask the property manager for the local number" in texts(at)
    assert next(iter(desk.snapshot[Case].values())).priority == "P1"


@pytest.mark.trial(13)
def test_fear_shows_the_number_too_and_an_ordinary_report_nothing(open_page: OpenPage) -> None:
    at = open_page("report", language="zh_CN")
    at.text_area(key="report.description").input("担心插座漏电").run()
    assert "(tel:120)" in texts(at)
    at.text_area(key="report.description").input("燃气过户怎么办").run()
    assert "(tel:119)" not in texts(at)


@pytest.mark.trial(13)
def test_the_person_on_the_telephone_reads_the_advice_and_saves_a_p1(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("new_case", "intake", language="en")
    at.text_area(key="new_case.description").set_value("厨房有煤气味").run()
    assert "Danger: Gas leak" in texts(at)
    assert "Switch nothing on or off" in texts(at)
    next(button for button in at.button if button.label == "Save case").click().run()
    assert [(case.priority, case.danger) for case in desk.snapshot[Case].values()] == [("P1", "gas")]


def test_asking_the_client_leaves_the_case_as_it_is(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("new_case", "intake", language="en")
    at.text_area(key="new_case.description").set_value("厨房有煤气味").run()
    at.checkbox(key="new_case.no_danger").check().run()
    next(button for button in at.button if button.label == "Save case").click().run()
    assert [(case.priority, case.danger) for case in desk.snapshot[Case].values()] == [("P3", NO_DANGER)]


@pytest.mark.trial(13)
@pytest.mark.parametrize("who", ["intake", "handler", "handler2", "head", "reviewer", "manager"])
def test_everybody_sees_an_emergency_on_home_until_it_is_taken(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], who: str
) -> None:
    case = take_in(desk, people["intake"], description="厨房有煤气味")
    words = "1 emergency that nobody has taken"
    assert words in texts(open_page("home", who, language="en"))
    take(desk, actor=people["head"], case=case, language="en")
    assert words not in texts(open_page("home", who, language="en"))


@pytest.mark.trial(13)
def test_it_is_taken_with_one_click_and_the_checklist_is_ticked_on_the_case(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    case = take_in(desk, people["intake"], description="厨房有煤气味")
    at = open_page("home", "handler", language="en")
    at.button(key=f"emergency.{case.case_no}.take").click().run()
    assert desk.snapshot[Case][case.case_no].danger_taken_by == "handler"

    at = open_page("case", "handler", language="en", no=case.case_no)
    assert "Emergency: Gas leak" in texts(at)
    first = at.checkbox(key=f"emergency.{case.case_no}.gas.outside.0")
    assert first.label == "Everybody is outside"
    first.check().run()
    assert not at.exception
    assert desk.snapshot[Task][f"{case.case_no}.gas.outside"].done_by == "handler"


@pytest.mark.trial(13)
def test_a_false_alarm_ends_with_a_reason(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"], description="厨房有煤气味")
    at = open_page("case", "head", language="en", no=case.case_no)
    at.text_input(key=f"emergency.{case.case_no}.why").set_value("油烟味").run()
    at.button(key=f"emergency.{case.case_no}.none").click().run()
    assert desk.snapshot[Case][case.case_no].danger == NO_DANGER
    assert "Emergency: Gas leak" not in texts(at)
    assert [line.text for line in desk.history(actions=["no_danger"])] == ["油烟味"]


@pytest.mark.trial(13)
def test_numbers_and_the_roster_are_set_in_the_app(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("settings", "manager", language="zh_CN", part="emergencies")
    assert not at.exception
    assert any("燃气抢修" in box.value for box in at.warning)

    at.selectbox(key="emergencies.number.key").set_value("gas_phone")
    at.text_input(key="emergencies.number.number").set_value("96777")
    next(button for button in at.button if button.form_id == "emergencies.number").click().run()
    assert local_numbers(desk) == {("gas_phone", ""): "96777"}

    at.date_input(key="emergencies.on_call.last").set_value(desk.today() + timedelta(days=1))
    at.multiselect(key="emergencies.on_call.people").set_value(["handler"])
    next(button for button in at.button if button.form_id == "emergencies.on_call").click().run()
    assert not at.exception
    assert set(roster(desk)) == {(desk.today(), ""), (desk.today() + timedelta(days=1), "")}
    assert set(roster(desk).values()) == {("handler",)}

    assert at.multiselect(key="emergencies.on_call.1.people").value == [], "the next one begins empty"
    at.text_input(key="emergencies.number.1.number").set_value("=1+1")
    next(button for button in at.button if button.form_id == "emergencies.number.1").click().run()
    assert at.error
    assert local_numbers(desk) == {("gas_phone", ""): "96777"}


@pytest.mark.trial(14)
def test_a_head_who_may_not_see_the_name_accepts_with_the_words_that_are_filled_in(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    number = take_in(desk, people["intake"]).case_no
    at = open_page("case", "head", language="zh_CN", no=number, do="accept")
    key = f"move.{number}.accept"
    assert number in at.text_area(key=f"{key}.accept_text").value
    at.selectbox(key=f"{key}.category").set_value("quality.leak").run()
    at.button(key=f"{key}.save").click().run()
    assert not at.error
    case = desk.snapshot[Case][number]
    assert (case.stage, case.acknowledged_at) == ("accepted", desk.now())

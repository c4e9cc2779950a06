"""New case: the form in the order of a call, duplicates, read-back, and nothing typed lost."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor
from lib.services.people.people import edit_staff
from tests.cases import take_in
from tests.pages.conftest import OpenPage


def _save(at: AppTest) -> AppTest:
    return (
        next(button for button in at.button if "Save case" in button.label or "保存案件" in button.label).click().run()
    )


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_case_is_taken_in(open_page: OpenPage, desk: Desk, language: str) -> None:
    at = open_page("new_case", "intake", language=language)
    at.text_input(key="new_case.client_phone").set_value("199 0000 1234").run()
    at.text_input(key="new_case.client_name").set_value("王小明")
    at.text_area(key="new_case.description").set_value("厨房天花板漏水，已经滴到地板上。").run()
    at.checkbox(key="new_case.read_back").check()
    at.button(key="new_case.category.suggested").click().run()

    _save(at)

    assert not at.exception
    (case,) = desk.snapshot[Case].values()
    assert (case.client_phone, case.client_name, case.channel) == ("19900001234", "王小明", "hotline")
    assert case.category == "quality.leak"  # suggested from the words
    assert case.read_back_at == desk.now()
    assert at.metric[0].value == case.case_no


def test_an_error_keeps_what_was_typed_and_names_the_field(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("new_case", "intake", language="en")
    at.text_input(key="new_case.client_phone").set_value("123").run()
    at.text_area(key="new_case.description").set_value("Water on the floor").run()

    _save(at)

    assert not desk.snapshot[Case]
    assert "Client phone" in at.error[0].value
    assert at.text_area(key="new_case.description").value == "Water on the floor"


def test_a_known_phone_fills_in_the_client_and_shows_the_open_case(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    known = take_in(desk, people["intake"])
    at = open_page("new_case", "intake", language="en")

    at.text_input(key="new_case.client_phone").set_value("19900001234").run()

    assert at.text_input(key="new_case.client_name").value == known.client_name
    assert at.text_input(key="new_case.community").value == known.community
    assert any(known.case_no in block.value for block in at.markdown)


@pytest.mark.trial(21)
@pytest.mark.parametrize(("language", "words"), [("en", "Ask **孙管理员**"), ("zh_CN", "请联系**孙管理员**")])
def test_of_another_branchs_case_only_whom_to_ask_is_said(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], language: str, words: str
) -> None:
    known = take_in(desk, people["intake"])
    handler = desk.snapshot[Staff]["handler"]
    edit_staff(desk, actor=people["administrator"], staff=handler, values={"branch": ""})
    at = open_page("new_case", "handler", language=language)

    at.text_input(key="new_case.client_phone").set_value("19900001234").run()

    said = "\n".join(block.value for block in at.markdown)
    assert words in said
    assert known.title not in said
    assert known.case_no not in said
    assert at.text_input(key="new_case.client_name").value == ""


def test_a_duplicate_is_added_to_the_case_instead(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    known = take_in(desk, people["intake"])
    at = open_page("new_case", "intake", language="en")
    at.text_input(key="new_case.client_phone").set_value("19900001234").run()
    at.text_area(key="new_case.description").set_value("It drips faster now").run()

    at.button(key=f"add.{known.case_no}").click().run()

    assert list(desk.snapshot[Case]) == [known.case_no]
    assert desk.history(case_no=known.case_no)[-1].text == "It drips faster now"


def test_a_suggestion_is_shown_and_nothing_is_set_by_itself(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("new_case", "intake", language="en")
    at.text_area(key="new_case.description").set_value("插座坏了，跳闸，再不修我找记者").run()
    said = " ".join(block.value for block in at.markdown)
    assert "Suggested category: Building quality / Plumbing and electric" in said
    assert "This sounds urgent: Press, many people or an authority are involved" in said

    _save(at)

    (case,) = desk.snapshot[Case].values()
    assert (case.category, case.priority) == ("", "P3")


@pytest.mark.parametrize(("language", "said"), [("en", "This sounds urgent"), ("zh_CN", "P1")])
def test_the_urgency_is_taken_over_with_a_click(open_page: OpenPage, desk: Desk, language: str, said: str) -> None:
    at = open_page("new_case", "intake", language=language)
    at.text_area(key="new_case.description").set_value("卖方的房子被查封了").run()
    assert said in " ".join(block.value for block in at.markdown)
    at.button(key="new_case.priority.suggested").click().run()
    assert not [button for button in at.button if button.key == "new_case.priority.suggested"]

    _save(at)

    assert next(iter(desk.snapshot[Case].values())).priority == "P1"


def test_a_complaint_says_about_whom(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("new_case", "intake", language="en")
    at.text_area(key="new_case.description").set_value("He was late again").run()
    at.selectbox(key="new_case.complained_about").select("handler").run()

    _save(at)

    assert next(iter(desk.snapshot[Case].values())).complained_about == "handler"


def test_a_choice_of_category_is_not_overruled(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("new_case", "intake", language="en")
    at.text_area(key="new_case.description").set_value("漏水").run()
    at.selectbox(key="new_case.category").select("fees").run()
    at.text_area(key="new_case.description").set_value("漏水，而且中介费多收了").run()

    _save(at)

    assert next(iter(desk.snapshot[Case].values())).category == "fees"


def test_a_reviewer_takes_no_cases_in(open_page: OpenPage) -> None:
    at = open_page("new_case", "reviewer", language="en")

    assert at.error[0].value == "You don't have access to this page."
    assert not at.text_area


@pytest.mark.trial(17)
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_question_is_answered_and_closed_with_the_one_save(open_page: OpenPage, desk: Desk, language: str) -> None:
    at = open_page("new_case", "intake", language=language)
    assert "new_case.at_once" not in [toggle.key for toggle in at.toggle]  # of a complaint
    at.text_input(key="new_case.client_name").set_value("王小明")
    at.text_area(key="new_case.description").set_value("过户需要带哪些材料？").run()
    at.selectbox(key="new_case.kind").set_value("consultation").run()
    at.toggle(key="new_case.at_once").set_value(True).run()
    _save(at)
    assert at.error
    assert not desk.snapshot[Case]
    at.text_area(key="new_case.answer_text").set_value("身份证、产权证和购房合同。").run()
    _save(at)
    assert not at.exception
    (case,) = desk.snapshot[Case].values()
    assert (case.stage, case.answer_text) == ("closed", "身份证、产权证和购房合同。")
    assert at.metric[0].value == case.case_no

"""Printing from the case page."""

from collections.abc import Callable
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.documents import links
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.services.parts import contacts
from tests.pages.cases_support import take_in, texts

OpenPage = Callable[..., AppTest]


@pytest.fixture
def number(desk: Desk, people: dict[str, Actor]) -> str:
    return take_in(desk, people["intake"])


def _wanted(desk: Desk, at: AppTest) -> list[tuple[str, links.Wanted]]:
    addresses = [button.proto.url for button in at.get("link_button")]
    read = [links.read(desk, parse_qs(urlsplit(address).query)["token"][0]) for address in addresses]
    return [(actor.staff_id, wanted) for actor, wanted in read]


@pytest.mark.parametrize(("language", "words"), [("zh_CN", "中文"), ("en", "Case file")])
def test_both_documents_in_the_language_of_the_person(
    open_page: OpenPage, desk: Desk, number: str, language: str, words: str
) -> None:
    at = open_page("case", "handler", language=language, no=number)
    assert not at.exception
    asked = [links.Wanted("work_order", number, language), links.Wanted("case_file", number, language)]  # type: ignore[arg-type]
    assert _wanted(desk, at) == [("handler", wanted) for wanted in asked]
    assert words in texts(at) or words in str([group.options for group in at.segmented_control])


def test_another_language_is_chosen(open_page: OpenPage, desk: Desk, number: str) -> None:
    at = open_page("case", language="zh_CN", no=number)
    at.segmented_control(key="print.language").set_value("en").run()
    assert {wanted.language for _, wanted in _wanted(desk, at)} == {"en"}


def test_looking_at_the_page_prints_nothing(open_page: OpenPage, desk: Desk, number: str) -> None:
    open_page("case", language="en", no=number)
    assert all(line.action != "export" for line in desk.history(case_no=number))


def test_the_work_order_goes_to_a_contractor(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], number: str
) -> None:
    values = {"party": "contractor", "name": "宏达维修公司", "phone": "", "promised_on": date(2026, 3, 6)}
    contacts.add_contact(desk, actor=people["manager"], case=desk.snapshot[Case][number], values=values)
    at = open_page("case", language="en", no=number)
    box = at.selectbox(key="print.for")
    assert box.options == ["The responsible person", "宏达维修公司"]
    at = box.select_index(1).run()
    order, file = (wanted for _, wanted in _wanted(desk, at))
    assert order.contact_id
    assert not file.contact_id


def test_a_print_is_told_in_the_timeline(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], number: str
) -> None:
    links.make(desk, links.Wanted("case_file", number, "en"), actor=people["manager"])
    assert "Exported" in texts(open_page("case", language="en", no=number))
    assert "Case file" in texts(open_page("case", language="en", no=number))

"""Home: the counts of the day, the list of what comes next, and where each row leads."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.app import process
from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.services.workspace import workspace
from lib.ui.session.state import PERSONA
from tests.cases import accepted, answered, assigned, closed, move, take_in
from tests.pages.conftest import SHELL, OpenPage
from tests.support import Clock


def _counts(at) -> dict[str, str]:
    return {metric.label.removeprefix(":red[").removesuffix("]"): metric.value for metric in at.metric}


@pytest.mark.parametrize(("language", "overdue"), [("zh_CN", "逾期"), ("en", "Overdue")])
def test_counts_in_both_languages(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock, language: str, overdue: str
) -> None:
    take_in(desk, people["intake"])
    accepted(desk, people)
    clock.forward(days=20)

    at = open_page("home", "manager", language=language)

    assert not at.exception
    assert _counts(at)[overdue] == "2"


def test_a_handler_sees_her_own_work_and_no_assignment(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    mine, other = assigned(desk, people, "handler"), assigned(desk, people, "handler2")

    at = open_page("home", "handler", language="en")

    text = " ".join(block.value for block in at.markdown)
    assert mine.case_no in text
    assert other.case_no not in text
    assert "Unassigned" not in _counts(at)


def test_a_count_filters_the_list(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    new, waiting = take_in(desk, people["intake"]), accepted(desk, people)
    at = open_page("home", "manager", language="en")

    at.button(key="show.unassigned").click().run()

    text = " ".join(block.value for block in at.markdown)
    assert waiting.case_no in text
    assert new.case_no not in text


@pytest.mark.parametrize(
    ("language", "words"), [("en", "2 urgent cases: call the clients now"), ("zh_CN", "请立即联系客户")]
)
def test_urgent_cases_stand_out_for_those_who_judge(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], language: str, words: str
) -> None:
    take_in(desk, people["intake"], description="担心电梯困人")
    take_in(desk, people["intake"], kind="complaint", priority="P2")
    take_in(desk, people["intake"], description="想问贷款")

    at = open_page("home", "head", language=language)

    assert not at.exception
    assert any(words in block.value for block in at.markdown)
    assert not any(words in block.value for block in open_page("home", "handler", language=language).markdown)


def test_an_urgent_case_stands_out_for_whoever_has_it(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    assigned(desk, people, "handler", priority="P1")
    words = "1 urgent case: call the client now"
    assert any(words in block.value for block in open_page("home", "handler", language="en").markdown)
    assert not any(words in block.value for block in open_page("home", "handler2", language="en").markdown)


def test_follow_ups_due_are_in_the_list(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    closed(desk, people)
    clock.forward(days=2)

    at = open_page("home", "intake", language="en")

    assert _counts(at)["Follow-ups"] == "1"
    assert any(link.label == "Record" for link in at.page_link)


def test_the_outcome_of_a_review_is_on_the_list_until_the_client_has_heard_it(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    case = move(desk, people["head"], answered(desk, people), "request_review", review_reason="不服")
    case = move(desk, people["reviewer"], case, "uphold", review_findings="属实", answer_text="维持原处理")

    def told(who: str) -> str:
        return " ".join(block.value for block in open_page("home", who, language="en").markdown)

    assert "Tell the client the outcome of the review (Decision confirmed)" in told("handler")
    assert case.case_no not in told("handler2")
    clock.forward(days=10)
    assert "The client was to hear the outcome of the review" in told("handler")
    move(desk, people["handler"], case, "tell_review", review_told_at=desk.now())
    assert "outcome of the review" not in told("handler")


def test_nothing_due_says_so(open_page: OpenPage) -> None:
    at = open_page("home", "handler", language="en")

    assert any("Nothing is due" in block.value for block in at.markdown)


def test_a_visitor_of_the_demo_is_at_first_somebody_who_opens_every_page(desk: Desk) -> None:
    workspace.initialise(desk, demo=True)
    process.use(desk)
    at = AppTest.from_file(SHELL, default_timeout=20).run()
    assert at.selectbox(key=PERSONA).value == "manager"

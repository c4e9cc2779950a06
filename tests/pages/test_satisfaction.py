"""Satisfaction: asking, writing down an answer by telephone, and what the answers come to."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.analytics.kpis.review import review_of
from lib.desk.desk import Desk
from lib.domain.records.case_parts import Survey
from lib.domain.rules.permissions import Actor
from lib.domain.rules.satisfaction import csat
from lib.i18n import format_percent, in_language, t
from lib.services.aftercare import satisfaction
from tests.cases import answered, closed
from tests.pages.conftest import OpenPage
from tests.support import Clock


def _metric(at: AppTest, label: str) -> str:
    return next(metric.value for metric in at.metric if metric.label == label)


def _answers(desk: Desk, people: dict[str, Actor], *results: int) -> None:
    for result in results:
        sent = satisfaction.send(desk, actor=people["manager"], case=closed(desk, people))
        answers = {"process": 5, "outcome": result, "speed": result, "effort": 2}
        satisfaction.answer(desk, token=sent.token, answers=answers, comment=f"comment {result}")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_results_in_both_languages(open_page: OpenPage, desk: Desk, people: dict[str, Actor], language: str) -> None:
    _answers(desk, people, 5, 4, 4, 2)
    satisfaction.send(desk, actor=people["manager"], case=closed(desk, people))

    at = open_page("satisfaction", language=language)

    assert not at.exception
    share = csat(satisfaction.results(desk), desk.config.survey)
    with in_language(language):  # type: ignore[arg-type]
        assert share.value == 0.75
        assert _metric(at, t("CSAT, result")) == format_percent(0.75)
        assert _metric(at, t("Response rate")) == format_percent(0.8)
        assert t("Low scores ({n})", n=1) in [header.value for header in at.subheader]
    assert "comment 2" in [text.value for text in at.text]


@pytest.mark.trial(12)
def test_the_response_rate_is_the_same_on_both_pages(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    """A survey that was sent again is one survey."""
    case = closed(desk, people)
    satisfaction.send(desk, actor=people["manager"], case=case)
    clock.forward(minutes=5)
    token = satisfaction.send(desk, actor=people["manager"], case=case).token
    satisfaction.answer(desk, token=token, answers={"process": 5, "outcome": 5})
    clock.forward(minutes=5)
    weekly = review_of(desk, desk.today(), actor=people["manager"], language="en").key_figures()["response_rate"]
    assert (weekly.now.numerator, weekly.now.denominator) == (1, 1)
    assert _metric(open_page("satisfaction", language="en"), "Response rate") == "100%"


def test_a_phone_answer_of_the_handler_does_not_count_for_her(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    _answers(desk, people, 2)
    satisfaction.send(desk, actor=people["manager"], case=closed(desk, people))
    own = next(survey for survey in desk.snapshot[Survey].values() if survey.answered_at is None)
    answers = {"process": 5, "outcome": 5}
    satisfaction.record_phone_answer(desk, actor=people["handler"], survey=own, answers=answers)

    by_person = open_page("satisfaction", language="en").dataframe[0].value
    by_department = open_page("satisfaction", language="en", by="department").dataframe[0].value

    assert by_person[["name", "answers", "csat"]].to_numpy().tolist() == [["李经办", 1, 0]]
    assert by_department[["name", "answers", "csat"]].to_numpy().tolist() == [["Client service", 2, 50]]


def test_nobody_was_asked_yet(open_page: OpenPage) -> None:
    at = open_page("satisfaction", language="en")

    assert not at.exception
    assert _metric(at, "CSAT, result") == "—"
    assert any("No answers in this period" in block.value for block in at.markdown)


def test_a_link_is_made_and_shown(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    case = answered(desk, people)
    at = open_page("satisfaction", language="en", show="send")

    at.button(key=f"send.{case.case_no}").click().run()

    assert not at.exception
    (survey,) = desk.snapshot[Survey].values()
    assert survey.case_no == case.case_no
    assert at.segmented_control(key="url.show").value == "waiting"
    address, message = (code.value for code in at.code)
    assert address in message
    token = address.partition("token=")[2]
    assert satisfaction.open_survey(desk, token).survey_id == survey.survey_id
    assert at.segmented_control(key="url.show").options[1] == "To ask: 0"


def test_an_answer_by_telephone(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    sent = satisfaction.send(desk, actor=people["manager"], case=closed(desk, people))
    at = open_page("satisfaction", language="en", show="waiting")
    at.segmented_control(key=f"act.{sent.survey_id}").set_value("phone").run()
    key = f"answer.{sent.survey_id}"
    at.text_area(key=f"{key}.comment").input("fine")

    next(button for button in at.button if button.form_id == f"{key}.form").click().run()
    assert len(at.error) == 1
    assert at.text_area(key=f"{key}.comment").value == "fine"
    at.segmented_control(key=f"{key}.process").set_value(4)
    at.segmented_control(key=f"{key}.outcome").set_value(5)
    next(button for button in at.button if button.form_id == f"{key}.form").click().run()

    survey = desk.snapshot[Survey][sent.survey_id]
    assert (survey.source, survey.recorded_by, survey.outcome, survey.comment) == ("phone", "manager", 5, "fine")


@pytest.mark.parametrize(("who", "opens"), [("head", True), ("reviewer", True), ("intake", False), ("handler", False)])
def test_who_may_look(open_page: OpenPage, who: str, opens: bool) -> None:
    at = open_page("satisfaction", who, language="en")

    assert bool(at.metric) is opens
    assert bool(at.error) is not opens

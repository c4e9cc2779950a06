"""The survey behind its link: one answer, a clear page for every link that takes none."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.auth.rate_limit import RateLimiter
from lib.desk.desk import Desk
from lib.domain.records.case_parts import Survey
from lib.domain.rules.permissions import Actor
from lib.i18n import in_language, t
from lib.services.aftercare import satisfaction
from lib.ui.frame import public_page
from tests.cases import answered
from tests.pages.conftest import OpenPage
from tests.support import Clock


@pytest.fixture(autouse=True)
def fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in public_page.LIMITS:
        monkeypatch.setitem(public_page.LIMITS, name, RateLimiter(20, 1))


@pytest.fixture
def sent(desk: Desk, people: dict[str, Actor]) -> satisfaction.Sent:
    return satisfaction.send(desk, actor=people["manager"], case=answered(desk, people))


def _send(at: AppTest) -> AppTest:
    return next(button for button in at.button if button.form_id == "survey").click().run()


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_taps_and_a_sentence(open_page: OpenPage, desk: Desk, sent: satisfaction.Sent, language: str) -> None:
    at = open_page("survey", language=language, token=sent.token)
    key = f"survey.{sent.survey_id}"
    at.segmented_control(key=f"{key}.process").set_value(5)
    at.segmented_control(key=f"{key}.outcome").set_value(4)
    at.feedback(key=f"{key}.speed").set_value(0)
    at.segmented_control(key=f"{key}.recommend").set_value(0)
    at.text_area(key=f"{key}.comment").input("谢谢")

    _send(at)

    assert not at.exception
    survey = desk.snapshot[Survey][sent.survey_id]
    assert (survey.process, survey.outcome, survey.speed, survey.recommend) == (5, 4, 1, 0)
    assert (survey.attitude, survey.effort, survey.comment, survey.source) == (None, None, "谢谢", "link")
    with in_language(language):  # type: ignore[arg-type]
        assert t("Thank you") in at.header[0].value
    assert not at.sidebar.children


def test_what_must_be_answered_comes_first_and_nothing_is_lost(
    open_page: OpenPage, desk: Desk, sent: satisfaction.Sent
) -> None:
    at = open_page("survey", language="en", token=sent.token)
    key = f"survey.{sent.survey_id}"
    at.segmented_control(key=f"{key}.process").set_value(5)
    at.text_area(key=f"{key}.comment").input("fine")

    _send(at)

    assert desk.snapshot[Survey][sent.survey_id].answered_at is None
    assert len(at.error) == 1
    assert at.segmented_control(key=f"{key}.process").value == 5
    assert at.text_area(key=f"{key}.comment").value == "fine"
    assert [control.key for control in at.segmented_control][1:3] == [f"{key}.process", f"{key}.outcome"]


def test_a_link_works_once(open_page: OpenPage, desk: Desk, sent: satisfaction.Sent) -> None:
    satisfaction.answer(desk, token=sent.token, answers={"process": 5, "outcome": 5})

    at = open_page("survey", language="en", token=sent.token)

    assert "Thank you" in at.header[0].value
    assert not at.text_area


def test_an_expired_link(open_page: OpenPage, desk: Desk, sent: satisfaction.Sent, clock: Clock) -> None:
    clock.forward(days=desk.settings.survey_valid_days + 1)

    at = open_page("survey", language="en", token=sent.token)

    assert "This survey is over" in at.header[0].value
    assert not at.text_area


@pytest.mark.parametrize("token", ["", "nonsense", "eyJzdXJ2ZXkiOiJ4In0.aaaa.bbbb"])
def test_a_broken_link(open_page: OpenPage, token: str) -> None:
    at = open_page("survey", language="en", token=token)

    assert not at.exception
    assert "This link does not work" in at.header[0].value
    assert any("tel:" in block.value for block in at.markdown)

"""The progress of a case: for whoever has number and digits or the link, and for nobody else."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.auth.rate_limit import RateLimiter
from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.i18n import in_language, t
from lib.services.cases import handling, tracking
from lib.ui.frame import public_page
from tests.cases import answered, assigned, move, take_in
from tests.pages.conftest import OpenPage
from tests.support import Clock

TOLD, KEPT = "师傅明早九点上门。", "客户情绪激动，注意措辞。"


@pytest.fixture(autouse=True)
def fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in public_page.LIMITS:
        monkeypatch.setitem(public_page.LIMITS, name, RateLimiter(20, 1))


def _ask(at: AppTest, number: str, digits: str) -> AppTest:
    at.text_input(key="track.case_no").input(number)
    at.text_input(key="track.last4").input(digits)
    return next(button for button in at.button if button.form_id == "track").click().run()


def _words(at: AppTest) -> str:
    main = at.main
    return "\n".join(str(item.value) for kind in (main.markdown, main.text, main.caption, main.header) for item in kind)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_number_and_digits_show_what_is_meant_for_the_client(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], language: str
) -> None:
    case = assigned(desk, people)
    handling.add_note(desk, actor=people["manager"], case=case, text=TOLD, audience="client")
    handling.add_note(desk, actor=people["manager"], case=case, text=KEPT)

    at = _ask(open_page("track", language=language), f" {case.case_no.lower()} ", "1234")

    assert not at.exception
    words = _words(at)
    assert case.case_no in words
    assert TOLD in words
    with in_language(language):  # type: ignore[arg-type]
        assert t("Somebody is responsible for your case and will contact you.") in words
    for secret in (KEPT, "李经办", "王经理", case.client_name, case.client_phone):
        assert secret not in words
    assert not at.sidebar.children


@pytest.mark.parametrize(("number", "digits"), [("", "0000"), ("TS-2026-999999", "1234")])
def test_a_wrong_pair_reveals_nothing(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], number: str, digits: str
) -> None:
    case = take_in(desk, people["intake"])

    at = _ask(open_page("track", language="en"), number or case.case_no, digits)

    assert [error.value for error in at.error] == ["Check both the number and the digits, or call us."]
    assert "token" not in at.query_params
    assert case.title not in _words(at)


def test_the_link_is_enough(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    case = answered(desk, people)

    at = open_page("track", language="en", token=tracking.tracking_token(desk, case.case_no))

    assert at.header[0].value == case.case_no
    assert case.answer_text in _words(at)


def test_a_broken_link_leads_to_the_search(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"])

    at = open_page("track", language="en", token=tracking.tracking_token(desk, case.case_no)[:-3])

    assert len(at.warning) == 1
    assert at.text_input(key="track.case_no").value == ""


def test_a_delay_is_admitted(open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = take_in(desk, people["intake"])
    clock.forward(days=10)

    at = open_page("track", language="en", token=tracking.tracking_token(desk, case.case_no))

    assert "We are sorry for the delay" in _words(at)


def test_guessing_the_digits_of_one_case_is_slowed_down(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = take_in(desk, people["intake"])
    monkeypatch.setitem(public_page.LIMITS, "track.case", RateLimiter(2, 0.0001))
    at = open_page("track", language="en")
    _ask(at, case.case_no, "0001")
    _ask(at, case.case_no.lower().replace("-", " "), "0002")

    _ask(at, case.case_no, "1234")

    assert len(at.warning) == 1
    assert at.header[0].value != case.case_no


@pytest.mark.trial(17)
@pytest.mark.parametrize(
    ("language", "merged", "withdrawn"), [("zh_CN", "合并办理", "您已撤回"), ("en", "together with", "You withdrew")]
)
def test_merged_and_withdrawn_are_said_in_their_own_words(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], language: str, merged: str, withdrawn: str
) -> None:
    """Nobody reads that the case could not be taken on, nor sees steps as made that were not."""
    leading, same, gone = assigned(desk, people), take_in(desk, people["intake"]), take_in(desk, people["intake"])
    move(desk, people["head"], same, "merge", merged_into=leading.case_no)
    move(desk, people["intake"], gone, "withdraw", withdraw_ground="settled")
    for case, words, steps in ((same, merged, 1), (gone, withdrawn, 1)):
        at = open_page("track", language=language, token=tracking.tracking_token(desk, case.case_no))
        seen = _words(at)
        assert words in seen
        assert seen.count(":green-badge[:material/check:") == steps
        with in_language(language):
            assert t("We could not take this case on.") not in seen
            assert t("Not taken on") not in seen
        assert leading.case_no not in seen


@pytest.mark.trial(17)
def test_a_declined_case_shows_no_step_as_made_that_was_not(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    case = take_in(desk, people["intake"])
    reason = "已超出保修期，建议联系物业维修。"
    move(desk, people["head"], case, "decline", decline_ground="out_of_warranty", decline_reason=reason)
    seen = _words(open_page("track", token=tracking.tracking_token(desk, case.case_no)))
    assert reason in seen
    assert seen.count(":green-badge[:material/check:") == 1

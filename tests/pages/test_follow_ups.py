"""Follow-ups: whose and when, a call recorded in place, and who may see the client's number."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp
from lib.domain.rules.permissions import Actor
from lib.i18n import in_language, t
from lib.services.aftercare import follow_ups
from tests.cases import closed
from tests.pages.conftest import OpenPage
from tests.support import Clock


@pytest.fixture
def case(desk: Desk, people: dict[str, Actor], clock: Clock) -> Case:
    """A closed case of the handler's, whose first follow-up is due today: the reception's call, who took it in."""
    made = closed(desk, people)
    clock.forward(days=1)
    return made


def _today(desk: Desk) -> FollowUp:
    (one,) = follow_ups.due(desk, on=desk.today()).today
    return one


def _choose(at: AppTest, one: FollowUp, outcome: str) -> AppTest:
    return at.segmented_control(key=f"fu.{one.follow_up_id}.outcome").set_value(outcome).run()


def _save(at: AppTest, one: FollowUp) -> AppTest:
    return next(button for button in at.button if button.form_id == f"fu.{one.follow_up_id}.form").click().run()


def _labels(at: AppTest, key: str) -> list[str]:
    return at.segmented_control(key=key).options


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_counts_in_both_languages(open_page: OpenPage, case: Case, language: str) -> None:
    at = open_page("follow_ups", "intake", language=language)

    assert not at.exception
    with in_language(language):  # type: ignore[arg-type]
        assert _labels(at, "url.due") == [t("Overdue {n}", n=0), t("Today {n}", n=1), t("To come {n}", n=2)]


def test_the_address_names_the_part(open_page: OpenPage, desk: Desk, case: Case) -> None:
    at = open_page("follow_ups", "intake", language="en", due="upcoming")

    outcomes = [control.key for control in at.segmented_control if str(control.key).startswith("fu.")]
    assert len(outcomes) == 2
    assert f"fu.{_today(desk).follow_up_id}.outcome" not in outcomes


def test_a_call_is_recorded_in_two_taps(open_page: OpenPage, desk: Desk, case: Case) -> None:
    one = _today(desk)
    at = open_page("follow_ups", "intake", language="en")

    _save(_choose(at, one, "satisfied"), one)

    assert not at.exception
    done = desk.snapshot[FollowUp][one.follow_up_id]
    assert (done.outcome, done.done_by) == ("satisfied", "intake")
    assert _labels(at, "url.due")[1] == "Today 0"


def test_not_reached_moves_to_the_next_try(open_page: OpenPage, desk: Desk, case: Case) -> None:
    one = _today(desk)
    at = open_page("follow_ups", "intake", language="en")

    _save(_choose(at, one, "not_reached"), one)

    moved = desk.snapshot[FollowUp][one.follow_up_id]
    assert (moved.tries, moved.done_at) == (1, None)
    assert moved.due_on > desk.today()


def test_a_problem_opens_a_case(open_page: OpenPage, desk: Desk, case: Case) -> None:
    one = _today(desk)
    at = _choose(open_page("follow_ups", "intake", language="en"), one, "problem")
    key = f"fu.{one.follow_up_id}"

    _save(at, one)
    assert len(at.error) == 1
    assert at.text_area(key=f"{key}.description").value == ""
    at.text_area(key=f"{key}.description").input("卫生间又渗水了。")
    at.pills(key=f"{key}.kind").set_value("repair")
    _save(at, one)

    done = desk.snapshot[FollowUp][one.follow_up_id]
    opened = desk.snapshot[Case][done.opened_case]
    assert (opened.description, opened.kind, opened.client_phone) == ("卫生间又渗水了。", "repair", case.client_phone)


def test_an_error_keeps_what_was_typed(open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case) -> None:
    one = _today(desk)
    at = _choose(open_page("follow_ups", "intake", language="en"), one, "reached")
    at.text_input(key=f"fu.{one.follow_up_id}.note").input("约好周五再打")
    at.date_input(key=f"fu.{one.follow_up_id}.reached.next_on").set_value(desk.today())

    _save(at, one)

    assert len(at.error) == 1
    assert at.text_input(key=f"fu.{one.follow_up_id}.note").value == "约好周五再打"
    assert desk.snapshot[FollowUp][one.follow_up_id].done_at is None


def test_numbers_are_masked_for_those_who_may_not_see_them(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case
) -> None:
    at = open_page("follow_ups", "handler2", language="en", whose="all")

    words = " ".join(block.value for block in at.markdown)
    assert "199\\*\\*\\*\\*1234" in words
    assert case.client_phone not in words
    assert case.client_name not in words


def test_showing_a_number_is_written_down(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], case: Case
) -> None:
    at = open_page("follow_ups", "handler2", language="en", whose="all")

    at.button(key=f"reveal.{_today(desk).follow_up_id}").click().run()

    (line,) = [line for line in desk.history(case_no=case.case_no) if line.action == "reveal"]
    assert line.actor == "handler2"
    assert case.client_phone in [link.proto.label for link in at.get("link_button")]


def test_a_call_is_planned_by_hand(open_page: OpenPage, desk: Desk, people: dict[str, Actor]) -> None:
    at = open_page("follow_ups", "intake", language="en")
    at.text_input(key="plan_follow_up.client_name").input("赵六")
    at.text_input(key="plan_follow_up.client_phone").input("12")
    plan = next(button for button in at.button if button.form_id == "plan_follow_up")
    plan.click().run()
    assert len(at.error) == 1
    assert at.text_input(key="plan_follow_up.client_name").value == "赵六"

    at.text_input(key="plan_follow_up.client_phone").input("19900005678")
    next(button for button in at.button if button.form_id == "plan_follow_up").click().run()

    (planned,) = desk.snapshot[FollowUp].values()
    assert (planned.client_name, planned.assignee, planned.due_on) == ("赵六", "intake", desk.today())


def test_an_empty_list_says_so(open_page: OpenPage) -> None:
    at = open_page("follow_ups", "intake", language="en")

    assert any("No calls here" in block.value for block in at.markdown)

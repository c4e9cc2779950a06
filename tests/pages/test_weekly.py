"""Weekly review: cards with what is behind them, the points to talk about, charts, week and scope in the address."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.analytics.kpis.definitions import KPIS
from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.i18n import LANGUAGES, Language, in_language, t
from tests.cases import accepted, assigned, closed, take_in
from tests.pages.conftest import OpenPage
from tests.support import Clock

CARDS = 8


@pytest.fixture
def week(desk: Desk, people: dict[str, Actor], clock: Clock) -> dict[str, str]:
    """Three cases of Monday, looked at on Thursday: one closed, one nobody has, one late."""
    numbers = {"closed": closed(desk, people).case_no}
    numbers["unassigned"] = accepted(desk, people, room="101").case_no
    numbers["late"] = assigned(desk, people, room="102", priority="P1").case_no
    clock.forward(days=3)
    return numbers


def texts(at: AppTest) -> str:
    return "\n".join(item.value for kind in ("markdown", "caption", "info") for item in getattr(at, kind))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_week_at_a_glance(open_page: OpenPage, week: dict[str, str], language: Language) -> None:
    at = open_page("weekly", "manager", language=language)
    assert not at.exception
    found = {metric.label: metric.value for metric in at.metric}
    assert len(found) == CARDS
    with in_language(language):
        labels = {kpi.key: t(kpi.label) for kpi in KPIS}
    assert found[labels["intake"]] == "3"
    assert found[labels["closed"]] == "1"
    assert found[labels["backlog"]] == "2"
    assert all(metric.help for metric in at.metric)


def test_a_number_opens_the_cases_behind_it(open_page: OpenPage, week: dict[str, str]) -> None:
    at = open_page("weekly", "manager", language="en")
    at.button(key="behind.closed").click().run()
    assert "**Closed** · 1 case" in texts(at)
    assert week["closed"] in links(at)
    at.button(key="behind.closed").click().run()
    assert week["closed"] not in links(at)


def links(at: AppTest) -> str:
    return "\n".join(str(item.proto) for item in at.get("page_link"))


def test_the_points_to_talk_about(open_page: OpenPage, week: dict[str, str]) -> None:
    at = open_page("weekly", "manager", language="en")
    assert week["late"] in links(at)
    assert week["unassigned"] in links(at)
    assert "No low score this week." in texts(at)


def test_a_week_before_everything_shows_no_cases(open_page: OpenPage, week: dict[str, str], clock: Clock) -> None:
    clock.forward(days=7)
    at = open_page("weekly", "manager", language="en", week="2026-03-09")
    assert at.selectbox(key="weekly.week").value == "2026-03-09"
    assert {metric.label: metric.value for metric in at.metric}["Logged"] == "0"
    at.selectbox(key="weekly.week").select("2026-03-02").run()
    assert {metric.label: metric.value for metric in at.metric}["Logged"] == "3"
    assert at.query_params["week"] == "2026-03-02"


def test_on_monday_it_is_about_the_week_that_has_ended(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    take_in(desk, people["intake"])
    clock.forward(days=7)
    at = open_page("weekly", "manager", language="en")
    assert at.selectbox(key="weekly.week").value == "2026-03-02"


def test_a_scope_narrows_everything(open_page: OpenPage, week: dict[str, str]) -> None:
    at = open_page("weekly", "manager", language="en", department="legal")
    assert {metric.label: metric.value for metric in at.metric}["Backlog"] == "0"


def test_an_empty_workspace_has_a_review_too(open_page: OpenPage) -> None:
    at = open_page("weekly", "manager", language="en")
    assert not at.exception
    assert "Nothing to show for this time yet." in texts(at)


@pytest.mark.parametrize(
    ("who", "allowed"), [("handler", False), ("intake", False), ("head", True), ("reviewer", True)]
)
def test_who_may_look(open_page: OpenPage, who: str, allowed: bool) -> None:
    at = open_page("weekly", who)
    assert bool(at.metric) is allowed


@pytest.mark.parametrize(("who", "offered"), [("manager", True), ("reviewer", False)])
def test_only_those_who_may_export_download(open_page: OpenPage, week: dict[str, str], who: str, offered: bool) -> None:
    at = open_page("weekly", who)
    assert bool(at.get("download_button")) is offered


def test_working_time_is_short_enough_for_a_card(open_page: OpenPage, week: dict[str, str]) -> None:
    at = open_page("weekly", "manager", language="en")
    contact = next(metric for metric in at.metric if metric.label == "First contact, median")
    assert contact.value.endswith((" min", " h", " days"))
    assert "working time" in texts(at)

"""What another server has just saved: a process that has not heard of it looks before it says that there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.app import process
from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.services.aftercare import satisfaction
from lib.services.cases import tracking
from lib.services.people import sessions
from tests.cases import answered, take_in
from tests.pages.conftest import OpenPage
from tests.support import Clock, open_workspace


@pytest.fixture
def other(desk: Desk, clock: Clock) -> Iterator[Desk]:
    """Another server on the same data."""
    opened = open_workspace(Path(desk.settings.files_dir).parent, clock)
    yield opened
    opened.store.close()


@pytest.fixture(autouse=True)
def _awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody is on, so that nothing but the page itself looks."""
    presence = process.Presence()
    monkeypatch.setattr(presence, "anybody", lambda: True)
    monkeypatch.setattr(process, "presence", presence)


@pytest.mark.trial(48)
def test_a_tracking_link_of_another_server_is_valid_at_once(
    open_page: OpenPage, desk: Desk, other: Desk, people: dict[str, Actor]
) -> None:
    open_page("home")
    case = take_in(other, people["intake"])
    at = open_page("track", language="en", token=tracking.tracking_token(other, case.case_no))
    assert not at.exception
    assert not at.warning
    assert case.case_no in [header.value for header in at.header]


@pytest.mark.trial(48)
def test_a_number_that_another_server_gave_out_is_found_at_once(
    open_page: OpenPage, desk: Desk, other: Desk, people: dict[str, Actor]
) -> None:
    at = open_page("track", language="en")
    case = take_in(other, people["intake"])
    at.text_input(key="track.case_no").input(case.case_no)
    at.text_input(key="track.last4").input("1234")
    next(button for button in at.button if button.form_id == "track").click().run()
    assert case.case_no in [header.value for header in at.header]


@pytest.mark.trial(48)
def test_a_survey_of_another_server_opens_at_once(
    open_page: OpenPage, desk: Desk, other: Desk, people: dict[str, Actor]
) -> None:
    open_page("home")
    sent = satisfaction.send(other, actor=people["manager"], case=answered(other, people))
    at = open_page("survey", language="en", token=sent.token)
    assert [header.value for header in at.header] == ["How did we do?"]


@pytest.mark.trial(48)
def test_a_forged_link_costs_the_store_nothing(
    open_page: OpenPage, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page("home")
    looks: list[Desk] = []
    monkeypatch.setattr(process, "look", looks.append)
    assert open_page("track", token="x" * 80).warning
    assert not open_page("survey", token="x" * 80).exception
    assert looks == []


@pytest.mark.trial(48)
def test_after_a_rest_nobody_is_let_in_by_what_is_remembered(
    desk: Desk, other: Desk, people: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(process, "presence", process.Presence(clock=lambda: now))
    before = desk.snapshot.seq
    sessions.end_all(other, actor=people["manager"], staff_id="manager")
    process.wake(desk)
    assert desk.snapshot.seq == before, "somebody is on: the refresher sees to it"
    now = process.AWAKE + 1
    process.wake(desk)
    assert desk.snapshot.seq == other.snapshot.seq

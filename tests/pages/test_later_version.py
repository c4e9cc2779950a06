"""A stage and an action that only a later version of the app knows stand in the data: every page goes on."""

import pytest

from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor, system_actor
from lib.store.commit.batch import edit, note
from lib.store.commit.policy import Policy
from tests.cases import assigned
from tests.pages.conftest import OpenPage


@pytest.fixture
def number(desk: Desk, people: dict[str, Actor], monkeypatch: pytest.MonkeyPatch) -> str:
    case = assigned(desk, people)
    monkeypatch.setattr(desk.committer, "policy", Policy())
    desk.save(system_actor(), [edit(case, {"stage": "mediation"}), note(case.case_no, "双方已到场", action="mediated")])
    return case.case_no


@pytest.mark.trial(47)
@pytest.mark.parametrize("page", ["home", "cases", "case", "assignment", "weekly", "workflow"])
def test_a_stage_of_a_later_version_stops_no_page(open_page: OpenPage, number: str, page: str) -> None:
    at = open_page(page, no=number) if page == "case" else open_page(page)
    assert not at.exception
    assert not [error for error in at.error if "went wrong" in str(error.value) or "出错" in str(error.value)]

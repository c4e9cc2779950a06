"""Somebody restores an older version of the spreadsheet: data health says so, and what came after is brought back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Task
from lib.domain.rules.permissions import Actor
from lib.errors import NotAllowed
from lib.services.cases import handling
from lib.services.data.health import history_problems
from lib.services.data.older_version import bring_back, later
from lib.services.parts import tasks
from tests.cases import accepted, move, take_in
from tests.google.book.workbook import Workbook
from tests.google.server import SheetsServer
from tests.store.sheets.support import Sheets
from tests.support import Clock, open_workspace

pytestmark = pytest.mark.trial(36)


@pytest.fixture
def sheets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sheets]:
    with SheetsServer() as server:
        monkeypatch.setenv("CASESHEET_GOOGLE_ENDPOINT", server.url)
        yield Sheets(server)


@pytest.fixture
def desk(tmp_path: Path, clock: Clock, sheets: Sheets) -> Iterator[Desk]:
    """A workspace in a spreadsheet; it stands in for the usual one, and so do its people."""
    opened = open_workspace(tmp_path, clock, store=f"gsheets://{sheets.id}")
    yield opened
    opened.store.close()


@pytest.fixture
def lost(desk: Desk, people: dict[str, Actor], sheets: Sheets) -> tuple[Workbook, list[Case], list[Task]]:
    """The version that is restored, and the cases and tasks as they were before that: one case was taken on by several
    steps, one edited, one is new and has a task."""
    first, second = accepted(desk, people), take_in(desk, people["intake"], client_phone="13800138001")
    version = sheets.version()
    move(desk, people["manager"], first, "assign", assignee="handler")
    handling.edit_facts(desk, actor=people["manager"], case=second, values={"description": "改过"})
    third = take_in(desk, people["intake"], client_phone="13800138002")
    tasks.add_task(desk, actor=people["manager"], case=third, values={"title": "看现场"})
    return version, list(desk.snapshot[Case].values()), list(desk.snapshot[Task].values())


def restored(desk: Desk, sheets: Sheets, version: Workbook) -> None:
    sheets.restore(version, markers=True)
    desk.committer.keep_up()


def test_all_of_it_is_brought_back(
    desk: Desk, people: dict[str, Actor], sheets: Sheets, lost: tuple[Workbook, list[Case], list[Task]]
) -> None:
    version, cases, todo = lost
    restored(desk, sheets, version)
    assert len(desk.snapshot[Case]) == 2
    assert [one.reason for one in history_problems(desk)] == ["older_version"]
    with pytest.raises(NotAllowed):
        bring_back(desk, actor=people["intake"], wanted=later(desk))
    wanted = later(desk)
    assert bring_back(desk, actor=people["manager"], wanted=wanted) == (len(wanted), [])
    assert (list(desk.snapshot[Case].values()), list(desk.snapshot[Task].values())) == (cases, todo)
    assert later(desk) == []


def test_what_was_changed_since_is_left(
    desk: Desk, people: dict[str, Actor], sheets: Sheets, lost: tuple[Workbook, list[Case], list[Task]]
) -> None:
    version, cases, _ = lost
    restored(desk, sheets, version)
    second = desk.snapshot[Case][cases[1].case_no]
    handling.edit_facts(desk, actor=people["manager"], case=second, values={"description": "另一种"})
    done, refused = bring_back(desk, actor=people["manager"], wanted=later(desk))
    assert len(refused) == 1
    assert desk.snapshot[Case][second.case_no].description == "另一种"
    assert desk.snapshot[Case][cases[0].case_no] == cases[0]
    assert desk.snapshot[Case][cases[2].case_no] == cases[2]
    assert [one.key for one in later(desk)] == [second.case_no]
    assert done >= 2


def test_a_number_given_out_again_is_not_taken_from_its_case(
    desk: Desk, people: dict[str, Actor], sheets: Sheets, lost: tuple[Workbook, list[Case], list[Task]]
) -> None:
    version, cases, _ = lost
    restored(desk, sheets, version)
    other = take_in(desk, people["intake"], client_phone="13800138009", title="另一件")
    assert other.case_no == cases[2].case_no
    bring_back(desk, actor=people["manager"], wanted=later(desk))
    assert desk.snapshot[Case][other.case_no] == other

"""Rows of a sheet that the app could not put right: each has a line on data health until somebody has looked at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.errors import NotAllowed
from lib.i18n import Language, in_language
from lib.services.cases import handling
from lib.services.data import fix
from lib.services.data.health import CHECKED, LEFT, HealthProblem, address, history_problems
from lib.store.sheets.model.layout import sheet_id
from lib.store.sheets.repair import recovery, repair
from lib.words.actions import ACTIONS
from lib.words.errors import reason_words
from tests.cases import take_in
from tests.google.server import SheetsServer
from tests.store.sheets.support import TAB, Sheets
from tests.support import Clock, actors_of, open_workspace

pytestmark = pytest.mark.trial(35)


@pytest.fixture
def sheets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sheets]:
    with SheetsServer() as server:
        monkeypatch.setenv("CASESHEET_GOOGLE_ENDPOINT", server.url)
        yield Sheets(server)


@pytest.fixture
def desk(tmp_path: Path, clock: Clock, sheets: Sheets) -> Iterator[Desk]:
    opened = open_workspace(tmp_path, clock, store=f"gsheets://{sheets.id}")
    yield opened
    opened.store.close()


@pytest.fixture
def cases(desk: Desk, people: dict[str, Actor]) -> list[Case]:
    return [take_in(desk, people["intake"], title=title, client_phone=f"1380013800{title}") for title in "21"]


@pytest.fixture
def left(
    sheets: Sheets, desk: Desk, cases: list[Case], people: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> list[HealthProblem]:
    """Somebody sorted under a write, and no repair comes to anything: an edit stands in the row of the other case."""
    monkeypatch.setattr(recovery, "goes_on", lambda _journal, _plan: False)
    sorting = [["sort", {"tab": TAB, "column": "标题"}]]
    sheets.server.fault(method="POST", path=":batchUpdate", manager=sorting, spreadsheet=sheets.id)
    handling.edit_facts(desk, actor=people["manager"], case=cases[0], values={"location": "厨房"})
    desk.committer.keep_up()
    return history_problems(desk)


def test_each_has_a_line(sheets: Sheets, desk: Desk, cases: list[Case], left: list[HealthProblem]) -> None:
    assert {(one.tab, one.key, one.field, one.reason) for one in left} == {
        ("cases", case.case_no, "case_no", LEFT) for case in cases
    }
    key_at = "A"
    rows = {case.case_no: sheets.manager.row_of(TAB, case.case_no, column="案件编号") for case in cases}
    for one in left:
        assert str(address(desk, one)).endswith(f"#gid={sheet_id('cases')}&range={key_at}{rows[one.key]}")
    assert LEFT == repair.LEFT
    assert {LEFT, CHECKED} <= ACTIONS.keys()


@pytest.mark.parametrize(("code", "button"), [("en", "Checked"), ("zh_CN", "已检查")])
def test_it_says_what_to_do_in_both_languages(code: Language, button: str) -> None:
    with in_language(code):
        assert button in reason_words(LEFT)


def test_another_process_shows_it_too_and_repairs_no_more(
    tmp_path: Path, clock: Clock, sheets: Sheets, desk: Desk, left: list[HealthProblem]
) -> None:
    (tmp_path / "other").mkdir()
    other = open_workspace(tmp_path / "other", clock, store=f"gsheets://{sheets.id}")
    seq = desk.committer.keep_up().seq
    assert history_problems(other) == left
    assert other.committer.keep_up().seq == seq
    other.store.close()


def test_it_goes_once_somebody_has_looked(desk: Desk, left: list[HealthProblem], people: dict[str, Actor]) -> None:
    first, second = left
    with pytest.raises(NotAllowed):
        fix.checked(desk, actor=people["handler"], problem=first)
    fix.checked(desk, actor=actors_of(desk)["manager"], problem=first)
    assert history_problems(desk) == [second]
    fix.checked(desk, actor=actors_of(desk)["manager"], problem=second)
    assert history_problems(desk) == []


def test_the_work_goes_on(desk: Desk, cases: list[Case], left: list[HealthProblem], people: dict[str, Actor]) -> None:
    seen = desk.snapshot[Case][cases[1].case_no]
    handling.edit_facts(desk, actor=people["manager"], case=seen, values={"description": "水龙头"})
    desk.committer.keep_up()
    assert desk.snapshot[Case][seen.case_no].description == "水龙头"
    assert history_problems(desk) == left


@pytest.mark.trial(39)
def test_a_repair_of_an_empty_row_leaves_no_gap(
    sheets: Sheets, desk: Desk, cases: list[Case], people: dict[str, Actor]
) -> None:
    for _ in range(2):
        steps = [["insert_rows", {"tab": TAB, "at": 2}]]
        sheets.server.fault(method="POST", path=":batchUpdate", manager=steps, spreadsheet=sheets.id)
    handling.edit_facts(desk, actor=people["manager"], case=cases[0], values={"location": "厨房"})
    desk.committer.keep_up()
    assert any(line["commit_id"].startswith("put-right-") for line in desk.store.history())
    assert history_problems(desk) == []

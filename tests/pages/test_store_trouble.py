"""The spreadsheet fails while people work: what they read in both languages, what they keep, how it ends by itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.app import process
from lib.app.bootstrap import open_desk
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import system_actor
from lib.jobs.refresher import Refresher
from lib.services.workspace import workspace
from lib.store.commit import loop
from lib.store.commit.batch import create
from lib.store.sheets.api import client
from lib.ui.frame.app_pages import PAGES
from lib.ui.session.state import LANGUAGE, PERSONA
from tests.cases import take_in
from tests.google.control import Manager
from tests.google.server import SheetsServer
from tests.pages.conftest import SHELL
from tests.store.sheets.support import APP, QUICK, unlimited
from tests.support import PEOPLE, Clock, actors_of

TAB = "案件"
TYPED = "与客户约好周四上门"
_KEPT: list[Any] = []  # what was taken away, until it is put back


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SheetsServer]:
    """Waits are short, and the quota is that of the server alone."""
    monkeypatch.setattr(client, "Patience", lambda: QUICK)
    monkeypatch.setattr(client, "Quota", unlimited)
    monkeypatch.setattr(loop, "PAUSE", 0.0)
    with SheetsServer() as served:
        yield served


@pytest.fixture
def sheet(server: SheetsServer) -> Manager:
    return server.manager(server.create("台账", share=(APP,)))


@pytest.fixture
def desk(server: SheetsServer, sheet: Manager, tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    """A demo workspace in the spreadsheet."""
    files = {"files_dir": tmp_path / "files", "secret_file": tmp_path / "key"}
    opened = open_desk(create=True, store=f"gsheets://{sheet.id}", google_endpoint=server.url, clock=clock, **files)
    workspace.initialise(opened, demo=True)
    opened.save(system_actor(), [create(one.model_copy(update={"branch": "head_office"})) for one in PEOPLE])
    process.use(opened)
    yield opened
    opened.store.close()


@pytest.fixture
def presence(monkeypatch: pytest.MonkeyPatch) -> process.Presence:
    fresh = process.Presence()
    monkeypatch.setattr(process, "presence", fresh)
    return fresh


@pytest.fixture
def refresh(desk: Desk, presence: process.Presence) -> Callable[[], None]:
    """What the refresher does every few seconds."""
    return Refresher(desk).once


def open_case(case: Case, language: str) -> AppTest:
    at = AppTest.from_file(SHELL, default_timeout=30)
    at.session_state[PERSONA], at.session_state[LANGUAGE] = "manager", language
    at.run()
    at.switch_page(str(PAGES["case"].file))
    at.query_params["no"] = case.case_no
    return at.run()


@dataclass(frozen=True)
class Trouble:
    """What goes wrong, what people read of it, and how it is put right again."""

    begin: Callable[[SheetsServer, Manager], object]
    zh: str
    en: str
    end: Callable[[SheetsServer, Manager], object] = lambda server, _: server.google.faults.clear()


def _delete_headers(_: SheetsServer, sheet: Manager) -> None:
    _KEPT[:] = [sheet.rows(TAB)[0]]
    sheet.delete_header(TAB)


def _put_headers_back(_: SheetsServer, sheet: Manager) -> None:
    sheet.insert_rows(TAB, 1)
    sheet.set(f"{TAB}!A1", _KEPT)


def _lose_tab(_: SheetsServer, sheet: Manager) -> None:
    file = sheet.store.files[sheet.id]
    _KEPT[:] = [next(one for one in file.book.sheets if one.title == TAB)]
    file.book.sheets.remove(_KEPT[0])
    sheet.store.changed(file)


def _find_tab(_: SheetsServer, sheet: Manager) -> None:
    file = sheet.store.files[sheet.id]
    file.book.sheets.append(_KEPT[0])
    sheet.store.changed(file)


def _lose_file(_: SheetsServer, sheet: Manager) -> None:
    _KEPT[:] = [sheet.store.files.pop(sheet.id)]


def _find_file(_: SheetsServer, sheet: Manager) -> None:
    sheet.store.files[sheet.id] = _KEPT[0]


def _use_up_quota(server: SheetsServer, sheet: Manager) -> None:
    sheet.set_cell(TAB, 2, "小区", "梧桐里")  # else there would be nothing to read
    server.fault(path="/v4/", status=429, times=9999)


TROUBLES = {
    "no access": Trouble(
        lambda _, sheet: sheet.revoke(APP),
        f"身份共享给{APP}",
        f"Share it with {APP} as an editor",
        lambda _, sheet: sheet.share(APP),
    ),
    "spreadsheet deleted": Trouble(_lose_file, "回收站", "out of the bin of Google Drive", _find_file),
    "tab deleted": Trouble(_lose_tab, "版本记录", "the tab “Cases” is missing", _find_tab),
    "header renamed": Trouble(
        lambda _, sheet: sheet.rename_column(TAB, "标题", "备注"),
        "标题",
        "the header “Title” is missing",
        lambda _, sheet: sheet.rename_column(TAB, "备注", "标题"),
    ),
    "headers deleted": Trouble(_delete_headers, "标题行", "the row of headers is missing", _put_headers_back),
    "quota": Trouble(_use_up_quota, "请一分钟后重试", "Wait a minute"),
    "network down": Trouble(lambda server, _: server.fault(drop=True, times=9999), "网络", "Check the connection"),
}


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_people_are_told_lose_nothing_and_go_on(
    trouble: Trouble,
    language: str,
    server: SheetsServer,
    sheet: Manager,
    desk: Desk,
    refresh: Callable[[], None],
) -> None:
    case = take_in(desk, actors_of(desk)["intake"])
    refresh()
    at = open_case(case, language)
    assert not at.warning
    trouble.begin(server, sheet)
    refresh()
    at.run()
    words = trouble.zh if language == "zh_CN" else trouble.en
    assert words in at.warning[0].value
    assert case.case_no in "".join(one.value for one in at.markdown), "the case stays readable"
    (box,) = [one for one in at.text_area if (one.key or "").startswith("note.")]
    box.set_value(TYPED)
    (add,) = [one for one in at.button if (one.key or "").startswith("note.")]
    add.click().run()
    assert at.error
    assert not at.exception
    assert [one.value for one in at.text_area if one.key == box.key] == [TYPED]
    trouble.end(server, sheet)
    refresh()
    next(one for one in at.button if one.key == add.key).click().run()
    assert not at.error
    assert not at.warning
    assert [line.text for line in desk.history(case_no=case.case_no, actions=["note"])] == [TYPED]


def test_a_renamed_tab_is_found_again(sheet: Manager, desk: Desk, refresh: Callable[[], None]) -> None:
    case = take_in(desk, actors_of(desk)["intake"])
    sheet.rename_tab(TAB, "老案件")
    sheet.set_cell("老案件", sheet.row_of("老案件", case.case_no), "小区", "梧桐里")
    refresh()
    assert process.presence.problem is None
    assert desk.snapshot[Case][case.case_no].community == "梧桐里"


def test_drawing_a_page_again_asks_google_nothing(
    server: SheetsServer, desk: Desk, refresh: Callable[[], None]
) -> None:
    case = take_in(desk, actors_of(desk)["intake"])
    refresh()
    at = open_case(case, "en")
    at.switch_page(str(PAGES["health"].file)).run()
    server.log.reset()
    for key in (*PAGES, "case", "health"):
        if key not in ("survey",):
            at.switch_page(str(PAGES[key].file)).run().run()
            assert not at.exception
    assert server.log.entries == []

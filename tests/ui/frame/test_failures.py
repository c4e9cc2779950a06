"""A spreadsheet that cannot be opened when the app starts: what people read, and that nobody has to start it again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.app import bootstrap, process
from lib.services.workspace import workspace
from lib.store.sheets.api import client
from lib.ui.frame.app_pages import PAGES
from lib.ui.session.state import LANGUAGE
from tests.google.control import Manager
from tests.google.server import SheetsServer
from tests.store.sheets.support import APP, QUICK, unlimited
from tests.ui.test_shell import SHELL


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SheetsServer]:
    monkeypatch.setattr(client, "Patience", lambda: QUICK)
    monkeypatch.setattr(client, "Quota", unlimited)
    with SheetsServer() as served:
        yield served


@pytest.fixture
def sheet(server: SheetsServer) -> Manager:
    return server.manager(server.create("台账", share=(APP,)))


@pytest.fixture
def closed(
    monkeypatch: pytest.MonkeyPatch, server: SheetsServer, sheet: Manager, tmp_path: Path
) -> Iterator[list[process.Desk]]:
    """The process as it starts, with the settings of the spreadsheet; in the list once it is open."""
    settings = {"STORE": f"gsheets://{sheet.id}", "FILES_DIR": tmp_path, "SECRET_FILE": tmp_path / "key"}
    for name, value in {**settings, "GOOGLE_ENDPOINT": server.url}.items():
        monkeypatch.setenv(f"CASESHEET_{name}", str(value))
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)  # no secrets of this machine
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setattr(process, "RETRY", 0.0)
    opened: list[process.Desk] = []
    monkeypatch.setattr(process, "_open", opened)
    monkeypatch.setattr(process, "_failures", [])
    workspace.initialise(beside := bootstrap.open_desk(create=True))
    beside.store.close()
    yield opened
    for desk in opened:
        desk.store.close()


def visit(key: str, language: str) -> AppTest:
    at = AppTest.from_file(SHELL, default_timeout=30)
    at.session_state[LANGUAGE] = language
    at.run()
    return at if key == "home" else at.switch_page(str(PAGES[key].file)).run()


def _wrong_key(monkeypatch: pytest.MonkeyPatch, _: Manager) -> Callable[[], object]:
    monkeypatch.setenv("CASESHEET_GOOGLE_ENDPOINT", "")
    return lambda: None


def _no_access(_: pytest.MonkeyPatch, sheet: Manager) -> Callable[[], object]:
    sheet.revoke(APP)
    return lambda: sheet.share(APP)


def _no_file(_: pytest.MonkeyPatch, sheet: Manager) -> Callable[[], object]:
    file = sheet.store.files.pop(sheet.id)
    return lambda: sheet.store.files.update({sheet.id: file})


@pytest.mark.parametrize(
    ("begin", "zh", "en"),
    [
        (_wrong_key, "服务账号密钥", "The key of the service account is missing."),
        (_no_access, f"身份共享给{APP}", f"Share it with {APP} as an editor"),
        (_no_file, "回收站", "Take it out of the bin"),
    ],
)
def test_the_start_fails_and_is_made_up_for(
    begin: Callable[[pytest.MonkeyPatch, Manager], Callable[[], object]],
    zh: str,
    en: str,
    closed: list[process.Desk],
    server: SheetsServer,
    sheet: Manager,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    end = begin(monkeypatch, sheet)
    for language, words in (("zh_CN", zh), ("en", en)):
        at = visit("cases", language)
        assert words in at.error[0].value
        assert not at.exception
        told = visit("track", language)
        assert words not in told.error[0].value, "no business of a client's"
    end()
    monkeypatch.setenv("CASESHEET_GOOGLE_ENDPOINT", server.url)
    at.run()
    assert not at.error
    assert at.subheader[0].value == "Sign in"
    assert closed[0].snapshot.seq > 0


def test_many_pages_that_meet_a_silent_store_ask_it_once(
    closed: list[process.Desk], server: SheetsServer, sheet: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "RETRY", 60.0)
    sheet.revoke(APP)
    visit("home", "en")
    server.log.reset()
    assert visit("home", "en").error
    assert server.log.entries == []

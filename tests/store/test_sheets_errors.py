"""What can be wrong with a spreadsheet, as Google tells it over HTTP and as the user reads it: what to do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lib import errors
from lib.i18n import in_language
from lib.store.batch import create
from lib.store.commit import Committer
from lib.store.sheets.account import open_account
from lib.store.sheets.client import SheetsClient
from lib.store.sheets.options import Options
from lib.store.sheets.store import SheetsStore
from lib.wording import explain
from tests.store.sheets_support import APP, QUICK, TAB, Sheets, unlimited
from tests.store.support import a_case, batch, committer
from tests.support import ZONE


def no_access(sheets: Sheets) -> None:
    sheets.manager.revoke(APP)


def read_only(sheets: Sheets) -> None:
    sheets.manager.revoke(APP)
    sheets.manager.share(APP, "reader")


def deleted(sheets: Sheets) -> None:
    sheets.manager.delete_spreadsheet()


def tab_deleted(sheets: Sheets) -> None:
    sheets.manager.delete_tab(TAB)


def header_renamed(sheets: Sheets) -> None:
    sheets.manager.rename_column(TAB, "标题", "x" * 200)


def header_deleted(sheets: Sheets) -> None:
    sheets.manager.delete_header(TAB)


def too_many_calls(sheets: Sheets) -> None:
    sheets.server.fault(path="/v4/", status=429, times=100)


def no_answer(sheets: Sheets) -> None:
    sheets.server.fault(path="/v4/", drop=True, times=100)


def unavailable(sheets: Sheets) -> None:
    sheets.server.fault(path="/v4/", status=503, times=100)


WRONG: dict[str, tuple[Callable[[Sheets], None], type[errors.StoreError], str, str]] = {
    "no access": (no_access, errors.NoAccess, f"“编辑者”身份共享给{APP}", f"Share it with {APP} as an editor"),
    "spreadsheet deleted": (deleted, errors.SpreadsheetMissing, "已被删除", "Take it out of the bin"),
    "tab deleted": (tab_deleted, errors.TabMissing, "“案件”", "Restore it from the version history"),
    "header renamed": (header_renamed, errors.HeaderMissing, "“标题”", "Put it back in the first row"),
    "header row deleted": (header_deleted, errors.HeaderMissing, "“案件”", "Undo its deletion"),
    "quota": (too_many_calls, errors.QuotaExceeded, "一分钟", "Wait a minute and try again"),
    "no answer": (no_answer, errors.NetworkDown, "网络", "Check the connection and try again"),
    "server down": (unavailable, errors.NetworkDown, "网络", "Check the connection and try again"),
}


@pytest.fixture
def app(store: SheetsStore) -> Committer:
    made = committer(store)
    made.commit(batch(create(a_case())))
    return made


def assert_told(error: errors.StoreError, chinese: str, english: str) -> None:
    with in_language("zh_CN"):
        assert chinese in "\n".join(explain(error))
    with in_language("en"):
        assert english in "\n".join(explain(error))


@pytest.mark.parametrize(("wrong", "kind", "chinese", "english"), WRONG.values(), ids=WRONG)
def test_reading_fails_and_says_what_to_do(
    sheets: Sheets,
    app: Committer,
    wrong: Callable[[Sheets], None],
    kind: type[errors.StoreError],
    chinese: str,
    english: str,
) -> None:
    wrong(sheets)
    with pytest.raises(kind) as raised:
        app.refresh()
    assert type(raised.value) is kind
    assert_told(raised.value, chinese, english)
    assert len(app.snapshot.tables["cases"].records) == 1, "what is known stays on the screen"


@pytest.mark.parametrize(("wrong", "kind", "chinese", "english"), WRONG.values(), ids=WRONG)
def test_opening_fails_and_says_what_to_do(
    sheets: Sheets,
    store: SheetsStore,
    wrong: Callable[[Sheets], None],
    kind: type[errors.StoreError],
    chinese: str,
    english: str,
) -> None:
    wrong(sheets)
    with pytest.raises(kind) as raised:
        sheets.open().pull(None)
    assert_told(raised.value, chinese, english)


def test_a_sheet_that_may_only_be_read(sheets: Sheets, app: Committer) -> None:
    read_only(sheets)
    with pytest.raises(errors.NoAccess) as raised:
        app.commit(batch(create(a_case())))
    assert_told(raised.value, f"“编辑者”身份共享给{APP}", f"Share it with {APP} as an editor")


def test_a_renamed_tab_is_no_error(sheets: Sheets, app: Committer) -> None:
    sheets.manager.rename_tab(TAB, "投诉台账")
    app.commit(batch(create(a_case())))
    assert len(committer(sheets.open()).snapshot.tables["cases"].records) == 2


def test_a_key_that_google_refuses(sheets: Sheets, store: SheetsStore) -> None:
    account = open_account(Path("/none"), sheets.server.url)
    account.session.headers["Authorization"] = ""
    client = SheetsClient(account, sheets.id, patience=QUICK, quota=unlimited())
    with pytest.raises(errors.BadCredentials) as raised:
        SheetsStore(client, Options(zone=ZONE)).pull(None)
    assert raised.value.reason == "refused"
    assert_told(raised.value, "密钥", "Ask your administrator to make a new one")


def test_no_connection_at_all(sheets: Sheets) -> None:
    client = SheetsClient(open_account(Path("/none"), "http://127.0.0.1:9"), "x", patience=QUICK, quota=unlimited())
    with pytest.raises(errors.NetworkDown) as raised:
        SheetsStore(client, Options(zone=ZONE)).pull(None)
    assert_told(raised.value, "网络", "Check the connection and try again")

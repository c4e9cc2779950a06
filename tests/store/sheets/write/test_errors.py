"""What can be wrong with a spreadsheet, as Google tells it over HTTP and as the user reads it: what to do."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lib import errors
from lib.i18n import in_language
from lib.store.commit.batch import create
from lib.store.commit.loop import Committer
from lib.store.sheets.api.account import open_account
from lib.store.sheets.api.client import SheetsClient
from lib.store.sheets.model.layout import sheet_id
from lib.store.sheets.model.options import Options
from lib.store.sheets.store import SheetsStore
from lib.words.errors import explain
from tests.store.sheets.support import APP, QUICK, TAB, Sheets, unlimited
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


def header_twice(sheets: Sheets) -> None:
    sheets.manager.add_column(TAB, "标题", before="案件编号")


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
    "header twice": (header_twice, errors.HeaderTwice, "“标题”", "Delete or rename the wrong column"),
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


every_way = pytest.mark.parametrize(("wrong", "kind", "chinese", "english"), WRONG.values(), ids=WRONG)


def assert_told(error: errors.StoreError, chinese: str, english: str) -> None:
    with in_language("zh_CN"):
        assert chinese in "\n".join(explain(error))
    with in_language("en"):
        assert english in "\n".join(explain(error))


@every_way
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


@every_way
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


def test_cells_that_somebody_protected(sheets: Sheets, app: Committer) -> None:
    guard = {"range": {"sheetId": sheet_id("cases")}, "editors": {"users": ["boss@loopback.test"]}}
    sheets.manager.batch({"addProtectedRange": {"protectedRange": guard}})
    with pytest.raises(errors.CellsProtected) as raised:
        app.commit(batch(create(a_case())))
    assert_told(raised.value, f"允许{APP}编辑", f"let {APP} edit them")
    assert len(sheets.open().pull(None).rows["cases"]) == 1


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


def secrets(folder: Path, token_uri: str, key: str = "") -> Path:
    """A secrets.toml with the key of a service account."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    account = f'client_email = "robot@project.iam.test"\ntoken_uri = "{token_uri}"'
    path = folder / "secrets.toml"
    path.write_text(f'[gcp_service_account]\n{account}\nprivate_key = """{key or made.decode()}"""\n', "utf-8")
    return path


@pytest.mark.parametrize(
    ("status", "kind", "chinese", "english"),
    [
        (400, errors.BadCredentials, "密钥", "Ask your administrator to make a new one"),
        (503, errors.NetworkDown, "网络", "Check the connection and try again"),
    ],
    ids=["revoked", "out of order"],
)
def test_google_gives_no_token_for_the_key(
    sheets: Sheets, tmp_path: Path, status: int, kind: type[errors.StoreError], chinese: str, english: str
) -> None:
    """Only a key that is really refused is called so."""
    account = open_account(secrets(tmp_path, f"{sheets.server.url}/token"))
    sheets.server.fault(path="/token", status=status, times=99)
    with pytest.raises(kind) as raised:
        SheetsClient(account, sheets.id, patience=QUICK, quota=unlimited()).metadata("sheets")
    assert_told(raised.value, chinese, english)


def test_a_key_that_was_pasted_wrongly(tmp_path: Path) -> None:
    with pytest.raises(errors.BadCredentials) as raised:
        open_account(secrets(tmp_path, "http://127.0.0.1:9/token", "-----BEGIN PRIVATE KEY----- MIIE"))
    assert raised.value.reason == "invalid"


def test_no_connection_at_all(sheets: Sheets) -> None:
    client = SheetsClient(open_account(Path("/none"), "http://127.0.0.1:9"), "x", patience=QUICK, quota=unlimited())
    with pytest.raises(errors.NetworkDown) as raised:
        SheetsStore(client, Options(zone=ZONE)).pull(None)
    assert_told(raised.value, "网络", "Check the connection and try again")

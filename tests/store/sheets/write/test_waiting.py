"""What people wait for and what not: a silent Google, a read under way, a tab that comes back; addresses of cells."""

import threading
import time
from dataclasses import replace

import pytest

from lib.errors import HeaderMissing, NetworkDown, TabMissing
from lib.store.commit.batch import create, edit
from lib.store.port import Addressed
from lib.store.sheets.model.layout import sheet_id
from lib.store.sheets.store import SheetsStore
from tests.store.sheets.support import QUICK, Sheets, loopback
from tests.store.support import a_case, batch, committer

TAB = "案件"
NO = "TS-2026-000001"
LINK = "https://docs.google.com/spreadsheets/d/{}/edit#gid={}&range={}"


@pytest.fixture
def sheets():
    with loopback() as found:
        yield found


@pytest.fixture
def store(sheets: Sheets) -> SheetsStore:
    """With one case."""
    store = sheets.opened()
    committer(store).commit(batch(create(a_case(title="漏水"))))
    return store


def test_nobody_waits_for_all_attempts_of_a_silent_network(sheets: Sheets, store: SheetsStore) -> None:
    sheets.server.fault(drop=True, times=99)
    sheets.server.log.reset()
    with pytest.raises(NetworkDown):
        sheets.client(patience=replace(QUICK, total=0.0)).metadata("sheets.properties")
    assert len(sheets.server.log.entries) == 1


def test_the_hint_of_a_new_version_is_asked_for_once(sheets: Sheets, store: SheetsStore) -> None:
    sheets.server.fault(path="/drive/", drop=True, times=99)
    sheets.server.log.reset()
    store.pull(None)
    assert [entry["kind"] for entry in sheets.server.log.entries if "/drive/" in entry["target"]] == ["other"]


def test_history_is_told_while_a_read_is_under_way(sheets: Sheets, store: SheetsStore) -> None:
    store.pull(None)
    sheets.server.fault(delay=3.0, times=1)
    reader = threading.Thread(target=store.pull, args=(None,))
    reader.start()
    time.sleep(0.2)
    begun = time.monotonic()
    assert [line["action"] for line in store.history(case_no=NO)] == ["create"]
    assert time.monotonic() - begun < 1.0
    assert reader.is_alive()
    reader.join()


def test_the_hint_and_the_marker_are_not_waited_for_as_long_as_data(sheets: Sheets, store: SheetsStore) -> None:
    client = sheets.client(patience=replace(QUICK, question=0.2))
    sheets.server.fault(hang=5.0, times=9)
    for ask in (client.version, lambda: client.find_metadata("w", "x")):
        begun = time.monotonic()
        with pytest.raises(NetworkDown):
            ask()
        assert time.monotonic() - begun < 2.0


def test_pages_are_served_while_a_save_waits(sheets: Sheets, store: SheetsStore) -> None:
    app = committer(store)
    sheets.server.fault(path=":batchUpdate", delay=2.0)
    saving = threading.Thread(target=app.commit, args=(batch(create(a_case(title="裂缝"))),))
    saving.start()
    time.sleep(0.3)
    begun = time.monotonic()
    assert [line["action"] for line in store.history(case_no=NO)] == ["create"]
    assert app.snapshot.tables["cases"][NO].title == "漏水"
    assert store.address("cases", NO, "title")
    assert time.monotonic() - begun < 1.0
    assert saving.is_alive()
    saving.join()


def test_a_tab_that_was_brought_back_is_found(sheets: Sheets, store: SheetsStore) -> None:
    file = sheets.manager.store.files[sheets.id]
    lost = next(one for one in file.book.sheets if one.title == TAB)
    file.book.sheets.remove(lost)
    sheets.manager.store.changed(file)
    for _ in range(2):
        with pytest.raises(TabMissing):
            store.pull(None)
    file.book.sheets.append(lost)
    sheets.manager.store.changed(file)
    assert [row["case_no"] for row in store.pull(None).rows["cases"]] == [NO]


def test_a_write_after_a_read_that_failed_reads_first(sheets: Sheets, store: SheetsStore) -> None:
    app = committer(store)
    app.refresh()
    case = app.snapshot.tables["cases"][NO]
    sheets.manager.rename_column(TAB, "标题", "备注")
    with pytest.raises(HeaderMissing, match="cases: title"):
        store.pull(None)
    with pytest.raises(HeaderMissing, match="cases: title"):
        app.commit(batch(edit(case, {"community": "梧桐里"})))
    sheets.manager.rename_column(TAB, "备注", "标题")
    app.commit(batch(edit(case, {"community": "梧桐里"})))
    assert sheets.cell("案件", NO, "小区") == "梧桐里"


def test_cells_have_addresses_wherever_they_are(sheets: Sheets, store: SheetsStore) -> None:
    assert isinstance(store, Addressed)
    manager = sheets.manager
    manager.insert_rows(TAB, 2, 3)
    manager.move_column(TAB, "标题", before="案件编号")
    manager.set_cell(TAB, 3, "标题", "")
    manager.set_cell(TAB, 3, "小区", "新行")
    pulled = store.pull(None)
    found = LINK.format(sheets.id, sheet_id("cases"), f"A{manager.row_of(TAB, NO, column='案件编号')}")
    assert store.address("cases", NO, "title") == found
    assert pulled.by_hand is not None
    (token,) = pulled.by_hand.typed["cases"]
    assert store.address("cases", token, "title") == LINK.format(sheets.id, sheet_id("cases"), "A3")
    assert store.address("cases", "TS-2026-999999", "title") is None
    assert store.address("cases", NO, "no_such_field") is None
    assert store.address("history", "1", "seq") is None

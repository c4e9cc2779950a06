"""What happened while no app was running, further back in History than is read when the store is opened."""

import json

import pytest

from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.store.commit.batch import create, edit, note
from lib.store.commit.loop import Committer
from lib.store.sheets.read import mirror
from lib.store.sheets.store import SheetsStore
from tests.store.sheets.support import TAB, Sheets
from tests.store.support import a_case, batch, committer, replay, rows_of


@pytest.fixture(autouse=True)
def _little_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "TAIL", 4)
    monkeypatch.setattr(mirror, "CHUNK", 5)


@pytest.fixture
def app(store: SheetsStore) -> Committer:
    made = committer(store)
    for title in ("漏水", "裂缝", "噪音"):
        made.commit(batch(create(a_case(title=title))))
    return made


def pass_time(app: Committer) -> None:
    for number in range(12):
        app.commit(batch(note("TS-2026-000001", str(number))))


def test_a_row_deleted_long_after_it_was_made_is_noticed(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    pass_time(app)
    sheets.manager.delete_rows(TAB, 3)
    late_store = sheets.open()
    late = committer(late_store)
    for _ in range(8):
        late.keep_up()
    (told,) = late_store.history(actions=["deleted_in_sheet"])
    assert told["record_id"] == "TS-2026-000002"
    assert json.loads(str(told["changes"]))["title"] == ["裂缝", None]
    assert sorted(late.snapshot[Case]) == ["TS-2026-000001", "TS-2026-000003"]
    assert replay(late_store.history()) == rows_of(late_store)
    app.keep_up()
    assert dict(app.snapshot[Case]) == dict(late.snapshot[Case])


def test_older_history_is_read_only_while_nothing_else_is(sheets: Sheets, app: Committer) -> None:
    pass_time(app)
    late = committer(sheets.open())
    for expected in (1, 1, 1, 0, 0):
        sheets.server.log.reset()
        late.refresh()
        assert sheets.server.log.summary()["reads"] == expected
    sheets.server.log.reset()
    late.commit(batch(note("TS-2026-000001", "x")))
    assert (sheets.server.log.summary()["reads"], sheets.server.log.summary()["writes"]) == (0, 1)


def test_a_label_and_a_name_that_were_changed_are_still_understood(
    sheets: Sheets, store: SheetsStore, app: Committer
) -> None:
    item = ListItem(item_id="kind.repair", list_name="kind", code="repair", zh="报修", en="Repair")
    person = Staff(staff_id="s-1", name="王芳")
    app.commit(batch(create(item), create(person)))
    app.commit(batch(create(a_case(kind="repair", assignee="s-1"))))
    app.commit(batch(edit(item, {"zh": "维修", "en": "Mending"}), edit(person, {"name": "王小芳"})))
    assert sheets.cell(TAB, "TS-2026-000004", "类型") == "报修"
    pass_time(app)
    late_store = sheets.open()
    late = committer(late_store)
    for _ in range(8):
        late.keep_up()
    case = late.snapshot[Case]["TS-2026-000004"]
    assert (case.kind, case.assignee) == ("repair", "s-1")
    assert not late.snapshot[Case].bad
    assert late_store.pull(None).by_hand is None
    assert not late_store.history(actions=["edited_in_sheet"])

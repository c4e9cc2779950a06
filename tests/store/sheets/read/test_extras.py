"""Columns that managers add to a tab: kept, read, written, merged and explained like the fields of the app."""

import json
from typing import Any

import pytest

from lib.domain.records.case import Case
from lib.errors import Conflict, InvalidFields, Problem
from lib.store.commit.batch import create, edit, remove
from lib.store.commit.loop import Committer
from lib.store.sheets.store import SheetsStore
from tests.store.sheets.support import Sheets
from tests.store.support import a_case, batch, committer, no, replay, rows_of

TAB, KEY, NAME = "案件", "钥匙编号", "+钥匙编号"


@pytest.fixture
def app(sheets: Sheets, store: SheetsStore) -> Committer:
    """With three cases, and a column added by the manager who filled it in for two of them."""
    made = committer(store)
    for title in ("漏水", "裂缝", "噪音"):
        made.commit(batch(create(a_case(title=title))))
    sheets.manager.add_column(TAB, KEY, before="阶段")
    sheets.manager.set_cell(TAB, 2, KEY, "A-3")
    sheets.manager.set_cell(TAB, 4, KEY, 17)
    made.keep_up()
    return made


def key_of(app: Committer, number: int) -> Any:
    return getattr(app.snapshot[Case][no(number)], NAME)


def told(store: SheetsStore, action: str) -> list[Any]:
    return [json.loads(str(line["changes"])) for line in store.history(actions=[action])]


def assert_explained(store: SheetsStore) -> None:
    assert replay(store.history()) == rows_of(store)


def test_a_new_column_comes_in_with_its_history(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    assert [key_of(app, n) for n in (1, 2, 3)] == ["A-3", None, 17]
    assert told(store, "edited_in_sheet") == [{NAME: [None, "A-3"]}, {NAME: [None, 17]}]
    assert store.extra_columns("cases") == [NAME]
    assert store.extra_columns("tasks") == []
    assert_explained(store)
    assert store.pull(None).by_hand is None
    late = committer(sheets.open())
    assert late.snapshot[Case] == app.snapshot[Case]


def test_an_empty_column_is_known(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.add_column("任务", "备用")
    app.keep_up()
    assert store.extra_columns("tasks") == ["+备用"]


def test_the_app_edits_it_in_place(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    seen = app.snapshot[Case][no(2)]
    app.commit(batch(edit(seen, {NAME: "B-1", "title": "外墙裂缝"})))
    assert (sheets.cell(TAB, no(2), KEY), sheets.cell(TAB, no(2), "标题")) == ("B-1", "外墙裂缝")
    app.commit(batch(edit(app.snapshot[Case][no(1)], {NAME: None})))
    assert sheets.cell(TAB, no(1), KEY) == ""
    assert key_of(app, 1) is None
    assert_explained(store)
    late = committer(sheets.open())
    late.keep_up()
    assert late.snapshot[Case] == app.snapshot[Case]


def test_both_write_and_the_second_is_asked(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    seen = app.snapshot[Case][no(1)]
    sheets.manager.set_cell(TAB, 2, KEY, "A-4")
    with pytest.raises(Conflict) as refused:
        app.commit(batch(edit(seen, {NAME: "A-5"})))
    assert [(c.field, c.seen, c.theirs, c.mine) for c in refused.value.clashes] == [(NAME, "A-3", "A-4", "A-5")]
    app.commit(batch(edit(seen, {"title": "卫生间漏水"})))
    assert (sheets.cell(TAB, no(1), KEY), key_of(app, 1)) == ("A-4", "A-4")
    assert_explained(store)


def test_other_writes_leave_it_where_it_is(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    app.commit(batch(create(a_case(title="又一件"))))
    app.commit(batch(edit(app.snapshot[Case][no(3)], {"title": "夜间噪音"})))
    app.commit(batch(remove(app.snapshot[Case][no(2)])))
    sheets.manager.move_column(TAB, KEY, "案件编号")
    sheets.manager.sort(TAB, "标题")
    app.commit(batch(edit(app.snapshot[Case][no(1)], {"title": "厨房漏水"})))
    app.keep_up()
    assert {
        no(n): sheets.manager.rows(TAB)[sheets.manager.row_of(TAB, no(n), column="案件编号") - 1][0] for n in (1, 3)
    } == {
        no(1): "A-3",
        no(3): 17,
    }
    assert [key_of(app, n) for n in (1, 3, 4)] == ["A-3", 17, None]
    assert_explained(store)


def test_a_deleted_row_comes_back_with_it(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    before = app.snapshot[Case][no(1)]
    sheets.manager.delete_rows(TAB, 2)
    app.keep_up()
    assert told(store, "deleted_in_sheet")[0][NAME] == ["A-3", None]
    app.commit(batch(create(before, action="restore")))
    assert sheets.cell(TAB, no(1), KEY) == "A-3"
    assert_explained(store)


def test_a_row_typed_with_it(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.set_cell(TAB, 5, "标题", "电梯故障")
    sheets.manager.set_cell(TAB, 5, "受理时间", "2026-03-02 09:00")
    sheets.manager.set_cell(TAB, 5, KEY, "C-9")
    app.keep_up()
    assert key_of(app, 4) == "C-9"
    assert_explained(store)


def test_a_column_that_is_missing_is_made(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    app.commit(batch(create(a_case(**{"+交房日": "2026-05-01", NAME: "D-1"}))))
    assert (sheets.cell(TAB, no(4), "交房日"), sheets.cell(TAB, no(4), KEY)) == ("2026-05-01", "D-1")
    assert store.extra_columns("cases") == [NAME, "+交房日"]
    assert_explained(store)
    assert store.pull(None).by_hand is None


def test_a_renamed_column_goes_by_its_new_name(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.rename_column(TAB, KEY, "钥匙牌号")
    app.keep_up()
    assert (key_of(app, 1), getattr(app.snapshot[Case][no(1)], "+钥匙牌号")) == (None, "A-3")
    assert_explained(store)
    sheets.manager.delete_column(TAB, "钥匙牌号")
    app.keep_up()
    assert app.snapshot[Case][no(1)].__pydantic_extra__ == {}
    assert_explained(store)


def test_a_column_that_calculates_is_left_alone(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    lines = len(store.history())
    sheets.manager.add_column(TAB, "天数", before="阶段")
    for row in range(2, 9):  # dragged further down than the rows go
        sheets.manager.set_cell(TAB, row, "天数", "=1+1")
    app.keep_up()
    assert len(store.history()) == lines
    assert (app.snapshot[Case].bad, store.pull(None).by_hand) == ({}, None)
    assert store.extra_columns("cases") == [NAME]
    app.commit(batch(edit(app.snapshot[Case][no(1)], {"title": "改", NAME: "A-9"})))
    formulas = [row[sheets.manager.column(TAB, "天数")] for row in sheets.manager.rows(TAB, render="FORMULA")[1:8]]
    assert formulas == ["=1+1"] * 7
    late = committer(sheets.open())
    late.keep_up()
    assert late.snapshot[Case] == app.snapshot[Case]
    assert_explained(store)


def test_no_call_is_made_for_columns_that_hold_still(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    app.refresh()
    sheets.server.log.reset()
    sheets.manager.set_cell(TAB, 2, "小区", "东湖雅苑")
    app.refresh()
    assert sheets.server.log.summary()["reads"] == 1


def test_formulas_are_asked_for_once(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """Also while a cell that nobody takes in goes on standing there."""

    def never(_before: Any, after: Any, changed: frozenset[str], _snapshot: Any) -> None:
        if NAME in changed and getattr(after, NAME) == "?":
            raise InvalidFields("cases", [Problem(NAME, "wrong", "?")])

    strict = committer(store, guards=[never])
    sheets.manager.set_cell(TAB, 2, KEY, "?")
    sheets.server.log.reset()
    strict.keep_up()
    assert sheets.server.log.summary()["reads"] == 2
    assert [problem.field for problem in strict.snapshot[Case].bad[no(1)].problems] == [NAME]
    sheets.manager.set_cell(TAB, 3, "小区", "东湖雅苑")
    sheets.server.log.reset()
    strict.refresh()
    assert sheets.server.log.summary()["reads"] == 1

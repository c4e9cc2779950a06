"""An error of the spreadsheet in a cell of ours is no value: the last valid one goes on being used."""

from typing import Any

import pytest

from lib.domain.records.case import Case
from lib.store.commit.batch import create, edit
from lib.store.commit.loop import Committer
from lib.store.sheets.store import SheetsStore
from tests.store.sheets.support import TAB, Sheets
from tests.store.support import a_case, batch, case, committer, no

COLUMNS = {
    "title": "标题",
    "description": "问题描述",
    "community": "小区",
    "category": "分类",
    "assignee": "责任人",
    "client_phone": "客户电话",
    "visit_at": "上门时间",
}


@pytest.fixture
def app(store: SheetsStore) -> Committer:
    made = committer(store)
    made.commit(batch(create(a_case(title="漏水", description="厨房漏水", client_phone="13800138000"))))
    return made


def bad(app: Committer, key: str = "") -> list[tuple[str, str]]:
    found = app.snapshot[Case].bad.get(key or no(1))
    return [(problem.field, problem.code) for problem in found.problems] if found else []


@pytest.mark.trial(5)
@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!", "#NAME?", "#ERROR!", "#VALUE!"])
@pytest.mark.parametrize("field", COLUMNS)
def test_it_is_a_bad_cell_in_every_kind_of_column(
    sheets: Sheets, store: SheetsStore, app: Committer, field: str, error: str
) -> None:
    before = case(app, 1)
    sheets.manager.set_cell(TAB, 2, COLUMNS[field], error)
    app.keep_up()
    assert (field, "failed_formula") in bad(app)
    assert case(app, 1) == before
    assert not [line for line in store.history() if line["action"] == "edited_in_sheet"]
    assert sheets.cell(TAB, no(1), COLUMNS[field]) == error, "it stays as it stands"


@pytest.mark.trial(5)
def test_other_cells_of_the_row_are_taken_in(sheets: Sheets, app: Committer) -> None:
    sheets.manager.set_cell(TAB, 2, "问题描述", "#REF!")
    sheets.manager.set_cell(TAB, 2, "标题", "外墙裂缝")
    app.keep_up()
    assert (case(app, 1).title, case(app, 1).description) == ("外墙裂缝", "厨房漏水")
    assert bad(app) == [("description", "failed_formula")]


@pytest.mark.trial(5)
def test_it_is_gone_once_it_is_put_right(sheets: Sheets, app: Committer) -> None:
    sheets.manager.set_cell(TAB, 2, "问题描述", "#N/A")
    app.keep_up()
    sheets.manager.set_cell(TAB, 2, "问题描述", "客厅漏水")
    app.keep_up()
    assert (case(app, 1).description, bad(app)) == ("客厅漏水", [])


@pytest.mark.trial(5)
def test_a_new_row_with_it_waits(sheets: Sheets, app: Committer) -> None:
    row: list[Any] = [""] * len(sheets.manager.rows(TAB)[0])
    row[sheets.manager.column(TAB, "标题")], row[sheets.manager.column(TAB, "问题描述")] = "裂缝", "#REF!"
    sheets.manager.set(f"'{TAB}'!A3", [row])
    app.keep_up()
    assert list(app.snapshot[Case].records) == [no(1)]
    (waiting,) = app.snapshot[Case].bad.values()
    assert [(problem.field, problem.code) for problem in waiting.problems] == [("description", "failed_formula")]


@pytest.mark.trial(5)
def test_such_a_text_that_was_written_in_the_app_is_a_value(sheets: Sheets, app: Committer) -> None:
    app.commit(batch(edit(case(app, 1), {"description": "#N/A"})))
    sheets.manager.set_cell(TAB, 2, "标题", "外墙裂缝")
    late = committer(sheets.open())
    late.keep_up()
    assert (case(late, 1).description, case(late, 1).title) == ("#N/A", "外墙裂缝")
    assert bad(late) == []
    app.keep_up()
    assert (case(app, 1).description, bad(app)) == ("#N/A", [])


@pytest.mark.trial(5)
def test_what_people_keep_in_columns_of_their_own_is_theirs(sheets: Sheets, app: Committer) -> None:
    sheets.manager.add_column(TAB, "备注")
    sheets.manager.set_cell(TAB, 2, "备注", "#N/A")
    app.keep_up()
    assert bad(app) == []

"""Managers who are rough with the sheet: many columns, copied headers and rows, tick boxes, lost columns of ours."""

from typing import Any

import pytest

from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.errors import HeaderTwice
from lib.store.commit.batch import create, edit, remove
from lib.store.commit.loop import Committer
from lib.store.sheets.model.layout import sheet_id
from lib.store.sheets.store import SheetsStore
from tests.google.book.a1 import column_letters
from tests.store.sheets.support import ARCHIVE_TAB, TAB, Sheets
from tests.store.support import a_case, batch, case, committer, no, replay, rows_of

MANY = 40  # columns of a manager's own: more than any tab of ours leaves room for


@pytest.fixture
def app(three_cases: Committer) -> Committer:
    return three_cases


def assert_right(sheets: Sheets, store: SheetsStore, expected: dict[int, str]) -> None:
    """The titles of the cases: in the sheet, for a process that starts now, and by History."""
    other = sheets.open()
    late = committer(other)
    late.keep_up()
    assert {key: found.title for key, found in late.snapshot[Case].items()} == {no(n): t for n, t in expected.items()}
    assert {number: sheets.cell(TAB, no(number), "标题") for number in expected} == expected
    store.pull(None)
    assert replay(store.history()) == rows_of(store) == rows_of(other)
    assert store.pull(None).by_hand is None


def add_columns(sheets: Sheets, count: int) -> None:
    for number in range(count):
        sheets.manager.add_column(TAB, f"列{number}", before="案件编号")


def test_a_tab_with_many_columns_of_people(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    add_columns(sheets, MANY)
    sheets.manager.set_cell(TAB, 2, "列0", "x")
    app.commit(batch(edit(case(app, 1), {"title": "neu"}), create(a_case(title="d"))))
    app.keep_up()
    assert not store.history(actions=["put_right"])
    assert sheets.cell(TAB, "x", "标题") == "neu"
    assert_right_by_key(sheets, store, {1: "neu", 2: "a", 3: "b", 4: "d"})


def assert_right_by_key(sheets: Sheets, store: SheetsStore, expected: dict[int, str]) -> None:
    sheets.manager.move_column(TAB, "案件编号", before=sheets.manager.rows(TAB)[0][0])
    assert_right(sheets, store, expected)


@pytest.mark.parametrize("count", [7, MANY])
def test_many_columns_that_come_under_the_write(sheets: Sheets, store: SheetsStore, app: Committer, count: int) -> None:
    steps: list[Any] = [["add_column", {"tab": TAB, "header": f"列{n}", "before": "案件编号"}] for n in range(count)]
    steps.append(["sort", {"tab": TAB, "column": "标题"}])
    sheets.server.fault(method="POST", path=":batchUpdate", manager=steps, spreadsheet=sheets.id)
    app.commit(batch(edit(case(app, 1), {"title": "neu"}), create(a_case(title="d"))))
    app.keep_up()
    assert len(store.history(actions=["put_right"])) == 2
    assert_right_by_key(sheets, store, {1: "neu", 2: "a", 3: "b", 4: "d"})


def test_a_header_that_is_there_twice(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """Nobody knows which of them counts: nothing is taken from either."""
    sheets.manager.add_column(TAB, "Title", before="案件编号")
    with pytest.raises(HeaderTwice) as twice:
        app.keep_up()
    assert (twice.value.tab, twice.value.fields) == ("cases", ("title",))
    assert case(app, 1).title == "c"
    sheets.manager.delete_column(TAB, "Title")
    app.keep_up()
    assert_right(sheets, store, {1: "c", 2: "a", 3: "b"})


@pytest.mark.parametrize("at", [2, 5], ids=["above", "below"])
def test_a_row_that_is_moved_by_copying_it(sheets: Sheets, store: SheetsStore, app: Committer, at: int) -> None:
    """The app writes while both are there; the copy that is left is older, and nobody typed into it."""
    row = sheets.manager.rows(TAB)[1]
    app.commit(batch(edit(case(app, 1), {"title": "neu"})))
    sheets.manager.insert_rows(TAB, at)
    sheets.manager.set(f"{TAB}!A{at}", [row], option="RAW")
    app.keep_up()
    app.commit(batch(edit(case(app, 1), {"community": "neu"})))
    sheets.manager.delete_rows(TAB, 3 if at == 2 else 2)
    app.keep_up()
    assert (case(app, 1).title, case(app, 1).community) == ("neu", "neu")
    assert_right(sheets, store, {1: "neu", 2: "a", 3: "b"})
    assert [line["record_id"] for line in store.history(actions=["put_right"])] == [no(1)]


def test_a_row_moved_by_copying_it_while_nobody_looked(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    row = sheets.manager.rows(TAB)[1]
    app.commit(batch(edit(case(app, 1), {"title": "neu"})))
    sheets.manager.set(f"{TAB}!A5", [row], option="RAW")
    sheets.manager.delete_rows(TAB, 2)
    assert_right(sheets, store, {1: "neu", 2: "a", 3: "b"})


def test_an_older_copy_that_a_write_reaches_by_mistake(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """Putting it right must not make it look new."""
    app.commit(batch(edit(case(app, 1), {"title": "x"})))
    row = sheets.manager.rows(TAB)[1]
    app.commit(batch(edit(case(app, 1), {"title": "neu"})))
    copied: list[Any] = [
        ["set", {"range": f"{TAB}!A5", "values": [row], "option": "RAW"}],
        ["delete_rows", {"tab": TAB, "at": 2}],
        ["move_rows", {"tab": TAB, "at": 4, "to": 2}],
        ["move_rows", {"tab": TAB, "at": 3, "to": 2}],
    ]
    sheets.server.fault(method="POST", path=":batchUpdate", manager=copied, spreadsheet=sheets.id)
    app.commit(batch(edit(case(app, 2), {"community": "neu"})))
    app.keep_up()
    assert_right(sheets, store, {1: "neu", 2: "a", 3: "b"})


def test_an_edit_in_the_app_beside_an_older_copy(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    row = sheets.manager.rows(TAB)[1]
    app.commit(batch(edit(case(app, 1), {"title": "neu"})))
    sheets.manager.set(f"{TAB}!A2", [row], option="RAW")
    app.commit(batch(edit(case(app, 1), {"community": "anders"})))
    assert (case(app, 1).title, case(app, 1).community) == ("neu", "anders")
    assert_right(sheets, store, {1: "neu", 2: "a", 3: "b"})


def test_an_older_copy_that_somebody_typed_into_is_an_edit(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    row = sheets.manager.rows(TAB)[1]
    app.commit(batch(edit(case(app, 1), {"community": "neu"})))
    sheets.manager.set(f"{TAB}!A2", [row], option="RAW")
    sheets.manager.set_cell(TAB, 2, "标题", "getippt")
    app.keep_up()
    assert (case(app, 1).title, case(app, 1).community) == ("getippt", "小区c")
    assert len(store.history(actions=["edited_in_sheet"])) == 1
    assert_right(sheets, store, {1: "getippt", 2: "a", 3: "b"})


def test_empty_tick_boxes_are_no_rows(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    app.commit(batch(create(Staff(staff_id="wang", name="王"))))
    at = column_letters(sheets.manager.column("人员", "在职"))
    sheets.manager.set(f"人员!{at}3", [[False]] * 50, option="RAW")
    app.keep_up()
    assert list(app.snapshot[Staff]) == ["wang"]
    assert store.pull(None).by_hand is None


@pytest.mark.parametrize("header", ["_rev", "_hash"])
def test_a_column_of_the_app_that_was_deleted_and_made_anew(
    sheets: Sheets, store: SheetsStore, app: Committer, header: str
) -> None:
    for tab in (TAB, ARCHIVE_TAB):
        sheets.manager.delete_column(tab, header)
        sheets.manager.add_column(tab, header)
    app.keep_up()
    assert store.pull(None).by_hand is None
    app.commit(batch(edit(case(app, 1), {"title": "neu"})))
    sheets.manager.set_cell(TAB, 3, "标题", "getippt")
    app.keep_up()
    assert_right(sheets, store, {1: "neu", 2: "getippt", 3: "b"})


def formula(sheets: Sheets, row: int, column: str) -> Any:
    return sheets.manager.rows(TAB, render="FORMULA")[row - 1][sheets.manager.column(TAB, column)]


def test_a_cell_that_changes_by_itself_is_shown_and_not_taken_in(
    sheets: Sheets, store: SheetsStore, app: Committer
) -> None:
    """As =NOW() does. Otherwise History would grow with every look at it, for ever."""
    sheets.manager.set_cell(TAB, 2, "上门时间", "=NOW()")
    sheets.manager.set_cell(TAB, 3, "上门时间", "2026-03-02 12:00")
    for _ in range(3):
        sheets.manager.set_cell(TAB, 4, "补偿金额", "=1200+300")
        app.keep_up()
        (problem,) = app.snapshot[Case].bad[no(1)].problems
        assert (problem.field, problem.value) == ("visit_at", "=NOW()")
        assert case(app, 1).visit_at is None
    assert (case(app, 3).plan_compensation, str(case(app, 2).visit_at)) == (1500, "2026-03-02 12:00:00+08:00")
    assert len(store.history(actions=["edited_in_sheet"])) == 2
    app.commit(batch(edit(case(app, 1), {"title": "neu"})))
    assert formula(sheets, 2, "上门时间") == "=NOW()"
    shown = sheets.manager.rows(TAB)[1][sheets.manager.column(TAB, "上门时间")]
    sheets.manager.set_cell(TAB, 2, "上门时间", shown)  # pasted as a value, which looks the same
    app.keep_up()
    assert not app.snapshot[Case].bad
    assert case(app, 1).visit_at is not None
    assert_right(sheets, store, {1: "neu", 2: "a", 3: "b"})


def test_a_typed_row_with_such_a_cell_waits(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.set_cell(TAB, 5, "标题", "getippt")
    sheets.manager.set_cell(TAB, 5, "受理时间", "=NOW()")
    for number in range(3):
        sheets.manager.set_cell(TAB, 5, "小区", f"x{number}")
        app.keep_up()
        (bad,) = app.snapshot[Case].bad.values()
        assert [(one.field, one.value) for one in bad.problems] == [("taken_at", "=NOW()")]
    sheets.manager.set_cell(TAB, 5, "受理时间", 46083.5)
    app.keep_up()
    assert (case(app, 4).title, case(app, 4).community) == ("getippt", "x2")
    assert_right(sheets, store, {1: "c", 2: "a", 3: "b", 4: "getippt"})


def test_where_no_number_was_typed_no_formula_is_asked_for(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.set_cell(TAB, 3, "上门时间", "uebermorgen")
    app.keep_up()
    sheets.server.log.reset()
    sheets.manager.set_cell(TAB, 2, "标题", "y")
    app.keep_up()
    assert [one for one in sheets.server.log.entries if "formulaValue" in one["target"]] == []


def test_a_row_removed_by_mistake_as_many_columns_come(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """The number and the stamp of a row go out of sight of whoever expected them where they were."""
    last = len(sheets.manager.rows(TAB)[0])
    key = {"sheetId": sheet_id("cases"), "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}
    sheets.manager.batch({"moveDimension": {"source": key, "destinationIndex": last}})
    app.keep_up()
    steps: list[Any] = [["add_column", {"tab": TAB, "header": f"列{n}", "before": "标题"}] for n in range(20)]
    steps.append(["sort", {"tab": TAB, "column": "标题"}])
    sheets.server.fault(method="POST", path=":batchUpdate", manager=steps, spreadsheet=sheets.id)
    app.commit(batch(remove(case(app, 1)), edit(case(app, 3), {"title": "neu"})))
    app.keep_up()
    assert_right_by_key(sheets, store, {2: "a", 3: "neu"})

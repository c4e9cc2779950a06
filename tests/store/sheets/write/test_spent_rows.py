"""Rows in which nothing is left but the app's own columns: the next write frees them, whoever works in the sheet."""

from typing import Any

import pytest

from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.store.commit.batch import create, edit, remove
from lib.store.commit.loop import Committer
from lib.store.sheets.store import SheetsStore
from tests.store.sheets.support import ARCHIVE_TAB, TAB, Sheets
from tests.store.support import a_case, batch, case, committer, no, replay, rows_of

pytestmark = pytest.mark.trial(39)
WRITE = ":batchUpdate"
SORT: list[Any] = ["sort", {"tab": TAB, "column": "标题", "descending": True}]
INSERT: list[Any] = ["insert_rows", {"tab": TAB, "at": 2}]


@pytest.fixture
def app(three_cases: Committer) -> Committer:
    return three_cases


def meanwhile(sheets: Sheets, *steps: Any) -> None:
    sheets.server.fault(method="POST", path=WRITE, manager=list(steps), spreadsheet=sheets.id)


def spent(sheets: Sheets, tab: str = TAB) -> list[int]:
    """The rows that hold nothing but what the app puts beside a record."""
    header, *rows = sheets.manager.rows(tab)
    ours = {header.index("_rev"), header.index("_hash")}
    filled = [{at for at, cell in enumerate(row) if cell not in ("", False)} for row in rows]
    return [number for number, places in enumerate(filled, 2) if places and places <= ours]


def leave_a_stamp(sheets: Sheets, app: Committer) -> None:
    """In row 2: a write reaches a row that somebody has just inserted, and is put right."""
    meanwhile(sheets, INSERT)
    app.commit(batch(edit(case(app, 1), {"community": "neu"})))
    app.keep_up()
    assert spent(sheets) == [2]


def assert_right(sheets: Sheets, store: SheetsStore, titles: dict[int, str]) -> None:
    store.pull(None)
    other = sheets.open()
    late = committer(other)
    assert {key: one.title for key, one in late.keep_up()[Case].items()} == {no(n): text for n, text in titles.items()}
    assert {number: sheets.cell(TAB, no(number), "标题") for number in titles} == titles
    assert replay(store.history()) == rows_of(store) == rows_of(other)
    assert {line["seq"] for line in store.history()} == set(range(1, late.snapshot.seq + 1))


def test_the_next_write_frees_it(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    leave_a_stamp(sheets, app)
    seq = app.keep_up().seq
    assert app.snapshot.seq == seq, "reading alone writes nothing"
    app.commit(batch(create(Staff(staff_id="wang", name="王"))))
    assert spent(sheets) == []
    assert not any(sheets.manager.rows(TAB)[1])
    assert app.keep_up().seq == seq + 1
    assert_right(sheets, store, {1: "c", 2: "a", 3: "b"})


def test_new_rows_stand_there_from_then_on(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    at = sheets.manager.column(TAB, "_rev")
    rows = sheets.manager.rows(TAB)
    sheets.manager.set(f"{TAB}!A5", [[""] * at + [rows[1][at]]], option="RAW")
    sheets.manager.set(f"{TAB}!A6", [[""] * at + [77]], option="RAW")
    app.keep_up()
    assert spent(sheets) == [5, 6]
    sheets.server.log.reset()
    app.commit(batch(create(a_case(title="d"))))
    assert sheets.manager.row_of(TAB, no(4), column="案件编号") == 5
    assert [one["call"].split(".")[-1] for one in sheets.server.log.entries if "call" in one][-1] == "batchUpdate"
    assert_right(sheets, store, {1: "c", 2: "a", 3: "b", 4: "d"})


def test_who_is_typing_into_the_row_loses_nothing(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    leave_a_stamp(sheets, app)
    typed = [["set_cell", {"tab": TAB, "row": 2, "column": name, "value": text}] for name, text in TYPED.items()]
    meanwhile(sheets, *typed)
    app.commit(batch(edit(case(app, 2), {"community": "anders"})))
    app.keep_up()
    assert (case(app, 4).title, case(app, 2).community) == ("getippt", "anders")
    assert sheets.manager.row_of(TAB, no(4), column="案件编号") == 2
    assert_right(sheets, store, {1: "c", 2: "a", 3: "b", 4: "getippt"})


TYPED = {"标题": "getippt", "受理时间": "2026-03-02 10:00"}
MOVES: dict[str, list[Any]] = {
    "sorted": [SORT],
    "row inserted": [INSERT],
    "row deleted": [["delete_rows", {"tab": TAB, "at": 2}]],
    "row moved": [["move_rows", {"tab": TAB, "at": 2, "to": 6}]],
    "stamps moved": [["move_column", {"tab": TAB, "column": "_rev", "before": "标题"}]],
    "sorted twice": [SORT, ["sort", {"tab": TAB, "column": "案件编号"}]],
}


@pytest.mark.parametrize("moves", MOVES.values(), ids=MOVES)
def test_rows_that_move_under_the_write(
    sheets: Sheets, store: SheetsStore, app: Committer, moves: list[list[Any]]
) -> None:
    """The stamp of another row is taken out by mistake, and comes back."""
    leave_a_stamp(sheets, app)
    meanwhile(sheets, *moves)
    app.commit(batch(edit(case(app, 2), {"title": "x"}), remove(case(app, 3))))
    app.keep_up()
    app.commit(batch(edit(case(app, 1), {"title": "y"})))
    assert spent(sheets) == []
    assert_right(sheets, store, {1: "y", 2: "x"})
    assert store.pull(None).by_hand is None


def test_a_row_that_people_emptied_is_free_too(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """They cannot see the app's columns, which are hidden."""
    width = sheets.manager.column(TAB, "_rev")
    sheets.manager.set(f"{TAB}!A3", [[""] * width])
    assert spent(sheets) == [3]
    app.keep_up()
    assert [line["record_id"] for line in store.history(actions=["deleted_in_sheet"])] == [no(2)]
    app.commit(batch(edit(case(app, 1), {"title": "y"})))
    assert spent(sheets) == []
    assert_right(sheets, store, {1: "y", 3: "b"})


def test_empty_tick_boxes_beside_a_stamp(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """They stay, and so the new row stands below them."""
    last = sheets.manager.column("人员", "_rev")
    active = sheets.manager.column("人员", "在职")
    row: list[Any] = [""] * (last + 1)
    row[active], row[last] = False, 1.00009
    sheets.manager.set("人员!A2", [row], option="RAW")
    app.keep_up()
    app.commit(batch(create(Staff(staff_id="wang", name="王"))))
    app.commit(batch(create(Staff(staff_id="li", name="李"))))
    app.keep_up()
    assert sorted(app.snapshot[Staff]) == ["li", "wang"]
    assert spent(sheets, "人员") == []
    assert_right(sheets, store, {1: "c", 2: "a", 3: "b"})


def test_in_the_archive_with_a_write_that_goes_there(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """Otherwise it may not have been read for a while."""
    app.commit(batch(edit(case(app, 3), {"stage": "archived"})))
    at = sheets.manager.column(ARCHIVE_TAB, "_rev")
    sheets.manager.set(f"{ARCHIVE_TAB}!A3", [[""] * at + [1.00009]], option="RAW")
    app.keep_up()
    app.commit(batch(edit(case(app, 1), {"title": "x"})))
    assert spent(sheets, ARCHIVE_TAB) == [3]
    app.commit(batch(edit(case(app, 3), {"title": "y"})))
    assert spent(sheets, ARCHIVE_TAB) == []

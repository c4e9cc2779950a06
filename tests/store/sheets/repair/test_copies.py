"""One record in two rows or two tabs: the row counts that the app wrote last, whatever was cut, copied or typed."""

import random
from typing import Any

import pytest

from lib.domain.records.case import ARCHIVED, Case
from lib.errors import Conflict, StoreError
from lib.store.commit.batch import create, edit
from lib.store.commit.loop import Committer
from lib.store.sheets.store import SheetsStore
from tests.google.book.a1 import column_letters
from tests.store.sheets.support import ARCHIVE_TAB, TAB, Sheets
from tests.store.support import a_case, batch, case, committer, no, replay, rows_of

WRITE = ":batchUpdate"


@pytest.fixture
def app(three_cases: Committer) -> Committer:
    return three_cases


def rows_with(sheets: Sheets, key: str) -> list[tuple[str, int]]:
    """Where a case stands: tabs and rows."""
    return [
        (tab, number)
        for tab in (TAB, ARCHIVE_TAB)
        for number, row in enumerate(sheets.manager.rows(tab), 1)
        if key in row
    ]


def cut(sheets: Sheets, tab: str, number: int) -> list[Any]:
    """Steps of a manager who cuts a row and pastes it below the other tab; the columns stand alike in both."""
    other = ARCHIVE_TAB if tab == TAB else TAB
    row, to = sheets.manager.rows(tab)[number - 1], len(sheets.manager.rows(other)) + 1
    paste = {"range": f"{other}!A{to}", "values": [row], "option": "RAW"}
    return [["delete_rows", {"tab": tab, "at": number}], ["set", paste]]


def assert_each_once(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    late_store = sheets.open()
    late = committer(late_store)
    late.keep_up()
    app.keep_up()
    assert dict(late.snapshot[Case]) == dict(app.snapshot[Case])
    assert [key for key in app.snapshot[Case] if len(rows_with(sheets, key)) != 1] == []
    assert replay(late_store.history()) == rows_of(late_store) == rows_of(store)
    assert late_store.pull(None).by_hand is None


@pytest.mark.trial(38)
def test_a_row_cut_to_the_archive_at_the_moment_of_a_save(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.server.fault(method="POST", path=WRITE, manager=cut(sheets, TAB, 3), spreadsheet=sheets.id)
    app.commit(batch(edit(case(app, 2), {"title": "neu"})))
    for _ in range(3):
        app.keep_up()
    assert len(rows_with(sheets, no(2))) == 1
    assert case(app, 2).title == "neu"
    app.commit(batch(edit(case(app, 1), {"title": "auch neu"})))
    assert [tab for tab, _ in rows_with(sheets, no(2))] == [TAB]  # with the next write it went home
    assert_each_once(sheets, store, app)


@pytest.mark.trial(38)
@pytest.mark.parametrize("seed", range(4))
def test_rows_cut_between_the_tabs_while_cases_are_archived(
    sheets: Sheets, store: SheetsStore, app: Committer, seed: int
) -> None:
    chance = random.Random(seed)
    others = [committer(sheets.open(archive_every=every)) for every in (0.0, 600.0)]
    for step in range(6):
        one = chance.choice(others)
        one.keep_up()
        key = chance.choice([no(n) for n in (1, 2, 3)])
        (tab, number), *_ = rows_with(sheets, key)
        sheets.server.google.faults.clear()  # the row of before may have moved
        if chance.random() < 0.7:
            sheets.server.fault(method="POST", path=WRITE, manager=cut(sheets, tab, number), spreadsheet=sheets.id)
        known = one.snapshot[Case][chance.choice([key, no(1)])]
        stage = chance.choice(["closed", ARCHIVED])
        try:
            one.commit(batch(edit(known, {"stage": stage, "title": f"w{step}"})))
        except Conflict:
            one.keep_up()
    sheets.server.google.faults.clear()
    for one in (*others, app, app):
        one.keep_up()
    app.commit(batch(create(a_case(title="d"))))  # what stands in the wrong tab goes home along with it
    assert_each_once(sheets, store, app)


@pytest.mark.trial(38)
def test_a_copy_that_stays_when_the_case_is_archived(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """Whoever looks into the archive seldom takes the copy for the row."""
    other = committer(sheets.open(archive_every=600.0))
    sheets.manager.set(f"{TAB}!A5", [sheets.manager.rows(TAB)[1]], option="RAW")
    app.commit(batch(edit(case(app, 1), {"stage": ARCHIVED, "title": "neu"})))
    other.commit(batch(edit(other.snapshot[Case][no(1)], {"community": "anders"})))
    assert (case(other, 1).title, case(other, 1).stage, case(other, 1).community) == ("neu", ARCHIVED, "anders")
    for tab, number in rows_with(sheets, no(1)):
        if tab == TAB:
            sheets.manager.delete_rows(tab, number)
    assert_each_once(sheets, store, app)


@pytest.mark.trial(38)
@pytest.mark.parametrize("path", [WRITE, "values:batchGet"])
def test_a_tab_that_goes_and_comes_back_within_one_call(
    sheets: Sheets, store: SheetsStore, app: Committer, path: str
) -> None:
    answers: list[Any] = []
    carry_out = sheets.server.google.answer

    def answer(verb: str, target: str, *more: Any) -> Any:
        if path not in target or answers:
            return carry_out(verb, target, *more)
        before = sheets.server.workbook(sheets.id).sheets
        gone = next(sheet for sheet in before if sheet.title == TAB)
        at = before.index(gone)
        del before[at]
        answers.append(carry_out(verb, target, *more))
        sheets.server.workbook(sheets.id).sheets.insert(at, gone)
        return answers[0]

    sheets.server.google.answer = answer  # type: ignore[method-assign]
    try:
        app.commit(batch(edit(case(app, 1), {"title": "neu"})))
    except StoreError:
        app.commit(batch(edit(case(app, 1), {"title": "neu"})))
    finally:
        sheets.server.google.answer = carry_out  # type: ignore[method-assign]
    assert answers
    app.keep_up()
    assert case(app, 1).title == "neu"
    assert_each_once(sheets, store, app)


@pytest.mark.trial(37)
@pytest.mark.parametrize("number", [99, 9.5, 3, 3.00001], ids=["beyond", "beyond_as_ours", "whole", "another_row's"])
def test_a_number_typed_over_the_stamp_of_an_old_copy(
    sheets: Sheets, store: SheetsStore, app: Committer, number: float
) -> None:
    """It makes nothing newer than what the app wrote."""
    row = sheets.manager.rows(TAB)[1]
    app.commit(batch(edit(case(app, 1), {"title": "neu"})))
    at = column_letters(sheets.manager.column(TAB, "_rev"))
    sheets.manager.set(f"{TAB}!A2", [row], option="RAW")
    sheets.manager.set(f"{TAB}!{at}2", [[number]], option="RAW")
    late = committer(sheets.open())
    late.keep_up()
    assert late.snapshot[Case][no(1)].title == "neu"
    app.commit(batch(edit(case(app, 1), {"community": "anders"})))
    assert (case(app, 1).title, case(app, 1).community) == ("neu", "anders")
    assert sheets.cell(TAB, no(1), "标题") == "neu"
    assert_each_once(sheets, store, app)


@pytest.mark.trial(37)
def test_of_two_rows_with_a_key_no_typed_number_wins(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    row = sheets.manager.rows(TAB)[1]
    app.commit(batch(edit(case(app, 1), {"title": "neu"})))
    row[sheets.manager.column(TAB, "_rev")] = 99
    sheets.manager.set(f"{TAB}!A5", [row], option="RAW")
    app.keep_up()
    assert (case(app, 1).title, list(app.snapshot[Case].bad)) == ("neu", [f"{no(1)} (2)"])
    sheets.manager.delete_rows(TAB, 5)
    assert_each_once(sheets, store, app)


@pytest.mark.trial(39)
def test_a_repair_is_told_in_history(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """Also where nothing of the app's was missing: an empty row that was written into, and emptied again."""
    for _ in range(2):
        steps = [["insert_rows", {"tab": TAB, "at": 2}]]
        sheets.server.fault(method="POST", path=WRITE, manager=steps, spreadsheet=sheets.id)
    app.commit(batch(edit(case(app, 1), {"title": "neu"})))
    app.keep_up()
    seqs = {line["seq"] for line in store.history()}
    assert seqs == set(range(1, app.snapshot.seq + 1))

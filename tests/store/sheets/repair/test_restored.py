"""Somebody restores an older version of the spreadsheet, while the app runs or not: work goes on, nobody guesses."""

from collections.abc import Callable
from typing import Any

import pytest

from lib.domain.records.case import Case
from lib.store.commit.batch import create, edit
from lib.store.commit.loop import Committer
from lib.store.sheets.repair.reverting import OLDER
from lib.store.sheets.store import SheetsStore
from tests.google.book.workbook import Workbook
from tests.store.sheets.support import TAB, Sheets
from tests.store.support import a_case, at_once, batch, case, committer, no, rows_of

pytestmark = pytest.mark.trial(36)
MARKERS = pytest.mark.parametrize("markers", [True, False], ids=["markers_kept", "markers_gone"])
"""Whether Google takes them back with the rest is not documented."""


@pytest.fixture
def older(sheets: Sheets, three_cases: Committer) -> Workbook:
    """The version at sequence 5; the app is at 8."""
    app = three_cases
    for n in (1, 2):
        app.commit(batch(edit(case(app, n), {"title": f"first {n}"})))
    version = sheets.version()
    app.commit(batch(edit(case(app, 1), {"title": "second 1"})))
    app.commit(batch(create(a_case(title="later"))))
    app.commit(batch(edit(case(app, 2), {"community": "elsewhere"})))
    assert app.snapshot.seq == 8
    return version


def assert_as_restored(app: Committer) -> None:
    assert [case(app, n).title for n in (1, 2, 3)] == ["first 1", "first 2", "b"]
    assert no(4) not in app.snapshot[Case]
    assert case(app, 2).community == "小区a"


def assert_at_one(sheets: Sheets, *apps: Committer) -> None:
    """All know the same, nothing waits, and nothing more is written."""
    late_store = sheets.open()
    late = committer(late_store)
    seq = late.keep_up().seq
    for app in apps:
        app.keep_up()
        assert dict(app.snapshot[Case]) == dict(late.snapshot[Case])
    assert late.keep_up().seq == seq
    assert late_store.pull(None).by_hand is None
    seqs = [line["seq"] for line in late_store.history()]
    assert seqs == sorted(seqs)


def told(store: SheetsStore) -> list[tuple[int, Any]]:
    return [(line["seq"], line["text"]) for line in store.history(actions=[OLDER])]


@MARKERS
def test_a_running_app_begins_again_from_what_is_there(
    sheets: Sheets, store: SheetsStore, three_cases: Committer, older: Workbook, *, markers: bool
) -> None:
    app = three_cases
    sheets.restore(older, markers=markers)
    app.keep_up()
    assert_as_restored(app)
    assert told(store) == [(9, "6-8")]
    assert [line["seq"] for line in store.beyond()] == [6, 7, 7, 8]
    assert app.commit(batch(edit(case(app, 1), {"title": "third"}))).seq == 10
    assert_at_one(sheets, app)


@MARKERS
def test_a_running_app_saves_at_once(
    sheets: Sheets, store: SheetsStore, three_cases: Committer, older: Workbook, *, markers: bool
) -> None:
    app = three_cases
    sheets.restore(older, markers=markers)
    assert app.commit(batch(edit(case(app, 3), {"title": "third"}))).seq == 10
    assert [case(app, n).title for n in (1, 2, 3)] == ["first 1", "first 2", "third"]
    assert told(store) == [(9, "6-8")]
    assert_at_one(sheets, app)


def test_a_fresh_app_is_not_locked_out_by_markers(sheets: Sheets, no_pause: None, older: Workbook) -> None:
    sheets.restore(older, markers=True)
    store = sheets.open()
    fresh = committer(store)
    assert fresh.commit(batch(edit(case(fresh, 1), {"title": "third"}))).seq == 10
    assert told(store) == [(9, "6-8")]
    assert_at_one(sheets, fresh)


def test_a_fresh_app_without_markers_goes_on(sheets: Sheets, no_pause: None, older: Workbook) -> None:
    sheets.restore(older, markers=False)
    fresh = committer(sheets.open())
    assert fresh.commit(batch(edit(case(fresh, 1), {"title": "third"}))).seq == 6
    assert_at_one(sheets, fresh)


@MARKERS
@pytest.mark.parametrize("writes", [1, 3, 5])
def test_a_fresh_app_writes_before_the_running_one_looks(
    sheets: Sheets, store: SheetsStore, three_cases: Committer, older: Workbook, *, markers: bool, writes: int
) -> None:
    """Its sequence may be lower than, as high as or higher than the one the running app knows."""
    app = three_cases
    sheets.restore(older, markers=markers)
    fresh = committer(sheets.open())
    for n in range(writes):
        fresh.commit(batch(edit(case(fresh, 1), {"title": f"third {n}"})))
    app.keep_up()
    assert [case(app, n).title for n in (1, 2, 3)] == [f"third {writes - 1}", "first 2", "b"]
    assert no(4) not in app.snapshot[Case]
    assert len(told(store)) == 1
    assert [line["seq"] for line in store.beyond()] == [6, 7, 7, 8]
    app.commit(batch(edit(case(app, 2), {"title": "fourth"})))
    assert_at_one(sheets, app, fresh)


@MARKERS
def test_two_running_apps_and_a_fresh_one_at_once(
    sheets: Sheets, store: SheetsStore, three_cases: Committer, older: Workbook, *, markers: bool
) -> None:
    other = committer(sheets.open())
    sheets.restore(older, markers=markers)
    apps = [three_cases, other, committer(sheets.open())]
    jobs: list[Callable[[], Any]] = [
        lambda app=app, n=n: app.commit(batch(edit(case(app, 3), {"unit": str(n)}), actor=f"p{n}"))
        for n, app in enumerate(apps)
    ]
    at_once(*jobs)
    for app in (*apps, *apps):
        app.keep_up()
    assert len(told(store)) == 1
    assert_as_restored(apps[0])
    assert_at_one(sheets, *apps)


@MARKERS
def test_the_version_after_is_restored_again(
    sheets: Sheets, store: SheetsStore, three_cases: Committer, older: Workbook, *, markers: bool
) -> None:
    """Whoever restored the wrong one takes it back: everything is as it was."""
    app, right = three_cases, sheets.version()
    before = rows_of(store)
    sheets.restore(older, markers=markers)
    app.keep_up()
    sheets.restore(right, markers=markers)
    app.keep_up()
    assert rows_of(store) == before
    app.commit(batch(edit(case(app, 1), {"title": "third"})))
    assert_at_one(sheets, app)


def test_a_line_taken_out_of_history_is_no_restored_version(
    sheets: Sheets, store: SheetsStore, three_cases: Committer, older: Workbook
) -> None:
    app = three_cases
    sheets.manager.delete_rows("历史", len(sheets.manager.rows("历史")))
    app.keep_up()
    assert told(store) == []
    assert app.commit(batch(edit(case(app, 1), {"title": "third"}))).seq == 9
    assert sheets.cell(TAB, no(1), "标题") == "third"
    assert (case(app, 2).community, store.beyond()) == ("elsewhere", [])

"""Archived cases stand in a tab of their own, which only the adapter knows: nobody above notices, nothing is lost."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from lib.domain.records.case import Case
from lib.domain.records.case_parts import Task
from lib.domain.records.extras import values_of
from lib.errors import CannotMove
from lib.store import migrate
from lib.store.commit.batch import Change, create, edit, remove
from lib.store.commit.loop import Committer
from lib.store.port import Load
from lib.store.schema import SCHEMA
from lib.store.sheets.model.layout import quoted, sheet_id
from lib.store.sheets.store import SheetsStore
from lib.store.sheets.write import planner
from tests.google.control import Manager
from tests.google.server import SheetsServer
from tests.store.contract import case_row
from tests.store.sheets.support import ARCHIVE_TAB as ARCHIVE
from tests.store.sheets.support import TAB, Sheets, with_a_row_just_deleted
from tests.store.support import a_case, batch, case, committer, history_row, no, open_sqlite, replay, row_write, rows_of

pytestmark = pytest.mark.usefixtures("no_pause")
WRITE, READ = ":batchUpdate", "values:batchGet"


@pytest.fixture
def app(three_cases: Committer) -> Committer:
    """With three cases, of which the second is archived."""
    three_cases.commit(batch(put_away(case(three_cases, 2))))
    return three_cases


def put_away(case: Case) -> Change:
    return edit(case, {"stage": "archived"})


def standing(manager: Manager, tab: str, column: str = "案件编号") -> list[Any]:
    """What stands in a column, from the top."""
    at = manager.column(tab, column)
    return [row[at] if at < len(row) else "" for row in manager.rows(tab)[1:]]


def assert_right(sheets: Sheets, store: SheetsStore, hot: list[int], archived: list[int]) -> None:
    """Where the cases stand; that everybody who starts now sees the same, and History explains it."""
    places = tuple(sorted(filter(None, standing(sheets.manager, tab))) for tab in (TAB, ARCHIVE))
    assert places == (sorted(map(no, hot)), sorted(map(no, archived)))
    late = sheets.open()
    assert late.pull(None).by_hand is None
    store.pull(None)
    assert replay(store.history()) == rows_of(store) == rows_of(late)


def asked(sheets: Sheets, tab: str) -> int:
    """How many reads named a tab."""
    found = [entry for entry in sheets.server.log.entries if READ in entry["target"]]
    return sum(named(tab) in entry["target"] for entry in found)


def named(tab: str) -> str:
    return f"ranges={quote_plus(quoted(tab))}&"


def test_an_archived_case_moves_and_comes_back(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    assert_right(sheets, store, [1, 3], [2])
    assert store.pull(4).removed.get("cases", []) == []
    assert [line["tab"] for line in store.history(since_seq=3)] == ["cases"]
    app.commit(batch(edit(case(app, 2), {"stage": "closed", "title": "wieder"})))
    assert_right(sheets, store, [1, 2, 3], [])
    assert sheets.cell(TAB, no(2), "标题") == "wieder"


def test_another_app_sees_the_move(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    other_store = sheets.open()
    other = committer(other_store)
    other.keep_up()
    app.commit(batch(put_away(case(app, 1)), edit(case(app, 2), {"title": "x"})))
    pulled = other_store.pull(other.snapshot.seq)
    assert {row["case_no"] for row in pulled.rows["cases"]} == {no(1), no(2)}
    assert (pulled.removed["cases"], pulled.by_hand) == ([], None)
    app.commit(batch(edit(case(app, 1), {"stage": "closed"}), remove(case(app, 2))))
    other.keep_up()
    assert dict(other.snapshot[Case]) == dict(app.snapshot[Case])
    assert_right(sheets, store, [1, 3], [])


def test_a_refresh_does_not_read_the_archive(sheets: Sheets, store: SheetsStore) -> None:
    """However large it is."""
    app = committer(store)
    app.commit(batch(create(a_case())))
    other = committer(sheets.open())
    other.keep_up()

    def cost() -> tuple[int, int]:
        app.commit(batch(edit(case(app, 1), {"title": f"t{app.snapshot.seq}"})))
        sheets.manager.set_cell(TAB, 2, "小区", f"x{app.snapshot.seq:03}")
        sheets.server.log.reset()
        other.keep_up()
        app.keep_up()
        summary = sheets.server.log.summary()
        assert asked(sheets, TAB) > 0
        assert asked(sheets, ARCHIVE) == 0
        return summary["largest_response"], summary["largest_request"]

    before = cost()
    rows = [case_row(f"A-{n:05}", stage="archived", title="漏水" * 10) for n in range(10_000)]
    seq = app.snapshot.seq
    for first in range(0, len(rows), 2_500):
        store.load(
            Load(
                seq,
                seq + 1,
                {"cases": rows[first : first + 2_500]},
                {},
                [history_row(seq + 1, commit_id="copy", line=first)],
            )
        )
    store.seal(expected_seq=seq, seq=seq + 1)
    app.keep_up()
    other = committer(sheets.open())
    other.keep_up()
    assert len(other.snapshot[Case]) == 10_001
    after = cost()
    assert after[0] < before[0] + 3_000
    assert after[1] < before[1] + 3_000


def test_what_managers_do_in_the_archive_comes_in_after_a_while(sheets: Sheets) -> None:
    now = [0.0]
    store = sheets.opened(clock=lambda: now[0], trusted=0.0, archive_every=600.0)
    app = committer(store)
    app.commit(batch(create(a_case(title="c"))))
    app.commit(batch(put_away(case(app, 1))))
    app.keep_up()
    sheets.manager.set_cell(ARCHIVE, 2, "标题", "von Hand")
    sheets.manager.set_cell(ARCHIVE, 3, "标题", "neu")
    sheets.manager.set_cell(ARCHIVE, 3, "受理时间", "2026-03-02 10:00")
    now[0] += 300
    app.keep_up()
    assert case(app, 1).title == "c"
    now[0] += 301
    app.keep_up()
    assert (case(app, 1).title, case(app, 2).title) == ("von Hand", "neu")
    (told,) = [json.loads(str(line["changes"])) for line in store.history(actions=["edited_in_sheet"])]
    assert told == {"title": ["c", "von Hand"]}
    app.commit(batch(edit(case(app, 2), {"community": "x"})))
    assert_right(sheets, store, [2], [1])


def test_a_save_does_not_write_over_what_was_typed_in_the_archive(
    sheets: Sheets, store: SheetsStore, app: Committer
) -> None:
    sheets.manager.set_cell(ARCHIVE, 2, "小区", "von Hand")
    app.commit(batch(edit(case(app, 2), {"title": "x"})))
    assert (case(app, 2).title, case(app, 2).community) == ("x", "von Hand")
    assert_right(sheets, store, [1, 3], [2])


def test_rubbish_in_the_archive_has_an_address(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.set_cell(TAB, 2, "上门时间", "下周三")
    app.keep_up()
    app.commit(batch(put_away(case(app, 1))))
    assert sheets.cell(ARCHIVE, no(1), "上门时间") == "下周三"
    app.keep_up()
    assert [problem.field for problem in app.snapshot[Case].bad[no(1)].problems] == ["visit_at"]
    address = store.address("cases", no(1), "visit_at")
    assert address is not None
    assert f"gid={sheet_id('archive')}&" in address
    assert address.endswith("3")
    late = committer(sheets.open())
    late.keep_up()
    assert (case(late, 1), list(late.snapshot[Case].bad)) == (case(app, 1), [no(1)])


def test_a_row_deleted_in_the_archive(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.delete_rows(ARCHIVE, 2)
    late_store = sheets.open()
    late = committer(late_store)
    late.keep_up()
    assert no(2) not in late.snapshot[Case]
    assert [line["record_id"] for line in late_store.history(actions=["deleted_in_sheet"])] == [no(2)]
    app.keep_up()
    assert dict(app.snapshot[Case]) == dict(late.snapshot[Case])
    assert_right(sheets, store, [1, 3], [])


@pytest.mark.parametrize(("source", "number", "target"), [(TAB, 1, ARCHIVE), (ARCHIVE, 2, TAB)])
def test_a_row_that_is_cut_and_pasted(
    sheets: Sheets, store: SheetsStore, app: Committer, source: str, number: int, target: str
) -> None:
    """It is the same case, in the same stage; with the next write its row goes back where it belongs."""
    row = sheets.manager.rows(source)[1]
    assert row[0] == no(number)
    sheets.manager.delete_rows(source, 2)
    sheets.manager.set(f"{target}!A{len(sheets.manager.rows(target)) + 1}", [row], option="RAW")
    before = case(app, number)
    app.keep_up()
    assert case(app, number) == before
    assert not app.snapshot[Case].bad
    app.commit(batch(edit(case(app, 3), {"title": "x"})))
    assert case(app, number) == before
    assert store.history(actions=["deleted_in_sheet"]) == []
    assert_right(sheets, store, [1, 3], [2])


def test_a_row_on_its_way_to_the_archive_is_not_taken_for_deleted(sheets: Sheets) -> None:
    app, row, now = with_a_row_just_deleted(sheets)
    now[0] += 10
    app.keep_up()
    sheets.manager.set(f"{ARCHIVE}!A2", [row], option="RAW")
    now[0] += 10
    app.keep_up()
    assert no(1) in app.snapshot[Case]


@pytest.mark.parametrize(("source", "number", "target"), [(TAB, 1, ARCHIVE), (ARCHIVE, 2, TAB)])
def test_a_row_copied_to_the_other_tab(
    sheets: Sheets, store: SheetsStore, app: Committer, source: str, number: int, target: str
) -> None:
    """The one that the app wrote counts; the other is shown with its address, and goes when somebody deletes it."""
    row = sheets.manager.rows(source)[1]
    at = len(sheets.manager.rows(target)) + 1
    sheets.manager.set(f"{target}!A{at}", [row], option="RAW")
    late_store = sheets.open()
    late = committer(late_store)
    late.keep_up()
    second = f"{no(number)} (2)"
    assert [problem.code for problem in late.snapshot[Case].bad[second].problems] == ["twice"]
    name = "archive" if target == ARCHIVE else "cases"
    assert str(late_store.address("cases", second, "case_no")).endswith(f"gid={sheet_id(name)}&range=A{at}")
    late.commit(batch(edit(late.snapshot[Case][no(number)], {"title": "x"})))
    app.keep_up()
    assert case(app, number).title == "x"
    sheets.manager.delete_rows(target, at)
    late.keep_up()
    assert not sheets.open().pull(None).by_hand
    assert late.snapshot[Case][no(number)].title == "x"
    assert_right(sheets, store, [1, 3], [2])


def test_rows_from_before_the_archive_had_a_tab(sheets: Sheets, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tab is made; with each write some go there, and nobody above notices."""
    store = sheets.opened()
    with monkeypatch.context() as earlier:
        earlier.setattr(planner, "home", lambda name, _row: name)
        rows = [case_row(f"A-{n:03}", title=f"t{n}", stage="archived") for n in range(70)]
        store.write(row_write(store, {"cases": rows}))
        committer(store).commit(batch(create(a_case())))
    sheets.manager.delete_tab(ARCHIVE)
    old = sheets.open()
    assert old.provision(SCHEMA) == ["create archive"]
    app, before = committer(old), old.pull(None).rows["cases"]
    assert len(standing(sheets.manager, TAB)) == 71
    for title, left in (("x", 21), ("y", 1)):
        app.commit(batch(edit(case(app, 1), {"title": title})))
        assert len(standing(sheets.manager, TAB)) == left
    assert old.provision(SCHEMA) == []
    late = sheets.open().pull(None)
    assert late.by_hand is None
    assert {str(row["case_no"]): row for row in late.rows["cases"]} == {
        str(row["case_no"]): row | ({"title": "y"} if row["case_no"] == no(1) else {}) for row in before
    }


def test_extra_columns_and_remarks_go_along(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.add_column(TAB, "钥匙编号", before="标题")
    sheets.manager.set_cell(TAB, 2, "钥匙编号", "K-7")
    app.commit(batch(put_away(case(app, 1))))
    assert sheets.cell(ARCHIVE, no(1), "钥匙编号") == "K-7"
    assert store.extra_columns("cases") == ["+钥匙编号"]
    assert values_of(case(app, 1))["+钥匙编号"] == "K-7"
    assert_right(sheets, store, [3], [1, 2])


MOVES: dict[str, list[Any]] = {
    "sorted": ["sort", {"tab": TAB, "column": "标题"}],
    "row inserted": ["insert_rows", {"tab": TAB, "at": 2}],
    "column moved": ["move_column", {"tab": TAB, "column": "标题", "before": "案件编号"}],
    "key column moved": ["move_column", {"tab": TAB, "column": "案件编号", "before": "小区"}],
    "archive sorted": ["sort", {"tab": ARCHIVE, "column": "标题"}],
    "row inserted into the archive": ["insert_rows", {"tab": ARCHIVE, "at": 2}],
    "column of the archive moved": ["move_column", {"tab": ARCHIVE, "column": "标题", "before": "案件编号"}],
    "column of the archive added": ["add_column", {"tab": ARCHIVE, "header": "备注", "before": "标题"}],
    "row deleted": ["delete_rows", {"tab": TAB, "at": 2}],
}


def meanwhile(sheets: Sheets, *steps: Any) -> None:
    sheets.server.fault(method="POST", path=WRITE, manager=list(steps), spreadsheet=sheets.id)


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("again", [None, "sorted", "archive sorted", "column of the archive moved"])
def test_rows_that_move_under_the_write(
    sheets: Sheets, store: SheetsStore, app: Committer, move: list[Any], again: str | None
) -> None:
    """The repair may be overtaken too."""
    meanwhile(sheets, move)
    if again:
        meanwhile(sheets, MOVES[again])
    app.commit(batch(put_away(case(app, 1)), edit(case(app, 2), {"stage": "closed", "title": "z"})))
    app.keep_up()
    assert_right(sheets, store, [2, 3], [1])
    late = committer(sheets.open())
    late.keep_up()
    assert [(late.snapshot[Case][no(n)].title, late.snapshot[Case][no(n)].community) for n in (1, 2, 3)] == [
        ("c", "小区c"),
        ("z", "小区a"),
        ("b", "小区b"),
    ]


@pytest.mark.parametrize("move", [None, *MOVES], ids=str)
def test_what_is_typed_into_a_row_as_it_goes_follows_it(
    sheets: Sheets, store: SheetsStore, app: Committer, move: str | None
) -> None:
    typed = ["set_cell", {"tab": TAB, "row": 2, "column": "小区", "value": "getippt"}]
    meanwhile(sheets, typed, *([MOVES[move]] if move and move != "row deleted" else []))
    app.commit(batch(put_away(case(app, 1))))
    app.keep_up()
    assert case(app, 1).community == "getippt"
    assert sheets.cell(ARCHIVE, "c" if move == "column of the archive moved" else no(1), "小区") == "getippt"
    assert_right(sheets, store, [3], [1, 2])


def test_what_is_typed_where_the_archive_has_no_column_goes_along(
    sheets: Sheets, store: SheetsStore, app: Committer
) -> None:
    """Seen with another save, and not taken in before the row goes."""
    sheets.manager.add_column(TAB, "钥匙编号", before="阶段")
    app.keep_up()
    sheets.manager.set_cell(TAB, sheets.manager.row_of(TAB, no(1), column="案件编号"), "钥匙编号", "K-7")
    app.commit(batch(edit(case(app, 3), {"title": "neu"})))
    app.commit(batch(put_away(case(app, 1))))
    app.keep_up()
    assert sheets.cell(ARCHIVE, no(1), "钥匙编号") == "K-7"
    assert values_of(case(app, 1))["+钥匙编号"] == "K-7"
    assert_right(sheets, store, [3], [1, 2])


def test_the_same_field_typed_as_the_row_goes_is_told(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    meanwhile(sheets, ["set_cell", {"tab": TAB, "row": 2, "column": "标题", "value": "getippt"}])
    app.commit(batch(edit(case(app, 1), {"stage": "archived", "title": "x"})))
    app.keep_up()
    assert case(app, 1).title == "x"
    told = [json.loads(str(line["changes"])) for line in store.history(actions=["edited_in_sheet", "overwrote_sheet"])]
    assert told == [{"title": ["x", "getippt"]}, {"title": ["getippt", "x"]}]
    assert_right(sheets, store, [3], [1, 2])


def test_tasks_of_archived_cases_stay_where_they_are(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    app.commit(batch(create(Task(task_id="t-1", case_no=no(2), title="回电"))))
    assert standing(sheets.manager, "任务", "任务编号") == ["t-1"]
    assert_right(sheets, store, [1, 3], [2])


def test_what_people_typed_and_nobody_took_in_is_not_left_behind(
    sheets: Sheets, store: SheetsStore, app: Committer, tmp_path: Path
) -> None:
    sheets.manager.set_cell(TAB, 2, "标题", "getippt")
    sheets.manager.set(f"{TAB}!D5", [["ohne Nummer"]])
    target = open_sqlite(tmp_path / "target.db")
    with pytest.raises(CannotMove) as refused:
        migrate.copy(sheets.open(), target, lambda *_: None)
    assert refused.value.why == "by_hand"
    assert [(one.tab, one.key, one.kind) for one in refused.value.differences] == [
        ("cases", no(1), "by_hand"),
        ("cases", "ohne Nummer", "by_hand"),
    ]
    assert target.pull(None).seq == 0
    sheets.manager.delete_rows(TAB, 5)
    app.keep_up()
    migrate.copy(sheets.open(), target, lambda *_: None)
    assert rows_of(target) == rows_of(store)
    target.close()


def test_archived_cases_move_to_another_store_and_back(
    sheets: Sheets, google: SheetsServer, store: SheetsStore, app: Committer, tmp_path: Path
) -> None:
    """There they are in one table, and here in two tabs again; an earlier copy follows what was archived since."""
    app.commit(batch(edit(case(app, 2), {"title": "im Archiv"})))
    table, again = open_sqlite(tmp_path / "x.db"), Sheets(google)
    copy = again.opened()
    migrate.copy(store, table, _silent)
    migrate.copy(table, copy, _silent)
    assert_right(again, copy, [1, 3], [2])
    app.commit(batch(put_away(case(app, 1)), edit(case(app, 2), {"stage": "closed"})))
    migrate.copy(store, copy, _silent)
    assert migrate.compare(store, copy, _silent).equal
    assert_right(again, copy, [2, 3], [1])


def _silent(_step: str, _done: int, _total: int) -> None:
    """Nobody watches."""

"""Managers at work in the sheet: their edits come into the app and into History, and nothing of theirs is lost."""

import json
from typing import Any

import pytest

from lib.domain.records.case import Case
from lib.domain.records.lists import Lists
from lib.domain.records.workspace import ListItem
from lib.errors import Conflict, HeaderMissing, TabMissing, WrongStage
from lib.store.commit.batch import create, edit, remove
from lib.store.commit.loop import Committer
from lib.store.sheets.store import SheetsStore
from tests.store.sheets.support import Sheets, with_a_row_just_deleted
from tests.store.support import a_case, batch, case, committer, no, replay, rows_of

TAB = "案件"


@pytest.fixture
def app(store: SheetsStore) -> Committer:
    """With three cases."""
    made = committer(store)
    for title in ("漏水", "裂缝", "噪音"):
        made.commit(batch(create(a_case(title=title, client_phone="13800138000"))))
    return made


def by_hand(store: SheetsStore, action: str) -> list[dict[str, Any]]:
    return [json.loads(str(line["changes"])) for line in store.history(actions=[action])]


def assert_explained(store: SheetsStore) -> None:
    assert replay(store.history()) == rows_of(store)


def test_an_edit_comes_in_with_its_history(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.set_cell(TAB, 3, "标题", "外墙裂缝")
    sheets.manager.set_cell(TAB, 3, "上门时间", "2026-03-05 14:30")
    app.keep_up()
    assert case(app, 2).title == "外墙裂缝"
    assert case(app, 2).visit_at.isoformat() == "2026-03-05T14:30:00+08:00"  # type: ignore[union-attr]
    told = by_hand(store, "edited_in_sheet")
    assert told == [{"title": ["裂缝", "外墙裂缝"], "visit_at": [None, "2026-03-05T14:30:00+08:00"]}]
    assert_explained(store)
    assert store.pull(None).by_hand is None
    assert committer(sheets.open()).snapshot[Case][no(2)] == case(app, 2)


def test_an_edit_while_nobody_looked(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """A process that starts afterwards knows from History what was there before."""
    sheets.manager.set_cell(TAB, 2, "标题", "厨房漏水")
    other = sheets.open()
    late = committer(other)
    late.keep_up()
    assert by_hand(other, "edited_in_sheet") == [{"title": ["漏水", "厨房漏水"]}]
    app.keep_up()
    assert case(app, 1).title == "厨房漏水"
    assert_explained(store)


def test_an_edit_of_another_field_survives_a_save(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    seen = case(app, 1)
    sheets.manager.set_cell(TAB, 2, "小区", "东湖雅苑")
    app.commit(batch(edit(seen, {"title": "卫生间漏水"})))
    assert (case(app, 1).title, case(app, 1).community) == ("卫生间漏水", "东湖雅苑")
    assert sheets.cell(TAB, no(1), "小区") == "东湖雅苑"
    assert_explained(store)


def test_the_same_field_is_a_conflict(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    seen = case(app, 1)
    sheets.manager.set_cell(TAB, 2, "标题", "经理写的")
    with pytest.raises(Conflict) as refused:
        app.commit(batch(edit(seen, {"title": "我写的"})))
    assert [(c.field, c.seen, c.theirs, c.mine) for c in refused.value.clashes] == [
        ("title", "漏水", "经理写的", "我写的")
    ]
    assert sheets.cell(TAB, no(1), "标题") == "经理写的"
    assert_explained(store)


def test_rubbish_stays_and_the_last_valid_version_is_used(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.set_cell(TAB, 2, "上门时间", "下周三下午")
    sheets.manager.set_cell(TAB, 2, "小区", "东湖雅苑")
    app.keep_up()
    assert (case(app, 1).visit_at, case(app, 1).community) == (None, "东湖雅苑")
    bad = app.snapshot[Case].bad[no(1)]
    assert [problem.field for problem in bad.problems] == ["visit_at"]
    app.commit(batch(edit(case(app, 1), {"title": "改"})))
    assert sheets.cell(TAB, no(1), "上门时间") == "下周三下午"
    assert_explained(store)
    late = committer(sheets.open())
    late.keep_up()
    assert list(late.snapshot[Case].bad) == [no(1)]
    assert late.snapshot[Case][no(1)] == case(app, 1)
    sheets.manager.set_cell(TAB, 2, "上门时间", "2026-03-11 15:00")
    app.keep_up()
    assert not app.snapshot[Case].bad
    assert case(app, 1).visit_at is not None
    assert_explained(store)


def test_a_row_typed_by_hand_gets_a_number(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    at = sheets.manager.column(TAB, "标题")
    sheets.manager.set(f"{TAB}!D5", [["电梯故障"]])
    assert at == 3
    sheets.manager.set_cell(TAB, 5, "受理时间", "2026-03-02 09:00")
    app.keep_up()
    assert case(app, 4).title == "电梯故障"
    assert sheets.cell(TAB, no(4), "标题") == "电梯故障"
    assert len(sheets.manager.rows(TAB)) == 5
    app.commit(batch(edit(case(app, 4), {"title": "电梯停运"})))
    assert sheets.cell(TAB, no(4), "标题") == "电梯停运"
    assert_explained(store)
    assert store.pull(None).by_hand is None


def test_a_row_typed_without_what_it_needs_is_kept(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.set(f"{TAB}!D5", [["电梯故障"]])
    app.keep_up()
    (bad,) = app.snapshot[Case].bad.values()
    assert [problem.field for problem in bad.problems] == ["taken_at"]
    assert sheets.manager.rows(TAB)[4][:4] == ["", "", "", "电梯故障"]


def test_a_deleted_row_is_noticed_and_in_history(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.delete_rows(TAB, 3)
    app.keep_up()
    assert no(2) not in app.snapshot[Case]
    (told,) = by_hand(store, "deleted_in_sheet")
    assert told["title"] == ["裂缝", None]
    assert_explained(store)


def test_a_deleted_row_has_time_to_come_back(sheets: Sheets) -> None:
    app, row, now = with_a_row_just_deleted(sheets)
    assert no(1) in app.snapshot[Case]
    sheets.manager.set(f"{TAB}!A2", [row], option="RAW")
    now[0] += 16
    app.keep_up()
    assert no(1) in app.snapshot[Case]
    sheets.manager.delete_rows(TAB, 2)
    app.keep_up()
    now[0] += 16
    app.keep_up()
    assert no(1) not in app.snapshot[Case]


def test_a_key_in_two_rows(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.set(f"{TAB}!A5", [[no(1), "new", "P3", "抄来的"]], option="RAW")
    app.keep_up()
    assert case(app, 1).title == "漏水"
    assert [problem.code for problem in app.snapshot[Case].bad[f"{no(1)} (2)"].problems] == ["twice"]


def test_columns_in_any_order_hidden_added_and_in_english(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    manager = sheets.manager
    manager.move_column(TAB, "标题", "案件编号")
    manager.add_column(TAB, "我的备注", before="阶段")
    manager.set_cell(TAB, 2, "我的备注", "请优先")
    manager.rename_column(TAB, "小区", "Community")
    manager.rename_column(TAB, "楼栋", "building")
    manager.hide_column(TAB, "房号")
    app.keep_up()
    assert len(app.snapshot[Case]) == 3
    app.commit(batch(edit(case(app, 1), {"title": "改", "community": "滨江一号"})))
    app.commit(batch(create(a_case(title="又一件"))))
    assert sheets.cell(TAB, "改", "Community") == "滨江一号"
    assert sheets.cell(TAB, "改", "我的备注") == "请优先"
    assert committer(sheets.open()).snapshot[Case][no(4)].title == "又一件"
    assert_explained(store)


def test_a_header_that_is_gone(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.rename_column(TAB, "标题", "题目")
    with pytest.raises(HeaderMissing) as missing:
        app.refresh()
    assert (missing.value.tab, missing.value.fields) == ("cases", ("title",))
    assert sheets.open().provision({}) == []
    assert len(app.snapshot[Case]) == 3
    sheets.manager.rename_column(TAB, "题目", "标题")
    app.keep_up()
    assert_explained(store)


def test_a_tab_that_is_renamed_and_one_that_is_gone(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    sheets.manager.rename_tab(TAB, "我们的案件 '2026'")
    app.commit(batch(edit(case(app, 1), {"title": "改"})))
    app.refresh()
    assert committer(sheets.open()).snapshot[Case][no(1)].title == "改"
    sheets.manager.delete_tab("任务")
    with pytest.raises(TabMissing) as missing:
        app.refresh()
    assert missing.value.tab == "tasks"
    with pytest.raises(TabMissing):
        app.commit(batch(edit(case(app, 1), {"title": "再改"})))


def test_a_stage_moved_along_no_step_is_not_obeyed(sheets: Sheets, store: SheetsStore) -> None:
    def never(before: Any, after: Any, _changed: Any, _snapshot: Any) -> None:
        if before is not None and before.stage != after.stage:
            raise WrongStage(case_no=before.case_no, stage=before.stage, move=after.stage)

    app = committer(store, guards=[never])
    app.commit(batch(create(a_case())))
    sheets.manager.set_cell(TAB, 2, "阶段", "closed")
    sheets.manager.set_cell(TAB, 2, "小区", "东湖雅苑")
    app.keep_up()
    assert (case(app, 1).stage, case(app, 1).community) == ("new", "东湖雅苑")
    assert [problem.code for problem in app.snapshot[Case].bad[no(1)].problems] == ["no_such_step"]
    assert_explained(store)


def test_labels_and_names_in_both_languages(sheets: Sheets, store: SheetsStore) -> None:
    app = committer(store)
    items = [
        ListItem(item_id="kind.repair", list_name="kind", code="repair", zh="报修", en="Repair"),
        ListItem(item_id="kind.complaint", list_name="kind", code="complaint", zh="投诉", en="Complaint"),
    ]
    app.commit(batch(*[create(item) for item in items]))
    app.keep_up()
    app.refresh()
    app.commit(batch(create(a_case(kind="repair"))))
    assert sheets.cell(TAB, no(1), "类型") == "报修"
    sheets.manager.set_cell(TAB, 2, "类型", "complaint ")
    app.keep_up()
    assert case(app, 1).kind == "complaint"
    sheets.manager.set_cell(TAB, 2, "类型", "Repair")
    app.keep_up()
    assert case(app, 1).kind == "repair"
    assert Lists(app.snapshot[ListItem].values()).label("kind", "repair", "zh") == "报修"
    assert_explained(store)


def test_removing_beside_a_manager(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    seen = case(app, 2)
    sheets.manager.set_cell(TAB, 3, "标题", "改过")
    with pytest.raises(Conflict):
        app.commit(batch(remove(seen)))
    app.commit(batch(remove(case(app, 2))))
    assert [row[0] for row in sheets.manager.rows(TAB)[1:]] == [no(1), no(3)]
    assert_explained(store)

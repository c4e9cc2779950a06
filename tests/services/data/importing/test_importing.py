"""Importing: what a file's cells become, what is refused and why, and that nothing comes in twice."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.workspace import ImportRun, ListItem
from lib.domain.rules.permissions import Actor
from lib.errors import ChangedSince, Conflict, InvalidFields, NotAllowed, NotFound
from lib.i18n import in_language
from lib.services.cases import handling
from lib.services.data.importing import (
    Checked,
    ImportMapping,
    check_rows,
    mapping_from_toml,
    plan_import,
    rejected_file,
    run_import,
    save_mapping,
    saved_mapping,
    saved_mappings,
    undo_import,
)
from lib.services.data.importing import run as run_module
from lib.services.data.importing.mapping import mapping_of
from lib.services.parts import tasks
from lib.tabular.reading import read_table
from lib.tabular.table import UnreadableTable
from lib.tabular.writing import write_csv

SHARED = Path(__file__).resolve().parents[5] / "shared" / "data"
Opener = Callable[..., Desk]


@pytest.fixture
def manager(people: dict[str, Actor]) -> Actor:
    return people["manager"]


HEADERS = ["工单编号", "投诉时间", "投诉人", "联系电话", "投诉类别", "投诉内容", "状态", "结案时间", "处理人"]
ROW = {
    "工单编号": "GD-1", "投诉时间": "2026-02-03 09:30", "投诉人": "赵女士", "联系电话": "138 0013 8000",
    "投诉类别": "渗漏", "投诉内容": "厨房漏水，楼下也湿了。", "状态": "处理中", "结案时间": "", "处理人": "李经办",
}  # fmt: skip


def table(*rows: dict[str, Any], headers: list[str] = HEADERS) -> bytes:
    """A file of somebody else's: not written by our own writer."""
    out = io.StringIO()
    csv.writer(out).writerows([headers, *([{**ROW, **row}.get(name, "") for name in headers] for row in rows)])
    return out.getvalue().encode("gb18030")


def checked(desk: Desk, actor: Actor, content: bytes, mapping: Any = None, name: str = "cases.csv") -> Checked:
    return check_rows(desk, plan_import(desk, actor=actor, content=content, filename=name, mapping=mapping))


def cases(desk: Desk) -> list[Case]:
    return list(desk.snapshot[Case].values())


def test_suggested_mapping_fills_the_case(desk: Desk, manager: Actor) -> None:
    report = run_import(desk, actor=manager, checked=checked(desk, manager, table({})))
    assert (report.rows, report.imported, report.skipped, report.rejected) == (1, 1, 0, ())
    [case] = cases(desk)
    assert case.case_no == "TS-2026-000001"
    assert case.source_ref == "GD-1"
    assert case.taken_at.isoformat() == "2026-02-03T09:30:00+08:00"
    assert (case.client_name, case.client_phone) == ("赵女士", "13800138000")
    assert (case.category, case.stage, case.assignee) == ("quality.leak", "in_progress", "handler")
    assert (case.kind, case.channel, case.branch, case.taken_by, case.priority) == ("", "", "", "", "P3")
    assert case.title == "厨房漏水，楼下也湿了"
    assert case.unalerted
    assert case.resolve_due is None
    assert case.import_id == report.import_id
    [line] = desk.history(case_no=case.case_no)
    assert (line.action, line.actor, line.text) == ("import", "manager", "cases.csv")


def test_stage_follows_from_the_times(desk: Desk, manager: Actor) -> None:
    headers = ["编号", "内容", "投诉时间", "答复时间", "结案时间"]
    rows = [
        ["1", "一", "2026-01-05 10:00", "", ""],
        ["2", "二", "2026-01-05 10:00", "2026-01-06 10:00", ""],
        ["3", "三", "2026-01-05 10:00", "2026-01-06 10:00", "2026-01-07 10:00"],
    ]
    run_import(desk, actor=manager, checked=checked(desk, manager, write_csv(headers, rows)))
    new, answered, closed = cases(desk)
    assert [case.stage for case in (new, answered, closed)] == ["new", "answered", "closed"]
    assert new.acknowledge_due is None
    assert answered.acknowledge_due is None
    assert closed.resolve_due is None
    assert closed.closed_at == closed.stage_since == datetime.fromisoformat("2026-01-07T10:00+08:00")


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"投诉时间": "2026-13-40"}, "投诉时间", "date_out_of_range"),
        ({"投诉时间": "昨天"}, "投诉时间", "date_unknown_format"),
        ({"投诉时间": "03/04/2026"}, "投诉时间", "date_ambiguous"),
        ({"投诉时间": "2027-01-01"}, "投诉时间", "in_future"),
        ({"状态": "已结案", "结案时间": "2026-02-01"}, "结案时间", "before_intake"),
        ({"结案时间": "2026-02-05"}, "状态", "closed_but_open"),
        ({"联系电话": "12"}, "联系电话", "phone_too_short"),
        ({"联系电话": "没有"}, "联系电话", "phone_not_a_number"),
        ({"状态": "飞走了"}, "状态", "unknown_choice"),
        ({"投诉内容": "", "投诉类别": ""}, "投诉内容", "missing"),
        ({"投诉内容": "x" * 50_001}, "投诉内容", "string_too_long"),
    ],
)
def test_refused_cells(desk: Desk, manager: Actor, cells: dict[str, str], column: str, reason: str) -> None:
    good = [{"工单编号": f"GD-{n}"} for n in range(9)]
    found = checked(desk, manager, table(*good, {"工单编号": "GD-X", **cells}))
    [refusal] = found.refusals
    assert (refusal.row, refusal.column, refusal.reason) == (11, column, reason)
    assert refusal.value == {**ROW, **cells}[column][:200]
    assert [item.row for item in found.ready] == list(range(2, 11))


def test_a_row_tells_everything_that_is_wrong_with_it(desk: Desk, manager: Actor) -> None:
    mapping = checked(desk, manager, table({})).plan.mapping
    found = checked(desk, manager, table({"投诉时间": "?!", "联系电话": "1", "状态": "?!"}), mapping)
    assert {refusal.column for refusal in found.refusals} == {"投诉时间", "联系电话", "状态"}
    assert list(found.rejected_rows) == [2]


def test_a_day_alone_is_not_before_the_hour_of_intake(desk: Desk, manager: Actor) -> None:
    found = checked(desk, manager, table({"状态": "已结案", "结案时间": "2026-02-03"}))
    assert found.ready[0].case.closed_at == found.ready[0].case.taken_at


@pytest.mark.parametrize(("what", "ready", "category"), [("reject", 0, None), ("empty", 1, ""), ("add", 1, "鬼屋")])
def test_unknown_choices(desk: Desk, manager: Actor, what: str, ready: int, category: str | None) -> None:
    mapping = mapping_of(
        {
            "undated": "new",
            "columns": {"投诉内容": "description", "投诉类别": {"field": "category", "on_unknown": what}},
        }
    )
    found = checked(desk, manager, table({"投诉类别": " 鬼屋 "}), mapping)
    assert len(found.ready) == ready
    assert [item.case.category for item in found.ready] == [category] * ready
    run_import(desk, actor=manager, checked=found, new_entries=True)
    assert desk.lists.has("category", "鬼屋") == (what == "add")
    if what == "add":
        assert desk.lists.label("category", "鬼屋", "en") == "鬼屋"
        assert found.remarks[0].what == "added"
    if what == "empty":
        assert [(item.value, item.what, item.count) for item in found.remarks] == [("鬼屋", "emptied", 1)]


def test_only_rows_that_come_in_add_to_a_list(desk: Desk, manager: Actor) -> None:
    found = checked(desk, manager, table({"投诉类别": "鬼屋", "联系电话": "1"}))
    assert found.additions == ()


def test_values_of_a_mapping_come_first(desk: Desk, manager: Actor) -> None:
    rule = {"field": "stage", "values": {"处理中": "waiting"}}
    mapping = mapping_of({"undated": "new", "columns": {"投诉内容": "description", "状态": rule}})
    assert checked(desk, manager, table({}), mapping).ready[0].case.stage == "waiting"
    wrong = mapping_of(
        {"undated": "new", "columns": {"投诉内容": "description", "状态": {**rule, "values": {"处理中": "gone"}}}}
    )
    with pytest.raises(InvalidFields) as refused:
        checked(desk, manager, table({}), wrong)
    assert refused.value.problems[0].field == "columns.状态.values"


def test_a_bad_phone_may_be_kept_as_text(desk: Desk, manager: Actor) -> None:
    rule = {"field": "client_phone", "keep_as_text": True}
    mapping = mapping_of({"undated": "new", "columns": {"投诉内容": "description", "联系电话": rule}})
    [item] = checked(desk, manager, table({"联系电话": "问门卫"}), mapping).ready
    assert item.case.client_phone == ""
    assert item.case.description == f"{ROW['投诉内容']}\n联系电话: 问门卫"


def test_text_is_not_touched(desk: Desk, manager: Actor) -> None:
    text = '\n\t\t  书记您好，\r\n　　“引号”, "quoted"; =1+1\t \n'
    run_import(desk, actor=manager, checked=checked(desk, manager, table({"投诉内容": text})))
    assert cases(desk)[0].description == text


def test_the_same_file_twice_adds_nothing(desk: Desk, manager: Actor) -> None:
    content = table({}, {"工单编号": "GD-2"}, {"工单编号": "GD-2"})
    first = run_import(desk, actor=manager, checked=checked(desk, manager, content))
    assert (first.imported, first.skipped) == (2, 1)
    seq = desk.snapshot.seq
    again = checked(desk, manager, content)
    assert [item.case_no for item in again.skipped] == ["TS-2026-000001", "TS-2026-000002", "TS-2026-000002"]
    second = run_import(desk, actor=manager, checked=again)
    assert (second.imported, second.skipped, second.import_id) == (0, 3, "")
    assert desk.snapshot.seq == seq


def test_rows_without_number_are_known_by_their_content(desk: Desk, manager: Actor) -> None:
    headers = HEADERS[1:]
    content = table({}, {}, {"投诉人": "钱先生"}, headers=headers)
    report = run_import(desk, actor=manager, checked=checked(desk, manager, content))
    assert (report.imported, report.skipped) == (2, 1)
    assert checked(desk, manager, table({}, headers=headers)).ready == ()


def test_a_number_used_for_another_case_is_refused(desk: Desk, manager: Actor) -> None:
    run_import(desk, actor=manager, checked=checked(desk, manager, table({})))
    other = {"投诉时间": "2025-12-31 08:00", "投诉内容": "别的事"}
    [refusal] = checked(desk, manager, table(other)).refusals
    assert (refusal.column, refusal.reason) == ("工单编号", "number_taken")
    apart = mapping_of(
        {"source": "分店", "undated": "new", "columns": {"工单编号": "source_ref", "投诉内容": "description"}}
    )
    assert len(checked(desk, manager, table(other), apart).ready) == 1


def test_an_import_broken_off_goes_on(
    desk: Desk, manager: Actor, open_another: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "CHUNK", 10)
    content = table(*({"工单编号": f"GD-{n}"} for n in range(35)))

    def crash(done: int, total: int) -> None:
        if done == 20:
            raise KeyboardInterrupt

    first = checked(desk, manager, content)
    with pytest.raises(KeyboardInterrupt):
        run_import(desk, actor=manager, checked=first, progress=crash)
    assert desk.snapshot[ImportRun][first.import_id].imported == 20

    elsewhere = open_another()
    again = checked(elsewhere, manager, content)
    assert (again.import_id, again.done, len(again.ready)) == (first.import_id, 20, 15)
    report = run_import(elsewhere, actor=manager, checked=again)
    assert (report.imported, report.skipped, report.import_id) == (35, 0, first.import_id)
    run = elsewhere.snapshot[ImportRun][first.import_id]
    assert (run.rows, run.imported, run.skipped, run.rejected) == (35, 35, 0, 0)
    assert sorted(elsewhere.snapshot[Case]) == [f"TS-2026-{n:06d}" for n in range(1, 36)]
    desk.committer.refresh()
    assert run_import(desk, actor=manager, checked=first).imported == 35
    assert len(cases(desk)) == 35


def test_two_people_importing_at_once(desk: Desk, manager: Actor, open_another: Opener) -> None:
    other = open_another()
    mine = checked(desk, manager, table({}, {"工单编号": "GD-2"}))
    theirs = checked(other, manager, table({"工单编号": "GD-2"}, {"工单编号": "GD-3"}), name="other.csv")
    run_import(desk, actor=manager, checked=mine)
    report = run_import(other, actor=manager, checked=theirs)
    assert (report.imported, report.skipped) == (1, 1)
    assert [case.source_ref for case in cases(other)] == ["GD-1", "GD-2", "GD-3"]
    assert other.snapshot[ImportRun][report.import_id].skipped == 1


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_rejected_rows_can_be_corrected_and_loaded(desk: Desk, manager: Actor, format: str, language: Any) -> None:
    content = table({}, {"工单编号": "GD-2", "联系电话": "12", "投诉内容": "=2+3 是公式吗"})
    found = checked(desk, manager, content)
    with in_language(language):
        back = rejected_file(found, format=format)
    rejected = read_table(back, f"back.{format}", unescape_formula=True)
    assert rejected.headers[:-1] == tuple(HEADERS)
    assert "联系电话" in str(rejected.rows[0].cells[-1])
    cells = [list(row.cells) for row in rejected.rows]
    cells[0][HEADERS.index("联系电话")] = "13800138001"
    corrected = write_csv(rejected.headers, cells)
    report = run_import(desk, actor=manager, checked=checked(desk, manager, corrected))
    assert (report.rows, report.imported, report.rejected) == (1, 1, ())
    assert cases(desk)[-1].description == "=2+3 是公式吗"


def test_undo_takes_an_import_back_as_a_whole(desk: Desk, manager: Actor) -> None:
    content = table({"投诉类别": "鬼屋"}, {"工单编号": "GD-2"})
    report = run_import(desk, actor=manager, checked=checked(desk, manager, content), new_entries=True)
    run_import(desk, actor=manager, checked=checked(desk, manager, table({"工单编号": "GD-9"})))
    assert undo_import(desk, actor=manager, import_id=report.import_id) == 2
    assert [case.source_ref for case in cases(desk)] == ["GD-9"]
    assert desk.snapshot[ImportRun][report.import_id].undone_at == desk.now()
    assert not desk.lists.has("category", "鬼屋")
    assert undo_import(desk, actor=manager, import_id=report.import_id) == 0
    again = run_import(desk, actor=manager, checked=checked(desk, manager, content), new_entries=True)
    assert (again.imported, again.import_id != report.import_id) == (2, True)
    assert sorted(desk.snapshot[Case]) == ["TS-2026-000003", "TS-2026-000004", "TS-2026-000005"]


def test_undo_spares_what_people_have_worked_on(desk: Desk, manager: Actor) -> None:
    content = table({}, {"工单编号": "GD-2"})
    report = run_import(desk, actor=manager, checked=checked(desk, manager, content))
    case = desk.snapshot[Case]["TS-2026-000002"]
    tasks.add_task(desk, actor=manager, case=case, values={"title": "看现场", "owner": "handler"})
    with pytest.raises(ChangedSince) as refused:
        undo_import(desk, actor=manager, import_id=report.import_id)
    assert refused.value.case_nos == ("TS-2026-000002",)
    assert len(cases(desk)) == 2
    assert undo_import(desk, actor=manager, import_id=report.import_id, force=True) == 2
    assert [len(table) for name, table in desk.snapshot.tables.items() if name in ("cases", "tasks")] == [0, 0]


def test_undo_does_not_run_over_somebody_else(desk: Desk, manager: Actor, open_another: Opener) -> None:
    report = run_import(desk, actor=manager, checked=checked(desk, manager, table({})))
    other = open_another()
    handling.edit_facts(other, actor=manager, case=cases(other)[0], values={"room": "301"})
    with pytest.raises((ChangedSince, Conflict)):
        undo_import(desk, actor=manager, import_id=report.import_id)


def test_permission_and_unknown_import(desk: Desk, manager: Actor, people: dict[str, Actor]) -> None:
    handler = people["handler"]
    with pytest.raises(NotAllowed):
        plan_import(desk, actor=handler, content=table({}), filename="a.csv")
    ready = checked(desk, manager, table({}))
    with pytest.raises(NotAllowed):
        run_import(desk, actor=handler, checked=ready)
    with pytest.raises(NotAllowed):
        undo_import(desk, actor=handler, import_id="x")
    with pytest.raises(NotAllowed):
        save_mapping(desk, actor=handler, name="x", mapping=ready.plan.mapping)
    with pytest.raises(NotFound):
        undo_import(desk, actor=manager, import_id="imp-none-1")


def test_saved_mapping(desk: Desk, manager: Actor) -> None:
    mapping = checked(desk, manager, table({})).plan.mapping
    save_mapping(desk, actor=manager, name="物业系统", mapping=mapping)
    changed = mapping.model_copy(update={"source": "旧系统"})
    save_mapping(desk, actor=manager, name=" 物业系统 ", mapping=changed)
    assert saved_mappings(desk) == ["物业系统"]
    assert saved_mapping(desk, "物业系统") == changed
    assert len(checked(desk, manager, table({}), "物业系统").ready) == 1
    with pytest.raises(NotFound):
        checked(desk, manager, table({}), "别的")


def test_mapping_as_toml() -> None:
    mapping = mapping_from_toml(
        """
        source = "旧系统"
        [defaults]
        kind = "repair"
        [columns]
        "内容" = "description"
        [columns."类别"]
        field = "category"
        on_unknown = "reject"
        values = { "漏水" = "quality.leak" }
        """.encode()
    )
    assert isinstance(mapping, ImportMapping)
    assert mapping.defaults.kind == "repair"
    assert (mapping.columns["内容"].field, mapping.columns["类别"].on_unknown) == ("description", "reject")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[columns]\n内容 = 1", "columns"),
        ('[columns]\n"内容" = "nothing"', "columns.内容"),
        ('[columns]\n"a" = "title"\n"b" = "title"', "columns"),
        ('[columns."a"]\nfield = "category"\non_unknown = "burn"', "columns.a.on_unknown"),
        ('[columns."a"]\nfield = "stage"\non_unknown = "add"', "columns.a"),
        ('[columns]\n"a" = "title"\n[defaults]\npriority = "P9"', "defaults.priority"),
        ("colour = 1\n[columns]\na = 'title'", "colour"),
        ("not toml", "file"),
        ("", "columns"),
    ],
)
def test_wrong_mapping_names_the_key(text: str, key: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        mapping_from_toml(text.encode("gb18030" if key == "columns" and "内容" in text else "utf-8"))
    assert refused.value.tab == "mapping"
    found = refused.value.problems[0].field
    assert found == ("file" if "内容 = 1" in text else key)


def test_a_file_that_says_nothing_about_a_case(desk: Desk, manager: Actor) -> None:
    with pytest.raises(InvalidFields) as refused:
        plan_import(desk, actor=manager, content=b"a,b\n1,2\n", filename="a.csv")
    assert refused.value.problems[0].code == "no_column"


def test_columns_of_a_mapping_that_the_file_lacks(desk: Desk, manager: Actor) -> None:
    mapping = mapping_of({"undated": "new", "columns": {"投诉内容": "description", "从前的栏": "room"}})
    plan = plan_import(desk, actor=manager, content=table({}), filename="a.csv", mapping=mapping)
    assert plan.absent == ("从前的栏",)
    assert len(check_rows(desk, plan).ready) == 1


def test_progress_is_told(desk: Desk, manager: Actor) -> None:
    told: list[tuple[int, int]] = []
    plan = plan_import(desk, actor=manager, content=table({}, {"工单编号": "2"}), filename="a.csv")
    ready = check_rows(desk, plan, lambda done, total: told.append((done, total)))
    run_import(desk, actor=manager, checked=ready, progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 2), (0, 2), (2, 2)]


def shared(*parts: str) -> bytes:
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs the sample {'/'.join(parts)}, which is not here")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("parts", "rejected", "stages"),
    [
        (("nyc311", "fedhere.csv"), {}, {"closed", "in_progress", "new"}),
        (("nyc311", "jasonlin.csv"), {"closed_but_open": 1}, {"closed", "in_progress", "new"}),
        (("nyc311", "rjhcarto.csv"), {"before_intake": 17}, {"closed", "assigned"}),
        (("tipdm2020_sample", "附件3.xlsx"), {}, {"new"}),
        (("tipdm2020_sample", "附件4.xlsx"), {}, {"answered"}),
    ],
)
def test_real_files_come_in_as_suggested(
    desk: Desk, manager: Actor, parts: tuple[str, str], rejected: dict[str, int], stages: set[str]
) -> None:
    content = shared(*parts)
    found = checked(desk, manager, content, name=parts[1])
    reasons = {row: {item.reason for item in items} for row, items in found.rejected_rows.items()}
    assert {code: sum(code in codes for codes in reasons.values()) for code in rejected} == rejected
    assert len(reasons) == sum(rejected.values())
    report = run_import(desk, actor=manager, checked=found, new_entries=True)
    assert report.imported + len(reasons) == report.rows > 0
    assert {case.stage for case in cases(desk)} == stages
    assert checked(desk, manager, content, name=parts[1]).ready == ()


def test_real_text_and_answers_come_back_unchanged(desk: Desk, manager: Actor) -> None:
    content = shared("tipdm2020_sample", "附件4.xlsx")
    run_import(desk, actor=manager, checked=checked(desk, manager, content, name="附件4.xlsx"), new_entries=True)
    source = read_table(content, "附件4.xlsx")
    by_ref = {case.source_ref: case for case in cases(desk)}
    at = {header: place for place, header in enumerate(source.headers)}
    for row in source.rows:
        case = by_ref[str(row.cells[at["留言编号"]])]
        assert case.description == row.cells[at["留言详情"]]
        assert case.answer_text == row.cells[at["答复意见"]]
        assert case.answered_at is not None
        assert case.answered_at - case.taken_at > timedelta()


def test_odd_files_are_refused_clearly_or_planned(desk: Desk, manager: Actor) -> None:
    if not (SHARED / "tables").is_dir():
        pytest.skip("needs the folder of odd tables, which is not here")
    for path in sorted((SHARED / "tables").iterdir()):
        try:
            plan = plan_import(desk, actor=manager, content=path.read_bytes(), filename=path.name)
            found = check_rows(desk, plan)
        except (UnreadableTable, InvalidFields):
            continue
        assert len(found.ready) + len(found.skipped) + len(found.rejected_rows) == found.rows


def test_items_added_keep_two_spellings_as_one(desk: Desk, manager: Actor) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([["Details", "Complaint Type", "Created Date"]])
    writer.writerows([["a", "Noise - Street", "2026-01-05"], ["b", "NOISE/STREET", "2026-01-05"]])
    run_import(desk, actor=manager, checked=checked(desk, manager, out.getvalue().encode()), new_entries=True)
    assert {case.category for case in cases(desk)} == {"noise_street"}
    assert desk.snapshot[ListItem]["category.noise_street"].en == "Noise - Street"

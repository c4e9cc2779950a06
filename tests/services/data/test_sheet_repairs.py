"""Data health on a spreadsheet: what managers typed wrongly is shown, and one click puts it right in their cells."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.services.cases import handling
from lib.services.data import fix as fixing
from lib.services.data.health import HealthProblem, address, record_problems, steps_instead, without_key
from lib.services.parts import evidence
from lib.words.names import reason_words
from tests.cases import assigned, move, take_in
from tests.google.server import SheetsServer
from tests.store.sheets.support import Sheets
from tests.support import Clock, actors_of, open_workspace

TAB = "案件"


@pytest.fixture
def sheets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sheets]:
    with SheetsServer() as server:
        monkeypatch.setenv("CASESHEET_GOOGLE_ENDPOINT", server.url)
        yield Sheets(server)


@pytest.fixture
def desk(tmp_path: Path, clock: Clock, sheets: Sheets) -> Iterator[Desk]:
    """A workspace in a spreadsheet; it stands in for the usual one, and so do its people."""
    opened = open_workspace(tmp_path, clock, store=f"gsheets://{sheets.id}")
    yield opened
    opened.store.close()


@pytest.fixture
def case(desk: Desk, people: dict[str, Actor]) -> Case:
    return take_in(desk, people["intake"])


def found(desk: Desk) -> list[HealthProblem]:
    """What is wrong in the tab of cases, as the page shows it after a look at the sheet."""
    desk.committer.keep_up()
    return [problem for problem in record_problems(desk) if problem.tab == "cases"]


def fix(desk: Desk, problems: list[HealthProblem]) -> None:
    values = {problem.field: problem.suggestion for problem in problems if problem.confidence}
    fixing.fix(desk, actor=actors_of(desk)["manager"], problems=problems, values=values)


def test_a_cell_that_is_put_right_is_not_shown_any_more(sheets: Sheets, desk: Desk, case: Case) -> None:
    sheets.manager.set_cell(TAB, 2, "发生日期", "26年3月1日")
    wrong = found(desk)
    assert [(one.key, one.field, one.suggestion) for one in wrong] == [(case.case_no, "occurred_on", "2026-03-01")]
    fix(desk, wrong)
    assert record_problems(desk) == []  # without another look at the sheet
    assert desk.snapshot[Case][case.case_no].occurred_on is not None
    assert found(desk) == []


def test_a_row_put_right_is_gone_also_where_another_turns_bad_meanwhile(
    sheets: Sheets, desk: Desk, case: Case, people: dict[str, Actor]
) -> None:
    other = take_in(desk, people["intake"], client_phone="13900000001")
    sheets.manager.set_cell(TAB, 2, "发生日期", "26年3月1日")
    wrong = found(desk)
    sheets.manager.set_cell(TAB, 3, "发生日期", "前几天")
    desk.committer.refresh()  # seen, and not taken in yet
    fix(desk, wrong)
    assert [one.key for one in record_problems(desk)] == [other.case_no]


def test_a_repair_leaves_other_bad_rows_in_sight(
    sheets: Sheets, desk: Desk, case: Case, people: dict[str, Actor]
) -> None:
    other = take_in(desk, people["intake"], client_phone="13900000001")
    sheets.manager.set_cell(TAB, 2, "发生日期", "26年3月1日")
    sheets.manager.set_cell(TAB, 3, "发生日期", "前几天")
    fix(desk, [one for one in found(desk) if one.key == case.case_no])
    assert [one.key for one in record_problems(desk)] == [other.case_no]


def test_an_edit_beside_a_bad_cell_leaves_it_in_sight(
    sheets: Sheets, desk: Desk, case: Case, people: dict[str, Actor]
) -> None:
    sheets.manager.set_cell(TAB, 2, "发生日期", "前几天")
    assert len(found(desk)) == 1
    seen = desk.snapshot[Case][case.case_no]
    handling.edit_facts(desk, actor=people["manager"], case=seen, values={"title": "厨房漏水"})
    assert [one.field for one in record_problems(desk)] == ["occurred_on"]
    assert [one.field for one in found(desk)] == ["occurred_on"]


def test_a_row_typed_without_a_number_is_shown_and_put_right(sheets: Sheets, desk: Desk, case: Case) -> None:
    sheets.manager.set_cell(TAB, 3, "标题", "电梯故障")
    sheets.manager.set_cell(TAB, 3, "优先级", "紧 急")
    sheets.manager.set_cell(TAB, 3, "发生日期", "26年3月1日")
    wrong = found(desk)
    assert {(one.field, one.suggestion) for one in wrong} == {("priority", "P1"), ("occurred_on", "2026-03-01")}
    assert all(one.hidden and without_key(desk, one) for one in wrong)
    column = sheets.manager.rows(TAB)[0].index("优先级")
    assert str(address(desk, wrong[0])).endswith(("D3", "C3")) or column > 3
    fix(desk, wrong)
    assert [one for one in record_problems(desk) if one.tab == "cases"] == []
    (made,) = [one for one in desk.snapshot[Case].values() if one.title == "电梯故障"]
    assert (made.priority, made.stage, str(made.occurred_on)) == ("P1", "new", "2026-03-01")
    row = sheets.manager.rows(TAB)[2]
    assert row[sheets.manager.column(TAB, "案件编号")] == made.case_no
    assert len([one for one in sheets.manager.rows(TAB)[1:] if any(one)]) == 2


def test_what_is_typed_into_the_row_meanwhile_stays(sheets: Sheets, desk: Desk, case: Case) -> None:
    sheets.manager.set_cell(TAB, 3, "标题", "电梯故障")
    sheets.manager.set_cell(TAB, 3, "发生日期", "26年3月1日")
    wrong = found(desk)
    sheets.manager.set_cell(TAB, 3, "标题", "电梯困人")
    fix(desk, wrong)
    assert found(desk) == []
    assert [one.title for one in desk.snapshot[Case].values()][1:] == ["电梯困人"]
    assert len([row for row in sheets.manager.rows(TAB)[1:] if any(row)]) == 2


STAGE = "阶段"


@pytest.mark.parametrize(
    ("typed", "reason", "missing"),
    [
        ("已结案", "step_kind", ()),  # thanks are for praise
        ("处理中", "no_such_step", ()),
        ("已受理", "step_missing", ("category",)),
        ("不予受理", "step_missing", ("decline_ground", "decline_reason")),
    ],
)
def test_a_stage_typed_past_the_rules_is_reported_and_put_back(
    sheets: Sheets, desk: Desk, case: Case, typed: str, reason: str, missing: tuple[str, ...]
) -> None:
    sheets.manager.set_cell(TAB, 2, STAGE, typed)
    (wrong,) = found(desk)
    assert (wrong.field, wrong.reason, wrong.missing, wrong.suggestion) == ("stage", reason, missing, "new")
    assert desk.snapshot[Case][case.case_no].stage == "new"  # the app goes on from there
    known, moves = steps_instead(desk, wrong) or (None, [])
    assert known == desk.snapshot[Case][case.case_no]
    assert [move.key for move in moves] == ["accept", "ask_more", "decline", "merge", "withdraw"]
    fix(desk, [wrong])
    assert found(desk) == []
    assert sheets.manager.rows(TAB)[1][sheets.manager.column(TAB, STAGE)] == "待研判"


def test_a_stage_typed_within_the_rules_is_a_step(sheets: Sheets, desk: Desk, case: Case, clock: Clock) -> None:
    clock.forward(minutes=20)
    sheets.manager.set_cell(TAB, 2, "分类", "渗漏")
    sheets.manager.set_cell(TAB, 2, STAGE, "已受理")
    assert found(desk) == []
    accepted = desk.snapshot[Case][case.case_no]
    assert (accepted.stage, accepted.stage_since) == ("accepted", desk.now())
    assert accepted.resolve_due is not None
    assert found(desk) == []  # the clocks stand in the sheet now, and nobody typed them


def test_a_stage_typed_without_what_it_needs_is_taken_once_that_is_there(
    sheets: Sheets, desk: Desk, case: Case
) -> None:
    sheets.manager.set_cell(TAB, 2, STAGE, "已受理")
    assert [one.reason for one in found(desk)] == ["step_missing"]
    sheets.manager.set_cell(TAB, 2, "分类", "渗漏")
    assert found(desk) == []
    assert desk.snapshot[Case][case.case_no].stage == "accepted"


def test_a_major_plan_typed_as_offered_needs_its_document(sheets: Sheets, desk: Desk, people: dict[str, Actor]) -> None:
    """Nobody is there to attach the document: data health says that it is missing, and the step is taken once it is."""
    case = move(desk, people["handler"], assigned(desk, people, priority="P1"), "investigate", contacted_at=desk.now())
    sheets.manager.set_cell(TAB, 2, STAGE, "待客户确认")
    (wrong,) = found(desk)
    fields = ("plan_measures", "plan_deadline", "promised_on")
    assert (wrong.field, wrong.reason, wrong.missing) == ("stage", "step_missing", (*fields, "written_plan"))
    for header, text in (("处理措施", "重做防水"), ("方案完成日期", "2026-03-09"), ("承诺日期", "2026-03-03")):
        sheets.manager.set_cell(TAB, 2, header, text)
    (wrong,) = found(desk)
    assert (wrong.reason, wrong.missing) == ("step_missing", ("written_plan",))
    assert desk.snapshot[Case][case.case_no].stage == "investigating"

    desk.committer.keep_up()
    evidence.add(desk, actor=people["handler"], case=case, files=[("方案.txt", "重做防水".encode())], kind="plan")
    assert found(desk) == []
    offered = desk.snapshot[Case][case.case_no]
    assert (offered.stage, offered.planned_at) == ("plan_offered", desk.now())


def test_a_minor_plan_typed_as_offered_needs_no_document(sheets: Sheets, desk: Desk, people: dict[str, Actor]) -> None:
    case = move(desk, people["handler"], assigned(desk, people), "investigate", contacted_at=desk.now())
    for header, text in (("处理措施", "换胶条"), ("方案完成日期", "2026-03-09"), ("承诺日期", "2026-03-04")):
        sheets.manager.set_cell(TAB, 2, header, text)
    sheets.manager.set_cell(TAB, 2, STAGE, "待客户确认")
    assert found(desk) == []
    assert desk.snapshot[Case][case.case_no].stage == "plan_offered"


def by_hand(desk: Desk) -> list[str]:
    """What History tells of people in the sheet, and of what the app did about it."""
    return [str(line["action"]) for line in desk.store.history() if line.get("actor") == "sheet"]


def test_a_number_typed_with_spaces_is_taken_in_once(
    sheets: Sheets, desk: Desk, case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    """Brought to its canonical form, it was not typed over."""
    sheets.manager.set_cell(TAB, 3, "标题", "电梯故障")
    sheets.manager.set_cell(TAB, 3, "客户电话", "138 0013 8000")
    assert found(desk) == []
    assert desk.snapshot[Case][case.case_no[:-1] + "2"].client_phone == "13800138000"
    assert by_hand(desk) == ["number", "added_in_sheet"]
    assert "reached other rows" not in caplog.text


@pytest.mark.trial(15)
def test_a_wait_typed_beyond_its_limit_is_reported_with_the_last_day_allowed(
    sheets: Sheets, desk: Desk, people: dict[str, Actor]
) -> None:
    case = assigned(desk, people)
    for header, text in (("等待原因", "等配件"), ("承诺日期", "2027-01-04"), (STAGE, "等待中")):
        sheets.manager.set_cell(TAB, 2, header, text)
    wrong = next(one for one in found(desk) if one.field == "promised_on")
    assert (wrong.field, wrong.reason, wrong.suggestion) == ("promised_on", "wait_too_long", "2026-03-09")
    assert "{" not in reason_words(wrong.reason)
    assert desk.snapshot[Case][case.case_no].stage == "assigned"
    sheets.manager.set_cell(TAB, 2, "承诺日期", "2026-03-09")
    assert found(desk) == []
    assert desk.snapshot[Case][case.case_no].stage == "waiting"


@pytest.mark.trial(4)
@pytest.mark.parametrize("cell", [2958465, "9999-12-31T23:59:59-08:00", "0001-01-01T00:00:00+08:00"], ids=str)
def test_a_time_without_an_end_stops_nobody(
    sheets: Sheets, desk: Desk, case: Case, people: dict[str, Actor], cell: object
) -> None:
    """2958465 is 9999-12-31 as a spreadsheet keeps it."""
    sheets.manager.set_cell(TAB, 2, "上门时间", cell)
    sheets.manager.set_cell(TAB, 2, "发生日期", "9999-12-31")
    assert {(one.key, one.field) for one in found(desk)} == {(case.case_no, "visit_at"), (case.case_no, "occurred_on")}
    assert take_in(desk, people["intake"], client_phone="13900000001").case_no != case.case_no

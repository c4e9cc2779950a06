"""Cases without a date, rows that are no cases, and old open cases: nothing begins now because nobody looked."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Alert
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields
from lib.services.alerts.alerts import silent_at, upcoming
from lib.services.alerts.escalation import raise_alerts
from lib.services.cases import handling
from lib.services.data.importing import run_import, save_mapping, saved_mapping
from lib.services.data.importing.mapping import mapping_of
from tests.services.data.importing.files import dry_run
from tests.support import Clock

UNDATED = "编号,客户姓名,问题描述\n1,张三,厨房漏水\n2,李四,墙面开裂\n"
COLUMNS = {"编号": "source_ref", "客户姓名": "client_name", "问题描述": "description"}
OLD = "编号,问题描述,受理时间,状态\n1,厨房漏水,2025-03-03 10:00,处理中\n2,墙面开裂,2025-03-04 10:00,待补充\n"


@pytest.fixture
def manager(people: dict[str, Actor]) -> Actor:
    return people["manager"]


def cases(desk: Desk) -> list[Case]:
    return list(desk.snapshot[Case].values())


@pytest.mark.trial(6)
def test_a_file_without_a_date_column_is_asked_about(desk: Desk, manager: Actor) -> None:
    with pytest.raises(InvalidFields) as refused:
        dry_run(desk, manager, UNDATED)
    assert [(one.field, one.code) for one in refused.value.problems] == [("taken_at", "no_date_column")]


@pytest.mark.trial(6)
def test_cases_that_are_new_today_begin_now(desk: Desk, manager: Actor) -> None:
    run_import(desk, actor=manager, checked=dry_run(desk, manager, UNDATED, {"undated": "new", "columns": COLUMNS}))
    for case in cases(desk):
        assert case.taken_at == desk.now()
        assert case.acknowledge_due is not None
        assert case.acknowledge_due > desk.now()
        assert not case.unalerted


@pytest.mark.trial(6)
def test_cases_of_one_day_are_of_that_day(desk: Desk, manager: Actor) -> None:
    mapping = {"undated": "2025-03-01", "columns": COLUMNS}
    run_import(desk, actor=manager, checked=dry_run(desk, manager, UNDATED, mapping))
    for case in cases(desk):
        assert case.taken_at == datetime.fromisoformat("2025-03-01T00:00+08:00")
        assert case.acknowledge_due is None


@pytest.mark.trial(6)
def test_a_blank_date_is_refused_until_somebody_decides(desk: Desk, manager: Actor) -> None:
    text = "编号,问题描述,受理时间\n1,厨房漏水,2025-03-03 10:00\n2,墙面开裂,\n"
    found = dry_run(desk, manager, text)
    assert [(one.row, one.column, one.reason) for one in found.refusals] == [(3, "受理时间", "no_date")]
    mapping = {"columns": {"编号": "source_ref", "问题描述": "description", "受理时间": "taken_at"}}
    decided = dry_run(desk, manager, text, {**mapping, "undated": "2025-02-01"})
    assert [item.case.taken_at.date().isoformat() for item in decided.ready] == ["2025-03-03", "2025-02-01"]


@pytest.mark.trial(6)
@pytest.mark.parametrize("undated", ["new", "2025-03-01"])
def test_undated_rows_are_skipped_when_the_file_comes_again(
    desk: Desk, manager: Actor, clock: Clock, undated: str
) -> None:
    mapping = {"undated": undated, "columns": COLUMNS}
    twice = UNDATED + "2,李四,墙面开裂\n"
    run_import(desk, actor=manager, checked=dry_run(desk, manager, twice, mapping))
    clock.now += timedelta(days=3)
    again = dry_run(desk, manager, twice, mapping)
    assert (again.ready, again.refusals, [item.row for item in again.skipped]) == ((), (), [2, 3, 4])


@pytest.mark.trial(6)
@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("3,合计,,", "total"),
        ("合 计：,,,12", "total"),
        ("共 2 条,,,", "total"),
        (",小计,2,\"1,200.00元\"", "total"),
        ("Grand Total,,2,", "total"),
        ("制表人：王芳,,审核人：,", "footer"),
        ("制表人,王芳,,", "footer"),
        ("打印时间: 2026-01-05 10:00,,,", "footer"),
        ("第 1 页 共 3 页,,,", "footer"),
        ("注：以上数据截至月底,,,", "footer"),
        ("编号,客户姓名,问题描述,受理时间", "header_again"),
    ],
)  # fmt: skip
def test_rows_that_are_no_cases_are_left_out_with_a_remark(desk: Desk, manager: Actor, line: str, what: str) -> None:
    text = f"编号,客户姓名,问题描述,受理时间\n1,张三,厨房漏水,2026-01-05\n2,李四,墙面开裂,2026-01-05\n{line}\n"
    found = dry_run(desk, manager, text)
    assert (found.rows, len(found.ready), found.refusals) == (2, 2, ())
    [remark] = found.remarks
    assert (remark.row, remark.what) == (4, what)


@pytest.mark.trial(6)
@pytest.mark.parametrize("line", ["3,合计,电梯坏了,2026-01-05", "3,张三,合计,2026-01-05", "3,注,注：见照片,2026-01-05"])
def test_a_case_that_only_sounds_like_a_total_is_a_case(desk: Desk, manager: Actor, line: str) -> None:
    text = f"编号,客户姓名,问题描述,受理时间\n1,张三,厨房漏水,2026-01-05\n{line}\n"
    found = dry_run(desk, manager, text)
    assert (len(found.ready), found.remarks) == (2, ())


@pytest.mark.trial(6)
def test_numbers_printed_ahead_are_no_cases(desk: Desk, manager: Actor) -> None:
    text = "序号,问题描述,受理时间\n1,厨房漏水,2026-01-05\n2,,\n3,,\n"
    found = dry_run(desk, manager, text)
    assert [(item.row, item.what) for item in found.remarks] == [(3, "number_only"), (4, "number_only")]
    assert (len(found.ready), found.refusals) == (1, ())


@pytest.mark.trial(6)
def test_a_table_as_a_small_company_keeps_it(desk: Desk, manager: Actor) -> None:
    """A title, a header of two rows with merged cells, a total, and who made it."""
    text = (
        "2026年1月客户投诉登记表,,,,,\n序号,客户,,房屋,,投诉时间,投诉内容\n,姓名,电话,小区,房号,,\n"
        "1,王芳,13800138000,阳光花园,1201,2026-01-05,厨房漏水\n2,李雷,13800138001,翠苑,301,2026-01-06,墙面开裂\n"
        "合计,2,,,,,\n制表人：赵六,,,,审核人：,,\n"
    )
    found = dry_run(desk, manager, text)
    assert [item.what for item in found.remarks] == ["total", "footer"]
    assert found.refusals == ()
    first, second = (item.case for item in found.ready)
    assert (first.client_name, first.client_phone, first.community, first.room) == (
        "王芳", "13800138000", "阳光花园", "1201",
    )  # fmt: skip
    assert second.description == "墙面开裂"


@pytest.mark.trial(6)
def test_old_open_cases_come_in_without_alerts(desk: Desk, manager: Actor) -> None:
    run_import(desk, actor=manager, checked=dry_run(desk, manager, OLD))
    assert raise_alerts(desk) == 0
    for case in cases(desk):
        assert (case.unalerted, case.resolve_due, case.acknowledge_due) == (True, None, None)
        assert (upcoming(desk, case), silent_at(desk, case)) == ((), None)
    waiting = next(case for case in cases(desk) if case.stage == "need_info")
    assert waiting.paused_at is not None


@pytest.mark.trial(6)
def test_a_due_time_of_the_file_stays_and_alerts_nobody(desk: Desk, manager: Actor) -> None:
    text = "编号,问题描述,受理时间,状态,截止时间\n1,厨房漏水,2025-03-03 10:00,处理中,2025-03-10 18:00\n"
    run_import(desk, actor=manager, checked=dry_run(desk, manager, text))
    [case] = cases(desk)
    assert case.resolve_due == datetime.fromisoformat("2025-03-10T18:00+08:00")
    assert raise_alerts(desk) == 0


@pytest.mark.trial(6)
def test_alerts_begin_when_somebody_takes_an_old_case_up(desk: Desk, manager: Actor) -> None:
    text = "编号,问题描述,受理时间,分类\n1,厨房漏水,2025-03-03 10:00,渗漏\n"
    run_import(desk, actor=manager, checked=dry_run(desk, manager, text))
    [case] = cases(desk)
    handling.make_move(desk, actor=manager, case=case, move="accept", values={})
    [case] = cases(desk)
    assert not case.unalerted
    assert case.contact_due is not None
    assert case.contact_due > desk.now()
    assert upcoming(desk, case)


@pytest.mark.trial(6)
def test_clocks_run_since_the_intake_on_request(desk: Desk, manager: Actor) -> None:
    mapping: dict[str, Any] = {
        "clocks": True,
        "columns": {"编号": "source_ref", "问题描述": "description", "受理时间": "taken_at", "状态": "stage"},
    }
    run_import(desk, actor=manager, checked=dry_run(desk, manager, OLD, mapping))
    working = next(case for case in cases(desk) if case.stage == "in_progress")
    assert not working.unalerted
    assert working.resolve_due is not None
    assert working.resolve_due < desk.now()
    assert raise_alerts(desk) > 0
    assert {alert.case_no for alert in desk.snapshot[Alert].values()} >= {working.case_no}


@pytest.mark.trial(6)
@pytest.mark.parametrize("undated", ["new", "2025-03-01"])
def test_what_was_decided_is_kept_with_the_mapping(desk: Desk, manager: Actor, undated: str) -> None:
    mapping = mapping_of({"undated": undated, "clocks": True, "columns": COLUMNS})
    save_mapping(desk, actor=manager, name="旧表", mapping=mapping)
    assert saved_mapping(desk, "旧表") == mapping


@pytest.mark.trial(6)
def test_a_decision_that_is_no_day_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidFields) as refused:
        mapping_of({"undated": "yesterday", "columns": COLUMNS})
    assert refused.value.problems[0].field == "undated"


@pytest.mark.trial(9)
def test_what_the_file_does_not_say_stays_blank(desk: Desk, manager: Actor) -> None:
    text = "编号,问题描述,受理时间,渠道,类型\n1,厨房漏水,2025-03-03 10:00,,\n2,墙面开裂,2025-03-03 10:00,电话,报修\n"
    run_import(desk, actor=manager, checked=dry_run(desk, manager, text))
    blank, said = cases(desk)
    assert (blank.channel, blank.kind, blank.branch, blank.taken_by) == ("", "", "", "")
    assert (said.channel, said.kind) == ("hotline", "repair")

"""What stands in the cells of a file: read as it was meant, put right where that can be known, or refused."""

import re
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.workspace import ListItem
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields
from lib.services.data.importing import Checked, ColumnRule, check_rows, plan_import, run_import, undo_import
from lib.services.data.importing.mapping import mapping_of
from lib.services.workspace.lists import edit_item

CASES = Path(__file__).resolve().parents[5] / "shared" / "cases"


@pytest.fixture
def manager(people: dict[str, Actor]) -> Actor:
    return people["manager"]


def checked(desk: Desk, actor: Actor, text: str) -> Checked:
    return check_rows(desk, plan_import(desk, actor=actor, content=text.encode(), filename="a.csv"))


@pytest.mark.trial(4)
def test_one_column_of_two_digit_years_and_windows_is_read_in_one_way(desk: Desk, manager: Actor) -> None:
    rows = "".join(f"{day},漏水 {day}\n" for day in ("24/03/05", "24/03/15 14:00-15:00", "24/3/5", "24/13/05"))
    found = checked(desk, manager, f"投诉时间,投诉内容\n{rows}")
    assert [f"{item.case.taken_at:%Y-%m-%d %H:%M}" for item in found.ready] == [
        "2024-03-05 00:00", "2024-03-15 14:00", "2024-03-05 00:00",
    ]  # fmt: skip
    assert [(item.row, item.reason) for item in found.refusals] == [(5, "date_out_of_range")]


@pytest.mark.trial(4)
def test_mappings_saved_with_the_former_key_still_hold() -> None:
    rule = ColumnRule.model_validate({"field": "taken_at", "day_first": True})
    assert rule.order == "dmy"
    assert ColumnRule.model_validate({"field": "taken_at", "day_first": None}).order is None


def workbook(*rows: tuple[object, ...], formats: dict[str, str] | None = None, merged: tuple[str, ...] = ()) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cell, code in (formats or {}).items():
        sheet[cell].number_format = code
    for cells in merged:
        sheet.merge_cells(cells)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def of_workbook(desk: Desk, actor: Actor, content: bytes) -> Checked:
    return check_rows(desk, plan_import(desk, actor=actor, content=content, filename="a.xlsx"))


HEADERS = ("投诉时间", "投诉人", "联系电话", "投诉内容", "房号", "部门")
AT = "2026-02-03 09:30"


@pytest.mark.trial(5)
def test_a_room_that_became_a_date_is_the_room_or_refused(desk: Desk, manager: Actor) -> None:
    day = datetime(2026, 3, 12)  # noqa: DTZ001 - as a spreadsheet has it
    rows = [(AT, "赵女士", "13800138000", f"漏水{at}", day) for at in range(3)]
    formats = {"E2": 'm"月"d"日"', "E3": "d-mmm", "E4": "yyyy-mm-dd"}
    found = of_workbook(desk, manager, workbook(HEADERS[:5], *rows, formats=formats))
    assert [item.case.room for item in found.ready] == ["3-12"]
    assert [(item.row, item.column, item.reason) for item in found.refusals] == [
        (3, "房号", "became_a_date"), (4, "房号", "became_a_date"),
    ]  # fmt: skip


@pytest.mark.trial(5)
def test_merged_cells_are_there_for_each_of_their_rows(desk: Desk, manager: Actor) -> None:
    rows = [(AT, "赵女士", "13800138000", "厨房漏水"), (AT, None, None, "窗户漏风"), (AT, "王先生", None, "异响")]
    found = of_workbook(desk, manager, workbook(HEADERS[:4], *rows, merged=("B2:B3", "C2:C3")))
    assert [(item.case.client_name, item.case.client_phone) for item in found.ready] == [
        ("赵女士", "13800138000"), ("赵女士", "13800138000"), ("王先生", ""),
    ]  # fmt: skip


@pytest.mark.trial(5)
def test_errors_of_a_spreadsheet_and_formulas_without_a_result_are_no_values(desk: Desk, manager: Actor) -> None:
    rows = [(AT, "赵女士", "13800138000", "漏水", "1", "#N/A"), (AT, "赵女士", "13800138000", "#REF!", "1", "销售部"),
            (AT, "赵女士", "=B2", "异响", "1", "销售部"),
            (AT, "#VALUE!", "13800138000", "异响", "1", "销售部")]  # fmt: skip
    found = of_workbook(desk, manager, workbook(HEADERS, *rows))
    assert [(item.row, item.case.department) for item in found.ready] == [(2, "")]
    assert [(item.row, item.column, item.reason) for item in found.refusals] == [
        (3, "投诉内容", "spreadsheet_error"), (4, "联系电话", "formula_without_value"),
        (5, "投诉人", "spreadsheet_error"),
    ]  # fmt: skip
    assert ("部门", "#N/A", "emptied") in [(item.column, item.value, item.what) for item in found.remarks]
    as_text = "\n".join(",".join(map(str, row)) for row in (HEADERS, *rows))
    assert next(item.reason for item in checked(desk, manager, as_text).refusals) == "spreadsheet_error"


@pytest.mark.trial(5)
@pytest.mark.parametrize(
    ("cell", "phone", "noted"),
    [
        ("1.3800138E+10", "13800138000", False),
        ("1.3800138E10", "13800138000", False),
        ("13800138000（微信同号）", "13800138000", True),
        ("王先生 13800138000", "13800138000", True),
        ("'13800138000", "13800138000", False),
        ("１３８００１３８０００", "13800138000", False),
        ("1.38E+10", "digits_lost", False),
        ("13800138000/13900139000", "phone_several_numbers", False),
    ],
)
def test_a_telephone_number_as_small_companies_have_it(
    desk: Desk, manager: Actor, cell: str, phone: str, noted: bool
) -> None:
    found = checked(desk, manager, f"投诉时间,联系电话,投诉内容\n{AT},{cell},漏水\n")
    assert [item.case.client_phone for item in found.ready] + [item.reason for item in found.refusals] == [phone]
    assert [f"联系电话: {cell}" in item.case.description for item in found.ready] == [noted] * len(found.ready)


@pytest.mark.trial(5)
def test_digits_that_a_spreadsheet_lost_are_not_taken(desk: Desk, manager: Actor) -> None:
    rows = [(AT, "赵女士", "13800138000", "漏水", 310104199001011234), (AT, "赵女士", "13800138000", "漏水", 1201)]
    found = of_workbook(desk, manager, workbook(HEADERS[:5], *rows))
    assert [item.case.room for item in found.ready] == ["1201"]
    assert [(item.row, item.reason) for item in found.refusals] == [(2, "digits_lost")]


@pytest.mark.trial(5)
def test_apostrophes_and_full_width_letters_are_what_was_meant(desk: Desk, manager: Actor) -> None:
    found = checked(desk, manager, f"投诉时间,投诉内容,房号,优先级\n{AT},'好' 不好,'3-12,Ｐ１\n")
    [case] = [item.case for item in found.ready]
    assert (case.room, case.priority, case.description) == ("3-12", "P1", "'好' 不好")


@pytest.mark.trial(5)
def test_a_date_format_that_chinese_excel_gives_by_number_alone_is_one(desk: Desk, manager: Actor) -> None:
    row = (AT, "赵女士", "13800138000", "漏水", datetime(2026, 3, 12))  # noqa: DTZ001 - as a spreadsheet has it
    content, out = workbook(HEADERS[:5], row, formats={"E2": 'm"月"d"日"'}), BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("styles.xml"):
                part = re.sub(rb"<numFmts.*?</numFmts>", b"", part).replace(b'numFmtId="165"', b'numFmtId="58"')
                assert b'"58"' in part
            new.writestr(name, part)
    assert [item.case.room for item in of_workbook(desk, manager, out.getvalue()).ready] == ["3-12"]


@pytest.mark.skipif(not CASES.is_dir(), reason=f"no folder {CASES}")
@pytest.mark.trial(5)
def test_the_files_that_failed(desk: Desk, manager: Actor) -> None:
    def cases(name: str) -> list[Case]:
        plan = plan_import(desk, actor=manager, content=(CASES / name).read_bytes(), filename=name)
        return [item.case for item in check_rows(desk, plan).ready]

    assert [case.room for case in cases("room_became_a_date.xlsx")] == ["3-12"]
    assert [(case.client_name, case.client_phone) for case in cases("merged_client.xlsx")] == [
        ("赵女士", "13800138000"),
        ("赵女士", "13800138000"),
    ]
    at = [f"{case.taken_at:%Y-%m-%d %H:%M}" for case in cases("time_window.csv")]
    assert at == ["2026-02-03 14:00", "2026-02-03 09:00", "2026-02-03 14:00"]


@pytest.mark.trial(5)
def test_new_list_entries_are_asked_for_and_go_with_the_undo(desk: Desk, manager: Actor) -> None:
    before = set(desk.snapshot[ListItem])
    rows = "".join(f"{AT},漏水{at},类别{at % 30}\n" for at in range(90))
    columns = {"投诉时间": "taken_at", "投诉内容": "description", "投诉类别": "category"}
    text = f"投诉时间,投诉内容,投诉类别\n{rows}".encode()
    plan = plan_import(desk, actor=manager, content=text, filename="a.csv", mapping=mapping_of({"columns": columns}))
    found = check_rows(desk, plan)
    with pytest.raises(InvalidFields) as asked:
        run_import(desk, actor=manager, checked=found)
    [problem] = asked.value.problems
    assert (problem.field, problem.code, problem.facts) == ("category", "new_entries", {"n": 30})
    assert problem.value.startswith("类别0, 类别1, ")
    assert set(desk.snapshot[ListItem]) == before
    report = run_import(desk, actor=manager, checked=found, new_entries=True)
    assert len(set(desk.snapshot[ListItem]) - before) == 30
    kept, renamed = (desk.snapshot[ListItem].require(f"category.类别{at}") for at in (3, 4))
    edit_item(desk, actor=manager, item=renamed, values={"zh": "另一类"})
    other = f"投诉时间,投诉内容,投诉类别\n{AT},异响,类别3\n".encode()
    plan = plan_import(desk, actor=manager, content=other, filename="b.csv", mapping=plan.mapping)
    run_import(desk, actor=manager, checked=check_rows(desk, plan))
    undo_import(desk, actor=manager, import_id=report.import_id)
    assert set(desk.snapshot[ListItem]) - before == {kept.item_id, renamed.item_id}


@pytest.mark.trial(4)
@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9999-12-31"])
def test_an_impossible_year_refuses_its_row_and_not_the_file(desk: Desk, manager: Actor, day: str) -> None:
    found = checked(desk, manager, f"投诉时间,投诉内容\n{day},漏水\n{AT},异响\n")
    assert [item.row for item in found.ready] == [3]
    assert [(item.row, item.column, item.reason) for item in found.refusals] == [(2, "投诉时间", "date_out_of_range")]

"""Exporting: labels, local times, masks, and text that is inert and comes back as it was."""

import json
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields, NotAllowed, NotFound
from lib.services.data.conditions import cases_where
from lib.services.data.exporting import export_cases, exported_fields
from lib.services.data.importing import check_rows, plan_import, run_import
from lib.services.data.importing.fields import importable
from lib.store.commit.batch import NEW, create
from lib.tabular.formats.escapes import looks_like_formula
from lib.tabular.reading import read_table
from tests.support import Clock, actors_of, open_workspace

STRINGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "strings"
OWN_STRINGS = (
    "=1+1", "+SUM(A1)", "-2+3", "@cmd", "'=quoted", "''", "\t=tab", " \r\n=line", "＝全角",
    'DDE ("cmd";"/C calc";"!A0")', "_x0041_", "\x07\x1b", "<script>alert(1)</script>", "  两边空格  ", 'a,b;c\td"e"',
    "👩‍👩‍👧 𠮷野家", "#N/A", "TRUE", "001", "1e5", "\u200b=zero width", "line\nbreak\r\nand\rreturn", "N/A", "无",
)  # fmt: skip
TEXTS = tuple(
    name
    for name in exported_fields()
    if columns(Case)[name].kind in ("text", "long_text")
    and not columns(Case)[name].locked
    and name not in ("title", "description")
)


@pytest.fixture
def manager(people: dict[str, Actor]) -> Actor:
    return people["manager"]


def add(desk: Desk, clock: Clock, *values: dict[str, Any]) -> list[Case]:
    """Cases as given, one save."""
    base = {"stage": "new", "taken_at": clock(), "taken_by": "intake", "description": "漏水", "title": "漏水"}
    base |= {"kind": "repair", "channel": "hotline", "client_name": "张三丰", "client_phone": "13800138000"}
    made = [Case.model_validate({"case_no": f"{NEW}{at}", **base, **one}) for at, one in enumerate(values)]
    receipt = desk.save(actors_of(desk)["manager"], [create(case) for case in made])
    return [desk.snapshot[Case][key] for tab, key in receipt.created if tab == "cases"]


def rows_of(content: bytes, format: str) -> list[dict[str, Any]]:
    table = read_table(content, f"x.{format}", unescape_formula=True)
    return [dict(zip(table.headers, row.cells, strict=True)) for row in table.rows]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "zh_CN",
            {
                "案件编号": "TS-2026-000001",
                "阶段": "待研判",
                "类型": "报修",
                "分类": "房屋质量 / 渗漏",
                "责任人": "李经办",
            },
        ),
        ("en", {"Case number": "TS-2026-000001", "Stage": "New", "Kind": "Repair", "Assignee": "李经办"}),
    ],
)
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_labels_and_local_times(
    desk: Desk, manager: Actor, clock: Clock, format: Any, language: str, expected: dict[str, str]
) -> None:
    add(desk, clock, {"category": "quality.leak", "assignee": "handler"})
    content = export_cases(desk, actor=manager, cases=["TS-2026-000001"], format=format, language=language)
    [row] = rows_of(content, format)
    assert {name: row[name] for name in expected} == expected
    taken = row["受理时间" if language == "zh_CN" else "Taken in at"]
    assert (taken if isinstance(taken, datetime) else datetime.fromisoformat(taken)) == datetime(2026, 3, 2, 10)  # noqa: DTZ001


def test_json_lines_keep_the_offset(desk: Desk, manager: Actor, clock: Clock) -> None:
    cases = add(desk, clock, {}, {})
    content = export_cases(desk, actor=manager, cases=cases, format="jsonl", language="en")
    lines = [json.loads(line) for line in content.decode().splitlines()]
    assert [line["case_no"] for line in lines] == ["TS-2026-000001", "TS-2026-000002"]
    assert lines[0]["taken_at"] == "2026-03-02T10:00:00+08:00"


def test_the_order_and_columns_asked_for(desk: Desk, manager: Actor, clock: Clock) -> None:
    one, two = add(desk, clock, {}, {})
    content = export_cases(
        desk, actor=manager, cases=[two, one], format="csv", language="en", columns=["title", "case_no"]
    )
    assert content.decode("utf-8-sig").splitlines() == [
        "Title,Case number", "漏水,TS-2026-000002", "漏水,TS-2026-000001",
    ]  # fmt: skip
    with pytest.raises(InvalidFields) as refused:
        export_cases(desk, actor=manager, cases=[one], format="csv", language="en", columns=["nothing"])
    assert refused.value.problems[0].code == "unknown_field"
    with pytest.raises(NotFound):
        export_cases(desk, actor=manager, cases=["TS-1"], format="csv", language="en")


def test_personal_data_is_masked_case_by_case(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    cases = add(desk, clock, {"department": "service", "room": "301"}, {"department": "sales", "room": "302"})
    content = export_cases(desk, actor=people["head"], cases=cases, format="csv", language="en")
    mine, other = rows_of(content, "csv")
    assert (mine["Client name"], mine["Client phone"], mine["Room"]) == ("张三丰", "13800138000", "301")
    assert "13800138000" not in str(other.values())
    assert (other["Client name"], other["Room"]) == ("张**", "***")
    assert other["Client phone"].endswith("8000")


def test_an_export_is_in_history(desk: Desk, manager: Actor, clock: Clock) -> None:
    cases = add(desk, clock, {}, {})
    export_cases(desk, actor=manager, cases=cases, format="xlsx", language="en")
    [line] = desk.history(actions=["export"])
    assert (line.actor, line.tab, line.text) == ("manager", "cases", "xlsx 2")


def test_who_may_not_export(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    with pytest.raises(NotAllowed):
        export_cases(desk, actor=people["handler"], cases=add(desk, clock, {}), format="csv", language="en")
    assert desk.history(actions=["export"]) == []


def test_headers_are_unique() -> None:
    known = columns(Case)
    for language in ("zh_CN", "en"):
        labels = [known[name].label(language) for name in exported_fields()]
        assert len(set(labels)) == len(labels)


def naughty() -> list[str]:
    found = list(OWN_STRINGS)
    for path in sorted(STRINGS.glob("*.txt")) if STRINGS.is_dir() else ():
        lines = path.read_text("utf-8", errors="surrogateescape").splitlines()
        found += [line for line in lines if line and not line.startswith("#") and "\x00" not in line]
    return [text for text in dict.fromkeys(found) if not any("\ud800" <= char <= "\udfff" for char in text)]


def _short(text: str, *names: str) -> dict[str, str]:
    """As much of the text as each field takes."""
    return {name: text[: columns(Case)[name].limit or None] for name in names}


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_any_text_comes_back_unchanged_and_opens_inert(
    desk: Desk, manager: Actor, clock: Clock, format: Any, tmp_path: Path
) -> None:
    if not STRINGS.is_dir():
        print("the sample of hostile strings is not here; only our own were tried")
    texts = naughty()
    values = [{**_short(text, *TEXTS, "title"), "description": text if text.strip() else f"{text}x"} for text in texts]
    saved = add(desk, clock, *values)
    content = export_cases(desk, actor=manager, cases=saved, format=format, language="zh_CN")
    _assert_inert(content, format)
    elsewhere = open_workspace(tmp_path / "elsewhere", clock)
    plan = plan_import(elsewhere, actor=manager, content=content, filename=f"cases.{format}")
    found = check_rows(elsewhere, plan)
    assert found.refusals == ()
    run_import(elsewhere, actor=manager, checked=found)
    back = list(elsewhere.snapshot[Case].values())
    assert len(back) == len(texts)
    for before, after in zip(saved, back, strict=True):
        for name in TEXTS:
            assert getattr(after, name) == getattr(before, name), name
        assert after.description == before.description
        if before.title.strip():
            assert after.title == before.title
    elsewhere.store.close()


_ELSEWHERE = {"case_no", "parent_no", "merged_into", "earlier_runs"}
"""What has another number, or none, in another workspace; and what no export holds."""
_PEOPLE = {"complained_about": "manager", "reviewer": "reviewer"}


def _filled(desk: Desk, clock: Clock) -> dict[str, Any]:
    """A value for every field that a file may fill: a closed case of ten days ago."""
    taken = clock() - timedelta(days=10)
    values: dict[str, Any] = {}
    for at, (name, column) in enumerate(importable().items()):
        match column.kind:
            case "choice":
                values[name] = desk.lists.items(column.choices)[-1].code
            case "person":
                values[name] = _PEOPLE.get(name, "handler")
            case "people":
                values[name] = "handler,handler2"
            case "time":
                values[name] = taken + timedelta(hours=at)
            case "date":
                values[name] = taken.date() + timedelta(days=at % 9)
            case "number" | "money":
                values[name] = 5
            case "phone":
                values[name] = "13800138000"
            case _:
                values[name] = f"文字{at}"
    return values | {"stage": "closed", "priority": "P2", "taken_at": taken, "broken_promises": "2026-02-01,2026-02-03"}


@pytest.mark.trial(8)
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_every_field_of_an_export_loads_into_another_workspace(
    desk: Desk, manager: Actor, clock: Clock, format: Any, tmp_path: Path
) -> None:
    [lead] = add(desk, clock, {})
    filled = {name: value for name, value in _filled(desk, clock).items() if name not in _ELSEWHERE}
    [case] = add(desk, clock, filled | {"parent_no": lead.case_no})
    content = export_cases(desk, actor=manager, cases=[case], format=format, language="zh_CN")
    elsewhere = open_workspace(tmp_path / "elsewhere", clock)
    found = check_rows(elsewhere, plan_import(elsewhere, actor=manager, content=content, filename=f"x.{format}"))
    assert found.refusals == ()
    run_import(elsewhere, actor=manager, checked=found)
    [back] = elsewhere.snapshot[Case].values()
    names = [name for name in importable() if name not in _ELSEWHERE | {"description"}]
    assert {name: getattr(back, name) for name in names} == {name: getattr(case, name) for name in names}
    assert back.description == f"{case.description}\n牵头案件: {lead.case_no}"
    elsewhere.store.close()


@pytest.mark.trial(8)
def test_a_case_that_the_store_would_refuse_is_a_row_refused(
    desk: Desk, manager: Actor, clock: Clock, tmp_path: Path
) -> None:
    good, about = add(desk, clock, {}, {"complained_about": "handler"})
    wrong = about.model_copy(update={"assignee": "handler"})
    content = export_cases(desk, actor=manager, cases=[good, wrong], format="csv", language="zh_CN")
    elsewhere = open_workspace(tmp_path / "elsewhere", clock)
    found = check_rows(elsewhere, plan_import(elsewhere, actor=manager, content=content, filename="x.csv"))
    assert [(item.row, item.column, item.reason) for item in found.refusals] == [(3, "责任人", "complained_about")]
    assert run_import(elsewhere, actor=manager, checked=found).imported == 1
    elsewhere.store.close()


def _assert_inert(content: bytes, format: str) -> None:
    if format == "xlsx":
        cells = [cell for row in load_workbook(BytesIO(content)).worksheets[0].iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
        return
    for row in read_table(content, "cases.csv").rows:
        assert not any(isinstance(cell, str) and looks_like_formula(cell) for cell in row.cells)


def test_an_own_export_loaded_again_adds_nothing(desk: Desk, manager: Actor, clock: Clock) -> None:
    saved = add(desk, clock, {}, {"title": "=1"})
    content = export_cases(desk, actor=manager, cases=saved, format="csv", language="en")
    found = check_rows(desk, plan_import(desk, actor=manager, content=content, filename="cases.csv"))
    assert [item.case_no for item in found.skipped] == [case.case_no for case in saved]


CONDITIONS: list[tuple[list[str], set[str]]] = [
    ([], {"一", "二", "三"}),
    (["stage=new"], {"一", "三"}),
    (["阶段 = 待研判"], {"一", "三"}),
    (["stage!=new"], {"二"}),
    (["priority=P1,P2"], {"一", "二"}),
    (["priority=紧急"], {"一"}),
    (["taken_at>=2026-03-02"], {"二", "三"}),
    (["taken_at=2026-03-02"], {"二"}),
    (["taken_at<2026-03-02", "priority=P1"], {"一"}),
    (["priority=P1,P2 and stage=new"], {"一"}),
    (["title~二"], {"二"}),
    (["assignee=李经办"], {"一"}),
    (["assignee="], {"二", "三"}),
    (["closed_at!="], {"二"}),
    (["reopen_count>1"], {"三"}),
]


@pytest.mark.parametrize(("conditions", "expected"), CONDITIONS)
def test_conditions(desk: Desk, clock: Clock, conditions: list[str], expected: set[str]) -> None:
    day = clock().replace(hour=23)
    add(
        desk,
        clock,
        {"title": "一", "priority": "P1", "assignee": "handler", "taken_at": day.replace(month=2)},
        {"title": "二", "priority": "P2", "stage": "closed", "closed_at": day, "taken_at": day},
        {"title": "三", "priority": "P3", "reopen_count": 2, "taken_at": day.replace(day=3)},
    )
    assert {case.title for case in cases_where(desk, conditions)} == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("colour=red", "unknown_field"),
        ("stage", "not_a_condition"),
        ("stage=gone", "unknown_choice"),
        ("assignee=nobody", "unknown_person"),
        ("taken_at>soon", "date_unknown_format"),
        ("reopen_count>many", "not_a_number"),
    ],
)
def test_wrong_conditions(desk: Desk, text: str, code: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        cases_where(desk, [text])
    assert refused.value.problems[0].code == code

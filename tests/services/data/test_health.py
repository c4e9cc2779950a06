"""Data health: rows as somebody else may have written them into the store, past every service."""

from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.services.cases import intake
from lib.services.data.health import HealthProblem, problems
from lib.store.codec import encode
from lib.store.port import Row, Write

TAKEN = "2026-03-02T09:00:00+08:00"


def write(desk: Desk, tab: str, *rows: Row, removed: tuple[str, ...] = ()) -> None:
    """Put rows into the store as they are, and see them."""
    seq = desk.committer.refresh().seq
    line = {"seq": seq + 1, "commit_id": f"hand-{seq}", "line": 0, "at": TAKEN, "actor": "system", "action": "edit"}
    desk.store.write(
        Write(seq, f"hand-{seq}", {tab: rows} if rows else {}, {tab: removed} if removed else {}, [line], {})
    )
    desk.committer.refresh()


@pytest.fixture
def case(desk: Desk, people: dict[str, Actor]) -> Case:
    values = {"description": "漏水", "kind": "repair", "channel": "hotline", "client_phone": "13800138000"}
    receipt = intake.register(desk, actor=people["intake"], values=values)
    return desk.snapshot[Case][receipt.first("cases")]


def found(desk: Desk) -> list[HealthProblem]:
    return problems(desk)


def test_a_sound_workspace_has_no_problems(desk: Desk, case: Case) -> None:
    assert problems(desk) == []


CELLS: list[tuple[dict[str, Any], tuple[str, str, str]]] = [
    ({"client_phone": "138 0013 8001"}, ("client_phone", "string_pattern_mismatch", "13800138001")),
    ({"taken_at": "2026年3月2日 9:00"}, ("taken_at", "datetime_parsing", TAKEN)),
    ({"occurred_on": "3月1日"}, ("occurred_on", "date_parsing", "")),
    ({"priority": "紧急"}, ("priority", "literal_error", "P1")),
    ({"channel": "Hotline"}, ("channel", "unknown_choice", "hotline")),
    ({"channel": "hotlin"}, ("channel", "unknown_choice", "hotline")),
    ({"channel": "鸽子"}, ("channel", "unknown_choice", "")),
    ({"assignee": "李经办"}, ("assignee", "unknown_person", "handler")),
    ({"client_phone": "0100-12345678"}, ("client_phone", "phone_unknown_area", "")),
    pytest.param({"client_phone": "138001380001"}, ("client_phone", "phone_too_long", ""), marks=pytest.mark.trial(34)),
    ({"stage": "closed", "stage_since": TAKEN}, ("closed_at", "needed_in_stage", TAKEN)),
    ({"closed_at": TAKEN}, ("closed_at", "open_stage", "")),
    ({"stage": "assigned"}, ("assignee", "needed_in_stage", "")),
    ({"stage": "answered"}, ("answer_text", "needed_in_stage", "")),
]


@pytest.mark.parametrize(("cells", "expected"), CELLS)
def test_a_wrong_cell_is_named_with_reason_and_fix(
    desk: Desk, case: Case, cells: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    write(desk, "cases", {**encode(case), **cells})
    [problem] = problems(desk)
    assert (problem.tab, problem.key) == ("cases", case.case_no)
    assert (problem.field, problem.reason, problem.suggestion) == expected
    assert problem.value == cells.get(problem.field, "")


def test_a_number_that_was_never_given_out(desk: Desk, case: Case) -> None:
    write(desk, "cases", {**encode(case), "case_no": "TS-2026-000009"}, {**encode(case), "case_no": "TS-2025-000001"})
    assert [(item.key, item.reason) for item in problems(desk)] == [
        ("TS-2026-000009", "beyond_counter"),
        ("TS-2025-000001", "beyond_counter"),
    ]


def test_a_part_without_its_case(desk: Desk, case: Case) -> None:
    write(desk, "tasks", {"task_id": "t1", "case_no": "TS-2026-000777", "title": "看现场"})
    assert problems(desk) == [HealthProblem("tasks", "t1", "case_no", "TS-2026-000777", "no_such_case")]


def test_lines_of_history_that_are_missing(desk: Desk, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        write(desk, "clients", {"client_id": "c1", "name": "张三"})
    last = desk.snapshot.seq
    lines = [line for line in desk.store.history() if line["seq"] not in (2, last - 1, last)]
    monkeypatch.setattr(desk.store, "history", lambda: lines)
    gaps = [(item.tab, item.key, item.reason) for item in problems(desk)]
    assert gaps == [("history", "2", "history_gap"), ("history", f"{last - 1}-{last}", "history_gap")]


def test_a_password_hash_is_never_shown(desk: Desk) -> None:
    write(
        desk, "accounts", {"staff_id": "handler", "password_hash": "secret" * 10_000, "must_change": False, "epoch": 0}
    )
    [problem] = problems(desk)
    assert (problem.field, problem.value) == ("password_hash", "")

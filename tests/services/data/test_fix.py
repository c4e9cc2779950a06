"""Putting cells right, also of rows that are no valid record, and bringing back what was deleted past the app."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Task
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import AlreadyExists, Conflict, InvalidFields, NotAllowed, NotFound, Problem
from lib.services.cases import handling
from lib.services.data import fix
from lib.services.data.health import HealthProblem, address, fixable, problems, record_problems
from lib.services.data.restore import DELETED, removed, restore
from lib.store.codec import BadRow, encode
from lib.store.commit.batch import create, remove
from lib.store.port import Row, Write
from tests.cases import take_in

OpenAnother = Callable[..., Desk]


@pytest.fixture
def case(desk: Desk, people: dict[str, Actor]) -> Case:
    return take_in(desk, people["intake"])


@pytest.fixture
def rubbish(tmp_path: Path, desk: Desk, open_another: OpenAnother) -> Callable[..., Desk]:
    """Writes cells into a row of the database file by plain SQL; returns a Desk opened after that."""

    def write(tab: str, key: tuple[str, str], **cells: Any) -> Desk:
        database = sqlite3.connect(tmp_path / "casesheet.db")
        names = ", ".join(f"{name} = ?" for name in cells)
        with database:
            database.execute(f"UPDATE {tab} SET {names} WHERE {key[0]} = ?", [*cells.values(), key[1]])
        database.close()
        return open_another()

    return write


def put(desk: Desk, tab: str, row: Row) -> None:
    """Change a row past every service, so that everybody sees it."""
    seq = desk.committer.refresh().seq
    line = {"seq": seq + 1, "commit_id": f"hand-{seq}", "line": 0, "at": "2026-03-02T09:00:00+08:00", "action": "edit"}
    desk.store.write(Write(seq, f"hand-{seq}", {tab: [row]}, {}, [line], {}))
    desk.committer.refresh()


def show_bad(desk: Desk, row: BadRow) -> None:
    """Let a row stand beside the records that people typed into a store which they can edit."""
    desk.committer._show_bad({row.tab: {row.key: row}})


def found(desk: Desk, key: str) -> list[HealthProblem]:
    return [problem for problem in record_problems(desk) if problem.key == key]


def suggested(problems: list[HealthProblem]) -> dict[str, Any]:
    return {problem.field: problem.suggestion for problem in problems}


def last_changes(desk: Desk) -> dict[str, Any]:
    """What the latest line of History tells, which is that of a fix by the manager."""
    line = desk.history()[-1]
    assert (line.action, line.actor, line.case_no) == ("fix", "manager", line.record_id)
    found: dict[str, Any] = json.loads(line.changes)
    return found


def test_a_bad_row_is_put_right_as_a_whole(case: Case, rubbish: Callable[..., Desk], people: dict[str, Actor]) -> None:
    key = ("case_no", case.case_no)
    desk = rubbish("cases", key, priority="紧急", client_phone="138 0013 8001", severity_scope="三分")
    assert case.case_no not in desk.snapshot[Case]
    wrong = found(desk, case.case_no)
    assert suggested(wrong) == {"priority": "P1", "client_phone": "13800138001", "severity_scope": 3}
    assert all(problem.hidden and problem.confidence == "sure" for problem in wrong)
    fix.fix(desk, actor=people["manager"], problems=wrong, values=suggested(wrong))
    now = desk.snapshot[Case][case.case_no]
    assert now == case.model_copy(update={"priority": "P1", "client_phone": "13800138001", "severity_scope": 3})
    assert problems(desk) == []
    told = last_changes(desk)
    assert told["priority"] == ["紧急", "P1"]
    assert told["client_phone"] == ["138 0013 8001", "13800138001"]


def test_a_row_is_not_put_right_by_half(case: Case, rubbish: Callable[..., Desk], people: dict[str, Actor]) -> None:
    desk = rubbish("cases", ("case_no", case.case_no), priority="紧急", taken_at="昨天上午")
    wrong = found(desk, case.case_no)
    before = desk.snapshot.seq
    with pytest.raises(InvalidFields) as caught:
        fix.fix(desk, actor=people["manager"], problems=wrong, values={"priority": "P1"})
    assert [problem.field for problem in caught.value.problems] == ["taken_at"]
    assert desk.committer.refresh().seq == before
    fix.fix(
        desk,
        actor=people["manager"],
        problems=wrong,
        values={"priority": "P1", "taken_at": "2026-03-01T09:00:00+08:00"},
    )
    assert desk.snapshot[Case][case.case_no].taken_at.day == 1


def test_history_tells_what_else_was_changed_in_the_row_since_the_last_valid_version(
    desk: Desk, case: Case, people: dict[str, Actor]
) -> None:
    put(desk, "cases", {**encode(case), "title": "改过的标题", "occurred_on": "2026年3月1日"})
    assert desk.snapshot[Case][case.case_no] == case  # the last valid version goes on being used
    wrong = found(desk, case.case_no)
    fix.fix(desk, actor=people["manager"], problems=wrong, values=suggested(wrong))
    told = last_changes(desk)
    assert told["occurred_on"] == ["2026年3月1日", "2026-03-01"]
    assert told["title"] == [case.title, "改过的标题"]
    assert set(told) == {"occurred_on", "title"}


def test_a_row_that_somebody_changed_meanwhile_is_a_conflict(
    desk: Desk, case: Case, people: dict[str, Actor], open_another: OpenAnother
) -> None:
    put(desk, "cases", {**encode(case), "priority": "紧急"})
    seen = found(desk, case.case_no)
    other = open_another()
    put(other, "cases", {**encode(case), "priority": "一般般"})
    with pytest.raises(Conflict) as caught:
        fix.fix(desk, actor=people["manager"], problems=seen, values={"priority": "P1"})
    [clash] = caught.value.clashes
    assert (clash.field, clash.seen, clash.theirs, clash.mine) == ("priority", "紧急", "一般般", "P1")
    assert desk.snapshot.tables["cases"].bad[case.case_no].row["priority"] == "一般般"


def test_another_cell_of_the_row_that_somebody_changed_meanwhile_is_kept(
    desk: Desk, case: Case, people: dict[str, Actor], open_another: OpenAnother
) -> None:
    put(desk, "cases", {**encode(case), "priority": "紧急"})
    seen = found(desk, case.case_no)
    put(open_another(), "cases", {**encode(case), "priority": "紧急", "title": "别人改的"})
    desk.committer.refresh()
    fix.fix(desk, actor=people["manager"], problems=seen, values={"priority": "P1"})
    now = desk.snapshot[Case][case.case_no]
    assert (now.priority, now.title) == ("P1", "别人改的")


def test_two_people_with_the_same_fix(
    desk: Desk, case: Case, people: dict[str, Actor], open_another: OpenAnother
) -> None:
    put(desk, "cases", {**encode(case), "priority": "紧急"})
    other = open_another()
    seen = found(desk, case.case_no)
    fix.fix(other, actor=people["administrator"], problems=found(other, case.case_no), values={"priority": "P1"})
    fix.fix(desk, actor=people["manager"], problems=seen, values={"priority": "P1"})
    assert [line.actor for line in desk.history(actions=["fix"])] == ["administrator"]
    with pytest.raises(Conflict):
        fix.fix(desk, actor=people["manager"], problems=seen, values={"priority": "P2"})


def test_a_row_that_went_away_meanwhile(desk: Desk, case: Case, people: dict[str, Actor]) -> None:
    put(desk, "cases", {**encode(case), "channel": "鸽子"})
    seen = found(desk, case.case_no)
    desk.save(system_actor(), [remove(desk.snapshot[Case][case.case_no])])
    with pytest.raises(Conflict):
        fix.fix(desk, actor=people["manager"], problems=seen, values={"channel": "hotline"})


def test_the_same_fix_sent_twice_is_saved_once(desk: Desk, case: Case, people: dict[str, Actor]) -> None:
    put(desk, "cases", {**encode(case), "channel": "Hotline"})
    seen = found(desk, case.case_no)
    first, second = (
        fix.fix(desk, actor=people["manager"], problems=seen, values={"channel": "wechat"}, commit_id="once")
        for _ in range(2)
    )
    assert first == second
    assert len(desk.history(actions=["fix"])) == 1


@pytest.mark.parametrize(
    ("cells", "values", "refused"),
    [
        ({"channel": "鸽子"}, {"channel": "信鸽"}, ("channel", "unknown_choice")),
        ({"client_phone": "138 0013 8001"}, {"client_phone": "110-110"}, ("client_phone", "phone_too_short")),
        ({"assignee": "某人"}, {"assignee": "nobody"}, ("assignee", "unknown_person")),
    ],
)
def test_a_fix_that_is_wrong_itself_is_refused(
    desk: Desk, case: Case, people: dict[str, Actor], cells: Row, values: Row, refused: tuple[str, str]
) -> None:
    put(desk, "cases", {**encode(case), **cells})
    with pytest.raises(InvalidFields) as caught:
        fix.fix(desk, actor=people["manager"], problems=found(desk, case.case_no), values=values)
    assert [(problem.field, problem.code) for problem in caught.value.problems] == [refused]


def test_what_else_is_new_in_a_bad_row_is_judged_too(desk: Desk, case: Case, people: dict[str, Actor]) -> None:
    put(desk, "cases", {**encode(case), "channel": "鸽子", "priority": "紧急"})
    with pytest.raises(InvalidFields) as caught:
        fix.fix(desk, actor=people["manager"], problems=found(desk, case.case_no), values={"priority": "P1"})
    assert [(problem.field, problem.code) for problem in caught.value.problems] == [("channel", "unknown_choice")]


def test_a_stage_that_is_none_is_put_right(desk: Desk, case: Case, people: dict[str, Actor]) -> None:
    put(desk, "cases", {**encode(case), "stage": "新案件", "closed_at": "2026-03-02T09:00:00+08:00"})
    fix.fix(desk, actor=people["manager"], problems=found(desk, case.case_no), values={"stage": "new"})
    wrong = found(desk, case.case_no)
    assert [(one.field, one.reason, one.suggestion, one.confidence) for one in wrong] == [
        ("closed_at", "open_stage", "", "likely")
    ]
    fix.fix(desk, actor=people["manager"], problems=wrong, values=suggested(wrong))
    assert desk.snapshot[Case][case.case_no].closed_at is None
    assert problems(desk) == []


def test_only_who_may(desk: Desk, case: Case, people: dict[str, Actor]) -> None:
    put(desk, "cases", {**encode(case), "priority": "紧急"})
    wrong = found(desk, case.case_no)
    for role in ("intake", "handler", "head", "reviewer"):
        with pytest.raises(NotAllowed):
            fix.fix(desk, actor=people[role], problems=wrong, values={"priority": "P1"})
        with pytest.raises(NotAllowed):
            fix.fix_all(desk, actor=people[role], problems=wrong)
        with pytest.raises(NotAllowed):
            restore(desk, actor=people[role], tab="cases", key=case.case_no)


def test_keys_secrets_and_history_are_not_fixed_here(desk: Desk, case: Case, people: dict[str, Actor]) -> None:
    for tab, field in (("cases", "case_no"), ("accounts", "password_hash"), ("history", "at"), ("cases", "nothing")):
        problem = HealthProblem(tab, case.case_no, field, "x", "wrong")
        assert not fixable(problem)
        if tab != "history":
            with pytest.raises(InvalidFields):
                fix.fix(desk, actor=people["manager"], problems=[problem], values={field: "y"})


def test_many_at_once_and_one_that_changed_does_not_stop_the_others(
    desk: Desk, people: dict[str, Actor], open_another: OpenAnother
) -> None:
    cases = [take_in(desk, people["intake"]) for _ in range(3)]
    for case in cases:
        put(desk, "cases", {**encode(case), "channel": "Hotline"})
    seen = record_problems(desk)
    put(open_another(), "cases", {**encode(cases[1]), "channel": "鸽子"})
    done, refused = fix.fix_all(desk, actor=people["manager"], problems=seen)
    assert done == 2
    assert [type(one) for one in refused] == [Conflict]
    assert [desk.snapshot[Case][case.case_no].channel for case in cases] == ["hotline", "鸽子", "hotline"]


def test_an_unknown_choice_becomes_an_entry_of_its_list(desk: Desk, case: Case, people: dict[str, Actor]) -> None:
    put(desk, "cases", {**encode(case), "channel": "鸽子"})
    [problem] = found(desk, case.case_no)
    assert fix.addable(desk, problem)
    fix.add_choice(desk, actor=people["manager"], problems=[problem], code="ge_zi", commit_id="add")
    fix.add_choice(desk, actor=people["manager"], problems=[problem], code="ge_zi_2", commit_id="add")
    assert desk.lists.label("channel", "ge_zi", "zh") == "鸽子"
    assert not desk.lists.has("channel", "ge_zi_2")
    assert desk.snapshot[Case][case.case_no].channel == "ge_zi"
    assert problems(desk) == []


def test_a_choice_that_is_a_code_already_stays_in_its_cell(desk: Desk, case: Case, people: dict[str, Actor]) -> None:
    put(desk, "cases", {**encode(case), "channel": "pigeon"})
    [problem] = found(desk, case.case_no)
    fix.add_choice(desk, actor=people["manager"], problems=[problem], code="pigeon")
    assert desk.lists.label("channel", "pigeon", "zh") == "pigeon"
    assert problems(desk) == []
    stage = HealthProblem("cases", case.case_no, "stage", "x", "unknown_choice")
    assert not fix.addable(desk, stage)


def test_a_part_finds_its_case_again(desk: Desk, case: Case, people: dict[str, Actor]) -> None:
    put(desk, "tasks", {"task_id": "t1", "case_no": f" {case.case_no.lower()} ", "title": "看现场"})
    wrong = found(desk, "t1")
    assert suggested(wrong) == {"case_no": case.case_no}
    fix.fix(desk, actor=people["manager"], problems=wrong, values=suggested(wrong))
    assert desk.snapshot[Task]["t1"].case_no == case.case_no


def test_a_store_that_is_no_spreadsheet_has_no_addresses(
    desk: Desk, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = HealthProblem("cases", case.case_no, "channel", "鸽子", "unknown_choice")
    assert address(desk, problem) is None
    place = staticmethod(lambda *place: "/".join(place))
    monkeypatch.setattr(type(desk.store), "address", place, raising=False)
    assert address(desk, problem) == f"cases/{case.case_no}/channel"


def test_what_was_deleted_past_the_app_is_brought_back(desk: Desk, case: Case, people: dict[str, Actor]) -> None:
    handling.add_note(desk, actor=people["manager"], case=case, text="打过电话")
    put(desk, "cases", {**encode(case), "title": "改过"})
    desk.save(system_actor(), [remove(desk.snapshot[Case][case.case_no], action=DELETED)])
    [gone] = removed(desk)
    assert (gone.line.tab, gone.line.record_id, gone.cells["title"]) == ("cases", case.case_no, "改过")
    restore(desk, actor=people["manager"], tab="cases", key=case.case_no)
    assert desk.snapshot[Case][case.case_no] == case.model_copy(update={"title": "改过"})
    assert removed(desk) == []
    assert desk.history()[-1].action == "restore"
    with pytest.raises(AlreadyExists):
        restore(desk, actor=people["manager"], tab="cases", key=case.case_no)


def test_what_the_app_removed_itself_is_not_listed_but_can_be_brought_back(
    desk: Desk, people: dict[str, Actor]
) -> None:
    task = Task(task_id="t1", case_no="x", title="看现场")
    desk.save(system_actor(), [create(task)])
    desk.save(system_actor(), [remove(task)])
    assert removed(desk) == []
    restore(desk, actor=people["manager"], tab="tasks", key="t1")
    assert desk.snapshot[Task]["t1"] == task


def test_what_history_does_not_know_is_not_found(desk: Desk, people: dict[str, Actor]) -> None:
    for tab, key in (("cases", "TS-2026-999999"), ("history", "x"), ("tasks", "nothing")):
        with pytest.raises(NotFound):
            restore(desk, actor=people["manager"], tab=tab, key=key)


def test_a_cell_that_must_be_there(case: Case, rubbish: Callable[..., Desk], people: dict[str, Actor]) -> None:
    desk = rubbish("cases", ("case_no", case.case_no), taken_at=None)
    [problem] = found(desk, case.case_no)
    assert (problem.field, problem.reason, problem.value) == ("taken_at", "missing", "")
    fix.fix(desk, actor=people["manager"], problems=[problem], values={"taken_at": case.taken_at})
    assert desk.snapshot[Case][case.case_no] == case


def test_a_row_typed_without_a_key_becomes_a_record(desk: Desk, case: Case, people: dict[str, Actor]) -> None:
    typed = {"title": "手写的案件", "taken_at": "2026年3月2日 9:00"}
    bad = BadRow("cases", "token.1", typed, (Problem("taken_at", "datetime_from_date_parsing"),))
    show_bad(desk, bad)
    wrong = found(desk, "token.1")
    assert suggested(wrong) == {"taken_at": "2026-03-02T09:00:00+08:00"}
    receipt = fix.fix(desk, actor=people["manager"], problems=wrong, values=suggested(wrong))
    made = desk.snapshot[Case][receipt.first("cases")]
    assert (made.title, made.case_no) == ("手写的案件", "TS-2026-000002")


def test_a_row_typed_without_a_key_that_changed_meanwhile(desk: Desk, case: Case, people: dict[str, Actor]) -> None:
    typed = {"title": "手写的案件", "taken_at": "2026年3月2日 9:00"}
    show_bad(desk, BadRow("cases", "token.1", typed, (Problem("taken_at", "datetime_from_date_parsing"),)))
    wrong = found(desk, "token.1")
    change = fix._change(desk, wrong, suggested(wrong))
    show_bad(desk, BadRow("cases", "token.2", typed, (Problem("taken_at", "datetime_from_date_parsing"),)))
    with pytest.raises(Conflict):
        desk.save(people["manager"], [change])

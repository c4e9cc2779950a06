"""Tasks: the milestones inside a case, each with an owner and a due time (requirement D6)."""

from collections.abc import Mapping
from typing import Any

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Task
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields, Problem
from lib.store.codec import made
from lib.store.commit.batch import Receipt, create, edit, new_id

FIELDS = ("title", "owner", "due_at")


def add_task(
    desk: Desk, *, actor: Actor, case: Case, values: Mapping[str, Any], commit_id: str | None = None
) -> Receipt:
    """A new task; without an owner it is that of whoever has the case. Raises NotAllowed and InvalidFields."""
    require(actor, "case.note", case)
    _check(desk, values, None)
    owner = values.get("owner") or case.assignee
    task = made(Task, {"task_id": new_id("task"), "case_no": case.case_no, **values, "owner": owner})
    return desk.save(actor, [create(task, action="add_task", text=task.title)], commit_id=commit_id)


def edit_task(
    desk: Desk, task: Task, *, actor: Actor, values: Mapping[str, Any], commit_id: str | None = None
) -> Receipt:
    """Change a task as it was seen. Raises NotAllowed, InvalidFields and Conflict."""
    require(actor, "case.note", desk.snapshot[Case].require(task.case_no))
    _check(desk, {"title": task.title, **values}, task)
    return desk.save(actor, [edit(task, values, action="edit_task", text=task.title)], commit_id=commit_id)


def finish_task(desk: Desk, task: Task, *, actor: Actor, commit_id: str | None = None) -> Receipt:
    """It is done, now."""
    require(actor, "case.note", desk.snapshot[Case].require(task.case_no))
    done = {"done_at": desk.now(), "done_by": actor.staff_id}
    return desk.save(actor, [edit(task, done, action="finish_task", text=task.title)], commit_id=commit_id)


def reopen_task(desk: Desk, task: Task, *, actor: Actor, commit_id: str | None = None) -> Receipt:
    """It is not done after all."""
    require(actor, "case.note", desk.snapshot[Case].require(task.case_no))
    open_again = {"done_at": None, "done_by": ""}
    return desk.save(actor, [edit(task, open_again, action="reopen_task", text=task.title)], commit_id=commit_id)


def _check(desk: Desk, values: Mapping[str, Any], before: Task | None) -> None:
    problems = [Problem(name, "not_in_form") for name in values if name not in FIELDS]
    if not str(values.get("title", "")).strip():
        problems.append(Problem("title", "missing"))
    owner = desk.snapshot[Staff].get(str(values.get("owner", "")))
    if owner is not None and not owner.active and owner.staff_id != (before and before.owner):
        problems.append(Problem("owner", "has_left", owner.name or owner.email))
    due = values.get("due_at")
    if due is not None and due != (before and before.due_at) and due < desk.now():
        problems.append(Problem("due_at", "in_the_past", f"{due.astimezone(desk.settings.zone):%Y-%m-%d %H:%M}"))
    if problems:
        raise InvalidFields("tasks", problems)

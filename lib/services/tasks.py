"""Tasks: the milestones inside a case, each with an owner and a due time (requirement D6)."""

from collections.abc import Mapping
from typing import Any

from lib.domain.case import Case
from lib.domain.case_parts import Task
from lib.domain.permissions import Actor
from lib.errors import InvalidFields, Problem
from lib.services.access import require
from lib.services.desk import Desk
from lib.store.batch import Receipt, create, edit, new_id

FIELDS = ("title", "owner", "due_at")


def add_task(
    desk: Desk, *, actor: Actor, case: Case, values: Mapping[str, Any], commit_id: str | None = None
) -> Receipt:
    """A new task; without an owner it is that of whoever has the case. Raises NotAllowed and InvalidFields."""
    require(actor, "case.note", case)
    _check(values)
    owner = values.get("owner") or case.assignee
    task = Task.model_validate({"task_id": new_id("task"), "case_no": case.case_no, **values, "owner": owner})
    return desk.save(actor, [create(task, action="add_task", text=task.title)], commit_id=commit_id)


def edit_task(
    desk: Desk, task: Task, *, actor: Actor, values: Mapping[str, Any], commit_id: str | None = None
) -> Receipt:
    """Change a task as it was seen. Raises NotAllowed, InvalidFields and Conflict."""
    require(actor, "case.note", desk.snapshot[Case].require(task.case_no))
    _check({"title": task.title, **values})
    return desk.save(actor, [edit(task, values, action="edit_task", text=task.title)], commit_id=commit_id)


def finish_task(desk: Desk, task: Task, *, actor: Actor, commit_id: str | None = None) -> Receipt:
    """It is done, now."""
    require(actor, "case.note", desk.snapshot[Case].require(task.case_no))
    done = {"done_at": desk.now(), "done_by": actor.staff_id}
    return desk.save(actor, [edit(task, done, action="finish_task", text=task.title)], commit_id=commit_id)


def _check(values: Mapping[str, Any]) -> None:
    problems = [Problem(name, "not_in_form") for name in values if name not in FIELDS]
    if not str(values.get("title", "")).strip():
        problems.append(Problem("title", "missing"))
    if problems:
        raise InvalidFields("tasks", problems)

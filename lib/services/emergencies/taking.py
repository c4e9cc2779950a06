"""An emergency until somebody has taken it: who sees it, who takes it, the checklist that is ticked."""

from dataclasses import dataclass

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.dangers.config import NO_DANGER, Danger
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Task
from lib.domain.rules.moves import handlers_after
from lib.domain.rules.permissions import Actor
from lib.errors import NotAllowed, WrongStage
from lib.store.commit.batch import Change, Receipt, create, edit, remove
from lib.store.snapshot.snapshot import Table, by_case


def danger_of(desk: Desk, case: Case) -> Danger | None:
    """The danger of a case as configured; None where there is none, or none of that name any more."""
    return desk.config.dangers.dangers.get(case.danger)


def is_untaken(desk: Desk, case: Case) -> bool:
    """Whether the case is an emergency that nobody has taken."""
    return _calls(case) and case.stage in desk.config.workflow.keys_in("open", "paused")


def untaken(desk: Desk) -> tuple[Case, ...]:
    """The emergencies that nobody has taken, the oldest first."""
    return tuple(case for case in desk.snapshot[Case].derive(_calling) if is_untaken(desk, case))


def may_take(actor: Actor, case: Case) -> bool:
    """Whoever speaks with clients and may see the case, but nobody who is complained about."""
    return actor.may("case.contact") and actor.may("case.view", case) and not actor.is_concerned(case)


def take(desk: Desk, *, actor: Actor, case: Case, language: str, commit_id: str | None = None) -> Receipt:
    """Somebody takes an emergency: nobody else is told any more, and the checklist becomes her tasks, in her language.

    Raises NotAllowed; WrongStage where somebody has taken it already or there is none.
    """
    if not may_take(actor, case):
        raise NotAllowed("case.contact", record=case.case_no)
    if not is_untaken(desk, case):
        raise WrongStage(case_no=case.case_no, stage=case.stage, move="take_danger", why="done")
    taken = {"danger_taken_at": desk.now(), "danger_taken_by": actor.staff_id}
    after = case.model_copy(update=taken)
    changes: list[Change] = [edit(case, taken | handlers_after(case, after, [actor.staff_id]), action="take_danger")]
    there = desk.snapshot[Task]
    changes += [
        create(task, action="add_task", text=task.title)
        for task in _checklist_tasks(desk, after, actor, language)
        if task.task_id not in there
    ]
    return desk.save(actor, changes, commit_id=commit_id)


def dismiss(desk: Desk, *, actor: Actor, case: Case, text: str, commit_id: str | None = None) -> Receipt:
    """Somebody has made sure that there is no danger: what is left of the checklist goes, and a priority that only the
    words gave falls back to the usual one.

    Raises NotAllowed.
    """
    if not may_take(actor, case):
        raise NotAllowed("case.contact", record=case.case_no)
    changes = [edit(case, {"danger": NO_DANGER}, action="no_danger", text=text)]
    open_checks = (check.task for check in checklist(desk, case, "") if check.task and check.task.done_at is None)
    changes += [remove(task, action="no_danger") for task in open_checks]
    return desk.save(actor, changes, commit_id=commit_id)


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One line of a checklist, and the task it became when somebody took the emergency."""

    text: str
    task: Task | None


def checklist(desk: Desk, case: Case, language: str) -> tuple[ChecklistItem, ...]:
    """The checklist of the danger of a case, in the order of the file."""
    danger = danger_of(desk, case)
    tasks = {task.task_id: task for task in desk.snapshot[Task].derive(by_case).get(case.case_no, ())}
    items = danger.checklist if danger else ()
    return tuple(ChecklistItem(item.label(language), tasks.get(_task_id(case, item.key))) for item in items)


def _checklist_tasks(desk: Desk, case: Case, actor: Actor, language: str) -> list[Task]:
    """The tasks that the checklist comes to; their keys make them once."""
    danger = danger_of(desk, case)
    return [
        Task(
            task_id=_task_id(case, item.key),
            case_no=case.case_no,
            title=item.label(language),
            owner=actor.staff_id,
        )
        for item in (danger.checklist if danger else ())
    ]


def tick(desk: Desk, task: Task, *, actor: Actor, done: bool, commit_id: str | None = None) -> Receipt:
    """Tick a line of the checklist, now, or take the tick back. Raises NotAllowed and Conflict."""
    require(actor, "case.note", desk.snapshot[Case].require(task.case_no))
    fields = {"done_at": desk.now(), "done_by": actor.staff_id} if done else {"done_at": None, "done_by": ""}
    action = "finish_task" if done else "reopen_task"
    return desk.save(actor, [edit(task, fields, action=action, text=task.title)], commit_id=commit_id)


def _task_id(case: Case, item: str) -> str:
    return f"{case.case_no}.{case.danger}.{item}"


def _calls(case: Case) -> bool:
    return case.danger not in ("", NO_DANGER) and case.danger_at is not None and case.danger_taken_at is None


def _calling(table: Table[Case]) -> tuple[Case, ...]:
    calling = [case for case in table.values() if _calls(case)]
    return tuple(sorted(calling, key=lambda case: case.danger_at or case.taken_at))

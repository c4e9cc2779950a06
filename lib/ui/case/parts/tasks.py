"""The tasks of a case: who does what by when, what is late, what is done."""

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.case_parts import Task
from lib.i18n import format_datetime, t
from lib.services.parts import tasks
from lib.store.snapshot.snapshot import by_case
from lib.ui.case.parts.part import PartKind, show_add, show_row
from lib.ui.session.page import Here
from lib.ui.words.markdown import plain

KIND = PartKind(
    Task, tasks.FIELDS, ("title",), "add_task",
    add=tasks.add_task, change=tasks.edit_task, finish=tasks.finish_task, reopen=tasks.reopen_task,
)  # fmt: skip


def show(here: Here, case: Case) -> None:
    """Open tasks first, the earliest due first; then a form for a new one."""
    found: tuple[Task, ...] = here.desk.snapshot[Task].derive(by_case).get(case.case_no, ())
    may = here.actor.may("case.note", case)
    if not found:
        st.caption(t("No tasks yet. Break the work down where several people or days are involved."))
    ordered = sorted(found, key=lambda task: (task.done_at is not None, task.due_at is None, task.due_at or here.now))
    for task in ordered:
        show_row(here, KIND, task, _text(here, task), may=may, done=task.done_at is not None)
    if may:
        show_add(here, KIND, case, title=t("Add a task"), button=t("Add task"))


def _text(here: Here, task: Task) -> str:
    zone, owner = here.desk.settings.zone, plain(here.person(task.owner)) or t("nobody yet")
    if task.done_at:
        done = f"{format_datetime(task.done_at, zone)} · {plain(here.person(task.done_by))}"
        return f":green[:material/check_circle:] ~~{plain(task.title)}~~  \n:small[:gray[{done}]]"
    due = format_datetime(task.due_at, zone) if task.due_at else t("no due time")
    if task.due_at and task.due_at < here.now:
        due = f":red[:material/alarm: {t('overdue')} · {due}]"
    return f":material/radio_button_unchecked: **{plain(task.title)}**  \n:small[{owner} · {due}]"

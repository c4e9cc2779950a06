"""The tasks of a case: adding one, finishing one."""

import streamlit as st

from lib.domain.case import Case
from lib.domain.case_parts import Task
from lib.domain.fields import columns
from lib.errors import CasesheetError
from lib.i18n import format_datetime, t
from lib.services import handling
from lib.store.snapshot import by_case
from lib.ui.forms import close_form, fields, open_form
from lib.ui.messages import flash, show_error
from lib.ui.page import Here
from lib.ui.plain import plain


def show(here: Here, case: Case) -> None:
    """Open tasks first, each with a button that finishes it; then a form for a new one."""
    tasks: tuple[Task, ...] = here.desk.snapshot[Task].derive(by_case).get(case.case_no, ())
    may = here.actor.may("case.note", case)
    if not tasks:
        st.caption(t("No tasks yet. Break the work down where several people or days are involved."))
    ordered = sorted(tasks, key=lambda task: (task.done_at is not None, task.due_at is None, task.due_at or here.now))
    for task in ordered:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(_text(here, task), width="stretch")
            if may and task.done_at is None:
                st.button(
                    t("Done"), key=f"done.{task.task_id}", icon=":material/check:", on_click=_finish, args=(here, task)
                )
    if may:
        _add(here, case)


def _text(here: Here, task: Task) -> str:
    zone, owner = here.desk.settings.zone, plain(here.person(task.owner))
    if task.done_at:
        done = f"{format_datetime(task.done_at, zone)} · {plain(here.person(task.done_by))}"
        return f":green[:material/check_circle:] ~~{plain(task.title)}~~  \n:small[:gray[{done}]]"
    due = format_datetime(task.due_at, zone) if task.due_at else t("no due time")
    if task.due_at and task.due_at < here.now:
        due = f":red[:material/alarm: {t('overdue')} · {due}]"
    return f":material/radio_button_unchecked: **{plain(task.title)}**  \n:small[{owner} · {due}]"


def _finish(here: Here, task: Task) -> None:
    try:
        handling.finish_task(here.desk, actor=here.actor, task=task)
    except CasesheetError as failed:
        show_error(failed)


def _add(here: Here, case: Case) -> None:
    form = open_form(f"task.{case.case_no}")
    key = f"task.{form.commit_id}"
    with st.expander(t("Add a task"), icon=":material/add_task:"):
        values = fields(here, Task, ("title", "owner", "due_at"), key=key, required=("title",))
        st.caption(columns(Task)["due_at"].label(here.language) + f" · {here.desk.settings.time_zone}")
        if st.button(t("Add task"), key=f"{key}.add", type="primary"):
            try:
                handling.add_task(here.desk, actor=here.actor, case=case, commit_id=form.commit_id, **values)
            except CasesheetError as failed:
                show_error(failed)
                return
            close_form(f"task.{case.case_no}")
            flash(t("Task added"))
            st.rerun()

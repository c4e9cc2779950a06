"""The facts of a case in groups, each edited in place."""

import streamlit as st

from lib.domain.case import Case
from lib.domain.fields import Column, columns
from lib.errors import CasesheetError
from lib.i18n import N_, t
from lib.services import handling
from lib.services.audit import visible
from lib.ui.case_severity import show_warranty
from lib.ui.case_words import personal_text
from lib.ui.forms import OpenForm, close_form, edited, fields, note_conflict, open_form, resolve, shown
from lib.ui.messages import flash
from lib.ui.page import Here
from lib.ui.plain import plain
from lib.ui.state import CASE_GROUP

GROUPS = {
    "report": N_("Report"),
    "client": N_("Client"),
    "property": N_("Property"),
    "header": N_("Case"),
    "intake": N_("Intake"),
    "triage": N_("Judgement"),
    "assignment": N_("Assignment"),
    "handling": N_("Handling"),
    "answer": N_("Answer"),
    "review": N_("Review"),
    "closing": N_("Closing"),
    "clocks": N_("Clocks"),
    "origin": N_("Origin"),
}
ALWAYS = frozenset({"report", "client", "property", "header", "intake"})  # shown also when nothing is filled in
ICONS = {
    "report": "description", "client": "person", "property": "home", "header": "folder_open", "intake": "call",
    "triage": "balance", "assignment": "assignment_ind", "handling": "construction", "answer": "mark_chat_read",
    "review": "gavel", "closing": "task_alt", "clocks": "schedule", "origin": "input", "plan": "edit_document",
}  # fmt: skip
BY_MOVES = frozenset({"assignment", "clocks", "review", "origin"})  # groups that only moves and imports write
IN_HEADER = frozenset({"case_no", "stage"})


def show(here: Here, case: Case) -> None:
    """Every group that has something to show."""
    for group, name in GROUPS.items():
        show_group(here, case, group, t(name), always=group in ALWAYS)
        if group == "triage":
            show_warranty(here, case, {})


def show_group(here: Here, case: Case, group: str, title: str, *, always: bool) -> None:
    """One group: its facts, or the form that edits them."""
    mine_to_edit = editable(here, case, group)
    if st.session_state.get(CASE_GROUP) == (case.case_no, group) and mine_to_edit:
        _form(here, case, group, title, mine_to_edit)
        return
    lines = [_line(here, case, column) for column in _columns(group) if getattr(case, column.key) not in ("", None)]
    if not lines and not always:
        return
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**:material/{ICONS[group]}: {title}**", width="content")
            if mine_to_edit:
                st.button(
                    t("Edit"),
                    key=f"edit.{group}",
                    icon=":material/edit:",
                    type="tertiary",
                    on_click=_edit,
                    args=(case.case_no, group),
                )
        st.markdown("  \n".join(lines) if lines else f":gray[{t('Nothing yet')}]")


def editable(here: Here, case: Case, group: str) -> list[str]:
    """The fields of a group that this person may edit in place; personal data only where she sees it."""
    if group in BY_MOVES or not here.actor.may("case.edit", case):
        return []
    return [
        column.key
        for column in _columns(group)
        if not column.locked and column.key not in handling.SEVERITY_FIELDS and visible(here.actor, case, column.key)
    ]


def _columns(group: str) -> list[Column]:
    return [column for column in columns(Case).values() if column.group == group and column.key not in IN_HEADER]


def _line(here: Here, case: Case, column: Column) -> str:
    if column.personal and not visible(here.actor, case, column.key):
        value = personal_text(here, case, column.key)
    elif column.key in handling.SEVERITY_FIELDS:
        value = _factor_text(here, column, getattr(case, column.key))
    else:
        value = shown(here, column, getattr(case, column.key))
    return f":gray[{column.label(here.language)}]  {plain(value)}"


def _factor_text(here: Here, column: Column, value: int) -> str:
    factor = next((f for f in here.desk.config.severity.factors if f"severity_{f.key}" == column.key), None)
    if factor is None:
        return str(value)
    step = factor.scale[value - 1]
    return f"{value} · {step.zh if here.language.startswith('zh') else step.en}"


def _edit(case_no: str, group: str) -> None:
    st.session_state[CASE_GROUP] = (case_no, group)


def _form(here: Here, case: Case, group: str, title: str, names: list[str]) -> None:
    key = f"facts.{case.case_no}.{group}"
    form = open_form(key, case)
    with st.container(border=True, gap="small"):
        st.markdown(f"**:material/edit: {title}**")
        with st.grid(2, min_column_width=200):
            values = fields(here, Case, names, key=key, record=form.opened)
        values = resolve(here, form, case, values, key=key)
        with st.container(horizontal=True):
            save = st.button(t("Save"), key=f"{key}.save", type="primary", icon=":material/check:")
            cancel = st.button(t("Cancel"), key=f"{key}.cancel", type="tertiary")
    if save:
        _save(here, form, values, key=key)
    if cancel:
        _close(key)


def _save(here: Here, form: OpenForm, values: dict[str, object], *, key: str) -> None:
    seen = form.seen
    if not isinstance(seen, Case):
        raise TypeError(seen)
    try:
        mine = edited(form, values)
        handling.edit_facts(here.desk, actor=here.actor, case=seen, values=mine, commit_id=form.commit_id)
    except CasesheetError as failed:
        note_conflict(form, failed, here.desk.snapshot[Case].require(seen.case_no))
        return
    flash(t("Saved"))
    _close(key)


def _close(key: str) -> None:
    close_form(key)
    st.session_state.pop(CASE_GROUP, None)
    st.rerun()

"""A group of a case's facts: a card with its lines, and in its place a form while somebody edits it."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from lib.domain.records.case import Case
from lib.i18n import t
from lib.services.cases import handling
from lib.ui.session.page import Here
from lib.ui.session.state import CASE_GROUP
from lib.ui.widgets.forms import OpenForm, edited, open_form, resolve
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import confirmed, submit

Entries = Callable[[OpenForm[Case], str], dict[str, Any]]
"""(form, key) -> the values entered; draws the widgets of a group under `key`."""


def is_edited(case: Case, group: str) -> bool:
    """Whether this person has the group open."""
    return bool(st.session_state.get(CASE_GROUP) == (case.case_no, group))


def card(case: Case, group: str, *, title: str, icon: str, lines: Sequence[str], may_edit: bool) -> None:
    """The group as it stands. `lines` are Markdown."""
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**:material/{icon}: {title}**", width="content")
            if may_edit:
                st.button(
                    t("Edit"),
                    key=f"edit.{group}",
                    icon=":material/edit:",
                    type="tertiary",
                    on_click=_edit,
                    args=(case.case_no, group),
                )
        st.markdown("  \n".join(lines) if lines else f":gray[{t('Nothing yet')}]")


def form(here: Here, case: Case, group: str, *, title: str, entries: Entries) -> None:
    """The group as it is edited."""
    opened = open_form(f"facts.{case.case_no}.{group}", case, opened_by=CASE_GROUP)
    key = opened.key
    with st.container(border=True, gap="small"):
        st.markdown(f"**:material/edit: {title}**")
        with st.grid(2, min_column_width=200):
            entered = entries(opened, key)
        values = resolve(here, opened, case, entered, key=key)
        save = confirmed(opened, t("Save"), icon="check")
    if save:
        _save(here, opened, values)


def _edit(case_no: str, group: str) -> None:
    st.session_state[CASE_GROUP] = (case_no, group)


def _save(here: Here, opened: OpenForm[Case], values: dict[str, Any]) -> None:
    with submit(opened):
        mine = edited(opened, values)
        handling.edit_facts(here.desk, actor=here.actor, case=opened.seen, values=mine, commit_id=opened.commit_id)
        flash(t("Saved"))

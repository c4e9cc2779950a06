"""What belongs to a case in a list, such as tasks and outside parties: rows, each edited in place, and one to add."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.record import Record
from lib.errors import CasesheetError
from lib.i18n import t
from lib.store.commit.batch import Receipt
from lib.store.schema import TAB_OF
from lib.ui.session.page import Here
from lib.ui.session.state import CASE_PART
from lib.ui.widgets.fields import fields
from lib.ui.widgets.forms import edited, open_form, open_held_form, resolve
from lib.ui.widgets.messages import flash, show_error
from lib.ui.widgets.submit import confirmed, submit

Verb = Callable[..., Receipt]


@dataclass(frozen=True, slots=True)
class PartKind:
    """One kind of part. The verbs are those of its service: `add(desk, actor=, case=, values=, commit_id=)`,
    `change(desk, part, actor=, values=, commit_id=)`, `finish(desk, part, actor=)` and `reopen(desk, part, actor=)`."""

    model: type[Record]
    names: Sequence[str]
    required: Sequence[str]
    icon: str
    add: Verb
    change: Verb
    finish: Verb
    reopen: Verb

    def key_of(self, part: Record) -> str:
        return str(getattr(part, TAB_OF[self.model].key))


def show_row(here: Here, kind: PartKind, part: Record, text: str, *, may: bool, done: bool) -> None:
    """One part with what may be done with it, or the form that changes it."""
    key = kind.key_of(part)
    if st.session_state.get(CASE_PART) == key:
        _change(here, kind, part)
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(text, width="stretch")
        if not may:
            return
        with st.container(horizontal=True, width="content", gap="small", wrap=False):
            if done:
                _act(here, kind.reopen, part, t("Not done"), "undo", key=f"reopen.{key}", quiet=True)
                return
            st.button(
                t("Edit"), key=f"edit.{key}", icon=":material/edit:", type="tertiary", on_click=_open, args=(key,)
            )
            _act(here, kind.finish, part, t("Done"), "check", key=f"done.{key}")


def show_add(here: Here, kind: PartKind, case: Case, *, title: str, button: str) -> None:
    """The form for one more, folded away until it is wanted."""
    form = open_held_form(f"part.{kind.icon}.{case.case_no}")
    key = form.key
    with st.expander(title, icon=f":material/{kind.icon}:", expanded=form.refused is not None):
        with st.grid(2, min_column_width=220):
            values = fields(here, kind.model, kind.names, key=key, required=kind.required, form=form)
        resolve(here, form, case, values, key=key)
        if not st.button(button, key=f"{key}.add", type="primary", icon=":material/add:"):
            return
        with submit(form):
            kind.add(here.desk, actor=here.actor, case=case, values=values, commit_id=form.commit_id)
            flash(t("Added"))


def _change(here: Here, kind: PartKind, part: Record) -> None:
    form = open_form(f"part.{kind.key_of(part)}", part, opened_by=CASE_PART)
    key = form.key
    with st.container(border=True, gap="small"):
        with st.grid(2, min_column_width=220):
            values = fields(
                here, kind.model, kind.names, key=key, record=form.opened, required=kind.required, form=form
            )
        values = resolve(here, form, part, values, key=key)
        save = confirmed(form, t("Save"), icon="check")
    if not save:
        return
    with submit(form):
        mine = edited(form, values)
        kind.change(here.desk, form.seen, actor=here.actor, values=mine, commit_id=form.commit_id)
        flash(t("Saved"))


def _open(key: str) -> None:
    st.session_state[CASE_PART] = key


def _act(here: Here, verb: Verb, part: Record, label: str, icon: str, *, key: str, quiet: bool = False) -> None:
    """A button that saves at once."""
    st.button(
        label, key=key, icon=f":material/{icon}:", type="tertiary" if quiet else "secondary",
        on_click=_save, args=(here, verb, part),
    )  # fmt: skip


def _save(here: Here, verb: Verb, part: Record) -> None:
    try:
        verb(here.desk, part, actor=here.actor)
    except CasesheetError as failed:
        show_error(failed)

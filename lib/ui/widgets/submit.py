"""Submitting: one way from a button to the service behind it and back to a page drawn anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from lib.app import process
from lib.domain.text.uploads import BadUpload
from lib.errors import CasesheetError, Conflict, InvalidFields
from lib.i18n import t
from lib.store.schema import TAB_OF
from lib.ui.widgets.forms import OpenForm, close_form
from lib.ui.widgets.messages import show_error


@contextmanager
def submit(form: OpenForm[Any] | None = None) -> Iterator[None]:
    """Around the call of a service, and what is to happen once it has succeeded, such as `flash`.

    Then the form is closed and the page runs anew. What the service refuses is said, by the form itself where it marks
    its fields (see `resolve`) and else here; the form stays open with all that was typed, and the run goes on.
    """
    try:
        yield
    except (CasesheetError, BadUpload) as failed:
        if form is not None and form.marks_fields and isinstance(failed, Conflict | InvalidFields):
            _hand_back(form, failed)
            st.rerun()
        show_error(failed)
        return
    if form is not None:
        close_form(form.name)
    st.rerun()


def _hand_back(form: OpenForm[Any], failed: Conflict | InvalidFields) -> None:
    """Leave to the next run of the form what is to be put right: what others saved, or what the fields lack."""
    if isinstance(failed, InvalidFields):
        form.refused, form.go_to = failed, True
        return
    form.clashes, form.refused = failed.clashes, None
    if form.seen is not None:
        model = type(form.seen)
        form.seen = process.desk().snapshot[model].require(str(getattr(form.seen, TAB_OF[model].key)))


def confirmed(form: OpenForm[Any], words: str, *, icon: str) -> bool:
    """The buttons at the foot of a form: True when it is to be submitted; the other one closes it."""
    with st.container(horizontal=True):
        save = st.button(words, key=f"{form.key}.save", type="primary", icon=f":material/{icon}:")
        if st.button(t("Cancel"), key=f"{form.key}.cancel", type="tertiary"):
            close_form(form.name)
            st.rerun()
    return save

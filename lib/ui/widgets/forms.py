"""A form while it is open: what it remembers from run to run, and what is shown of a try to save that was refused.

It remembers the record as it was seen when it was opened, so that somebody else's save in between is noticed; and a
commit id, so that a double click or a repeated request saves once. What was typed into a closed form the browser still
shows in the next one under the same widget keys; so each round of a form has keys of its own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Generic, TypeVar, overload
from uuid import uuid4

import streamlit as st

from lib.domain.records.fields import Column, columns
from lib.domain.records.record import Record
from lib.errors import Clash, InvalidFields, Problem
from lib.i18n import t
from lib.services.parts.extras import extra_columns
from lib.store.schema import TAB_OF
from lib.ui.session.page import Here
from lib.ui.session.state import FORM, HELD, ROUND
from lib.ui.widgets import conflicts, refusals, scrolling
from lib.ui.words.markdown import plain

R = TypeVar("R")
"""The record that a form is about; None for a form of something new."""


@dataclass
class OpenForm(Generic[R]):
    """One open form of one session: the record as seen, the id of the save, and what became of the last try to save.

    `opened` is the record that the form began with; `seen` becomes the present one after each conflict. `go_to` is set
    for the run after a refusal, in which the person is led to the first field to be put right. `round` counts how often
    the form was closed before; `token` is random, and of this round alone. `opened_by` is the key of the session state
    that holds the form open, "" for one that stands on its page always. `marks_fields` tells that the form itself shows
    refusals and conflicts.
    """

    name: str
    seen: R
    opened: R
    opened_by: str = ""
    round: int = 0
    token: str = field(default_factory=lambda: uuid4().hex)
    clashes: tuple[Clash, ...] = ()
    refused: InvalidFields | None = None
    go_to: bool = False
    marks_fields: bool = False

    @property
    def key(self) -> str:
        """What the keys of the form's widgets begin with. Another process gives the same ones, so that what the browser
        still shows after a restart is what is saved."""
        return f"{self.name}.{self.round}" if self.round else self.name

    @property
    def commit_id(self) -> str:
        """The id of the save. History shows it; the token that the browser holds cannot be told from it."""
        return self.commit_of("")

    def commit_of(self, act: str) -> str:
        """The id of another save that the same form may come to, such as adding it to a case that is there."""
        return sha256(f"{self.name}.{self.token}.{act}".encode()).hexdigest()[:32]

    @property
    def problems(self) -> Mapping[str, Problem]:
        """The last refusal by field."""
        return {problem.field: problem for problem in self.refused.problems} if self.refused else {}


@overload
def open_form(name: str) -> OpenForm[None]: ...
@overload
def open_form(name: str, record: R, *, opened_by: str = "") -> OpenForm[R]: ...
def open_form(name: str, record: Any = None, *, opened_by: str = "") -> OpenForm[Any]:
    """The state of a form, begun with the record as it is now. Closing it takes `opened_by` from the session state."""
    if FORM + name not in st.session_state:
        rounds = st.session_state.get(ROUND + name, 0)
        st.session_state[FORM + name] = OpenForm(name, record, record, opened_by, rounds)
    found: OpenForm[Any] = st.session_state[FORM + name]
    return found


def open_held_form(name: str) -> OpenForm[None]:
    """The same for a form that makes something new and stands open on its page: the browser holds round and token too.

    Where the server died after the save and before its answer, the form is still in the browser, and is saved again to
    another process: with the commit id it had. To be called once a run, before any widget of the form.
    """
    known = FORM + name in st.session_state or ROUND + name in st.session_state
    form = open_form(name)
    held, mark = HELD + name, f"{form.round}.{form.token}"
    told = known and st.session_state.get(held) != mark
    if told:
        st.session_state[held] = mark
    st.html(f"<style>[class*='st-key-{HELD}'] {{ display: none }}</style>")
    browser = st.text_input("Form", "" if told else mark, key=held, autocomplete="off")  # i18n: data
    if not known and (found := _MARK.fullmatch(browser or "")):
        form.round, form.token = int(found[1]), found[2]
    return form


_MARK = re.compile("([0-9]{1,4})[.]([0-9a-f]{32})")


def close_form(name: str) -> None:
    """Forget a form and what was typed into it; the next one begins afresh, with keys of its own."""
    form: OpenForm[Any] | None = st.session_state.get(FORM + name)
    rounds = form.round if form else st.session_state.get(ROUND + name, 0)
    for key in [key for key in st.session_state if str(key).startswith(f"{name}.") or key == FORM + name]:
        del st.session_state[key]
    if form and form.opened_by:
        st.session_state.pop(form.opened_by, None)
    st.session_state[ROUND + name] = rounds + 1


def edited(form: OpenForm[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What the person changed in an open form. A field that somebody else saved meanwhile is not put back."""
    if form.opened is None or form.seen is None:
        return dict(values)
    return {
        name: value
        for name, value in values.items()
        if getattr(form.opened, name) != value and getattr(form.seen, name) != value
    }


def resolve(here: Here, form: OpenForm[Any], current: Record, values: dict[str, Any], *, key: str) -> dict[str, Any]:
    """Show a refusal; show a conflict field by field and take the person's choice; nothing has to be typed again.

    Returns the values to save against `form.seen`: the person's own where they keep it, else the one that was saved.
    """
    form.marks_fields = True
    _show_refusal(form, values, key=key)
    if not form.clashes:
        return values
    known = columns(type(current)) | {one.key: one for one in extra_columns(here.desk, TAB_OF[type(current)].name)}
    asked = [clash for clash in form.clashes if clash.field in values]
    title = conflicts.title(here, current, form.clashes)
    if asked:
        st.warning(
            t("Somebody saved these fields while you were typing. Choose which to keep, then save again."), title=title
        )
    else:
        st.warning(t("It was changed while you were typing. Look at it again, then save again."), title=title)
    for clash in form.clashes:
        if clash.field not in values and clash.field in known and not known[clash.field].locked:
            label = known[clash.field].label(here.language)
            st.caption(t("{field} is now: {value}", field=label, value=here.value(known[clash.field], clash.theirs)))
    chosen = dict(values)
    for clash in asked:
        column, theirs = known[clash.field], getattr(current, clash.field)
        if not _keeps_mine(here, column, values[clash.field], theirs, key=f"{key}.clash.{clash.field}"):
            chosen[clash.field] = theirs
    return chosen


def _keeps_mine(here: Here, column: Column, mine: Any, theirs: Any, *, key: str) -> bool:
    texts = {
        True: t("Mine: {value}", value=plain(here.value(column, mine))),
        False: t("Theirs: {value}", value=plain(here.value(column, theirs))),
    }
    picked = st.radio(column.label(here.language), [True, False], format_func=texts.__getitem__, key=key)
    return bool(picked)


def _show_refusal(form: OpenForm[Any], values: Mapping[str, Any], *, key: str) -> None:
    """What the last try to save lacked and still lacks; in the run after it, lead to the first such field."""
    refusals.show(form.refused, values)
    if form.go_to and form.refused is not None:
        form.go_to = False
        scrolling.enter(f"{key}.{problem.field}" for problem in form.refused.problems)

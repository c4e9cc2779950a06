"""Fields of records as widgets, from the one declaration of each column; and the state of an open form.

A form remembers the record as it was seen when it was opened, so that somebody else's save in between is noticed; and a
commit id, so that a double click or a repeated request saves once. What was typed into a closed form the browser still
shows in the next one under the same widget keys; so each round of a form has keys of its own.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import uuid4

import streamlit as st

from lib.desk.desk import Desk
from lib.domain.records.fields import Column, columns
from lib.domain.records.people import Staff
from lib.domain.records.record import Record
from lib.errors import Clash, InvalidFields, Problem
from lib.i18n import t
from lib.services.parts.extras import extra_columns
from lib.store.schema import TAB_OF
from lib.ui.session.page import Here
from lib.ui.session.state import FORM, HELD, ROUND
from lib.ui.widgets import conflicts, refusals, scrolling
from lib.ui.words.markdown import plain

FEW = 5  # choices up to this many are shown as buttons
Begin = Callable[[Any], Any]
"""The initial value of a widget, given the value of the record."""
_FIRST, _LAST = date(1900, 1, 1), date(2099, 12, 31)  # Streamlit itself offers ten years before and after today


@dataclass
class OpenForm:
    """One open form of one session: the record as seen, the id of the save, and what became of the last try to save.

    `opened` is the record that the form began with; `seen` becomes the present one after each conflict. `go_to` is set
    for the run after a refusal, in which the person is led to the first field to be put right. `round` counts how often
    the form was closed before; `token` is random, and of this round alone. `opened_by` is the key of the session state
    that holds the form open, "" for one that stands on its page always. `marks_fields` tells that the form itself shows
    refusals and conflicts.
    """

    name: str
    opened_by: str = ""
    round: int = 0
    token: str = field(default_factory=lambda: uuid4().hex)
    seen: Record | None = None
    clashes: tuple[Clash, ...] = ()
    opened: Record | None = None
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


def open_form(name: str, record: Record | None = None, *, opened_by: str = "") -> OpenForm:
    """The state of a form, begun with the record as it is now. Closing it takes `opened_by` from the session state."""
    if FORM + name not in st.session_state:
        rounds = st.session_state.get(ROUND + name, 0)
        st.session_state[FORM + name] = OpenForm(name, opened_by, rounds, seen=record, opened=record)
    found: OpenForm = st.session_state[FORM + name]
    return found


def open_held_form(name: str, record: Record | None = None) -> OpenForm:
    """The same for a form that makes something new and stands open on its page: the browser holds round and token too.

    Where the server died after the save and before its answer, the form is still in the browser, and is saved again to
    another process: with the commit id it had. To be called once a run, before any widget of the form.
    """
    known = FORM + name in st.session_state or ROUND + name in st.session_state
    form = open_form(name, record)
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
    form: OpenForm | None = st.session_state.get(FORM + name)
    rounds = form.round if form else st.session_state.get(ROUND + name, 0)
    for key in [key for key in st.session_state if str(key).startswith(f"{name}.") or key == FORM + name]:
        del st.session_state[key]
    if form and form.opened_by:
        st.session_state.pop(form.opened_by, None)
    st.session_state[ROUND + name] = rounds + 1


def fields(
    here: Here,
    model: type[Record],
    names: Iterable[str],
    *,
    key: str,
    record: Record | None = None,
    required: Iterable[str] = (),
    form: OpenForm | None = None,
) -> dict[str, Any]:
    """One widget for each field, in the order given; returns the values entered. Problems of `form` stand below."""
    known, must = columns(model), set(required)
    problems = form.problems if form else {}
    values = {}
    for name in names:
        value = getattr(record, name) if record else _initial(model, name)
        with st.container(gap="xxsmall") if name in problems else nullcontext():
            values[name] = widget(
                here, known[name], value,
                key=f"{key}.{name}", required=name in must, keeps=not _may_be_empty(model, name),
            )  # fmt: skip
            refusals.mark(problems.get(name), values[name])
    return values


def _initial(model: type[Record], name: str) -> Any:
    info = model.model_fields[name]
    return None if info.is_required() else info.get_default()


def _may_be_empty(model: type[Record], name: str) -> bool:
    return not model.model_fields[name].is_required() and _initial(model, name) in (None, "")


def widget(
    here: Here,
    column: Column,
    value: Any,
    *,
    key: str,
    required: bool = False,
    keeps: bool = False,
    persist: str | None = None,
) -> Any:
    """The widget that fits the kind of a column; returns the value as a record holds it.

    One that is `required`, or `keeps` what it begins with, cannot be emptied. With `persist="session"` what was typed
    outlives a look at another page.
    """
    label = column.label(here.language) + (" *" if required else "")
    state: dict[str, Any] = {"key": key, "persist_state": persist, "help": column.hint(here.language) or None}
    begin = _as_it_is if required or keeps else partial(_to_be_emptied, key)
    match column.kind:
        case "choice":
            return _choice(here, column, value, label, state, begin)
        case "person":
            return _person(here.desk, value, label, state, begin)
        case "long_text":
            return st.text_area(label, value or "", height=110, **state) or ""
        case "date":
            first, last = min(_FIRST, value or _FIRST), max(_LAST, value or _LAST)
            return st.date_input(label, begin(value), first, last, format="YYYY-MM-DD", **state)
        case "time":
            return _time(here, value, label, state, begin)
        case "flag":
            return st.toggle(label, bool(value), **state)
        case "money":
            return st.number_input(label, min_value=0.0, value=begin(value), step=100.0, format="%.2f", **state)
        case "number":
            return _number(here, column, value, label, state, begin)
        case "phone":
            numbers = t("Mobile, landline or 400 number")
            return st.text_input(label, value or "", type="phone", placeholder=numbers, **state) or ""
        case _:
            return st.text_input(label, value or "", **state) or ""


def _as_it_is(value: Any) -> Any:
    return value


def _to_be_emptied(key: str, value: Any) -> None:
    """The initial value of a widget that may be left empty. Streamlit lets people empty only what begins empty, so the
    value is put into the state of the widget instead."""
    if value is not None:
        st.session_state.setdefault(key, value)


def _choice(here: Here, column: Column, value: str, label: str, state: dict[str, Any], begin: Begin) -> str:
    """Few choices are buttons, many a list that can be typed into; a value that is no longer offered stays visible."""
    lists, language = here.desk.lists, here.language
    offered = list(lists.codes(column.choices))
    options = offered if not value or value in offered else [value, *offered]

    def words(code: str) -> str:
        return lists.label(column.choices, code, language)

    if len(options) <= FEW:
        picked = st.segmented_control(label, options, default=value or None, format_func=words, wrap=True, **state)
    else:
        chosen = begin(value or None)
        index = options.index(chosen) if chosen else None
        picked = st.selectbox(label, options, index=index, format_func=words, placeholder=t("Choose"), **state)
    return str(picked or "")


def _person(desk: Desk, value: str, label: str, state: dict[str, Any], begin: Begin) -> str:
    people = {
        staff.staff_id: staff for staff in desk.snapshot[Staff].values() if staff.active or staff.staff_id == value
    }
    options = sorted(people, key=lambda staff_id: people[staff_id].name)
    chosen = begin(value if value in people else None)
    index = options.index(chosen) if chosen else None

    def name(staff_id: str) -> str:
        return people[staff_id].name

    return str(st.selectbox(label, options, index=index, format_func=name, placeholder=t("Choose"), **state) or "")


def _time(here: Here, value: datetime | None, label: str, state: dict[str, Any], begin: Begin) -> datetime | None:
    """A moment in the workspace's zone; Streamlit's own value has no zone."""
    zone = here.desk.settings.zone
    local = value.astimezone(zone).replace(tzinfo=None) if value else None
    first, last = (datetime.combine(day, time()) for day in (_FIRST, _LAST))
    first, last = min(first, local or first), max(last, local or last)
    picked = st.datetime_input(label, begin(local), first, last, format="YYYY-MM-DD", **state)
    if picked and local and picked == local.replace(second=picked.second, microsecond=picked.microsecond):
        return value  # the widget asks for minutes: what was not touched keeps its seconds
    return picked.replace(tzinfo=zone) if picked else None


def _number(
    here: Here, column: Column, value: float | None, label: str, state: dict[str, Any], begin: Begin
) -> float | int | None:
    """A severity factor shows its written scale; any other number is typed."""
    factor = next((f for f in here.desk.config.severity.factors if f"severity_{f.key}" == column.key), None)
    if factor is None:
        typed: float | int | None = st.number_input(label, value=begin(value), step=1, **state)
        return typed
    texts = [step.label(here.language) for step in factor.scale]
    judged = begin(None if value is None else int(value))
    index = None if judged is None else judged - 1

    def words(n: int) -> str:
        return f"{n} · {texts[n - 1]}"

    chosen: int | None = st.selectbox(
        label, [1, 2, 3, 4, 5], index=index, format_func=words, placeholder=t("Choose"), **state
    )
    return chosen


def changed(record: Record, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that differ from the record."""
    return {name: value for name, value in values.items() if getattr(record, name) != value}


def edited(form: OpenForm, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the person changed in an open form. A field that somebody else saved meanwhile is not hers to put back."""
    if form.opened is None or form.seen is None:
        return dict(values)
    return {name: value for name, value in changed(form.opened, values).items() if getattr(form.seen, name) != value}


def resolve(here: Here, form: OpenForm, current: Record, values: dict[str, Any], *, key: str) -> dict[str, Any]:
    """Show a refusal; show a conflict field by field and take the person's choice; nothing has to be typed again.

    Returns the values to save against `form.seen`: mine where she keeps hers, theirs where she gives way.
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


def _show_refusal(form: OpenForm, values: Mapping[str, Any], *, key: str) -> None:
    """What the last try to save lacked and still lacks; in the run after it, lead to the first such field."""
    refusals.show(form.refused, values)
    if form.go_to and form.refused is not None:
        form.go_to = False
        scrolling.enter(f"{key}.{problem.field}" for problem in form.refused.problems)

"""Fields of records as widgets, from the one declaration of each column."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import date, datetime, time
from functools import partial
from typing import Any

import streamlit as st

from lib.desk.desk import Desk
from lib.domain.records.fields import Column, columns
from lib.domain.records.people import Staff
from lib.domain.records.record import Record
from lib.i18n import t
from lib.ui.session.page import Here
from lib.ui.widgets import refusals
from lib.ui.widgets.forms import OpenForm

FEW = 5  # choices up to this many are shown as buttons
Begin = Callable[[Any], Any]
"""The initial value of a widget, given the value of the record."""
_FIRST, _LAST = date(1900, 1, 1), date(2099, 12, 31)  # Streamlit itself offers ten years before and after today


def fields(
    here: Here,
    model: type[Record],
    names: Iterable[str],
    *,
    key: str,
    record: Record | None = None,
    required: Iterable[str] = (),
    form: OpenForm[Any] | None = None,
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

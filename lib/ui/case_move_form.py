"""The fields of a move's form: those it needs are marked; severity, warranty and people's load are shown beside."""

from typing import Any

import streamlit as st

from lib.domain.case import Case
from lib.domain.fields import columns
from lib.domain.workflow import Move
from lib.i18n import t
from lib.services.assignment import Load, loads
from lib.services.handling import SEVERITY_FIELDS
from lib.ui.case_severity import show_judgement, show_warranty
from lib.ui.forms import fields, widget
from lib.ui.page import Here


def ask(here: Here, case: Case, move: Move, *, key: str) -> dict[str, Any]:
    """The widgets of the move, begun with what the case holds; returns the values entered."""
    values: dict[str, Any] = {}
    judged = set(SEVERITY_FIELDS) <= set(move.fields)
    plain = [name for name in move.fields if name != "assignee" and not (judged and name in _JUDGED)]
    if "assignee" in move.fields:
        values["assignee"] = _assignee(here, case, key=f"{key}.assignee", required="assignee" in move.needs)
    _begin_with_now(here, case, move, key=key)
    with st.grid(2, min_column_width=260):
        values |= fields(here, Case, plain, key=key, record=case, required=move.needs)
    if judged:
        values |= _judgement(here, case, move, key=key)
    if "category" in values or "handover_on" in values:
        show_warranty(here, case, values)
    return values


def _begin_with_now(here: Here, case: Case, move: Move, *, key: str) -> None:
    """What has just happened is dated now, unless the person says when: five parts of a time are long to type."""
    for name in move.needs:
        if columns(Case)[name].kind == "time" and getattr(case, name) is None:
            st.session_state.setdefault(f"{key}.{name}", here.now.replace(second=0, tzinfo=None))


_JUDGED = frozenset({*SEVERITY_FIELDS, "priority"})


def _judgement(here: Here, case: Case, move: Move, *, key: str) -> dict[str, Any]:
    """The five factors; the priority is chosen by hand only while one of them is missing."""
    with st.grid(3, min_column_width=200):
        values = fields(here, Case, SEVERITY_FIELDS, key=key, record=case)
    if not show_judgement(here, values) and "priority" in move.fields:
        column = columns(Case)["priority"]
        picked = widget(here, column, case.priority, key=f"{key}.priority", required="priority" in move.needs)
        values["priority"] = picked or case.priority
    return values


def _assignee(here: Here, case: Case, *, key: str, required: bool) -> str:
    """Who may take the case, the least loaded first, with the work each already has."""
    found = {load.staff.staff_id: load for load in loads(here.desk)}
    options = list(found)
    if case.assignee and case.assignee not in found:
        options.insert(0, case.assignee)
    # As they were when the form was opened: Streamlit knows a choice by its text, and loses it when that changes.
    labels: dict[str, str] = st.session_state.setdefault(f"{key}.labels", {})
    for staff_id in options:
        labels.setdefault(staff_id, _load_text(here, staff_id, found.get(staff_id)))
    picked = st.selectbox(
        columns(Case)["assignee"].label(here.language) + (" *" if required else ""),
        options,
        index=options.index(case.assignee) if case.assignee else None,
        format_func=labels.__getitem__,
        key=key,
        placeholder=t("Choose"),
    )
    return str(picked or "")


def _load_text(here: Here, staff_id: str, load: Load | None) -> str:
    if load is None:
        return here.person(staff_id)
    words = t("{open} of {capacity} open", open=load.open, capacity=load.staff.capacity)
    late = f" · {t('{n} overdue', n=load.overdue)}" if load.overdue else ""
    away = f" · {t('away')}" if load.away else ""
    return f"{load.staff.name} · {words}{late}{away}"

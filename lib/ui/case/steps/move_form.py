"""The fields of a move's form: those it needs are marked; severity, warranty and people's load are shown beside."""

from typing import Any

import streamlit as st

from lib.domain.clocks.waits import APPROVE, limit
from lib.domain.records.case import COMPLAINT, Case
from lib.domain.records.fields import columns
from lib.domain.rules.replies import blanks_left
from lib.domain.rules.workflow import PROMISE, Move
from lib.i18n import current_language, format_date, t
from lib.services.cases.handling import SEVERITY_FIELDS, assessment
from lib.services.cases.linking import LINKS
from lib.services.parts.replies import filled
from lib.services.story.audit import visible
from lib.services.work.assignment import Workload, explain, loads
from lib.ui.case.severity import show_judgement, show_warranty
from lib.ui.case.steps import archive, linking, replies, review
from lib.ui.session.page import Here
from lib.ui.widgets import refusals
from lib.ui.widgets.fields import fields, widget
from lib.ui.widgets.forms import OpenForm
from lib.ui.widgets.suggestions import offer_category, offer_priority
from lib.ui.words.markdown import plain as plain_text
from lib.words.assignment import why


def ask(here: Here, case: Case, move: Move, form: OpenForm[Case], *, key: str) -> dict[str, Any]:
    """The widgets of the move, begun with what the case holds; returns the values entered."""
    values: dict[str, Any] = {}
    judged = set(SEVERITY_FIELDS) <= set(move.fields)
    typed = _typed(case, move, key=key)
    plain = [name for name in move.shown(typed) if _is_plain(case, name, judged=judged)]
    if "assignee" in move.fields:
        values["assignee"] = _assignee(here, case, key=f"{key}.assignee", required="assignee" in move.needs)
    _begin_with_now(here, case, move, key=key)
    _begin_with_client(here, case, move, key=key)
    _begin_with_reply(here, case, move, key=key)
    if "category" in move.fields:
        chosen = st.session_state.get(f"{key}.category", case.category)
        offer_category(here, _told(case), chosen=chosen or "", target=f"{key}.category")
    if move.tell_client:
        replies.offer(here, case, here.desk.config.replies.for_move(move.key), target=f"{key}.{move.tell_client}")
    with st.grid(2, min_column_width=260):
        values |= fields(here, Case, plain, key=key, record=_begun(case, move), required=move.needed(typed), form=form)
    if "reviewer" in move.fields:
        values["reviewer"] = review.choose_reviewer(here, case, key=f"{key}.reviewer")
    for name in (name for name in LINKS if name in move.fields):
        values[name] = linking.choose(here, case, name, key=f"{key}.{name}")
        refusals.mark(form.problems.get(name), values[name])
    if "archive_reason" in move.fields:
        values["archive_reason"] = archive.reason(here, case, key=f"{key}.archive_reason")
    if judged:
        values |= _judgement(here, case, move, key=key)
    if PROMISE in values:
        _wait_limit(here, case)
    if "category" in values or "handover_on" in values:
        show_warranty(here, case, values)
    return values


def _wait_limit(here: Here, case: Case) -> None:
    """How far off the day may be; who may approve a later one is told that she would."""
    waits = here.desk.config.sla.waits
    begun = (case.paused_at or here.now).astimezone(here.desk.settings.zone).date()
    last = format_date(limit(case.priority, begun, here.desk.calendar, waits))
    if here.actor.may(APPROVE, case):
        st.caption(t("A day after {last} needs approval; setting it, you approve it.", last=last))
    else:
        st.caption(t("At the latest {last}; a later day needs the approval of the head.", last=last))


def _is_plain(case: Case, name: str, *, judged: bool) -> bool:
    """Whether a field is asked in its place. Whom it is about is asked of complaints only."""
    if name == "complained_about":
        return case.kind == COMPLAINT or case.complained_about != ""
    return name not in _ASKED_APART and not (judged and name in _JUDGED)


def _begun(case: Case, move: Move) -> Case:
    """The case without what was said the time before, where it has to be said anew."""
    return case.model_copy(update={name: Case.model_fields[name].default for name in move.anew})


def _typed(case: Case, move: Move, *, key: str) -> Case:
    """The case with what was chosen so far, where more is needed because of it."""
    chosen = {name: st.session_state.get(f"{key}.{name}", getattr(case, name)) or "" for name in move.needs_if}
    return case.model_copy(update=chosen)


def _told(case: Case) -> str:
    return f"{case.title}\n{case.description}"


def _begin_with_client(here: Here, case: Case, move: Move, *, key: str) -> None:
    """Whoever agrees is the client herself, unless the person says who."""
    begin = "consent_by" in move.needed(case) and not case.consent_by and visible(here.actor, case, "client_name")
    if begin:
        st.session_state.setdefault(f"{key}.consent_by", case.client_name)


def _begin_with_reply(here: Here, case: Case, move: Move, *, key: str) -> None:
    """What a client may be told with a step begins with the first template, so that nobody forgets her; who empties it
    tells her nothing. What has to be told is left to the person."""
    templates = here.desk.config.replies.for_move(move.key)
    if not templates or move.tell_client not in move.asks or getattr(case, move.tell_client):
        return
    language = current_language()
    text = filled(here.desk, actor=here.actor, case=case, reply=templates[0], language=language)
    if not blanks_left(text):
        st.session_state.setdefault(f"{key}.{move.tell_client}", text)


def _begin_with_now(here: Here, case: Case, move: Move, *, key: str) -> None:
    """What has just happened is dated now, unless the person says when: five parts of a time are long to type."""
    for name in move.needed(case):
        if columns(Case)[name].kind == "time" and getattr(case, name) is None:
            st.session_state.setdefault(f"{key}.{name}", here.now.replace(second=0, tzinfo=None))


_ASKED_APART = frozenset({"assignee", "reviewer", "archive_reason", *LINKS})
_JUDGED = frozenset({*SEVERITY_FIELDS, "priority"})


def _judgement(here: Here, case: Case, move: Move, *, key: str) -> dict[str, Any]:
    """The five factors; the priority is chosen by hand only while one of them is missing."""
    with st.grid(3, min_column_width=200):
        values = fields(here, Case, SEVERITY_FIELDS, key=key, record=case)
    found = assessment(here.desk, values)
    show_judgement(here, values)
    if found is not None:
        offer_priority(here, here.desk.urgency_in(case), chosen=found.priority)
    elif "priority" in move.fields:
        column, target = columns(Case)["priority"], f"{key}.priority"
        offer_priority(
            here, here.desk.urgency_in(case), chosen=st.session_state.get(target) or case.priority, target=target
        )
        picked = widget(here, column, case.priority, key=target, required="priority" in move.needs)
        values["priority"] = picked or case.priority
    return values


def _assignee(here: Here, case: Case, *, key: str, required: bool) -> str:
    """Who may take the case, the least loaded first, with the work each already has; begun with what the rules propose.

    Whoever the complaint is about is not offered.
    """
    found = {load.staff.staff_id: load for load in loads(here.desk) if load.staff.staff_id != case.complained_about}
    options = list(found)
    if case.assignee and case.assignee not in found:
        options.insert(0, case.assignee)
    # As they were when the form was opened: Streamlit knows a choice by its text, and loses it when that changes.
    labels: dict[str, str] = st.session_state.setdefault(f"{key}.labels", {})
    for staff_id in options:
        labels.setdefault(staff_id, _load_text(here, staff_id, found.get(staff_id)))
    proposal = explain(here.desk, case)
    proposed = proposal.assignee if proposal.assignee in options else ""
    begun = case.assignee or proposed
    picked = st.selectbox(
        columns(Case)["assignee"].label(here.language) + (" *" if required else ""),
        options,
        index=options.index(begun) if begun else None,
        format_func=labels.__getitem__,
        key=key,
        placeholder=t("Choose"),
    )
    if proposed:
        proposes = t("The rules propose {name}", name=plain_text(here.person(proposed)))
        st.caption(t("{field}: {value}", field=proposes, value=plain_text(why(proposal))))
    return str(picked or "")


def _load_text(here: Here, staff_id: str, load: Workload | None) -> str:
    if load is None:
        return here.person(staff_id)
    words = t("{open} of {capacity} open", open=load.open, capacity=load.staff.capacity)
    late = f" · {t('{n} overdue', n=load.overdue)}" if load.overdue else ""
    away = f" · {t('away')}" if load.away else ""
    return f"{load.staff.name} · {words}{late}{away}"

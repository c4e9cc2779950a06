"""Follow-up calls as a list that is worked off in place."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp
from lib.domain.records.fields import columns
from lib.errors import CasesheetError, Conflict, InvalidFields, Problem
from lib.i18n import N_, format_date, t, tn
from lib.services.aftercare import calls, follow_ups
from lib.services.aftercare.follow_ups import NOT_REACHED, PROBLEM, REACHED, SATISFIED, OpenFollowUps, Recorded
from lib.services.story import audit
from lib.ui.frame import links
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.session.state import FOLLOW_UP_ROWS, REVEALED
from lib.ui.widgets.fields import widget
from lib.ui.widgets.forms import OpenForm, open_form, open_held_form
from lib.ui.widgets.messages import flash, show_error
from lib.ui.widgets.paging import show_more
from lib.ui.widgets.submit import submit
from lib.ui.widgets.url_choice import url_choice
from lib.ui.words.case import personal_text
from lib.ui.words.markdown import plain

PAGE = 20  # rows before "show more"
_PLAN = "plan_follow_up"
_COLUMNS = columns(FollowUp)
_OUTCOMES = {
    SATISFIED: (":material/sentiment_satisfied:", N_("Satisfied")),
    REACHED: (":material/call:", N_("Reached")),
    NOT_REACHED: (":material/phone_missed:", N_("Not reached")),
    PROBLEM: (":material/report:", N_("Problem found")),
}


def choose_whose(here: Here) -> str:
    """Heading and the choice between my calls and everybody's; returns the staff id, "" for everybody."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header(t("Follow-ups"), anchor=False)
        chosen = url_choice(
            t("Whose work"),
            {"mine": t("My calls"), "all": t("The whole team")},
            name="whose",
            default="all" if here.actor.leads else "mine",
        )
    return "" if chosen == "all" else here.actor.staff_id


def choose_part(agenda: OpenFollowUps) -> tuple[FollowUp, ...]:
    """Overdue, today or to come, with their counts; what is late comes first."""
    parts = {"overdue": agenda.overdue, "today": agenda.today, "upcoming": agenda.upcoming}
    overdue = t("Overdue {n}", n=len(agenda.overdue))
    labels = {
        "overdue": f":red[:material/alarm: {overdue}]" if agenda.overdue else overdue,
        "today": t("Today {n}", n=len(agenda.today)),
        "upcoming": t("To come {n}", n=len(agenda.upcoming)),
    }
    chosen = url_choice(t("When"), labels, name="due", default="overdue" if agenda.overdue else "today")
    return parts[chosen]


def show_list(here: Here, items: Sequence[FollowUp]) -> None:
    if not items:
        with st.container(border=True, horizontal_alignment="center"):
            st.markdown(f":material/check_circle: {t('No calls here. Closed cases plan theirs by themselves.')}")
        return
    shown = st.session_state.get(FOLLOW_UP_ROWS, PAGE)
    for item in items[:shown]:
        with st.container(border=True, gap="small"):
            _about(here, item)
            _record(here, item)
    show_more(FOLLOW_UP_ROWS, shown=shown, of=len(items), step=PAGE)


def _about(here: Here, item: FollowUp) -> None:
    case = here.desk.snapshot[Case].get(item.case_no)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(_headline(here, item, case), width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            _phone(here, item, case)
            if case and here.actor.may("case.view", case):
                link("case", item.case_no, icon="folder_open", no=item.case_no)


def _headline(here: Here, item: FollowUp, case: Case | None) -> str:
    name = personal_text(here, item, "client_name")
    details = [
        plain(case.title) if case and here.actor.may("case.view", case) else "",
        t("deal {number}", number=plain(item.deal_no)) if item.deal_no else "",
        t("tried {n} of {most} times", n=item.tries, most=here.desk.config.follow_up.tries.most) if item.tries else "",
        plain(here.person(item.assignee)),
        plain(item.note),
        _also(here, item),
    ]
    small = " · ".join(detail for detail in details if detail)
    purpose = plain(here.label("follow_up_purpose", item.purpose))
    return f"{_when(here, item.due_on)} **{plain(name) or t('Client')}** · {purpose}  \n:small[:gray[{small}]]"


def _also(here: Here, item: FollowUp) -> str:
    """What else the same call is for."""
    others = [one for one in calls.together(here.desk, item) if one.follow_up_id != item.follow_up_id]
    named = (f"{here.label('follow_up_purpose', one.purpose)} {one.case_no or one.deal_no}".strip() for one in others)
    return t("in the same call: {calls}", calls=plain("; ".join(named))) if others else ""


def _when(here: Here, day: date) -> str:
    late = (here.now.date() - day).days
    if late > 0:
        return f":red-badge[:material/alarm: {tn('late by {n} day', 'late by {n} days', late)}]"
    if late == 0:
        return f":orange-badge[:material/schedule: {t('today')}]"
    return f":gray-badge[:material/event: {format_date(day)}]"


def _may_see(here: Here, item: FollowUp, case: Case | None) -> bool:
    """Also where she asked to see it, and still may."""
    asked = case is not None and (item.case_no, "client_phone") in _revealed()
    seen = audit.sees(here.desk, here.actor, item, "client_phone")
    return seen or (asked and here.actor.may("personal.reveal", case))


def _revealed() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = st.session_state.setdefault(REVEALED, set())
    return found


def _phone(here: Here, item: FollowUp, case: Case | None) -> None:
    if not item.client_phone:
        return
    if _may_see(here, item, case):
        st.link_button(item.client_phone, f"tel:{item.client_phone}", icon=":material/call:")
        return
    st.markdown(plain(audit.masked(item, "client_phone")), width="content")
    if case and here.actor.may("personal.reveal", case):
        st.button(
            t("Show the number"),
            key=f"reveal.{item.follow_up_id}",
            icon=":material/visibility:",
            type="tertiary",
            on_click=_reveal,
            args=(here, item, case),
        )


def _reveal(here: Here, item: FollowUp, case: Case) -> None:
    try:
        audit.reveal_personal(here.desk, actor=here.actor, case=case, field="client_phone")
    except CasesheetError as refused:
        show_error(refused)
        return
    _revealed().add((item.case_no, "client_phone"))


def _record(here: Here, item: FollowUp) -> None:
    """One tap chooses what came of the call, the second saves it, with a word or a next day where wanted."""
    form = open_form(f"fu.{item.follow_up_id}", item)
    key = form.key
    labels = {code: f"{icon} {t(name)}" for code, (icon, name) in _OUTCOMES.items()}
    outcome = st.segmented_control(
        t("Outcome"),
        list(labels),
        format_func=labels.__getitem__,
        key=f"{key}.outcome",
        label_visibility="collapsed",
        wrap=True,
    )
    if not outcome:
        return
    with st.form(f"{key}.form", border=False):
        values = _problem_fields(here, key) if outcome == PROBLEM else _call_fields(here, item, outcome, key)
        saved = st.form_submit_button(t("Save"), type="primary", icon=":material/check:")
    if saved:
        _save(here, item, outcome, values, form)


def _call_fields(here: Here, item: FollowUp, outcome: str, key: str) -> dict[str, Any]:
    left, right = st.columns([3, 1])
    note = left.text_input(t("Note (optional)"), key=f"{key}.note")
    suggested = None if outcome == NOT_REACHED else follow_ups.suggested_next(here.desk, item)
    next_on = right.date_input(
        t("Try again on (optional)") if outcome == NOT_REACHED else t("Next call (optional)"),
        suggested,
        key=f"{key}.{outcome}.next_on",
        format="YYYY-MM-DD",
    )
    return {"note": note or "", "next_on": next_on}


def _problem_fields(here: Here, key: str) -> dict[str, Any]:
    kinds = {code: here.label("kind", code) for code in here.desk.lists.codes("kind")}
    text = st.text_area(t("What is the problem?"), key=f"{key}.description", height=90)
    kind = st.pills(
        t("Kind"),
        list(kinds),
        default=follow_ups.PROBLEM_KIND if follow_ups.PROBLEM_KIND in kinds else None,
        format_func=kinds.__getitem__,
        key=f"{key}.kind",
    )
    return {"problem": {"description": text or "", **({"kind": kind} if kind else {})}}


def _save(here: Here, item: FollowUp, outcome: str, values: dict[str, Any], form: OpenForm[FollowUp]) -> None:
    with submit(form):
        try:
            recorded = follow_ups.record_outcome(
                here.desk, actor=here.actor, follow_up=form.seen, outcome=outcome, commit_id=form.commit_id, **values
            )
        except Conflict:
            form.seen = item  # what is shown now is what the next attempt goes by
            raise
        flash(_said(recorded))


def _said(recorded: Recorded) -> str:
    if recorded.opened_case:
        address = links.absolute("case", no=recorded.opened_case)
        return t("Case [{number}]({address}) was opened", number=recorded.opened_case, address=address)
    if recorded.gave_up:
        return t("Saved. Tried often enough: use another channel")
    if recorded.next_on:
        return t("Saved. Next call on {day}", day=format_date(recorded.next_on))
    return t("Saved")


def show_planning(here: Here) -> None:
    """A call planned by hand: for a case, or for a client without one."""
    form = open_held_form(_PLAN)
    key = form.key
    with st.expander(t("Plan a call"), icon=":material/add:"), st.form(key, border=False):
        left, right = st.columns(2)
        with left:
            number = st.text_input(t("Case number (or name and telephone)"), key=f"{key}.case_no") or ""
            name = widget(here, _COLUMNS["client_name"], "", key=f"{key}.client_name")
            phone = widget(here, _COLUMNS["client_phone"], "", key=f"{key}.client_phone")
        with right:
            purpose = widget(here, _COLUMNS["purpose"], "other", key=f"{key}.purpose")
            due_on = widget(here, _COLUMNS["due_on"], here.now.date(), key=f"{key}.due_on")
            assignee = widget(here, _COLUMNS["assignee"], here.actor.staff_id, key=f"{key}.assignee")
        planned = st.form_submit_button(t("Plan a call"), type="primary", icon=":material/event:")
    if planned:
        client = {"client_name": name, "client_phone": phone, "branch": here.actor.branch}
        values = {"purpose": purpose or "other", "due_on": due_on, "assignee": assignee}
        _plan(here, form, number.strip(), client, values)


def _plan(here: Here, form: OpenForm[None], number: str, client: dict[str, Any], values: dict[str, Any]) -> None:
    with submit(form):
        if values["due_on"] is None:
            raise InvalidFields("follow_ups", [Problem("due_on", "missing")])
        case = here.desk.snapshot[Case].require(number) if number else None
        follow_ups.plan_follow_up(
            here.desk,
            actor=here.actor,
            case=case,
            client=None if case else client,
            commit_id=form.commit_id,
            **values,
        )
        flash(t("Planned for {day}", day=format_date(values["due_on"])))

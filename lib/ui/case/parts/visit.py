"""The site visit of a case: the appointment with its entry for the calendar, and what was found there."""

from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from lib.documents.visit_calendar import visit_calendar
from lib.domain.records.case import Case
from lib.i18n import current_language, format_datetime, format_duration, t
from lib.services.parts import visits
from lib.services.story.audit import visible
from lib.ui.frame import downloads
from lib.ui.session.page import Here
from lib.ui.session.state import CASE_VISIT
from lib.ui.widgets.fields import fields
from lib.ui.widgets.forms import OpenForm, edited, open_form, resolve
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import confirmed, submit
from lib.ui.words.case import place_text
from lib.ui.words.markdown import plain

BOOK, CANCEL, FINDINGS = "book", "cancel", "findings"
"""The forms of this part; one is open at a time."""


def show(here: Here, case: Case) -> None:
    """The appointment, what may be done with it, and the findings."""
    with st.container(border=True, gap="small"):
        st.markdown(appointment_text(here, case))
        _buttons(here, case)
    opened = st.session_state.get(CASE_VISIT)
    forms = {BOOK: _book, CANCEL: _cancel, FINDINGS: _findings}
    if opened and opened[0] == case.case_no:
        with st.container(border=True, gap="small"):
            forms[opened[1]](here, case)
    if case.visit_findings:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**:material/search: {t('Findings on site')}**")
            st.markdown("  \n".join(plain(line) for line in case.visit_findings.splitlines()))


def appointment_text(here: Here, case: Case) -> str:
    """When, who and where, and whether it is past, in Markdown."""
    if case.visit_at is None:
        return f":gray[:material/event: {t('No site visit agreed.')}]"
    when = format_datetime(case.visit_at, here.desk.settings.zone)
    length = format_duration(timedelta(minutes=case.visit_minutes or visits.USUAL_MINUTES))
    who = plain(here.person(visits.visitor(case))) or t("nobody yet")
    where = plain(case.visit_place) if visible(here.actor, case, "visit_place") else ""
    return f"**{when}** · {length} · {_state(here, case)}  \n:material/directions_walk: {who} · " + (
        where or place_text(here, case) or t("no address")
    )


def _state(here: Here, case: Case) -> str:
    if not visits.is_open(case):
        return f":green[:material/check_circle: {t('done')}]"
    ends = visits.ends_at(case)
    if ends and ends < here.now:
        return f":orange[:material/edit_note: {t('findings not written down yet')}]"
    return f":blue[:material/event_available: {t('agreed')}]"


def _buttons(here: Here, case: Case) -> None:
    booked = visits.is_open(case)
    may_book, may_note = here.actor.may("case.contact", case), here.actor.may("case.note", case)
    with st.container(horizontal=True, gap="small"):
        if may_book:
            words = t("Change the visit") if booked else t("Agree on a visit")
            _opener(case, BOOK, words, "edit_calendar" if booked else "calendar_add_on", primary=not booked)
        if may_note:
            over = booked and case.visit_at is not None and case.visit_at <= here.now
            _opener(case, FINDINGS, t("Record findings"), "edit_note", primary=over)
        if may_book and booked:
            _opener(case, CANCEL, t("Cancel visit"), "event_busy", primary=False)
        _calendar(here, case, booked=booked)


def _opener(case: Case, form: str, words: str, icon: str, *, primary: bool) -> None:
    st.button(
        words, key=f"visit.{form}", icon=f":material/{icon}:", type="primary" if primary else "secondary",
        on_click=_open, args=(case.case_no, form),
    )  # fmt: skip


def _open(case_no: str, form: str) -> None:
    st.session_state[CASE_VISIT] = (case_no, form)


def _calendar(here: Here, case: Case, *, booked: bool) -> None:
    """The file that puts the visit into a calendar, or takes it out again."""
    agreed = visits.appointment(here.desk, case)
    if agreed.at is None or not (booked or agreed.cancelled):
        return
    language = current_language()
    downloads.offer(
        here,
        t("Take it out of the calendar") if agreed.cancelled else t("Into the calendar (.ics)"),
        lambda actor: visit_calendar(here.desk, actor=actor, case=case, language=language) or b"",
        name=f"{case.case_no}-visit.ics",
        media="text/calendar",
        key="visit.calendar",
        icon=":material/calendar_month:",
        type="tertiary",
    )


def _open_form(case: Case, form: str) -> OpenForm[Case]:
    return open_form(f"visit.{case.case_no}.{form}", case, opened_by=CASE_VISIT)


def _book(here: Here, case: Case) -> None:
    form = _open_form(case, BOOK)
    key = form.key
    names = [name for name in visits.FIELDS if name != "visit_place" or visible(here.actor, case, name)]
    with st.grid(2, min_column_width=220):
        values = fields(here, Case, names, key=key, record=_begun(form), required=("visit_at",), form=form)
    st.caption(t("Without an address it is the property: {place}", place=place_text(here, case) or "—"))
    _warn(here, case, values)
    values = resolve(here, form, case, values, key=key)
    if confirmed(form, t("Save"), icon="check"):
        _save_booking(here, case, form, values)


def _begun(form: OpenForm[Case]) -> Case:
    """What the form begins with: the appointment that stands, or a new one of whoever has the case."""
    case = form.opened
    if visits.is_open(case):
        return case.model_copy(update={"visit_by": visits.visitor(case)})
    usual = {"visit_at": None, "visit_by": case.assignee, "visit_minutes": visits.USUAL_MINUTES}
    return case.model_copy(update=usual)


def _warn(here: Here, case: Case, values: dict[str, Any]) -> None:
    """What may be right all the same: outside working hours, or somewhere else at that time."""
    at, minutes = values["visit_at"], values["visit_minutes"] or visits.USUAL_MINUTES
    if at is None:
        return
    if at <= here.now and at != case.visit_at:
        st.warning(t("This time is past."), icon=":material/history:")
    elif not here.desk.calendar.is_open(at):
        st.warning(_hours_text(here, at), icon=":material/bedtime:")
    for other in visits.at_the_same_time(here.desk, case, at, minutes, values["visit_by"]):
        when = format_datetime(other.visit_at, here.desk.settings.zone) if other.visit_at else ""
        words = t("{name} is at {case_no} at that time: {when}", name=plain(here.person(values["visit_by"])),
                  case_no=other.case_no, when=when)  # fmt: skip
        st.warning(words, icon=":material/event_busy:")


def _hours_text(here: Here, at: datetime) -> str:
    spans = here.desk.calendar.spans(at.astimezone(here.desk.settings.zone).date())
    if not spans:
        return t("This is not a working day.")
    return t("This is outside the working hours of that day: {spans}", spans=" ".join(str(span) for span in spans))


def _save_booking(here: Here, case: Case, form: OpenForm[Case], values: dict[str, Any]) -> None:
    wanted = edited(form, values)
    if not visits.is_open(case):
        wanted["visit_at"] = values["visit_at"]
    with submit(form):
        visits.book(here.desk, actor=here.actor, case=form.seen, values=wanted, commit_id=form.commit_id)
        flash(t("Visit saved"), icon="event_available")


def _cancel(here: Here, case: Case) -> None:
    form = _open_form(case, CANCEL)
    key = form.key
    reason = st.text_input(t("Reason") + " *", key=f"{key}.reason")
    resolve(here, form, case, {"reason": reason}, key=key)
    if not confirmed(form, t("Cancel visit"), icon="event_busy"):
        return
    with submit(form):
        visits.cancel(here.desk, actor=here.actor, case=form.seen, reason=reason or "", commit_id=form.commit_id)
        flash(t("Visit called off"), icon="event_busy")


def _findings(here: Here, case: Case) -> None:
    form = _open_form(case, FINDINGS)
    key = form.key
    values = fields(
        here, Case, ("visit_findings",), key=key, record=form.opened, required=("visit_findings",), form=form
    )
    values = resolve(here, form, case, values, key=key)
    if not confirmed(form, t("Save"), icon="check"):
        return
    with submit(form):
        visits.record_findings(
            here.desk, actor=here.actor, case=form.seen, findings=values["visit_findings"], commit_id=form.commit_id
        )
        flash(t("Findings saved"))

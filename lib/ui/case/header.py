"""The head of a case: what it is, whose it is, how urgent and why, and the next deadline with the time used."""

from datetime import timedelta

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.rules.moves import paused_minutes
from lib.i18n import format_datetime, format_duration, t
from lib.services.alerts.deadlines import next_deadline
from lib.services.story.audit import reveal_personal, visible
from lib.ui.case import alerts, printing
from lib.ui.case.severity import priority_reason
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.session.state import REVEALED
from lib.ui.widgets.submit import submit
from lib.ui.words.case import deadline_text, due_text, personal_text, priority_text, stage_badge
from lib.ui.words.markdown import plain

CLIENT = ("client_name", "client_phone", "room")


def show(here: Here, case: Case) -> None:
    """The head in one frame, and a warning above it when the stored row has a problem."""
    _problem(here, case)
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(plain(case.title) or case.case_no, anchor=False, width="stretch")
            printing.show(here, case)
            link("cases", t("All cases"), icon="arrow_back")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{case.case_no}**", width="content")
            stage_badge(here, case)
            st.markdown(priority_text(here, case.priority), help=priority_reason(here, case), width="content")
            _people(here, case)
        _clock(here, case)
        alerts.show(here, case)


def _people(here: Here, case: Case) -> None:
    client = " · ".join(part for part in (plain(_shown(here, case, "client_name")), _phone(here, case)) if part)
    place = (case.community, case.building, case.unit, _shown(here, case, "room"))
    st.markdown(f":material/person: {client or t('Client unknown')}", width="content")
    if where := " ".join(part for part in place if part):
        st.markdown(f":material/home: {plain(where)}", width="content")
    who = plain(here.person(case.assignee)) if case.assignee else t("nobody yet")
    st.markdown(f":material/assignment_ind: {who}", width="content")
    hidden = [field for field in CLIENT if getattr(case, field) and not _is_open(here, case, field)]
    if (
        hidden
        and here.actor.may("personal.reveal", case)
        and st.button(
            t("Show the client"),
            icon=":material/visibility:",
            type="tertiary",
            help=t("It is recorded in the timeline that you looked."),
        )
    ):
        _reveal(here, case, hidden)


def _phone(here: Here, case: Case) -> str:
    """The telephone number, to be tapped where it may be seen."""
    number = plain(_shown(here, case, "client_phone"))
    return f"[{number}](tel:{case.client_phone})" if number and _is_open(here, case, "client_phone") else number


def _clock(here: Here, case: Case) -> None:
    found = next_deadline(here.desk, case, here.now)
    paused = _paused(here, case)
    if found is None:
        since = format_datetime(case.stage_since or case.taken_at, here.desk.settings.zone)
        st.markdown(f"{deadline_text(here, case)} · {t('since {time}', time=since)}{paused}")
    else:
        st.progress(min(found.used, 1.0), text=f"{deadline_text(here, case)} · {due_text(here, found)}{paused}")


def _paused(here: Here, case: Case) -> str:
    """The working time that pauses took so far, and why the present one lasts."""
    minutes = paused_minutes(case, here.now, here.desk.calendar)
    reason = f" · {plain(case.wait_reason)}" if case.paused_at and case.wait_reason else ""
    if not minutes:
        return reason
    spent = format_duration(timedelta(minutes=minutes), here.desk.calendar.nominal_day)
    return f"{reason} · {t('paused for {time} of work', time=spent)}"


def _reveal(here: Here, case: Case, fields: list[str]) -> None:
    with submit():
        for field in fields:
            reveal_personal(here.desk, actor=here.actor, case=case, field=field)
        st.session_state[REVEALED] = {*st.session_state.get(REVEALED, ()), *((case.case_no, field) for field in fields)}


def _is_open(here: Here, case: Case, field: str) -> bool:
    asked = (case.case_no, field) in st.session_state.get(REVEALED, ())
    return visible(here.actor, case, field) or (asked and here.actor.may("personal.reveal", case))


def _shown(here: Here, case: Case, field: str) -> str:
    return str(getattr(case, field)) if _is_open(here, case, field) else personal_text(here, case, field)


def _problem(here: Here, case: Case) -> None:
    if case.case_no in here.desk.snapshot[Case].bad:
        st.warning(
            t("The stored row of this case cannot be read as it is; what you see is its last good version."),
            icon=":material/report:",
        )

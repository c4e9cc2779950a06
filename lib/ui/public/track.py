"""The progress of a case in the client's words."""

import streamlit as st

from lib.app import process
from lib.domain.records.case import Case
from lib.domain.text import phones
from lib.i18n import N_, format_date, format_datetime, t
from lib.services.alerts.deadlines import is_confirmed
from lib.services.cases import tracking
from lib.services.cases.tracking import Tracking, Update
from lib.ui.frame import public_page
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.words.case import unconfirmed_text
from lib.ui.words.markdown import plain

_FORM = "track"
_TOKEN = "token"
_STEPS = (N_("Received"), N_("Being handled"), N_("Answered"), N_("Closed"))
_LAST_STEP = len(_STEPS) - 1
_STEP_OF = {"new": 0, "need_info": 0}
_STEP_OF_PHASE = {"open": 1, "paused": 1, "answered": 2, "closed": 3}
_SENTENCES = {
    "new": N_("Your report has arrived and is being looked at."),
    "need_info": N_("We need some more information from you. Please call us."),
    "declined": N_("We could not take this case on."),
    "accepted": N_("We have taken your case on and are choosing who will handle it."),
    "assigned": N_("Somebody is responsible for your case and will contact you."),
    "investigating": N_("We are finding out what happened."),
    "plan_offered": N_("We have made a proposal and are waiting for your agreement."),
    "in_progress": N_("The work is under way."),
    "waiting": N_("We are waiting for somebody else and will keep following up."),
    "answered": N_("We have answered. If you are not satisfied, please call us."),
    "in_review": N_("Somebody else is checking our answer."),
    "closed": N_("This case is closed. If the problem comes back, please call us."),
    "archived": N_("This case is closed. If the problem comes back, please call us."),
}
_EVENTS = {
    "intake": N_("Your report has arrived"),
    "note": N_("Message to you"),
    "call": N_("Telephone call"),
    "visit": N_("Visit"),
    "message": N_("Message to you"),
    "answer": N_("Our answer"),
    "uphold": N_("Our answer after the review"),
    "decline": N_("Not taken on"),
    "ask_more": N_("We need more information"),
    "accept": N_("Taken on"),
    "thank": N_("Our answer"),
    "settle": N_("Our answer"),
}


def tracked_case(here: Here) -> Tracking | None:
    """The case of the link in the address."""
    token = st.query_params.get(_TOKEN, "")
    number = tracking.case_in_link(here.desk, token) if token else ""
    if number and number not in here.desk.snapshot[Case]:
        process.look(here.desk)  # another server may have taken it in a moment ago
    found = tracking.track_by_token(here.desk, token) if token else None
    if token and found is None:
        st.warning(t("This link is not valid any more. Enter your case number instead."))
    return found


def show_search(here: Here) -> None:
    """Number and four digits. The answer to a wrong pair is one sentence, whatever was wrong."""
    st.header(t("Track a case"), anchor=False)
    with st.form(_FORM, border=False):
        number = st.text_input(t("Case number"), key=f"{_FORM}.case_no", max_chars=60, placeholder="TS-2026-000123")
        digits = st.text_input(
            t("Last four digits of your telephone"),
            key=f"{_FORM}.last4",
            max_chars=24,  # the whole number will do
            type="phone",
            placeholder="1234",
            autocomplete="off",
        )
        asked = st.form_submit_button(t("Show the progress"), type="primary", icon=":material/search:", width="stretch")
    if asked:
        _search(here, number or "", digits or "")
    link("report", t("Report a problem"), icon="campaign")


def _search(here: Here, number: str, digits: str) -> None:
    if not (number.strip() and digits.strip()):
        st.warning(t("Enter both the case number and the four digits."))
        return
    # Counted for the number as typed, so that this says nothing about which numbers exist.
    if not (public_page.allowed("track") and public_page.allowed("track.case", phones.digits(number))):
        return
    found = tracking.track(here.desk, case_no=number, last4=digits)
    if found is None:
        process.look(here.desk)  # as often as the limits above allow
        found = tracking.track(here.desk, case_no=number, last4=digits)
    if found is None:
        st.error(
            t("Check both the number and the digits, or call us."),
            title=t("No case was found for this number and these digits"),
        )
        return
    st.query_params[_TOKEN] = tracking.tracking_token(here.desk, found.case_no)
    st.rerun()


def show_case(here: Here, found: Tracking) -> None:
    """Where it stands, what comes next, and what was told to the client so far."""
    st.header(found.case_no, anchor=False)
    st.caption(t("Received on {time}", time=format_datetime(found.taken_at, here.desk.settings.zone)))
    with st.container(border=True):
        _steps(here, found.together or found.stage)
        st.markdown(f"**{_sentence(here, found.stage)}**")
        _deadline(here, found)
    if found.updates:
        st.subheader(t("History"), anchor=False)
    for update in reversed(found.updates):
        _update(here, update)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(t("Look up another case"), icon=":material/search:", type="tertiary", on_click=_forget)
        link("report", t("Report a problem"), icon="campaign")


def _forget() -> None:
    st.query_params.pop(_TOKEN, None)


def _step(here: Here, stage: str) -> int:
    known = here.desk.config.workflow.stages.get(stage)
    return _STEP_OF.get(stage, _STEP_OF_PHASE[known.phase] if known else 1)


def _steps(here: Here, stage: str) -> None:
    """The way to the end; a case that ended without an answer shows that instead of steps that were never made."""
    known, current = here.desk.config.workflow.stages.get(stage), _step(here, stage)
    if known is not None and known.unanswered:
        received = f":green-badge[:material/check: {t(_STEPS[0])}]"
        st.markdown(f"{received} :gray-badge[:material/block: {plain(here.label('stage', stage))}]")
        return
    marks = []
    for position, name in enumerate(_STEPS):
        if position < current or current == _LAST_STEP:
            marks.append(f":green-badge[:material/check: {t(name)}]")
        elif position == current:
            marks.append(f":blue-badge[:material/arrow_right_alt: {t(name)}]")
        else:
            marks.append(f":gray-badge[:material/radio_button_unchecked: {t(name)}]")
    st.markdown(" ".join(marks))


def _sentence(here: Here, stage: str) -> str:
    """The workflow's own words for the client, else ours, else the stage's name."""
    known = here.desk.config.workflow.stages.get(stage)
    if known is not None and known.client is not None:
        return plain(known.client.label(here.language))
    return t(_SENTENCES[stage]) if stage in _SENTENCES else plain(here.label("stage", stage))


def _event(here: Here, action: str) -> str:
    move = here.desk.config.workflow.moves.get(action)
    if move is not None and move.client is not None:
        return plain(move.client.label(here.language))
    return t(_EVENTS.get(action, N_("News")))


def _deadline(here: Here, found: Tracking) -> None:
    if found.promised_on:
        st.markdown(f":material/event: {t('Promised for {day}', day=format_date(found.promised_on))}")
    if found.next_due is None:
        return
    due = format_datetime(found.next_due, here.desk.settings.zone)
    if found.next_due >= here.now:
        note = "" if is_confirmed(here.desk, found.next_due) else f" · {unconfirmed_text(here, found.next_due)}"
        st.markdown(f":material/schedule: {t('Next step by {due}', due=due)}{note}")
    else:
        late = t("The next step was due on {due}. We are sorry for the delay; please call us.", due=due)
        st.markdown(f":red[:material/alarm: {late}]")


def _update(here: Here, update: Update) -> None:
    with st.container(border=True, gap="xsmall"):
        st.caption(f"{format_datetime(update.at, here.desk.settings.zone)} · {_event(here, update.action)}")
        if update.text:
            st.text(update.text)

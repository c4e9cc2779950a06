"""Surveys to be sent, and those sent that wait for an answer."""

from datetime import datetime

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.case_parts import Survey
from lib.i18n import format_date, t
from lib.services.aftercare import satisfaction
from lib.ui.frame import links, public_page
from lib.ui.frame.app_pages import link
from lib.ui.public.survey import ask
from lib.ui.session.page import Here
from lib.ui.session.state import SURVEY_LINK
from lib.ui.widgets.forms import open_form
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words import case as case_words
from lib.ui.words.markdown import plain

ROWS = 20


def show_to_send(here: Here) -> None:
    cases = satisfaction.to_ask(here.desk, actor=here.actor)
    if not cases:
        _nothing(t("Everybody whose case was answered lately has been asked."))
    for case in cases[:ROWS]:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            _about(here, case, here.person(case.assignee))
            if st.button(t("Make the link"), key=f"send.{case.case_no}", icon=":material/send:"):
                _send(here, case)
    _more(len(cases))


def show_waiting(here: Here) -> None:
    surveys = satisfaction.unanswered(here.desk, actor=here.actor)
    if not surveys:
        _nothing(t("No survey waits for an answer."))
    for survey in surveys[:ROWS]:
        case = here.desk.snapshot[Case].get(survey.case_no)
        if case is None:
            continue
        with st.container(border=True, gap="small"):
            _about(here, case, _state(here, survey))
            _act(here, survey, case)
    _more(len(surveys))


def _about(here: Here, case: Case, detail: str) -> None:
    with st.container(width="stretch", gap="xsmall"):
        link("case", f"{case.case_no} {plain(case.title)}", icon="folder_open", no=case.case_no)
        words = [case_words.client_text(here, case), detail]
        st.markdown(f":small[:gray[{' · '.join(word for word in words if word)}]]")


def _state(here: Here, survey: Survey) -> str:
    sent = t("sent on {day} by {person}", day=_day(here, survey.sent_at), person=plain(here.person(survey.sent_by)))
    until = _day(here, survey.expires_at)
    end = t("valid until {day}", day=until) if survey.expires_at > here.now else t("expired on {day}", day=until)
    return f"{sent} · {end}"


def _day(here: Here, at: datetime) -> str:
    return format_date(at.astimezone(here.desk.settings.zone).date())


def _send(here: Here, case: Case) -> None:
    form = open_form(f"survey.{case.case_no}")
    with submit(form):
        sent = satisfaction.send(here.desk, actor=here.actor, case=case, commit_id=form.commit_id)
        st.session_state[SURVEY_LINK] = (case.case_no, sent.survey_id)
        st.query_params["show"] = "waiting"
        flash(t("The link is ready; it is single-use"))


def _act(here: Here, survey: Survey, case: Case) -> None:
    choices = {"phone": f":material/call: {t('Record an answer by telephone')}"}
    if survey.expires_at > here.now:
        choices = {"link": f":material/qr_code_2: {t('Link and text')}", **choices}
    elif here.actor.may("survey.send", case):
        choices = {"again": f":material/refresh: {t('Make a new link')}", **choices}
    just_made = st.session_state.get(SURVEY_LINK) == (case.case_no, survey.survey_id)
    chosen = st.segmented_control(
        t("What to do"),
        list(choices),
        default="link" if just_made and "link" in choices else None,
        format_func=choices.__getitem__,
        key=f"act.{survey.survey_id}",
        label_visibility="collapsed",
        wrap=True,
    )
    if chosen == "link":
        _show_link(here, survey, case)
    elif chosen == "phone":
        show_phone_form(here, survey)
    elif chosen == "again":
        _send(here, case)


def _show_link(here: Here, survey: Survey, case: Case) -> None:
    """The link as QR code, and a message to be pasted into WeChat."""
    address = links.absolute("survey", token=satisfaction.survey_token(here.desk, survey.survey_id))
    public_page.show_link(address, what=t("Survey of case {case_no}", case_no=case.case_no))
    st.caption(t("Message to copy"))
    st.code(
        t(
            "Hello from {agency}. We have dealt with your case {case_no}. Please take a minute to tell us how we did:"
            " {address} (valid until {day}). Thank you!",
            agency=here.desk.settings.workspace_name,
            case_no=case.case_no,
            address=address,
            day=_day(here, survey.expires_at),
        ),
        language=None,
        wrap_lines=True,
    )


def show_phone_form(here: Here, survey: Survey) -> None:
    form = open_form(f"answer.{survey.survey_id}")
    if survey.handler == here.actor.staff_id:
        st.info(t("This was your own case: what you write down does not count for your own score."))
    with st.form(f"{form.key}.form", enter_to_submit=False):
        answers, comment = ask(here, satisfaction.questions(here.desk, survey), key=form.key)
        saved = st.form_submit_button(t("Save the answer"), type="primary", icon=":material/check:")
    if not saved:
        return
    with submit(form):
        satisfaction.record_phone_answer(
            here.desk,
            actor=here.actor,
            survey=survey,
            answers=answers,
            comment=comment,
            commit_id=form.commit_id,
        )
        flash(t("The answer is saved"))


def _nothing(text: str) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f":material/check_circle: {text}")


def _more(count: int) -> None:
    if count > ROWS:
        st.caption(t("The latest {n} of {total} are shown.", n=ROWS, total=count))

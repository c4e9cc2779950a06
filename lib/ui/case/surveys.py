"""After the case: its follow-up calls, and asking the client how satisfied she is."""

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp, Survey
from lib.domain.records.fields import columns
from lib.i18n import format_date, format_datetime, t
from lib.services.aftercare import satisfaction
from lib.store.snapshot.snapshot import by_case
from lib.ui.aftercare.survey_sending import show_phone_form
from lib.ui.frame import links, public_page
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.widgets.forms import open_form
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words.markdown import plain


def show(here: Here, case: Case) -> None:
    """Follow-ups by day, then the surveys."""
    _follow_ups(here, case)
    st.markdown(f"**:material/rate_review: {t('Satisfaction')}**")
    surveys = satisfaction.surveys_of(here.desk, case.case_no)
    for survey in reversed(surveys):
        _survey(here, survey, newest=survey is surveys[-1])
    if case.stage not in satisfaction.SURVEY_STAGES:
        st.caption(t("The client can be asked once the result has been told."))
    elif here.actor.may("survey.send", case):
        _send(here, case, sent=len(surveys))


def _follow_ups(here: Here, case: Case) -> None:
    st.markdown(f"**:material/phone_callback: {t('Follow-ups')}**")
    found: tuple[FollowUp, ...] = here.desk.snapshot[FollowUp].derive(by_case).get(case.case_no, ())
    if not found:
        st.caption(t("None planned. Closing the case plans them."))
    for item in sorted(found, key=lambda item: item.due_on):
        purpose = plain(here.label("follow_up_purpose", item.purpose))
        if item.withdrawn:
            state = f":gray[:material/event_busy: {plain(here.label('follow_up_withdrawn', item.withdrawn))}]"
        elif item.done_at:
            state = f":green[:material/check_circle: {plain(here.label('follow_up_outcome', item.outcome))}]"
        elif item.due_on < here.now.date():
            state = f":red[:material/alarm: {t('overdue')}]"
        else:
            state = f":material/schedule: {t('planned')}"
        note = f"  \n:small[{plain(item.note)}]" if item.note else ""
        st.markdown(f"{format_date(item.due_on)} · {purpose} · {state} · {plain(here.person(item.assignee))}{note}")
    if any(item.done_at is None for item in found) and here.actor.may("follow_up.record"):
        link("follow_ups", t("Record a call"), icon="edit_note")


def _survey(here: Here, survey: Survey, *, newest: bool) -> None:
    zone = here.desk.settings.zone
    with st.container(border=True, gap="xsmall"):
        if survey.answered_at:
            scores = " · ".join(f"{_question(here, name)} {score}" for name, score in _scores(here, survey))
            source, at = here.label("survey_source", survey.source), format_datetime(survey.answered_at, zone)
            st.markdown(f":green[:material/check_circle: {t('Survey answered')}] {at} · {source}  \n{plain(scores)}")
            if survey.comment:
                st.markdown(f"> {plain(survey.comment)}")
        elif survey.expires_at <= here.now or not newest:
            st.caption(t("Sent {time}; the link has ended.", time=format_datetime(survey.sent_at, zone)))
        else:
            _open(here, survey)


def _open(here: Here, survey: Survey) -> None:
    zone = here.desk.settings.zone
    address = links.absolute("survey", token=satisfaction.survey_token(here.desk, survey.survey_id))
    words = t("Waiting for the answer until {time}", time=format_datetime(survey.expires_at, zone))
    st.markdown(f":blue[:material/hourglass_top: {words}]")
    public_page.show_link(address, what=t("Survey of case {case_no}", case_no=survey.case_no))
    if here.actor.may("follow_up.record"):
        with st.expander(t("Record an answer by telephone"), icon=":material/call:"):
            show_phone_form(here, survey)


def _send(here: Here, case: Case, *, sent: int) -> None:
    """The button of the next link; once that is made, by whichever process, there is another button."""
    form = open_form(f"survey.{case.case_no}")
    label = t("Make a new link") if sent else t("Make the survey's link")
    if st.button(label, key=f"survey.{case.case_no}.{sent}.send", icon=":material/send:", type="secondary"):
        with submit(form):
            satisfaction.send(here.desk, actor=here.actor, case=case, commit_id=form.commit_id)
            flash(t("The link is ready: send it to the client, or show the code to be scanned."))


def _scores(here: Here, survey: Survey) -> list[tuple[str, int]]:
    keys = [question.key for question in here.desk.config.survey.question]
    return [(key, score) for key in keys if (score := getattr(survey, key)) is not None]


def _question(here: Here, key: str) -> str:
    return columns(Survey)[key].label(here.language)

"""The survey: taps, an optional sentence, thanks. The same questions serve an answer by telephone."""

from collections.abc import Iterable

import streamlit as st

from lib.app import process
from lib.auth.tokens import TokenError
from lib.domain.records.case_parts import Survey
from lib.domain.rules.satisfaction import Question
from lib.errors import CasesheetError, InvalidFields, NotFound, SurveyClosed
from lib.i18n import t
from lib.services.aftercare import satisfaction
from lib.ui.frame import public_page
from lib.ui.session.page import Here
from lib.ui.widgets.forms import open_form
from lib.ui.words.markdown import plain

_FORM = "survey"
_TOKEN = "token"
_FACES = (
    "sentiment_very_dissatisfied",
    "sentiment_dissatisfied",
    "sentiment_neutral",
    "sentiment_satisfied",
    "sentiment_very_satisfied",
)


def opened_survey(here: Here) -> Survey | None:
    """The survey of the link; when there is none to answer, the page says why and what to do."""
    token = st.query_params.get(_TOKEN, "")
    try:
        try:
            return satisfaction.open_survey(here.desk, token)
        except NotFound:  # the link is genuine: another server may have made it a moment ago
            process.look(here.desk)
            return satisfaction.open_survey(here.desk, token)
    except SurveyClosed as closed:
        _show_closed(here, closed.why)
    except (TokenError, NotFound):
        _show_closed(here, "broken")
    return None


def _show_closed(here: Here, why: str) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        if why == "answered":
            st.header(f":green[:material/favorite:] {t('Thank you')}", anchor=False)
            st.markdown(t("Your answer has arrived. A link takes one answer."))
        elif why == "expired":
            st.header(f":gray[:material/event_busy:] {t('This survey is over')}", anchor=False)
            st.markdown(t("Its link has expired. Your opinion still matters: please call us."))
        else:
            st.header(f":gray[:material/link_off:] {t('This link does not work')}", anchor=False)
            st.markdown(t("It may have been cut off. Open the whole link again, or call us."))
        st.markdown(public_page.service_phone(here.desk))


def show_survey(here: Here, survey: Survey) -> None:
    st.header(t("How did we do?"), anchor=False)
    st.caption(t("About case {case_no}", case_no=survey.case_no))
    asked = satisfaction.questions(here.desk, survey)
    with st.form(_FORM, enter_to_submit=False, border=False):
        answers, comment = ask(here, asked, key=f"{_FORM}.{survey.survey_id}")
        sent = st.form_submit_button(t("Send"), type="primary", icon=":material/send:", width="stretch")
    if sent and public_page.allowed("survey"):
        _answer(here, answers, comment)


def ask(here: Here, questions: Iterable[Question], *, key: str) -> tuple[dict[str, int | None], str]:
    """The questions, those that must be answered first, and a sentence; returns the answers and the sentence."""
    ordered = sorted(questions, key=lambda question: not question.required)
    answers = {question.key: _question(here, question, f"{key}.{question.key}") for question in ordered}
    comment = st.text_area(
        t("Anything else? (optional)"),
        key=f"{key}.comment",
        height=80,
        max_chars=satisfaction.COMMENT_LIMIT,
    )
    return answers, comment or ""


def _question(here: Here, question: Question, key: str) -> int | None:
    """Five steps are large faces where an answer is needed and stars where it is not; longer scales are numbers."""
    chinese = here.language.startswith("zh")
    text = plain(question.zh if chinese else question.en)
    low, high = (question.low_zh, question.high_zh) if chinese else (question.low_en, question.high_en)
    steps = range(question.lowest, question.highest + 1)
    if len(steps) == len(_FACES) and not question.required:
        return _stars(question, text, key)
    faces = dict(zip(steps, _FACES, strict=True)) if len(steps) == len(_FACES) else {}
    ends = f"{plain(low)} – {plain(high)}" if faces else f"{steps[0]} {plain(low)} – {steps[-1]} {plain(high)}"
    return st.segmented_control(
        f"**{text} \\*** :gray[{ends}]" if question.required else f"{text} :gray[{ends}]",
        steps,
        format_func=lambda step: f":material/{faces[step]}:" if faces else str(step),
        key=key,
        width="stretch" if faces else "content",
        wrap=True,
    )


def _stars(question: Question, text: str, key: str) -> int | None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"):
        st.markdown(text, width="content")
        step = st.feedback("stars", key=key)
    return None if step is None else question.lowest + step


def _answer(here: Here, answers: dict[str, int | None], comment: str) -> None:
    commit_id = open_form(_FORM).commit_id
    try:
        satisfaction.answer(
            here.desk,
            token=st.query_params.get(_TOKEN, ""),
            answers=answers,
            comment=comment,
            commit_id=commit_id,
        )
    except InvalidFields as refused:
        missing = any(problem.code == "missing" for problem in refused.problems)
        st.error(t("Please answer the questions marked with *.") if missing else t("Please check your answers."))
        return
    except (SurveyClosed, TokenError, NotFound):
        pass  # answered or replaced meanwhile: the page says so by itself when it is drawn again
    except CasesheetError:
        st.error(t("We could not take it in at this moment. Try again in a minute, or call us."))
        return
    st.rerun()

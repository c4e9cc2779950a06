"""Review by another person: who may be chosen, and what is still owed to the client after it."""

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.fields import columns
from lib.i18n import format_datetime, t
from lib.services.cases.review import outcome_due, reviewers
from lib.ui.session.page import Here
from lib.ui.words.markdown import plain


def choose_reviewer(here: Here, case: Case, *, key: str) -> str:
    """Somebody who has had nothing to do with the case; left empty, whoever reviews cases may take it."""
    people = {staff.staff_id: staff for staff in reviewers(here.desk, case)}
    labels = {staff_id: staff.name or staff.email for staff_id, staff in people.items()}
    picked = st.selectbox(
        columns(Case)["reviewer"].label(here.language),
        list(people),
        index=None,
        format_func=labels.__getitem__,
        key=key,
        placeholder=t("Whoever is free"),
    )
    barred = [plain(here.person(person)) for person in sorted(case.not_to_review)]
    if barred:
        names = " · ".join(barred)
        st.caption(t("Not eligible (handled this case or named in it): {names}", names=names))
    if not people:
        st.warning(
            t("Nobody else who may review cases is here today. Ask the administrator to give somebody the role.")
        )
    return str(picked or "")


def show(here: Here, case: Case) -> None:
    """What is owed to the client now: another look at the case, or the outcome of one."""
    if outcome_due(case) is not None:
        st.markdown(owed(here, case))
    elif case.stage == "answered" and case.answer_accepted == "no":
        st.info(
            f"{plain(case.refusal_reason)}  \n" + t("Offer a review by somebody who has not handled the case."),
            title=t("The client does not accept the answer"),
            icon=":material/thumb_down:",
        )
    elif case.stage == "in_review":
        said = [text for text in (case.review_reason, case.refusal_reason) if text]
        label = columns(Case)["review_reason"].label(here.language)
        st.info("  \n".join(plain(text) for text in dict.fromkeys(said)), title=label, icon=":material/gavel:")


def owed(here: Here, case: Case) -> str:
    """By when the client is to hear the outcome of the review, or was; nothing where she is owed none."""
    due = outcome_due(case)
    if due is None:
        return ""
    when = format_datetime(due, here.desk.settings.zone)
    result = plain(here.label("review_result", case.review_result))
    if due < here.now:
        words = t("The client was to hear the outcome of the review ({result}) by {time}", result=result, time=when)
        return f":red[:material/alarm: {words}]"
    words = t("Tell the client the outcome of the review ({result}) by {time}", result=result, time=when)
    return f":blue[:material/record_voice_over: {words}]"

"""The case page: finding the case, and how its parts are laid out."""

from collections.abc import Callable

import streamlit as st

from lib.domain.case import Case
from lib.i18n import t
from lib.ui import (
    case_contacts,
    case_evidence,
    case_facts,
    case_plan,
    case_surveys,
    case_tasks,
    case_timeline,
    case_visit,
    scrolling,
)
from lib.ui.app_pages import link
from lib.ui.device import is_phone
from lib.ui.page import Here
from lib.ui.state import CASE_JUMP, CASE_TAB

Part = Callable[[Here, Case], None]


def find(here: Here) -> Case:
    """The case that the address names. Stops the page where there is none that this person may see, without saying
    which of the two it is."""
    number = st.query_params.get("no", "").strip().upper()
    case = here.desk.snapshot[Case].get(number)
    if case is None or not here.actor.may("case.view", case):
        _not_found()
        st.stop()
    return case


def _not_found() -> None:
    with st.container(border=True):
        st.markdown(f"**:material/search_off: {t('No such case')}**")
        st.markdown(t("There is no case with this number among those you may see. Check the number, or search above."))
        link("cases", t("All cases"), icon="folder_open")


def show_parts(here: Here, case: Case) -> None:
    """Facts and what belongs to the case on the left, the timeline on the right; a tab of its own on a telephone."""
    if is_phone():
        _tabs(here, case, {t("Facts"): case_facts.show, t("Timeline"): case_timeline.show, **_parts()})
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _tabs(here, case, {t("Facts"): case_facts.show, **_parts()})
    with right:
        st.subheader(t("Timeline"), anchor=False)
        case_timeline.show(here, case)


def _parts() -> dict[str, Part]:
    return {
        t("Site visit"): case_visit.show,
        t("Plan of the work"): case_plan.show,
        t("Tasks"): case_tasks.show,
        t("Evidence"): case_evidence.show,
        t("Outside parties"): case_contacts.show,
        t("Follow-up and survey"): case_surveys.show,
    }


def _tabs(here: Here, case: Case, parts: dict[str, Part]) -> None:
    """Only the open tab is made; whoever was sent here is led to what is meant."""
    tabs = st.tabs(list(parts), key=CASE_TAB, on_change="rerun")
    for tab, show in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                show(here, case)
    jump = st.session_state.pop(CASE_JUMP, None)
    if jump == CASE_TAB:
        scrolling.begin(jump)
    elif jump is not None:
        scrolling.enter((jump,))

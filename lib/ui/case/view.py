"""The case page: finding the case, and how its parts are laid out."""

from collections.abc import Callable

import streamlit as st

from lib.domain.records.case import Case
from lib.i18n import t
from lib.ui.case import facts, surveys, timeline
from lib.ui.case.parts import contacts, evidence, plan, tasks, visit
from lib.ui.frame.app_pages import link
from lib.ui.session.device import is_phone
from lib.ui.session.page import Here
from lib.ui.session.state import CASE_JUMP, CASE_TAB
from lib.ui.widgets import scrolling

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
        _tabs(here, case, {t("Facts"): facts.show, t("Timeline"): timeline.show, **_parts()})
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _tabs(here, case, {t("Facts"): facts.show, **_parts()})
    with right:
        st.subheader(t("Timeline"), anchor=False)
        timeline.show(here, case)


def _parts() -> dict[str, Part]:
    return {
        t("Site visit"): visit.show,
        t("Plan of the work"): plan.show,
        t("Tasks"): tasks.show,
        t("Evidence"): evidence.show,
        t("Outside parties"): contacts.show,
        t("Follow-up and survey"): surveys.show,
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

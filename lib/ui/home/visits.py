"""The site visits of the day on the home page: when, where, who, and whether the findings are still to be written."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from lib.domain.records.case import Case
from lib.i18n import t
from lib.ui.case.parts.visit import appointment_text
from lib.ui.frame.app_pages import go
from lib.ui.home import box
from lib.ui.session.page import Here
from lib.ui.session.state import CASE_TAB


def show(here: Here, visits: Sequence[Case]) -> None:
    """The next ones, each leading to the visit of its case."""
    box.show(t("Site visits"), "directions_walk", visits, text=partial(appointment_text, here), act=_lead)


def _lead(case: Case) -> None:
    if st.button(t("Open"), key=f"visits.{case.case_no}", icon=":material/arrow_forward:", type="tertiary"):
        st.session_state[CASE_TAB] = t("Site visit")
        go("case", no=case.case_no)

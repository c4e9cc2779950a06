"""The site visits of the day on the home page: when, where, who, and whether the findings are still to be written."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.case import Case
from lib.i18n import t
from lib.ui.app_pages import go
from lib.ui.case_visit import appointment_text
from lib.ui.page import Here
from lib.ui.plain import plain
from lib.ui.state import CASE_TAB

FIRST = 6


def show(here: Here, visits: Sequence[Case]) -> None:
    """The next ones, each leading to the visit of its case."""
    if not visits:
        return
    with st.container(border=True, gap="small"):
        st.markdown(f"**:material/directions_walk: {t('Site visits')}**")
        for case in visits[:FIRST]:
            with st.container(horizontal=True, vertical_alignment="center"):
                words = f"{appointment_text(here, case)}  \n**{plain(case.title)}** :gray[{case.case_no}]"
                st.markdown(words, width="stretch")
                if st.button(t("Open"), key=f"visits.{case.case_no}", icon=":material/arrow_forward:", type="tertiary"):
                    st.session_state[CASE_TAB] = t("Site visit")
                    go("case", no=case.case_no)
        if len(visits) > FIRST:
            st.caption(t("and {n} more", n=len(visits) - FIRST))

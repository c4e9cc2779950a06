"""The reviews on the home page whose outcome the client is still to hear: what it was, and by when she hears it."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.case import Case
from lib.i18n import t
from lib.services.reviewing import TELL
from lib.ui import case_review
from lib.ui.app_pages import link
from lib.ui.page import Here
from lib.ui.plain import plain

FIRST = 6


def show(here: Here, cases: Sequence[Case]) -> None:
    """The earliest due, each with the button that opens its form."""
    if not cases:
        return
    with st.container(border=True, gap="small"):
        st.markdown(f"**:material/record_voice_over: {t('Outcomes of reviews to be told')}**")
        for case in cases[:FIRST]:
            with st.container(horizontal=True, vertical_alignment="center"):
                words = f"{case_review.owed(here, case)}  \n**{plain(case.title)}** :gray[{case.case_no}]"
                st.markdown(words, width="stretch")
                link("case", t("Tell the client"), icon="arrow_forward", no=case.case_no, do=TELL)
        if len(cases) > FIRST:
            st.caption(t("and {n} more", n=len(cases) - FIRST))

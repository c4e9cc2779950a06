"""One case as a card: for the list on a telephone and for the board."""

import streamlit as st

from lib.domain.records.case import Case
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.words.case import client_text, deadline_text, place_text, priority_text, stage_text
from lib.ui.words.markdown import plain


def show(here: Here, case: Case, *, with_stage: bool) -> None:
    """The number leads to the case; below it the whole title (a link would cut it) and what decides what to do next."""
    state = f"{stage_text(here, case.stage)} " if with_stage else ""
    who = [client_text(here, case), place_text(here, case), plain(here.person(case.assignee))]
    with st.container(border=True, gap="xxsmall"):
        link("case", f"**{case.case_no}**", icon="folder_open", no=case.case_no)
        st.markdown(
            f"**{plain(case.title)}**  \n"
            f"{state}{priority_text(here, case.priority)} · {deadline_text(here, case)}  \n"
            f":small[:gray[{' · '.join(part for part in who if part)}]]"
        )

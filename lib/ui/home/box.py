"""A box of cases on the home page: a line or two for each, and what leads to it."""

from collections.abc import Callable, Sequence

import streamlit as st

from lib.domain.records.case import Case
from lib.i18n import t
from lib.ui.words.markdown import plain

FIRST = 6


def show(
    title: str, icon: str, cases: Sequence[Case], *, text: Callable[[Case], str], act: Callable[[Case], None]
) -> None:
    """The first of the cases in the order given; nothing where there is none. `text` is Markdown, `act` draws the
    button."""
    if not cases:
        return
    with st.container(border=True, gap="small"):
        st.markdown(f"**:material/{icon}: {title}**")
        for case in cases[:FIRST]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{text(case)}  \n**{plain(case.title)}** :gray[{case.case_no}]", width="stretch")
                act(case)
        if len(cases) > FIRST:
            st.caption(t("and {n} more", n=len(cases) - FIRST))

"""Putting several files into the archive from the list of closed cases: what is ready is looked for when asked."""

import streamlit as st

from lib.analytics.case_filter import CaseFilter
from lib.errors import CasesheetError
from lib.i18n import t, tn
from lib.services import archiving
from lib.ui.messages import flash, show_error
from lib.ui.page import Here
from lib.ui.state import CASES_ARCHIVE

NAMED = 5  # numbers that are told before the rest is only counted


def show(here: Here, wanted: CaseFilter) -> None:
    """A button where closed or declined cases are listed, for those who may archive."""
    sources = here.desk.config.workflow.moves["archive"].sources
    if wanted.stage not in sources or not here.actor.may("case.archive"):
        return
    days = here.desk.config.archive.after_days
    if st.button(t("Archive what is complete"), icon=":material/archive:"):
        found = archiving.ready(here.desk, actor=here.actor)
        st.session_state[CASES_ARCHIVE] = [case.case_no for case in found]
    numbers: list[str] | None = st.session_state.get(CASES_ARCHIVE)
    if numbers is not None:
        _confirm(here, numbers, days)


def _confirm(here: Here, numbers: list[str], days: int) -> None:
    with st.container(border=True, gap="small"):
        if not numbers:
            st.markdown(t("Nothing is ready: no complete file was closed {days} days ago or earlier.", days=days))
        else:
            count = tn("{n} case", "{n} cases", len(numbers))
            named = " · ".join(numbers[:NAMED]) + ("…" if len(numbers) > NAMED else "")
            words = t("Complete, and closed {days} days ago or earlier: {count} ({numbers}).",
                      days=days, count=count, numbers=named)  # fmt: skip
            st.markdown(words + "  \n" + t("In the archive they are read, found and counted, and changed no more."))
        with st.container(horizontal=True):
            if numbers and st.button(t("Archive them"), type="primary", icon=":material/archive:"):
                _archive(here)
            st.button(t("Cancel"), type="tertiary", key="archive.cancel", on_click=_forget)


def _archive(here: Here) -> None:
    try:
        done = archiving.archive_ready(here.desk, actor=here.actor)
    except CasesheetError as failed:
        show_error(failed)
        return
    _forget()
    flash(t("Archived: {count}", count=tn("{n} case", "{n} cases", len(done))))
    st.rerun()


def _forget() -> None:
    st.session_state.pop(CASES_ARCHIVE, None)

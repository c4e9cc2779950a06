"""Putting several files into the archive from the list of closed cases: what is ready is looked for when asked."""

import streamlit as st

from lib.domain.records.case import Case
from lib.i18n import format_date, t, tn
from lib.services.cases import archive
from lib.services.data.case_filter import CaseFilter, Chosen
from lib.ui.session.page import Here
from lib.ui.session.state import CASES_ARCHIVE
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words.markdown import plain

FEW = 8  # more cases than these scroll


def show(here: Here, wanted: CaseFilter, chosen: Chosen) -> None:
    """A button where closed or declined cases are listed, for those who may archive: of the cases in the list."""
    sources = here.desk.config.workflow.moves["archive"].sources
    if wanted.stage not in sources or not here.actor.may("case.archive"):
        return
    days = here.desk.config.archive.after_days
    if st.button(t("Archive what is complete"), icon=":material/archive:"):
        found = archive.ready(here.desk, actor=here.actor, among=frozenset(chosen.numbers()))
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
            st.markdown(t("Complete, and closed {days} days ago or earlier: {count}.", days=days, count=count))
            with st.container(height=200 if len(numbers) > FEW else "content", border=False):
                found = (here.desk.snapshot[Case].get(number) for number in numbers)
                st.markdown("  \n".join(_line(here, case) for case in found if case is not None))
            st.markdown(t("In the archive they stay searchable and counted, but read-only."))
        with st.container(horizontal=True):
            if numbers and st.button(t("Archive them"), type="primary", icon=":material/archive:"):
                _archive(here, numbers)
            st.button(t("Cancel"), type="tertiary", key="archive.cancel", on_click=_forget)


def _line(here: Here, case: Case) -> str:
    day = format_date(case.closed_at.astimezone(here.desk.settings.zone).date()) if case.closed_at else ""
    return f"**{case.case_no}** {plain(case.title)} :gray[{day}]"


def _archive(here: Here, numbers: list[str]) -> None:
    """What was shown and is still ready; what has become ready since was not agreed to."""
    with submit():
        done = archive.archive_ready(here.desk, actor=here.actor, among=frozenset(numbers))
        _forget()
        flash(t("Archived: {count}", count=tn("{n} case", "{n} cases", len(done))))


def _forget() -> None:
    st.session_state.pop(CASES_ARCHIVE, None)

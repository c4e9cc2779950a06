"""What people see when something fails: what nobody foresaw, and a store that cannot be opened or reached."""

import logging
from uuid import uuid4

import streamlit as st

from lib.app import process
from lib.desk.desk import Desk
from lib.errors import CasesheetError, ConfigError, StoreError
from lib.i18n import relative, t
from lib.ui.widgets.messages import show_error
from lib.words.errors import explain

log = logging.getLogger("casesheet")


def show_failure(error: Exception) -> bool:
    """The last resort of every page: our own errors in words, anything else with a number to find it in the log."""
    if isinstance(error, StoreError):
        st.error("  \n".join(explain(error)), title=t("No connection to the data"))
        return True
    if isinstance(error, CasesheetError):
        show_error(error)
        return True
    number = uuid4().hex[:8]
    log.error("failure %s", number, exc_info=error)
    st.error(
        t(
            "What was saved before is safe. Try again; if it happens again, tell your administrator: {number}.",
            number=number,
        ),
        title=t("Something went wrong"),
    )
    return True


def show_closed(error: CasesheetError, *, public: bool) -> None:
    """The workspace cannot be opened: what is wrong and what to do about it, which is no business of a client's."""
    if public:
        st.error(t("Wait a few minutes and try again, or call us."), title=t("Temporarily unavailable"))
    else:
        st.error("  \n".join(explain(error)), title=_what_is_wrong(error))
    st.caption(f":material/autorenew: {t('This page tries again by itself.')}")
    _come_back()


def _what_is_wrong(error: CasesheetError) -> str:
    match error:
        case ConfigError():
            return t("Wrong configuration")
        case StoreError():
            return t("No connection to the data")
    return t("Something went wrong")


@st.fragment(run_every="5s")
def _come_back() -> None:
    """Draws the page anew once the workspace is open."""
    if process.opened() is not None:
        st.rerun()


@st.fragment(run_every="10s")
def show_trouble(desk: Desk) -> None:
    """Above every page while the store cannot be reached: what is wrong, what to do, how old the data is."""
    presence = process.presence
    with st.container():  # also when it is empty, so that the page below keeps its place
        if presence.problem is None:
            return
        lines = [t("You can go on reading, and what you type stays here; saving works again once this is fixed.")]
        if presence.refreshed_at is not None:
            lines.append(t("Last synced {ago}.", ago=relative(presence.refreshed_at, desk.now())))
        st.warning(
            "  \n".join([*explain(presence.problem), *lines]),
            title=t("The data cannot be reached; what you see may be old."),
            icon=":material/cloud_off:",
        )

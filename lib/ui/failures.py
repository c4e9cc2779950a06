"""What people see when something fails that nobody foresaw, and when the workspace cannot be opened."""

import logging
from uuid import uuid4

import streamlit as st

from lib.errors import CasesheetError, ConfigError, StoreError
from lib.i18n import t
from lib.ui.messages import show_error

log = logging.getLogger("casesheet")


def show_failure(error: Exception) -> bool:
    """The last resort of every page: our own errors in words, anything else with a number to find it in the log."""
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


def show_closed(error: CasesheetError) -> None:
    """The workspace cannot be opened: what is wrong, for the administrator."""
    if isinstance(error, ConfigError):
        st.error(
            t("{file}, {key}: {why}", file=error.file, key=error.key, why=error.why), title=t("Wrong configuration")
        )
    elif isinstance(error, StoreError):
        log.error("store closed: %s", error)
        st.error(
            t("The data cannot be reached. Try again in a minute, or tell your administrator."),
            title=t("No connection to the data"),
        )
    else:
        show_error(error)

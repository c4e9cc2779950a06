"""Messages to the person: errors in words, and confirmations that survive a rerun."""

import streamlit as st

from lib.app import process
from lib.errors import Conflict, SignInFailed
from lib.i18n import t
from lib.ui.session.state import FLASH
from lib.words.errors import explain


def show_error(error: Exception) -> None:
    """What went wrong and what to do, one line for each field."""
    lines = explain(error, lists=process.desk().lists)
    st.error("\n".join(f"- {line}" for line in lines) if len(lines) > 1 else lines[0], title=_title(error))


def _title(error: Exception) -> str:
    if isinstance(error, Conflict):
        return t("Somebody else changed this")
    return t("Not signed in") if isinstance(error, SignInFailed) else t("Not saved")


def flash(text: str, *, icon: str = "check_circle") -> None:
    """Say it on the next run, after the page has moved on."""
    st.session_state[FLASH] = (text, icon)


def show_flash() -> None:
    if FLASH in st.session_state:
        text, icon = st.session_state.pop(FLASH)
        st.toast(text, icon=f":material/{icon}:")

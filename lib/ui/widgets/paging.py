"""Long lists, a part at a time."""

import streamlit as st

from lib.i18n import t


def show_more(key: str, *, shown: int, of: int, step: int) -> None:
    """The button below a list for the rows that follow; none where all are shown. The session state counts under `key`
    how many are to be shown."""
    if of > shown:
        st.button(
            t("Show {n} more", n=min(step, of - shown)), key=f"{key}.more", icon=":material/expand_more:",
            width="stretch", on_click=_show, args=(key, shown + step),
        )  # fmt: skip


def _show(key: str, rows: int) -> None:
    st.session_state[key] = rows

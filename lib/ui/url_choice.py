"""A choice among a few that is kept in the address by its code.

Streamlit's own binding keeps the label instead, which changes with the language and with a count in it.
"""

from collections.abc import Mapping

import streamlit as st

_KEY = "url."


def url_choice(label: str, options: Mapping[str, str], *, name: str, default: str) -> str:
    """Buttons for {code: label}; the parameter `name` of the address holds the code chosen, none for the default."""
    key = f"{_KEY}{name}"
    asked = st.query_params.get(name, default)
    code = asked if asked in options else default
    if st.session_state.get(key) != code:
        st.session_state[key] = code
    picked = st.segmented_control(
        label,
        list(options),
        format_func=options.__getitem__,
        key=key,
        required=True,
        label_visibility="collapsed",
        on_change=_keep,
        args=(name, default),
    )
    return str(picked or default)


def _keep(name: str, default: str) -> None:
    chosen = st.session_state.get(f"{_KEY}{name}")
    if chosen and chosen != default:
        st.query_params[name] = chosen
    else:
        st.query_params.pop(name, None)

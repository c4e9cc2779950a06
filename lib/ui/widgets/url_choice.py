"""A choice among a few that is kept in the address by its code.

Streamlit's own binding keeps the label instead, which changes with the language and with a count in it.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

_KEY = "url."


def url_choice(label: str, options: Mapping[str, str], *, name: str, default: str) -> str:
    """Buttons for {code: label}; the parameter `name` of the address holds the code chosen, none for the default."""
    bound = in_address(options, key=f"{_KEY}{name}", name=name, default=default)
    picked = st.segmented_control(label, list(options), required=True, label_visibility="collapsed", **bound)
    return str(picked or default)


def in_address(options: Mapping[str, str], *, key: str, name: str, default: str) -> dict[str, Any]:
    """What makes a widget for {code: label} follow the parameter `name` of the address: further arguments for it."""
    asked = st.query_params.get(name, default)
    code = asked if asked in options else default
    if st.session_state.get(key) != code:
        st.session_state[key] = code
    return {"format_func": options.__getitem__, "key": key, "on_change": _keep, "args": (key, name, default)}


def _keep(key: str, name: str, default: str) -> None:
    chosen = st.session_state.get(key)
    if chosen and chosen != default:
        st.query_params[name] = chosen
    else:
        st.query_params.pop(name, None)

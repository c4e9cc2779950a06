"""What kind of device the person holds."""

import streamlit as st


def is_phone() -> bool:
    """Whether the browser says that it runs on a telephone: no wide tables then, and no columns side by side."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")

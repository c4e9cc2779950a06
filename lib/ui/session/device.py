"""What kind of device the person holds, and where it is."""

import streamlit as st


def is_phone() -> bool:
    """Whether the browser says that it runs on a telephone: no wide tables then, and no columns side by side."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def client_address() -> str:
    """The address of the browser. A proxy on this machine is believed about whom it speaks for, nobody else is."""
    direct: str | None = st.context.ip_address  # None for this machine itself
    forwarded = str(st.context.headers.get("X-Forwarded-For", "")).rpartition(",")[2].strip()
    return direct or forwarded or "local"

"""Absolute addresses of pages, for people who are not in the app: in QR codes, messages and letters."""

from urllib.parse import urlencode, urlsplit

import streamlit as st

from lib import running
from lib.ui.app_pages import PAGES


def absolute(key: str, **params: str) -> str:
    """The address of a page: under the configured public address, else under the one this browser uses."""
    base = running.desk().settings.public_url.rstrip("/") or own_address()
    query = f"?{urlencode(params)}" if params else ""
    return f"{base}/{PAGES[key].path}{query}"


def own_address() -> str:
    """As this browser reaches the app: scheme, host and folder; the last part of the path is the page."""
    here = urlsplit(st.context.url or "")
    return f"{here.scheme}://{here.netloc}{here.path.rpartition('/')[0]}" if here.netloc else ""

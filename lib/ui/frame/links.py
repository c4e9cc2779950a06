"""Absolute addresses of pages, for people who are not in the app: in QR codes, messages and letters."""

from ipaddress import ip_address
from urllib.parse import urlencode, urlsplit

import streamlit as st

from lib.app import process
from lib.i18n import N_, t
from lib.ui.frame.app_pages import PAGES


def absolute(key: str, **params: str) -> str:
    """The address of a page: under the configured public address, else under the one this browser uses."""
    base = process.desk().settings.public_url.rstrip("/") or own_address()
    query = f"?{urlencode(params)}" if params else ""
    return f"{base}/{PAGES[key].path}{query}"


_COMPUTER = N_("This address opens on this computer only. Set public_url in config/app.toml.")
_NETWORK = N_("This address opens in this network only. Set public_url in config/app.toml.")


def only_near(address: str) -> str:
    """Why a client cannot open an address, as a sentence; "" where she can, as far as the address tells."""
    host = urlsplit(address).hostname or ""
    try:
        number = ip_address(host)
    except ValueError:  # a name
        return t(_COMPUTER) if host == "localhost" else "" if "." in host else t(_NETWORK)
    return t(_COMPUTER) if number.is_loopback else t(_NETWORK) if number.is_private else ""


def own_address() -> str:
    """As this browser reaches the app: scheme, host and folder; the last part of the path is the page."""
    here = urlsplit(st.context.url or "")
    return f"{here.scheme}://{here.netloc}{here.path.rpartition('/')[0]}" if here.netloc else ""

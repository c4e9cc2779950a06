"""Whose attempts are counted together."""

from types import SimpleNamespace

import pytest
import streamlit as st

from lib.ui.session.device import client_address


@pytest.mark.parametrize(
    ("direct", "forwarded", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.9", "203.0.113.7"),  # a stranger's word about whom she speaks for
        (None, "198.51.100.9", "198.51.100.9"),  # the proxy on this machine
        (None, "10.9.8.7, 198.51.100.9", "198.51.100.9"),  # only what our own proxy has added
        (None, "", "local"),
    ],
)
def test_the_address_of_the_browser(
    monkeypatch: pytest.MonkeyPatch, direct: str | None, forwarded: str, address: str
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    monkeypatch.setattr(st, "context", SimpleNamespace(ip_address=direct, headers=headers))

    assert client_address() == address

"""Whether a client can open the address of a link."""

import pytest

from lib.i18n import in_language
from lib.ui.frame.links import only_near


@pytest.mark.trial(32)
@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://127.0.0.1:8501/track?token=x", "this computer only"),
        ("http://localhost:8501", "this computer only"),
        ("http://[::1]:8501", "this computer only"),
        ("http://192.168.1.20:8501/track", "this network only"),
        ("http://frontdesk:8501/track", "this network only"),
        ("https://cases.example.com/track", ""),
        ("http://203.0.113.9/track", "this network only"),  # an address of documentation is private as well
        ("http://8.8.8.8/track", ""),
    ],
)
def test_an_address_that_no_client_can_open(address: str, told: str) -> None:
    with in_language("en"):
        words = only_near(address)
    assert told in words
    assert bool(told) == bool(words)

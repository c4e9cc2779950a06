"""The headers as a real server sends them, for pages, Streamlit's own files and our routes."""

import urllib.request
from urllib.error import HTTPError

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.trial(22)]

PATHS = [
    "/",
    "/case?no=TS-2026-000001",
    "/_stcore/health",
    "/_stcore/host-config",
    "/api/health",
    "/api/print",
    "/media/x",
]


def headers(url: str) -> dict[str, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return {name.lower(): value for name, value in answer.headers.items()}
    except HTTPError as refused:
        return {name.lower(): value for name, value in refused.headers.items()}


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_protects_the_page_and_names_no_server(app, path):
    found = headers(app.url + path)
    assert "frame-ancestors 'none'" in found["content-security-policy"]
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] in ("same-origin", "no-referrer")
    assert "server" not in found

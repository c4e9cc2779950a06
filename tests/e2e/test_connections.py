"""A prepared download, asked for by the page that drew it and by another, over Streamlit's real server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.config.settings import ROOT
from tests.e2e.conftest import _free_port, _wait_for

pytestmark = [pytest.mark.browser, pytest.mark.trial(21)]

SERVER = """
import streamlit as st
from starlette.middleware import Middleware
from lib.api.connections import Connections
app = st.App("page.py", middleware=[Middleware(Connections)])
"""
PAGE = """
import streamlit as st
from lib.api.connections import HEADER, asking
drawn_for = st.context.headers.get(HEADER) or ""
st.download_button("Get", lambda: f"{drawn_for} {asking()}", "told.txt", on_click="ignore")
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a page that tells for whom a file was drawn and who asked for it."""
    folder: Path = tmp_path_factory.mktemp("connections")
    (folder / "server.py").write_text(SERVER, encoding="utf-8")
    (folder / "page.py").write_text(PAGE, encoding="utf-8")
    port, log = _free_port(), folder / "server.log"
    options = ["--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    command = [sys.executable, "-m", "streamlit", "run", "server.py", *options]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def told(page: Page) -> list[str]:
    button = page.get_by_role("button", name="Get")
    expect(button).to_be_visible(timeout=20_000)
    with page.expect_download() as coming:
        button.click()
    return coming.value.path().read_text().split()


def test_a_page_is_known_by_its_connection(url: str, browser: Browser) -> None:
    """What it draws and what it asks for bear one number, which no other page has."""
    context = browser.new_context()
    found = []
    for _ in range(2):
        page = context.new_page()
        page.goto(url)
        found.append(told(page))
    context.close()
    (drawn, asked), (other, other_asked) = found
    assert drawn == asked
    assert other == other_asked
    assert len({drawn, other}) == 2

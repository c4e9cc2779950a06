"""Pages run inside the real shell, in a demo workspace, as the person and in the language that a test names."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.app import process
from lib.desk.desk import Desk
from lib.services.workspace import workspace
from lib.ui.frame.app_pages import PAGES
from lib.ui.session.state import LANGUAGE, PERSONA

SHELL = Path(__file__).parents[2] / "lib" / "ui" / "shell.py"
OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page(desk: Desk) -> OpenPage:
    """`open_page("cases", "handler", language="en", no=...)` gives the page after its first run."""
    workspace.initialise(desk, demo=True)
    process.use(desk)

    def opener(key: str, who: str = "manager", *, language: str = "zh_CN", **params: str) -> AppTest:
        at = AppTest.from_file(SHELL, default_timeout=20)
        at.session_state[PERSONA] = who
        at.session_state[LANGUAGE] = language
        at.run()
        at.switch_page(str(PAGES[key].file))
        for name, value in params.items():
            at.query_params[name] = value
        return at.run()

    return opener

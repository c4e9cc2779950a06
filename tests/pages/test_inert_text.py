"""What people type is shown as text on every page: never as a link, a colour or a heading."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.ui.frame.app_pages import PAGES, PUBLIC
from tests.pages.cases_support import accept, assign, take_in
from tests.pages.conftest import OpenPage

STAFF_PAGES = [key for key, page in PAGES.items() if page.permission != PUBLIC]
LINK = "[k](http://evil.example)"
HOSTILE = f"HOSTILE <img src=x onerror=alert(1)> {LINK} **b** :red[r]"


def rendered(at: AppTest) -> list[str]:
    """The texts that the browser reads as Markdown."""
    kinds = (at.markdown, at.caption, at.header, at.subheader, at.warning, at.error, at.info, at.success, at.title)
    texts = [str(element.value) for kind in kinds for element in kind]
    labels = [str(element.label) for kind in (at.button, at.expander, at.tabs, at.checkbox) for element in kind]
    return texts + labels


@pytest.mark.parametrize("key", STAFF_PAGES)
def test_nothing_typed_becomes_markdown(open_page: OpenPage, desk: Desk, people: dict[str, Actor], key: str) -> None:
    number = take_in(
        desk, people["intake"], client_name=HOSTILE[:60], description=HOSTILE, title=HOSTILE, community=HOSTILE[:60]
    )
    accept(desk, people["head"], number)
    assign(desk, people["head"], number)
    at = open_page(key, "manager", **{"home": {"scope": "everybody"}, "case": {"no": number}}.get(key, {}))
    assert not at.exception
    shown = [text for text in rendered(at) if "HOSTILE" in text]
    assert shown or key not in ("home", "case")
    assert not [text for text in shown if LINK in text or "**b**" in text.replace("\\*", "") or ":red[r]" in text]

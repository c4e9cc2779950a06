"""Every page in both languages, on a desktop and on a telephone: it stands, fits, and speaks one language.

That no page writes an error to the console or asks another host is watched by `open_page`.
"""

import re
from collections.abc import Callable
from functools import cache

import pytest
from playwright.sync_api import Page, expect

from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.i18n import in_language, t
from lib.i18n.sources import messages_in_use
from lib.services.cases import handling
from lib.ui.frame.app_pages import PAGES, PUBLIC
from tests.cases import take_in
from tests.e2e.conftest import App
from tests.e2e.hands import actor, caught_up, fits, whole

pytestmark = pytest.mark.browser

PARTS = ["import?do=past", "import?do=export", "cases?view=board", "satisfaction?show=waiting"] + [
    f"settings?part={part}" for part in ("lists", "calendar", "workspace")
]
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
SEVERAL_WORDS = re.compile(r"[a-z]{3,} [a-z]{2,}")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
BOTH = ("中文", "语言", "简体中文")  # the switch of languages names each in itself


@pytest.fixture(scope="module")
def case(app: App) -> Case:
    """A case whose own texts are English, so that Chinese on an English page can only be the app's."""
    made = take_in(
        app.desk, actor(app.desk, "intake"), client_name="Anna Bell", description="Water drips from the ceiling.",
        community="Sunny Garden", building="3", room="1201",
    )  # fmt: skip
    handling.make_move(
        app.desk, actor=actor(app.desk, "head"), case=made, move="accept", values={"category": "quality.leak"}
    )
    return app.desk.snapshot[Case][made.case_no]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_every_page_stands_fits_and_speaks_one_language(
    app: App, case: Case, open_page: Callable[..., Page], locale: str, size: str
):
    width, height = SIZES[size]
    page = open_page(width=width, height=height, locale=locale)
    faults = _faults(app, page, [about.path for about in PAGES.values() if about.permission == PUBLIC], locale)
    app.sign_in(page, "administrator")
    caught_up(app)
    staffed = [about.path for about in PAGES.values() if about.permission and about.key != "case"]
    faults |= _faults(app, page, [*staffed, *PARTS, f"case?no={case.case_no}"], locale)
    assert faults == {}


def _faults(app: App, page: Page, paths: list[str], locale: str) -> dict[str, set[str]]:
    """By path, the words that are in the wrong language."""
    found = {}
    for path in paths:
        app.open(page, f"/{path}")
        whole(page)
        expect(page.get_by_role("heading").first).to_be_visible()
        expect(page.get_by_role("alert").filter(has_text=re.compile("Not allowed|无权"))).to_have_count(0)
        fits(page)
        text = page.locator("[data-testid=stApp]").inner_text()
        if wrong := _chinese(app, text) if locale == "en-US" else _english(text):
            found[path] = wrong
    return found


def _chinese(app: App, text: str) -> set[str]:
    """Chinese that is neither a name nor the switch of languages."""
    for name in (*BOTH, app.desk.settings.workspace_name, *(staff.name for staff in app.desk.snapshot[Staff].values())):
        text = text.replace(name, "")
    return set(CHINESE.findall(text))


def _english(text: str) -> set[str]:
    """Lines that are a text of the app as the source has it."""
    return {line.strip() for line in text.splitlines()} & _source_texts()


@cache
def _source_texts() -> frozenset[str]:
    """The texts of the source that Chinese says otherwise, and those of several words that it should."""
    with in_language("zh_CN"):
        return frozenset(text for text in messages_in_use() if _is_translated(text) or SEVERAL_WORDS.search(text))


def _is_translated(text: str) -> bool:
    return "{" not in text and t(text) != text

"""What people do on the pages with their hands, and a look into the store behind them."""

import json
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as NotInTime

from lib.desk.desk import Desk
from lib.documents import links
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, actor_of
from tests.support import ZONE

_LONGEST = 20.0  # seconds
PATIENCE = 4  # tries to take an option from a list that the page may draw again
_ENDED = "[data-testid=stApp][data-test-script-state=notRunning]"


def settle(page: Page) -> None:
    """Wait until the server has drawn what the last act asked for; the page needs a frame or two to ask."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_selector(_ENDED, timeout=30_000)


def fill(page: Page | Locator, label: str, text: str, *, exact: bool = False) -> None:
    """Type into a field and leave it."""
    field = page.get_by_label(label, exact=exact).and_(page.locator("input, textarea"))
    field.fill(text)
    field.press("Tab")
    settle(field.page)


def choose(page: Page | Locator, label: str, option: str) -> None:
    """Take an option of a list."""
    box = page.get_by_test_id("stSelectbox").filter(has_text=label).first
    field, wanted = box.locator("input"), box.page.get_by_role("option", name=option).first
    for _ in range(PATIENCE):
        field.click()
        if field.get_attribute("aria-expanded") != "true":  # a click that only closed the list before
            field.press("ArrowDown")
        try:
            wanted.click(timeout=5_000)
        except NotInTime:  # the page was drawn again and closed the list: open it once more
            continue
        settle(box.page)
        return
    raise AssertionError(f"{label}: no option {option}")


def today() -> str:
    """The present day of the workspace, as `date` types it: a promise that is within the limit of any priority."""
    return f"{datetime.now(ZONE):%Y%m%d}"


def date(page: Page, label: str, digits: str) -> None:
    """Type a day as year, month and day into a date field; one part leads to the next."""
    page.get_by_role("group", name=label).get_by_role("spinbutton").first.click()
    page.keyboard.type(digits)
    page.keyboard.press("Tab")
    settle(page)


def pick(page: Page | Locator, label: str, option: str) -> None:
    """Press one of the buttons of a choice of few."""
    group = page.get_by_test_id("stButtonGroup").filter(has_text=label).first
    group.get_by_role("radio", name=option).or_(group.get_by_role("button", name=option)).first.click()
    settle(group.page)


def press(page: Page | Locator, name: str) -> None:
    """Press a button."""
    button = page.get_by_role("button", name=name, exact=False).first
    button.click()
    settle(button.page)


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    settle(page)


def metric(page: Page, label: str) -> Locator:
    """A figure on a card."""
    return page.get_by_test_id("stMetric").filter(has_text=label).first.get_by_test_id("stMetricValue")


def fits(page: Page) -> None:
    """Nobody has to move the page sideways."""
    wide, room = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert wide <= room, f"{urlsplit(page.url).path} is {wide} wide in {room}"


def whole(page: Page) -> None:
    """No part of the page has failed."""
    expect(page.get_by_test_id("stException")).to_have_count(0)


def actor(desk: Desk, role: str) -> Actor:
    return actor_of(desk.snapshot[Staff][f"s-{role}"], desk.config.roles)


def stored(desk: Desk, case_no: str) -> Case:
    """The case as it stands in the store at this moment."""
    desk.committer.refresh()
    return desk.snapshot[Case][case_no]


def until(holds: Callable[[], Any], what: str, *, longest: float = _LONGEST) -> None:
    """Wait for something that no page shows, so many seconds at most."""
    deadline = time.monotonic() + longest
    while not holds():
        assert time.monotonic() < deadline, f"did not come: {what}"
        time.sleep(0.1)


def _wake(app: Any) -> None:
    """A server on a spreadsheet looks at it while people are on, and none may have been for minutes. A genuine link to
    print what is not there makes it look once more."""
    nothing = links.Wanted("work_order", "none", "en")
    token = links.token(app.desk, nothing, actor=actor(app.desk, "intake"))
    with pytest.raises(HTTPError, match="404"):
        urllib.request.urlopen(f"{app.url}/api/print?token={token}", timeout=60)


def caught_up(app: Any) -> None:
    """Wait until the server has what the test wrote into its store from outside."""
    wanted = app.desk.snapshot.seq
    if app.sheets:
        _wake(app)

    def has_it() -> bool:
        with urllib.request.urlopen(f"{app.url}/api/health", timeout=5) as answer:
            return bool(json.load(answer)["seq"] >= wanted)

    until(has_it, f"sequence {wanted}")

"""A file that is made when it is asked for, over the connection of the page that offers it."""

import pytest
from playwright.sync_api import Page, expect

from lib.services.people import sessions
from tests.cases import take_in
from tests.e2e.hands import caught_up
from tests.support import actors_of

pytestmark = [pytest.mark.browser, pytest.mark.trial(21)]


def test_the_cases_come_as_a_file_to_who_is_signed_in(app, page: Page):
    people = actors_of(app.desk)
    case = take_in(app.desk, people["s-manager"])
    app.sign_in(page, "manager", "/cases")
    caught_up(app)
    page.get_by_role("button", name="导出").click()
    with page.expect_download(timeout=20_000) as coming:
        page.get_by_role("button", name="CSV").click()
    assert case.case_no.encode() in coming.value.path().read_bytes()
    sessions.end_all(app.desk, actor=people["s-manager"], staff_id="s-manager")
    caught_up(app)
    before = app.desk.committer.refresh().seq
    page.get_by_role("button", name="CSV").click()
    expect(page.locator("input[type=password]")).to_be_visible(timeout=20_000)  # the page notices by itself
    assert app.desk.committer.refresh().seq == before, "nothing was exported"

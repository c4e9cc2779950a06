"""Signing in in a real browser: the gate, the way back to the page asked for, the cookie, and the demo."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.auth.sessions import COOKIE, begin, cookie_of
from lib.auth.tokens import Signer
from lib.domain.records.people import Account, Staff
from lib.domain.rules.permissions import actor_of
from lib.services.people import accounts, sessions
from lib.ui.frame.app_pages import PAGES, PUBLIC
from tests.e2e.hands import caught_up, until

pytestmark = pytest.mark.browser

PASSWORD_FIELD = "input[type=password]"
SIDEBAR = "[data-testid=stSidebar]"


def _session(page):
    return next((cookie for cookie in page.context.cookies() if cookie["name"] == COOKIE), None)


def _kept(page):
    return (_session(page) or {"value": ""})["value"]


def _administrator(app):
    return actor_of(app.desk.snapshot[Staff]["s-administrator"], app.desk.config.roles)


@pytest.mark.parametrize("path", [f"/{page.path}" for page in PAGES.values() if page.permission != PUBLIC])
def test_the_very_first_request_meets_the_gate(app, page: Page, path):
    # Each path by a new visitor; the first one is also the first request that this server ever gets.
    app.open(page, f"{path}?no=TS-2026-000001")
    expect(page.locator(PASSWORD_FIELD)).to_be_visible()
    assert page.locator(SIDEBAR).count() == 0
    assert page.locator("h2").count() == 0  # the header of a page's body


@pytest.mark.parametrize("path", [f"/{page.path}" for page in PAGES.values() if page.permission == PUBLIC])
def test_public_pages_ask_nobody(app, page: Page, path):
    app.open(page, path)
    expect(page.get_by_text(app.desk.settings.service_phone).first).to_be_visible()
    assert page.locator(PASSWORD_FIELD).count() == 0
    assert page.locator(SIDEBAR).count() == 0


def test_the_page_asked_for_comes_by_itself_and_stays(app, page: Page):
    app.sign_in(page, "manager", "/cases?stage=new&mine=yes")
    assert page.url == f"{app.url}/cases?stage=new&mine=yes"
    until(lambda: _session(page), "the cookie of the session")
    kept = _session(page)
    assert kept["httpOnly"]
    assert kept["sameSite"] == "Lax"
    page.reload()
    expect(page.locator(SIDEBAR)).to_be_visible()
    assert page.url == f"{app.url}/cases?stage=new&mine=yes"
    tab = page.context.new_page()
    app.open(tab, "/weekly")
    expect(tab.locator(SIDEBAR)).to_be_visible()


def test_signing_out_ends_it_in_every_tab(app, page: Page):
    app.sign_in(page, "manager")
    page.get_by_role("button", name=re.compile("退出|Sign out")).click()
    expect(page.locator(PASSWORD_FIELD)).to_be_visible()
    assert _session(page) is None
    app.open(page, "/cases")
    expect(page.locator(PASSWORD_FIELD)).to_be_visible()


def test_ending_the_sessions_of_a_person_reaches_the_page_she_has_open(app, page: Page):
    app.sign_in(page, "reviewer")
    sessions.end_all(app.desk, actor=_administrator(app), staff_id="s-reviewer")
    caught_up(app)
    page.get_by_text("English").first.click()
    expect(page.locator(PASSWORD_FIELD)).to_be_visible()
    page.reload()
    expect(page.locator(PASSWORD_FIELD)).to_be_visible()


@pytest.mark.parametrize("kind", ["rubbish", "another secret", "an old epoch", "too old"])
def test_a_wrong_cookie_opens_nothing(app, page: Page, kind):
    now = datetime.now(UTC)
    account = app.desk.snapshot[Account]["s-manager"]
    cookie = {
        "rubbish": "e30.aaaa.bbbb",
        "another secret": cookie_of(Signer(b"x" * 32), begin("s-manager", account.epoch, now)),
        "an old epoch": cookie_of(app.desk.signer, begin("s-manager", account.epoch + 7, now)),
        "too old": cookie_of(app.desk.signer, begin("s-manager", account.epoch, now - sessions.SESSION_AGE * 2)),
    }[kind]
    page.context.add_cookies([{"name": COOKIE, "value": cookie, "url": app.url}])
    app.open(page, "/settings")
    expect(page.locator(PASSWORD_FIELD)).to_be_visible()
    assert page.locator(SIDEBAR).count() == 0


def test_a_wrong_password_keeps_the_address_typed(app, page: Page):
    app.open(page)
    page.locator("input[autocomplete=username]").fill("manager@example.cn")
    page.locator(PASSWORD_FIELD).fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("input[autocomplete=username]")).to_have_value("manager@example.cn")
    assert _session(page) is None


def test_a_one_time_password_is_changed_first(app, page: Page):
    once = accounts.issue_one_time_password(app.desk, actor=_administrator(app), staff_id="s-intake")
    app.open(page)  # the server looks for news while somebody is on
    caught_up(app)
    app.sign_in(page, "intake", "/cases", password=once)
    assert page.locator(SIDEBAR).count() == 0
    fields = page.locator(PASSWORD_FIELD)
    expect(fields).to_have_count(3)
    for field, text in enumerate((once, "three blue kettles", "three blue kettles")):
        fields.nth(field).fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(SIDEBAR)).to_be_visible()
    until(lambda: _session(page), "the cookie of the session")
    page.reload()
    expect(page.locator(SIDEBAR)).to_be_visible()
    assert page.url == f"{app.url}/cases"


def test_a_forbidden_page_refuses_and_is_not_in_the_menu(app, page: Page):
    app.sign_in(page, "handler", "/settings")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.locator(f"{SIDEBAR} a[href$='/settings']").count() == 0
    assert page.locator(f"{SIDEBAR} a[href$='/cases']").count() == 1
    assert page.locator("h2").count() == 0


def test_a_real_workspace_has_no_switch_of_roles(app, page: Page):
    app.sign_in(page, "administrator")
    assert page.locator(".st-key-demo").count() == 0


def test_the_demo_lets_everybody_in_and_keeps_the_person_chosen(demo_app, page: Page):
    demo_app.open(page)
    expect(page.locator(".st-key-demo")).to_be_visible()
    before = _kept(page)
    page.locator(".st-key-demo_persona input").click()
    page.get_by_role("option", name=re.compile("周handler")).click()
    expect(page.locator(SIDEBAR)).to_contain_text("周handler")
    until(lambda: _kept(page) not in ("", before), "the cookie of the person chosen")
    page.reload()
    expect(page.locator(SIDEBAR)).to_contain_text("周handler")
    tab = page.context.new_page()
    demo_app.open(tab, "/cases")
    expect(tab.locator(SIDEBAR)).to_contain_text("周handler")


@pytest.mark.trial(50)
def test_a_browser_that_does_not_get_the_cookie_says_so(app, browser: Browser):
    """The session goes on in this page; the person knows that it ends with it."""
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.route("**/auth/keep", lambda route: route.fulfill(status=410))
    app.open(page)
    page.locator("input[autocomplete=username]").fill("manager@example.cn")
    page.locator(PASSWORD_FIELD).fill(app.password)
    page.keyboard.press("Enter")
    expect(page.locator(SIDEBAR)).to_be_visible()
    expect(page.get_by_text("This browser did not keep your sign-in")).to_be_visible()
    context.close()


@pytest.mark.trial(50)
def test_nothing_is_said_where_the_cookie_arrives(app, page: Page):
    app.sign_in(page, "manager")
    expect(page.get_by_role("alert")).to_have_count(0)

"""The workspace is a spreadsheet, and a manager edits it by hand: what she does there comes into the app."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lib.domain.records.case import Case
from lib.store.sheets.model.layout import letter, sheet_id
from tests.cases import take_in
from tests.e2e.conftest import SHEET_MANAGER, App
from tests.e2e.hands import actor, caught_up, fill, fits, press, settle, stored, until, whole
from tests.google.control import Manager

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("app", ["sheet"], indirect=True, scope="module")]

TAB, NUMBER = "案件", "案件编号"
APP = "app@loopback.test"
RUBBISH = {"渠道": "热线电话", "发生日期": "26年3月5日"}
SEEN = 45.0  # seconds: a deletion counts after a while, because people cut and paste


@pytest.fixture
def sheet(app: App) -> Manager:
    """The manager, with no more rights than she was given."""
    return app.sheets.manager(user=SHEET_MANAGER)


@pytest.fixture(scope="module", autouse=True)
def deleted(app: App) -> Case:
    """A case whose row a manager deletes before everything else: the app waits a while before it believes that."""
    case = take_in(app.desk, actor(app.desk, "intake"), title="地漏返味")
    sheet = app.sheets.manager(user=SHEET_MANAGER)
    sheet.delete_rows(TAB, sheet.row_of(TAB, case.case_no, column=NUMBER))
    return case


def put(sheet: Manager, case_no: str, column: str, value: Any) -> None:
    sheet.set_cell(TAB, sheet.row_of(TAB, case_no, column=NUMBER), column, value)


def cells(sheet: Manager, case_no: str) -> dict[str, Any]:
    """A row as it stands in the sheet."""
    header, row = sheet.rows(TAB)[0], sheet.rows(TAB)[sheet.row_of(TAB, case_no, column=NUMBER) - 1]
    return dict(zip(header, row, strict=False))


def in_app(app: App, case_no: str, holds: Callable[[Any], bool], what: str) -> None:
    """Wait until the app itself has taken something in; the test's own desk only looks."""

    def there() -> bool:
        app.desk.committer.refresh()
        return holds(app.desk.snapshot[Case].get(case_no))

    until(there, what, longest=SEEN)
    caught_up(app)


def test_an_edit_in_the_sheet_meets_an_open_form(app: App, sheet: Manager, open_page: Callable[..., Page]) -> None:
    case = take_in(app.desk, actor(app.desk, "intake"), location="阳台")
    page = open_page()
    app.sign_in(page, "intake")
    caught_up(app)
    app.open(page, f"/case?no={case.case_no}")
    page.locator(".st-key-edit-report button").click()
    settle(page)
    put(sheet, case.case_no, "问题位置", "厨房")
    put(sheet, case.case_no, "小区", "梧桐里")
    in_app(app, case.case_no, lambda now: now.location == "厨房", "the manager's edit")
    fill(page, "问题位置", "主卧卫生间")
    fill(page, "客户诉求", "本周内修好")
    press(page, "保存")
    expect(page.get_by_role("alert").first).to_contain_text("同时改了这里")
    choices = page.get_by_role("radiogroup", name="问题位置")
    expect(choices).to_contain_text("我填写的：主卧卫生间")
    expect(choices).to_contain_text("他人保存的：厨房")
    press(page, "保存")
    body = page.get_by_test_id("stMain")
    expect(body).to_contain_text("问题位置 主卧卫生间")
    for words in ("在表格中修改", "在线表格", "问题位置：阳台 → 厨房", "小区：阳光花园 → 梧桐里"):
        expect(body).to_contain_text(words)
    saved = stored(app.desk, case.case_no)
    assert (saved.location, saved.wanted_outcome, saved.community) == ("主卧卫生间", "本周内修好", "梧桐里")
    row = cells(sheet, case.case_no)
    assert (row["问题位置"], row["客户诉求"], row["小区"]) == ("主卧卫生间", "本周内修好", "梧桐里")
    whole(page)


def test_a_row_typed_in_the_sheet_becomes_a_case(app: App, sheet: Manager, open_page: Callable[..., Page]) -> None:
    words = {"客户姓名": "欧阳静", "客户电话": "137 0000 1111", "小区": "梧桐里", "问题描述": "楼道灯不亮已经两周"}
    at = len(sheet.rows(TAB)) + 1
    for column, text in words.items():
        sheet.set_cell(TAB, at, column, text)
    place = sheet.column(TAB, NUMBER)
    until(lambda: "".join(sheet.rows(TAB)[at - 1][place : place + 1]), "a number in the sheet", longest=SEEN)
    number = sheet.rows(TAB)[at - 1][place]
    caught_up(app)
    page = open_page(width=390, height=844)
    app.sign_in(page, "manager", f"/case?no={number}")
    body = page.get_by_test_id("stMain")
    for text in ("欧阳静", "13700001111", "梧桐里", app.desk.lists.label("stage", "new", "zh_CN")):
        expect(body).to_contain_text(text)
    fits(page)
    case = stored(app.desk, number)
    assert (case.stage, case.client_phone, case.description) == ("new", "13700001111", "楼道灯不亮已经两周")
    assert case.acknowledge_due is not None
    earlier = [int(one[-6:]) for one in app.desk.snapshot[Case] if one != number]
    assert int(number[-6:]) == max(earlier) + 1


def test_rubbish_in_a_cell_is_shown_and_put_right(app: App, sheet: Manager, open_page: Callable[..., Page]) -> None:
    case = take_in(app.desk, actor(app.desk, "intake"))
    for column, rubbish in RUBBISH.items():
        put(sheet, case.case_no, column, rubbish)
    page = open_page()
    app.sign_in(page, "manager", "/health")
    body = page.get_by_test_id("stMain")
    shown_after_a_while(app, page, "/health", case.case_no)
    for words in (*RUBBISH.values(), "可能是热线", "可能是2026年3月5日"):
        expect(body).to_contain_text(words)
    links = [link.get_attribute("href") for link in page.get_by_role("link", name="打开单元格").all()]
    assert sorted(links) == sorted(address(sheet, case.case_no, column) for column in RUBBISH)
    fits(page)
    press(page, "全部采纳")
    expect(body).not_to_contain_text(case.case_no)
    row = cells(sheet, case.case_no)
    assert row["渠道"] == "热线"
    assert row["发生日期"] == (date(2026, 3, 5) - date(1899, 12, 30)).days
    saved = stored(app.desk, case.case_no)
    assert (saved.channel, saved.occurred_on) == ("hotline", date(2026, 3, 5))
    whole(page)


def address(sheet: Manager, case_no: str, column: str) -> str:
    """Where a person finds a cell."""
    cell = f"{letter(sheet.column(TAB, column))}{sheet.row_of(TAB, case_no, column=NUMBER)}"
    return f"https://docs.google.com/spreadsheets/d/{sheet.id}/edit#gid={sheet_id('cases')}&range={cell}"


def shown_after_a_while(app: App, page: Page, path: str, words: str) -> None:
    """Come back to a page until it shows something."""

    def there() -> bool:
        app.open(page, path)
        return words in page.get_by_test_id("stMain").inner_text()

    until(there, f"{words} on {path}", longest=SEEN)


def test_an_outage_shows_and_ends_by_itself(app: App, sheet: Manager, open_page: Callable[..., Page]) -> None:
    case = take_in(app.desk, actor(app.desk, "intake"))
    page = open_page(locale="en-US")
    app.sign_in(page, "manager")
    caught_up(app)
    app.open(page, f"/case?no={case.case_no}")
    box = page.get_by_placeholder("What was said, seen or agreed")
    box.fill("Agreed on Thursday")
    alert = page.get_by_role("alert").filter(has_text="The data cannot be reached")
    sheet.revoke(APP)
    expect(alert).to_contain_text(f"Share it with {APP} as an editor", timeout=30_000)
    expect(page.get_by_test_id("stSidebar")).to_contain_text("not shared with this app", timeout=30_000)
    press(page, "Add to the timeline")
    expect(page.get_by_role("alert").filter(has_text="Not saved")).to_contain_text(APP)
    expect(box).to_have_value("Agreed on Thursday")
    sheet.share(APP)
    expect(alert).to_have_count(0, timeout=30_000)
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Synced", timeout=30_000)
    press(page, "Add to the timeline")
    expect(box).to_have_value("")
    app.desk.committer.refresh()
    assert [line.text for line in app.desk.history(case_no=case.case_no)][-1:] == ["Agreed on Thursday"]
    whole(page)


def test_a_row_deleted_in_the_sheet_comes_back(
    app: App, sheet: Manager, deleted: Case, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=390, height=844)
    app.sign_in(page, "manager", "/health")
    in_app(app, deleted.case_no, lambda now: now is None, "the deletion")
    app.open(page, "/health")
    body = page.get_by_test_id("stMain")
    for words in ("在表格中被删除的行", deleted.case_no, "地漏返味"):
        expect(body).to_contain_text(words)
    fits(page)
    press(page, "恢复")
    expect(body).not_to_contain_text(deleted.case_no)
    assert cells(sheet, deleted.case_no)["标题"] == "地漏返味"
    assert stored(app.desk, deleted.case_no) == deleted
    whole(page)

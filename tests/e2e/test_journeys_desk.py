"""At the desk: two people at one field, a file of old cases in and out again, and the search on every page."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lib.domain.records.case import Case
from lib.domain.records.workspace import ImportRun
from lib.ui.frame.app_pages import PAGES
from tests.cases import take_in
from tests.e2e.conftest import App
from tests.e2e.hands import actor, caught_up, fill, metric, press, settle, stored, whole

pytestmark = pytest.mark.browser

FILE = """编号,反映时间,来源,诉求内容,联系人,联系电话,小区名称
A-1,2026-10-08 09:30,热线,楼道灯不亮已经两周，晚上上楼看不见台阶,欧阳静,13700001111,梧桐里
A-2,2026-13-40,热线,电梯反复停在五楼不动,赵敏,13700002222,梧桐里
A-3,2026-10-09 14:00,到访,退租押金一直没有退,孙一凡,13700003333,梧桐里
"""


def test_two_people_at_one_field(app: App, open_page: Callable[..., Page]):
    case = take_in(app.desk, actor(app.desk, "intake"))
    first, second = open_page(), open_page()
    for page, role in ((first, "manager"), (second, "intake")):
        app.sign_in(page, role)
        caught_up(app)
        app.open(page, f"/case?no={case.case_no}")
        page.locator(".st-key-edit-report button").click()
        settle(page)
    fill(first, "问题位置", "厨房")
    press(first, "保存")
    expect(first.get_by_test_id("stMain")).to_contain_text("问题位置 厨房")
    fill(second, "问题位置", "主卧卫生间")
    fill(second, "客户诉求", "本周内修好")
    press(second, "保存")
    expect(second.get_by_role("alert")).to_contain_text("同时改了这里")
    choices = second.get_by_role("radiogroup", name="问题位置")
    expect(choices).to_contain_text("我填写的：主卧卫生间")
    expect(choices).to_contain_text("他人保存的：厨房")
    expect(second.get_by_label("客户诉求")).to_have_value("本周内修好")
    assert stored(app.desk, case.case_no).location == "厨房"
    press(second, "保存")
    expect(second.get_by_test_id("stMain")).to_contain_text("问题位置 主卧卫生间")
    saved = stored(app.desk, case.case_no)
    assert (saved.location, saved.wanted_outcome) == ("主卧卫生间", "本周内修好")
    whole(second)


def test_a_file_of_cases_comes_in_and_goes_out_again(app: App, open_page: Callable[..., Page]):
    page = open_page()
    app.sign_in(page, "manager", "/import")
    page.locator("input[type=file]").set_input_files(
        {"name": "旧台账.csv", "mimeType": "text/csv", "buffer": FILE.encode("gb18030")}
    )
    press(page, "预检")
    for name, count in (("行数", "3"), ("可导入", "2"), ("未通过", "1")):
        expect(metric(page, name)).to_have_text(count)
    rejected = page.get_by_test_id("stDataFrame").last
    expect(rejected).to_contain_text("2026-13-40")
    expect(rejected).to_contain_text("日期")
    assert not _imported(app)
    press(page, "导入2行")
    expect(page.get_by_role("status").filter(has_text="旧台账.csv")).to_contain_text("已导入2行，已存在0行，未通过1行")
    cases = _imported(app)
    assert sorted(case.source_ref for case in cases) == ["A-1", "A-3"]
    assert {case.client_name for case in cases} == {"欧阳静", "孙一凡"}
    _find(app, page, "oyj", next(case.case_no for case in cases if case.source_ref == "A-1"))
    app.open(page, "/cases?community=梧桐里")
    expect(page.get_by_test_id("stMain")).to_contain_text("2件案件")
    for text in ("欧阳静", "孙一凡"):
        expect(page.get_by_test_id("stDataFrame")).to_contain_text(text)
    app.open(page, "/import?do=past")
    press(page, "撤销")
    press(page, "撤销此次导入")
    expect(page.get_by_test_id("stMain")).to_contain_text(re.compile("已于.+撤销"))
    assert not _imported(app)
    app.desk.committer.refresh()
    assert [run.undone_at is not None for run in app.desk.snapshot[ImportRun].values()] == [True]


def _imported(app: App) -> list[Case]:
    app.desk.committer.refresh()
    return [case for case in app.desk.snapshot[Case].values() if case.import_id]


def test_every_page_finds_a_case(app: App, open_page: Callable[..., Page]):
    case = take_in(app.desk, actor(app.desk, "intake"), client_name="诸葛明远", client_phone="18600007788")
    page = open_page()
    app.sign_in(page, "administrator")
    caught_up(app)
    asked = ["zgmy", "7788"]
    staffed = [about for about in PAGES.values() if about.permission and about.key != "case"]
    for place, about in enumerate(staffed):
        app.open(page, f"/{about.path}")
        _find(app, page, asked[place % 2], case.case_no)


def _find(app: App, page: Page, text: str, number: str) -> None:
    """Type into the box on top, and go where what is found leads."""
    box = page.get_by_role("searchbox", name="查找案件")
    box.fill(text)
    page.get_by_role("link", name=re.compile(number)).first.click()
    page.wait_for_url(re.compile(rf"/case\?no={number}"))
    settle(page)
    expect(page.get_by_test_id("stMain")).to_contain_text(number)

"""A case on its whole way, each person on her own telephone: the call, judging, work, answer, survey, review."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.hands import (
    choose,
    fill,
    fits,
    metric,
    press,
    settle,
)  # fmt: skip

pytestmark = pytest.mark.browser

WORDS = "主卧飘窗渗水，雨后墙面大片发霉，乳胶漆脱落。"


def _new_case(page: Page, app) -> str:
    """The case is taken in while the client is on the line; returns its number."""
    fill(page, "客户电话", "138 1234 5678")
    expect(page.get_by_label("客户姓名")).to_have_value("陈晓燕")
    expect(page.get_by_label("小区")).to_have_value("翠湖湾")
    expect(page.get_by_label("房号")).to_have_value("1502")
    fill(page, "问题描述", WORDS)
    duplicates = page.get_by_test_id("stVerticalBlock").filter(has_text="可能是同一件").last
    expect(duplicates).to_contain_text("卫生间地漏返味")
    expect(duplicates).to_contain_text("同一电话")
    expect(page.get_by_test_id("stSelectbox").filter(has_text="分类").first).to_contain_text("渗漏")
    fill(page, "客户诉求", "找到渗水原因并修好")
    read_back = page.get_by_test_id("stMarkdown").filter(has_text="飘窗渗水").last
    expect(read_back).to_contain_text("陈晓燕")
    expect(read_back).to_contain_text("翠湖湾")
    fits(page)
    page.get_by_text("客户已确认").click()
    settle(page)
    press(page, "保存案件")
    number = metric(page, "案件编号")
    expect(number).to_have_text(re.compile(r"^TS-\d{4}-\d{6}$"))
    expect(page.get_by_role("img", name="二维码")).to_be_visible()
    fits(page)
    return number.inner_text()


def _judge(page: Page, app, number: str) -> None:
    app.open(page, f"/case?no={number}&do=accept")
    for factor, step in (
        ("影响范围", "2 · 一户"), ("居住安全", "4 · 无法使用"), ("经济损失", "3 · 1 千元至"),
        ("法律风险", "3 · 书面要求"), ("品牌影响", "3 · 业主群"),
    ):  # fmt: skip
        choose(page, factor, step)
    expect(page.get_by_test_id("stProgress").filter(has_text="P2 重大")).to_be_visible()
    fits(page)
    press(page, "受理")
    expect(page.get_by_text("已受理").first).to_be_visible()
    expect(page.get_by_text("P2 重大").first).to_be_visible()


def _assign(page: Page, app, number: str) -> None:
    app.open(page, "/assignment")
    fits(page)
    page.get_by_test_id("stHorizontalBlock").filter(has_text=number).last.get_by_test_id("stCheckbox").click()
    settle(page)
    choose(page, "派给", "周handler")
    press(page, "派出 1 件")
    expect(page.get_by_test_id("stCheckbox").filter(has_text=number)).to_have_count(0)


def _work(page: Page, number: str) -> None:
    """First contact, investigation, plan, consent, answer, closing; each is the next likely button or near it."""
    press(page, "首次联系")
    fill(page, "备注", "已与陈女士通话，约明天上门")
    press(page, "首次联系")
    press(page, "开始调查")
    press(page, "开始调查")
    expect(page.get_by_text("调查中").first).to_be_visible()
    press(page, "提交方案")
    fill(page, "处理措施", "外墙飘窗打胶，室内铲除重刷")
    fits(page)
    for label in ("方案完成日期", "承诺日期"):
        fill(page, label, "2027-01-15")
    fill(page, "补偿金额", "500")
    press(page, "提交方案")
    expect(page.get_by_text("待业主确认").first).to_be_visible()
    press(page, "客户同意")
    page.get_by_label("客户同意时间").first.click()

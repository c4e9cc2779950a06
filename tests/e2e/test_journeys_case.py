"""A case on its whole way, each person on her own telephone: the call, judging, work, answer, survey, review."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp, Survey
from tests.cases import take_in
from tests.e2e import hands
from tests.e2e.conftest import ON_BOTH_STORES, App
from tests.e2e.hands import actor, choose, fill, fits, metric, press, settle, stored, whole

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("second_client"), ON_BOTH_STORES]

WORDS = "主卧飘窗渗水，雨后墙面大片发霉，乳胶漆脱落。"
EARLIER = {
    "client_phone": "13812345678", "client_name": "陈晓燕", "community": "翠湖湾", "building": "6栋", "room": "1502",
    "description": "卫生间地漏返味，晚上特别明显。",
}  # fmt: skip
FACTORS = {
    "影响范围": "2 · 一户", "居住安全": "4 · 无法使用", "经济损失": "3 · 1 千元至", "法律风险": "3 · 书面要求",
    "品牌影响": "3 · 业主群",
}  # fmt: skip
ANSWER = "外墙飘窗已重新打胶，室内墙面已重刷，两次试水无渗漏。"


@pytest.fixture
def phone(app: App, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """`phone("head", "/assignment")`: the telephone of the person of a role, signed in; "" for somebody outside."""

    def one(role: str, path: str) -> Page:
        page = open_page(width=390, height=844)
        app.sign_in(page, role, path) if role else app.open(page, path)
        return page

    return one


def test_from_the_call_to_the_weekly_review(app: App, phone):
    earlier = take_in(app.desk, actor(app.desk, "intake"), **EARLIER)
    number = _take_the_call(app, phone("intake", "/new"))
    head = phone("head", f"/case?no={number}&do=accept")
    _judge(head)
    hands.until(lambda: stored(app.desk, number).priority == "P2", "judged")
    _assign(app, head, number)
    assert stored(app.desk, number).assignee == "s-handler"
    _work(app, phone("handler", f"/case?no={number}"), number)
    address = _send_survey(app, phone("intake", f"/case?no={number}"))
    _answer_survey(app, phone("", address), number)
    _review(app, phone("manager", "/weekly"), number)
    assert stored(app.desk, earlier.case_no) == earlier


def _take_the_call(app: App, page: Page) -> str:
    """The case is taken in while the client is on the line; returns its number."""
    hands.caught_up(app)
    fill(page, "客户电话", "138 1234 5678")
    expect(page.get_by_label("客户姓名")).to_have_value("陈晓燕")
    expect(page.get_by_label("小区")).to_have_value("翠湖湾")
    expect(page.get_by_label("房号")).to_have_value("1502")
    fill(page, "问题描述", WORDS)
    body = page.get_by_test_id("stMain")
    expect(body).to_contain_text("可能是同一案件")
    expect(body).to_contain_text("卫生间地漏返味")
    expect(body).to_contain_text("同一电话")
    press(page, "采用此分类")
    expect(page.get_by_label("分类")).to_have_value("房屋质量 / 渗漏")
    fill(page, "客户诉求", "找到渗水原因并修好")
    read_back = page.get_by_role("listitem")
    for part in ("陈晓燕", "138 1234 5678", "翠湖湾 6栋 1502", WORDS, "找到渗水原因并修好"):
        expect(read_back.filter(has_text=part)).to_have_count(1)
    fits(page)
    page.get_by_text("客户已确认").click()
    settle(page)
    press(page, "保存案件")
    shown = metric(page, "案件编号")
    expect(shown).to_have_text(re.compile(r"^TS-\d{4}-\d{6}$"))
    expect(page.get_by_role("img", name="二维码")).to_be_visible()
    expect(body).to_contain_text("/track?token=")
    fits(page)
    case = stored(app.desk, shown.inner_text())
    assert (case.stage, case.client_phone, case.description) == ("new", "13812345678", WORDS)
    assert case.category == "quality.leak"
    assert case.read_back_at is not None
    return case.case_no


def _judge(page: Page) -> None:
    for factor, step in FACTORS.items():
        choose(page, factor, step)
    expect(page.get_by_test_id("stProgress").filter(has_text="P2 重大")).to_be_visible()
    fits(page)
    press(page, "受理")
    head = page.get_by_test_id("stMain")
    expect(head).to_contain_text("已受理")
    expect(head).to_contain_text("P2 重大")


def _assign(app: App, page: Page, number: str) -> None:
    app.open(page, "/assignment")
    fits(page)
    page.get_by_test_id("stCheckbox").filter(has_text=number).locator("label").click()
    settle(page)
    choose(page, "派给", "周handler")
    press(page, "派单1件")
    expect(page.get_by_test_id("stMain")).to_contain_text("已受理的案件都有责任人")


def _work(app: App, page: Page, number: str) -> None:
    """First contact, investigation, plan, consent, answer, closing: each with its button and a short form."""
    body = page.get_by_test_id("stMain")
    press(page, "首次联系")
    fill(page, "备注", "已与陈女士通话，约明天上门")
    press(page, "首次联系")
    press(page, "开始调查")
    press(page, "开始调查")
    expect(body).to_contain_text("调查中")
    press(page, "提交方案")
    fill(page, "处理措施", "外墙飘窗打胶，室内铲除重刷")
    hands.date(page, "方案完成日期", "20270115")
    hands.date(page, "承诺日期", hands.today())
    fill(page, "补偿金额", "500")
    fits(page)
    press(page, "提交方案")
    expect(body).to_contain_text("待客户确认")
    press(page, "客户同意")
    hands.pick(page, "同意方式", "电话")
    press(page, "客户同意")
    expect(body).to_contain_text("处理中")
    press(page, "答复客户")
    fill(page, "答复客户", ANSWER)
    press(page, "答复客户")
    expect(body).to_contain_text("已答复")
    press(page, "结案")
    choose(page, "原因代码", "施工")
    hands.pick(page, "客户是否接受", "是")
    fits(page)
    press(page, "结案")
    expect(body).to_contain_text("已结案")
    whole(page)
    hands.until(lambda: stored(app.desk, number).closed_at, "closed")
    case = stored(app.desk, number)
    assert (case.stage, case.cause, case.answer_text, case.plan_compensation) == ("closed", "construction", ANSWER, 500)
    assert case.consent_at is not None
    planned = [item for item in app.desk.snapshot[FollowUp].values() if item.case_no == number]
    assert {item.purpose for item in planned} == {"case_closed"}


def _send_survey(app: App, page: Page) -> str:
    """The link for the client, as a path; nobody types it, she gets it in a message."""
    hands.tab(page, "回访与评价")
    press(page, "生成问卷链接")
    expect(page.get_by_role("img", name=re.compile("二维码：案件.*问卷"))).to_be_visible()
    fits(page)
    address = page.get_by_test_id("stCode").inner_text().strip()
    assert address.startswith(f"{app.url}/survey?token=")
    return address.removeprefix(app.url)


def _answer_survey(app: App, page: Page, number: str) -> None:
    expect(page.get_by_test_id("stMain")).to_contain_text(number)
    fits(page)
    for question in ("对处理过程的总体感受", "对处理结果的总体感受"):
        group = page.get_by_test_id("stButtonGroup").filter(has_text=question)
        group.get_by_role("radio").nth(4).click()
    fill(page, "还想说点什么", "修得很干净，谢谢")
    press(page, "提交")
    expect(page.get_by_role("heading")).to_contain_text("谢谢您")
    app.desk.committer.refresh()
    survey = next(one for one in app.desk.snapshot[Survey].values() if one.case_no == number)
    assert (survey.process, survey.outcome, survey.comment, survey.source) == (5, 5, "修得很干净，谢谢", "link")
    page.reload()
    settle(page)
    expect(page.get_by_role("heading")).to_contain_text("谢谢您")  # a link takes one answer


def _review(app: App, page: Page, number: str) -> None:
    app.desk.committer.refresh()  # in the spreadsheet other journeys have closed cases too
    closed = sum(case.closed_at is not None for case in app.desk.snapshot[Case].values())
    expect(metric(page, "结案")).to_have_text(re.compile(f"^{closed}(?!\\d)"))
    expect(metric(page, "满意度")).to_have_text(re.compile("^100"))
    fits(page)
    app.open(page, "/satisfaction")
    expect(metric(page, "结果满意度")).to_have_text(re.compile("^100"))
    body = page.get_by_test_id("stMain")
    expect(body).to_contain_text("修得很干净，谢谢")
    expect(page.get_by_role("link", name=number).first).to_be_visible()
    fits(page)
    whole(page)

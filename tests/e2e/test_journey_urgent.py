"""A burst pipe on its whole way: danger judged, a visit, a written plan and consent, an answer that the client does not
accept, review by somebody else, the outcome told, closing, the checklist, the archive, and the printed file."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Locator, Page, expect

from lib.domain.records.case import Case
from lib.domain.records.case_parts import Evidence, FollowUp
from lib.domain.rules.permissions import system_actor
from lib.services.parts import evidence
from lib.services.story.case_file import checklist
from lib.store.commit.batch import edit
from tests.cases import take_in
from tests.e2e import hands
from tests.e2e.conftest import ON_BOTH_STORES, App
from tests.e2e.hands import actor, choose, fill, fits, pick, press, settle, stored, tab, whole

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("second_client"), ON_BOTH_STORES]

LEAK = "厨房水管爆裂，水漫到楼下，配电箱进水冒火花。"
FACTORS = {
    "影响范围": "3 · ", "居住安全": "5 · ", "经济损失": "3 · ", "法律风险": "2 · ", "品牌影响": "2 · ",
}  # fmt: skip
ANSWER = "已更换爆裂管段并打压试验，配电箱已烘干检测合格。"
REFUSAL = "木地板泡坏了没有赔"
FINDINGS = "入户总阀后的接头破裂，橱柜和木地板受潮。"
REASONS = "查阅照片、试压记录并与客户、经办人分别核实；木地板不在合同保修范围内。"


@pytest.fixture
def desk_of(app: App, open_page: Callable[..., Page]) -> Callable[[str, str], Page]:
    """The screen of the person of a role at a path, signed in."""

    def one(role: str, path: str) -> Page:
        page = open_page(width=1280, height=900)
        app.sign_in(page, role, path)
        return page

    return one


def test_an_urgent_leak_from_danger_to_archive(app: App, desk_of: Callable[[str, str], Page], tmp_path: Path) -> None:
    number = take_in(app.desk, actor(app.desk, "intake"), description=LEAK).case_no
    hands.caught_up(app)
    path = f"/case?no={number}"
    _judge_and_assign(app, desk_of("head", f"{path}&do=accept"), number)
    handler = desk_of("handler", path)
    _visit(app, handler, number)
    _plan_and_work(app, handler, number)
    _answer(app, handler, number)
    _dispute(app, handler, number)
    reviewer = desk_of("reviewer", path)
    _review(app, reviewer, number)
    _close(app, handler, path, number)
    manager = desk_of("manager", path)
    _archive(app, manager, path, number)
    _print(manager, tmp_path)


def _key(page: Page, key: str) -> Locator:
    """A widget by its key, whatever its text."""
    return page.locator(f".st-key-{re.sub('[^a-zA-Z0-9_-]', '-', key)}")


def _tap(page: Page, key: str) -> None:
    _key(page, key).get_by_role("button").first.click()
    settle(page)


def _came_to(app: App, number: str, what: Callable[[Case], object]) -> Case:
    """The case once it is so in the store; the page has made a document meanwhile."""
    hands.until(lambda: what(stored(app.desk, number)), number)
    return stored(app.desk, number)


def _judge_and_assign(app: App, page: Page, number: str) -> None:
    choose(page, "分类", "房屋质量 / 水电")
    for factor, step in FACTORS.items():
        choose(page, factor, step)
    press(page, "受理")
    expect(page.get_by_test_id("stMain")).to_contain_text("P1 紧急")  # danger is always critical
    press(page, "派单")
    choose(page, "责任人", "周handler")
    _tap(page, f"move.{number}.assign.save")
    case = _came_to(app, number, lambda case: case.assignee)
    assert (case.stage, case.priority, case.assignee, case.handlers) == ("assigned", "P1", "s-handler", ("s-handler",))


def _visit(app: App, page: Page, number: str) -> None:
    press(page, "首次联系")
    _tap(page, f"move.{number}.contact.save")
    _came_to(app, number, lambda case: case.contacted_at)
    press(page, "开始调查")
    _tap(page, f"move.{number}.investigate.save")
    _came_to(app, number, lambda case: case.stage == "investigating")
    tab(page, "上门查看")
    _tap(page, "visit.findings")
    fill(page, "现场情况", FINDINGS)
    _tap(page, f"visit.{number}.findings.save")
    case = _came_to(app, number, lambda case: case.visit_findings)
    assert (case.stage, case.visit_findings) == ("investigating", FINDINGS)
    evidence.add(
        app.desk, actor=actor(app.desk, "handler"), case=case, files=[("现场.txt", "照片说明".encode())], kind="photo"
    )


def _plan_and_work(app: App, page: Page, number: str) -> None:
    """Work on a critical case begins with a written plan and the client's consent, not before."""
    expect(page.get_by_role("button", name="开始处理")).to_have_count(0)
    press(page, "提交方案")
    fill(page, "处理措施", "更换爆裂管段，打压试验，烘干并检测配电箱")
    hands.date(page, "方案完成日期", "20270115")
    hands.date(page, "承诺日期", hands.today())
    _tap(page, f"move.{number}.offer_plan.save")
    _came_to(app, number, lambda case: case.stage == "plan_offered")
    kinds = {item.kind for item in app.desk.snapshot[Evidence].values() if item.case_no == number}
    assert kinds == {"photo", "plan"}
    press(page, "客户同意")
    pick(page, "同意方式", "书面签字")
    fill(page, "同意人", "王小明")
    _tap(page, f"move.{number}.consent.save")
    case = _came_to(app, number, lambda case: case.consent_at)
    assert (case.stage, case.consent_how, case.consent_by) == ("in_progress", "written", "王小明")


def _answer(app: App, page: Page, number: str) -> None:
    press(page, "答复客户")
    fill(page, "答复客户", ANSWER)
    fill(page, "已采取措施", "更换管段两米")
    fill(page, "预防措施", "同单元水管逐户排查")
    pick(page, "告知方式", "电话")
    _tap(page, f"move.{number}.answer.save")
    case = _came_to(app, number, lambda case: case.answer_text)
    assert (case.stage, case.answer_measures, case.answer_told_how) == ("answered", "更换管段两米", "phone")


def _dispute(app: App, page: Page, number: str) -> None:
    """The client does not accept: why is asked for, and a review is what the page offers first."""
    press(page, "记录客户意见")
    pick(page, "客户是否接受", "否")
    fill(page, "客户不接受的原因", REFUSAL)
    _tap(page, f"move.{number}.acceptance.save")
    expect(page.get_by_test_id("stMain")).to_contain_text(REFUSAL)
    press(page, "申请复核")
    fill(page, "复核理由", "要求赔偿木地板")
    box = page.get_by_test_id("stSelectbox").filter(has_text="复核人").locator("input")
    box.click()
    offered = page.get_by_role("option").all_inner_texts()
    assert not any("handler" in name for name in offered), offered
    page.get_by_role("option").filter(has_text="reviewer").click()
    settle(page)
    _tap(page, f"move.{number}.request_review.save")
    case = _came_to(app, number, lambda case: case.review_asked_at)
    assert (case.stage, case.reviewer, case.refusal_reason) == ("in_review", "s-reviewer", REFUSAL)
    expect(page.get_by_role("button", name="维持原结论")).to_have_count(0)  # not by whoever handled it


def _review(app: App, page: Page, number: str) -> None:
    press(page, "维持原结论")
    fill(page, "复核意见", REASONS)
    fill(page, "答复客户", "经复核维持原处理；木地板可由保险理赔，我们协助提交材料。")
    _tap(page, f"move.{number}.uphold.save")
    case = _came_to(app, number, lambda case: case.reviewed_at)
    assert (case.stage, case.review_result, case.review_findings) == ("answered", "upheld", REASONS)
    assert case.review_told_due is not None
    press(page, "告知复核结果")
    _tap(page, f"move.{number}.tell_review.save")
    _came_to(app, number, lambda case: case.review_told_at)
    fits(page)


def _close(app: App, page: Page, path: str, number: str) -> None:
    """Without the client's acceptance it is closed with a reason."""
    app.open(page, f"{path}&do=close")
    choose(page, "原因代码", "老化")
    pick(page, "客户是否接受", "否")
    fill(page, "未获认可结案原因", "已书面说明依据，客户可向仲裁机构申请")
    fill(page, "经验教训", "老旧小区交付前加做水压测试")
    _tap(page, f"move.{number}.close.save")
    case = _came_to(app, number, lambda case: case.closed_at)
    assert (case.stage, case.cause) == ("closed", "ageing")
    assert case.close_reason


def _archive(app: App, page: Page, path: str, number: str) -> None:
    """What lacks is named and led to; then the file goes into the archive and is only read."""
    assert _lacking(app, number) == {"follow_up", "survey"}
    _tap(page, "archive.survey")
    expect(page.get_by_role("tab", name="回访与评价")).to_have_attribute("aria-selected", "true")
    press(page, "生成问卷链接")
    expect(page.get_by_role("img", name=re.compile("二维码：案件.*问卷"))).to_be_visible()
    _make_the_calls(app, number)
    app.open(page, path)
    assert _lacking(app, number) == set()
    press(page, "归档")
    _tap(page, f"move.{number}.archive.save")
    case = _came_to(app, number, lambda case: case.retain_until)
    assert (case.stage, case.archive_reason) == ("archived", "")
    assert case.retain_until is not None
    expect(page.get_by_test_id("stMain")).to_contain_text("已归档")
    expect(page.get_by_role("button", name="编辑")).to_have_count(0)
    whole(page)
    fits(page)
    app.open(page, f"/cases?q={number}")
    expect(page.get_by_test_id("stMain")).not_to_contain_text(LEAK[:8])  # not among the open ones
    app.open(page, f"/cases?stage=archived&q={number}")
    expect(page.get_by_test_id("stMain")).to_contain_text("已归档")
    app.open(page, path)


def _lacking(app: App, number: str) -> set[str]:
    case = stored(app.desk, number)
    return {line.rule.key for line in checklist(app.desk, case) if not line.done}


def _make_the_calls(app: App, number: str) -> None:
    """The two calls after closing a repair, weeks later."""
    calls = [one for one in app.desk.snapshot[FollowUp].values() if one.case_no == number]
    assert len(calls) == 2
    done = {"done_at": app.desk.now(), "done_by": "s-intake", "outcome": "satisfied"}
    app.desk.save(system_actor(), [edit(one, done) for one in calls])
    hands.caught_up(app)


def _print(page: Page, folder: Path) -> None:
    """The case file as a PDF: its pages are drawn, and everything that happened stands on them."""
    page.get_by_role("button", name="打印").first.click()
    settle(page)
    with page.expect_download() as download:
        _key(page, "print.download.case_file").get_by_role("button").click()
    kept = folder / "case_file.pdf"
    download.value.save_as(kept)
    pdf = pypdfium2.PdfDocument(kept)
    try:
        text = "".join(sheet.get_textpage().get_text_bounded() for sheet in pdf)
        pictures = [sheet.render(scale=1.5).to_pil() for sheet in pdf]
    finally:
        pdf.close()
    flat = re.sub(r"\s", "", text)
    for words in (ANSWER, REFUSAL, FINDINGS, REASONS, "已书面说明依据", "老旧小区交付前加做水压测试", "王小明"):
        assert re.sub(r"\s", "", words) in flat, words
    for picture in pictures:
        inked = sum(picture.convert("L").histogram()[:128])
        assert inked > 2000  # a page with letters on it, not an empty one
    if wanted := os.environ.get("CASESHEET_KEEP_PICTURES"):
        for place, picture in enumerate(pictures, start=1):
            picture.save(Path(wanted) / f"case_file_{place}.png")

"""The pictures of the app for the guides: whose screen, which page, what she does before each is taken."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from lib.desk.desk import Desk
from lib.documents.printing import Document
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Survey
from lib.domain.records.fields import columns
from lib.i18n import Language, in_language, t
from lib.services.aftercare import satisfaction
from lib.services.alerts import alerts
from lib.services.cases import tracking
from lib.services.story.case_file import checklist
from lib.services.work import assignment

LANGUAGES: dict[str, Language] = {"zh": "zh_CN", "en": "en"}
DESKTOP, PHONE = (1280, 800), (390, 844)
STORY = {
    "zh": "阳台顶上又开始渗水，下雨天滴到地板上，上次修过一次没修好。",
    "en": "The balcony ceiling leaks again and drips on the floor when it rains. The last repair did not hold.",
}
WISH = {"zh": "尽快上门维修，并说明上次为什么没修好", "en": "A repair soon, and a word on why the last one failed"}
OLD_LIST = """工单编号,投诉时间,客户姓名,联系电话,小区,楼栋,房号,投诉内容,投诉类别,紧急程度
A-1001,2026-11-02 09:15,周敏,13800010001,翠湖湾,3,1201,次卧窗户关不严，刮风有响声,门窗,一般
A-1002,2026-11-03 14:40,吴强,13800010002,梧桐苑,7,502,中介费发票一直没有开出来,费用,一般
A-1003,2026-11-05 11:05,郑洁,1380001,翠湖湾,5,903,厨房下水返味,给排水,一般
A-1004,2026-11-31 16:30,冯涛,13800010004,滨江名邸,1,1804,过户时间一拖再拖,过户,重要
A-1005,2026-11-09 10:20,褚丽,13800010005,梧桐苑,2,301,卫生间防水没做好，楼下漏水,渗漏,重要
"""


@dataclass(frozen=True)
class Shot:
    """One picture: who looks at which path in which size, and what she does before it is taken."""

    name: str
    path: Callable[[Desk], str]
    act: Callable[[Page, Desk, str], None] = lambda _page, _desk, _language: None
    role: str = "manager"
    size: tuple[int, int] = DESKTOP
    office: bool = False  # an ordinary workspace without a session instead of the demo


@dataclass(frozen=True)
class Print:
    """A picture of one printed page of the case on the case page, counted from 0."""

    name: str
    document: Document
    page: int = 0


def settle(page: Page) -> None:
    """Wait until the server has nothing more to draw, and the browser has loaded all that it draws with."""
    page.wait_for_timeout(250)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
    page.locator("[data-testid=stSkeleton]").first.wait_for(state="detached", timeout=60_000)


def fixed(path: str) -> Callable[[Desk], str]:
    return lambda _desk: path


def open_case(desk: Desk) -> Case:
    """A leak without danger that is being worked on, of a client with a phone and a home, with the longest record."""
    found = [
        case
        for case in desk.snapshot[Case].values()
        if case.stage == "in_progress"
        and case.client_phone
        and case.room
        and case.category.endswith("leak")
        and not case.danger
    ]
    return max(found, key=lambda case: (len(case.plan_measures), case.case_no))


def case_page(desk: Desk) -> str:
    return f"/case?no={open_case(desk).case_no}"


def alerted_case(desk: Desk) -> str:
    """The page of a case of which somebody was told already, and somebody else is to be told next."""
    found = [
        case
        for case in desk.snapshot[Case].values()
        if case.assignee and alerts.raised(desk, case) and alerts.upcoming(desk, case)
    ]
    return f"/case?no={min(found, key=lambda case: (case.priority, case.case_no)).case_no}"


def incomplete_case(desk: Desk) -> str:
    """The page of a closed case whose file lacks something, but not much."""

    def lacking(case: Case) -> int:
        return sum(not line.done for line in checklist(desk, case))

    closed = [case for case in desk.snapshot[Case].values() if case.stage == "closed" and case.priority in ("P1", "P2")]
    found = [case for case in closed if lacking(case)]
    return f"/case?no={min(found, key=lambda case: (abs(lacking(case) - 2), case.case_no)).case_no}"


def tracking_page(desk: Desk) -> str:
    return tracking.tracking_path(tracking.tracking_token(desk, open_case(desk).case_no))


def survey_page(desk: Desk) -> str:
    waiting = [
        survey
        for survey in desk.snapshot[Survey].values()
        if survey.answered_at is None and survey.expires_at > desk.now()
    ]
    chosen = min(waiting, key=lambda survey: survey.survey_id)
    return satisfaction.survey_path(satisfaction.survey_token(desk, chosen.survey_id))


def take_in(page: Page, desk: Desk, language: str) -> None:
    """Type what the client says, in the order of the form."""
    page.locator("input[type=tel]").first.press_sequentially(open_case(desk).client_phone, delay=15)
    settle(page)
    for name, text in (("description", STORY[language]), ("wanted_outcome", WISH[language])):
        box = page.get_by_label(columns(Case)[name].label(LANGUAGES[language])).first
        box.fill(text)
        box.press("Tab")
        settle(page)
    page.get_by_text(words("The client has confirmed it", language)).first.click()
    settle(page)
    page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, 0)")
    page.mouse.move(0, 0)


def words(text: str, language: str) -> str:
    """What a button is called in the language of the picture."""
    with in_language(LANGUAGES[language]):
        return t(text)


def load_file(page: Page, _desk: Desk, language: str) -> None:
    name = {"zh": "旧台账.csv", "en": "old-list.csv"}[language]
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": OLD_LIST.encode()})
    page.wait_for_selector("[data-testid=stDataFrame]", timeout=30_000)
    settle(page)


def dry_run(page: Page, desk: Desk, language: str) -> None:
    load_file(page, desk, language)
    page.get_by_role("button", name=words("Dry run", language)).click()
    page.wait_for_selector("[data-testid=stMetric]", timeout=30_000)
    settle(page)
    scroll_to(page, "[data-testid=stMetric]")


def scroll_to(page: Page, selector: str) -> None:
    page.locator(selector).first.evaluate("found => found.scrollIntoView({block: 'start'})")


def propose(page: Page, desk: Desk, _language: str) -> None:
    """Tick the three cases that wait longest, and look why the first goes where it does."""
    for case in assignment.unassigned(desk)[:3]:
        page.get_by_label(case.case_no).first.locator("xpath=ancestor-or-self::label[1]").click()
        settle(page)
    page.locator("[data-testid=stExpander] summary").first.click()
    settle(page)
    page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, 0)")
    page.mouse.move(0, 0)


def rate(page: Page, _desk: Desk, _language: str) -> None:
    for group in (0, 1):
        page.locator("[data-testid=stButtonGroup]").nth(group + 1).locator("button").nth(3 + group).click()


SHOTS = (
    Shot("home", fixed("/"), role="handler", size=(1280, 1160)),
    Shot("home-phone", fixed("/"), role="handler", size=PHONE),
    Shot("new-case", fixed("/new"), take_in, size=(1280, 1060)),
    Shot("new-case-phone", fixed("/new"), role="intake", size=PHONE),
    Shot("case", case_page, size=(1280, 900)),
    Shot("case-phone", case_page, size=PHONE),
    Shot("cases", fixed("/cases")),
    Shot("cases-phone", fixed("/cases"), size=PHONE),
    Shot("board", fixed("/cases?view=board")),
    Shot("case-alerts", alerted_case, size=(1280, 500)),
    Shot("case-archive", incomplete_case, size=(1280, 760)),
    Shot("workflow", fixed("/workflow"), size=(1280, 1900)),
    Shot("assignment", fixed("/assignment"), propose, size=(1280, 1290)),
    Shot("follow-ups", fixed("/follow-ups")),
    Shot("satisfaction", fixed("/satisfaction"), size=(1280, 1000)),
    Shot("weekly", fixed("/weekly"), size=(1280, 1000)),
    Shot("import-mapping", fixed("/import"), load_file, size=(1280, 900)),
    Shot("import-report", fixed("/import"), dry_run),
    Shot("settings-people", fixed("/settings?part=people"), role="administrator"),
    Shot("settings-lists", fixed("/settings?part=lists"), role="administrator"),
    Shot("sign-in", fixed("/"), office=True, size=(1280, 640)),
    Shot("report-phone", fixed("/report"), size=PHONE),
    Shot("track-phone", tracking_page, size=PHONE),
    Shot("survey-phone", survey_page, rate, size=PHONE),
)
PRINTS = (Print("work-order", "work_order"), Print("case-file", "case_file"))

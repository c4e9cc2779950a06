"""Make the pictures of the guides again: `python docs/make_screenshots.py [NAME ...] [--keep FOLDER]`.

A demo workspace in a temporary folder, a server on a free port whose present stands still, and a real Chromium; printed
pages are drawn from their PDF. The pictures go to docs/images/zh and docs/images/en. With `--keep` the workspace stays
for the next time.
"""

import argparse
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.error import URLError
from zoneinfo import ZoneInfo

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lib import running  # noqa: E402
from lib.auth.sessions import COOKIE  # noqa: E402
from lib.bootstrap import open_desk  # noqa: E402
from lib.demo.clock import SteppingClock  # noqa: E402
from lib.demo.generate import fill  # noqa: E402
from lib.documents import links  # noqa: E402
from lib.documents.links import Wanted  # noqa: E402
from lib.documents.printing import Document  # noqa: E402
from lib.domain.case import Case  # noqa: E402
from lib.domain.case_parts import Survey  # noqa: E402
from lib.domain.fields import columns  # noqa: E402
from lib.domain.people import Staff  # noqa: E402
from lib.domain.permissions import actor_of, system_actor  # noqa: E402
from lib.i18n import Language, in_language, t  # noqa: E402
from lib.services import accounts, alerts, assignment, satisfaction, tracking, workspace  # noqa: E402
from lib.services.case_file import checklist  # noqa: E402
from lib.services.desk import Desk  # noqa: E402
from lib.services.escalation import raise_alerts  # noqa: E402
from lib.store.batch import edit  # noqa: E402

NOW = datetime(2026, 11, 20, 10, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
IMAGES = ROOT / "docs" / "images"
LOCALES = {"zh": "zh-CN", "en": "en-US"}
LANGUAGES: dict[str, Language] = {"zh": "zh_CN", "en": "en"}
DESKTOP, PHONE = (1280, 800), (390, 844)
ADDRESS = "https://cases.example.com"  # in QR codes
LARGEST = 150_000  # bytes of a picture
START_LIMIT = 60.0  # seconds
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PHONE_BROWSER = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
)
HIDE_SCROLLBARS = "::-webkit-scrollbar { display: none }"

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
class Server:
    """A running server, and the same workspace seen from here."""

    url: str
    desk: Desk


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these pictures")
    parser.add_argument("--keep", type=Path, help="folder of the workspace; made when it is not there")
    parser.add_argument("--serve", nargs=2, metavar=("FOLDER", "PORT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(Path(asked.serve[0]), int(asked.serve[1]))
    elif asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
        take_all(asked.keep.resolve(), asked.names)
    else:
        with tempfile.TemporaryDirectory() as folder:
            take_all(Path(folder), asked.names)


def serve(folder: Path, port: int) -> None:
    """The app as it is, but for its clock; ends with the process."""
    from streamlit.web import bootstrap

    running.use(desk_in(folder))
    options = {"server_port": port, "server_headless": True, "server_fileWatcherType": "none"}
    bootstrap.load_config_options(options)
    bootstrap.run_asgi_app(str(ROOT / "streamlit_app.py"), "streamlit_app:app", [], options)


def desk_in(folder: Path) -> Desk:
    """The workspace of a folder at the fixed present."""
    store = f"sqlite:///{folder / 'demo.db'}"
    return open_desk(
        clock=SteppingClock(NOW),
        store=store,
        files_dir=folder / "files",
        secret_file=folder / "key",
        public_url=ADDRESS,
    )


def take_all(folder: Path, names: list[str]) -> None:
    """Every picture, or those named, in both languages. Raises ValueError for an unknown name."""
    if unknown := set(names) - {picture.name for picture in (*SHOTS, *PRINTS)}:
        raise ValueError(f"no such picture: {', '.join(sorted(unknown))}")
    chosen = [shot for shot in SHOTS if not names or shot.name in names]
    prints = [one for one in PRINTS if not names or one.name in names]
    demo, office = folder, folder / "office"
    office.mkdir(exist_ok=True)
    if not (demo / "demo.db").exists():
        print("filling the demo workspace")
        desk = desk_in(demo)
        fill(desk, now=NOW)
        raise_alerts(desk)
    if not (office / "demo.db").exists():
        workspace.initialise(desk_in(office), demo=False)
    with sync_playwright() as playwright:
        executable = os.environ.get("CASESHEET_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        for language in LOCALES:
            take_language(browser, demo, chosen, prints, language)
        browser.close()


def take_language(browser: Browser, folder: Path, chosen: list[Shot], prints: list[Print], language: str) -> None:
    """The pictures in one language, of a copy: acts that save something leave the kept workspace as it was."""
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(folder, scratch, dirs_exist_ok=True)
        desk = desk_in(Path(scratch))
        people = desk.snapshot[Staff].values()
        desk.save(system_actor(), [edit(one, {"language": LANGUAGES[language]}) for one in people])
        desk.store.close()
        with served(Path(scratch)) as demo, served(Path(scratch) / "office") as office:
            for shot in chosen:
                take(browser, office if shot.office else demo, shot, language)
            for one in prints:  # last, because printing is recorded in the timeline
                draw(demo.desk, one, language)


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve", str(folder), str(port)], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/api/health", process, folder / "server.log")
        yield Server(f"http://127.0.0.1:{port}", desk_in(folder))
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise TimeoutError(log.read_text("utf-8", "replace"))


def draw(desk: Desk, one: Print, language: str) -> None:
    """A page of a PDF, as wide as it is shown in a guide."""
    manager = next(staff for staff in desk.snapshot[Staff].values() if staff.role == "manager")
    wanted = Wanted(one.document, open_case(desk).case_no, LANGUAGES[language])
    content = links.make(desk, wanted, actor=actor_of(manager, desk.config.roles))
    with pypdfium2.PdfDocument(content) as document:
        out = io.BytesIO()
        document[one.page].render(scale=1.4).to_pil().save(out, "PNG")
    save(out.getvalue(), IMAGES / language / f"{one.name}.png")


def take(browser: Browser, server: Server, shot: Shot, language: str) -> None:
    width, height = shot.size
    phone = {"user_agent": PHONE_BROWSER, "is_mobile": True, "has_touch": True} if shot.size == PHONE else {}
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=LOCALES[language], timezone_id="Asia/Shanghai", **phone
    )
    if not shot.office:
        person = next(staff for staff in server.desk.snapshot[Staff].values() if staff.role == shot.role)
        value = accounts.session_cookie(server.desk, person)
        context.add_cookies([{"name": COOKIE, "value": value, "url": server.url}])
    page = context.new_page()
    page.goto(server.url + shot.path(server.desk))
    settle(page)
    page.add_style_tag(content=HIDE_SCROLLBARS)
    shot.act(page, server.desk, language)
    settle(page)
    page.wait_for_timeout(800)  # charts and pictures are drawn after the page says that it is done
    refuse_failure(page, shot, language)
    save(page.screenshot(), IMAGES / language / f"{shot.name}.png")
    context.close()


def refuse_failure(page: Page, shot: Shot, language: str) -> None:
    """A page that says that it failed is no picture for a guide. Raises RuntimeError."""
    if page.get_by_text(words("Something went wrong", language), exact=True).count():
        raise RuntimeError(f"{shot.name} ({language}) shows a failure; the page's server says why")


def settle(page: Page) -> None:
    """Wait until the server has nothing more to draw."""
    page.wait_for_timeout(250)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)


def save(content: bytes, path: Path) -> None:
    """As a small picture: a palette is enough for a page. Raises ValueError when it is still too large."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    out = io.BytesIO()
    image.quantize(192, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    if len(out.getvalue()) > LARGEST:
        raise ValueError(f"{path.name}: {len(out.getvalue())} bytes")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out.getvalue())
    print(f"{path.relative_to(ROOT)}: {len(out.getvalue()) // 1024} kB")


def fixed(path: str) -> Callable[[Desk], str]:
    return lambda _desk: path


def open_case(desk: Desk) -> Case:
    """A leak that is being worked on, of a client with a phone and a home, with the longest record."""
    found = [
        case
        for case in desk.snapshot[Case].values()
        if case.stage == "in_progress" and case.client_phone and case.room and case.category.endswith("leak")
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

if __name__ == "__main__":
    main()

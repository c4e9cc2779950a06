"""Make the pictures of the guides again: `python docs/make_screenshots.py [NAME ...] [--keep FOLDER]`.

A demo workspace in a temporary folder, a server on a free port whose present stands still, and a real Chromium; printed
pages are drawn from their PDF. The pictures go to docs/images/zh and docs/images/en. With `--keep` the workspace stays
for the next time.
"""

import argparse
import io
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.error import URLError
from zoneinfo import ZoneInfo

import pypdfium2
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from pictures.page import launch, save  # noqa: E402
from pictures.shots import LANGUAGES, PHONE, PRINTS, SHOTS, Print, Shot, open_case, settle, words  # noqa: E402

from lib.app import process as running  # noqa: E402
from lib.app.bootstrap import open_desk  # noqa: E402
from lib.auth.sessions import COOKIE  # noqa: E402
from lib.demo.clock import SteppingClock  # noqa: E402
from lib.demo.generate import fill  # noqa: E402
from lib.desk.desk import Desk  # noqa: E402
from lib.documents import links  # noqa: E402
from lib.documents.links import Wanted  # noqa: E402
from lib.domain.records.people import Staff  # noqa: E402
from lib.domain.rules.permissions import actor_of, system_actor  # noqa: E402
from lib.services.alerts.escalation import raise_alerts  # noqa: E402
from lib.services.people import sessions  # noqa: E402
from lib.services.workspace import workspace  # noqa: E402
from lib.store.commit.batch import edit  # noqa: E402

NOW = datetime(2026, 11, 20, 10, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
IMAGES = ROOT / "docs" / "images"
LOCALES = {"zh": "zh-CN", "en": "en-US"}
ADDRESS = "https://cases.example.com"  # in QR codes
START_LIMIT = 60.0  # seconds
PHONE_BROWSER = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
)
HIDE_SCROLLBARS = "::-webkit-scrollbar { display: none }"


@dataclass(frozen=True)
class Server:
    """A running server, and the same workspace seen from here."""

    url: str
    desk: Desk


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
        create=True,
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
        browser = launch(playwright)
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
        value = sessions.cookie_of(server.desk, sessions.begin(server.desk, person))
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


if __name__ == "__main__":
    main()

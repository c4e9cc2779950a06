"""A real server on a free port with a store of its own, and a real Chromium.

`app` is a workspace with one person of every role, `demo_app` the same as a demo, `sheet_app` the same in a
spreadsheet on a loopback server, set up by the commands that an administrator types. A module marked with
`ON_BOTH_STORES` runs with `app` in a database and in the spreadsheet, there with somebody at work in the sheet.
`open_page` gives pages that watch themselves: a request to another host, an error on the console, or a server that
logs a traceback fails the test.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from lib.app.bootstrap import open_desk
from lib.auth.passwords import hash_password
from lib.auth.sessions import COOKIE
from lib.config.settings import ROOT
from lib.desk.desk import Desk
from lib.domain.records.people import Account, Staff
from lib.domain.rules.permissions import system_actor
from lib.services.workspace import workspace
from lib.store.commit.batch import create
from tests.e2e.hands import until
from tests.e2e.second_client import at_work
from tests.google.server import SheetsServer

PASSWORD = "seven green lanterns"
START_LIMIT = 60.0  # seconds
SHEET_MANAGER = "boss@example.cn"  # may edit the spreadsheet
ON_BOTH_STORES = pytest.mark.parametrize("app", ["database", "sheet"], indirect=True, scope="module")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NARROW = 640  # pixels; what is narrower says that it is a telephone
PHONE_AGENT = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Mobile Safari/537.36"
)
# Streamlit looks for its own address below a deep link first, and says so when it is not there.
PROBES = re.compile(r"/_stcore/(health|host-config)$")


@dataclass(frozen=True)
class App:
    """A running server. `desk` is the same workspace seen from the test; people sign in as `<role>@example.cn`.

    `sheets` is the server of the spreadsheet, where the workspace is in one.
    """

    url: str
    desk: Desk
    log: Path
    sheets: SheetsServer | None = None
    password: str = PASSWORD

    def open(self, page: Page, path: str = "/") -> None:
        """Go to a path and wait until the page stands."""
        page.goto(self.url + path)
        self.settle(page)

    def settle(self, page: Page) -> None:
        """Wait until the server has nothing more to draw."""
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=30_000)

    def sign_in(self, page: Page, role: str, path: str = "/", *, password: str = PASSWORD) -> None:
        """Go to a path and sign in there as the person of a role."""
        self.open(page, path)
        page.locator("input[autocomplete=username]").fill(f"{role}@example.cn")
        page.locator("input[type=password]").fill(password)
        page.keyboard.press("Enter")
        inside = "[data-testid=stSidebar], input[autocomplete=new-password]"
        page.wait_for_selector(inside, state="attached", timeout=30_000)  # a telephone folds the sidebar away
        if not page.locator("input[autocomplete=new-password]").count():
            until(lambda: _has_session(page), "the cookie of the session")  # on its way when the page is there
        self.settle(page)


def _has_session(page: Page) -> bool:
    return any(cookie.get("name") == COOKIE for cookie in page.context.cookies())


@pytest.fixture(scope="module")
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    if getattr(request, "param", "database") == "sheet":
        yield request.getfixturevalue("sheet_app")
        return
    with _served(tmp_path_factory.mktemp("app"), demo=False) as served:
        yield served


@pytest.fixture(scope="module")
def demo_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with _served(tmp_path_factory.mktemp("demo"), demo=True) as served:
        yield served


@pytest.fixture(scope="session")
def sheet_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("sheet")
    with SheetsServer() as sheets, _served(folder, demo=False, sheets=sheets) as served:
        yield served


def _settings(folder: Path, sheets: SheetsServer | None) -> dict[str, str]:
    settings = {
        "CASESHEET_STORE": f"sqlite:///{folder / 'casesheet.db'}",
        "CASESHEET_FILES_DIR": str(folder / "files"),
        "CASESHEET_SECRET_FILE": str(folder / "secret.key"),
    }
    if sheets is not None:
        settings["CASESHEET_GOOGLE_ENDPOINT"] = sheets.url
        _administer(settings, "--store", "gsheets://new", "sheet", "setup", "--share", SHEET_MANAGER)
        settings["CASESHEET_STORE"] = f"gsheets://{sheets.manager().id}"
        _administer(settings, "init")
    return settings


def _administer(settings: dict[str, str], *words: str) -> None:
    """Type a command."""
    command = [sys.executable, "-m", "lib.cli", *words]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")


@contextmanager
def _served(folder: Path, *, demo: bool, sheets: SheetsServer | None = None) -> Iterator[App]:
    """Start the app as people do, from another folder than its own, and stop it again."""
    settings = _settings(folder, sheets)
    desk = open_desk(create=True, **{key.removeprefix("CASESHEET_").lower(): value for key, value in settings.items()})
    workspace.initialise(desk, demo=demo)
    _hire(desk)
    port = _free_port()
    options = ["--server.port", str(port), "--server.headless", "true", "--server.fileWatcherType", "none"]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py"), *options]
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **settings}, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/health", server, log)
        yield App(f"http://127.0.0.1:{port}", desk, log, sheets)
    finally:
        server.terminate()
        server.wait(timeout=20)
        desk.store.close()


def _hire(desk: Desk) -> None:
    """One person of every role, with a password of her own."""
    branch, department = desk.lists.codes("branch")[0], desk.lists.codes("department")[0]
    hashed = hash_password(PASSWORD)
    changes = []
    for role in desk.config.roles.role:
        place = {"branch": branch, "department": department}
        person = Staff(staff_id=f"s-{role}", email=f"{role}@example.cn", name=f"周{role}", role=role, **place)
        changes += [create(person), create(Account(staff_id=person.staff_id, password_hash=hashed))]
    desk.save(system_actor(), changes)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text('utf-8', 'replace')}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as installed on the system, or as CASESHEET_CHROMIUM names it.

    For one module: while Playwright runs, its loop occupies the thread, and other tests could run none of their own.
    """
    executable = os.environ.get("CASESHEET_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not executable:
        reason = "no Chromium: install one, or name it in CASESHEET_CHROMIUM"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page(width=390, height=844, locale="en-US")`: a page of a new visitor. All are watched."""
    complaints: list[str] = []
    contexts = []

    def open_one(*, width: int = 1280, height: int = 800, locale: str = "zh-CN") -> Page:
        phone = {"has_touch": True, "user_agent": PHONE_AGENT} if width < NARROW else {}
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, **phone)
        context.set_default_timeout(15_000)
        contexts.append(context)
        context.on("page", lambda page: _watch(page, complaints))
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def second_client(app: App) -> Iterator[None]:
    """Somebody is at work in the sheet all the while, where there is one."""
    with at_work(app.desk, app.sheets) if app.sheets else nullcontext():
        yield


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page of the size of a desktop, of somebody who reads Chinese."""
    return open_page()


def _watch(page: Page, complaints: list[str]) -> None:
    def on_address(url: str) -> None:
        host = urlsplit(url).hostname
        if host not in (None, "127.0.0.1"):
            complaints.append(f"asked another host: {url}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not PROBES.search(urlsplit(message.location.get("url", "")).path):
            complaints.append(f"console: {message.text} {message.location.get('url', '')}")

    page.on("request", lambda request: on_address(request.url))
    page.on("websocket", lambda opened: on_address(opened.url))
    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))

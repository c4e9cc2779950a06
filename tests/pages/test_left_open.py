"""A page left open acts as the person she is at that moment: nothing is done or handed out in the name she had."""

import ast
import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.testing.v1 import AppTest

from lib.api.connections import Connections
from lib.app import process
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp, Task
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor
from lib.errors import NotAllowed, SessionEnded
from lib.services.parts import evidence, tasks
from lib.services.people import people as staff_service
from lib.services.people import sessions
from lib.store.commit.batch import create
from lib.ui.frame import downloads
from lib.ui.frame.app_pages import PAGES, PUBLIC
from lib.ui.session.page import Here
from lib.ui.session.state import CASE_TAB, LANGUAGE, SIGNED_IN
from tests.pages.cases_support import accept, assign, take_in

SHELL = Path(__file__).parents[2] / "lib" / "ui" / "shell.py"
ROOT = SHELL.parents[2]
SOURCES = [*(ROOT / "lib" / "ui").glob("**/*.py"), *(ROOT / "pages").glob("*.py")]
STAFF_PAGES = [key for key, page in PAGES.items() if page.permission != PUBLIC]
WHO = "manager"


@pytest.fixture
def number(desk: Desk, people: dict[str, Actor]) -> str:
    """A case that is being handled, with a task, a photo's worth of evidence, and a call to make."""
    process.use(desk)
    case_no = take_in(desk, people["intake"])
    accept(desk, people["head"], case_no)
    assign(desk, people["head"], case_no)
    case = desk.snapshot[Case][case_no]
    tasks.add_task(desk, actor=people["handler"], case=case, values={"title": "联系施工队"})
    evidence.add_statement(desk, actor=people["handler"], case=case, witness="王五", text="天花板滴水")
    call = FollowUp(follow_up_id="fu-1", case_no=case_no, client_name="张伟", client_phone="13800138000",
                    purpose="case_closed", due_on=desk.today(), assignee="intake")  # fmt: skip
    desk.save(people["manager"], [create(call)])
    return case_no


def open_as(desk: Desk, who: str, key: str, tab: str = "", **params: str) -> AppTest:
    """A page of somebody who has just signed in."""
    at = AppTest.from_file(SHELL, default_timeout=30)
    at.session_state[LANGUAGE] = "en"
    at.session_state[SIGNED_IN] = sessions.cookie_of(desk, sessions.begin(desk, desk.snapshot[Staff][who]))
    at.run()
    at.switch_page(str(PAGES[key].file))
    for name, value in params.items():
        at.query_params[name] = value
    if tab:
        at.session_state[CASE_TAB] = tab
    return at.run()


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """The downloads that pages offer, by file name."""
    found: dict[str, Callable[[], bytes]] = {}
    real = MediaFileManager.add_deferred

    def add(self: Any, make: Any, mimetype: Any, coordinates: str, file_name: str = "", **more: Any) -> str:
        found[file_name] = make
        return real(self, make, mimetype, coordinates, file_name, **more)

    monkeypatch.setattr(MediaFileManager, "add_deferred", add)
    return found


def leave(desk: Desk, actor: Actor, who: str) -> None:
    staff_service.deactivate(desk, actor=actor, staff=desk.snapshot[Staff][who])


def becomes(desk: Desk, actor: Actor, who: str, role: str, **more: str) -> None:
    staff_service.edit_staff(desk, actor=actor, staff=desk.snapshot[Staff][who], values={"role": role, **more})


ENDS = {
    "deactivated": lambda desk, actors: leave(desk, actors["administrator"], WHO),
    "signed out in another tab": lambda desk, actors: sessions.end_all(desk, actor=actors[WHO], staff_id=WHO),
}


@pytest.mark.trial(19)
@pytest.mark.parametrize("how", ENDS)
def test_a_task_is_not_finished_from_a_page_left_open(
    desk: Desk, people: dict[str, Actor], number: str, how: str
) -> None:
    at = open_as(desk, WHO, "case", "Tasks", no=number)
    (task,) = desk.snapshot[Task].values()
    ENDS[how](desk, people)
    before = desk.snapshot.seq
    at.button(key=f"done.{task.task_id}").click().run()
    assert desk.snapshot.seq == before
    assert desk.snapshot[Task][task.task_id].done_at is None
    assert [field.label for field in at.text_input] == ["E-mail", "Password"]


@pytest.mark.trial(19)
def test_a_role_that_was_lost_finishes_no_task(desk: Desk, people: dict[str, Actor], number: str) -> None:
    at = open_as(desk, WHO, "case", "Tasks", no=number)
    (task,) = desk.snapshot[Task].values()
    becomes(desk, people["administrator"], WHO, "handler", branch="")
    before = desk.snapshot.seq
    at.button(key=f"done.{task.task_id}").click().run()
    assert desk.snapshot.seq == before


@pytest.mark.trial(19)
def test_no_page_hands_out_a_file_after_its_person_has_gone(
    desk: Desk, people: dict[str, Actor], number: str, offered: dict[str, Callable[[], bytes]]
) -> None:
    """Every deferred download of every page: the export of all cases, evidence, documents, figures."""
    for key in STAFF_PAGES:
        open_as(desk, WHO, key, "Evidence", **({"no": number} if key == "case" else {}))
    names = list(offered)
    assert {f"cases-{desk.today()}.csv", f"{number}-case-file.pdf", "王五.txt"} <= set(names)
    assert offered[f"cases-{desk.today()}.csv"]().startswith(b"\xef\xbb\xbf")
    leave(desk, people["administrator"], WHO)
    before = desk.snapshot.seq
    for name in names:
        with pytest.raises(SessionEnded):
            offered[name]()
    assert desk.snapshot.seq == before, "no line of History either: nothing was printed or exported"


@pytest.mark.trial(19)
def test_an_export_from_a_page_left_open_asks_the_role_of_now(
    desk: Desk, people: dict[str, Actor], number: str, offered: dict[str, Callable[[], bytes]]
) -> None:
    open_as(desk, WHO, "cases")
    becomes(desk, people["administrator"], WHO, "handler")
    with pytest.raises(NotAllowed):
        offered[f"cases-{desk.today()}.csv"]()


def test_evidence_is_only_for_who_may_see_its_case(desk: Desk, people: dict[str, Actor], number: str) -> None:
    (item,) = desk.snapshot[evidence.Evidence].values()
    assert "天花板滴水".encode() in evidence.content(desk, actor=people["handler"], item=item)
    stranger = Actor("x", "X", {"case.view": "own"})
    with pytest.raises(NotAllowed):
        evidence.content(desk, actor=stranger, item=item)


@pytest.mark.trial(21)
def test_a_download_belongs_to_the_page_that_drew_it(desk: Desk, people: dict[str, Actor]) -> None:
    """Whoever learns the number of a prepared download gets nothing by asking for it from a page of her own."""
    process.use(desk)
    identity = sessions.begin(desk, desk.snapshot[Staff][WHO])
    here = Here(desk, identity, desk.now())
    seen: list[str] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        seen.append(headers[downloads.HEADER])
        drawn_for = seen[0]
        scope["got"].append(await asyncio.to_thread(attempt, here, drawn_for))

    def attempt(here: Here, drawn_for: str) -> bytes | None:
        try:
            return downloads._made(here, lambda actor: actor.staff_id.encode(), drawn_for)
        except SessionEnded:
            return None

    async def connect() -> bytes | None:
        got: list[bytes | None] = []
        forged = [(downloads.HEADER.encode(), seen[0].encode())] if seen else []
        await Connections(page)({"type": "websocket", "headers": forged, "got": got}, None, None)  # type: ignore[arg-type]
        return got[0]

    async def both() -> list[bytes | None]:
        return [await asyncio.create_task(connect()), await asyncio.create_task(connect())]

    assert asyncio.run(both()) == [WHO.encode(), None]


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


@pytest.mark.trial(19)
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_page_keeps_an_actor_for_later(path: Path) -> None:
    """A callback and a download get what they need to look her up, and never who she was when the page was drawn."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for call in calls(tree):
        name = ast.unparse(call.func)
        if path.stem != "downloads":
            assert name != "st.download_button", "offered by lib.ui.frame.downloads alone"
        if name == "partial":
            assert "actor" not in ast.unparse(call), ast.unparse(call)
        for keyword in call.keywords:
            if keyword.arg in ("args", "kwargs", "on_click", "on_change"):
                assert "actor" not in ast.unparse(keyword.value), ast.unparse(call)
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.Lambda)):
        assert "here.actor" not in ast.unparse(function.args), "a default of a lambda is bound when the page is drawn"

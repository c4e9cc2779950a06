"""Clients' personal data: what one page masks, no page shows. Each mask has one home
(`lib.services.story.audit.shown`)."""

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.records.case_parts import FollowUp
from lib.domain.records.fields import columns
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor
from lib.services.people import people as staff_service
from lib.store.commit.batch import create
from lib.store.schema import SCHEMA
from lib.ui.frame.app_pages import PAGES, PUBLIC
from lib.ui.words.markdown import plain
from tests.pages.cases_support import accept, take_in
from tests.pages.conftest import OpenPage

ROOT = Path(__file__).parents[2]
SOURCES = [*(ROOT / "lib" / "ui").glob("**/*.py"), *(ROOT / "pages").glob("*.py")]
STAFF_PAGES = [key for key, page in PAGES.items() if page.permission != PUBLIC]
NAME, PHONE, ROOM = "欧阳锋芒", "13912345678", "7788室"
PERSONAL = {name for tab in SCHEMA.values() for name, column in columns(tab.model).items() if column.personal}


@pytest.fixture
def number(desk: Desk, people: dict[str, Actor], open_page: OpenPage) -> str:
    """A case of a client whom a handler of no branch may not see, with a call that is due and somebody else's."""
    number = take_in(desk, people["intake"], client_name=NAME, client_phone=PHONE, room=ROOM)
    accept(desk, people["head"], number)
    late = {"purpose": "case_closed", "due_on": desk.today(), "client_name": NAME, "client_phone": PHONE}
    calls = [
        FollowUp(follow_up_id="fu-1", case_no=number, assignee="manager", **late),
        FollowUp(follow_up_id="fu-2", case_no=number, assignee="", **late),
    ]
    desk.save(people["manager"], [create(call) for call in calls])
    values = {"role": "head", "department": "sales"}
    staff_service.edit_staff(desk, actor=people["administrator"], staff=desk.snapshot[Staff]["handler2"], values=values)
    return number


def told(at: AppTest) -> bytes:
    """Everything that the browser gets, tables and links too."""
    protos = (getattr(element, "proto", None) for element in [*at.main, *at.sidebar])
    return b"".join(proto.SerializeToString() for proto in protos if proto is not None)


@pytest.mark.trial(12)
@pytest.mark.parametrize("key", STAFF_PAGES)
def test_no_page_shows_a_client_to_whom_she_is_masked(open_page: OpenPage, number: str, key: str) -> None:
    """The head of another department sees every case, and no client by name."""
    params = {"home": {"scope": "everybody"}, "case": {"no": number}, "follow_ups": {"whose": "everybody"}}.get(key, {})
    at = open_page(key, "handler2", **params)
    assert not at.exception
    seen = told(at)
    for personal in (NAME, PHONE, ROOM):
        assert personal.encode() not in seen


@pytest.mark.trial(12)
@pytest.mark.parametrize(("key", "params"), [("home", {"scope": "everybody"}), ("follow_ups", {"whose": "everybody"})])
def test_the_same_call_is_masked_alike_on_home_and_on_follow_ups(
    open_page: OpenPage, number: str, key: str, params: dict[str, str]
) -> None:
    assert plain("欧阳**").encode() in told(open_page(key, "handler2", **params))
    assert NAME.encode() in told(open_page(key, "manager", **params))


@pytest.mark.trial(12)
def test_whoever_is_to_call_sees_whom(desk: Desk, people: dict[str, Actor], open_page: OpenPage, number: str) -> None:
    call = FollowUp(follow_up_id="fu-3", case_no=number, assignee="handler2", purpose="case_closed",
                    due_on=desk.today(), client_name=NAME, client_phone="13912345679")  # fmt: skip
    desk.save(people["manager"], [create(call)])
    assert NAME.encode() in told(open_page("home", "handler2", scope="mine"))


ASKED_BEFORE = {
    "lib/ui/case/header.py", "lib/ui/case/steps/move_form.py", "lib/ui/case/steps/linking.py",
    "lib/ui/case/parts/plan.py", "lib/ui/case/parts/visit.py", "lib/ui/aftercare/follow_ups.py",
}  # fmt: skip
"""Where a personal field is read only after `visible` or `sees` was asked, or to look for cases and not to be shown."""


@pytest.mark.trial(12)
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_reads_a_personal_field_past_its_mask(path: Path) -> None:
    own = PERSONAL - {"name", "phone", "note"}  # the names and telephones of colleagues are no secret
    tree = ast.parse(path.read_text(encoding="utf-8"))
    read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in own}
    assert not read or str(path.relative_to(ROOT)) in ASKED_BEFORE, read

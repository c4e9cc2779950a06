"""A form that is closed and drawn again begins empty, and is the same form for a process that knows nothing of it."""

from collections.abc import Iterable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact, Evidence, FollowUp, Task
from lib.domain.records.record import Record
from lib.domain.rules.permissions import Actor
from lib.services.cases import intake
from lib.store.commit.batch import Batch, Receipt
from lib.store.commit.loop import Committer
from lib.ui.frame.app_pages import PAGES
from lib.ui.session.state import CASE_TAB, LANGUAGE, PERSONA
from tests.cases import assigned, take_in
from tests.pages.conftest import SHELL, OpenPage
from tests.support import Clock

OTHER = {"client_phone": "13800138000", "client_name": "李女士", "community": "", "building": "", "room": ""}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
WIDGETS = ("text_input", "text_area", "selectbox", "date_input", "file_uploader", "button_group", "checkbox")


def _widgets(at: AppTest) -> Iterable[Any]:
    return [one for kind in WIDGETS for one in at.get(kind)]


def _keys(at: AppTest) -> set[str]:
    return {one.key for one in (*_widgets(at), *at.button) if one.key}


def _save(at: AppTest) -> AppTest:
    return next(button for button in at.button if "Save case" in button.label).click().run()


def _killed_after_commit(at: AppTest, monkeypatch: pytest.MonkeyPatch, button: Any) -> AppTest:
    """The process dies when what the button saves is in the store. The browser heard nothing and shows the form as it
    was; the process that it reaches next knows nothing of it."""
    tree = at._tree
    for one in _widgets(at):
        if one.type != "file_uploader":
            one.set_value(one.value)
    with monkeypatch.context() as dying:
        commit = Committer.commit

        def killed(self: Committer, batch: Batch) -> Receipt:
            commit(self, batch)
            raise RuntimeError("killed")

        dying.setattr(Committer, "commit", killed)
        button.click().run()
    fresh = AppTest.from_file(SHELL).session_state
    for name in (PERSONA, LANGUAGE, CASE_TAB):
        if name in at.session_state:
            fresh[name] = at.session_state[name]
    at._tree, at.session_state = tree, fresh
    return at


@pytest.mark.trial(2)
def test_all_that_was_typed_goes_to_the_case_that_is_there_and_the_form_is_empty(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    known = take_in(desk, people["intake"])
    at = open_page("new_case", "intake", language="en")
    at.text_input(key="new_case.client_phone").set_value("19900001234").run()
    at.text_input(key="new_case.client_name").set_value("王太太").run()
    at.text_area(key="new_case.description").set_value("It drips faster now")
    at.text_area(key="new_case.wanted_outcome").set_value("Come today")
    at.file_uploader(key="new_case.files").set_value([("a.png", PNG, "image/png"), ("b.exe", b"MZ\x90", "")]).run()
    typed = {one.key for one in _widgets(at) if one.key.startswith("new_case.")}

    at.button(key=f"add.{known.case_no}").click().run()

    assert not at.exception
    assert list(desk.snapshot[Case]) == [known.case_no]
    lines = desk.history(case_no=known.case_no)
    told = next(line.text for line in lines if line.action == "note").splitlines()
    assert told == ["It drips faster now", "Client name: 王太太", "Wanted outcome: Come today"]
    assert [one.case_no for one in desk.snapshot[Evidence].values()] == [known.case_no]
    assert any(known.case_no in block.value for block in at.markdown)
    assert "b\\.exe" in at.warning[0].value
    fresh = [one for one in _widgets(at) if one.key.startswith("new_case.")]
    assert not typed & {one.key for one in fresh}  # or the browser would go on showing what it has under them
    names = ("client_phone", "client_name", "community", "description", "wanted_outcome")
    assert [one.value for one in fresh if one.key.endswith(names)] == ["", "", "", "", ""]

    at.text_area(key="new_case.1.description").set_value("Another client, another matter").run()
    _save(at)
    assert [one.case_no for one in desk.snapshot[Evidence].values()] == [known.case_no]
    assert len(desk.snapshot[Case]) == 2


@pytest.mark.trial(3)
def test_what_a_number_filled_in_and_nobody_touched_goes_with_it(
    open_page: OpenPage, desk: Desk, people: dict[str, Actor]
) -> None:
    take_in(desk, people["intake"], relation="owner", unit="2单元")
    take_in(desk, people["intake"], **OTHER)
    at = open_page("new_case", "intake", language="en")
    phone = at.text_input(key="new_case.client_phone")
    phone.set_value("19900001234").run()
    assert at.text_input(key="new_case.room").value == "1201"
    at.text_input(key="new_case.unit").set_value("3单元").run()

    phone.set_value("13800138000").run()

    read = {name: at.text_input(key=f"new_case.{name}").value for name in ("client_name", "community", "room", "unit")}
    assert read == {"client_name": "李女士", "community": "", "room": "", "unit": "3单元"}
    phone.set_value("13900139000").run()
    assert at.text_input(key="new_case.client_name").value == ""
    assert not [one.value for one in (*at.selectbox, *at.button_group) if one.key == "new_case.relation" and one.value]


def _new_case(at: AppTest) -> AppTest:
    return at.text_area(key="new_case.description").set_value("Water on the floor").run()


def _report(at: AppTest) -> AppTest:
    at.text_area(key="report.description").set_value("Water on the floor")
    at.pills(key="report.kind").set_value("repair")
    at.text_input(key="report.client_name").set_value("王小明")
    at.text_input(key="report.client_phone").set_value("19900001234")
    at.checkbox(key="report.consent").check()
    return at


def _note(at: AppTest) -> AppTest:
    return next(one for one in at.text_area if one.key.startswith("note.")).set_value("Called").run()


def _task(at: AppTest) -> AppTest:
    return next(one for one in at.text_input if one.key.startswith("part.add_task")).set_value("Go there").run()


def _party(at: AppTest) -> AppTest:
    return next(one for one in at.text_input if one.key.startswith("part.add_call")).set_value("Plumber").run()


def _statement(at: AppTest) -> AppTest:
    next(one for one in at.text_area if one.key.startswith("statement.")).set_value("I saw it")
    return next(one for one in at.text_input if one.key.startswith("statement.")).set_value("Mr Zhao").run()


def _call(at: AppTest) -> AppTest:
    at.text_input(key="plan_follow_up.client_phone").set_value("19900001234")
    return at


SAVING = {
    "new_case": ("new_case", "", _new_case, "Save case", Case),
    "report": ("report", "", _report, "Send", Case),
    "note": ("case", "Timeline", _note, "Add to the timeline", None),
    "part.add_task": ("case", "Tasks", _task, "Add task", Task),
    "part.add_call": ("case", "Outside parties", _party, "Add", Contact),
    "statement": ("case", "Evidence", _statement, "Save the statement", Evidence),
    "plan_follow_up": ("follow_ups", "", _call, "Plan a call", FollowUp),
}
"""Forms that make something new and stand open on their page: page, tab, what is typed, the button, what it makes."""


@pytest.fixture
def case(desk: Desk, people: dict[str, Actor]) -> Case:
    return assigned(desk, people)


def _opened(open_page: OpenPage, case: Case, page: str, tab: str) -> AppTest:
    at = open_page(page, "handler" if page == "case" else "intake", language="en", no=case.case_no)
    if tab:
        at.session_state[CASE_TAB] = tab
        at.run()
    return at


def _made(desk: Desk, case: Case, model: type[Record] | None) -> int:
    return len(desk.snapshot[model]) if model else len(desk.history(case_no=case.case_no))


def _button(at: AppTest, label: str) -> Any:
    return next(one for one in at.button if one.label.endswith(label))


@pytest.mark.trial(49)
@pytest.mark.parametrize("what", SAVING)
def test_saved_again_after_a_kill_it_is_there_once(
    open_page: OpenPage, desk: Desk, case: Case, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    page, tab, typed, label, model = SAVING[what]
    at = typed(_opened(open_page, case, page, tab))
    before = _made(desk, case, model)
    at = _killed_after_commit(at, monkeypatch, _button(at, label))
    assert _made(desk, case, model) == before + 1

    _button(at, label).click().run()

    assert not at.exception
    assert _made(desk, case, model) == before + 1


@pytest.mark.trial(2)
@pytest.mark.parametrize("what", [what for what in SAVING if what not in ("new_case", "report")])
def test_what_was_saved_is_not_in_the_next_form(open_page: OpenPage, case: Case, what: str) -> None:
    """The browser shows what it has under the keys of a widget; the next form must have others."""
    page, tab, typed, label, _ = SAVING[what]
    at = typed(_opened(open_page, case, page, tab))
    filled = {key for key in _keys(at) if key.startswith(what)}

    _button(at, label).click().run()

    assert not at.exception
    assert not at.error
    assert filled
    assert not filled & _keys(at)


@pytest.mark.trial(49)
@pytest.mark.parametrize("page", PAGES)
def test_widgets_have_the_same_keys_in_every_process(open_page: OpenPage, case: Case, page: str) -> None:
    first, second = (open_page(page, "manager", no=case.case_no) for _ in range(2))

    assert _keys(first) == _keys(second)


@pytest.mark.trial(49)
def test_the_same_words_within_minutes_are_likely_the_same_case(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    words = {"client_phone": "", "client_name": "", "community": "", "building": "", "room": ""}
    case = take_in(desk, people["intake"], **words)
    found = intake.likely_duplicates(desk, description=f" {case.description} ")
    assert [(one.case.case_no, one.reasons) for one in found] == [(case.case_no, ("text",))]

    clock.forward(hours=2)
    assert intake.likely_duplicates(desk, description=case.description) == []

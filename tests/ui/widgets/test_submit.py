"""From a button to the service and back: what closes a form, what keeps it open, and where a refusal is said."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.app import process
from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.domain.text.uploads import BadUpload, UploadProblem
from lib.errors import Clash, Conflict, InvalidFields, NetworkDown, Problem
from lib.services.cases import handling
from lib.services.workspace import workspace
from lib.ui.session.state import FLASH, FORM
from tests.cases import assigned

MISSING = InvalidFields("cases", [Problem("title", "missing")])
Act = Callable[[], None]


@pytest.fixture
def page(desk: Desk) -> AppTest:
    """A form held open by "chosen", with one field, and a button that does what the state says under "act"."""
    workspace.initialise(desk, demo=True)
    process.use(desk)

    def script() -> None:
        import streamlit as st

        from lib.app import process
        from lib.domain.records.case import Case
        from lib.ui.session.page import Here
        from lib.ui.widgets.forms import open_form, resolve
        from lib.ui.widgets.messages import flash
        from lib.ui.widgets.submit import confirmed, submit

        if "chosen" not in st.session_state:
            st.write("closed")
            st.stop()
        desk = process.desk()
        case = next(iter(desk.snapshot[Case].values()), None)
        form = open_form("some", case, opened_by="chosen")
        values = {"title": st.text_input("Title", key=f"{form.key}.title")}
        if st.session_state.get("marks") and case is not None:
            resolve(Here(desk, None, desk.now()), form, case, values, key=form.key)
        if confirmed(form, "Save", icon="check"):
            with submit(form):
                st.session_state["act"]()
                flash("Done")
            st.write("went on")

    at = AppTest.from_function(script, default_timeout=20)
    at.session_state["chosen"] = True
    return at


def _save(at: AppTest, act: Act) -> AppTest:
    at.run()
    at.session_state["act"] = act
    at.text_input(key="some.title").set_value("typed")
    return at.button(key="some.save").click().run()


def _refuse(error: Exception) -> Act:
    def act() -> None:
        raise error

    return act


def _said(at: AppTest) -> list[str]:
    return [one.value for one in at.markdown]


def test_what_was_saved_closes_the_form_and_is_said_on_the_next_run(page: AppTest) -> None:
    at = _save(page, lambda: None)
    assert _said(at) == ["closed"]
    assert at.session_state[FLASH] == ("Done", "check_circle")
    assert "chosen" not in at.session_state
    assert FORM + "some" not in at.session_state
    at.session_state["chosen"] = True
    at.run()
    assert at.text_input(key="some.1.title").value == ""


@pytest.mark.parametrize("error", [MISSING, NetworkDown("no route"), BadUpload(UploadProblem.EMPTY, "photo.jpg")])
def test_a_refusal_is_said_where_the_button_is_and_the_run_goes_on(page: AppTest, error: Exception) -> None:
    commit_id = page.run().session_state[FORM + "some"].commit_id
    at = _save(page, _refuse(error))
    assert len(at.error) == 1
    assert _said(at) == ["went on"]
    assert FLASH not in at.session_state
    assert at.text_input(key="some.title").value == "typed"
    assert at.session_state[FORM + "some"].commit_id == commit_id


def test_a_form_that_marks_its_fields_says_it_itself_on_the_next_run(
    page: AppTest, desk: Desk, people: dict[str, Actor]
) -> None:
    assigned(desk, people)
    page.session_state["marks"] = True
    at = _save(page, _refuse(InvalidFields("cases", [Problem("title", "too_long", "typed", {"limit": 3})])))
    assert "went on" not in _said(at)
    assert len(at.error) == 1
    assert set(at.session_state[FORM + "some"].problems) == {"title"}
    assert at.text_input(key="some.title").value == "typed"


def test_after_a_conflict_the_next_try_goes_by_the_record_as_it_is_now(
    page: AppTest, desk: Desk, people: dict[str, Actor]
) -> None:
    case = assigned(desk, people)
    page.session_state["marks"] = True

    def overtaken() -> None:
        handling.edit_facts(desk, actor=people["manager"], case=case, values={"title": "theirs"}, commit_id="1" * 32)
        raise Conflict([Clash("cases", case.case_no, "title", seen=case.title, theirs="theirs", mine="typed")])

    at = _save(page, overtaken)
    form = at.session_state[FORM + "some"]
    assert [clash.field for clash in form.clashes] == ["title"]
    assert (form.opened.title, form.seen.title) == (case.title, "theirs")
    assert len(at.radio) == 1


def test_a_marking_form_says_at_once_what_no_field_can_mend(
    page: AppTest, desk: Desk, people: dict[str, Actor]
) -> None:
    assigned(desk, people)
    page.session_state["marks"] = True
    at = _save(page, _refuse(NetworkDown("no route")))
    assert len(at.error) == 1
    assert "went on" in _said(at)


def test_a_fault_that_nobody_foresaw_is_not_taken_for_a_refusal(page: AppTest) -> None:
    at = _save(page, _refuse(KeyError("x")))
    assert len(at.exception) == 1
    assert FORM + "some" in at.session_state


def test_cancelling_closes_without_a_word(page: AppTest) -> None:
    at = page.run().button(key="some.cancel").click().run()
    assert _said(at) == ["closed"]
    assert FLASH not in at.session_state

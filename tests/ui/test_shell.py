"""The shell around every page: the gate, the menu, who is at the screen, and what it says when the data is away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib import running
from lib.auth.passwords import hash_password
from lib.domain.people import Account, Staff
from lib.domain.permissions import Actor, system_actor
from lib.errors import ConfigError, StoreUnavailable
from lib.services import accounts, people, workspace
from lib.services.desk import Desk
from lib.store.batch import create
from lib.ui.app_pages import PAGES, PUBLIC
from lib.ui.state import KEEP_SESSION, LANGUAGE, PERSONA, SIGNED_IN
from tests.support import Clock

SHELL = Path(__file__).parents[2] / "lib" / "ui" / "shell.py"
PASSWORD = "seven green lanterns"
STAFF_PAGES = [key for key, page in PAGES.items() if page.permission != PUBLIC]
PUBLIC_PAGES = [key for key, page in PAGES.items() if page.permission == PUBLIC]


@pytest.fixture
def served(desk: Desk) -> Iterator[Desk]:
    """A real workspace in which everybody has a password."""
    running.use(desk)
    hashed = hash_password(PASSWORD)
    accounts_of_all = [Account(staff_id=key, password_hash=hashed) for key in desk.snapshot[Staff]]
    desk.save(system_actor(), [create(account) for account in accounts_of_all])
    return desk


def visit(key: str = "home", *, language: str = "en", user: dict[str, object] | None = None) -> AppTest:
    at = AppTest.from_file(SHELL, default_timeout=20)
    at.session_state[LANGUAGE] = language
    if user is not None:
        at.user = user
    at.run()
    if key != "home":
        at.switch_page(str(PAGES[key].file)).run()
    return at


def sign_in(at: AppTest, who: str, password: str = PASSWORD) -> AppTest:
    at.text_input[0].set_value(f"{who}@example.cn")
    at.text_input[1].set_value(password)
    at.form_submit_button[0].click().run()
    return at


def at_the_gate(at: AppTest) -> bool:
    return [field.label for field in at.text_input] == ["E-mail", "Password"] and not at.header


@pytest.mark.parametrize("key", STAFF_PAGES)
def test_no_page_without_sign_in(served: Desk, key: str) -> None:
    at = visit(key)
    assert at_the_gate(at)
    assert not at.exception
    assert not at.sidebar.caption


@pytest.mark.parametrize("key", PUBLIC_PAGES)
def test_public_pages_need_none(served: Desk, key: str) -> None:
    at = visit(key)
    assert not at_the_gate(at)
    assert not at.exception
    assert not at.sidebar.caption
    assert any(served.settings.workspace_name in text.value for text in at.markdown)


@pytest.mark.parametrize(("language", "words"), [("zh_CN", "登录"), ("en", "Sign in")])
def test_the_gate_in_both_languages(served: Desk, language: str, words: str) -> None:
    assert visit(language=language).subheader[0].value == words


def test_the_right_password_opens_the_page_asked_for(served: Desk) -> None:
    at = sign_in(visit("cases"), "manager")
    assert not at.exception
    assert at.header[0].value == "Cases"
    assert any("王经理" in caption.value for caption in at.sidebar.caption)
    handed = next(element.value for element in at.html if "auth/keep" in element.value)
    code = handed.partition("code=")[2].partition("'")[0]
    assert running.handoff.take(code) is not None
    assert KEEP_SESSION not in at.session_state


def test_a_wrong_password_says_so_and_opens_nothing(served: Desk) -> None:
    at = sign_in(visit(), "manager", "another password")
    assert at.error[0].value == "E-mail or password is wrong."
    assert at.text_input[0].value == "manager@example.cn"
    assert SIGNED_IN not in at.session_state


def test_too_many_attempts_lock_the_account(served: Desk) -> None:
    at = visit()
    for _ in range(12):
        sign_in(at, "manager", "another password")
    sign_in(at, "manager")
    assert "Too many attempts" in at.error[0].value
    assert SIGNED_IN not in at.session_state


def test_an_open_page_ends_with_the_session(served: Desk, people: dict[str, Actor], clock: Clock) -> None:
    at = sign_in(visit(), "handler")
    assert at.header
    accounts.end_sessions(served, actor=people["administrator"], staff_id="handler")
    assert at_the_gate(at.run())
    sign_in(at, "handler")
    assert at.header
    clock.forward(hours=accounts.SESSION_AGE.total_seconds() / 3600 + 1)
    assert at_the_gate(at.run())


def test_whoever_leaves_is_out_at_once(served: Desk, people: dict[str, Actor]) -> None:
    at = sign_in(visit(), "handler")
    leave(served, people["administrator"], "handler")
    assert at_the_gate(at.run())
    sign_in(at, "handler")
    assert "closed" in at.error[0].value


def leave(desk: Desk, actor: Actor, staff_id: str) -> None:
    people.deactivate(desk, actor=actor, staff=desk.snapshot[Staff][staff_id])


def test_a_one_time_password_goes_no_further_than_to_a_new_one(served: Desk, people: dict[str, Actor]) -> None:
    once = accounts.issue_one_time_password(served, actor=people["administrator"], staff_id="intake")
    at = sign_in(visit("cases"), "intake", once)
    assert at.subheader[0].value == "Choose your own password"
    assert not at.header
    choose(at, once, "three blue kettles", "three blue kettle")
    assert at.error[0].value == "The two new passwords differ."
    choose(at, once, "short", "short")
    assert "too short" in at.error[0].value
    choose(at, once, "three blue kettles", "three blue kettles")
    assert at.header[0].value == "Cases"
    assert at_the_gate(visit())
    assert sign_in(visit(), "intake", "three blue kettles").header


def test_a_person_changes_her_own_password(served: Desk) -> None:
    at = sign_in(visit(), "handler")

    next(button for button in at.sidebar.button if button.label == "Change password").click().run()

    assert {"Old password", "New password", "New password again"} <= {field.label for field in at.text_input}


def choose(at: AppTest, old: str, new: str, again: str) -> None:
    for field, text in zip(at.text_input, (old, new, again), strict=True):
        field.set_value(text)
    at.form_submit_button[0].click().run()


@pytest.mark.parametrize("who", ["intake", "handler", "head", "reviewer", "manager", "administrator"])
def test_each_role_opens_what_it_may_and_nothing_else(served: Desk, people: dict[str, Actor], who: str) -> None:
    at = sign_in(visit(), who)
    for key in STAFF_PAGES:
        at.switch_page(str(PAGES[key].file)).run()
        refused = any(error.value == "Your role does not open this page." for error in at.error)
        assert refused is not people[who].may(PAGES[key].permission), key
        assert not at.exception


def test_signing_out_forgets_the_person(served: Desk) -> None:
    at = sign_in(visit(), "manager")
    next(button for button in at.sidebar.button if button.label == "Sign out").click().run()
    assert SIGNED_IN not in at.session_state
    assert any("auth/end" in element.value for element in at.html)
    assert at_the_gate(at.run())


def test_a_real_workspace_takes_no_persona(served: Desk) -> None:
    at = AppTest.from_file(SHELL, default_timeout=20)
    at.session_state[LANGUAGE] = "en"
    at.session_state[PERSONA] = "administrator"
    assert at_the_gate(at.run())


def test_the_demo_lets_in_and_switches(served: Desk) -> None:
    workspace.initialise(served, demo=True)
    at = visit()
    assert at.selectbox(key=PERSONA).value == "manager"
    at.selectbox(key=PERSONA).set_value("handler").run()
    assert any("李经办" in caption.value for caption in at.sidebar.caption)
    assert any("auth/keep" in element.value for element in at.html)
    assert not [button for button in at.sidebar.button if button.label == "Sign out"]


def test_openid_is_offered_instead_of_passwords(served: Desk) -> None:
    at = visit("cases", user={"is_logged_in": False})
    assert [button.label for button in at.button] == ["Sign in with your work account"]
    assert not at.text_input


def test_openid_lets_in_whoever_is_on_the_staff(served: Desk) -> None:
    at = visit("cases", user={"is_logged_in": True, "email": "Manager@Example.CN", "email_verified": True})
    assert at.header[0].value == "Cases"
    next(button for button in at.sidebar.button if button.label == "Sign out").click().run()
    assert not at.user["is_logged_in"]
    assert not at.run().header


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@example.cn"},
        {"email": "manager@example.cn", "email_verified": False},
        {"email": ""},
        {},
    ],
)
def test_openid_refuses_everybody_else(served: Desk, claims: dict[str, object]) -> None:
    at = visit("cases", user={"is_logged_in": True, **claims})
    assert at.error[0].value == "This account is not on the staff list. Ask your administrator."
    assert [button.label for button in at.button] == ["Use another account"]
    assert not at.header
    at.button[0].click().run()
    assert [button.label for button in at.button] == ["Sign in with your work account"]


def test_openid_refuses_who_has_left(served: Desk, people: dict[str, Actor]) -> None:
    leave(served, people["administrator"], "handler")
    at = visit(user={"is_logged_in": True, "email": "handler@example.cn"})
    assert at.error
    assert not at.header


def test_openid_takes_no_password_session(served: Desk) -> None:
    at = sign_in(visit(), "manager")
    assert at.header
    at.user = {"is_logged_in": False}
    assert not at.run().header


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StoreUnavailable("sqlite:////secret/path"), "The data cannot be reached."),
        (ConfigError("app.toml", "time_zone", "unknown"), "app.toml, time_zone: unknown"),
    ],
)
def test_a_workspace_that_does_not_open(monkeypatch: pytest.MonkeyPatch, error: Exception, words: str) -> None:
    def closed() -> Desk:
        raise error

    monkeypatch.setattr(running, "_open", [])
    monkeypatch.setattr(running, "_failures", [])
    monkeypatch.setattr(running, "open_desk", closed)
    at = AppTest.from_file(SHELL, default_timeout=20)
    at.session_state[LANGUAGE] = "en"
    at.run()
    assert words in at.error[0].value
    assert "secret" not in at.error[0].value
    assert not at.exception

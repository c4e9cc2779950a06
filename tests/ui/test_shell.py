"""The shell around every page: the gate, the menu, who is at the screen, and what it says when the data is away."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.app import process
from lib.auth.handoff import session_of
from lib.auth.passwords import hash_password
from lib.desk.desk import Desk
from lib.domain.records.people import Account, Staff
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import ConfigError, StoreUnavailable
from lib.services.people import accounts, people, sessions
from lib.services.workspace import workspace
from lib.store.commit.batch import create
from lib.ui.frame.app_pages import PAGES, PUBLIC
from lib.ui.session.state import KEEP_SESSION, LANGUAGE, PERSONA, SIGNED_IN
from tests.support import Clock

SHELL = Path(__file__).parents[2] / "lib" / "ui" / "shell.py"
PASSWORD = "seven green lanterns"
STAFF_PAGES = [key for key, page in PAGES.items() if page.permission != PUBLIC]
PUBLIC_PAGES = [key for key, page in PAGES.items() if page.permission == PUBLIC]


@pytest.fixture
def served(desk: Desk) -> Iterator[Desk]:
    """A real workspace in which everybody has a password."""
    process.use(desk)
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
    code = handed.partition('data-code="')[2].partition('"')[0]
    assert session_of(served.signer, code, served.now()).staff_id == "manager"
    assert KEEP_SESSION not in at.session_state


@pytest.mark.trial(50)
def test_where_the_browser_does_not_keep_the_sign_in_it_says_so(served: Desk) -> None:
    """The words stand hidden beside the script that shows them."""
    at = sign_in(visit(), "manager")
    handed = next(element.value for element in at.html if "auth/keep" in element.value)
    assert "This browser did not keep your sign-in: after a reload you will have to sign in again." in handed


def test_a_wrong_password_says_so_and_opens_nothing(served: Desk) -> None:
    at = sign_in(visit(), "manager", "another password")
    assert at.error[0].value.startswith("E-mail or password is wrong.")
    assert at.text_input[0].value == "manager@example.cn"
    assert SIGNED_IN not in at.session_state


def test_too_many_attempts_lock_the_account(served: Desk) -> None:
    at = visit()
    for _ in range(5):
        sign_in(at, "manager", "another password")
    sign_in(at, "manager")
    assert "locked for 15 minutes" in at.error[0].value
    assert SIGNED_IN not in at.session_state


def test_an_open_page_ends_with_the_session(served: Desk, people: dict[str, Actor], clock: Clock) -> None:
    at = sign_in(visit(), "handler")
    assert at.header
    sessions.end_all(served, actor=people["administrator"], staff_id="handler")
    assert at_the_gate(at.run())
    sign_in(at, "handler")
    assert at.header
    clock.forward(hours=sessions.SESSION_AGE.total_seconds() / 3600 + 1)
    assert at_the_gate(at.run())


def test_whoever_leaves_is_out_at_once(served: Desk, people: dict[str, Actor]) -> None:
    at = sign_in(visit(), "handler")
    leave(served, people["administrator"], "handler")
    assert at_the_gate(at.run())
    sign_in(at, "handler")
    assert at.error[0].value.startswith("E-mail or password is wrong.")


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
        refused = any(error.value == "You don't have access to this page." for error in at.error)
        assert refused is not people[who].may(PAGES[key].permission), key
        assert not at.exception


@pytest.mark.trial(19)
def test_signing_out_ends_the_session_on_the_server_and_in_other_tabs(served: Desk) -> None:
    at, other = sign_in(visit(), "manager"), visit()
    other.session_state[SIGNED_IN] = at.session_state[SIGNED_IN]  # another tab of the browser, or a copied cookie
    assert other.run().header
    next(button for button in at.sidebar.button if button.label == "Sign out").click().run()
    assert SIGNED_IN not in at.session_state
    assert any("auth/end" in element.value for element in at.html)
    assert at_the_gate(at.run())
    assert at_the_gate(other.run())


def test_a_real_workspace_takes_no_persona(served: Desk) -> None:
    at = AppTest.from_file(SHELL, default_timeout=20)
    at.session_state[LANGUAGE] = "en"
    at.session_state[PERSONA] = "administrator"
    assert at_the_gate(at.run())


def test_the_demo_lets_in_and_switches(desk: Desk) -> None:
    process.use(desk)
    workspace.initialise(desk, demo=True)
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


GOOGLE = "https://accounts.google.com"


@pytest.fixture
def openid(served: Desk, clock: Clock) -> Callable[..., dict[str, object]]:
    """The workspace accepts Google; gives what Google says of somebody who has just signed in there."""
    accepted = served.settings.model_copy(update={"openid_issuers": frozenset({GOOGLE})})
    object.__setattr__(served, "settings", accepted)

    def claims(email: str, **more: object) -> dict[str, object]:
        said = {"iss": GOOGLE, "sub": email, "iat": clock.now.timestamp(), "email": email, "email_verified": True}
        return {"is_logged_in": True, **said, **more}

    return claims


def test_openid_lets_in_whoever_is_on_the_staff(served: Desk, openid: Callable[..., dict[str, object]]) -> None:
    said = openid("Manager@Example.CN")
    at, other = visit("cases", user=said), visit("cases", user=said)
    assert at.header[0].value == "Cases"
    next(button for button in at.sidebar.button if button.label == "Sign out").click().run()
    assert not at.user["is_logged_in"]
    assert not at.run().header
    assert other.header
    assert not other.run().header, "a copied cookie of the provider's sign-in ends with the session"


@pytest.mark.trial(19)
def test_an_openid_session_ends_with_its_age(
    served: Desk, openid: Callable[..., dict[str, object]], clock: Clock
) -> None:
    at = visit(user=openid("manager@example.cn"))
    assert at.header
    clock.forward(hours=13)
    assert not at.run().header
    assert [button.label for button in at.button] == ["Sign in with your work account"]


@pytest.mark.trial(19)
@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email": "stranger@example.cn"}, "not on the staff list"),
        ({"email_verified": False}, "does not say that this e-mail address is verified"),
        ({"email_verified": None}, "does not say that this e-mail address is verified"),
        ({"email": ""}, "does not say that this e-mail address is verified"),
        ({"iss": "https://evil.example"}, "Accounts of this provider are not accepted here"),
    ],
)
def test_openid_refuses_everybody_else(
    served: Desk, openid: Callable[..., dict[str, object]], claims: dict[str, object], words: str
) -> None:
    at = visit("cases", user={**openid("manager@example.cn"), **claims})
    assert words in at.error[0].value
    assert [button.label for button in at.button] == ["Use another account"]
    assert not at.header
    at.button[0].click().run()
    assert [button.label for button in at.button] == ["Sign in with your work account"]


def test_openid_refuses_who_has_left(
    served: Desk, people: dict[str, Actor], openid: Callable[..., dict[str, object]]
) -> None:
    leave(served, people["administrator"], "handler")
    at = visit(user=openid("handler@example.cn"))
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

    monkeypatch.setattr(process, "_open", [])
    monkeypatch.setattr(process, "_failures", [])
    monkeypatch.setattr(process, "open_desk", closed)
    at = AppTest.from_file(SHELL, default_timeout=20)
    at.session_state[LANGUAGE] = "en"
    at.run()
    assert words in at.error[0].value
    assert "secret" not in at.error[0].value
    assert not at.exception

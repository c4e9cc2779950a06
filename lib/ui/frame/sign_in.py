"""Signing in with a password or with OpenID Connect, and keeping the session in the browser's cookie."""

import streamlit as st

from lib.auth.handoff import code_for
from lib.auth.sessions import Session
from lib.desk.desk import Desk
from lib.domain.records.people import Account, Staff
from lib.domain.rules.permissions import Actor
from lib.errors import SessionEnded, SignInFailed
from lib.i18n import t
from lib.services.people import accounts, sessions
from lib.services.workspace.workspace import is_demo
from lib.ui.frame import languages
from lib.ui.session import browser_scripts
from lib.ui.session.device import client_address
from lib.ui.session.identity import at_screen, current_staff, openid_session, uses_openid
from lib.ui.session.state import KEEP_SESSION, LANGUAGE, SIGNED_IN
from lib.ui.widgets.submit import submit
from lib.words.errors import explain


def show(desk: Desk) -> None:
    """The sign-in page, at whatever address was asked for: afterwards the page asked for comes by itself."""
    _, middle, _ = st.columns([1, 1.4, 1])
    with middle:
        st.title(desk.settings.workspace_name)
        languages.switch()
        st.subheader(t("Sign in"))
        if uses_openid():
            _openid(desk)
            return
        with st.form("sign_in", border=False):
            email = st.text_input(t("E-mail"), type="email", autocomplete="username")
            password = st.text_input(t("Password"), type="password", autocomplete="current-password")
            if st.form_submit_button(t("Sign in"), type="primary", width="stretch"):
                _try(desk, email or "", password or "")
        st.caption(t("Forgotten? Your administrator gives you a one-time password."))


def _openid(desk: Desk) -> None:
    """The way to the provider; back from it with an account that is not let in, why not and the way to another."""
    if not st.user.is_logged_in:
        st.button(t("Sign in with your work account"), on_click=st.login, type="primary", icon=":material/login:")
        return
    try:
        session = openid_session(desk)
    except SignInFailed as refused:
        st.error(explain(refused)[0], title=str(st.user.get("email", "")))
        st.button(t("Use another account"), on_click=st.logout, icon=":material/logout:")
        return
    if sessions.bearer(desk, session) is None:
        st.info(t("Your session has ended. Sign in again."))
    st.button(t("Sign in with your work account"), on_click=st.login, type="primary", icon=":material/login:")


def _try(desk: Desk, email: str, password: str) -> None:
    with submit():
        staff = accounts.sign_in(desk, email=email, password=password, network=client_address())
        remember(desk, staff)


def remember(desk: Desk, staff: Staff) -> None:
    """Sign the person in for this page, and hand the session to the browser for the next ones."""
    st.session_state[SIGNED_IN] = sessions.cookie_of(desk, keep_for_reload(desk, staff))


def keep_for_reload(desk: Desk, staff: Staff) -> Session:
    """Have the browser told, on the next run, who is here; returns the session that begins."""
    session = sessions.begin(desk, staff)
    st.session_state[KEEP_SESSION] = code_for(desk.signer, session, desk.now())
    return session


def keep_session() -> None:
    """Let the browser fetch the cookie of a session that has just begun; a cookie can only be set over HTTP."""
    slot = st.container()  # stays when it is empty: were the page below to move up, what is being typed would be lost
    code = st.session_state.pop(KEEP_SESSION, None)
    if code:
        with slot:
            browser_scripts.keep_session(code)


def end(desk: Desk) -> None:
    """Sign out: the session ends on the server, the browser forgets its cookie and comes back to the front door."""
    identity = at_screen(desk)
    if isinstance(identity, Session):
        sessions.end(desk, identity)
    for key in [key for key in st.session_state if key != LANGUAGE]:
        del st.session_state[key]
    if uses_openid():
        st.logout()
    else:
        browser_scripts.end_session()
    st.stop()


def must_change_password(desk: Desk, actor: Actor) -> bool:
    account = desk.snapshot[Account].get(actor.staff_id)
    return bool(account and account.must_change) and not is_demo(desk) and not uses_openid()


def show_first_password(desk: Desk) -> None:
    """The first sign-in with a one-time password goes on only with a password of one's own."""
    _, middle, _ = st.columns([1, 1.4, 1])
    with middle:
        st.subheader(t("Choose your own password"))
        _password_form(desk, t("One-time password"))


def offer_new_password(desk: Desk) -> None:
    """A button that opens the form for another password; other sessions of the person end with it."""
    if st.button(t("Change password"), icon=":material/key:", type="tertiary"):
        st.dialog(t("Change password"))(_password_form)(desk, t("Old password"))


def _password_form(desk: Desk, old_label: str) -> None:
    with st.form("change_password", border=False):
        old = st.text_input(old_label, type="password", autocomplete="current-password")
        new = st.text_input(
            t("New password"), type="password", autocomplete="new-password", help=t("At least 10 characters.")
        )
        again = st.text_input(t("New password again"), type="password", autocomplete="new-password")
        if st.form_submit_button(t("Save password"), type="primary", width="stretch"):
            if new != again:
                st.error(t("The two new passwords differ."))
            else:
                _change(desk, old or "", new or "")


def _change(desk: Desk, old: str, new: str) -> None:
    """For whoever is here now: the dialog may have been left open."""
    staff = current_staff(desk)
    with submit():
        if staff is None:
            raise SessionEnded
        accounts.change_password(desk, staff=staff, old=old, new=new)
        remember(desk, staff)

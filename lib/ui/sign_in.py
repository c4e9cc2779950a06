"""Signing in with a password or with OpenID Connect, and keeping the session in the browser's cookie."""

import streamlit as st

from lib import running
from lib.domain.people import Account, Staff
from lib.domain.permissions import Actor
from lib.errors import CasesheetError
from lib.i18n import t
from lib.services import accounts
from lib.services.desk import Desk
from lib.services.workspace import is_demo
from lib.ui import languages
from lib.ui.identity import uses_openid
from lib.ui.messages import show_error
from lib.ui.state import KEEP_SESSION, LANGUAGE, SIGNED_IN


def show(desk: Desk) -> None:
    """The sign-in page, at whatever address was asked for: afterwards the page asked for comes by itself."""
    _, middle, _ = st.columns([1, 1.4, 1])
    with middle:
        st.title(desk.settings.workspace_name)
        languages.switch()
        st.subheader(t("Sign in"))
        if uses_openid():
            _openid()
            return
        with st.form("sign_in", border=False):
            email = st.text_input(t("E-mail"), type="email", autocomplete="username")
            password = st.text_input(t("Password"), type="password", autocomplete="current-password")
            if st.form_submit_button(t("Sign in"), type="primary", width="stretch"):
                _try(desk, email or "", password or "")
        st.caption(t("Forgotten? Your administrator gives you a one-time password."))


def _openid() -> None:
    """The way to the provider; back from it with an account that nobody here has, the way to another account."""
    if not st.user.is_logged_in:
        st.button(t("Sign in with your work account"), on_click=st.login, type="primary", icon=":material/login:")
        return
    st.error(t("This account is not on the staff list. Ask your administrator."), title=str(st.user.get("email", "")))
    st.button(t("Use another account"), on_click=st.logout, icon=":material/logout:")


def _try(desk: Desk, email: str, password: str) -> None:
    try:
        staff = accounts.sign_in(desk, email=email, password=password)
    except CasesheetError as failed:
        show_error(failed)
        return
    remember(desk, staff)
    st.rerun()


def remember(desk: Desk, staff: Staff) -> None:
    """Sign the person in for this session, and hand the session to the browser for the next ones."""
    st.session_state[SIGNED_IN] = keep_for_reload(desk, staff)


def keep_for_reload(desk: Desk, staff: Staff) -> str:
    """Have the browser told, on the next run, who is here; returns the session as its cookie will hold it."""
    session = accounts.session_cookie(desk, staff)
    st.session_state[KEEP_SESSION] = running.handoff.create(session, "/")
    return session


def keep_session() -> None:
    """Let the browser fetch the cookie of a session that has just begun; a cookie can only be set over HTTP."""
    slot = st.container()  # stays when it is empty: were the page below to move up, what is being typed would be lost
    code = st.session_state.pop(KEEP_SESSION, None)
    if code:
        with slot:
            _run_script(f"fetch(new URL('auth/keep?code={code}', document.baseURI), {{method: 'POST'}});")


def end() -> None:
    """Sign out here; the browser forgets the cookie and comes back to the front door."""
    for key in [key for key in st.session_state if key != LANGUAGE]:
        del st.session_state[key]
    if uses_openid():
        st.logout()
        st.stop()
    _run_script("window.location.replace(new URL('auth/end', document.baseURI));")
    st.stop()


def _run_script(script: str) -> None:
    """The one place where a page runs a script: cookies are out of reach of everything else."""
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)


def must_change_password(desk: Desk, actor: Actor) -> bool:
    account = desk.snapshot[Account].get(actor.staff_id)
    return bool(account and account.must_change) and not is_demo(desk) and not uses_openid()


def show_first_password(desk: Desk, actor: Actor) -> None:
    """The first sign-in with a one-time password goes on only with a password of one's own."""
    _, middle, _ = st.columns([1, 1.4, 1])
    with middle:
        st.subheader(t("Choose your own password"))
        _password_form(desk, actor, t("One-time password"))


def offer_new_password(desk: Desk, actor: Actor) -> None:
    """A button that opens the form for another password; other sessions of the person end with it."""
    if st.button(t("Change password"), icon=":material/key:", type="tertiary"):
        st.dialog(t("Change password"))(_password_form)(desk, actor, t("Old password"))


def _password_form(desk: Desk, actor: Actor, old_label: str) -> None:
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
                _change(desk, actor, old or "", new or "")


def _change(desk: Desk, actor: Actor, old: str, new: str) -> None:
    staff = desk.snapshot[Staff].require(actor.staff_id)
    try:
        accounts.change_password(desk, staff=staff, old=old, new=new)
    except CasesheetError as failed:
        show_error(failed)
        return
    remember(desk, staff)
    st.rerun()

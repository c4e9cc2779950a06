"""Who is at the screen: by a session (after a password, by its cookie, of OpenID Connect), or a persona of the demo.

What a screen proves is an `Identity`. Who that is now, and what she may do, is asked of the store each time
(`actor_now`): a page, a callback and a download that were drawn long ago act as the person she is at that moment.
"""

from dataclasses import dataclass
from functools import cache

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from lib.auth.openid import issuer_of
from lib.auth.sessions import COOKIE, Session
from lib.desk.desk import Desk
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, actor_of
from lib.errors import SessionEnded, SignInFailed
from lib.services.people import sessions
from lib.services.workspace.workspace import is_demo
from lib.ui.session.state import PERSONA, SIGNED_IN

FIRST_MAY = "settings.view"
"""A visitor of the demo is at first somebody who may do this, and so opens every page."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody of the demo whom a visitor has chosen to be."""

    staff_id: str


Identity = Session | Persona


def at_screen(desk: Desk) -> Identity | None:
    """What this screen proves, None where it proves nobody."""
    if is_demo(desk):
        return _persona(desk)
    if uses_openid():
        return _by_openid(desk)
    return _first_that_stands(desk, st.session_state.get(SIGNED_IN), st.context.cookies.get(COOKIE))


def staff_now(desk: Desk, identity: Identity | None) -> Staff | None:
    """The person, if she may still act under this identity. Needs no page: also where a file is made."""
    if isinstance(identity, Session):
        return sessions.bearer(desk, identity)
    staff = desk.snapshot[Staff].get(identity.staff_id) if identity and is_demo(desk) else None
    return staff if staff and staff.active else None


def actor_now(desk: Desk, identity: Identity | None) -> Actor:
    """What the person may do at this moment. Raises SessionEnded."""
    staff = staff_now(desk, identity)
    if staff is None:
        raise SessionEnded
    return actor_of(staff, desk.config.roles)


def current_staff(desk: Desk) -> Staff | None:
    """The member of staff at this screen, None when nobody is signed in."""
    return staff_now(desk, at_screen(desk))


def current_actor(desk: Desk) -> Actor | None:
    staff = current_staff(desk)
    return actor_of(staff, desk.config.roles) if staff else None


def uses_openid() -> bool:
    """Whether an OpenID Connect provider is configured in the secrets."""
    return "is_logged_in" in st.user


def openid_session(desk: Desk) -> Session:
    """The session of the account that came back from the provider. Raises SignInFailed."""
    claims = {str(name): value for name, value in st.user.items()}
    return sessions.by_openid(desk, claims, issuers=_configured_issuers())


def personas(desk: Desk) -> list[Staff]:
    """The people of the demo whom a visitor may be, one or more of every role."""
    order = list(desk.config.roles.role)
    people = [staff for staff in desk.snapshot[Staff].values() if staff.active and staff.role in order]
    return sorted(people, key=lambda staff: (order.index(staff.role), staff.staff_id))


def _persona(desk: Desk) -> Persona | None:
    people = personas(desk)
    known = _first_that_stands(desk, st.context.cookies.get(COOKIE))
    chosen = st.session_state.get(PERSONA) or (known.staff_id if known else "")
    first = next((staff for staff in people if actor_of(staff, desk.config.roles).may(FIRST_MAY)), None)
    staff = next((staff for staff in people if staff.staff_id == chosen), first or next(iter(people), None))
    return Persona(staff.staff_id) if staff else None


def _first_that_stands(desk: Desk, *cookies: str | None) -> Session | None:
    """The session opened at this page, else the browser's: a page left open ends with its session."""
    read = (sessions.by_cookie(desk, cookie) for cookie in cookies if cookie)
    return next((session for session in read if session and sessions.bearer(desk, session)), None)


def _by_openid(desk: Desk) -> Session | None:
    if not st.user.is_logged_in:
        return None
    try:
        return openid_session(desk)
    except SignInFailed:
        return None


@cache
def _configured_issuers() -> frozenset[str]:
    """The issuers of the providers in [auth] of the secrets: one whose address is that of all tenants names none."""
    try:
        auth = st.secrets.get("auth", {})
    except StreamlitSecretNotFoundError:
        return frozenset()
    sections = [auth, *(part for part in auth.values() if hasattr(part, "get"))]
    return frozenset(issuer_of(str(part["server_metadata_url"])) for part in sections if "server_metadata_url" in part)

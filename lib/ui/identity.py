"""Who is at the screen: after a password, by the session cookie, by OpenID Connect, or a persona of the demo."""

import streamlit as st

from lib.auth.sessions import COOKIE
from lib.domain.people import Staff
from lib.domain.permissions import Actor, actor_of
from lib.services import accounts
from lib.services.desk import Desk
from lib.services.workspace import is_demo
from lib.ui.state import PERSONA, SIGNED_IN

DEMO_ROLE = "manager"  # whom a visitor of the demo is at first


def current_staff(desk: Desk) -> Staff | None:
    """The member of staff at this screen, None when nobody is signed in."""
    if is_demo(desk):
        return _persona(desk)
    if uses_openid():
        return _by_openid(desk)
    return _signed_in(desk) or _by_cookie(desk)


def current_actor(desk: Desk) -> Actor | None:
    return as_actor(desk, current_staff(desk))


def as_actor(desk: Desk, staff: Staff | None) -> Actor | None:
    """What a member of staff may do; nobody where there is none, or she has left."""
    return actor_of(staff, desk.config.roles) if staff and staff.active else None


def uses_openid() -> bool:
    """Whether an OpenID Connect provider is configured in the secrets."""
    return "is_logged_in" in st.user


def personas(desk: Desk) -> list[Staff]:
    """The people of the demo whom a visitor may be, one or more of every role."""
    order = list(desk.config.roles.role)
    people = [staff for staff in desk.snapshot[Staff].values() if staff.active and staff.role in order]
    return sorted(people, key=lambda staff: (order.index(staff.role), staff.staff_id))


def _persona(desk: Desk) -> Staff | None:
    people = personas(desk)
    chosen = st.session_state.get(PERSONA)
    if chosen is None and (known := _by_cookie(desk)):
        chosen = known.staff_id
    first = next((staff for staff in people if staff.role == DEMO_ROLE), None)
    return next((staff for staff in people if staff.staff_id == chosen), first or next(iter(people), None))


def _signed_in(desk: Desk) -> Staff | None:
    """By the session opened here: judged like a cookie, so that a page left open ends with it."""
    opened = st.session_state.get(SIGNED_IN)
    return accounts.staff_of_cookie(desk, opened) if opened else None


def _by_cookie(desk: Desk) -> Staff | None:
    cookie = st.context.cookies.get(COOKIE)
    return accounts.staff_of_cookie(desk, cookie) if cookie else None


def _by_openid(desk: Desk) -> Staff | None:
    if not st.user.is_logged_in:
        return None
    email = st.user.get("email")
    verified = st.user.get("email_verified", True)  # not every provider says so
    return accounts.staff_of_email(desk, str(email)) if email and verified is True else None

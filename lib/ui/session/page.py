"""What every page does first: `begin_page("case.view")`, or `begin_public_page()`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from lib.app import process
from lib.desk.desk import Desk
from lib.domain.records.fields import Column
from lib.domain.rules.permissions import CLIENT, Actor
from lib.errors import SessionEnded
from lib.i18n import current_language, t
from lib.ui.session.identity import Identity, actor_now, at_screen


@dataclass(frozen=True, slots=True)
class Here:
    """What a page works with. `now` is one moment for the whole run. `identity` is None on a page for clients."""

    desk: Desk
    identity: Identity | None
    now: datetime

    @property
    def actor(self) -> Actor:
        """Whoever acts, looked up anew each time: a page may have been left open. Raises SessionEnded."""
        return actor_now(self.desk, self.identity) if self.identity else CLIENT

    @property
    def language(self) -> str:
        return current_language()

    def label(self, list_name: str, code: str) -> str:
        """The label of a list's code in the person's language."""
        return self.desk.words.label(list_name, code)

    def person(self, staff_id: str) -> str:
        """The name of a member of staff (or of the client, or of the app)."""
        return self.desk.words.person(staff_id)

    def value(self, column: Column, value: Any) -> str:
        """A value as people read it, a dash where it is empty."""
        return self.desk.words.value(column, value) or "—"


def begin_page(permission: str) -> Here:
    """Stop here unless the person at the screen holds the permission; the gate of every page for staff."""
    desk = process.desk()
    identity = at_screen(desk)
    try:
        allowed = actor_now(desk, identity).may(permission)
    except SessionEnded:
        allowed = False
    if not allowed:
        st.error(t("You don't have access to this page."), title=t("Not allowed"))
        st.stop()
    return Here(desk, identity, desk.now())


def begin_public_page() -> Here:
    """A page for clients: no sign-in, and nothing but what the page itself looks up."""
    desk = process.desk()
    return Here(desk, None, desk.now())

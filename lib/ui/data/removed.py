"""Rows that were deleted in the sheet, and bringing them back."""

import streamlit as st

from lib.i18n import format_datetime, t
from lib.services.data.restore import Removed, removed, restore
from lib.store.schema import SCHEMA
from lib.ui.session.page import Here
from lib.ui.session.state import HEALTH
from lib.ui.widgets.forms import open_form
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words.markdown import plain
from lib.words.names import tab_name

SHOWN = 50  # the latest ones
_REMOVED = f"{HEALTH}removed"
_TELLING = ("title", "name", "zh", "client_name", "purpose", "party")
"""Fields by which people know a record, the best first."""


def show(here: Here) -> None:
    """What was deleted in the sheet and is still gone; nothing where that never happened."""
    gone = _removed(here)
    if not gone:
        return
    st.subheader(t("Deleted in the sheet"), anchor=False)
    st.caption(t("Rows that somebody deleted in the spreadsheet. History keeps them; they can be brought back."))
    for one in gone[:SHOWN]:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(_words(here, one), width="stretch")
            key = f"{HEALTH}restore.{one.line.tab}.{one.line.record_id}"
            if here.actor.may("data.fix") and st.button(t("Restore"), icon=":material/restore_from_trash:", key=key):
                _restore(here, one, key=key)


def _removed(here: Here) -> list[Removed]:
    """Looked up once for each state of the data: it asks History."""
    seq, kept = here.desk.snapshot.seq, st.session_state.get(_REMOVED)
    if kept is None or kept[0] != seq:
        kept = st.session_state[_REMOVED] = (seq, removed(here.desk))
    found: list[Removed] = kept[1]
    return found


def _words(here: Here, one: Removed) -> str:
    when = format_datetime(one.line.at, here.desk.settings.zone)
    name = next((str(one.cells[field]) for field in _telling(here, one.line.tab) if one.cells.get(field)), "")
    head = f"**{plain(tab_name(one.line.tab))} {plain(one.line.record_id)}** {plain(name)}"
    return f"{head}  \n:small[:gray[{t('deleted {time}', time=when)}]]"


def _telling(here: Here, tab: str) -> list[str]:
    """Of these, the ones that this person may see of a record that is gone."""
    known = SCHEMA[tab].columns
    open_to_all = [name for name in _TELLING if name in known and not known[name].personal]
    return list(_TELLING) if here.actor.may_everywhere("personal.view") else open_to_all


def _restore(here: Here, one: Removed, *, key: str) -> None:
    form = open_form(key)
    with submit(form):
        restore(here.desk, actor=here.actor, tab=one.line.tab, key=one.line.record_id, commit_id=form.commit_id)
        flash(t("Restored"))

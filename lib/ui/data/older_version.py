"""What an older version of the spreadsheet, that somebody restored, does not have; one press brings it back."""

import streamlit as st

from lib.i18n import format_number, t, tn
from lib.services.data.older_version import Later, bring_back, later
from lib.ui.data import health_card
from lib.ui.session.page import Here
from lib.ui.session.state import HEALTH
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words.markdown import plain
from lib.words.names import tab_name

SHOWN = 10  # the first ones


def show(here: Here) -> None:
    """Nothing where no version was restored, or nothing is known of what came after it."""
    lost = later(here.desk)
    if not lost:
        return
    st.subheader(t("An older version of the spreadsheet was restored"), anchor=False)
    st.caption(
        t(
            "The app still knows what was saved after that version, until it is started again. Bring it back, or leave "
            "it if that was what the older version was for. What was changed since is left as it is."
        )
    )
    with st.container(border=True):
        for one in lost[:SHOWN]:
            st.markdown(_words(one))
        if len(lost) > SHOWN:
            st.caption(t("and {n} more", n=format_number(len(lost) - SHOWN)))
        label, icon = t("Bring all of it back"), ":material/restore:"
        if here.actor.may("data.fix") and st.button(label, icon=icon, key=f"{HEALTH}bring_back"):
            _bring_back(here, lost)


def _words(one: Later) -> str:
    changes = tn("{n} change", "{n} changes", len(one.lines))
    return f"**{plain(tab_name(one.tab))} {plain(one.key)}** :small[:gray[{changes}]]"


def _bring_back(here: Here, lost: list[Later]) -> None:
    with submit():
        done, refused = bring_back(here.desk, actor=here.actor, wanted=lost)
        flash(health_card.outcome_words(done, refused))

"""Emergencies that nobody has taken: on top of everybody's Home, until somebody does."""

import streamlit as st

from lib.domain.records.case import Case
from lib.i18n import relative, t, tn
from lib.services.emergencies.taking import may_take, take, untaken
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.session.state import EMERGENCY
from lib.ui.widgets.messages import flash
from lib.ui.widgets.submit import submit
from lib.ui.words.markdown import plain

SHOWN = 8


def show(here: Here) -> None:
    """One row each, the oldest first. Whoever may not see the case reads what it is and where, and no more."""
    found = [case for case in untaken(here.desk) if not here.actor.is_concerned(case)]
    if not found:
        return
    with st.container(border=True, gap="small"):
        words = tn("{n} emergency that nobody has taken", "{n} emergencies that nobody has taken", len(found))
        st.markdown(f":red[:material/emergency_home: **{words}**]")
        for case in found[:SHOWN]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(_text(here, case), width="stretch")
                take_button(here, case)
                if here.actor.may("case.view", case):
                    link("case", t("Open"), icon="arrow_forward", no=case.case_no)
        if len(found) > SHOWN:
            st.caption(t("and {n} more", n=len(found) - SHOWN))


def _text(here: Here, case: Case) -> str:
    name = plain(here.label("danger", case.danger))
    ago = relative(case.danger_at or case.taken_at, here.now)
    where = plain(here.label("branch", case.branch)) if case.branch else ""
    line = " · ".join(part for part in (f":red-badge[{name}] {ago}", where) if part)
    if not here.actor.may("case.view", case):
        return f"{line}  \n:gray[{case.case_no}]"
    return f"{line}  \n**{plain(case.title)}** :gray[{case.case_no}]"


def take_button(here: Here, case: Case) -> None:
    """The button by which somebody takes an emergency; nothing for whoever may not."""
    if not may_take(here.actor, case):
        return
    key = f"{EMERGENCY}{case.case_no}.take"
    if not st.button(t("I take it"), key=key, type="primary", icon=":material/front_hand:"):
        return
    with submit():
        take(here.desk, actor=here.actor, case=case, language=here.language)
        flash(t("You have taken it. Call the client now; the checklist is on the case."))

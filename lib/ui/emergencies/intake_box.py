"""Words of danger in what the client says on the telephone: what to read to her, and that the case is urgent."""

import streamlit as st

from lib.domain.dangers.config import NO_DANGER
from lib.i18n import t
from lib.services.emergencies.numbers import advice
from lib.ui.emergencies.client_box import number_links
from lib.ui.session.page import Here
from lib.ui.widgets.suggestions import offer_priority
from lib.ui.words.case import priority_text
from lib.ui.words.markdown import plain


def show(here: Here, text: str, *, community: str, chosen: str, key: str) -> str:
    """The box, or an offer of the priority that the words speak for. Returns NO_DANGER where the person has asked the
    client and there is none, else "": then the words decide."""
    urgency = here.desk.urgency_of(text)
    if not urgency.dangers:
        offer_priority(here, urgency, chosen=chosen, target=f"{key}.priority")
        return ""
    found = urgency.dangers[0]
    told = advice(here.desk, found.danger, language=here.language, community=community, branch=here.actor.branch)
    names = " · ".join(plain(one.danger.label(here.language)) for one in urgency.dangers)
    with st.container(border=True, gap="xsmall"):
        title = t("Danger: {danger}", danger=names) if found.certain else t("Ask the client: {danger}?", danger=names)
        words = plain(" ".join(f"“{word}”" for word in found.words))
        st.markdown(f":red[:material/emergency_home: **{title}**] :gray[{words}]")
        st.markdown(f"{t('Read to the client:')} **{plain(told.text)}**")
        st.markdown(number_links(told))
        st.caption(told.standing)
        if not found.certain:
            offer_priority(here, urgency, chosen=chosen, target=f"{key}.priority")
            return ""
        safe = st.checkbox(t("I asked: nobody is in danger"), key=f"{key}.no_danger", persist_state="session")
        if not safe:
            st.markdown(
                f"→ {priority_text(here, 'P1')} :small[{t('Whoever is on call is told as soon as it is saved.')}]"
            )
    return NO_DANGER if safe else ""

"""The plan of a case: what will be done, by when, at what compensation, and whether the client agreed."""

import streamlit as st

from lib.domain.case import Case
from lib.i18n import t
from lib.ui import case_facts
from lib.ui.page import Here


def show(here: Here, case: Case) -> None:
    """The plan's facts, edited in place; it is offered to the client by the action."""
    case_facts.show_group(here, case, "plan", t("Plan"), always=True)
    if not case.plan_measures:
        st.caption(t("A plan is written with the action “Offer a plan”, and the client's consent recorded after it."))
    elif not case.consent_at and case.stage == "plan_offered":
        st.caption(t("The client has not agreed yet."))

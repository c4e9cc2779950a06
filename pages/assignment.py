"""Assignment 派单: unassigned cases beside people with their open work."""

import streamlit as st

from lib.i18n import t
from lib.services.assignment import loads, unassigned
from lib.ui.assignment_view import choose_cases, choose_person, show_assign
from lib.ui.page import begin_page

here = begin_page("case.assign")
st.header(t("Assignment"), anchor=False)
left, right = st.columns([3, 2], gap="large")
with left:
    cases = choose_cases(here, unassigned(here.desk))
with right:
    person = choose_person(here, loads(here.desk), cases)
    show_assign(here, cases, person)

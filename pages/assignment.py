"""Assignment 派单: cases to be given out, what the rules propose and why, beside people with their open work."""

import streamlit as st

from lib.i18n import t
from lib.services.work.assignment import in_hands_of, left_behind, loads, unassigned
from lib.ui.assignment.people import show_people
from lib.ui.assignment.view import (
    choose_cases,
    choose_source,
    choose_taker,
    decide,
    present,
    show_assign,
    taken_meanwhile,
)
from lib.ui.session.page import begin_page

here = begin_page("case.assign")
st.header(t("Assignment"), anchor=False)
people = loads(here.desk)
names = present(here, people)
left, right = st.columns([3, 2], gap="large")
with left:
    source = choose_source(people, left_behind(here.desk))
    waiting = in_hands_of(here.desk, source) if source else unassigned(here.desk)
    changed = taken_meanwhile(here, waiting, source=source)
    cases = choose_cases(here, waiting, source=source)
    taker = choose_taker(names) if cases else ""
    act = st.container()
    orders = decide(here, waiting, cases, names, source=source, taker=taker)
with act:
    show_assign(here, orders, source=source, hold=changed)
with right:
    show_people(here, people, orders)

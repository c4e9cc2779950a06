"""New case 登记: taken in while the client is on the phone."""

import streamlit as st

from lib.i18n import t
from lib.ui.intake import answer
from lib.ui.intake.new_case import (
    FORM,
    add_to,
    show_added,
    show_client,
    show_handling,
    show_problem,
    show_receipt,
    show_save,
)
from lib.ui.session.page import begin_page
from lib.ui.session.state import NEW_CASE_NO

here = begin_page("case.intake")
if NEW_CASE_NO in st.session_state:
    show_receipt(here, st.session_state[NEW_CASE_NO])
    st.stop()
st.header(t("New case"), anchor=False)
show_added()
left, right = st.columns([3, 2], gap="large")
with left:
    client = show_client(here)
    problem, same = show_problem(here, client)
with right:
    values, chosen = show_handling(here, {**client, **problem})
    if same is not None:
        add_to(here, same, values, chosen)
    show_save(here, values, chosen, answer=answer.ask(here, values, key=FORM))

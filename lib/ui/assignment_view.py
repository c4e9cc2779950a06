"""The parts of the assignment page: cases to be given out, people with their open work, and the one act."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.case import Case
from lib.errors import CasesheetError
from lib.i18n import t, tn
from lib.services import assignment
from lib.services.assignment import Load
from lib.ui import case_words
from lib.ui.app_pages import link
from lib.ui.forms import close_form, open_form
from lib.ui.messages import flash, show_error
from lib.ui.page import Here
from lib.ui.plain import plain

FORM = "assign"


def choose_cases(here: Here, waiting: Sequence[Case]) -> list[Case]:
    """The unassigned cases with a box to tick, the earliest deadline first."""
    if not waiting:
        with st.container(border=True):
            st.markdown(f":material/check_circle: {t('Every judged case has somebody who looks after it.')}")
            link("cases", t("Look at all cases"), icon="folder_open")
        return []
    st.subheader(tn("{n} case waits", "{n} cases wait", len(waiting)), anchor=False)
    st.checkbox(t("Choose all"), key=f"{FORM}.all", on_change=_tick_all, args=([case.case_no for case in waiting],))
    return [case for case in waiting if _case_row(here, case)]


def _tick_all(numbers: Sequence[str]) -> None:
    for number in numbers:
        st.session_state[f"{FORM}.pick.{number}"] = st.session_state[f"{FORM}.all"]


def _case_row(here: Here, case: Case) -> bool:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        ticked = st.checkbox(case.case_no, key=f"{FORM}.pick.{case.case_no}", label_visibility="collapsed")
        about = (plain(here.label("category", case.category)), case_words.place_text(here, case))
        words = " · ".join(part for part in about if part)
        st.markdown(
            f"{case_words.priority_text(here, case.priority)} {case_words.deadline_text(here, case)}  \n"
            f"**{plain(case.title)}**  \n:small[:gray[{case.case_no} · {words}]]",
            width="stretch",
        )
        link("case", t("Open"), icon="open_in_new", no=case.case_no)
    return ticked


def choose_person(here: Here, people: Sequence[Load], cases: Sequence[Case]) -> str:
    """The people with bars of open work against capacity, those away greyed and not to be chosen."""
    st.subheader(t("People"), anchor=False)
    present = {load.staff.staff_id: load for load in people if not load.away}
    proposed = assignment.propose(people, cases)
    names = {key: _name(here, load) for key, load in present.items()}
    index = list(present).index(proposed) if proposed in present else None
    chosen = st.selectbox(
        t("Give to"),
        list(present),
        index=index,
        format_func=names.__getitem__,
        placeholder=t("Choose"),
        key=f"{FORM}.{open_form(FORM).commit_id}.who",
    )
    if proposed and chosen == proposed:
        st.caption(t("Proposed: the least open work for the capacity, in the department concerned."))
    for load in people:
        _bar(here, load, chosen=load.staff.staff_id == chosen)
    return chosen or ""


def _name(here: Here, load: Load) -> str:
    """Streamlit knows a choice by its text: with counts in it, a choice would be lost when they change."""
    department = here.label("department", load.staff.department)
    return f"{load.staff.name} · {department}" if department else load.staff.name


def _bar(here: Here, load: Load, *, chosen: bool) -> None:
    name = plain(load.staff.name)
    parts = [here.label("department", load.staff.department), t("{n} open", n=load.open)]
    if load.due_today:
        parts.append(f":orange[:material/schedule: {t('{n} due today', n=load.due_today)}]")
    if load.overdue:
        parts.append(f":red[:material/alarm: {t('{n} overdue', n=load.overdue)}]")
    words = " · ".join(part for part in parts if part)
    if load.away:
        st.progress(0.0, text=f":gray[{name} · :material/beach_access: {t('away')}]")
    else:
        st.progress(min(1.0, load.share), text=f"{f'**{name}**' if chosen else name} · {words}")


def show_assign(here: Here, cases: Sequence[Case], person: str) -> None:
    """Give the chosen cases to the chosen person, all or none."""
    reason = st.text_input(t("Note for the handler"), key=f"{FORM}.{open_form(FORM).commit_id}.reason")
    label = tn("Assign {n} case", "Assign {n} cases", len(cases)) if cases else t("Choose cases first")
    ready = bool(cases and person)
    if not st.button(label, type="primary", icon=":material/assignment_ind:", width="stretch", disabled=not ready):
        return
    form = open_form(FORM)
    try:
        assignment.assign(
            here.desk, actor=here.actor, cases=cases, assignee=person, reason=reason, commit_id=form.commit_id
        )
    except CasesheetError as failed:
        show_error(failed)
        return
    close_form(FORM)
    name = here.person(person)
    flash(tn("{n} case given to {name}", "{n} cases given to {name}", len(cases), name=name))
    st.rerun()

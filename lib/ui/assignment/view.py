"""The parts of the assignment page: cases with what the rules propose and why, people with their open work, the act."""

from collections.abc import Mapping, Sequence

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.assignment import Proposal
from lib.i18n import t, tn
from lib.services.work import assignment
from lib.services.work.assignment import Order, Workload
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.session.state import ASSIGNMENT_OF, ASSIGNMENT_ROWS
from lib.ui.widgets.forms import open_form
from lib.ui.widgets.messages import flash
from lib.ui.widgets.paging import show_more
from lib.ui.widgets.submit import submit
from lib.ui.words import case as case_words
from lib.ui.words.markdown import plain
from lib.words.assignment import Mark, explanation, why
from lib.words.names import joined

FORM = "assign"
PAGE = 20  # cases shown at first, and added by "show more"
MARKS: Mapping[Mark, tuple[str, str]] = {
    "unmet": (":gray[:small[:material/close: ", "]]"),
    "rule": (":material/check: **", "**"),
    "chosen": ("&emsp;:green[:material/person_check:] **", "**"),
    "fit": ("&emsp;:material/person: ", ""),
    "skipped": ("&emsp;:gray[:material/person_off: ", "]"),
}


def choose_source(people: Sequence[Workload], left: Sequence[Staff]) -> str:
    """Whose cases: those that nobody has (""), or those of one person, who has `left`, is away or has too much."""
    names = {"": t("Unassigned cases")}
    names |= {
        staff.staff_id: t("Cases of {name}", name=staff.name) for staff in (*left, *(one.staff for one in people))
    }
    if left:
        who = joined(plain(staff.name) for staff in left)
        st.warning(t("Somebody else must take the open cases of {names}, who cannot handle them any more.", names=who))
    return str(st.selectbox(t("Which cases"), list(names), format_func=names.__getitem__, key=ASSIGNMENT_OF) or "")


def choose_cases(here: Here, waiting: Sequence[Case], *, source: str) -> list[Case]:
    """The numbered cases with a box to tick, the earliest deadline first; returns those ticked."""
    if not waiting:
        _nothing_waits(here, source)
        return []
    shown = waiting[: st.session_state.get(ASSIGNMENT_ROWS, PAGE)]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        n = len(waiting)
        title = tn("{n} open case", "{n} open cases", n) if source else tn("{n} case waits", "{n} cases wait", n)
        st.subheader(title, anchor=False, width="content")
        keys = [_pick_key(source, case) for case in shown]
        st.checkbox(t("Choose all"), key=_once(f"all.{source}"), on_change=_tick_all, args=(source, keys))
    return [case for case in shown if st.session_state.get(_pick_key(source, case))]


def _nothing_waits(here: Here, source: str) -> None:
    with st.container(border=True):
        words = (
            t("{name} has no open case.", name=plain(here.person(source)))
            if source
            else t("Every accepted case has an assignee.")
        )
        st.markdown(f":material/check_circle: {words}")
        link("cases", t("Look at all cases"), icon="folder_open")


def _pick_key(source: str, case: Case) -> str:
    return f"{FORM}.hand.{source}.{case.case_no}" if source else f"{FORM}.pick.{case.case_no}"


def _once(name: str) -> str:
    """The key of a widget that is for the cases given together, and begins afresh for the next ones."""
    return f"{open_form(FORM).key}.{name}"


def _tick_all(source: str, keys: Sequence[str]) -> None:
    for key in keys:
        st.session_state[key] = st.session_state[_once(f"all.{source}")]


def taken_meanwhile(here: Here, waiting: Sequence[Case], *, source: str) -> bool:
    """Tell of cases that were ticked and have been given to somebody by another person; True where there are any."""
    start = f"{FORM}.hand.{source}." if source else f"{FORM}.pick."
    ticked = {str(key).removeprefix(start) for key, on in st.session_state.items() if str(key).startswith(start) and on}
    gone = sorted(ticked - {case.case_no for case in waiting})
    for number in gone:
        del st.session_state[start + number]
        case = here.desk.snapshot[Case].get(number)
        name, stage = (here.person(case.assignee), here.label("stage", case.stage)) if case else ("", "")
        st.warning(
            t("It is with {name} now, in stage “{stage}”.", name=plain(name) or t("nobody yet"), stage=stage),
            title=t("{case_no} was changed by somebody else", case_no=number),
        )
    return bool(gone)


def present(here: Here, people: Sequence[Workload]) -> dict[str, str]:
    """Those who can be given a case, with their names. A name holds no counts: Streamlit knows a choice by its text,
    and would lose it when they change."""
    departments = {load.staff.staff_id: here.label("department", load.staff.department) for load in people}
    return {
        (who := load.staff.staff_id): " · ".join(part for part in (load.staff.name, departments[who]) if part)
        for load in people
        if not load.away
    }


def decide(
    here: Here, waiting: Sequence[Case], cases: Sequence[Case], names: Mapping[str, str], *, source: str, taker: str
) -> list[Order]:
    """Every case in its row; under a ticked one who takes it, begun with `taker` or what the rules propose, and why."""
    decided = {case.case_no: who for case in cases if (who := _changed(case) or _allowed(taker, case))}
    found = {item.case.case_no: item for item in assignment.proposals(here.desk, cases, decided=decided)}
    orders = []
    shown = waiting[: st.session_state.get(ASSIGNMENT_ROWS, PAGE)]
    for case in shown:
        with st.container(border=True, gap="xsmall"):
            _case_row(here, case, source)
            if proposal := found.get(case.case_no):
                orders.append(_choose_person(here, proposal, names, decided.get(case.case_no, "")))
    show_more(ASSIGNMENT_ROWS, shown=len(shown), of=len(waiting), step=PAGE)
    return orders


def _case_row(here: Here, case: Case, source: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.checkbox(case.case_no, key=_pick_key(source, case), label_visibility="collapsed")
        about = (
            plain(here.label("kind", case.kind)),
            plain(here.label("category", case.category)),
            case_words.place_text(here, case),
        )
        words = " · ".join(part for part in about if part)
        st.markdown(
            f"{case_words.priority_text(here, case.priority)} {case_words.deadline_text(here, case)}  \n"
            f"**{plain(case.title)}**  \n:small[:gray[{case.case_no} · {words}]]",
            width="stretch",
        )
        link("case", t("Open"), icon="open_in_new", no=case.case_no)


def choose_taker(names: Mapping[str, str]) -> str:
    """One person for all of the chosen cases, instead of what the rules propose."""
    picked = st.selectbox(
        t("Give to"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("Each as the rules propose"),
        key=_once("everything_to"),
        on_change=_forget_changes,
    )
    return str(picked or "")


def _who_key(case: Case) -> str:
    return f"{FORM}.who.{case.case_no}"


def _changed(case: Case) -> str:
    """Whom the person at the screen chose for one case by hand."""
    chosen = st.session_state.get(f"{FORM}.by_hand.{case.case_no}", False)
    return str(st.session_state.get(_who_key(case)) or "") if chosen else ""


def _forget_changes() -> None:
    for key in [key for key in st.session_state if str(key).startswith(f"{FORM}.by_hand.")]:
        del st.session_state[key]


def _keep_change(case_no: str) -> None:
    st.session_state[f"{FORM}.by_hand.{case_no}"] = True


def _allowed(person: str, case: Case) -> str:
    return "" if person in (case.complained_about, case.assignee) else person


def _choose_person(here: Here, proposal: Proposal, names: Mapping[str, str], decided: str) -> Order:
    case = proposal.case
    options = [person for person in names if _allowed(person, case)]
    wanted = decided or proposal.assignee
    st.session_state[_who_key(case)] = wanted if wanted in options else None
    picked = st.selectbox(
        t("Who takes {case_no}", case_no=case.case_no),
        options,
        format_func=names.__getitem__,
        placeholder=t("Choose"),
        key=_who_key(case),
        label_visibility="collapsed",
        on_change=_keep_change,
        args=(case.case_no,),
    )
    proposed = bool(picked) and picked == proposal.assignee
    label = why(proposal) if proposed or not proposal.assignee else t(
        "The rules propose {name}", name=here.person(proposal.assignee)
    )  # fmt: skip
    details = st.expander(
        plain(label),
        icon=":material/rule:" if proposed else ":material/edit:",
        type="compact",
        key=f"{FORM}.why.{case.case_no}",
        on_change="rerun",
    )
    if details.open:
        details.markdown(_why(here, proposal))
    return Order(case, str(picked or ""), proposal.department if proposed else "")


def _why(here: Here, proposal: Proposal) -> str:
    lines = explanation(proposal, here.desk.lists)
    return "  \n".join(f"{MARKS[mark][0]}{plain(text)}{MARKS[mark][1]}" for mark, text in lines)


def show_assign(here: Here, orders: Sequence[Order], *, source: str, hold: bool) -> None:
    """Give the chosen cases as decided, all or none; `hold` keeps back a click on what has just changed."""
    label = t("Reason") + " *" if source else t("Note for the handler")
    reason = st.text_input(label, key=_once(f"reason.{source}"), disabled=not orders)
    words = tn("Assign {n} case", "Assign {n} cases", len(orders)) if orders else t("Choose cases first")
    ready = bool(orders) and all(order.assignee for order in orders)
    pressed = st.button(
        words,
        key=f"{FORM}.save",
        type="primary",
        icon=":material/assignment_ind:",
        width="stretch",
        disabled=not ready,
    )
    if not pressed or hold:
        return
    form = open_form(FORM)
    with submit(form):
        assignment.assign_each(
            here.desk, actor=here.actor, orders=orders, reason=reason, commit_id=form.commit_id
        )  # fmt: skip
        people = {order.assignee for order in orders}
        name = here.person(people.pop()) if len(people) == 1 else tn("{n} person", "{n} people", len(people))
        flash(tn("{n} case given to {name}", "{n} cases given to {name}", len(orders), name=name))

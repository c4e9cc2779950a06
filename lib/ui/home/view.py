"""The parts of the home page: four counts that filter, and one list of what comes next."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Literal

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp, Task
from lib.i18n import N_, format_date, format_datetime, t, tn
from lib.services.cases.handling import moves_for
from lib.services.work.agenda import Agenda, UrgentCase
from lib.ui.frame.app_pages import link
from lib.ui.session.page import Here
from lib.ui.session.state import HOME_ROWS, HOME_SHOWS, HOME_URGENT
from lib.ui.widgets import suggestions
from lib.ui.widgets.paging import show_more
from lib.ui.widgets.url_choice import url_choice
from lib.ui.words import case as case_words
from lib.ui.words.markdown import plain

Item = Case | FollowUp | Task
TOP = 12  # rows before "show more"
URGENT = 5  # urgent cases shown above everything else
MORE = 20  # rows that it adds
SCOPES = {"mine": N_("My work"), "everybody": N_("The whole team")}


def choose_scope(here: Here) -> bool:
    """Heading and the choice between my work and everybody's; True for everybody's."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header(t("Today, {day}", day=format_date(here.now.date())), anchor=False)
        names = {key: t(name) for key, name in SCOPES.items()}
        default = "everybody" if here.actor.leads else "mine"
        chosen = url_choice(t("Whose work"), names, name="scope", default=default)
    return chosen == "everybody"


def show_urgent(here: Here, urgent: Sequence[UrgentCase]) -> None:
    """Urgent cases and major complaints nobody has called about yet, before everything else."""
    if not urgent:
        return
    with st.container(border=True, gap="small"):
        words = tn("{n} urgent case: call the client now", "{n} urgent cases: call the clients now", len(urgent))
        st.markdown(f":red[:material/notification_important: **{words}**]")
        shown = urgent if st.session_state.get(HOME_URGENT) else urgent[:URGENT]
        for one in shown:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(_urgent_text(here, one), width="stretch")
                _likely_step(here, one.case)
        if len(urgent) > len(shown):
            more = t("Show {n} more", n=len(urgent) - len(shown))
            st.button(more, key=f"{HOME_URGENT}.more", icon=":material/expand_more:", on_click=_show_all_urgent)


def _show_all_urgent() -> None:
    st.session_state[HOME_URGENT] = True


def _urgent_text(here: Here, urgent: UrgentCase) -> str:
    case = urgent.case
    who = plain(here.person(case.assignee)) if case.assignee else t("nobody yet")
    line = f"{case_words.priority_text(here, case.priority)} {case_words.stage_text(here, case.stage)}"
    line += f" {case_words.deadline_text(here, case)} · {who}  \n**{plain(case.title)}** :gray[{case.case_no}]"
    if urgent.words:
        line += f"  \n:red[:material/lightbulb: {suggestions.why_urgent(here, urgent.words)}]"
    return line


def show_counts(here: Here, agenda: Agenda) -> str:
    """The numbers of the day, each with a button that shows just those; returns the filter chosen ("" for all)."""
    cards = [
        ("overdue", t("Overdue"), len(agenda.overdue), "alarm"),
        ("today", t("Due today"), len(agenda.due_today), "schedule"),
        ("follow_ups", t("Follow-ups"), len(agenda.follow_ups), "phone_callback"),
    ]
    if promised := agenda.promised:
        cards.append(("promised", t("Waits due"), len(promised), "event_busy"))
    if here.actor.may("case.triage"):
        cards.append(("new", t("To triage"), len(agenda.new), "mark_email_unread"))
    if here.actor.may("case.assign"):
        cards.append(("unassigned", t("Unassigned"), len(agenda.unassigned), "person_add"))
    chosen = str(st.session_state.get(HOME_SHOWS, ""))
    with st.grid(len(cards), min_column_width=150):
        for key, label, count, icon in cards:
            with st.container(border=True, horizontal=True, vertical_alignment="bottom", gap="xsmall", wrap=False):
                st.metric(_state_label(key, label, count), count, icon=f":material/{icon}:")
                st.button(
                    "",
                    icon=":material/filter_alt_off:" if chosen == key else ":material/filter_alt:",
                    help=t("Show all") if chosen == key else t("Show only these"),
                    key=f"show.{key}",
                    type="primary" if chosen == key else "tertiary",
                    disabled=not count and chosen != key,
                    on_click=_toggle,
                    args=(key,),
                )
    return chosen


def _state_label(key: str, label: str, count: int) -> str:
    return f":red[{label}]" if key == "overdue" and count else label


def _toggle(key: str) -> None:
    st.session_state[HOME_SHOWS] = "" if st.session_state.get(HOME_SHOWS) == key else key


def show_next(here: Here, agenda: Agenda, chosen: str) -> None:
    """One list of what comes next, each one click from doing it: late, due today, calls, promises, then the rest."""
    shown = st.session_state.get(HOME_ROWS, TOP)
    items = list(islice(_items(agenda, chosen), shown + MORE))
    if not items:
        _nothing_due(here)
        return
    st.subheader(t("Next"), anchor=False)
    for item in items[:shown]:
        _row(here, item)
    show_more(HOME_ROWS, shown=shown, of=len(items), step=MORE)


def _items(agenda: Agenda, chosen: str) -> Iterator[Item]:
    """The items of the count chosen, or of the whole day in the order in which they matter."""
    parts: dict[str, Iterable[Item]] = {
        "overdue": (item.case for item in agenda.overdue),
        "today": (item.case for item in agenda.due_today),
        "tasks": agenda.tasks,
        "follow_ups": agenda.follow_ups,
        "promised": (item.case for item in agenda.promised),
        "later": (item.case for item in agenda.later),
    }
    others: dict[str, Iterable[Item]] = {
        "new": (item.case for item in agenda.new),
        "unassigned": (item.case for item in agenda.unassigned),
    }
    return iter((parts | others)[chosen]) if chosen else chain.from_iterable(parts.values())


def _row(here: Here, item: Item) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if isinstance(item, Case):
            _case_row(here, item)
        elif isinstance(item, FollowUp):
            _follow_up_row(here, item)
        else:
            _task_row(here, item)


def _case_row(here: Here, case: Case) -> None:
    words = " · ".join(
        part
        for part in (case_words.client_text(here, case), case_words.place_text(here, case), here.person(case.assignee))
        if part
    )
    st.markdown(
        f"{case_words.stage_text(here, case.stage)} {case_words.deadline_text(here, case)}  \n"
        f"**{plain(case.title)}**  \n:small[:gray[{case.case_no} · {words}]]",
        width="stretch",
    )
    _likely_step(here, case)


def _likely_step(here: Here, case: Case) -> None:
    """The link to the one likely action."""
    move = next(iter(moves_for(here.desk, actor=here.actor, case=case)), None)
    if move is None:
        link("case", t("Open"), icon="arrow_forward", no=case.case_no)
    else:
        link("case", move.label(here.language), icon=move.icon, no=case.case_no, do=move.key)


def _follow_up_row(here: Here, item: FollowUp) -> None:
    days = (here.now.date() - item.due_on).days
    state: Literal["red", "orange"] = "red" if days > 0 else "orange"
    left = tn("late by {n} day", "late by {n} days", days) if days > 0 else t("today")
    name = plain(case_words.personal_text(here, item, "client_name"))
    st.markdown(
        f":blue-badge[:material/phone_callback: {t('Follow-up')}] :{state}[:material/schedule: {left}]  \n"
        f"**{name}** · {here.label('follow_up_purpose', item.purpose)}  \n"
        f":small[:gray[{item.case_no} · {here.person(item.assignee)}]]",
        width="stretch",
    )
    link("follow_ups", t("Record"), icon="edit_note", due="overdue" if days > 0 else "today")


def _task_row(here: Here, task: Task) -> None:
    due = format_datetime(task.due_at, here.desk.settings.zone) if task.due_at else t("no due time")
    if task.due_at and task.due_at < here.now:
        due = f":red[:material/alarm: {t('overdue')} · {due}]"
    st.markdown(
        f":blue-badge[:material/checklist: {t('Task')}] {due}  \n"
        f"**{plain(task.title)}**  \n:small[:gray[{task.case_no}]]",
        width="stretch",
    )
    link("case", t("Open"), icon="arrow_forward", no=task.case_no)


def _nothing_due(here: Here) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(f":material/check_circle: {t('Nothing is due. All open cases are within their time.')}")
        if here.actor.may("weekly.view"):
            link("weekly", t("Look at the week"), icon="monitoring")
        elif here.actor.may("case.view"):
            link("cases", t("Look at all cases"), icon="folder_open")

"""The people of the assignment page, and their departments: bars of open work against capacity."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import streamlit as st

from lib.i18n import format_date, t
from lib.services.work import assignment
from lib.services.work.assignment import DepartmentLoad, Order, Workload
from lib.ui.session.page import Here
from lib.ui.words.markdown import plain


def show_people(here: Here, people: Sequence[Workload], orders: Sequence[Order]) -> None:
    """Everybody with a bar of open work against capacity, what the choice would add, those away greyed."""
    st.subheader(t("People"), anchor=False)
    adds = Counter(order.assignee for order in orders)
    for load in people:
        _bar(here, load, adds[load.staff.staff_id])
    departments = assignment.by_department(people)
    if len(departments) > 1:
        st.subheader(t("Departments"), anchor=False)
        for department in departments:
            _department(here, department)
    for rule, key, value in assignment.unknown_names(here.desk):
        words = t("Rule “{rule}” names {field} “{value}”, which does not exist.", rule=rule, field=key, value=value)
        st.caption(f":orange[:material/warning: {plain(words)}]")


def _bar(here: Here, load: Workload, added: int) -> None:
    staff, name = load.staff, plain(load.staff.name)
    if load.away:
        until = staff.away_until or staff.away_from
        words = t("away until {day}", day=format_date(until)) if until else t("away")
        text = f":gray[{name} · :material/beach_access: {words} · {t('{n} open', n=load.open)}]"
        st.progress(0.0, text=text)
        return
    parts = [f"**{name}**" if added else name, here.label("department", staff.department)]
    parts.append(t("{open} of {capacity} open", open=load.open, capacity=staff.capacity))
    if added:
        parts.append(f":blue[**+{added}**]")
    if load.candidate.full:
        parts.append(f":orange[:material/error: {t('full')}]")
    _progress([*parts, *_pressing(load)], load.open + added, staff.capacity)


def _department(here: Here, load: DepartmentLoad) -> None:
    name = here.label("department", load.department) or t("No department")
    parts = [plain(name), t("{open} of {capacity} open", open=load.open, capacity=load.capacity)]
    _progress([*parts, *_pressing(load)], load.open, load.capacity)


def _pressing(load: Workload | DepartmentLoad) -> Iterator[str]:
    if load.due_today:
        yield f":orange[:material/schedule: {t('{n} due today', n=load.due_today)}]"
    if load.overdue:
        yield f":red[:material/alarm: {t('{n} overdue', n=load.overdue)}]"


def _progress(parts: Iterable[str], work: int, capacity: int) -> None:
    share = work / capacity if capacity else 1.0
    st.progress(min(1.0, share), text=" · ".join(part for part in parts if part))

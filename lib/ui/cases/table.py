"""The cases of one page as a table; the number in the first column opens the case."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from lib.domain.records.case import Case
from lib.i18n import N_, format_date, format_datetime, t
from lib.services.alerts.deadlines import next_deadline
from lib.ui.frame.app_pages import go
from lib.ui.session.page import Here
from lib.ui.session.state import CASES
from lib.ui.words.case import days_late, due_text, left_words, personal_text, promise_words
from lib.words.clocks import clock_name

DEFAULT = ("deadline", "priority", "stage", "title", "client", "place", "assignee", "taken")
COLUMNS: dict[str, str] = {
    "deadline": N_("Next deadline"),
    "priority": N_("Priority"),
    "stage": N_("Stage"),
    "title": N_("Title"),
    "client": N_("Client"),
    "phone": N_("Phone"),
    "place": N_("Property"),
    "category": N_("Category"),
    "kind": N_("Kind"),
    "channel": N_("Channel"),
    "assignee": N_("Assignee"),
    "department": N_("Department"),
    "branch": N_("Branch"),
    "taken": N_("Taken in at"),
    "due": N_("Due at"),
    "since": N_("In this stage since"),
    "promised": N_("Promised on"),
    "cause": N_("Cause code"),
    "closed": N_("Closed at"),
}
WIDE = {"title": 240, "place": 190, "deadline": 195}
LATE = "#c0392b", "#ff8a80"  # on a light and on a dark page
_OPENED = CASES + "opened"


def show(here: Here, cases: Sequence[Case], names: Sequence[str]) -> None:
    """At most one page of cases."""
    shown = [name for name in names if name in COLUMNS] or list(DEFAULT)
    data = {"number": [case.case_no for case in cases]}
    data |= {name: [_TEXTS[name](here, case) for case in cases] for name in shown}
    config = {name: st.column_config.TextColumn(t(COLUMNS[name]), width=WIDE.get(name)) for name in shown}
    number = st.column_config.ButtonColumn(t("Number"), pinned=True, type="tertiary", alignment="left", key=_OPENED)
    frame = pd.DataFrame(data)
    late, red = [_is_late(here, case) for case in cases], LATE[st.context.theme.type == "dark"]
    st.dataframe(
        frame.style.apply(lambda _: [f"color: {red}" if is_late else "" for is_late in late], subset=["deadline"])
        if "deadline" in shown
        else frame,
        column_config={"number": number, **config},
        hide_index=True,
        width="stretch",
        height="content",
        alt=t("Cases"),
    )
    clicked = st.session_state.get(_OPENED)
    if clicked and clicked["row"] < len(cases):
        go("case", no=cases[clicked["row"]].case_no)


def _is_late(here: Here, case: Case) -> bool:
    found = next_deadline(here.desk, case, here.now)
    if found is None:
        return case.paused_at is not None and days_late(here, case.promised_on) > 0
    return found.state == "late"


def _deadline(here: Here, case: Case) -> str:
    found = next_deadline(here.desk, case, here.now)
    if found is None:
        return promise_words(here, case.promised_on) if case.paused_at and case.promised_on else "—"
    return f"{left_words(here, case, found)} · {clock_name(found.clock)}"


def _due(here: Here, case: Case) -> str:
    found = next_deadline(here.desk, case, here.now)
    return due_text(here, found) if found else ""


def _place(here: Here, case: Case) -> str:
    parts = (case.community, case.building, case.unit, personal_text(here, case, "room"))
    return " ".join(part for part in parts if part)


def _time(here: Here, case: Case, field: str) -> str:
    at = getattr(case, field)
    return format_datetime(at, here.desk.settings.zone) if at else ""


_TEXTS: dict[str, Callable[[Here, Case], str]] = {
    "deadline": _deadline,
    "priority": lambda here, case: f"{case.priority} {here.label('priority', case.priority)}",
    "stage": lambda here, case: here.label("stage", case.stage),
    "title": lambda _, case: case.title,
    "client": lambda here, case: personal_text(here, case, "client_name"),
    "phone": lambda here, case: personal_text(here, case, "client_phone"),
    "place": _place,
    "category": lambda here, case: here.label("category", case.category),
    "kind": lambda here, case: here.label("kind", case.kind),
    "channel": lambda here, case: here.label("channel", case.channel),
    "assignee": lambda here, case: here.person(case.assignee),
    "department": lambda here, case: here.label("department", case.department),
    "branch": lambda here, case: here.label("branch", case.branch),
    "taken": lambda here, case: _time(here, case, "taken_at"),
    "due": _due,
    "since": lambda here, case: _time(here, case, "stage_since"),
    "promised": lambda _, case: format_date(case.promised_on) if case.promised_on else "",
    "cause": lambda here, case: here.label("cause", case.cause),
    "closed": lambda here, case: _time(here, case, "closed_at"),
}

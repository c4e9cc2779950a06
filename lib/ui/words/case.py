"""A case in words, the same on every page: stage, priority, next deadline, client.

Colours mean state and never stand alone: red late, orange soon, blue waiting, green answered, grey closed.
"""

from datetime import date, datetime, timedelta

import streamlit as st

from lib.domain.records.case import Case
from lib.domain.records.record import Record
from lib.i18n import format_date, format_datetime, t, time_left_words, tn
from lib.services.alerts.deadlines import Deadline, next_deadline
from lib.services.story.audit import shown
from lib.ui.session.page import Here
from lib.ui.words.markdown import plain
from lib.words.clocks import clock_name

PHASE_COLOURS = {"open": "violet", "paused": "blue", "answered": "green", "closed": "gray"}
PHASE_ICONS = {"open": "pending", "paused": "hourglass_top", "answered": "mark_chat_read", "closed": "task_alt"}
PRIORITY_ICONS = {"P1": "emergency_home", "P2": "priority_high", "P3": "drag_handle", "P4": "arrow_downward"}
STATE_COLOURS = {"late": "red", "soon": "orange"}
STATE_ICONS = {"late": "alarm", "soon": "schedule", "ok": "schedule"}


def stage_badge(here: Here, case: Case) -> None:
    """The stage as a badge element."""
    phase = _phase(here, case.stage)
    st.badge(here.label("stage", case.stage), icon=f":material/{PHASE_ICONS[phase]}:", color=PHASE_COLOURS[phase])  # type: ignore[arg-type]


def stage_text(here: Here, code: str) -> str:
    """The stage as a Markdown badge, for labels and lines of text."""
    phase = _phase(here, code)
    return f":{PHASE_COLOURS[phase]}-badge[:material/{PHASE_ICONS[phase]}: {plain(here.label('stage', code))}]"


def priority_text(here: Here, code: str) -> str:
    """The priority with its word and icon; the first one bold."""
    words = f":material/{PRIORITY_ICONS.get(code, 'drag_handle')}: {code} {plain(here.label('priority', code))}"
    return f"**{words}**" if code == "P1" else words


def deadline_text(here: Here, case: Case) -> str:
    """The next deadline as coloured Markdown: icon, clock, and "2 h left" or "late by 1 day"; else why none runs."""
    found = next_deadline(here.desk, case, here.now)
    if found is None:
        return _no_deadline(here, case)
    name, left = clock_name(found.clock), left_words(here, case, found)
    words = f":material/{STATE_ICONS[found.state]}: {name} · {left}"
    return words if found.state == "ok" else f":{STATE_COLOURS[found.state]}[{words}]"


def left_words(here: Here, case: Case, deadline: Deadline) -> str:
    """ "2 h left" in working time, or in plain time for a clock that runs day and night."""
    elapsed = here.desk.config.sla.target(deadline.clock, case.priority).elapsed
    return time_left_words(deadline.left, timedelta(days=1) if elapsed else here.desk.calendar.nominal_day)


def due_text(here: Here, deadline: Deadline) -> str:
    """When the deadline is, on the clock of the workspace, and that it may move when the holidays are announced."""
    due = format_datetime(deadline.due, here.desk.settings.zone)
    return due if deadline.confirmed else f"{due} · {unconfirmed_text(here, deadline.due)}"


def unconfirmed_text(here: Here, due: datetime) -> str:
    """Said of a deadline in a year whose holidays nobody knows yet: it was counted as if there were none."""
    return t("{year} holidays not announced yet", year=due.astimezone(here.desk.settings.zone).year)


def days_late(here: Here, promised: date | None) -> int:
    """For how many days something promised has been due; 0 while there is time, or where nothing was promised."""
    return max((here.now.date() - promised).days, 0) if promised else 0


def promise_words(here: Here, promised: date) -> str:
    """By how much the day promised has passed, which a narrow column must not cut off, and the day."""
    words, days = t("promised {day}", day=format_date(promised)), days_late(here, promised)
    return f"{tn('late by {n} day', 'late by {n} days', days)} · {words}" if days else words


def client_text(here: Here, case: Case) -> str:
    """The client's name and telephone as this person may see them; for Markdown."""
    parts = [personal_text(here, case, "client_name"), personal_text(here, case, "client_phone")]
    return " · ".join(plain(part) for part in parts if part)


def personal_text(here: Here, record: Record, field: str) -> str:
    """One personal field, of a case or of what belongs to it, as this person may see it."""
    return shown(here.desk, here.actor, record, field)


def place_text(here: Here, case: Case) -> str:
    """The property in one line, the room hidden where the person may not see it; for Markdown."""
    parts = (case.community, case.building, case.unit, personal_text(here, case, "room"))
    return plain(" ".join(part for part in parts if part))


def _no_deadline(here: Here, case: Case) -> str:
    phase = _phase(here, case.stage)
    if phase == "paused":
        until = f" · {promise_words(here, case.promised_on)}" if case.promised_on else ""
        late = days_late(here, case.promised_on) > 0
        colour, icon = ("red", STATE_ICONS["late"]) if late else (PHASE_COLOURS[phase], PHASE_ICONS[phase])
        return f":{colour}[:material/{icon}: {t('Waiting')}{until}]"
    if phase == "closed":
        return f":gray[:material/{PHASE_ICONS[phase]}: {plain(here.label('stage', case.stage))}]"
    if phase == "answered":
        return f":green[:material/{PHASE_ICONS[phase]}: {t('Answered')}]"
    return f":gray[{t('No deadline')}]"


def _phase(here: Here, code: str) -> str:
    stage = here.desk.config.workflow.stages.get(code)
    return stage.phase if stage else "open"

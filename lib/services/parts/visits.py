"""Site visits (requirement D4): making, moving and calling off an appointment, and what was found on site.

A case has one visit at a time: the next one, or the last one whose findings are written down. Those before are in
History, and so is what a calendar must know: how often the appointment was changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.records.workspace import HistoryLine
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields, Problem
from lib.services.story.changes import raw_change
from lib.services.story.timeline import timeline
from lib.store.commit.batch import Receipt, edit
from lib.store.snapshot.snapshot import Table

FIELDS = ("visit_at", "visit_minutes", "visit_by", "visit_place")
USUAL_MINUTES = 60


def visitor(case: Case) -> str:
    """Who goes there: the person named, else whoever has the case."""
    return case.visit_by or case.assignee


def is_open(case: Case) -> bool:
    """Whether an appointment stands whose findings are not written down yet."""
    return case.visit_at is not None and case.visit_done_at is None


def ends_at(case: Case) -> datetime | None:
    """When the visit is over as planned; an hour where nobody said how long."""
    return case.visit_at and case.visit_at + timedelta(minutes=case.visit_minutes or USUAL_MINUTES)


def time_problems(desk: Desk, values: Mapping[str, Any], before: datetime | None) -> list[Problem]:
    """Why this appointment cannot be made: it is over already. One that stands already may stay."""
    at = values.get("visit_at")
    if at is None or at == before or at > desk.now():
        return []
    return [Problem("visit_at", "in_the_past", at.astimezone(desk.settings.zone).strftime("%Y-%m-%d %H:%M"))]


def book(desk: Desk, *, actor: Actor, case: Case, values: Mapping[str, Any], commit_id: str | None = None) -> Receipt:
    """Make an appointment, or change the one that stands.

    Raises NotAllowed, InvalidFields (no time, or one that is past) and Conflict.
    """
    require(actor, "case.contact", case)
    strange = [Problem(name, "not_in_form") for name in values if name not in FIELDS]
    missing = [] if values.get("visit_at", case.visit_at) else [Problem("visit_at", "missing")]
    standing = case.visit_at if is_open(case) else None
    problems = [*strange, *missing, *time_problems(desk, values, standing), *_left(desk, values.get("visit_by", ""))]
    if problems:
        raise InvalidFields("cases", problems)
    action = "change_visit" if is_open(case) else "book_visit"
    begun = {"visit_done_at": None} if case.visit_done_at else {}
    return desk.save(actor, [edit(case, {**begun, **values}, action=action)], commit_id=commit_id)


def _left(desk: Desk, staff_id: str) -> list[Problem]:
    """Nobody is sent who has left; whether there is such a person at all the commit loop sees."""
    staff = desk.snapshot[Staff].get(staff_id)
    return [] if staff is None or staff.active else [Problem("visit_by", "has_left", staff.name or staff.email)]


def cancel(desk: Desk, *, actor: Actor, case: Case, reason: str, commit_id: str | None = None) -> Receipt:
    """Call the appointment off, with the reason in the timeline."""
    require(actor, "case.contact", case)
    if not reason.strip():
        raise InvalidFields("history", [Problem("reason", "missing")])
    return desk.save(actor, [edit(case, {"visit_at": None}, action="cancel_visit", text=reason)], commit_id=commit_id)


def record_findings(desk: Desk, *, actor: Actor, case: Case, findings: str, commit_id: str | None = None) -> Receipt:
    """What was found on site; the appointment is over with it. Findings may also come without an appointment.

    Whoever arrives early writes them down at once: only an appointment of a later day is in the way.
    """
    require(actor, "case.note", case)
    if not findings.strip():
        raise InvalidFields("cases", [Problem("visit_findings", "missing")])
    zone = desk.settings.zone
    if is_open(case) and case.visit_at is not None and (at := case.visit_at.astimezone(zone)).date() > desk.today():
        raise InvalidFields("cases", [Problem("visit_at", "visit_ahead", f"{at:%Y-%m-%d %H:%M}")])
    values = {"visit_findings": findings, "visit_done_at": desk.now()}
    return desk.save(actor, [edit(case, values, action="visit", text=findings)], commit_id=commit_id)


def open_visits(table: Table[Case]) -> tuple[Case, ...]:
    """The cases with an appointment that stands, the earliest first; an archived case has none."""
    standing = (case for case in table.values() if is_open(case) and case.closed_at is None)
    return tuple(sorted(standing, key=visit_order))


def visit_order(case: Case) -> float:
    """Seconds since 1970 of the appointment, by which open visits stand in order."""
    return case.visit_at.timestamp() if case.visit_at else 0


def at_the_same_time(desk: Desk, case: Case, at: datetime, minutes: int, person: str) -> tuple[Case, ...]:
    """Other cases where the same person should be during that time."""
    until = at + timedelta(minutes=minutes)
    return tuple(
        other
        for other in desk.snapshot[Case].derive(open_visits)
        if other.case_no != case.case_no
        and person
        and visitor(other) == person
        and other.visit_at is not None
        and (ends := ends_at(other)) is not None
        and other.visit_at < until
        and at < ends
    )


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a calendar is told. `number` counts the visits of the case; `sequence` rises with every change (RFC 5545).

    `at` is None where no visit was ever agreed; of one that was called off it is when it should have been.
    """

    number: int
    sequence: int
    at: datetime | None
    cancelled: bool


def appointment(desk: Desk, case: Case) -> Appointment:
    """The appointment of a case as its History tells it, whoever changed it and wherever."""
    lines = tuple(reversed(timeline(desk, case.case_no)))
    touched = [line for line in lines if any(raw_change(line, name) for name in FIELDS)]
    over = sum(1 for line in lines if (change := raw_change(line, "visit_done_at")) and change[1] and not change[0])
    if case.visit_at is not None:
        return Appointment(max(over + is_open(case), 1), len(touched), case.visit_at, cancelled=False)
    return Appointment(over + 1, len(touched), _called_off(touched), cancelled=True)


def _called_off(lines: Sequence[HistoryLine]) -> datetime | None:
    changes = (raw_change(line, "visit_at") for line in reversed(lines))
    before = next((change[0] for change in changes if change), None)
    return datetime.fromisoformat(before) if isinstance(before, str) and before else None

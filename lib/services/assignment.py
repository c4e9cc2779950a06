"""Giving cases to people (requirements C1, C4): several at once, with the work they already have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lib.domain.case import Case
from lib.domain.people import Staff
from lib.domain.permissions import Actor
from lib.services.access import require
from lib.services.desk import Desk
from lib.services.handling import move_changes
from lib.store.batch import Receipt


@dataclass(frozen=True, slots=True)
class Load:
    """The open work of one person: counts of cases, against her capacity."""

    staff: Staff
    open: int
    due_today: int
    overdue: int
    away: bool

    @property
    def share(self) -> float:
        """Open work as a share of capacity; 1 and more is full. Without capacity: 1."""
        return self.open / self.staff.capacity if self.staff.capacity else 1.0


def unassigned(desk: Desk) -> list[Case]:
    """Cases judged but given to nobody, the earliest deadline first."""
    far = desk.now().replace(year=9999)
    waiting = [case for case in desk.snapshot[Case].values() if case.stage == "accepted"]
    return sorted(waiting, key=lambda case: desk.config.workflow.next_due(case) or far)


HANDLER_SCOPES = ("own", "department")


def loads(desk: Desk) -> list[Load]:
    """Everybody whose work is handling cases, with her open work: the least loaded first, those away last.

    A manager may handle any case, but is not one to whom they are given out.
    """
    now = desk.now()
    by_person: dict[str, list[Case]] = {}
    open_stages = desk.config.workflow.keys_in("open", "paused")
    for case in desk.snapshot[Case].values():
        if case.assignee and case.stage in open_stages:
            by_person.setdefault(case.assignee, []).append(case)
    people = [
        _load(desk, staff, by_person.get(staff.staff_id, ()), now)
        for staff in desk.snapshot[Staff].values()
        if staff.active and _permissions(desk, staff).get("case.handle") in HANDLER_SCOPES
    ]
    return sorted(people, key=lambda load: (load.away, load.share, load.staff.name))


def _load(desk: Desk, staff: Staff, cases: Iterable[Case], now: datetime) -> Load:
    dues = [desk.config.workflow.next_due(case) for case in cases]
    known = [due for due in dues if due is not None]
    return Load(
        staff,
        open=len(dues),
        due_today=sum(now <= due and due.date() == now.date() for due in known),
        overdue=sum(due < now for due in known),
        away=staff.is_away(now.date()),
    )


def _permissions(desk: Desk, staff: Staff) -> Mapping[str, str]:
    role = desk.config.roles.role.get(staff.role)
    return role.permissions if role else {}


def propose(people: Sequence[Load], cases: Sequence[Case]) -> str:
    """Who should take these cases: the least loaded who is present, of the department most of them concern if any.

    Returns a staff id, "" where nobody is there.
    """
    departments = [case.department for case in cases if case.department]
    wanted = max(set(departments), key=departments.count, default="")
    present = [load for load in people if not load.away]
    own = [load for load in present if load.staff.department == wanted]
    best = min(own or present, key=lambda load: load.share, default=None)
    return best.staff.staff_id if best else ""


def assign(
    desk: Desk,
    *,
    actor: Actor,
    cases: Iterable[Case],
    assignee: str,
    department: str = "",
    reason: str = "",
    commit_id: str | None = None,
) -> Receipt:
    """Give cases to one person in one save; a case that has somebody already is reassigned, with the reason.

    Raises NotAllowed, WrongStage, Conflict (one of them was changed meanwhile: none is assigned).
    """
    chosen = list(cases)
    person = desk.snapshot[Staff].require(assignee)
    changes = []
    for case in chosen:
        require(actor, "case.assign", case)
        move = "assign" if case.stage == "accepted" else "reassign"
        values = {"assignee": assignee, "department": department or person.department}
        changes += move_changes(desk, actor=actor, case=case, move=move, values=values, text=reason)
    return desk.save(actor, changes, commit_id=commit_id)

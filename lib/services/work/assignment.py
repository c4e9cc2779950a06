"""Giving cases to people (requirements C1, C2, C4): what the rules propose and why, and several cases in one save."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from lib.desk.access import require
from lib.desk.desk import Desk, Waiting
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.assignment import Candidate, Proposal, propose_all
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields, Problem
from lib.services.cases.handling import move_changes
from lib.store.commit.batch import Receipt
from lib.store.snapshot.snapshot import Table

USUAL_SCOPES = ("own", "department")
"""A manager may handle any case, but is not one to whom they are given out, unless a rule names her."""


@dataclass(frozen=True, slots=True)
class Workload:
    """The open work of one person: counts of cases, against her capacity."""

    candidate: Candidate
    due_today: int
    overdue: int
    away: bool

    @property
    def staff(self) -> Staff:
        return self.candidate.staff

    @property
    def open(self) -> int:
        return self.candidate.open

    @property
    def share(self) -> float:
        return self.candidate.share


@dataclass(frozen=True, slots=True)
class DepartmentLoad:
    """The open work of the people of one department; `capacity` is that of those who are there today."""

    department: str
    open: int
    capacity: int
    due_today: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Order:
    """One case to be given to somebody. Without a department it goes to the person's own."""

    case: Case
    assignee: str
    department: str = ""


def unassigned(desk: Desk) -> list[Case]:
    """Cases judged but given to nobody, the earliest deadline first."""
    return [item.case for item in desk.open_work.by_stage.get("accepted", ())]


def in_hands_of(desk: Desk, staff_id: str) -> list[Case]:
    """The open cases of one person that can be given to somebody else, the earliest deadline first."""
    sources = desk.config.workflow.moves["reassign"].sources
    return [item.case for item in desk.open_work.by_assignee.get(staff_id, ()) if item.case.stage in sources]


def left_behind(desk: Desk) -> list[Staff]:
    """Who has open cases and may handle none any more (she has left, or has another role): others must take them."""
    able = {one.staff.staff_id for one in candidates(desk)}
    staff = desk.snapshot[Staff]
    found = [staff[key] for key in desk.open_work.by_assignee if key in staff and key not in able]
    return sorted((one for one in found if in_hands_of(desk, one.staff_id)), key=lambda one: one.name)


def loads(desk: Desk) -> list[Workload]:
    """Everybody to whom cases are given, with her open work: the least loaded first, those away last."""
    now, rules = desk.now(), desk.config.assignment.rule
    people = [
        _load(one, desk.open_work.by_assignee.get(one.staff.staff_id, ()), now)
        for one in candidates(desk)
        if one.usual or any(rule.admits(one) for rule in rules)
    ]
    return sorted(people, key=lambda load: (load.away, load.share, load.staff.name))


def by_department(people: Iterable[Workload]) -> list[DepartmentLoad]:
    """What the people of each department have together, the least free department first."""
    groups: dict[str, list[Workload]] = {}
    for load in people:
        groups.setdefault(load.staff.department, []).append(load)
    found = [
        DepartmentLoad(
            department,
            sum(load.open for load in group),
            sum(load.staff.capacity for load in group if not load.away),
            sum(load.due_today for load in group),
            sum(load.overdue for load in group),
        )
        for department, group in groups.items()
    ]
    return sorted(found, key=lambda load: (load.capacity - load.open, load.department))


def _load(candidate: Candidate, work: Sequence[Waiting], now: datetime) -> Workload:
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
    dues = [item.due for item in work if item.due is not None]  # in order already
    late = bisect_left(dues, now)
    return Workload(candidate, bisect_left(dues, midnight) - late, late, candidate.staff.is_away(now.date()))


def candidates(desk: Desk) -> list[Candidate]:
    """Everybody who may handle cases, with what the rules look at."""
    work, given = desk.open_work.by_assignee, desk.snapshot[Case].derive(times_given)
    scopes = {key: role.permissions.get("case.handle") for key, role in desk.config.roles.role.items()}
    return [
        Candidate(
            staff, len(work.get(staff.staff_id, ())), given.get(staff.staff_id, ()), scopes[staff.role] in USUAL_SCOPES
        )
        for staff in desk.snapshot[Staff].values()
        if staff.active and scopes.get(staff.role)
    ]


def times_given(table: Table[Case]) -> Mapping[str, tuple[datetime, ...]]:
    """When each person was given the cases that are hers, the latest first: whose turn it is follows from this."""
    times: dict[str, list[datetime]] = {}
    for case in table.values():
        if case.assignee and case.assigned_at is not None:
            times.setdefault(case.assignee, []).append(case.assigned_at)
    return {staff_id: tuple(sorted(given, reverse=True)) for staff_id, given in times.items()}


def proposals(desk: Desk, cases: Iterable[Case], *, decided: Mapping[str, str] | None = None) -> list[Proposal]:
    """What the rules propose for cases given out together, in their order; see `propose_all`."""
    return propose_all(cases, candidates(desk), desk.config.assignment, now=desk.now(), decided=decided)


def explain(desk: Desk, case: Case) -> Proposal:
    """What the rules propose for one case alone, and why; changes nothing."""
    return proposals(desk, [case])[0]


def unknown_names(desk: Desk) -> list[tuple[str, str, str]]:
    """(rule, key, value) of everything in the rules that is in no list and names nobody: such a rule never holds or
    finds nobody."""
    lists, staff = desk.lists, desk.snapshot[Staff]
    choices = ("category", "channel", "kind", "branch")
    found = []
    for rule in desk.config.assignment.rule:
        named = [(name, value) for name in choices for value in getattr(rule, name)]
        named += [("department", rule.department)] if rule.department else []
        found += [(rule.key, name, value) for name, value in named if not lists.has(name, value)]
        found += [(rule.key, "people", value) for value in rule.people if value not in staff]
    return found


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
    """Give cases to one person in one save; see `assign_each`."""
    orders = [Order(case, assignee, department) for case in cases]
    return assign_each(desk, actor=actor, orders=orders, reason=reason, commit_id=commit_id)


def assign_each(
    desk: Desk, *, actor: Actor, orders: Iterable[Order], reason: str = "", commit_id: str | None = None
) -> Receipt:
    """Give each case to the person of its order, all in one save; a case that has somebody already is reassigned.

    Raises NotAllowed, WrongStage, NotFound, InvalidFields (a case is taken from somebody without a reason, or would go
    to the person complained about), Conflict (one of them was changed meanwhile). Then none is assigned.
    """
    changes = []
    for order in orders:
        case, person = order.case, desk.snapshot[Staff].require(order.assignee)
        require(actor, "case.assign", case)
        move = "assign" if case.stage == "accepted" else "reassign"
        if move == "reassign" and not reason.strip():
            raise InvalidFields("cases", [Problem("reason", "missing")])
        values = {"assignee": order.assignee, "department": order.department or person.department}
        changes += move_changes(desk, actor=actor, case=case, move=move, values=values, text=reason)
    return desk.save(actor, changes, commit_id=commit_id)

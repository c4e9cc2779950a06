"""Whom an alert tells: the person in whose hands the work is, or those of a role who are nearest to the case."""

from collections.abc import Callable, Iterable

from lib.desk.desk import Desk
from lib.domain.clocks.escalation import HANDLER
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import actor_of

_Nearness = Callable[[Staff], bool]


def recipients(desk: Desk, case: Case, tell: str, clock: str) -> tuple[str, ...]:
    """Staff ids. `tell` is HANDLER or a role, `clock` empty for a silence.

    Nobody is told of a complaint about himself, or of a case that he may not see. Where nobody is in charge yet, the
    first role of the ladder is told; where a role has nobody, those who may give the case to somebody.
    """
    if tell != HANDLER:
        return _of_role(desk, case, tell) or _who_may(desk, case, "case.assign")
    if clock == "review":
        return _only(desk, case, case.reviewer) or _who_may(desk, case, "case.review")
    return _only(desk, case, case.assignee) or recipients(desk, case, first_role(desk), clock)


def first_role(desk: Desk) -> str:
    """The first role of the ladder: told where nobody is in charge yet."""
    return next((step.tell for step in desk.config.sla.ladder if step.tell != HANDLER), "")


def _only(desk: Desk, case: Case, staff_id: str) -> tuple[str, ...]:
    return tuple(person.staff_id for person in _possible(desk, case) if person.staff_id == staff_id)


def _of_role(desk: Desk, case: Case, role: str) -> tuple[str, ...]:
    return _nearest(desk, case, [person for person in _possible(desk, case) if person.role == role])


def _who_may(desk: Desk, case: Case, permission: str) -> tuple[str, ...]:
    """The assignee of a case does not review it."""
    roles = desk.config.roles
    able = [person for person in _possible(desk, case) if actor_of(person, roles).may(permission, case)]
    own = case.assignee if permission == "case.review" else ""
    return _nearest(desk, case, [person for person in able if person.staff_id != own])


def _possible(desk: Desk, case: Case) -> Iterable[Staff]:
    roles = desk.config.roles
    for person in desk.snapshot[Staff].values():
        if person.staff_id != case.complained_about and actor_of(person, roles).may("case.view", case):
            yield person


def _nearest(desk: Desk, case: Case, people: list[Staff]) -> tuple[str, ...]:
    """Those at work today, then those of the case's department, then of its branch; each only where it leaves some."""
    today = desk.today()
    nearer: tuple[_Nearness, ...] = (
        lambda person: not person.is_away(today),
        lambda person: person.department != "" and person.department == case.department,
        lambda person: person.branch != "" and person.branch == case.branch,
    )
    for near in nearer:
        people = [person for person in people if near(person)] or people
    return tuple(person.staff_id for person in people)

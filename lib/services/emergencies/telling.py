"""Whom an emergency tells, and when: those of its danger at once, then up the ladder until somebody takes it."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lib.desk.desk import Desk
from lib.domain.clocks.escalation import danger_id
from lib.domain.dangers.config import ON_CALL, Danger
from lib.domain.records.case import Case
from lib.services.emergencies.roster import on_call
from lib.services.emergencies.taking import danger_of, untaken
from lib.services.people.recipients import first_role, recipients


@dataclass(frozen=True, slots=True)
class Call:
    """A rung of the ladder of a danger: whom it tells (ON_CALL, HANDLER or roles), and when."""

    alert_id: str
    case: Case
    danger: Danger
    rung: str
    tells: tuple[str, ...]
    at: datetime


def calls_now(desk: Desk, now: datetime, known: Container[str]) -> Iterator[Call]:
    """The rungs that are reached and not in `known`."""
    for case in untaken(desk):
        yield from (call for call in calls_of(desk, case) if call.at <= now and call.alert_id not in known)


def calls_of(desk: Desk, case: Case) -> Iterator[Call]:
    """Every rung of the ladder for a case whose danger nobody has taken, in order. A mild danger that names nobody who
    is vulnerable climbs in working hours only."""
    danger = danger_of(desk, case)
    if danger is None or case.danger_at is None:
        return
    urgent = not danger.mild or desk.urgency_of(case.report).vulnerable
    told: tuple[str, ...] = ()
    for place, rung in enumerate(desk.config.dangers.ladder):
        at = case.danger_at + timedelta(minutes=rung.after)
        tells = _at_once(danger, urgent) if place == 0 else (rung.tell,)
        fresh = tuple(one for one in tells if one not in told)
        told += fresh
        if fresh:
            yield Call(
                danger_id(case, rung.key), case, danger, rung.key, fresh, at if urgent else desk.calendar.at_work(at)
            )


def told_by(desk: Desk, call: Call) -> tuple[str, ...]:
    """The staff ids that a rung comes to now. Where nobody is on call, the first role of the ladder of deadlines."""
    case = call.case
    if call.danger.department:
        case = case.model_copy(update={"department": call.danger.department})
    people: list[str] = []
    for tell in call.tells:
        called = on_call(desk, case, desk.today()) if tell == ON_CALL else recipients(desk, case, tell, "")
        people += called or recipients(desk, case, first_role(desk), "")
    return tuple(dict.fromkeys(people))


def _at_once(danger: Danger, urgent: bool) -> tuple[str, ...]:
    more = (ON_CALL,) if danger.mild and urgent else ()
    return tuple(dict.fromkeys((*more, *danger.tell)))

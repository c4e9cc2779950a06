"""Raising alerts (requirements D7 and D8): what the job does every minute, and the command line when asked.

Any number of processes may do it at once: the key of an alert says what it is about, so the second to write it finds
it there. A look that finds nothing new writes nothing.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice

from lib.analytics.frames.frames import case_frame
from lib.analytics.frames.ladder import Reached, silences_reached, steps_reached
from lib.desk.desk import Desk
from lib.domain.clocks.escalation import DANGER
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Alert
from lib.domain.records.fields import PEOPLE_BETWEEN
from lib.domain.rules.permissions import system_actor
from lib.domain.time.skew import is_ahead
from lib.errors import AlreadyExists, Conflict, StoreError
from lib.services.alerts.alerts import is_over, unended
from lib.services.emergencies.roster import on_call
from lib.services.emergencies.telling import Call, calls_now, told_by
from lib.services.people.recipients import recipients
from lib.store.commit.batch import Change, create, edit, remove

log = logging.getLogger("casesheet")

IN_ONE_SAVE = 200
IN_ONE_LOOK = 1_000  # the rest of a flood (the first look after a large import) waits for the next
TRIES = 3  # saves that other processes may forestall in one look
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JOB = system_actor()


def raise_alerts(desk: Desk) -> int:
    """Write every alert that is due and not there yet, and end those of which the matter is over; how many changes.

    Outside working hours only what cannot wait is told (a danger, the deadlines of the most urgent priority); the rest
    of what is reached at night is told at opening. Raises StoreError.
    """
    written = lost = 0
    while written < IN_ONE_LOOK and lost < TRIES and (changes := _next_changes(desk)):
        try:
            desk.save(_JOB, changes)
        except (AlreadyExists, Conflict):  # another process was first; what is left is found anew
            lost += 1
        else:
            written += len(changes)
    return written


def call_out(desk: Desk) -> None:
    """Tell of emergencies now, and not with the next look; where that fails, the next look does it."""
    try:
        if changes := list(islice(_calls(desk, desk.now()), IN_ONE_SAVE)):
            desk.save(_JOB, changes)
    except (AlreadyExists, Conflict, StoreError) as failed:
        log.warning("an emergency could not be told at once: %s", failed)


def _next_changes(desk: Desk) -> list[Change]:
    return list(islice(chain(_withdrawn(desk), _raised(desk), _ended(desk)), IN_ONE_SAVE))


def _withdrawn(desk: Desk) -> Iterator[Change]:
    """Alerts that a clock ahead of time raised go, so that the same is told when its time has come."""
    now = desk.now()
    for alert in desk.snapshot[Alert].values():
        if is_ahead(alert.raised_at, now):
            yield replace(remove(alert, action="alert_withdrawn"), case_no="")


def due_now(desk: Desk, now: datetime) -> Iterator[Reached]:
    """The alerts on deadlines and silences that are due and not raised yet; outside working hours only the deadlines of
    the priorities that are told at any hour."""
    frame, rules, there = case_frame(desk), desk.rules, desk.snapshot[Alert].records
    if desk.calendar.is_open(now):
        return chain(steps_reached(frame, now, rules, there), silences_reached(frame, now, rules, there))
    return steps_reached(frame[frame["priority"].isin(rules.sla.any_hour)], now, rules, there)


def _raised(desk: Desk) -> Iterator[Change]:
    now = desk.now()
    yield from _calls(desk, now)
    for one in due_now(desk, now):
        case = desk.snapshot[Case].get(one.case_no)
        if case is not None and one.alert_id not in desk.snapshot[Alert].bad:
            yield create(_alert(desk, case, one, now), action="alert")


def _alert(desk: Desk, case: Case, one: Reached, now: datetime) -> Alert:
    due = _EPOCH + timedelta(microseconds=one.at)
    told = dict.fromkeys(person for tell in one.tells for person in recipients(desk, case, tell, one.clock))
    if not desk.calendar.is_open(now):
        told |= dict.fromkeys(on_call(desk, case, now.date()))
    return Alert(
        alert_id=one.alert_id,
        case_no=one.case_no,
        clock=one.clock,
        step=one.step,
        due_at=due.astimezone(desk.settings.zone),
        raised_at=now,
        told=PEOPLE_BETWEEN.join(told),
    )


def _calls(desk: Desk, now: datetime) -> Iterator[Change]:
    there = desk.snapshot[Alert]
    for call in calls_now(desk, now, there):
        if call.alert_id not in there.bad:
            yield create(_call(desk, call, now), action="alert")


def _call(desk: Desk, call: Call, now: datetime) -> Alert:
    return Alert(
        alert_id=call.alert_id,
        case_no=call.case.case_no,
        clock=DANGER,
        step=call.rung,
        due_at=call.at,
        raised_at=now,
        told=PEOPLE_BETWEEN.join(told_by(desk, call)),
    )


def _ended(desk: Desk) -> Iterator[Change]:
    """Alerts that are about nothing any more. Not told in the timeline of the case, whose own lines say why."""
    now, cases, workflow = desk.now(), desk.snapshot[Case], desk.config.workflow
    for alert in desk.snapshot[Alert].derive(unended):
        if is_over(alert, cases.get(alert.case_no), workflow):
            yield replace(edit(alert, {"ended_at": now}, action="alert_over"), case_no="")

"""Raising alerts (requirements D7 and D8): what the job does every minute, and the command line when asked.

Any number of processes may do it at once: the key of an alert says what it is about, so the second to write it finds
it there. A look that finds nothing new writes nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice

from lib.analytics.frames import case_frame
from lib.analytics.ladder import Reached, silences_reached, steps_reached
from lib.domain.case import Case
from lib.domain.case_parts import Alert
from lib.domain.fields import PEOPLE_BETWEEN
from lib.domain.permissions import system_actor
from lib.errors import AlreadyExists, Conflict
from lib.services.alerts import is_over, unended
from lib.services.desk import Desk
from lib.services.recipients import recipients
from lib.store.batch import Change, create, edit

IN_ONE_SAVE = 200
IN_ONE_LOOK = 1_000  # the rest of a flood (the first look after a large import) waits for the next
TRIES = 3  # saves that other processes may forestall in one look
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JOB = system_actor()


def raise_alerts(desk: Desk) -> int:
    """Write every alert that is due and not there yet, and end those of which the matter is over; how many changes.

    Outside working hours nobody is told and nothing is written: what is reached at night is told at opening. Raises
    StoreError.
    """
    if not desk.calendar.is_open(desk.now()):
        return 0
    written = lost = 0
    while written < IN_ONE_LOOK and lost < TRIES and (changes := _next_changes(desk)):
        try:
            desk.save(_JOB, changes)
        except (AlreadyExists, Conflict):  # another process was first; what is left is found anew
            lost += 1
        else:
            written += len(changes)
    return written


def _next_changes(desk: Desk) -> list[Change]:
    return list(islice(chain(_raised(desk), _ended(desk)), IN_ONE_SAVE))


def due_now(desk: Desk, now: datetime) -> Iterator[Reached]:
    """The alerts that are due and not raised yet."""
    frame, rules, there = case_frame(desk), desk.rules, desk.snapshot[Alert].records
    return chain(steps_reached(frame, now, rules, there), silences_reached(frame, now, rules, there))


def _raised(desk: Desk) -> Iterator[Change]:
    now = desk.now()
    for one in due_now(desk, now):
        case = desk.snapshot[Case].get(one.case_no)
        if case is not None and one.alert_id not in desk.snapshot[Alert].bad:
            yield create(_alert(desk, case, one, now), action="alert")


def _alert(desk: Desk, case: Case, one: Reached, now: datetime) -> Alert:
    due = _EPOCH + timedelta(microseconds=one.at)
    told = dict.fromkeys(person for tell in one.tells for person in recipients(desk, case, tell, one.clock))
    return Alert(
        alert_id=one.alert_id,
        case_no=one.case_no,
        clock=one.clock,
        step=one.step,
        due_at=due.astimezone(desk.settings.zone),
        raised_at=now,
        told=PEOPLE_BETWEEN.join(told),
    )


def _ended(desk: Desk) -> Iterator[Change]:
    """Alerts that are about nothing any more. Not told in the timeline of the case, whose own lines say why."""
    now, cases, workflow = desk.now(), desk.snapshot[Case], desk.config.workflow
    for alert in desk.snapshot[Alert].derive(unended):
        if is_over(alert, cases.get(alert.case_no), workflow):
            yield replace(edit(alert, {"ended_at": now}, action="alert_over"), case_no="")

"""The alerts of people and of cases: who has which open, what was told of a case, what is told next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.clocks.clocks import Clock
from lib.domain.clocks.escalation import (
    DANGER,
    EscalationStep,
    danger_id,
    run_of,
    seconds,
    silence_id,
    step_id,
    told_last,
)
from lib.domain.dangers.config import NO_DANGER
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Alert
from lib.domain.records.fields import PEOPLE_BETWEEN, people_in
from lib.domain.rules.permissions import Actor
from lib.domain.rules.workflow import CLOCK_FIELDS, Workflow
from lib.errors import Conflict, NotAllowed
from lib.store.commit.batch import Receipt, edit
from lib.store.snapshot.snapshot import Table, by_case


@dataclass(frozen=True, slots=True)
class CaseAlerts:
    """The open alerts of one case that tell one person, the gravest first."""

    case: Case
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What will be told next of a case if nothing happens: a step of a clock, or its silence (`clock` None).

    `reached` is when the time is used, `told` when people are at work then; both may be over where the job has not
    looked yet. `share` is that of the step, 0 for a silence.
    """

    clock: Clock | None
    tell: tuple[str, ...]
    share: float
    reached: datetime
    told: datetime


def open_alerts(desk: Desk, *, actor: Actor) -> tuple[CaseAlerts, ...]:
    """What the person was told and has not seen yet, by case, the gravest and oldest first.

    A case that waits, or whose deadline was moved away, is left out for so long.
    """
    found: dict[str, list[Alert]] = {}
    cases, now = desk.snapshot[Case], desk.now()
    for alert in desk.snapshot[Alert].derive(_unended_by_person).get(actor.staff_id, ()):
        case = cases.get(alert.case_no)
        if case is not None and actor.may("case.view", case) and matters(desk, alert, case, now):
            found.setdefault(alert.case_no, []).append(alert)
    grouped = [CaseAlerts(cases[number], _gravest_first(desk, alerts)) for number, alerts in found.items()]
    return tuple(sorted(grouped, key=lambda one: (-_rank(desk, one.alerts[0]), one.alerts[0].raised_at)))


def see(desk: Desk, *, actor: Actor, alerts: Sequence[Alert], commit_id: str | None = None) -> Receipt:
    """Somebody who was told has taken note; the others are told on until each of them has.

    Raises NotAllowed for an alert that does not tell this person.
    """
    for alert in alerts:
        require(actor, "case.view", desk.snapshot[Case].require(alert.case_no))
        if actor.staff_id not in people_in(alert.told):
            raise NotAllowed("alert.see", record=alert.case_no)
    try:
        return _save_seen(desk, actor, alerts, commit_id)
    except Conflict:  # the snapshot is now that which was in the way
        return _save_seen(desk, actor, alerts, commit_id)


def _save_seen(desk: Desk, actor: Actor, alerts: Sequence[Alert], commit_id: str | None) -> Receipt:
    latest = [desk.snapshot[Alert].require(alert.alert_id) for alert in alerts]
    fresh = [alert for alert in latest if alert.ended_at is None and actor.staff_id not in people_in(alert.seen_by)]
    changes = [edit(alert, _seen_also_by(alert, actor.staff_id, desk.now()), action="alert_seen") for alert in fresh]
    return desk.save(actor, changes, commit_id=commit_id)


def _seen_also_by(alert: Alert, staff_id: str, now: datetime) -> Mapping[str, Any]:
    """The last of those who were told ends it."""
    seen = (*people_in(alert.seen_by), staff_id)
    fields: dict[str, Any] = {"seen_by": PEOPLE_BETWEEN.join(seen)}
    return fields if set(people_in(alert.told)) - set(seen) else {**fields, "ended_at": now}


def raised(desk: Desk, case: Case) -> tuple[Alert, ...]:
    """What was told of the case within the present runs of its clocks and the present silence, in order."""
    alerts: tuple[Alert, ...] = desk.snapshot[Alert].derive(by_case).get(case.case_no, ())
    present = (one for one in alerts if _is_present(one, case))
    return tuple(sorted(present, key=lambda one: (one.raised_at, _rank(desk, one))))


def upcoming(desk: Desk, case: Case) -> tuple[Upcoming, ...]:
    """The next step of each clock that runs, and the silence, the earliest first; what was told already is left out."""
    if case.unalerted:
        return ()
    there = desk.snapshot[Alert]
    found = [
        next_step
        for due, clock in desk.config.workflow.running(case)
        if (next_step := _next_step(desk, case, clock, due)) is not None
    ]
    silent_from, tells = silent_at(desk, case), desk.config.sla.silence.tell
    tell = tuple(who for who in tells if _silence_id(case, who) not in there)
    if silent_from is not None and tell:
        found.append(Upcoming(None, tell, 0, silent_from, desk.calendar.at_work(silent_from)))
    return tuple(sorted(found, key=lambda one: one.reached))


def _next_step(desk: Desk, case: Case, clock: Clock, due: datetime) -> Upcoming | None:
    """The highest step that is reached and that nobody was told of, else the first that is not reached yet."""
    there, now = desk.snapshot[Alert], desk.now()
    waiting: list[EscalationStep] = []
    for step in desk.config.sla.ladder:
        moment, told = step_at(desk, case, clock, step, due), _is_told(there, case, clock, step)
        if moment <= now:
            waiting = [] if told else [*waiting, step]
        elif not waiting and not told:
            return Upcoming(clock, (step.tell,), step.share, moment, _told_at(desk, case, moment))
    if not waiting:
        return None
    moment = step_at(desk, case, clock, waiting[-1], due)
    tells = tuple(dict.fromkeys(step.tell for step in waiting))
    return Upcoming(clock, tells, waiting[-1].share, moment, _told_at(desk, case, moment))


def _told_at(desk: Desk, case: Case, moment: datetime) -> datetime:
    return moment if case.priority in desk.config.sla.any_hour else desk.calendar.at_work(moment)


def _is_told(there: Table[Alert], case: Case, clock: Clock, step: EscalationStep) -> bool:
    return step_id(case.case_no, clock, step.key, run_of(case)) in there


def step_at(desk: Desk, case: Case, clock: Clock, step: EscalationStep, due: datetime) -> datetime:
    """When a clock that is due at `due` reaches the step, if nothing pauses it."""
    target = desk.config.sla.target(clock, case.priority)
    by = (step.share - 1) * target.length(desk.calendar)
    return due + by if target.elapsed else desk.calendar.shift(due, by)


def silent_at(desk: Desk, case: Case) -> datetime | None:
    """When the silence of a case lasts too long or has begun to; None for one that is answered or closed, or an old
    one from a file that nobody has taken up."""
    if case.unalerted or case.stage not in desk.config.workflow.keys_in("open", "paused"):
        return None
    days = desk.config.sla.silence.days[case.priority]
    return desk.calendar.add_days(told_last(case), days)


def matters(desk: Desk, alert: Alert, case: Case, now: datetime) -> bool:
    """Whether what the alert tells is so at this moment: not over, not paused, and not moved away."""
    workflow = desk.config.workflow
    if is_over(alert, case, workflow):
        return False
    if not alert.clock or alert.clock == DANGER:
        return True
    stage = workflow.stages.get(case.stage)
    if stage is None or stage.phase != "open":
        return False
    clock, due = _clock_of(alert), _due(alert, case)
    if due is None or clock is None or due == alert.due_at:  # as when it was raised
        return due is not None
    steps = [step for step in desk.config.sla.ladder if step.key == alert.step]
    return all(step_at(desk, case, clock, step, due) <= now for step in steps)


def is_over(alert: Alert, case: Case | None, workflow: Workflow) -> bool:
    """Whether what the alert is about will not come back: the case is gone, answered or closed, the clock has ended or
    begun another run, the client was told. A pause is not the end."""
    if case is None or not _is_present(alert, case):
        return True
    stage = workflow.stages.get(case.stage)
    if stage is None:
        return False
    if not alert.clock or alert.clock == DANGER or stage.phase not in ("open", "paused"):
        return stage.phase not in ("open", "paused")
    return stage.phase == "open" and alert.clock not in stage.clocks


def _is_present(alert: Alert, case: Case) -> bool:
    """Whether the alert is of the present run of its clock, which has not ended, of the present silence, or of a danger
    that nobody has taken."""
    if not alert.clock:
        return alert.due_at == told_last(case)
    if alert.clock == DANGER:
        waits = case.danger not in ("", NO_DANGER) and case.danger_taken_at is None
        return waits and alert.alert_id == danger_id(case, alert.step)
    clock = _clock_of(alert)
    if clock is None or getattr(case, CLOCK_FIELDS[clock][1]) is not None:
        return False
    return alert.alert_id == step_id(case.case_no, clock, alert.step, run_of(case))


def _clock_of(alert: Alert) -> Clock | None:
    return alert.clock if alert.clock in CLOCK_FIELDS else None  # type: ignore[return-value]


def _due(alert: Alert, case: Case) -> datetime | None:
    clock = _clock_of(alert)
    return getattr(case, CLOCK_FIELDS[clock][0]) if clock else None


def _silence_id(case: Case, tell: str) -> str:
    return silence_id(case.case_no, tell, seconds(told_last(case)))


def _gravest_first(desk: Desk, alerts: list[Alert]) -> tuple[Alert, ...]:
    return tuple(sorted(alerts, key=lambda one: (-_rank(desk, one), one.raised_at)))


def _rank(desk: Desk, alert: Alert) -> int:
    """The place of a step on the ladder; a silence ranks with the first, a danger above all."""
    if alert.clock == DANGER:
        return len(desk.config.sla.ladder)
    keys = [step.key for step in desk.config.sla.ladder]
    return keys.index(alert.step) if alert.step in keys else 0


def unended(table: Table[Alert]) -> tuple[Alert, ...]:
    """The alerts that somebody has not seen and that are not over yet, as far as was written."""
    return tuple(alert for alert in table.values() if alert.ended_at is None)


def _unended_by_person(table: Table[Alert]) -> Mapping[str, tuple[Alert, ...]]:
    found: dict[str, list[Alert]] = {}
    for alert in table.derive(unended):
        seen = people_in(alert.seen_by)
        for staff_id in (one for one in people_in(alert.told) if one not in seen):
            found.setdefault(staff_id, []).append(alert)
    return {staff_id: tuple(alerts) for staff_id, alerts in found.items()}

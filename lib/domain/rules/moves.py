"""What a move does to a case (requirement D1): the stage, the clocks, the people.

`apply` is the one way a case changes its stage. It is a function of the case, the move, the person, `now` and the
calendar; it returns the fields to write and raises `WrongStage`, `NotAllowed` or `InvalidFields`.

Clocks: a stage starts those it names that never ran; some count from the receipt of the report, and the clock of
acknowledging ends when the client is told something. A pause pushes all that run. A change of priority moves them
(`moved_clocks`). A case opened again, or decided otherwise by a review, gets a fresh resolve clock with its whole
target from that moment; the other clocks stay as they ended. Every review has a clock of its own.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lib.domain.clocks.clocks import Clock, SlaConfig, due_at, due_with, shift, shift_for_pause
from lib.domain.records.case import Case
from lib.domain.records.fields import PEOPLE_BETWEEN, columns
from lib.domain.rules.permissions import Actor
from lib.domain.rules.workflow import CLOCK_FIELDS, IN_REVIEW, Move, Workflow
from lib.domain.time.work_calendar import WorkCalendar
from lib.errors import InvalidFields, NotAllowed, Problem, WrongStage


@dataclass(frozen=True, slots=True)
class Rules:
    """What `apply` and `enter` need beside the case."""

    workflow: Workflow
    sla: SlaConfig
    calendar: WorkCalendar


def apply(
    case: Case, move_key: str, values: Mapping[str, Any], *, actor: Actor, now: datetime, rules: Rules
) -> dict[str, Any]:
    """The fields that the move writes, `values` among them.

    Raises WrongStage (stage or condition), NotAllowed (permission, or own case), InvalidFields (something needed is
    missing, or a field is not one of the move's).
    """
    move = rules.workflow.moves[move_key]
    _check_allowed(case, move, actor, rules.workflow)
    _check_fields(case, move, values)
    fields = _effects(case, move, values, now, rules)
    return fields | _people(case, move, fields, actor)


def by_hand(before: Case, after: Case, changed: Collection[str], *, now: datetime, rules: Rules) -> dict[str, Any]:
    """What a step that somebody typed brings with it, as its move would; nothing where no move allows it.

    What was typed along with it stays.
    """
    steps = rules.workflow.steps_between(before, after.stage)
    move = next((move for move in steps if not move.unmet(before) and not move.missing(after)), None)
    if move is None:
        return {}
    typed = {name: getattr(after, name) for name in changed}
    effects = _effects(before, move, typed, now, rules)
    return {name: value for name, value in effects.items() if name not in changed}


def _effects(case: Case, move: Move, values: Mapping[str, Any], now: datetime, rules: Rules) -> dict[str, Any]:
    target = rules.workflow.leads(move, case)
    came_from = case.paused_stage or case.stage
    case = case.model_copy(update=(left := _leave(case, target, now, rules) if target else {}))
    taken_up = {"unalerted": False} if case.unalerted else {}
    fields: dict[str, Any] = {**_ended(case, move, now), **left, **taken_up, **_emptied(move), **_copied(case, move)}
    fields |= {**values, **move.sets}
    fields |= _told(case, move, values, now) or acknowledged(case, case.model_copy(update=fields))
    if "review" in move.stops:
        fields["review_told_due"] = told_by(now, rules)
    if fields.get("answered_at") is not None and case.answered_at is None and case.paused_before_answer is None:
        fields["paused_before_answer"] = paused_minutes(case, now, rules.calendar)
    if move.counts:
        fields[move.counts] = getattr(case, move.counts) + 1
    fields |= moved_clocks(case, case.model_copy(update=fields), rules)
    if target:
        for clock in move.restarts:
            fields |= dict.fromkeys(CLOCK_FIELDS[clock])
        leaving = case.model_copy(update={**fields, "stage": case.stage})
        fields |= enter(leaving, target, now=now, rules=rules, came_from=came_from, anew=move.restarts)
    return fields


def _told(case: Case, move: Move, values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A move by which the client is told something acknowledges her report."""
    waits = case.acknowledge_due is not None and case.acknowledged_at is None
    told = move.client is not None or str(values.get(move.tell_client) or "").strip() != ""
    return {"acknowledged_at": now} if waits and told else {}


def acknowledged(before: Case, after: Case) -> dict[str, Any]:
    """Somebody who has spoken with the client has acknowledged her report; nothing where that is not so, or known."""
    waits = after.acknowledge_due is not None and after.acknowledged_at is None
    spoken = after.contacted_at is not None and before.contacted_at is None
    return {"acknowledged_at": after.contacted_at} if waits and spoken else {}


def _emptied(move: Move) -> dict[str, Any]:
    """What was said of an earlier round, and does not hold for the next."""
    return {name: Case.model_fields[name].default for name in move.clears}


def _copied(case: Case, move: Move) -> dict[str, Any]:
    """What one field takes over from another, as the case was before the move."""
    return {name: getattr(case, source) for name, source in move.copies.items()}


def enter(
    case: Case, stage_key: str, *, now: datetime, rules: Rules, came_from: str = "", anew: Collection[Clock] = ()
) -> dict[str, Any]:
    """The fields written when a case enters a stage from the one it has: the stage, since when, the clocks that start,
    and where it goes back to, if it can. That is the stage it `came_from`: of a wait, the one before it. The clocks of
    `anew` are not in their first run: they start now."""
    stage = rules.workflow.stages[stage_key]
    fields: dict[str, Any] = {"stage": stage_key, "stage_since": now}
    for clock in stage.clocks:
        due, end = CLOCK_FIELDS[clock]
        from_receipt = clock not in anew and rules.sla.counts_from_receipt(clock, case.kind, case.priority)
        waits = stage is rules.workflow.stage[0] and not from_receipt
        if getattr(case, due) is None and getattr(case, end) is None and not waits:
            start = case.taken_at if from_receipt else now
            fields[due] = due_at(clock, case.priority, start, rules.calendar, rules.sla)
    if stage.phase == "paused" or rules.workflow.goes_back(stage_key):
        fields["paused_stage"] = came_from or case.stage
    if stage.phase == "paused":
        fields |= {"paused_at": now, "wait_approved_until": None, "wait_approved_by": ""}
    if stage_key == IN_REVIEW:
        fields |= {"review_asked_at": now, "review_result": "", "reviewed_at": None}
        fields |= {"review_told_due": None, "review_told_at": None}
        fields["review_due"] = due_at("review", case.priority, now, rules.calendar, rules.sla)
    fields["closed_at"] = (case.closed_at or now) if stage.phase == "closed" else None
    return fields


def told_by(reviewed_at: datetime, rules: Rules) -> datetime:
    """By when the client is to hear what a review came to (requirement E2)."""
    return shift(reviewed_at, rules.sla.review_told, rules.calendar)


def _people(case: Case, move: Move, fields: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Who has handled the case by now, and who signs the move. A reviewer whose review is disputed has decided too."""
    decided = [actor.staff_id] if move.decides else []
    if move.to == IN_REVIEW and case.reviewed_at is not None:
        decided.append(case.reviewer)
    after = case.model_copy(update=dict(fields))
    signed = {move.signs: actor.staff_id} if move.signs else {}
    return {**signed, **handlers_after(case, after, decided)}


def handlers_after(before: Case, after: Case, decided: Iterable[str] = ()) -> dict[str, Any]:
    """`handled_by` with whoever is added by a change; nothing where it adds nobody."""
    people = [person for person in dict.fromkeys((*before.handlers, *after.handlers, *decided)) if person]
    text = PEOPLE_BETWEEN.join(people)
    return {} if text == before.handled_by else {"handled_by": text}


def _ended(case: Case, move: Move, now: datetime) -> dict[str, Any]:
    """The clocks that the move ends now; the person may have said when it was."""
    ends = (CLOCK_FIELDS[clock][1] for clock in move.stops)
    return {end: now for end in ends if getattr(case, end) is None}


def moved_clocks(before: Case, after: Case, rules: Rules) -> dict[str, Any]:
    """The due times that a change of priority or kind gives to the clocks that run on, also in a pause; whoever changes
    it.

    What the change itself writes stays: a clock that it ends, or whose due time it has already pushed, restarted or
    moved (see `apply`, which pushes before it moves). Before a case is judged, the clocks that count from its receipt
    start or are called off.
    """
    if (before.priority, before.kind) == (after.priority, after.kind):
        return {}
    fields: dict[str, Any] = _from_receipt(after, rules)
    for clock, (due, end) in CLOCK_FIELDS.items():
        deadline = getattr(after, due)
        runs = deadline is not None and deadline == getattr(before, due) and getattr(after, end) is None
        if runs and due not in fields and before.priority != after.priority:
            fields[due] = _with_priority(clock, deadline, before, after, rules)
    return fields


def _from_receipt(after: Case, rules: Rules) -> dict[str, Any]:
    """The due times of a case not judged yet whose clocks are to count from its receipt and do not, or the other way
    about."""
    first = rules.workflow.stage[0]
    if after.stage != first.key or after.unalerted:
        return {}
    fields: dict[str, Any] = {}
    for clock in first.clocks:
        due, end = CLOCK_FIELDS[clock]
        counts, runs = rules.sla.counts_from_receipt(clock, after.kind, after.priority), getattr(after, due) is not None
        if getattr(after, end) is None and counts and not runs:
            fields[due] = due_at(clock, after.priority, after.taken_at, rules.calendar, rules.sla)
        elif runs and not counts and after.acknowledged_at is None:
            fields[due] = None
    return fields


def after_acknowledging(case: Case, rules: Rules) -> dict[str, Any]:
    """A case that is acknowledged and not judged yet runs the clocks that its acceptance would start: there is always a
    next deadline."""
    first = rules.workflow.stage[0]
    if case.stage != first.key or case.acknowledged_at is None or case.unalerted:
        return {}
    fields: dict[str, Any] = {}
    for clock in first.clocks:
        due, end = CLOCK_FIELDS[clock]
        if getattr(case, due) is None and getattr(case, end) is None:
            fields[due] = due_at(clock, case.priority, case.acknowledged_at, rules.calendar, rules.sla)
    return fields


def _with_priority(clock: Clock, due: datetime, before: Case, after: Case, rules: Rules) -> datetime:
    old, new = rules.sla.target(clock, before.priority), rules.sla.target(clock, after.priority)
    unpaused = clock == "acknowledge" or before.stage == rules.workflow.stage[0].key
    started = after.taken_at if unpaused else None
    return due_with(due, old, new, rules.calendar, started=started)


def paused_minutes(case: Case, now: datetime, calendar: WorkCalendar) -> int:
    """Working time in pauses so far, in whole minutes; a pause that lasts is counted up to now."""
    if case.paused_at is None:
        return case.paused_work
    lasting = calendar.between(case.paused_at, max(now, case.paused_at))
    return case.paused_work + round(lasting / timedelta(minutes=1))


def _leave(case: Case, target: str, now: datetime, rules: Rules) -> dict[str, Any]:
    """Leaving a pause pushes every clock that still runs by the time spent in it, and adds it to what the row tells.
    So does taking up again what was merged or withdrawn, but that was no wait of the office's.

    Two machines' clocks may differ: a pause that would end before it began lasted no time.
    """
    gone = case.closed_at if rules.workflow.goes_back(case.stage) else None
    since = case.paused_at or (gone if target in rules.workflow.keys_in("open", "answered") else None)
    if since is None:
        return {"paused_stage": ""} if case.paused_stage else {}
    fields: dict[str, Any] = {"paused_at": None, "paused_stage": "", "longer_until": None, "longer_reason": ""}
    fields["paused_work"] = paused_minutes(case, now, rules.calendar)
    for clock, (due, end) in CLOCK_FIELDS.items():
        deadline = getattr(case, due)
        if deadline is not None and getattr(case, end) is None:
            elapsed = rules.sla.target(clock, case.priority).elapsed
            fields[due] = shift_for_pause(deadline, since, max(now, since), rules.calendar, elapsed=elapsed)
    return fields


def _check_allowed(case: Case, move: Move, actor: Actor, workflow: Workflow) -> None:
    why = workflow.refusal(case, move, actor)
    if why == "permission":
        raise NotAllowed(move.permission, record=case.case_no)
    if why is not None:
        raise WrongStage(case_no=case.case_no, stage=case.stage, move=move.key, why=why)


def _check_fields(case: Case, move: Move, values: Mapping[str, Any]) -> None:
    problems = [Problem(name, "not_in_form") for name in values if name not in move.fields]
    known = columns(Case)
    filled = case.model_copy(update={name: value for name, value in values.items() if name in known})
    problems += [Problem(name, "missing") for name in move.missing(filled, values)]
    if problems:
        raise InvalidFields("cases", problems)

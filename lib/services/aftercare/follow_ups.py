"""Follow-up calls (requirements F1, F2): whom to call when, what came of it, and the case that a problem opens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.desk.access import require
from lib.desk.cleaning import clean_phone
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp
from lib.domain.records.people import Staff
from lib.domain.rules.follow_up_plan import next_repeat, next_try
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields, Problem
from lib.services.aftercare.calls import caller, concerned, is_independent, once_a_day, together
from lib.services.cases.intake import new_case
from lib.store.codec import check
from lib.store.commit.batch import NEW, Change, Receipt, create, edit, new_id
from lib.store.schema import TAB_OF
from lib.store.snapshot.snapshot import Table

REACHED, SATISFIED, NOT_REACHED, PROBLEM = OUTCOMES = ("reached", "satisfied", "not_reached", "problem")
PROBLEM_KIND = "complaint"
_FROM_CASE = ("relation", "community", "building", "unit", "room")
_FROM_FOLLOW_UP = ("client_name", "client_phone", "deal_no", "branch")
_NEW_CASE = f"{NEW}1"


@dataclass(frozen=True, slots=True)
class OpenFollowUps:
    """Open follow-ups as of a day, the earliest first."""

    overdue: tuple[FollowUp, ...]
    today: tuple[FollowUp, ...]
    upcoming: tuple[FollowUp, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an outcome came to. `next_on`: the next call; `gave_up`: tried often enough, use another channel."""

    receipt: Receipt
    next_on: date | None = None
    gave_up: bool = False
    opened_case: str = ""


def due(desk: Desk, *, on: date, assignee: str = "") -> OpenFollowUps:
    """The open follow-ups, everybody's or one person's; of those made with one call to a client, the heaviest."""
    waiting = desk.snapshot[FollowUp].derive(_open)
    mine = once_a_day(desk, [one for one in waiting if assignee in ("", one.assignee)])
    return OpenFollowUps(
        tuple(one for one in mine if one.due_on < on),
        tuple(one for one in mine if one.due_on == on),
        tuple(one for one in mine if one.due_on > on),
    )


def _open(table: Table[FollowUp]) -> tuple[FollowUp, ...]:
    waiting = [one for one in table.values() if one.done_at is None]
    return tuple(sorted(waiting, key=lambda one: (one.due_on, one.case_no, one.follow_up_id)))


def suggested_next(desk: Desk, follow_up: FollowUp) -> date | None:
    """The day of the next round where the plan repeats (until the transfer); None where it does not."""
    for trigger, plan in desk.config.follow_up.plans.items():
        if plan.repeat and plan.repeat.purpose == follow_up.purpose:
            again = next_repeat(trigger, desk.today(), desk.calendar, desk.config.follow_up)
            return again.due if again else None
    return None


def record_outcome(
    desk: Desk,
    *,
    actor: Actor,
    follow_up: FollowUp,
    outcome: str,
    note: str = "",
    next_on: date | None = None,
    problem: Mapping[str, Any] | None = None,
    commit_id: str | None = None,
) -> Recorded:
    """Write down a call.

    "reached" and "satisfied" close the follow-up; with `next_on` the next one is planned. "not_reached" moves it to
    `next_on` or to the next try, and closes it after the last try. "problem" closes it and takes in a case from
    `problem` (fields of the intake form; a description at least) for the same client. What else the client was to be
    called for that day is done or moved with it: she is called once.
    Raises NotAllowed, InvalidFields, Conflict.
    """
    _require(desk, actor, follow_up)
    _check_outcome(desk, follow_up, outcome, next_on, problem)
    if outcome == NOT_REACHED:
        return _not_reached(desk, actor, follow_up, note, next_on, commit_id)
    if outcome == PROBLEM:
        return _problem(desk, actor, follow_up, note, problem or {}, commit_id)
    changes = [_closed(desk, actor, follow_up, outcome, note), *_done_with_it(desk, actor, follow_up, outcome, note)]
    if next_on is not None:
        changes.append(_next_one(desk, follow_up, next_on))
    return Recorded(desk.save(actor, changes, commit_id=commit_id), next_on)


def plan_follow_up(
    desk: Desk,
    *,
    actor: Actor,
    due_on: date,
    purpose: str = "other",
    assignee: str = "",
    case: Case | None = None,
    client: Mapping[str, Any] | None = None,
    commit_id: str | None = None,
) -> Receipt:
    """Plan a call by hand, for a case or for a client without one (`client`: name, phone, deal number, branch).

    Without an assignee it is the actor's. Raises NotAllowed, InvalidFields.
    """
    require(actor, "follow_up.record", case)
    given = dict(client or {}) if case is None else {name: getattr(case, name) for name in _FROM_FOLLOW_UP}
    problems = [Problem(name, "not_in_form") for name in given if name not in _FROM_FOLLOW_UP]
    given["client_phone"], bad = clean_phone(desk, str(given.get("client_phone", "")))
    problems += [bad] if bad else []
    if case is None and not given["client_phone"]:
        problems.append(Problem("client_phone", "missing"))
    if due_on < desk.today():
        problems.append(Problem("due_on", "in_the_past", due_on.isoformat()))
    if assignee and not (assignee in desk.snapshot[Staff] and desk.snapshot[Staff][assignee].active):
        problems.append(Problem("assignee", "unknown_person", assignee))
    if problems:
        raise InvalidFields("follow_ups", problems)
    planned = {"purpose": purpose, "due_on": due_on, "assignee": assignee or actor.staff_id}
    fields = {"follow_up_id": new_id("fu"), "case_no": case.case_no if case else "", **given, **planned}
    return desk.save(actor, [create(check(TAB_OF[FollowUp], fields), action="plan_follow_up")], commit_id=commit_id)


def _require(desk: Desk, actor: Actor, follow_up: FollowUp) -> None:
    """Her own follow-ups a person may always record, whoever has the case by now. Of what she handled herself somebody
    else asks the client, where there is somebody (requirement F4)."""
    own, case = follow_up.assignee == actor.staff_id, desk.snapshot[Case].get(follow_up.case_no)
    require(actor, "follow_up.record", None if own else case)
    if own or case is None or actor.staff_id not in concerned(case) or not is_independent(desk, follow_up):
        return
    if caller(desk, desk.snapshot, case, follow_up.purpose):
        raise InvalidFields("follow_ups", [Problem("done_by", "own_call", actor.name)])


def _check_outcome(
    desk: Desk, follow_up: FollowUp, outcome: str, next_on: date | None, problem: Mapping[str, Any] | None
) -> None:
    problems = [] if outcome in OUTCOMES else [Problem("outcome", "unknown_choice", outcome)]
    if follow_up.done_at is not None:
        problems.append(Problem("done_at", "already_done"))
    if next_on is not None and next_on <= desk.today():
        problems.append(Problem("next_on", "not_after_today", next_on.isoformat()))
    if outcome == PROBLEM and not str((problem or {}).get("description", "")).strip():
        problems.append(Problem("description", "missing"))
    if problems:
        raise InvalidFields("follow_ups", problems)


def _closed(desk: Desk, actor: Actor, follow_up: FollowUp, outcome: str, note: str, **more: Any) -> Change:
    values = {"outcome": outcome, "done_at": desk.now(), "done_by": actor.staff_id, **more}
    if note.strip():
        values["note"] = note.strip()
    return edit(follow_up, values, action="follow_up", text=note.strip())


def _not_reached(
    desk: Desk, actor: Actor, follow_up: FollowUp, note: str, next_on: date | None, commit_id: str | None
) -> Recorded:
    tries = follow_up.tries + 1
    again = next_on or next_try(tries, desk.today(), desk.calendar, desk.config.follow_up)
    changes = [_tried(desk, actor, one, note, again) for one in together(desk, follow_up)]
    return Recorded(desk.save(actor, changes, commit_id=commit_id), again, gave_up=again is None)


def _tried(desk: Desk, actor: Actor, follow_up: FollowUp, note: str, again: date | None) -> Change:
    tries = follow_up.tries + 1
    if again is None:
        return _closed(desk, actor, follow_up, NOT_REACHED, note, tries=tries)
    moved = {"tries": tries, "due_on": again, **({"note": note.strip()} if note.strip() else {})}
    return edit(follow_up, moved, action="follow_up_try", text=note.strip())


def _done_with_it(desk: Desk, actor: Actor, follow_up: FollowUp, outcome: str, note: str) -> list[Change]:
    """What else the call was for is done with it; a plan that repeats goes on."""
    changes: list[Change] = []
    for one in together(desk, follow_up):
        if one.follow_up_id == follow_up.follow_up_id:
            continue
        changes.append(_closed(desk, actor, one, outcome, note))
        if (again := suggested_next(desk, one)) is not None:
            changes.append(_next_one(desk, one, again))
    return changes


def _problem(
    desk: Desk, actor: Actor, follow_up: FollowUp, note: str, problem: Mapping[str, Any], commit_id: str | None
) -> Recorded:
    old = desk.snapshot[Case].get(follow_up.case_no)
    known = {name: getattr(follow_up, name) for name in _FROM_FOLLOW_UP}
    if old is not None:
        known |= {name: getattr(old, name) for name in _FROM_CASE}
    values = {"kind": PROBLEM_KIND, **known, **problem, "channel": "follow_up"}
    case = new_case(desk, actor=actor, values=values, now=desk.now(), number=_NEW_CASE)
    changes = [
        create(case, action="intake", text=case.title, audience="client"),
        Change("from_follow_up", "follow_ups", follow_up.follow_up_id, _NEW_CASE, text=follow_up.case_no),
        _closed(desk, actor, follow_up, PROBLEM, note, opened_case=_NEW_CASE),
        *_done_with_it(desk, actor, follow_up, REACHED, note),
    ]
    receipt = desk.save(actor, changes, commit_id=commit_id)
    return Recorded(receipt, opened_case=receipt.first("cases"))


def _next_one(desk: Desk, follow_up: FollowUp, due_on: date) -> Change:
    """The next round, made by the same person; by another where she has handled the case since."""
    fresh: dict[str, Any] = {"tries": 0, "done_at": None, "done_by": "", "outcome": "", "note": "", "opened_case": ""}
    case = desk.snapshot[Case].get(follow_up.case_no)
    if case and is_independent(desk, follow_up) and follow_up.assignee in concerned(case):
        fresh["assignee"] = caller(desk, desk.snapshot, case, follow_up.purpose)
    planned = follow_up.model_copy(update={**fresh, "follow_up_id": new_id("fu"), "due_on": due_on})
    return create(planned, action="plan_follow_up")

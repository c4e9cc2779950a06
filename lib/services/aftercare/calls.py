"""The calls of a case that is closed (requirements F1, F4): planned by its kind, withdrawn when it goes on, and made by
somebody who has not handled it. The commit loop sees to it, whoever closes a case or opens it again, and wherever.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from lib.desk.desk import Desk
from lib.domain.records.case import ARCHIVED, Case
from lib.domain.records.case_parts import FollowUp
from lib.domain.records.people import Staff
from lib.domain.records.record import Record
from lib.domain.rules.follow_up_plan import TAKEN_BY, About, plan
from lib.domain.rules.permissions import actor_of
from lib.errors import InvalidFields, Problem
from lib.store.commit.batch import Change, create, edit, new_id
from lib.store.snapshot.snapshot import Snapshot, Table, by_case

RECORD = "follow_up.record"
REOPENED = "reopened"


def calls_follow(
    desk: Desk, before: Record, after: Record, _changed: frozenset[str], snapshot: Snapshot, at: datetime
) -> Sequence[Change]:
    """What a step of a case does to its calls."""
    if not isinstance(before, Case) or not isinstance(after, Case) or before.stage == after.stage:
        return ()
    closed = desk.config.workflow.keys_in("closed")
    if after.stage == ARCHIVED or (before.stage not in closed and after.stage not in closed):
        return ()
    left = [_withdrawn(desk, one, after, at) for one in planned(desk, snapshot, after.case_no)]
    return [*left, *_planned_anew(desk, before, after, snapshot, at)]


def planned(desk: Desk, snapshot: Snapshot, case_no: str) -> list[FollowUp]:
    """The open calls that the closing of a case has planned; one that people agreed on with the client is theirs."""
    purposes = desk.config.follow_up.purposes_of("case_closed")
    found: tuple[FollowUp, ...] = snapshot[FollowUp].derive(by_case).get(case_no, ())
    return [one for one in found if one.done_at is None and one.purpose in purposes]


def _withdrawn(desk: Desk, call: FollowUp, after: Case, at: datetime) -> Change:
    stage = desk.config.workflow.stages.get(after.stage)
    known = desk.lists.has("follow_up_withdrawn", after.stage)
    why = after.stage if stage is not None and stage.unanswered and known else REOPENED
    if not desk.lists.has("follow_up_withdrawn", why):  # a workspace that was not started since the list came
        why = ""
    return edit(call, {"done_at": at.replace(microsecond=0), "withdrawn": why}, action="withdraw_follow_up")


def _planned_anew(desk: Desk, before: Case, after: Case, snapshot: Snapshot, at: datetime) -> Iterator[Change]:
    """The calls that a case asks for when it is closed with an answer."""
    workflow = desk.config.workflow
    stage, closed = workflow.stages.get(after.stage), workflow.keys_in("closed")
    if stage is None or stage.phase != "closed" or stage.unanswered or before.stage in closed or not after.client_phone:
        return
    steps = [move for move in workflow.steps_between(before, after.stage) if not move.unmet(before)]
    if steps and not any(move.calls for move in steps):
        return
    about = About(after.kind, after.category, after.priority)
    on = at.astimezone(desk.settings.zone).date()
    taken: dict[str, int] = {}
    for item in plan("case_closed", on, desk.calendar, desk.config.follow_up, about):
        who, others = _on_the_day(desk, snapshot, after, item.purpose, item.due, taken)
        yield from others
        taken[who] = taken.get(who, 0) + 1
        yield create(_call(after, item.purpose, item.due, who), action="plan_follow_up")


def _call(case: Case, purpose: str, due: date, who: str) -> FollowUp:
    return FollowUp(
        follow_up_id=new_id("fu"),
        case_no=case.case_no,
        deal_no=case.deal_no,
        client_name=case.client_name,
        client_phone=case.client_phone,
        branch=case.branch,
        purpose=purpose,
        due_on=due,
        assignee=who,
    )


def _on_the_day(
    desk: Desk, snapshot: Snapshot, case: Case, purpose: str, due: date, taken: dict[str, int]
) -> tuple[str, list[Change]]:
    """Who calls the client on a day, and the other calls of that day that are handed to the same person: she is called
    once, whatever there is to ask."""
    same = [
        one for one in open_by_client(snapshot[FollowUp]).get((case.client_phone, due), ()) if one.purpose != "other"
    ]
    cases = [case, *(found for one in same if (found := snapshot[Case].get(one.case_no)) is not None)]
    barred = frozenset(person for one in cases for person in concerned(one))
    ready = next((one.assignee for one in same if one.assignee and one.assignee not in barred), "")
    who = ready or caller(desk, snapshot, case, purpose, barred=barred, taken=taken)
    return who, [
        edit(one, {"assignee": who}, action="hand_on_follow_up") for one in same if one.assignee != who and who
    ]


def concerned(case: Case) -> frozenset[str]:
    """Who must not ask the client how the case went: whoever handled it or is complained about."""
    return case.not_to_review


def caller(
    desk: Desk,
    snapshot: Snapshot,
    case: Case,
    purpose: str,
    *,
    barred: frozenset[str] = frozenset(),
    taken: dict[str, int] | None = None,
) -> str:
    """Who makes a call of this purpose, by the order in config/followup.toml; "" where nobody is left.

    `barred` may not beside those concerned by the case; `taken` are calls given out in the same go.
    """
    excluded, load = barred | concerned(case), _load(snapshot, taken or {})
    for name in desk.config.follow_up.callers.get(purpose, ()):
        able = [one for one in _named(snapshot, case, name) if _may_call(desk, one, case, excluded)]
        if able:
            return min(_nearest(able, case), key=lambda one: (load.get(one.staff_id, 0), one.staff_id)).staff_id
    return ""


def _named(snapshot: Snapshot, case: Case, name: str) -> list[Staff]:
    staff = snapshot[Staff]
    if name == TAKEN_BY:
        found = staff.get(case.taken_by)
        return [found] if found else []
    return [one for one in staff.values() if one.role == name]


def _may_call(desk: Desk, person: Staff, case: Case, excluded: frozenset[str]) -> bool:
    if person.staff_id in excluded or person.is_away(desk.today()):
        return False
    return actor_of(person, desk.config.roles).may(RECORD, case)


def _nearest(people: list[Staff], case: Case) -> list[Staff]:
    people = [one for one in people if one.department and one.department == case.department] or people
    return [one for one in people if one.branch and one.branch == case.branch] or people


def _load(snapshot: Snapshot, taken: dict[str, int]) -> dict[str, int]:
    load = dict(taken)
    for one in open_calls(snapshot[FollowUp]):
        load[one.assignee] = load.get(one.assignee, 0) + 1
    return load


def open_calls(table: Table[FollowUp]) -> tuple[FollowUp, ...]:
    """The calls that are not made yet."""
    return table.derive(_open)


def _open(table: Table[FollowUp]) -> tuple[FollowUp, ...]:
    return tuple(one for one in table.values() if one.done_at is None)


def open_by_client(table: Table[FollowUp]) -> dict[tuple[str, date], tuple[FollowUp, ...]]:
    """Open calls by telephone number and day; a call without a number stands under none."""
    return table.derive(_by_client)


def _by_client(table: Table[FollowUp]) -> dict[tuple[str, date], tuple[FollowUp, ...]]:
    found: dict[tuple[str, date], list[FollowUp]] = {}
    for one in open_calls(table):
        if one.client_phone:
            found.setdefault((one.client_phone, one.due_on), []).append(one)
    return {key: tuple(sorted(calls, key=_weight)) for key, calls in found.items()}


WEIGHT = ("recovery", "case_closed", "deal_signed", "until_transfer", "handover", "warranty_ends", "other", "greeting")
"""The heaviest purpose of a call first."""


def _weight(call: FollowUp) -> tuple[int, str]:
    return (WEIGHT.index(call.purpose) if call.purpose in WEIGHT else len(WEIGHT), call.follow_up_id)


def together(desk: Desk, call: FollowUp) -> tuple[FollowUp, ...]:
    """All that one call to a client on a day is for, the heaviest purpose first; `call` among it."""
    found = open_by_client(desk.snapshot[FollowUp]).get((call.client_phone, call.due_on), ())
    return found if any(one.follow_up_id == call.follow_up_id for one in found) else (call,)


def once_a_day(desk: Desk, calls: Sequence[FollowUp]) -> list[FollowUp]:
    """The calls without those that are made along with another of them."""
    there = {one.follow_up_id for one in calls}

    def leads(call: FollowUp) -> bool:
        first = next(one.follow_up_id for one in together(desk, call) if one.follow_up_id in there)
        return first == call.follow_up_id

    return [call for call in calls if leads(call)]


def is_independent(desk: Desk, call: FollowUp) -> bool:
    """Whether somebody else than a handler has to make it."""
    return call.purpose in desk.config.follow_up.callers and call.case_no != ""


def guard_callers(
    desk: Desk, _before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot
) -> None:
    """Nobody is given a call about a case that she handled, or that is about her, wherever the name is written."""
    if not isinstance(after, FollowUp) or not changed & {"assignee", "purpose"} or after.done_at is not None:
        return
    case = snapshot[Case].get(after.case_no)
    if case and after.assignee in concerned(case) and is_independent(desk, after):
        staff = snapshot[Staff].get(after.assignee)
        raise InvalidFields("follow_ups", [Problem("assignee", "own_call", staff.name if staff else after.assignee)])

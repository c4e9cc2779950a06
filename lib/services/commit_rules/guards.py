"""What every record is checked for before it is written, whoever asked: steps, choices, and names of people.

The functions have the parameters of `lib.store.commit.policy.Policy.guard`, after the desk.
"""

from collections.abc import Mapping

from lib.desk.desk import Desk
from lib.domain.clocks.waits import APPROVE, promise_problem
from lib.domain.records.case import ARCHIVED, Case
from lib.domain.records.case_parts import FollowUp, Task
from lib.domain.records.custom_fields import problem_of
from lib.domain.records.fields import too_long
from lib.domain.records.people import Staff
from lib.domain.records.record import Record
from lib.domain.rules.permissions import actor_of
from lib.errors import AlreadyExists, InvalidFields, Problem, WrongStage
from lib.services.people.people import email_taken
from lib.services.story.case_file import complete
from lib.store.schema import TAB_OF
from lib.store.snapshot.snapshot import Snapshot, Table

AGREED = ("plan_measures", "plan_compensation", "plan_days", "plan_effect", "plan_deadline")
"""What a client agrees to."""
NAMED: Mapping[type[Record], tuple[str, ...]] = {
    Case: ("assignee", "reviewer", "complained_about", "visit_by"),
    Task: ("owner",),
    FollowUp: ("assignee",),
}
"""The fields in which somebody is given something to do, or is complained about."""


def guard_steps(
    desk: Desk, before: Record | None, after: Record, _changed: frozenset[str], _snapshot: Snapshot
) -> None:
    """A case changes its stage only along a move of the workflow, with what that asks for; one that is no stage may be
    put right."""
    if isinstance(before, Case) and isinstance(after, Case) and before.stage in desk.config.workflow.stages:
        desk.config.workflow.check_step(before, after)


def guard_archive(
    desk: Desk, before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot
) -> None:
    """Only a complete file goes into the archive, or one with a reason why not, also when somebody types the stage."""
    if not isinstance(before, Case) or not isinstance(after, Case) or "stage" not in changed:
        return
    if after.stage == ARCHIVED and not after.archive_reason and not complete(snapshot, before, desk.config.archive):
        raise WrongStage(case_no=after.case_no, stage=before.stage, move=ARCHIVED, why="incomplete")


def guard_choices(
    desk: Desk, _before: Record | None, after: Record, changed: frozenset[str], _snapshot: Snapshot
) -> None:
    """A choice that is newly written must be in its list; what stands already is left alone (data health shows it)."""
    known = desk.lists
    problems = [
        Problem(name, "unknown_choice", str(value))
        for name, column in TAB_OF[type(after)].columns.items()
        if column.choices
        and name in changed
        and (value := getattr(after, name))
        and known.names
        and not known.has(column.choices, value)
    ]
    if problems:
        raise InvalidFields(TAB_OF[type(after)].name, problems)


def guard_lengths(
    _desk: Desk, _before: Record | None, after: Record, changed: frozenset[str], _snapshot: Snapshot
) -> None:
    """A text that is newly written is no longer than its column takes, by whatever door it comes."""
    tab = TAB_OF[type(after)]
    if problems := too_long(tab.columns.values(), {name: getattr(after, name, None) for name in changed}):
        raise InvalidFields(tab.name, problems)


def guard_custom_fields(
    _desk: Desk, _before: Record | None, after: Record, changed: frozenset[str], _snapshot: Snapshot
) -> None:
    """What is newly written into a custom field must be of its kind."""
    tab = TAB_OF[type(after)]
    written = [(column, getattr(after, column.key)) for column in tab.custom if column.key in changed]
    problems = [
        Problem(column.key, code, "" if cell is None else str(cell))
        for column, cell in written
        if (code := problem_of(column, cell))
    ]
    if problems:
        raise InvalidFields(tab.name, problems)


def guard_emails(
    _desk: Desk, _before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot
) -> None:
    """Nobody signs in with somebody else's address."""
    if isinstance(after, Staff) and "email" in changed and email_taken(snapshot, after.email, after.staff_id):
        raise InvalidFields("staff", [Problem("email", "taken", after.email)])


def guard_people(
    _desk: Desk, _before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot
) -> None:
    """The people whom a case, a task or a follow-up names must be on the staff."""
    problems = [
        Problem(name, "unknown_person", getattr(after, name))
        for name in NAMED.get(type(after), ())
        if name in changed and getattr(after, name) and getattr(after, name) not in snapshot[Staff]
    ]
    if problems:
        raise InvalidFields(TAB_OF[type(after)].name, problems)


def guard_interests(
    _desk: Desk, _before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot
) -> None:
    """Nobody handles or reviews a complaint about himself, or reviews what he has handled. Blamed is the field that was
    changed to say so."""
    if not isinstance(after, Case):
        return
    problems = [*_about_himself(after, changed, snapshot), *_own_review(after, changed, snapshot)]
    if problems:
        raise InvalidFields("cases", problems)


def guard_abilities(
    desk: Desk, before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot
) -> None:
    """An open case goes to who may handle it, its review to who may review it: not to somebody who has left.

    What came from a file, and a case that is closed, may name whoever it was.
    """
    if not isinstance(before, Case) or not isinstance(after, Case) or after.closed_at is not None:
        return
    asked = [("assignee", "case.handle", "may_not_handle", after)]
    if after.under_review:
        asked.append(("reviewer", "case.review", "may_not_review", before))  # as if she were not named yet
    problems = [
        Problem(name, code, staff.name or staff.email)
        for name, permission, code, case in asked
        if name in changed
        and (staff := snapshot[Staff].get(getattr(after, name)))
        and not actor_of(staff, desk.config.roles).may(permission, case)
    ]
    if problems:
        raise InvalidFields("cases", problems)


def guard_consent(
    _desk: Desk, before: Record | None, after: Record, changed: frozenset[str], _snapshot: Snapshot
) -> None:
    """What the client has agreed to changes only with her consent to it, or by offering it anew (requirement D5)."""
    if not isinstance(before, Case) or not isinstance(after, Case) or after.closed_at is not None:
        return
    if before.consent_at is not None and after.consent_at == before.consent_at:
        problems = [Problem(name, "client_agreed") for name in AGREED if name in changed]
        if problems:
            raise InvalidFields("cases", problems)


def guard_handover(
    _desk: Desk, before: Record | None, after: Record, changed: frozenset[str], _snapshot: Snapshot
) -> None:
    """Nobody has the keys of a home before the developer handed it over. What came from a file is left as it came."""
    if not isinstance(before, Case) or not isinstance(after, Case) or not changed & {"handover_on", "keys_on"}:
        return
    if after.handover_on and after.keys_on and after.keys_on < after.handover_on:
        blamed = "keys_on" if "keys_on" in changed else "handover_on"
        code = "before_handover" if blamed == "keys_on" else "after_keys"
        raise InvalidFields("cases", [Problem(blamed, code, str(getattr(after, blamed)))])


def guard_waits(desk: Desk, before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
    """A wait has a date, within the limit of its priority or approved by somebody who may (requirement D9), also when
    somebody types it. What stands already is not judged again."""
    if not isinstance(before, Case) or not isinstance(after, Case) or not changed & {"stage", "promised_on"}:
        return
    rules, roles = desk.rules, desk.config.roles
    stage = rules.workflow.stages.get(after.stage)
    if stage is None or stage.phase != "paused":
        return
    approver = snapshot[Staff].get(after.wait_approved_by)
    if approver is None or not actor_of(approver, roles).may(APPROVE, after):
        after = after.model_copy(update={"wait_approved_until": None})
    if problem := promise_problem(after, rules.calendar, rules.sla.waits):
        raise InvalidFields("cases", [problem])


def _about_himself(case: Case, changed: frozenset[str], snapshot: Snapshot) -> list[Problem]:
    person = case.complained_about
    same = [name for name in ("assignee", "reviewer") if person and getattr(case, name) == person]
    problems = [Problem(name, "complained_about", _name(snapshot, person)) for name in same if name in changed]
    if same and not problems and "complained_about" in changed:
        return [Problem("complained_about", "has_the_case", _name(snapshot, person))]
    return problems


def _own_review(case: Case, changed: frozenset[str], snapshot: Snapshot) -> list[Problem]:
    """A review that is done stays as it was made: its reviewer may be given the case later."""
    person, name = case.reviewer, _name(snapshot, case.reviewer)
    if person == case.complained_about:
        return []
    if "reviewer" in changed and person in case.handlers:
        return [Problem("reviewer", "handled_it", name)]
    reviews = case.under_review and "assignee" in changed and person != "" and person == case.assignee
    return [Problem("assignee", "reviews_it", name)] if reviews else []


def _name(snapshot: Snapshot, staff_id: str) -> str:
    found = snapshot[Staff].get(staff_id)
    return found.name or found.email if found else staff_id


def guard_import_keys(
    _desk: Desk, before: Record | None, after: Record, _changed: frozenset[str], snapshot: Snapshot
) -> None:
    """A row of a file becomes a case once, also when two people import it at the same time."""
    from_file = before is None and isinstance(after, Case) and after.import_key
    if from_file and from_file in snapshot[Case].derive(import_keys):
        raise AlreadyExists("cases", from_file)


def import_keys(table: Table[Case]) -> frozenset[str]:
    """The keys of all cases that came from files."""
    return frozenset(case.import_key for case in table.values() if case.import_key)

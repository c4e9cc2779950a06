"""What the commit loop checks of every record it writes, whoever asked: steps, choices, and names of people."""

from collections.abc import Callable

from lib.domain import emails
from lib.domain.case import Case
from lib.domain.fields import columns
from lib.domain.lists import Lists
from lib.domain.people import Staff
from lib.domain.record import Record
from lib.domain.workflow import Workflow
from lib.errors import AlreadyExists, InvalidFields, Problem
from lib.store.rebase import Guard
from lib.store.schema import TAB_OF
from lib.store.snapshot import Snapshot, Table


def guard_steps(workflow: Workflow) -> Guard:
    """A case changes its stage only along a move of the workflow; one that is no stage may be put right."""

    def guard(before: Record | None, after: Record, _changed: frozenset[str], _snapshot: Snapshot) -> None:
        if isinstance(before, Case) and isinstance(after, Case) and before.stage in workflow.stages:
            workflow.check_step(before, after)

    return guard


def guard_choices(lists: Callable[[], Lists]) -> Guard:
    """A choice that is newly written must be in its list; what stands already is left alone (data health shows it)."""

    def guard(_before: Record | None, after: Record, changed: frozenset[str], _snapshot: Snapshot) -> None:
        known = lists()
        problems = [
            Problem(name, "unknown_choice", str(value))
            for name, column in columns(type(after)).items()
            if column.choices
            and name in changed
            and (value := getattr(after, name))
            and known.names
            and not known.has(column.choices, value)
        ]
        if problems:
            raise InvalidFields(TAB_OF[type(after)].name, problems)

    return guard


def guard_emails(_before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
    """Nobody signs in with somebody else's address."""
    if isinstance(after, Staff) and "email" in changed and email_taken(snapshot, after.email, after.staff_id):
        raise InvalidFields("staff", [Problem("email", "taken", after.email)])


def email_taken(snapshot: Snapshot, email: str, staff_id: str) -> bool:
    """Whether somebody other than `staff_id` has the address."""
    address = emails.canonical(email)
    return address != "" and any(
        emails.canonical(other.email) == address and other.staff_id != staff_id for other in snapshot[Staff].values()
    )


def guard_people(_before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
    """The person a case is given to must be on the staff."""
    if isinstance(after, Case):
        problems = [
            Problem(name, "unknown_person", getattr(after, name))
            for name in ("assignee", "reviewer")
            if name in changed and getattr(after, name) and getattr(after, name) not in snapshot[Staff]
        ]
        if problems:
            raise InvalidFields("cases", problems)


def guard_import_keys(before: Record | None, after: Record, _changed: frozenset[str], snapshot: Snapshot) -> None:
    """A row of a file becomes a case once, also when two people import it at the same time."""
    from_file = before is None and isinstance(after, Case) and after.import_key
    if from_file and from_file in snapshot[Case].derive(import_keys):
        raise AlreadyExists("cases", from_file)


def import_keys(table: Table[Case]) -> frozenset[str]:
    """The keys of all cases that came from files."""
    return frozenset(case.import_key for case in table.values() if case.import_key)

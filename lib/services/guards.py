"""What the commit loop checks of every record it writes, whoever asked: steps, choices, and names of people."""

from collections.abc import Callable

from lib.domain.case import Case
from lib.domain.fields import columns
from lib.domain.lists import Lists
from lib.domain.people import Staff
from lib.domain.record import Record
from lib.domain.workflow import Workflow
from lib.errors import InvalidFields, Problem
from lib.store.commit import Guard
from lib.store.schema import TAB_OF
from lib.store.snapshot import Snapshot


def guard_steps(workflow: Workflow) -> Guard:
    """A case changes its stage only along a move of the workflow."""

    def guard(before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
        if isinstance(before, Case) and isinstance(after, Case):
            workflow.check_step(before, after)

    return guard


def guard_choices(lists: Callable[[], Lists]) -> Guard:
    """A choice that is newly written must be in its list; what stands already is left alone (data health shows it)."""

    def guard(before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
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


def guard_people(before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
    """The person a case is given to must be on the staff."""
    if isinstance(after, Case):
        problems = [
            Problem(name, "unknown_person", getattr(after, name))
            for name in ("assignee", "reviewer")
            if name in changed and getattr(after, name) and getattr(after, name) not in snapshot[Staff]
        ]
        if problems:
            raise InvalidFields("cases", problems)

"""Cases that belong together (requirement A14): a duplicate merged into another case, a group complaint under one.

A merged case keeps all that it holds and is found from the one it was merged into; undoing the merging brings it back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.record import Record
from lib.domain.rules.permissions import Actor
from lib.domain.rules.workflow import Workflow
from lib.domain.text.cleaning import plain
from lib.errors import InvalidFields, Problem
from lib.store.commit.batch import Change, note
from lib.store.snapshot.snapshot import Snapshot, Table

LINKS = ("merged_into", "parent_no")
"""The fields that hold the number of another case."""


@dataclass(frozen=True, slots=True)
class Members:
    """The cases that were merged into one, and those that hang on it."""

    merged: tuple[Case, ...] = ()
    linked: tuple[Case, ...] = ()


NOBODY = Members()


def members(desk: Desk, case: Case) -> Members:
    """The cases that belong to this one, the oldest first."""
    return _members(desk.snapshot, case.case_no)


def _members(snapshot: Snapshot, case_no: str) -> Members:
    return snapshot[Case].derive(_by_number).get(case_no, NOBODY)


def _by_number(table: Table[Case]) -> Mapping[str, Members]:
    found: dict[str, tuple[list[Case], list[Case]]] = {}
    for case in table.values():
        for kind, name in enumerate(LINKS):
            if number := getattr(case, name):
                found.setdefault(number, ([], []))[kind].append(case)
    return {number: Members(*map(_in_order, lists)) for number, lists in found.items()}


def _in_order(cases: list[Case]) -> tuple[Case, ...]:
    return tuple(sorted(cases, key=lambda case: case.taken_at))


def readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with numbers of cases as they are written, however they were typed."""
    typed = {name: str(values[name]) for name in LINKS if values.get(name)}
    return {**values, **{name: plain(text).upper() for name, text in typed.items()}}


def unseen(desk: Desk, actor: Actor, values: Mapping[str, Any]) -> list[Problem]:
    """Cases that this person may not see are no cases to her."""
    named = ((name, desk.snapshot[Case].get(str(values.get(name) or ""))) for name in LINKS)
    return [
        Problem(name, "no_such_case", case.case_no)
        for name, case in named
        if case is not None and not actor.may("case.view", case)
    ]


def guard_links(desk: Desk, _before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
    """A case belongs only to one that is there, can still be worked on, and stands for itself; whoever wrote it."""
    if not isinstance(after, Case) or not changed & {"stage", *LINKS}:
        return
    problems = [
        *_wrong_links(after, changed, snapshot, desk.config.workflow),
        *_left_behind(after, changed, snapshot, desk.config.workflow),
    ]
    if problems:
        raise InvalidFields("cases", problems[:1])


def _wrong_links(case: Case, changed: frozenset[str], snapshot: Snapshot, workflow: Workflow) -> Iterator[Problem]:
    for name in LINKS:
        number = str(getattr(case, name))
        if number and name in changed and (code := _why_not(case, name, snapshot, workflow)):
            yield Problem(name, code, number)


def _why_not(case: Case, name: str, snapshot: Snapshot, workflow: Workflow) -> str:
    """A reason code, or nothing."""
    target, own = snapshot[Case].get(getattr(case, name)), _members(snapshot, case.case_no)
    if target is None:
        return "no_such_case"
    if target.case_no == case.case_no:
        return "is_itself"
    if target.merged_into:
        return "merged_already"
    if target.stage in workflow.keys_in("closed"):
        return "case_is_closed"
    if name == "parent_no" and target.parent_no:
        return "has_a_parent"
    return "leads_others" if (own.merged if name == "merged_into" else own.linked) else ""


def _left_behind(case: Case, changed: frozenset[str], snapshot: Snapshot, workflow: Workflow) -> Iterator[Problem]:
    """A case that ends without an answer must not take others with it, whose clients still wait for one."""
    stage = workflow.stages.get(case.stage)
    if "stage" in changed and stage and stage.unanswered and _members(snapshot, case.case_no).merged:
        yield Problem("stage", "leads_others", case.stage)


def told_to_the_other(before: Case, after: Case) -> list[Change]:
    """The lines that the timeline of the other case gets when a case is merged into it, or that is undone."""
    if before.merged_into == after.merged_into:
        return []
    report = " · ".join(dict.fromkeys(text for text in (after.title, after.description) if text))
    words = f"{after.case_no} {report}"
    return [
        note(number, words, action=action)
        for number, action in ((before.merged_into, "unmerged_from"), (after.merged_into, "merged_from"))
        if number
    ]

"""What a move cannot be saved with, beside what the workflow asks for: values that no case holds, people who cannot go
on with it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.extras import values_of
from lib.domain.records.fields import columns
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import actor_of
from lib.domain.rules.workflow import IN_REVIEW, Move
from lib.errors import Problem
from lib.services.cases.review import reviewer_problems
from lib.store.codec import check
from lib.store.commit.batch import Change, Edit
from lib.store.schema import TAB_OF


def readable(case: Case, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as a record keeps them; what is empty, and what no case has, is the move's affair. Raises
    InvalidFields."""
    known = columns(Case)
    filled = {name: value for name, value in values.items() if name in known and value not in (None, "")}
    record = check(TAB_OF[Case], {**values_of(case), **filled})
    return {**values, **{name: getattr(record, name) for name in filled}}


def move_problems(desk: Desk, case: Case, move: Move, fields: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the case as the move leaves it; `fields` is all that it writes."""
    after = case.model_copy(update=dict(fields))
    if move.to == IN_REVIEW:
        return reviewer_problems(desk, case, after.reviewer)
    return _unable(desk, after) if "assignee" in move.needs else []


def from_its_stage(case: Case, change: Change) -> Change:
    """Also a move that stays in its stage is a conflict where somebody has moved the case on meanwhile."""
    return replace(change, edits={"stage": Edit(case.stage, case.stage), **(change.edits or {})})


def _unable(desk: Desk, after: Case) -> list[Problem]:
    """Whoever is to go on with the case must be able to, also where she was named before and has left since. That she
    is not complained about is for the commit loop to see."""
    staff = desk.snapshot[Staff].get(after.assignee)
    if staff is None or staff.staff_id == after.complained_about:
        return []
    able = actor_of(staff, desk.config.roles).may("case.handle", after)
    return [] if able else [Problem("assignee", "may_not_handle", staff.name or staff.email)]

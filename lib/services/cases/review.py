"""Who may look at a case again (requirement E2): somebody who has neither handled it nor is complained about."""

from datetime import datetime

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import actor_of
from lib.errors import Problem
from lib.store.snapshot.snapshot import Table

REVIEW = "case.review"
TELL = "tell_review"
"""The move that records that the client has heard it."""


def reviewers(desk: Desk, case: Case) -> list[Staff]:
    """Everybody who can be asked to review this case now. After a review that is disputed, others than who made it."""
    found = [staff for staff in desk.snapshot[Staff].values() if not _why_not(desk, case, staff)]
    return sorted(found, key=lambda staff: staff.name)


def reviewer_problems(desk: Desk, case: Case, reviewer: str) -> list[Problem]:
    """Why this person cannot be asked to review the case; nothing where nobody is named."""
    staff = desk.snapshot[Staff].get(reviewer)
    code = _why_not(desk, case, staff) if staff else ""
    return [Problem("reviewer", code, staff.name or staff.email)] if staff and code else []


def _why_not(desk: Desk, case: Case, staff: Staff) -> str:
    """A reason code, or nothing. Whoever reviewed a case has decided on it when that review is disputed."""
    if staff.staff_id == case.complained_about:
        return "complained_about"
    if staff.staff_id in case.handlers or (case.reviewed_at is not None and staff.staff_id == case.reviewer):
        return "handled_it"
    if not actor_of(staff, desk.config.roles).may(REVIEW, case):
        return "may_not_review"
    return "away" if staff.is_away(desk.today()) else ""


def outcome_due(case: Case) -> datetime | None:
    """By when the client is to hear what the review came to; None where there is none, or she has heard it."""
    return case.review_told_due if case.reviewed_at is not None and case.review_told_at is None else None


def outcomes_to_tell(table: Table[Case]) -> tuple[Case, ...]:
    """The cases whose client is still to hear what a review came to, the earliest due first."""
    due = ((at, case.case_no, case) for case in table.values() if (at := outcome_due(case)) is not None)
    return tuple(case for *_, case in sorted(due, key=lambda item: item[:2]))

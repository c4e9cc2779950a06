"""Who may look at a case again (requirement E2): somebody who has neither handled it nor is complained about."""

from datetime import datetime

from lib.domain.case import Case
from lib.domain.people import Staff
from lib.domain.permissions import actor_of
from lib.services.desk import Desk

REVIEW = "case.review"


def reviewers(desk: Desk, case: Case) -> list[Staff]:
    """Everybody who may review this case, those who are away last. After a review that is disputed, others than who
    made it."""
    barred = set(case.not_to_review) | ({case.reviewer} if case.reviewed_at else set())
    found = [
        staff
        for staff in desk.snapshot[Staff].values()
        if staff.staff_id not in barred and actor_of(staff, desk.config.roles).may(REVIEW, case)
    ]
    return sorted(found, key=lambda staff: (staff.is_away(desk.today()), staff.name))


def outcome_due(case: Case) -> datetime | None:
    """By when the client is to hear what the review came to; None where there is none, or she has heard it."""
    return case.review_told_due if case.reviewed_at is not None and case.review_told_at is None else None

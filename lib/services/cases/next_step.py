"""What is called for now, of all that may be done with a case: the button that comes first, on every page."""

from collections.abc import Iterable, Mapping

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.workflow import Move
from lib.services.cases.review import outcome_due
from lib.services.story.case_file import complete


def likely_first(desk: Desk, case: Case, moves: Iterable[Move]) -> list[Move]:
    """In the order of the workflow, but first what is called for: the result of work that is under way, a review where
    the client does not accept the answer, the outcome of a review that she has not heard, the archive for what is
    closed or complete."""
    possible = {move.key: move for move in moves}
    called_for = {
        "answer": case.stage == "in_progress" and not _needs_plan(case, possible),
        "request_review": case.stage == "answered" and case.answer_accepted == "no",
        "tell_review": outcome_due(case) is not None,
        "archive": "archive" in possible
        and (case.stage == "closed" or complete(desk.snapshot, case, desk.config.archive)),
    }
    return sorted(possible.values(), key=lambda move: not called_for.get(move.key, False))


def _needs_plan(case: Case, possible: Mapping[str, Move]) -> bool:
    """A case of a priority that asks for a written plan, and the client has agreed to none."""
    offer = possible.get("offer_plan")
    return offer is not None and case.priority in offer.written and case.consent_at is None

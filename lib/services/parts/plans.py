"""The written plan 处理方案 that a major case needs before its plan is offered (requirement D5)."""

from collections.abc import Mapping
from typing import Any

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Evidence
from lib.domain.rules.permissions import Actor
from lib.domain.rules.workflow import Move
from lib.domain.text.uploads import check_uploads
from lib.errors import InvalidFields, Problem, WrongStage
from lib.services.parts.evidence import PLAN, File, kept
from lib.services.story.timeline import timeline
from lib.store.commit.batch import Change
from lib.store.snapshot.snapshot import by_case

OFFER = "offer_plan"
DOCUMENT = "written_plan"
"""What a form and an error call it; a case has no such field."""


def needs_document(move: Move, case: Case) -> bool:
    """Whether the move needs a written plan for a case of this priority."""
    return case.priority in move.written


def latest(desk: Desk, case: Case) -> Evidence | None:
    """The written plan added last."""
    plans = (item for item in desk.snapshot[Evidence].derive(by_case).get(case.case_no, ()) if item.kind == PLAN)
    return max(plans, key=lambda item: item.added_at, default=None)


def document(desk: Desk, case: Case) -> Evidence | None:
    """The written plan that belongs to the next offer: the latest one, unless it was there at the offer before."""
    found = latest(desk, case)
    if found is None:
        return None
    offered = next((line.at for line in timeline(desk, case.case_no) if line.action == OFFER), None)
    return found if offered is None or found.added_at > offered else None


def require_document(desk: Desk, before: Case, after: Case) -> None:
    """Of a step that somebody typed: raises WrongStage with what lacks where it needs a document that is not there."""
    possible = [move for move in desk.config.workflow.steps_between(before, after.stage) if not move.unmet(before)]
    if possible and all(needs_document(move, after) for move in possible) and document(desk, after) is None:
        missing = (*possible[0].missing(after), DOCUMENT)
        raise WrongStage(case_no=before.case_no, stage=before.stage, move=after.stage, why="missing", missing=missing)


def document_changes(desk: Desk, *, actor: Actor, case: Case, move: Move, written: File | None) -> list[Change]:
    """Keeps the plan handed in with the move. Raises InvalidFields where one is needed and none is there."""
    if written is not None:
        return kept(
            desk, actor=actor, case_no=case.case_no, files=[written], uploads=check_uploads([written]), kind=PLAN
        )
    if needs_document(move, case) and document(desk, case) is None:
        raise InvalidFields("cases", [Problem(DOCUMENT, "needed_for_priority", facts=_facts(case))])
    return []


def _facts(case: Case) -> Mapping[str, Any]:
    return {"priority": case.priority}

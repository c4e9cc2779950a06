"""Answered at once 当场办结 (requirement B7): a question or a praise is taken in, answered and closed in one save."""

from collections.abc import Mapping, Sequence
from typing import Any

from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields, Problem
from lib.services.cases.handling import move_changes
from lib.services.cases.intake import intake_changes
from lib.services.parts.evidence import File
from lib.store.commit.batch import Receipt

SETTLE = "settle"
"""The move that closes a case with its first answer."""


def kinds(desk: Desk, *, actor: Actor) -> frozenset[str]:
    """The kinds of case that this person may settle while taking them in; none where the workflow has no such move."""
    move = desk.config.workflow.moves.get(SETTLE)
    return frozenset(move.kinds) if move and actor.may(move.permission) else frozenset()


def register_settled(
    desk: Desk,
    *,
    actor: Actor,
    values: Mapping[str, Any],
    answer: str,
    files: Sequence[File] = (),
    commit_id: str | None = None,
) -> Receipt:
    """Take a case in, with the answer that the client was given at once; nothing is written unless all of it is.

    Words of danger keep a case open until somebody has taken it. Raises what `lib.services.cases.intake.register`
    raises, and
    WrongStage for a kind of case that is not settled so.
    """
    case, changes = intake_changes(desk, actor=actor, values=values, files=files)
    if case.danger_at is not None:
        raise InvalidFields("cases", [Problem("kind", "danger_stays_open")])
    changes += move_changes(desk, actor=actor, case=case, move=SETTLE, values={"answer_text": answer})
    return desk.save(actor, changes, commit_id=commit_id)

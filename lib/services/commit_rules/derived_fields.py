"""What changes along with a field, or with a word to the client, whoever causes it: the app, an import, the sheet.

The functions have the parameters of `follow` or of `mark` of `lib.store.commit.policy.Policy`, after the desk.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lib.desk.desk import Desk
from lib.domain.clocks.waits import broken_until
from lib.domain.records.case import ARCHIVED, Case
from lib.domain.records.record import Record
from lib.domain.rules.moves import acknowledged, after_acknowledging, by_hand, handlers_after, moved_clocks
from lib.domain.rules.remembering import remembered
from lib.domain.rules.workflow import CLOCK_FIELDS, PROMISE
from lib.services.parts.plans import require_document
from lib.services.story.case_file import kept_until
from lib.store.commit.batch import Change

_TIMED = frozenset({"stage", "closed_at", *(name for names in CLOCK_FIELDS.values() for name in names)})


def clocks_follow_priority(desk: Desk, before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
    """Another priority or kind moves the clocks that run. A step along the workflow has done so itself, within its own
    sums."""
    if not changed & {"priority", "kind"} or "stage_since" in changed:
        return {}
    if not isinstance(before, Case) or not isinstance(after, Case):
        return {}
    return moved_clocks(before, after, desk.rules)


def words_acknowledge(desk: Desk, before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
    """A first contact typed in the sheet acknowledges the report, as one recorded in the app does; what is acknowledged
    before it is judged has a next deadline."""
    if not isinstance(before, Case) or not isinstance(after, Case):
        return {}
    if not changed & {"contacted_at", "acknowledged_at"}:
        return {}
    told = acknowledged(before, after)
    return told | after_acknowledging(after.model_copy(update=told), desk.rules)


def handlers_are_kept(_desk: Desk, before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
    """Whoever had the case in hands is remembered, also when the assignee is changed in the sheet."""
    if "assignee" not in changed or not isinstance(before, Case) or not isinstance(after, Case):
        return {}
    return handlers_after(before, after)


def steps_are_whole(desk: Desk, before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
    """A step typed in the sheet needs the document that its move would ask for, and runs the clocks as its button
    would.

    A step made in the app has seen to both itself; a pause that begins in the second of the last step is such a one.
    """
    if "stage" not in changed or "stage_since" in changed:
        return {}
    if not isinstance(before, Case) or not isinstance(after, Case):
        return {}
    if "paused_at" not in changed:
        require_document(desk, before, after)
    now = desk.now()
    fields = by_hand(before, after, changed, now=now, rules=desk.rules)
    if fields and after.stage == ARCHIVED and after.retain_until is None:
        fields["retain_until"] = kept_until(desk, after, now.date())
    return fields


def runs_are_remembered(desk: Desk, before: Record, after: Record, changed: frozenset[str]) -> Mapping[str, Any]:
    """What a change takes from the clocks of a row is put down, for the figures of past weeks."""
    if not changed & _TIMED or not isinstance(before, Case) or not isinstance(after, Case):
        return {}
    now = after.stage_since if "stage_since" in changed and after.stage_since else desk.now()
    text = remembered(before, after, now=now, workflow=desk.config.workflow)
    return {} if text == before.earlier_runs else {"earlier_runs": text}


def promises_are_counted(desk: Desk, case: Record, change: Change, at: datetime) -> Mapping[str, Any]:
    """A wait that ends, or is given another day, after its day has passed was a promise not kept; it stays on the
    row."""
    edits = change.edits or {}
    touched = any(name in edits and edits[name].new != getattr(case, name) for name in ("stage", PROMISE))
    if not isinstance(case, Case) or not touched:
        return {}
    days = broken_until(case, at.astimezone(desk.settings.zone).date())
    return {"broken_promises": days} if days != case.broken_promises else {}


def client_is_told(desk: Desk, case: Record, change: Change, at: datetime) -> Mapping[str, Any]:
    """A line that the client may see, and a move that means speaking with her, end the silence (requirement D8) and the
    clock of acknowledging."""
    if not isinstance(case, Case) or (
        change.audience != "client" and change.action not in desk.config.sla.silence.moves
    ):
        return {}
    told: dict[str, Any] = {"told_client_at": max(case.told_client_at or at, at)}
    if case.acknowledge_due is not None and case.acknowledged_at is None:
        told["acknowledged_at"] = at
    return told

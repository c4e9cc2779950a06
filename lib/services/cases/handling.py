"""What happens to a case after intake: moves of the workflow, notes, edits of its facts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lib.desk.access import require
from lib.desk.cleaning import clean_phone
from lib.desk.desk import Desk
from lib.domain.records.case import ARCHIVED, Case
from lib.domain.records.fields import Column, columns
from lib.domain.records.plausible_dates import date_problems
from lib.domain.records.severity import Assessment, assess
from lib.domain.rules.moves import apply
from lib.domain.rules.permissions import Actor
from lib.domain.rules.replies import blanks_left
from lib.domain.rules.workflow import Move
from lib.errors import InvalidFields, Problem
from lib.services.cases import linking
from lib.services.cases.move_checks import from_its_stage, move_problems, readable
from lib.services.cases.next_step import likely_first
from lib.services.cases.waiting import approval
from lib.services.parts import visits
from lib.services.parts.evidence import File
from lib.services.parts.extras import clean, extra_columns
from lib.services.parts.plans import document_changes
from lib.services.story.case_file import kept_until, require_complete
from lib.store.commit.batch import Audience, Change, Receipt, edit, note

BY_MOVES = frozenset({"assignment", "clocks", "review", "origin"})
"""The groups of fields that only moves and imports write."""
SEVERITY_FIELDS = ("severity_scope", "severity_safety", "severity_loss", "severity_legal", "severity_reputation")


def moves_for(desk: Desk, *, actor: Actor, case: Case) -> list[Move]:
    """The moves this person may make now, the likely one first."""
    return likely_first(desk, case, desk.config.workflow.moves_for(case, actor))


def make_move(
    desk: Desk,
    *,
    actor: Actor,
    case: Case,
    move: str,
    values: Mapping[str, Any],
    text: str = "",
    written_plan: File | None = None,
    commit_id: str | None = None,
) -> Receipt:
    """Move a case along the workflow. `case` is the case as the person saw it, so that a conflict is noticed.

    `written_plan` is kept with the evidence, where the move needs one (see `lib.services.parts.plans`).
    Raises NotAllowed, WrongStage, InvalidFields, Conflict, FilesUnavailable.
    """
    changes = move_changes(desk, actor=actor, case=case, move=move, values=values, text=text, written_plan=written_plan)
    return desk.save(actor, changes, commit_id=commit_id)


def move_changes(
    desk: Desk,
    *,
    actor: Actor,
    case: Case,
    move: str,
    values: Mapping[str, Any],
    text: str = "",
    written_plan: File | None = None,
) -> list[Change]:
    """The changes that a move comes to; for several cases saved at once."""
    now = desk.now()
    chosen, values = desk.config.workflow.moves[move], readable(case, linking.readable(values))
    judged = {**values, **_severity(desk, case, values)} if "severity_scope" in chosen.asks else dict(values)
    score = judged.pop("severity_score", None)
    wrong = list(date_problems(values, now, before=case))
    try:
        fields = apply(case, move, judged, actor=actor, now=now, rules=desk.rules)
    except InvalidFields as refused:
        raise InvalidFields("cases", [*refused.problems, *wrong]) from refused
    if score is not None:
        fields["severity_score"] = score
    if move in ("assign", "reassign") or fields.get("assignee", case.assignee) != case.assignee:
        fields["assigned_at"] = now
    fields |= _visited(desk, case, fields, now)
    fields |= approval(desk, actor, case, fields)
    wrong += [*move_problems(desk, case, chosen, fields), *linking.unseen(desk, actor, fields)]
    wrong += _unfilled(chosen.tell_client, str(fields.get(chosen.tell_client, "")))
    if wrong:
        raise InvalidFields("cases", wrong)
    if chosen.to == ARCHIVED:
        require_complete(desk, actor=actor, case=case, reason=str(values.get("archive_reason", "")))
        fields["retain_until"] = kept_until(desk, case, now.date())
    changes = [from_its_stage(case, edit(case, fields, action=move, **_told(chosen, fields, text)))]
    if chosen.client and text.strip():
        changes.append(note(case.case_no, text))  # the client sees that it was made, not what was said about it
    changes += document_changes(desk, actor=actor, case=case, move=chosen, written=written_plan)
    return changes


def _told(move: Move, fields: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The words of the line of History, and who reads it."""
    if move.tell_client and (words := text or str(fields.get(move.tell_client) or "").strip()):
        return {"text": words, "audience": "client"}
    return {"text": "", "audience": "client"} if move.client else {"text": text, "audience": "internal"}


def _unfilled(field: str, text: str) -> list[Problem]:
    """The blanks of a reply template that the client would get to read."""
    return [Problem(field, "blank_left", blank) for blank in blanks_left(text)]


def _visited(desk: Desk, case: Case, fields: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What a move that agrees on a visit, or tells what was found, says of the appointment. Raises InvalidFields."""
    problems = visits.time_problems(desk, fields, case.visit_at)
    if problems:
        raise InvalidFields("cases", problems)
    if fields.get("visit_at", case.visit_at) != case.visit_at:
        return {"visit_done_at": None}
    found = fields.get("visit_findings", case.visit_findings) != case.visit_findings
    return {"visit_done_at": now} if found and visits.is_open(case) else {}


def _severity(desk: Desk, case: Case, values: Mapping[str, Any]) -> dict[str, Any]:
    """Score and priority when every factor is judged; a priority chosen by hand counts only when none is."""
    judged = assessment(desk, {name: values.get(name, getattr(case, name)) for name in SEVERITY_FIELDS})
    return {} if judged is None else {"severity_score": judged.score, "priority": judged.priority}


def assessment(desk: Desk, values: Mapping[str, Any]) -> Assessment | None:
    """The severity that the five factors give, None while one is missing."""
    factors = {name.removeprefix("severity_"): value for name, value in values.items() if name in SEVERITY_FIELDS}
    if len(factors) < len(SEVERITY_FIELDS) or None in factors.values():
        return None
    return assess(factors, desk.config.severity)


def add_note(
    desk: Desk,
    *,
    actor: Actor,
    case: Case,
    text: str,
    action: str = "note",
    audience: Audience = "internal",
    commit_id: str | None = None,
) -> Receipt:
    """A note, call, visit or message in the timeline; `audience` "client" shows it on the tracking page."""
    require(actor, "case.note", case)
    problems = [] if text.strip() else [Problem("text", "missing")]
    problems += _unfilled("text", text) if audience == "client" else []
    if problems:
        raise InvalidFields("history", problems)
    return desk.save(actor, [note(case.case_no, text, action=action, audience=audience)], commit_id=commit_id)


def is_fact(column: Column) -> bool:
    """Whether a field may be changed where it stands, outside any move."""
    return not column.locked and column.group not in BY_MOVES and column.key not in SEVERITY_FIELDS


def edit_facts(
    desk: Desk, *, actor: Actor, case: Case, values: Mapping[str, Any], commit_id: str | None = None
) -> Receipt:
    """Change facts of a case, extra columns too; what only the app writes, and what belongs to a move, is refused."""
    require(actor, "case.edit", case)
    extras = {column.key: column for column in extra_columns(desk, "cases")}
    known = columns(Case) | extras
    problems = [Problem(name, "locked") for name in values if name not in known or not is_fact(known[name])]
    cleaned = dict(values)
    for name in values.keys() & extras.keys():
        cleaned[name], bad = clean(desk, extras[name], values[name], getattr(case, name))
        problems += [bad] if bad else []
    if values.keys() & extras.keys():
        empty = [name for name, column in extras.items() if column.required and getattr(case, name) is None]
        problems += [Problem(name, "missing") for name in empty if name not in values]
    if "client_phone" in values:
        cleaned["client_phone"], bad = clean_phone(desk, str(values["client_phone"]))
        problems += [bad] if bad else []
    problems += visits.time_problems(desk, values, case.visit_at)
    problems += date_problems(values, desk.now(), before=case)
    if problems:
        raise InvalidFields("cases", problems)
    cleaned |= approval(desk, actor, case, cleaned)
    return desk.save(actor, [edit(case, cleaned)], commit_id=commit_id)

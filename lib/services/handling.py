"""Everything that happens to a case after intake: moves of the workflow, notes, edits, tasks, outside parties."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lib.domain.case import Case
from lib.domain.case_parts import Contact, FollowUp, Task
from lib.domain.fields import columns
from lib.domain.follow_up_plan import plan
from lib.domain.permissions import Actor
from lib.domain.severity import Assessment, assess
from lib.domain.warranty import years_later
from lib.domain.workflow import Move, apply
from lib.errors import InvalidFields, NotFound, Problem
from lib.services.access import require
from lib.services.desk import Desk
from lib.services.intake import clean_phone
from lib.store.batch import Audience, Change, Receipt, create, edit, new_id, note

SEVERITY_FIELDS = ("severity_scope", "severity_safety", "severity_loss", "severity_legal", "severity_reputation")


def moves_for(desk: Desk, *, actor: Actor, case: Case) -> list[Move]:
    """The moves this person may make now, the likely one first."""
    return list(desk.config.workflow.moves_for(case, actor))


def make_move(
    desk: Desk,
    *,
    actor: Actor,
    case: Case,
    move: str,
    values: Mapping[str, Any],
    text: str = "",
    commit_id: str | None = None,
) -> Receipt:
    """Move a case along the workflow. `case` is the case as the person saw it, so that a conflict is noticed.

    Raises NotAllowed, WrongStage, InvalidFields, Conflict.
    """
    changes = move_changes(desk, actor=actor, case=case, move=move, values=values, text=text)
    return desk.save(actor, changes, commit_id=commit_id)


def move_changes(
    desk: Desk, *, actor: Actor, case: Case, move: str, values: Mapping[str, Any], text: str = ""
) -> list[Change]:
    """The changes that a move comes to; for several cases saved at once."""
    now = desk.now()
    chosen = desk.config.workflow.moves[move]
    judged = {**values, **_severity(desk, case, values)} if "severity_scope" in chosen.asks else dict(values)
    score = judged.pop("severity_score", None)
    fields = apply(case, move, judged, actor=actor, now=now, rules=desk.rules)
    if score is not None:
        fields["severity_score"] = score
    if move in ("assign", "reassign"):
        fields["assigned_at"] = now
    if chosen.to == "archived":
        fields["retain_until"] = years_later(now.date(), desk.settings.retention_years)
    words = text or (str(fields.get(chosen.tell_client, "")) if chosen.tell_client else "")
    told: Audience = "client" if chosen.tell_client else "internal"
    changes = [edit(case, fields, action=move, text=words, audience=told)]
    if chosen.to == "closed":
        changes += planned_follow_ups(desk, case.model_copy(update=fields), now)
    return changes


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


def planned_follow_ups(desk: Desk, case: Case, now: datetime) -> list[Change]:
    """The follow-ups that a closed case asks for (requirement F1)."""
    if not case.client_phone:
        return []
    due = plan("case_closed", now.date(), desk.calendar, desk.config.follow_up)
    return [
        create(
            FollowUp(
                follow_up_id=new_id("fu"),
                case_no=case.case_no,
                deal_no=case.deal_no,
                client_name=case.client_name,
                client_phone=case.client_phone,
                branch=case.branch,
                purpose=item.purpose,
                due_on=item.due,
                assignee=case.assignee or ("" if case.taken_by in ("client", "system") else case.taken_by),
            ),
            action="plan_follow_up",
        )
        for item in due
    ]


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
    if not text.strip():
        raise InvalidFields("history", [Problem("text", "missing")])
    return desk.save(actor, [note(case.case_no, text, action=action, audience=audience)], commit_id=commit_id)


def edit_facts(
    desk: Desk, *, actor: Actor, case: Case, values: Mapping[str, Any], commit_id: str | None = None
) -> Receipt:
    """Change facts of a case; what only the app writes, and what belongs to a move, is refused."""
    require(actor, "case.edit", case)
    known = columns(Case)
    problems = [Problem(name, "locked") for name in values if name not in known or known[name].locked]
    cleaned = dict(values)
    if "client_phone" in values:
        cleaned["client_phone"], bad = clean_phone(desk, str(values["client_phone"]))
        problems += [bad] if bad else []
    if problems:
        raise InvalidFields("cases", problems)
    return desk.save(actor, [edit(case, cleaned)], commit_id=commit_id)


def add_task(
    desk: Desk,
    *,
    actor: Actor,
    case: Case,
    title: str,
    owner: str,
    due_at: datetime | None,
    commit_id: str | None = None,
) -> Receipt:
    """A milestone inside a case."""
    require(actor, "case.note", case)
    if not title.strip():
        raise InvalidFields("tasks", [Problem("title", "missing")])
    task = Task(task_id=new_id("task"), case_no=case.case_no, title=title, owner=owner, due_at=due_at)
    return desk.save(actor, [create(task, action="add_task", text=title)], commit_id=commit_id)


def finish_task(desk: Desk, *, actor: Actor, task: Task, commit_id: str | None = None) -> Receipt:
    case = desk.snapshot[Case].get(task.case_no)
    if case is None:
        raise NotFound("cases", task.case_no)
    require(actor, "case.note", case)
    done = {"done_at": desk.now(), "done_by": actor.staff_id}
    return desk.save(actor, [edit(task, done, action="finish_task", text=task.title)], commit_id=commit_id)


def add_contact(
    desk: Desk, *, actor: Actor, case: Case, values: Mapping[str, Any], commit_id: str | None = None
) -> Receipt:
    """An outside party: what was asked of it and when it promised to act (requirement C5)."""
    require(actor, "case.note", case)
    phone, bad = clean_phone(desk, str(values.get("phone", "")), field="phone")
    missing = [] if str(values.get("name", "")).strip() else [Problem("name", "missing")]
    problems = [*missing, *([bad] if bad else [])]
    if problems:
        raise InvalidFields("contacts", problems)
    fields = {"asked_at": desk.now(), **values, "phone": phone}
    contact = Contact.model_validate({"contact_id": new_id("ct"), "case_no": case.case_no, **fields})
    return desk.save(
        actor, [create(contact, action="ask_party", text=str(values.get("asked", "")))], commit_id=commit_id
    )


def finish_contact(desk: Desk, *, actor: Actor, contact: Contact, commit_id: str | None = None) -> Receipt:
    """An outside party did what it was asked for, today."""
    case = desk.snapshot[Case].require(contact.case_no)
    require(actor, "case.note", case)
    changes = [edit(contact, {"done_on": desk.today()}, action="party_done", text=contact.name)]
    return desk.save(actor, changes, commit_id=commit_id)

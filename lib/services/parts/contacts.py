"""Outside parties of a case: what was asked of them and when they promised to act (requirement C5)."""

from collections.abc import Mapping
from typing import Any

from lib.desk.access import require
from lib.desk.cleaning import clean_phone
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields, Problem
from lib.store.codec import made
from lib.store.commit.batch import Receipt, create, edit, new_id

FIELDS = ("party", "name", "phone", "asked", "promised_on")


def add_contact(
    desk: Desk, *, actor: Actor, case: Case, values: Mapping[str, Any], commit_id: str | None = None
) -> Receipt:
    """Somebody outside was asked for something, now. Raises NotAllowed and InvalidFields (a day promised is ahead)."""
    require(actor, "case.note", case)
    fields = {"asked_at": desk.now(), **_checked(desk, {"name": "", **values}, None)}
    contact = made(Contact, {"contact_id": new_id("ct"), "case_no": case.case_no, **fields})
    return desk.save(actor, [create(contact, action="ask_party", text=contact.asked)], commit_id=commit_id)


def edit_contact(
    desk: Desk, contact: Contact, *, actor: Actor, values: Mapping[str, Any], commit_id: str | None = None
) -> Receipt:
    """Change what is known, such as a new promise. Raises NotAllowed, InvalidFields and Conflict."""
    require(actor, "case.note", desk.snapshot[Case].require(contact.case_no))
    changes = [edit(contact, _checked(desk, values, contact), action="edit_party", text=contact.name)]
    return desk.save(actor, changes, commit_id=commit_id)


def finish_contact(desk: Desk, contact: Contact, *, actor: Actor, commit_id: str | None = None) -> Receipt:
    """An outside party did what it was asked for, today."""
    require(actor, "case.note", desk.snapshot[Case].require(contact.case_no))
    changes = [edit(contact, {"done_on": desk.today()}, action="party_done", text=contact.name)]
    return desk.save(actor, changes, commit_id=commit_id)


def reopen_contact(desk: Desk, contact: Contact, *, actor: Actor, commit_id: str | None = None) -> Receipt:
    """It was not done after all."""
    require(actor, "case.note", desk.snapshot[Case].require(contact.case_no))
    changes = [edit(contact, {"done_on": None}, action="party_not_done", text=contact.name)]
    return desk.save(actor, changes, commit_id=commit_id)


def _checked(desk: Desk, values: Mapping[str, Any], before: Contact | None) -> dict[str, Any]:
    problems = [Problem("name", "missing")] if "name" in values and not str(values["name"]).strip() else []
    cleaned = dict(values)
    if "phone" in values:
        cleaned["phone"], bad = clean_phone(desk, str(values["phone"]), field="phone")
        problems += [bad] if bad else []
    promised = values.get("promised_on")
    if promised is not None and promised != (before and before.promised_on) and promised < desk.today():
        problems.append(Problem("promised_on", "in_the_past", promised.isoformat()))
    if problems:
        raise InvalidFields("contacts", problems)
    return cleaned

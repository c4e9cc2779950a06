"""The staff: adding, changing, leave, leaving the firm."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from lib.desk.access import require
from lib.desk.cleaning import clean_phone
from lib.desk.desk import Desk
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, actor_of
from lib.domain.text import emails
from lib.errors import InvalidFields, Problem
from lib.services.people.sessions import all_ended
from lib.store.codec import check
from lib.store.commit.batch import Change, Edit, Receipt, create, edit, new_id
from lib.store.schema import TAB_OF
from lib.store.snapshot.snapshot import Snapshot

PERSON_FIELDS = (
    "name", "email", "role", "branch", "department", "phone", "capacity", "language",
    "away_from", "away_until", "active",
)  # fmt: skip
_REQUIRED = ("name", "email", "role")


def add_staff(desk: Desk, *, actor: Actor, values: Mapping[str, Any], commit_id: str | None = None) -> Receipt:
    """Add a person; the receipt's first "staff" key is her id. Raises NotAllowed, InvalidFields."""
    require(actor, "people.edit")
    missing = {name: "" for name in _REQUIRED if name not in values}
    cleaned = _cleaned(desk, {**missing, **values}, staff_id="")
    person = check(TAB_OF[Staff], {"staff_id": new_id("staff"), **cleaned})
    return desk.save(actor, [create(person, action="add_staff")], commit_id=commit_id)


def edit_staff(
    desk: Desk, *, actor: Actor, staff: Staff, values: Mapping[str, Any], commit_id: str | None = None
) -> Receipt:
    """Change a person, `staff` as she was seen. Whoever becomes inactive is signed out.

    Raises NotAllowed, Conflict, InvalidFields; `role` or `active` with "last_administrator" when nobody else is left
    who may edit people.
    """
    require(actor, "people.edit")
    cleaned = _cleaned(desk, values, staff_id=staff.staff_id)
    changes = [edit(staff, cleaned, action="edit_staff"), *_keeping_an_administrator(desk, staff, cleaned)]
    if staff.active and cleaned.get("active") is False:
        changes.append(all_ended(desk, staff.staff_id))
    return desk.save(actor, changes, commit_id=commit_id)


def deactivate(desk: Desk, *, actor: Actor, staff: Staff, commit_id: str | None = None) -> Receipt:
    """A person leaves: kept in the records, signed out, given no more cases."""
    return edit_staff(desk, actor=actor, staff=staff, values={"active": False}, commit_id=commit_id)


def set_leave(
    desk: Desk,
    *,
    actor: Actor,
    staff: Staff,
    away_from: date | None,
    away_until: date | None = None,
    commit_id: str | None = None,
) -> Receipt:
    """Leave from day to day, both counted; None for `away_from` takes it back, `away_until` alone is refused."""
    leave = {"away_from": away_from, "away_until": away_until}
    return edit_staff(desk, actor=actor, staff=staff, values=leave, commit_id=commit_id)


def administrators(desk: Desk) -> list[Staff]:
    """The active people who may edit people."""
    return [staff for staff in desk.snapshot[Staff].values() if _is_administrator(desk, staff)]


def _is_administrator(desk: Desk, staff: Staff) -> bool:
    return actor_of(staff, desk.config.roles).may("people.edit")


def _keeping_an_administrator(desk: Desk, staff: Staff, values: Mapping[str, Any]) -> list[Change]:
    """Where an administrator steps down: the assertion that another one stays, checked again when it is saved."""
    if not _is_administrator(desk, staff) or _is_administrator(desk, staff.model_copy(update=dict(values))):
        return []
    other = next((one for one in administrators(desk) if one.staff_id != staff.staff_id), None)
    if other is None:
        field = "active" if values.get("active") is False else "role"
        raise InvalidFields("staff", [Problem(field, "last_administrator")])
    stays = {"role": Edit(other.role, other.role), "active": Edit(True, True)}
    return [replace(edit(other, {}), edits=stays)]


def _cleaned(desk: Desk, values: Mapping[str, Any], *, staff_id: str) -> dict[str, Any]:
    """The values in their canonical form. Raises InvalidFields with every problem."""
    cleaned = dict(values)
    problems = [Problem(name, "not_in_form") for name in values if name not in PERSON_FIELDS]
    problems += [Problem(name, "missing") for name in _REQUIRED if name in values and not str(values[name]).strip()]
    if str(values.get("email", "")).strip():
        cleaned["email"] = emails.canonical(str(values["email"]))
        problems += _email_problems(desk, cleaned["email"], staff_id)
    if "phone" in values:
        cleaned["phone"], bad = clean_phone(desk, str(values["phone"]), field="phone")
        problems += [bad] if bad else []
    problems += _leave_problems(desk, cleaned, staff_id)
    if problems:
        raise InvalidFields("staff", problems)
    return cleaned


def _email_problems(desk: Desk, email: str, staff_id: str) -> list[Problem]:
    if not emails.is_valid(email):
        return [Problem("email", "not_an_email", email)]
    return [Problem("email", "taken", email)] if email_taken(desk.snapshot, email, staff_id) else []


def _leave_problems(desk: Desk, values: Mapping[str, Any], staff_id: str) -> list[Problem]:
    if not {"away_from", "away_until"} & values.keys():
        return []
    before = desk.snapshot[Staff].get(staff_id)
    start = values.get("away_from", before.away_from if before else None)
    end = values.get("away_until", before.away_until if before else None)
    if end is not None and start is None:
        return [Problem("away_from", "missing")]
    return [Problem("away_until", "before_start")] if start and end and end < start else []


def email_taken(snapshot: Snapshot, email: str, staff_id: str) -> bool:
    """Whether somebody other than `staff_id` has the address."""
    address = emails.canonical(email)
    return address != "" and any(
        emails.canonical(other.email) == address and other.staff_id != staff_id for other in snapshot[Staff].values()
    )

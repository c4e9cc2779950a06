"""What a service asks the commit loop to save: changes with what was seen, and the words for History."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from lib.domain.records.extras import values_of
from lib.domain.records.record import Record
from lib.store.schema import TAB_OF

Audience = Literal["internal", "client"]
NEW = "new:"
"""A case number that is not given out yet: "new:1", "new:2" ... becomes the number allocated."""

NUMBERED = ("case_no", "opened_case")
"""The fields that hold a case number; in any other, "new:1" is just what somebody typed."""


def new_id(prefix: str) -> str:
    """A key for a record that people do not number, such as "fu-5f0c9a..."; unique without asking anybody."""
    return f"{prefix}-{uuid4().hex[:16]}"


@dataclass(frozen=True, slots=True)
class Edit:
    """A field's value as the person saw it, and the value they want."""

    seen: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One line of History and what it changes: a record created, edited or removed, or nothing (a note).

    `record` is set for a creation only. `edits` are those of an edit; of a removal, what was seen in each field.
    `case_no` names the case whose timeline shows it. With `repair` the edits are of cells, as the store holds them, and
    the row they are made in need not be a valid record before. `token` names the row of the store that a new record is
    made of (see `lib.store.port.ByHand`).
    """

    action: str
    tab: str = ""
    record_id: str = ""
    case_no: str = ""
    record: Record | None = None
    edits: Mapping[str, Edit] | None = None
    remove: bool = False
    repair: bool = False
    text: str = ""
    audience: Audience = "internal"
    token: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes that are saved together or not at all. The same `commit_id` again gives the same receipt."""

    commit_id: str
    actor: str
    at: datetime
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of a batch: the sequence, and the keys of the records it created, in order. `repeated`: it was in the
    store already, and nothing of this one was looked at."""

    commit_id: str
    seq: int
    created: tuple[tuple[str, str], ...]
    repeated: bool = field(default=False, compare=False)

    def first(self, tab: str) -> str:
        """The key of the first record created in a tab."""
        return next(key for name, key in self.created if name == tab)


def create(record: Record, *, action: str = "create", case_no: str = "", text: str = "", **more: Any) -> Change:
    """A change that creates a record; the case it belongs to is read off the record unless given."""
    tab = TAB_OF[type(record)]
    belongs = case_no or str(getattr(record, "case_no", ""))
    return Change(action, tab.name, getattr(record, tab.key), belongs, record=record, text=text, **more)


def edit(record: Record, values: Mapping[str, Any], *, action: str = "edit", text: str = "", **more: Any) -> Change:
    """A change of a record as it was seen; fields that already have the value wanted are left out."""
    tab = TAB_OF[type(record)]
    edits = {
        name: Edit(getattr(record, name), value) for name, value in values.items() if getattr(record, name) != value
    }
    belongs = str(getattr(record, "case_no", ""))
    return Change(action, tab.name, getattr(record, tab.key), belongs, edits=edits, text=text, **more)


def remove(record: Record, *, action: str = "remove", text: str = "") -> Change:
    """A change that takes a record away, unless somebody changed it since it was seen; History keeps it."""
    tab = TAB_OF[type(record)]
    seen = {name: Edit(value, None) for name, value in values_of(record).items()}
    belongs = str(getattr(record, "case_no", ""))
    return Change(action, tab.name, getattr(record, tab.key), belongs, edits=seen, remove=True, text=text)


def adopt(record: Record, token: str, *, action: str = "fix") -> Change:
    """A change that makes a record of the bad row `token`, which has no key of its own."""
    return replace(create(record, action=action), repair=True, token=token)


def repair(tab: str, key: str, cells: Mapping[str, Edit], *, case_no: str = "", action: str = "fix") -> Change:
    """A change that corrects cells of a row; the result must be a valid record."""
    return Change(action, tab, key, case_no, edits=cells, repair=True)


def note(case_no: str, text: str, *, action: str = "note", audience: Audience = "internal") -> Change:
    """A line in a case's timeline that changes no field."""
    return Change(action, "cases", case_no, case_no, text=text, audience=audience)

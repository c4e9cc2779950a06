"""Editing the lists that choices are taken from, and the working calendar (requirements I1, D2)."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.workspace import CalendarDay, ListItem
from lib.domain.rules.permissions import Actor
from lib.domain.time.work_calendar import FIRST_YEAR, LAST_YEAR
from lib.domain.time.work_hours import Spans
from lib.errors import AlreadyExists, InvalidFields, NotFound, Problem
from lib.services.workspace.calendar_changes import save_with_clocks, stored_days
from lib.store.codec import check
from lib.store.commit.batch import Change, Receipt, create, edit, remove
from lib.store.schema import TAB_OF

BUILT_IN = frozenset({"stage", "role", "danger", "priority"})
"""Lists that the rules of the configuration know by their codes."""

LONGEST = 62  # days set at once
_SLUG = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
_SPANS: TypeAdapter[Spans] = TypeAdapter(Spans)
_EDITABLE = ("zh", "en", "active")


def editable_lists(desk: Desk) -> tuple[str, ...]:
    """The lists that people may change, those of the configuration first."""
    return tuple(name for name in dict.fromkeys([*desk.config.lists, *desk.lists.names]) if name not in BUILT_IN)


def add_item(
    desk: Desk,
    *,
    actor: Actor,
    list_name: str,
    code: str,
    zh: str = "",
    en: str = "",
    parent: str = "",
    commit_id: str | None = None,
) -> Receipt:
    """Add a choice at the end of a list. Below a parent the code becomes "parent.code".

    Raises NotAllowed, NotFound (no such list, or a built-in one), InvalidFields, AlreadyExists.
    """
    _require_list(desk, actor, list_name)
    present = desk.lists.items(list_name)
    problems = [] if _SLUG.fullmatch(code) else [Problem("code", "not_a_code", code)]
    problems += _parent_problems(present, parent)
    problems += _label_problems(zh, en)
    if problems:
        raise InvalidFields("lists", problems)
    full = f"{parent}.{code}" if parent else code
    if desk.lists.has(list_name, full):
        raise AlreadyExists("lists", f"{list_name}.{full}")
    item = check(
        TAB_OF[ListItem],
        {
            "item_id": f"{list_name}.{full}", "list_name": list_name, "code": full, "parent": parent,
            "zh": zh.strip(), "en": en.strip(), "position": max((one.position for one in present), default=-1) + 1,
        },
    )  # fmt: skip
    return desk.save(actor, [create(item, action="add_choice")], commit_id=commit_id)


def edit_item(
    desk: Desk, *, actor: Actor, item: ListItem, values: Mapping[str, Any], commit_id: str | None = None
) -> Receipt:
    """Change labels, or whether the choice is offered. Its code never changes: records keep it.

    A parent that is no longer offered takes its children along. Raises NotAllowed, NotFound, InvalidFields, Conflict.
    """
    _require_list(desk, actor, item.list_name)
    cleaned = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    problems = [Problem(name, "locked") for name in values if name not in _EDITABLE]
    problems += _label_problems(cleaned.get("zh", item.zh), cleaned.get("en", item.en))
    if problems:
        raise InvalidFields("lists", problems)
    changes = [edit(item, cleaned, action="edit_choice")]
    if cleaned.get("active") is False:
        children = [one for one in desk.lists.items(item.list_name) if one.parent == item.code]
        changes += [edit(child, {"active": False}, action="edit_choice") for child in children]
    return desk.save(actor, changes, commit_id=commit_id)


def deactivate_item(desk: Desk, *, actor: Actor, item: ListItem, commit_id: str | None = None) -> Receipt:
    """Offer a choice no longer; records that have it keep it, with its label."""
    return edit_item(desk, actor=actor, item=item, values={"active": False}, commit_id=commit_id)


def reorder(desk: Desk, *, actor: Actor, list_name: str, codes: Sequence[str], commit_id: str | None = None) -> Receipt:
    """Put a list into the order of `codes`, which must name every choice of it once. Raises InvalidFields, Conflict."""
    _require_list(desk, actor, list_name)
    items = {item.code: item for item in desk.lists.items(list_name)}
    if len(codes) != len(items) or set(codes) != set(items):
        raise InvalidFields("lists", [Problem("position", "not_the_whole_list")])
    changes = [
        edit(items[code], {"position": position}, action="reorder_choice")
        for position, code in enumerate(codes)
        if items[code].position != position
    ]
    return desk.save(actor, changes, commit_id=commit_id)


def set_day(
    desk: Desk,
    *,
    actor: Actor,
    day: date,
    until: date | None = None,
    name: str = "",
    spans: str = "",
    commit_id: str | None = None,
) -> Receipt:
    """Override a day of the working calendar, or all `until` another: its spans ("09:00-12:00 13:30-18:30"), or closed
    when empty.

    Clocks that run follow in the same commit (`lib.services.workspace.calendar_changes`). Raises NotAllowed,
    InvalidFields.
    """
    require(actor, "lists.edit")
    last = until or day
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidFields("calendar", [Problem("day", "outside_calendar", day.isoformat())])
    if last < day:
        raise InvalidFields("calendar", [Problem("day", "before_start", last.isoformat())])
    if (last - day).days >= LONGEST:
        raise InvalidFields("calendar", [Problem("day", "out_of_range", last.isoformat())])
    values = {"name": name.strip(), "spans": _clean_spans(spans)}
    keys = [(day + timedelta(days=n)).isoformat() for n in range((last - day).days + 1)]
    changes = [_set_day(desk, key, values) for key in keys]
    days = {**stored_days(desk), **dict.fromkeys(keys, values["spans"].split())}
    return save_with_clocks(desk, actor, changes, days, commit_id=commit_id)


def _set_day(desk: Desk, key: str, values: Mapping[str, str]) -> Change:
    present = desk.snapshot[CalendarDay].get(key)
    if present is not None:
        return edit(present, values, action="set_day")
    return create(check(TAB_OF[CalendarDay], {"day": key, **values}), action="set_day")


def clear_day(desk: Desk, *, actor: Actor, day: date, commit_id: str | None = None) -> Receipt:
    """Take an override back; the day is as the configuration says, and clocks that run follow. Raises NotAllowed,
    NotFound."""
    require(actor, "lists.edit")
    present = desk.snapshot[CalendarDay].require(day.isoformat())
    days = {key: spans for key, spans in stored_days(desk).items() if key != present.day}
    return save_with_clocks(desk, actor, [remove(present, action="clear_day")], days, commit_id=commit_id)


def _require_list(desk: Desk, actor: Actor, list_name: str) -> None:
    require(actor, "lists.edit")
    if list_name not in editable_lists(desk):
        raise NotFound("lists", list_name)


def _parent_problems(items: Sequence[ListItem], parent: str) -> list[Problem]:
    if not parent:
        return []
    found = next((item for item in items if item.code == parent), None)
    if found is None:
        return [Problem("parent", "unknown_choice", parent)]
    return [Problem("parent", "not_first_level", parent)] if found.parent else []


def _label_problems(zh: str, en: str) -> list[Problem]:
    return [] if zh.strip() or en.strip() else [Problem("zh", "missing")]


def _clean_spans(text: str) -> str:
    """The spans in the form in which the calendar reads them; spaces around a dash are forgiven."""
    parts = re.sub(r"\s*[-–—~至]\s*", "-", text.replace("：", ":")).replace(",", " ").replace("，", " ").split()
    try:
        return " ".join(map(str, _SPANS.validate_python(tuple(parts))))
    except ValidationError:
        raise InvalidFields("calendar", [Problem("spans", "not_spans", text)]) from None

"""Saved views of the cases page: a name and the filter's query string, each person her own.

A view is a setting `view:<staff_id>:<name>`, so that it moves with the data.
"""

import json
from dataclasses import dataclass

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.workspace import Setting
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields, NotFound, Problem
from lib.store.codec import made
from lib.store.commit.batch import Receipt, create, edit, remove
from lib.store.snapshot.snapshot import Table

NAME_LIMIT = 60  # characters
_PREFIX = "view:"


@dataclass(frozen=True, slots=True)
class SavedView:
    """`query` is what stands after the question mark, such as "stage=assigned&only=late"."""

    name: str
    query: str


def views_of(desk: Desk, *, actor: Actor) -> tuple[SavedView, ...]:
    """The person's own views by name."""
    start = _key(actor, "")
    found = [(key, value) for key, value in desk.snapshot[Setting].derive(_all_views) if key.startswith(start)]
    return tuple(SavedView(key.removeprefix(start), json.loads(value)) for key, value in sorted(found))


def save_view(desk: Desk, *, actor: Actor, name: str, query: str, commit_id: str | None = None) -> Receipt:
    """Keep a view under a name; one of the same name is replaced. Raises NotAllowed and InvalidFields."""
    require(actor, "case.view")
    short = " ".join(name.split())
    if not short or len(short) > NAME_LIMIT:
        code = "too_long" if short else "missing"
        raise InvalidFields("settings", [Problem("name", code, facts={"limit": NAME_LIMIT})])
    value, key = json.dumps(query, ensure_ascii=False), _key(actor, short)
    present = desk.snapshot[Setting].get(key)
    change = (
        create(made(Setting, {"key": key, "value": value}), action="save_view", text=short)
        if present is None
        else edit(present, {"value": value}, action="save_view", text=short)
    )
    return desk.save(actor, [change], commit_id=commit_id)


def forget_view(desk: Desk, *, actor: Actor, name: str, commit_id: str | None = None) -> Receipt:
    """Take a view away. Raises NotFound."""
    present = desk.snapshot[Setting].get(_key(actor, name))
    if present is None:
        raise NotFound("settings", name)
    return desk.save(actor, [remove(present, action="forget_view", text=name)], commit_id=commit_id)


def _key(actor: Actor, name: str) -> str:
    return f"{_PREFIX}{actor.staff_id}:{name}"


def _all_views(table: Table[Setting]) -> tuple[tuple[str, str], ...]:
    return tuple((key, setting.value) for key, setting in table.items() if key.startswith(_PREFIX))

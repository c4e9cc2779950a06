"""Setting up a workspace: the lists it starts with, the settings of the workspace as a whole."""

import json
from collections.abc import Mapping
from typing import Any

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Account, Staff
from lib.domain.records.record import Record
from lib.domain.records.workspace import ListItem, Setting
from lib.domain.rules.permissions import system_actor
from lib.errors import DemoHere, NoDemoHere
from lib.store.codec import made
from lib.store.commit.batch import Change, create, edit, remove
from lib.store.schema import HOT_TABS

DEMO = "workspace.demo"
_MAKING, _READY = "making", True
_KEPT_BY_A_NEW_DEMO = frozenset({"lists", "settings", "counters", "staff", "calendar"})
_OF_AN_OFFICE: tuple[type[Record], ...] = (Account, Case)


def initialise(desk: Desk, *, demo: bool = False) -> int:
    """Put the configured lists into the store where they are missing; returns how many entries. Idempotent.

    `demo` makes it a workspace that everybody enters. Raises NoDemoHere where an office works in it.
    """
    if demo and not is_demo(desk):
        require_no_office(desk, *_OF_AN_OFFICE)
    present = desk.snapshot[ListItem]
    seeds = [item for item in list_seeds(desk) if item.item_id not in present]
    changes = [create(item, action="set_up") for item in seeds]
    if demo and not is_demo(desk):
        changes.append(_set(desk, DEMO, _READY))
    if changes:
        desk.save(system_actor(), changes)
    return len(seeds)


def add_new_lists(desk: Desk) -> int:
    """Lists that a later version of the app brought, for a workspace that is set up; returns how many entries.

    An entry that somebody took out of a list stays out.
    """
    present = {item.list_name for item in desk.snapshot[ListItem].values()}
    fresh = [item for item in list_seeds(desk) if item.list_name not in present] if present else []
    if fresh:
        desk.save(system_actor(), [create(item, action="set_up") for item in fresh])
    return len(fresh)


def list_seeds(desk: Desk) -> list[ListItem]:
    """The entries of config/lists.toml as records."""
    return seeds_of(desk.config.lists)


def seeds_of(lists: Mapping[str, Mapping[str, tuple[str, str]]]) -> list[ListItem]:
    """Configured lists, {name: {code: (Chinese, English)}}, as records."""
    return [
        ListItem(
            item_id=f"{name}.{code}",
            list_name=name,
            code=code,
            zh=zh,
            en=en,
            parent=code.rpartition(".")[0],
            position=position,
        )
        for name, items in lists.items()
        for position, (code, (zh, en)) in enumerate(items.items())
    ]


def is_demo(desk: Desk) -> bool:
    """Whether this is a demo workspace, the only one that offers a switch of roles."""
    return desk.setting(DEMO) == "true"


def require_no_demo(desk: Desk) -> None:
    """Before an office begins with its first account. Raises DemoHere in a workspace that everybody enters."""
    if is_demo(desk):
        raise DemoHere


def begin_demo(desk: Desk) -> None:
    """Before the demo is filled in: marks it as unfinished, so that the next call can tell. What an earlier call left
    half done goes. Raises NoDemoHere where an office works in the workspace, be it with as little as a colleague."""
    begun = _demo_begun(desk)
    if begun:
        require_no_office(desk, Account)
    else:
        require_no_office(desk, *_OF_AN_OFFICE, Staff)
    if not begun:
        put_setting(desk, DEMO, _MAKING)
    for name in HOT_TABS:
        left = list(desk.snapshot.tables[name].values())
        if name not in _KEPT_BY_A_NEW_DEMO and left:
            desk.save(system_actor(), [remove(record) for record in left])


def finish_demo(desk: Desk) -> None:
    """The demo is whole: from now on everybody enters."""
    put_setting(desk, DEMO, _READY)


def require_no_office(desk: Desk, *models: type[Record]) -> None:
    """Raises NoDemoHere where there are records of these kinds, or rows that cannot be read."""
    for model in models:
        table = desk.snapshot[model]
        if table or table.bad:
            raise NoDemoHere(table.name, len(table) + len(table.bad))


def _demo_begun(desk: Desk) -> bool:
    return desk.setting(DEMO) == json.dumps(_MAKING)


def put_setting(desk: Desk, key: str, value: Any) -> None:
    """Keep a fact about the workspace under a key, as JSON; for the machine's own use."""
    desk.save(system_actor(), [_set(desk, key, value)])


def _set(desk: Desk, key: str, value: Any) -> Change:
    text = json.dumps(value, ensure_ascii=False)
    present = desk.snapshot[Setting].get(key)
    if present is None:
        return create(made(Setting, {"key": key, "value": text}), action="set")
    return edit(present, {"value": text}, action="set")

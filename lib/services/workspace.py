"""Setting up a workspace: the lists it starts with, the settings of the workspace as a whole."""

import json
from collections.abc import Mapping
from typing import Any

from lib.domain.permissions import system_actor
from lib.domain.workspace import ListItem, Setting
from lib.services.desk import Desk
from lib.store.batch import Change, create, edit

DEMO = "workspace.demo"


def initialise(desk: Desk, *, demo: bool = False) -> int:
    """Put the configured lists into the store where they are missing; returns how many entries. Idempotent."""
    present = desk.snapshot[ListItem]
    seeds = [item for item in list_seeds(desk) if item.item_id not in present]
    changes = [create(item, action="set_up") for item in seeds]
    if demo and not is_demo(desk):
        changes.append(_set(desk, DEMO, True))
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


def put_setting(desk: Desk, key: str, value: Any) -> None:
    """Keep a fact about the workspace under a key, as JSON; for the machine's own use."""
    desk.save(system_actor(), [_set(desk, key, value)])


def _set(desk: Desk, key: str, value: Any) -> Change:
    text = json.dumps(value, ensure_ascii=False)
    present = desk.snapshot[Setting].get(key)
    if present is None:
        return create(Setting(key=key, value=text), action="set")
    return edit(present, {"value": text}, action="set")

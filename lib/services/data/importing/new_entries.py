"""Entries of lists that an import would add: asked for before it, and taken back with it."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from lib.desk.desk import Desk
from lib.domain.records.record import Record
from lib.domain.records.workspace import ListItem
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields, Problem
from lib.services.data.importing.fields import importable
from lib.store.commit.batch import Change, create, remove
from lib.store.schema import SCHEMA, TAB_OF

CHUNK = 400
_SHOWN = 10


def missing(desk: Desk, additions: Iterable[ListItem]) -> list[ListItem]:
    """Those that no list has yet."""
    return [item for item in additions if item.item_id not in desk.snapshot[ListItem]]


def refuse_unasked(items: Sequence[ListItem]) -> None:
    """Raises InvalidFields with each field, how many entries its list would get, and the first of them."""
    by_list: dict[str, list[ListItem]] = defaultdict(list)
    for item in items:
        by_list[item.list_name].append(item)
    problems = [
        Problem(_field(name), "new_entries", ", ".join(_text(item) for item in found[:_SHOWN]), {"n": len(found)})
        for name, found in by_list.items()
    ]
    if problems:
        raise InvalidFields("cases", problems)


def add(desk: Desk, actor: Actor, import_id: str, items: Sequence[ListItem], *, action: str) -> None:
    """Some hundreds a commit, each safe to repeat and known by the import's id."""
    for first in range(0, len(items), CHUNK):
        chunk = items[first : first + CHUNK]
        keys = "\n".join(item.item_id for item in chunk)
        digest = hashlib.sha256(keys.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        changes = [create(item, action=action) for item in chunk]
        desk.save(actor, changes, commit_id=f"{_commits(import_id)}{digest}")


def removals(desk: Desk, import_id: str, since: int, *, action: str) -> list[Change]:
    """The removal of the entries that an import added, but for those that somebody has changed or uses."""
    tab, added, changed = TAB_OF[ListItem].name, dict[str, None](), set[str]()
    for line in desk.history(since_seq=since):
        if line.tab == tab:
            ours = line.commit_id.startswith(_commits(import_id))
            added |= {line.record_id: None} if ours else {}
            changed |= set() if ours else {line.record_id}
    items = [item for key in added if key not in changed and (item := desk.snapshot[ListItem].get(key))]
    used = _used(desk, {item.list_name for item in items})
    return [remove(item, action=action) for item in items if (item.list_name, item.code) not in used]


def _commits(import_id: str) -> str:
    return f"{import_id}-lists-"


def _field(list_name: str) -> str:
    return next((key for key, column in importable().items() if column.choices == list_name), list_name)


def _text(item: ListItem) -> str:
    return item.zh or item.en or item.code


def _used(desk: Desk, names: set[str]) -> frozenset[tuple[str, str]]:
    """List and code of everything in these lists that a record of any tab holds."""
    return frozenset(
        (name, value)
        for tab in SCHEMA.values()
        for key, name in _choices(tab.model, names)
        for record in (desk.snapshot.tables[tab.name].values() if tab.name in desk.snapshot.tables else ())
        if (value := getattr(record, key))
    )


def _choices(model: type[Record], names: set[str]) -> Iterator[tuple[str, str]]:
    for key, column in TAB_OF[model].columns.items():
        if column.choices in names:
            yield key, column.choices

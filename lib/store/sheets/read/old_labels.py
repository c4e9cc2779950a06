"""What labels of lists and people were called before, as History tells.

A cell goes on showing the label or the name that it was written with; whoever starts later must understand it too.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from lib.domain.records.fields import Cell
from lib.domain.records.lists import Lists
from lib.domain.records.workspace import ListItem
from lib.store.codec import decode, encode
from lib.store.port import Row
from lib.store.schema import SCHEMA
from lib.store.sheets.model.vocabulary import PEOPLE, Borne
from lib.store.sheets.read.history import changes_in


class Former:
    """Every text that a code or a person ever had, as far as lines of History tell (`texts`, by list).

    `items` are the entries as they are now, for lines that do not say which entry they are of: those before were not
    read.
    """

    def __init__(self, items: Iterable[ListItem] = ()) -> None:
        self.texts: dict[str, Borne] = {}
        self._entries: dict[str, dict[str, Cell]] = {}
        self._ids: dict[tuple[str, str], str] = {}  # by list and code
        self._below: dict[tuple[str, str], set[str]] = {}  # by list and code of the first level
        for one in items:
            self._put(one.item_id, encode(one))

    def take(self, lines: Iterable[Row]) -> bool:
        """Go on with the lines that follow; whether they tell anything new."""
        news = False
        for line in lines:
            if line.get("tab") == "staff":
                news = self._person(line) or news
            elif line.get("tab") == "lists":
                news = self._entry(str(line.get("record_id", "")), changes_in(line)) or news
        return news

    def _person(self, line: Row) -> bool:
        names = [str(name) for name in changes_in(line).get("name", ()) if name]
        borne = self.texts.setdefault(PEOPLE, Borne())
        return bool(names) and borne.add(str(line.get("record_id", "")), names)

    def _entry(self, item_id: str, changes: Mapping[str, Any]) -> bool:
        """What the entry, and those below it, were called before the line and after it."""
        news = False
        for moment in (0, 1):
            row = self._entries.get(item_id, {}) | {name: pair[moment] for name, pair in changes.items()}
            if any(row.values()):
                self._put(item_id, row)
                news = self._take_family(item_id) or news
        return news

    def _put(self, item_id: str, row: dict[str, Cell]) -> None:
        self._entries[item_id] = row
        name = str(row.get("list_name") or "")
        self._ids[name, str(row.get("code") or "")] = item_id
        if row.get("parent"):
            self._below.setdefault((name, str(row["parent"])), set()).add(item_id)

    def _take_family(self, item_id: str) -> bool:
        """An entry and those below it, whose labels tell its own."""
        row = self._entries[item_id]
        name, above = str(row.get("list_name") or ""), str(row.get("parent") or "")
        family = self._items([item_id, *self._below.get((name, str(row.get("code") or "")), ())])
        parent = self._items([self._ids[name, above]] if (name, above) in self._ids else [])
        lists, borne = Lists([*parent, *family]), self.texts.setdefault(name, Borne())
        return any([borne.add_item(one, lists) for one in family])  # noqa: C419 - each of them

    def _items(self, item_ids: Iterable[str]) -> list[ListItem]:
        rows = [{name: cell for name, cell in self._entries[one].items() if cell is not None} for one in item_ids]
        return [one for one in decode(SCHEMA["lists"], rows)[0] if isinstance(one, ListItem)]

"""Dropdowns that follow the lists: when an entry or a person is new, the hidden tab of choices is written anew.

Without it the sheet would not offer what the app knows, and would colour it as unreadable.
"""

import json
import logging
from dataclasses import replace

from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.errors import StoreError
from lib.i18n import pick
from lib.store.codec import decode
from lib.store.schema import SCHEMA
from lib.store.sheets.api.client import Rejected, SheetsClient
from lib.store.sheets.model.layout import quoted
from lib.store.sheets.read.mirror import Mirror
from lib.store.sheets.setup.choices import Words, column_requests, list_columns, placed, stale
from lib.store.sheets.setup.inspect import CHOICES, new_tab

log = logging.getLogger("casesheet")


class Dropdowns:
    """The tab of choices of one spreadsheet. A spreadsheet that was never set up has none, and gets none here."""

    def __init__(self, client: SheetsClient) -> None:
        self._client = client
        self._there = True
        self._followed: object = None  # the words that they offer

    def keep_up(self, mirror: Mirror) -> None:
        """After new words were read. It may be done the next time: nothing depends on it but what dropdowns offer."""
        if mirror.cells.words is self._followed:
            return
        self._followed = mirror.cells.words
        words = _words(mirror)
        if not words.items:
            return  # the workspace is not set up yet; the dropdowns offer what it will begin with
        try:
            self.follow(replace(words, items=[*words.items, *mirror.options.fixed]))
        except StoreError as failed:
            log.info("the dropdowns could not be brought up to date: %s", failed)
            self._followed = None

    def follow(self, words: Words) -> bool:
        """One read, and one write where anything changed; says whether. Raises StoreError."""
        if not self._there:
            return False
        try:
            rows = self._client.values([quoted(CHOICES)])[0].get("values", [])
        except Rejected:  # no such tab
            self._there = False
            return False
        wanted = list_columns(words, SCHEMA)
        tab = new_tab(CHOICES, CHOICES, [str(text) for text in rows[0]] if rows else [], len(rows))
        at = placed(tab, wanted)
        names = stale(rows, at, wanted)
        if names:
            requests = list(column_requests(tab, names, at, wanted))
            self._client.update(json.dumps({"requests": requests}, ensure_ascii=False).encode())
        return bool(names)


def _words(mirror: Mirror) -> Words:
    items = [one for one in _known(mirror, "lists") if isinstance(one, ListItem)]
    staff = [one for one in _known(mirror, "staff") if isinstance(one, Staff)]
    return Words(pick(mirror.options.language), items, staff, mirror.words.former.texts)


def _known(mirror: Mirror, name: str) -> list[object]:
    return list(decode(SCHEMA[name], list(mirror.records[name].app.values()))[0])

"""Dropdowns that follow the lists: when an entry or a person is new, the hidden tab of choices is written anew.

Without it the sheet would not offer what the app knows, and would colour it as unreadable.
"""

import json

from lib.store.schema import SCHEMA
from lib.store.sheets.api.client import Rejected, SheetsClient
from lib.store.sheets.model.layout import quoted
from lib.store.sheets.setup.choices import Words, column_requests, list_columns, placed, stale
from lib.store.sheets.setup.inspect import CHOICES, new_tab


class Dropdowns:
    """The tab of choices of one spreadsheet. A spreadsheet that was never set up has none, and gets none here."""

    def __init__(self, client: SheetsClient) -> None:
        self._client = client
        self._there = True

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

"""Sending requests, and what it means when Google refuses them."""

import json
from collections.abc import Sequence
from typing import Any

from lib.errors import CellsProtected, OutcomeUnknown, StaleSequence, StoreError, TabMissing, WriteTooLarge
from lib.store.schema import SCHEMA
from lib.store.sheets.api.client import Rejected, SheetsClient
from lib.store.sheets.model.layout import META
from lib.store.sheets.model.tabs import sheet_tabs
from lib.store.sheets.model.updates import Request
from lib.store.sheets.read.mirror import Mirror


class Sender:
    """Sends batches to one spreadsheet. After one that failed, the mirror knows that it has to be read again."""

    def __init__(self, client: SheetsClient, mirror: Mirror) -> None:
        self._client, self._mirror = client, mirror

    def send(
        self, wanted: Sequence[Request], seq: int, *, alone: bool = True, fields: str = "replies", **shown: Any
    ) -> dict[str, Any]:
        """One write, as a whole; `alone`: the requests take no number but `seq`. `fields` and `shown` say what the
        answer is to hold.

        Raises StaleSequence where somebody was quicker, OutcomeUnknown, WriteTooLarge, CellsProtected, TabMissing.
        """
        try:
            return self.post(wanted, fields=fields, **shown)
        except Rejected as rejected:
            raise self._why_rejected(rejected, seq, alone=alone) from rejected
        except OutcomeUnknown:
            self._mirror.dirty = True
            raise

    def post(self, wanted: Sequence[Request], *, fields: str = "replies", **shown: Any) -> dict[str, Any]:
        """The same for requests that take no number: what is refused is Rejected."""
        body = {"requests": wanted, **shown}
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        limit = self._mirror.options.limit
        if len(content) > limit:
            raise WriteTooLarge(len(content), limit)
        return self._client.update(content, fields)

    def _why_rejected(self, rejected: Rejected, wanted: int, *, alone: bool) -> StoreError:
        """Nothing was applied: because the marker is taken, a tab is gone or has become smaller, or something else."""
        mirror, reader = self._mirror, self._mirror.reader
        mirror.dirty = True
        before = reader.layout
        if "already exists" in rejected.why and "metadata" in rejected.why:
            mirror.highest = max(mirror.highest, wanted if alone else -1)
            return StaleSequence()
        if "protected cell" in rejected.why:
            return CellsProtected(self._client.email, rejected.why)
        reader.forget()
        for name in (*sheet_tabs(SCHEMA), META):
            if name not in reader.layout.sheets:
                return TabMissing(name)
        came_back = "grid with id" in rejected.why  # a tab that was gone for that moment
        moved_on = came_back or reader.layout != before or reader.read(None, archive=False).seq >= wanted
        return StaleSequence() if moved_on else rejected

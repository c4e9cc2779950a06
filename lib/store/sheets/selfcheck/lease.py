"""One process at a time, where the self-check saw that several at once are not safe on a spreadsheet.

Whoever writes holds a cell of the app's own tab for a while, and holds it anew while it goes on writing; everybody
else is refused meanwhile. Where the self-check held, or was never run, this costs nothing.
"""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from lib.errors import SeveralWriters
from lib.store.sheets.api.client import SheetsClient
from lib.store.sheets.model.layout import META
from lib.store.sheets.model.meta import MetaCell, only_cell, put_json, range_of
from lib.store.sheets.read.mirror import Mirror
from lib.store.sheets.read.reader import SheetReader
from lib.store.sheets.selfcheck.selfcheck import SETTING, writers_allowed

VALID = timedelta(minutes=2)
_PAUSE = 1.0  # seconds after which whoever took the cell at the same moment shows


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Lease:
    """The right to write, for as long as it is used."""

    def __init__(
        self,
        client: SheetsClient,
        *,
        clock: Callable[[], datetime] = _utc_now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._reader = client, SheetReader(client)
        self._clock, self._sleep = clock, sleep
        self._holder, self._until = uuid4().hex[:12], datetime.fromtimestamp(0, UTC)

    def require(self, mirror: Mirror) -> None:
        """Hold it where the last self-check saw that several writers are not safe. Raises SeveralWriters."""
        setting = mirror.records["settings"].app.get(SETTING, {}).get("value")
        if not writers_allowed(mirror.selfcheck or str(setting or "")):
            self.hold()

    def hold(self) -> None:
        """Have it for another while. Raises SeveralWriters where somebody else does."""
        now = self._clock()
        if now < self._until - VALID / 2:
            return
        self._refuse_others(now)
        until = now + VALID
        self._put(until)
        self._sleep(_PAUSE)
        self._refuse_others(now)
        self._until = until

    def _refuse_others(self, now: datetime) -> None:
        holder, until = self._read()
        if holder not in ("", self._holder) and now < until:
            raise SeveralWriters(until)

    def _read(self) -> tuple[str, datetime]:
        rows = self._client.values([self._reader.layout.range(META, range_of(MetaCell.LEASE))])[0].get("values", [])
        try:
            holder, until = json.loads(only_cell(rows))
            return str(holder), datetime.fromisoformat(until)
        except (TypeError, ValueError):
            return "", self._until

    def _put(self, until: datetime) -> None:
        request = put_json(MetaCell.LEASE, [self._holder, until.isoformat()])
        self._client.update(json.dumps({"requests": [request]}).encode())

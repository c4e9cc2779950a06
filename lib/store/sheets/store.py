"""The Google Sheets adapter: one spreadsheet that managers open and edit while agents work in the app.

A commit is one batchUpdate whose first request makes developer metadata with the number of the new sequence: of two
writers based on one read exactly one wins, and the other's batch is refused as a whole. Reading is one values:batchGet
for all tabs; Drive's version number says when it may be left out, but never for longer than a minute.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lib.domain.records.extras import is_extra
from lib.store.port import Load, Pull, Row, Write
from lib.store.schema import Schema
from lib.store.sheets.api.client import SheetsClient
from lib.store.sheets.model.layout import META, letter, sheet_id
from lib.store.sheets.model.meta import tag_of
from lib.store.sheets.model.options import Options
from lib.store.sheets.model.tabs import homes
from lib.store.sheets.read.mirror import Mirror
from lib.store.sheets.read.reader import SheetReader
from lib.store.sheets.read.tab_state import find, find_second, find_typed
from lib.store.sheets.read.telling import told_since
from lib.store.sheets.repair.recovery import Recovery
from lib.store.sheets.repair.reverting import Reverting
from lib.store.sheets.selfcheck.lease import Lease
from lib.store.sheets.setup import provisioning
from lib.store.sheets.setup.dropdowns import Dropdowns
from lib.store.sheets.sync import Sync
from lib.store.sheets.write.requests import MARKER_KEY
from lib.store.sheets.write.sending import Sender
from lib.store.sheets.writer import Writer

_CELL = "https://docs.google.com/spreadsheets/d/{id}/edit#gid={tab}&range={cell}"


class SheetsStore:
    """A `Store` in one spreadsheet: its parts, and the lock under which they work.

    `mirror` is what was read; the sync keeps it up, with the help of those who notice a restored version and repair
    what writes did to wrong rows; the writer sends. With a `lease` writes ask the result of the self-check first, with
    `dropdowns` what these offer follows the words of the workspace; a store that is filled or tried needs neither.
    """

    def __init__(
        self,
        client: SheetsClient,
        options: Options | None = None,
        *,
        lease: Lease | None = None,
        dropdowns: Dropdowns | None = None,
    ) -> None:
        self._client, self._options = client, options or Options()
        self._lease, self._dropdowns = lease, dropdowns
        self._lock = threading.RLock()
        self.mirror = Mirror(SheetReader(client), self._options)
        sender = Sender(client, self.mirror)
        recovery = Recovery(self.mirror, sender)
        self._reverting = Reverting(client, self.mirror, sender)
        self._sync = Sync(client, self.mirror, recovery, self._reverting)
        self._writer = Writer(client, self.mirror, sender, recovery, self._sync)

    def provision(self, schema: Schema, *, create: bool = True) -> Sequence[str]:
        """Make what is missing; see `lib.store.sheets.setup.provisioning`."""
        with self._lock:
            done = provisioning.provision(self._client, schema, self._options.language, create=create)
            self.mirror.reader.forget()
            self.mirror.dirty = True
        return done

    def pull(self, since: int | None) -> Pull:
        """From memory where the file is as it was read, else from one read of everything."""
        with self._lock:
            self._sync.keep_up()
            pulled = told_since(self.mirror, since)
            if self._dropdowns:
                self._dropdowns.keep_up(self.mirror)
            return pulled

    def write(self, write: Write) -> None:
        with self._lock:
            self._require_lease()
            self._writer.write(write)

    def _require_lease(self) -> None:
        if self._lease:
            self._lease.require(self.mirror)

    def has_write(self, write_id: str) -> bool:
        self.mirror.reader.layout.require((META,))
        return self._client.find_metadata(MARKER_KEY, tag_of(write_id))

    def history(
        self,
        *,
        commit_ids: Iterable[str] | None = None,
        case_no: str | None = None,
        since_seq: int | None = None,
        until_seq: int | None = None,
        actions: Iterable[str] | None = None,
    ) -> Sequence[Mapping[str, Any]]:
        """As of the last pull or write. Commits are looked for in memory; the rest asks for the older part once."""
        known = self.mirror.history
        if known is None or (self.mirror.dirty if commit_ids is not None else not self.mirror.covers(since_seq)):
            with self._lock:
                known = self._sync.enough_history(since_seq, of_commits=commit_ids is not None)
        # Without the lock: a page that is drawn does not wait for a read that is under way.
        return known.find(commit_ids, case_no, since_seq, until_seq, actions)

    def address(self, tab: str, key: str, field: str) -> str | None:
        """See `lib.store.port.Addressed`. `key` may also be the token of a row that was typed without one, or that of a
        second row with a key."""
        tabs = self.mirror.tabs
        found = find(tabs, tab, key) or find_typed(tabs, tab, key) or find_second(tabs, tab, key)
        place = None if found is None else found[0].places.get(field)
        if found is None or place is None:
            return None
        cell = f"{letter(place)}{found[1] + 2}"
        return _CELL.format(id=self._client.spreadsheet_id, tab=sheet_id(found[0].tab.name), cell=cell)

    def beyond(self) -> Sequence[Row]:
        """See `lib.store.port.Revertible`."""
        return list(self._reverting.beyond)

    def load(self, load: Load) -> None:
        with self._lock:
            self._require_lease()
            self._writer.load(load)

    def seal(self, *, expected_seq: int, seq: int) -> None:
        with self._lock:
            self._writer.seal(expected_seq=expected_seq, seq=seq)

    def close(self) -> None:
        self._client.session.close()

    def extra_columns(self, tab: str) -> Sequence[str]:
        """See `lib.store.port.Widened`."""
        tabs = self.mirror.tabs
        places = [tabs[one].places for one in homes(tab) if one in tabs]
        return list(dict.fromkeys(name for some in places for name in some if is_extra(name)))

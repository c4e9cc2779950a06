"""The Google Sheets adapter: one spreadsheet that managers open and edit while agents work in the app.

A commit is one batchUpdate whose first request makes developer metadata with the number of the new sequence: of two
writers based on one read exactly one wins, and the other's batch is refused as a whole. Reading is one values:batchGet
for all tabs; Drive's version number says when it may be left out, but never for longer than a minute.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lib.domain.records.extras import is_extra
from lib.errors import (
    StaleSequence,
)
from lib.store.port import Load, Pull, Write
from lib.store.schema import Schema
from lib.store.sheets.model.layout import META, letter, sheet_id
from lib.store.sheets.model.meta import tag_of
from lib.store.sheets.model.tabs import homes
from lib.store.sheets.read.tab_state import find, find_second, find_typed
from lib.store.sheets.setup import provisioning
from lib.store.sheets.write.bulk_load import seal_requests
from lib.store.sheets.write.requests import MARKER_KEY
from lib.store.sheets.writer import ALONG, Sending

_CELL = "https://docs.google.com/spreadsheets/d/{id}/edit#gid={tab}&range={cell}"


class SheetsStore(Sending):
    """A `Store` in one spreadsheet."""

    def provision(self, schema: Schema, *, create: bool = True) -> Sequence[str]:
        """Make what is missing; see `lib.store.sheets.setup.provisioning`."""
        with self._lock:
            done = provisioning.provision(self._client, schema, self._options.language, create=create)
            self._reader.forget()
            self._dirty = True
        return done

    def pull(self, since: int | None) -> Pull:
        """From memory where the file is as it was read, else from one read of everything."""
        with self._lock:
            if not self._just_read and self._unchanged():
                self._read_on()
            elif not self._just_read:
                self._read()
            self._just_read = False
            complete = since is None or since > self._seq
            return self._pulled(None if complete else since)

    def write(self, write: Write) -> None:
        with self._lock:
            self._be_fresh(write)
            self._make_columns(write)
            planner = self._planner()
            plan = planner.plan(write, planner.astray(ALONG))
            planner.free(plan, ALONG)
            try:
                self._send(plan)
            except StaleSequence:
                self._dirty = True
                raise

    def has_write(self, write_id: str) -> bool:
        self._reader.layout.require((META,))
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
        known = self._history
        if known is None or (self._dirty if commit_ids is not None else not self._covers(since_seq)):
            known = self._enough_history(since_seq, of_commits=commit_ids is not None)
        # Without the lock: a page that is drawn does not wait for a read that is under way.
        return known.find(commit_ids, case_no, since_seq, until_seq, actions)

    def address(self, tab: str, key: str, field: str) -> str | None:
        """See `lib.store.port.Addressed`. `key` may also be the token of a row that was typed without one, or that of a
        second row with a key."""
        found = find(self._tabs, tab, key) or find_typed(self._tabs, tab, key) or find_second(self._tabs, tab, key)
        place = None if found is None else found[0].places.get(field)
        if found is None or place is None:
            return None
        cell = f"{letter(place)}{found[1] + 2}"
        return _CELL.format(id=self._client.spreadsheet_id, tab=sheet_id(found[0].tab.name), cell=cell)

    def load(self, load: Load) -> None:
        with self._lock:
            self._loaded = load.seq
            self._be_at(load.expected_seq, archive=self._reaches_archive(load))
            self._make_columns(load)
            self._load_older()
            known = {(line.get("commit_id"), line.get("line", 0)) for line in self._known_history().lines}
            fresh = [line for line in load.history if (line["commit_id"], line.get("line", 0)) not in known]
            self._load_parts(replace(load, history=fresh))

    def seal(self, *, expected_seq: int, seq: int) -> None:
        with self._lock:
            self._read()
            if self._seq == seq:
                return
            self._be_at(expected_seq)
            self._apply_or_stale(seal_requests(expected_seq, seq, self._known_history()), seq, alone=False)
            self._read()

    def close(self) -> None:
        self._client.session.close()

    def extra_columns(self, tab: str) -> Sequence[str]:
        """See `lib.store.port.Widened`."""
        places = [self._tabs[one].places for one in homes(tab) if one in self._tabs]
        return list(dict.fromkeys(name for some in places for name in some if is_extra(name)))

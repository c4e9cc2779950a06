"""The one commit loop (design: serialisable, idempotent, merging), the same for every store.

A batch is rebased onto the latest snapshot (`lib.store.commit.merge`) and goes with its History into one atomic write.
Somebody else's commit in between makes the loop pull and start over; an unknown outcome is settled by asking the
store. Batches that arrive while a write is under way are written together in the next one. What people changed in the
store itself (`lib.store.commit.manual_edits`) is adopted before them, so that nobody overwrites it unseen.
"""

import random
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from uuid import uuid4

from lib.domain.rules.numbering import NumberPattern
from lib.errors import (
    CasesheetError,
    OutcomeUnknown,
    StaleSequence,
    StoreBusy,
    StoreUnavailable,
    WriteTooLarge,
)
from lib.store.commit.batch import Batch, Receipt
from lib.store.commit.manual_edits import Bad, sweep
from lib.store.commit.merge import Created, Draft, Rebase, creates
from lib.store.commit.policy import Policy
from lib.store.port import ByHand, Pull, Store, Write
from lib.store.snapshot.gc_pause import undisturbed
from lib.store.snapshot.snapshot import Snapshot

ATTEMPTS = 40
GROUP_LIMIT = 50  # batches in one write
QUESTIONS = 5  # after a lost answer: how often the store is asked, and how often the same write is sent
ASKING = 30.0  # seconds after which no further question is asked and no write repeated: somebody waits at a page
PAUSE = 0.25  # seconds at most between two attempts


@dataclass(eq=False)
class _Entry:
    """One batch waiting for its write."""

    batch: Batch
    receipt: Receipt | None = None
    error: CasesheetError | None = None

    @property
    def settled(self) -> bool:
        return self.receipt is not None or self.error is not None


@dataclass
class _Rebased:
    """The result of putting the waiting batches into one draft."""

    draft: Draft
    accepted: dict[str, Created]
    refused: list[tuple[_Entry, CasesheetError]]
    bad: Bad | None = None  # rows changed by hand that were not adopted
    more: bool = False

    def repaired(self, entries: Sequence[_Entry]) -> set[tuple[str, str]]:
        """The bad rows that a batch corrected, by tab and key (or token)."""
        return {
            (change.tab, change.token or change.record_id)
            for entry in entries
            if entry.batch.commit_id in self.accepted
            for change in entry.batch.changes
            if change.repair
        }


class Committer:
    """Holds the latest snapshot of one store and commits batches to it. Safe to use from several threads.

    `policy` are the rules that batches meet; an application whose rules read the snapshot sets them before it saves.
    """

    def __init__(
        self,
        store: Store,
        *,
        pattern: NumberPattern,
        zone: tzinfo,
        policy: Policy | None = None,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._store, self._attempts = store, attempts
        self.policy = policy or Policy()
        self._pattern, self._zone = pattern, zone
        self._snapshot = Snapshot.empty()
        self._by_hand: ByHand | None = None
        self._bad_by_hand: Bad = {}
        self._queue: list[_Entry] = []
        self._turn = threading.Condition()  # guards the queue and whose turn it is to write
        self._writing = False
        self._pull_lock = threading.Lock()
        self._adopt_lock = threading.Lock()

    @property
    def snapshot(self) -> Snapshot:
        """The latest snapshot in memory; asking never touches the store."""
        return self._snapshot

    def refresh(self) -> Snapshot:
        """Pull what is new. Raises StoreUnavailable."""
        with self._pull_lock:
            since = self._snapshot.seq
            pull = self._store.pull(None if since < 0 else since)
            if pull.seq < since:  # the store was put back to an older state, as a restored backup is
                pull = self._store.pull(None)
                with self._adopt_lock:
                    self._snapshot = Snapshot.empty()
            self._adopt(pull)
            self._by_hand = pull.by_hand
            if pull.by_hand is None:
                self._show_bad({})
        return self._snapshot

    def keep_up(self) -> Snapshot:
        """Pull what is new and adopt what people changed in the store itself. Raises StoreError."""
        self.refresh()
        while self._by_hand is not None and self._sweep():
            self.refresh()
        return self._snapshot

    def commit(self, batch: Batch) -> Receipt:
        """Save a batch; returns when it is in the store.

        Raises Conflict, InvalidFields, AlreadyExists or whatever a guard raises, StoreBusy after too many lost races,
        StoreUnavailable: nothing of the batch was written. Raises OutcomeUnknown where the store was lost in the
        middle of the write and does not answer; committing the same batch again is safe.
        """
        entry = _Entry(batch)
        with self._turn:
            self._queue.append(entry)
        while self._my_turn(entry):
            self._flush()
        if entry.receipt is None:
            raise entry.error or StoreBusy
        return entry.receipt

    def _sweep(self) -> bool:
        """A write without batches of our own; whether there is more to take in."""
        with self._turn:
            self._turn.wait_for(lambda: not self._writing)
            self._writing = True
        try:
            return self._commit_together(())
        finally:
            with self._turn:
                self._writing = False
                self._turn.notify_all()

    def _my_turn(self, entry: _Entry) -> bool:
        """Wait until this batch has been written by another thread (False), or nobody writes (True)."""
        with self._turn:
            self._turn.wait_for(lambda: entry.settled or not self._writing)
            self._writing = self._writing or not entry.settled
            return not entry.settled

    def _adopt(self, pull: Pull) -> None:
        """Move on to a pulled state; one that is older than what is known is left alone."""
        with self._adopt_lock, undisturbed():
            if pull.seq > self._snapshot.seq or (pull.seq == self._snapshot.seq and pull.rows):
                self._snapshot = self._snapshot.after(pull)

    def _flush(self) -> None:
        """Write the batches that have waited longest, in this thread's turn."""
        with self._turn:
            entries, self._queue = self._queue[:GROUP_LIMIT], self._queue[GROUP_LIMIT:]
        failure: CasesheetError = StoreBusy()
        try:
            self._commit_in_parts(entries)
        except CasesheetError as failed:
            failure = failed
        finally:
            with self._turn:
                for entry in entries:
                    if not entry.settled:
                        entry.error = failure
                self._writing = False
                self._turn.notify_all()

    def _commit_in_parts(self, entries: Sequence[_Entry]) -> None:
        """All in one write or, where that is more than the store takes, in halves."""
        try:
            self._commit_together(entries)
        except WriteTooLarge:
            if len(entries) < 2:
                raise
            self._commit_in_parts(entries[: len(entries) // 2])
            self._commit_in_parts(entries[len(entries) // 2 :])

    def _commit_together(self, entries: Sequence[_Entry]) -> bool:
        """Write the batches and what was changed by hand; whether there is more of the latter."""
        pulled = self._snapshot.seq < 0
        if pulled:
            self.refresh()
        for attempt in range(self._attempts):
            snapshot = self._snapshot
            self._settle_repeated(entries)  # after the snapshot is taken: what it holds already is found
            rebased = self._rebase(entries, snapshot)
            nothing_to_do = bool(rebased.accepted) and not rebased.draft.history
            if (rebased.refused or nothing_to_do) and not pulled:
                pulled = True  # both count only against the store as it was after the batch was handed in
                if self.refresh().seq != snapshot.seq:
                    continue
            for entry, error in rebased.refused:
                entry.error = error
            try:
                self._write(rebased.draft)
            except StaleSequence:
                time.sleep(random.uniform(0, min(0.002 * 2**attempt, PAUSE)))
                self.refresh()
                pulled = True
            else:
                self._acknowledge(entries, rebased)
                return rebased.more
        raise StoreBusy

    def _settle_repeated(self, entries: Sequence[_Entry]) -> None:
        """A batch that is in the store already gets the receipt it had then."""
        waiting = [entry for entry in entries if not entry.settled]
        if not waiting:
            return
        found: dict[str, list[Mapping[str, Any]]] = {}
        for line in self._store.history(commit_ids={entry.batch.commit_id for entry in waiting}):
            found.setdefault(line["commit_id"], []).append(line)
        for entry in waiting:
            if lines := found.get(entry.batch.commit_id):
                created = tuple((line["tab"], line["record_id"]) for line in lines if creates(line))
                entry.receipt = Receipt(entry.batch.commit_id, int(lines[0]["seq"]), created, repeated=True)

    def _rebase(self, entries: Sequence[_Entry], snapshot: Snapshot) -> _Rebased:
        """Put as many batches as stand into one draft; one that is refused leaves no trace in it."""
        result, rules = _Rebased(Draft(snapshot), {}, []), Rebase(self._pattern, self._zone, self.policy)
        if self._by_hand is not None:
            swept = sweep(result.draft, rules, self._by_hand)
            result.draft, result.bad, result.more = swept.draft, swept.bad, swept.more
            result.draft.snapshot = snapshot.beside(swept.bad, self._bad_by_hand)  # what a repair is judged by
        for entry in entries:
            if entry.settled or entry.batch.commit_id in result.accepted:
                continue
            trial = result.draft.copy()
            try:
                created = rules.apply(trial, entry.batch)
            except CasesheetError as refused:
                result.refused.append((entry, refused))
            else:
                result.draft = trial
                result.accepted[entry.batch.commit_id] = created
        return result

    def _acknowledge(self, entries: Sequence[_Entry], rebased: _Rebased) -> None:
        """Receipts for everybody whose batch is in, also for the same request sent twice at once."""
        for entry in entries:
            if not entry.settled:
                commit_id = entry.batch.commit_id
                entry.receipt = Receipt(commit_id, rebased.draft.seq, rebased.accepted[commit_id])
        write = rebased.draft.as_write("")
        self._adopt(Pull(rebased.draft.seq, write.rows, complete=False, removed=write.removed))
        bad = self._bad_by_hand if rebased.bad is None else rebased.bad
        if rebased.bad is not None:
            self._by_hand = None  # until the next pull
        self._show_bad(_without(bad, rebased.repaired(entries)))

    def _show_bad(self, bad: Bad) -> None:
        """Rows changed by hand that could not be adopted are kept beside the records until they are right."""
        if bad == self._bad_by_hand and all(self._snapshot.tables[tab].bad.items() >= bad[tab].items() for tab in bad):
            return
        with self._adopt_lock:
            self._snapshot = self._snapshot.beside(bad, self._bad_by_hand)
        self._bad_by_hand = bad

    def _write(self, draft: Draft) -> None:
        """Write; an unknown outcome is settled by asking, and only then is the identical write repeated.

        The id is new for every draft: that of a batch could have been used in a write that the batch was refused in.
        """
        if not draft.history:
            return
        write, ends = draft.as_write(uuid4().hex), time.monotonic() + ASKING
        for _ in range(QUESTIONS):
            try:
                self._store.write(write)
            except OutcomeUnknown:
                if not self._arrived(write):
                    if time.monotonic() > ends:
                        raise  # it may arrive yet
                    continue
            return
        raise StoreBusy

    def _arrived(self, write: Write) -> bool:
        """Whether a write whose answer was lost is in. Raises OutcomeUnknown when the store stays silent."""
        ends = time.monotonic() + ASKING
        for _ in range(QUESTIONS):
            try:
                return self._store.has_write(write.write_id)
            except StoreUnavailable:
                if time.monotonic() > ends:
                    break
                time.sleep(PAUSE)
        raise OutcomeUnknown


def _without(bad: Bad, keys: Collection[tuple[str, str]]) -> Bad:
    left = {tab: {key: row for key, row in rows.items() if (tab, key) not in keys} for tab, rows in bad.items()}
    return {tab: rows for tab, rows in left.items() if rows}

"""The one commit loop (design: serialisable, idempotent, merging), the same for every store.

A batch is rebased onto the latest snapshot field by field, its records and steps are checked, its case numbers are
given out, and all of it goes with its History into one atomic write. Somebody else's commit in between makes the loop
pull and start over; an unknown outcome is settled by asking the store. Batches that arrive while a write is under way
are written together in the next one.
"""

import json
import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Any, Protocol

from lib.domain.numbering import NumberPattern
from lib.domain.record import Record
from lib.domain.workspace import Counter, HistoryLine
from lib.errors import (
    AlreadyExists,
    CasesheetError,
    Clash,
    Conflict,
    OutcomeUnknown,
    StaleSequence,
    StoreBusy,
)
from lib.store.batch import NEW, Batch, Change, Receipt
from lib.store.codec import check, encode, encode_value
from lib.store.port import Pull, Row, Store, Write
from lib.store.schema import SCHEMA
from lib.store.snapshot import Snapshot

ATTEMPTS = 40
GROUP_LIMIT = 50  # batches in one write


_Created = tuple[tuple[str, str], ...]


class Guard(Protocol):
    """A check of one record about to be written; raises a `Refused`. `before` is None for a new record."""

    def __call__(self, before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None: ...


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
class _Draft:
    """A write in the making: rows over the snapshot, as the batches before this one left them."""

    snapshot: Snapshot
    write_id: str
    rows: dict[tuple[str, str], Record] = field(default_factory=dict)
    removed: dict[tuple[str, str], Record] = field(default_factory=dict)
    changed: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    history: list[Row] = field(default_factory=list)

    def current(self, tab: str, key: str) -> Record | None:
        if (tab, key) in self.removed:
            return None
        return self.rows.get((tab, key)) or self.snapshot.tables[tab].records.get(key)

    def copy(self) -> "_Draft":
        return replace(
            self,
            rows=dict(self.rows),
            removed=dict(self.removed),
            changed=dict(self.changed),
            history=list(self.history),
        )

    def as_write(self) -> Write:
        rows: dict[str, list[Row]] = {}
        for (tab, _), record in self.rows.items():
            rows.setdefault(tab, []).append(encode(record))
        removed: dict[str, list[str]] = {}
        for tab, key in self.removed:
            removed.setdefault(tab, []).append(key)
        return Write(self.snapshot.seq, self.write_id, rows, removed, self.history, self.changed)


class Committer:
    """Holds the latest snapshot of one store and commits batches to it. Safe to use from several threads."""

    def __init__(
        self,
        store: Store,
        *,
        pattern: NumberPattern,
        zone: tzinfo,
        guards: Sequence[Guard] = (),
        attempts: int = ATTEMPTS,
    ) -> None:
        self._store, self._pattern, self._zone, self._guards = store, pattern, zone, guards
        self._attempts = attempts
        self._snapshot = Snapshot.empty()
        self._queue: list[_Entry] = []
        self._queue_lock = threading.Lock()
        self._write_lock = threading.Lock()
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
            self._adopt(self._store.pull(None if since < 0 else since))
        return self._snapshot

    def commit(self, batch: Batch) -> Receipt:
        """Save a batch; returns when it is in the store.

        Raises Conflict, InvalidFields, AlreadyExists or whatever a guard raises (nothing of the batch was written),
        StoreBusy after too many lost races, StoreUnavailable.
        """
        entry = _Entry(batch)
        with self._queue_lock:
            self._queue.append(entry)
        with self._write_lock:
            if not entry.settled:
                self._flush()
        if entry.error is not None:
            raise entry.error
        if entry.receipt is None:
            raise StoreBusy
        return entry.receipt

    def _adopt(self, pull: Pull) -> None:
        """Move on to a pulled state; one that is older than what is known is left alone."""
        with self._adopt_lock:
            if pull.seq > self._snapshot.seq:
                self._snapshot = self._snapshot.after(pull)

    def _flush(self) -> None:
        """Write the batches that wait, this thread's own among them; called with the write lock held."""
        with self._queue_lock:
            entries, self._queue = self._queue[:GROUP_LIMIT], self._queue[GROUP_LIMIT:]
        try:
            self._commit_together(entries)
        except CasesheetError as failed:
            for entry in entries:
                entry.error = entry.error or (None if entry.receipt else failed)
        with self._queue_lock:
            rest = bool(self._queue)
        if rest:
            self._flush()

    def _commit_together(self, entries: Sequence[_Entry]) -> None:
        if self._snapshot.seq < 0:
            self.refresh()
        self._settle_repeated(entries)
        for attempt in range(self._attempts):
            waiting = [entry for entry in entries if not entry.settled]
            draft, accepted = self._rebase(waiting)
            if not accepted:
                return
            try:
                self._write(draft)
            except StaleSequence:
                time.sleep(random.uniform(0, min(0.002 * 2**attempt, 0.25)))
                self.refresh()
                self._settle_repeated(entries)
                continue
            self._acknowledge(waiting, draft, accepted)
            return
        raise StoreBusy

    def _acknowledge(self, waiting: Sequence[_Entry], draft: _Draft, accepted: Mapping[str, _Created]) -> None:
        """Receipts for everybody whose batch is in, also for the same request sent twice at once."""
        seq = draft.snapshot.seq + (1 if draft.history else 0)
        for entry in waiting:
            if entry.error is None:
                commit_id = entry.batch.commit_id
                entry.receipt = Receipt(commit_id, seq, accepted[commit_id])
        write = draft.as_write()
        self._adopt(Pull(seq, write.rows, complete=False, removed=write.removed))

    def _settle_repeated(self, entries: Sequence[_Entry]) -> None:
        """A batch that is in the store already gets the receipt it had then."""
        waiting = {entry.batch.commit_id: entry for entry in entries if not entry.settled}
        if not waiting:
            return
        found: dict[str, list[Mapping[str, Any]]] = {}
        for line in self._store.history(commit_ids=list(waiting)):
            found.setdefault(line["commit_id"], []).append(line)
        for commit_id, lines in found.items():
            created = tuple((line["tab"], line["record_id"]) for line in lines if _creates(line))
            waiting[commit_id].receipt = Receipt(commit_id, int(lines[0]["seq"]), created)

    def _rebase(self, entries: Sequence[_Entry]) -> tuple[_Draft, dict[str, _Created]]:
        """Put as many batches as stand into one draft; one that is refused leaves no trace in it."""
        draft = _Draft(self._snapshot, entries[0].batch.commit_id if entries else "")
        accepted: dict[str, _Created] = {}
        for entry in entries:
            if entry.batch.commit_id in accepted:
                continue
            trial = draft.copy()
            try:
                accepted[entry.batch.commit_id] = self._apply(trial, entry.batch)
            except CasesheetError as refused:
                entry.error = refused
            else:
                draft = trial
        return draft, accepted

    def _apply(self, draft: _Draft, batch: Batch) -> _Created:
        numbers = self._allocate(draft, batch)
        created = []
        for index, change in enumerate(batch.changes):
            named = _with_numbers(change, numbers)
            before_after = self._apply_change(draft, named)
            if named.record is not None:
                created.append((named.tab, named.record_id))
            if named.edits is not None and not before_after and not named.text:
                continue  # everything wanted is there already
            draft.history.append(_history(batch, index, named, before_after, draft.snapshot.seq + 1))
        return tuple(created)

    def _apply_change(self, draft: _Draft, change: Change) -> dict[str, list[Any]]:
        """Merge one change into the draft; returns {field: [before, after]} for History."""
        if change.record is not None:
            return self._create(draft, change.tab, change.record)
        if not change.tab or not (change.edits or change.remove):
            return {}
        before = draft.current(change.tab, change.record_id)
        if before is None:
            raise Conflict([Clash(change.tab, change.record_id, "", "", None, None)])
        if change.remove:
            draft.removed[change.tab, change.record_id] = before
            draft.rows.pop((change.tab, change.record_id), None)
            return {name: [cell, None] for name, cell in encode(before).items()}
        return self._edit(draft, change, before)

    def _create(self, draft: _Draft, tab: str, record: Record) -> dict[str, list[Any]]:
        key = getattr(record, SCHEMA[tab].key)
        if draft.current(tab, key) is not None or key in draft.snapshot.tables[tab].bad:
            raise AlreadyExists(tab, key)
        checked = check(SCHEMA[tab], record.__dict__)
        self._guard(None, checked, frozenset(checked.model_fields_set), draft.snapshot)
        draft.rows[tab, key] = checked
        draft.removed.pop((tab, key), None)
        return {name: [None, cell] for name, cell in encode(checked).items()}

    def _edit(self, draft: _Draft, change: Change, before: Record) -> dict[str, list[Any]]:
        wanted: dict[str, Any] = {}
        clashes = []
        for name, edit in (change.edits or {}).items():
            theirs = getattr(before, name)
            if theirs == edit.new:
                continue
            if theirs == edit.seen:
                wanted[name] = edit.new
            else:
                clashes.append(Clash(change.tab, change.record_id, name, edit.seen, theirs, edit.new))
        if clashes:
            raise Conflict(clashes)
        if not wanted:
            return {}
        after = check(SCHEMA[change.tab], {**before.__dict__, **wanted})
        self._guard(before, after, frozenset(wanted), draft.snapshot)
        key = (change.tab, change.record_id)
        draft.rows[key] = after
        draft.changed[key] = draft.changed.get(key, frozenset()) | frozenset(wanted)
        return {name: [encode_value(getattr(before, name)), encode_value(getattr(after, name))] for name in wanted}

    def _guard(self, before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
        for guard in self._guards:
            guard(before, after, changed, snapshot)

    def _allocate(self, draft: _Draft, batch: Batch) -> dict[str, str]:
        """Give out case numbers in the order of the batch: the counter goes up in the same write as the case."""
        wanted = [change.record_id for change in batch.changes if change.record_id.startswith(NEW) and change.record]
        if not wanted:
            return {}
        year = batch.at.astimezone(self._zone).year
        series = self._pattern.series(year)
        counter = draft.current("counters", series)
        last = counter.last if isinstance(counter, Counter) else 0
        numbers = {}
        for token in wanted:
            last += 1
            while draft.current("cases", self._pattern.format(year, last)) is not None:
                last += 1  # typed by hand into the sheet
            numbers[token] = self._pattern.format(year, last)
        draft.rows["counters", series] = Counter(series=series, last=last)
        draft.changed["counters", series] = frozenset({"last"})
        return numbers

    def _write(self, draft: _Draft) -> None:
        """Write; an unknown outcome is settled by asking, and only then is the identical write repeated."""
        if not draft.history:
            return
        write = draft.as_write()
        for _ in range(3):
            try:
                self._store.write(write)
                return
            except OutcomeUnknown:
                if self._store.has_write(write.write_id):
                    return
        raise StoreBusy


def _creates(line: Mapping[str, Any]) -> bool:
    changes = json.loads(line.get("changes") or "{}")
    return bool(changes) and all(before is None for before, _ in changes.values())


def _with_numbers(change: Change, numbers: Mapping[str, str]) -> Change:
    """The change with every "new:1" replaced by the number given out for it."""
    if not numbers:
        return change
    record = change.record
    if record is not None:
        update = {name: numbers[value] for name, value in record.__dict__.items() if value in numbers}
        record = record.model_copy(update=update) if update else record
    return replace(
        change,
        record=record,
        record_id=numbers.get(change.record_id, change.record_id),
        case_no=numbers.get(change.case_no, change.case_no),
    )


def _history(batch: Batch, index: int, change: Change, changes: Mapping[str, list[Any]], seq: int) -> Row:
    compact = json.dumps(changes, ensure_ascii=False, separators=(",", ":")) if changes else ""
    return encode(
        HistoryLine(
            seq=seq,
            commit_id=batch.commit_id,
            line=index,
            at=batch.at,
            actor=batch.actor,
            action=change.action,
            tab=change.tab,
            record_id=change.record_id,
            case_no=change.case_no,
            audience=change.audience,
            text=change.text,
            changes=compact,
        )
    )

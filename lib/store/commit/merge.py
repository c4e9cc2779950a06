"""Putting a batch on top of what the store holds: the three-way merge, the case numbers, the lines of History.

Pure: a `Draft` is a write in the making, and nothing here reads or writes a store.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from lib.domain.records import history
from lib.domain.records.extras import values_of
from lib.domain.records.record import Record
from lib.domain.records.workspace import Counter
from lib.domain.rules.numbering import NumberPattern
from lib.errors import AlreadyExists, Clash, Conflict, InvalidFields, Problem
from lib.store.codec import check, encode, encode_value
from lib.store.commit.batch import NEW, NUMBERED, Batch, Change, Edit
from lib.store.commit.policy import Policy
from lib.store.port import Row, Write
from lib.store.schema import HISTORY, SCHEMA
from lib.store.snapshot.snapshot import Snapshot

COUNTERS = "counters"
Created = tuple[tuple[str, str], ...]


@dataclass
class Draft:
    """A write in the making: rows over the snapshot, as the batches before this one left them."""

    snapshot: Snapshot
    rows: dict[tuple[str, str], Record] = field(default_factory=dict)
    removed: dict[tuple[str, str], Record] = field(default_factory=dict)
    changed: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    history: list[Row] = field(default_factory=list)
    adopted: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def seq(self) -> int:
        """The sequence that the write will have; without a line of History there is nothing to write."""
        return self.snapshot.seq + bool(self.history)

    def current(self, tab: str, key: str) -> Record | None:
        if (tab, key) in self.removed:
            return None
        return self.rows.get((tab, key)) or self.snapshot.tables[tab].records.get(key)

    def taken(self, tab: str, key: str) -> bool:
        """Whether a row has this key, be it a valid record or a bad row."""
        return self.current(tab, key) is not None or key in self.snapshot.tables[tab].bad

    def cells(self, tab: str, key: str) -> Row | None:
        """The row as it stands, be it a valid record or not."""
        bad = self.snapshot.tables[tab].bad.get(key)
        if bad is not None and (tab, key) not in self.rows and (tab, key) not in self.removed:
            return bad.row
        record = self.current(tab, key)
        return encode(record) if record else None

    def view(self) -> Snapshot:
        """The snapshot as it will be after the batches so far: what guards look at."""
        touched = {tab for tab, _ in (*self.rows, *self.removed)}
        fresh = {tab: {key: record for (name, key), record in self.rows.items() if name == tab} for tab in touched}
        gone = {tab: [key for name, key in self.removed if name == tab] for tab in touched}
        tables = {tab: self.snapshot.tables[tab].over(fresh[tab], gone[tab]) for tab in touched}
        return Snapshot(self.snapshot.seq, {**self.snapshot.tables, **tables}) if touched else self.snapshot

    def copy(self) -> "Draft":
        return replace(
            self,
            rows=dict(self.rows),
            removed=dict(self.removed),
            changed=dict(self.changed),
            history=list(self.history),
            adopted=dict(self.adopted),
        )

    def as_write(self, write_id: str) -> Write:
        rows: dict[str, list[Row]] = {}
        for (tab, _), record in self.rows.items():
            rows.setdefault(tab, []).append(encode(record))
        removed: dict[str, list[str]] = {}
        for tab, key in self.removed:
            removed.setdefault(tab, []).append(key)
        return Write(self.snapshot.seq, write_id, rows, removed, self.history, self.changed, self.adopted)


@dataclass(frozen=True)
class Rebase:
    """The rules by which a batch is put into a draft: numbers by `pattern`, their years by the days of `zone`."""

    pattern: NumberPattern
    zone: tzinfo
    policy: Policy

    def apply(self, draft: Draft, batch: Batch) -> Created:
        """Put a batch into the draft; returns what it created. Raises a `Refused`: then the draft is half-changed."""
        self.policy.admit(batch.actor, draft.snapshot)
        view = draft.view()
        numbers = self._allocate(draft, batch)
        created = []
        for change in batch.changes:
            named = self._marked(draft, _with_numbers(change, numbers), batch.at)
            before = draft.current(named.tab, named.record_id) if named.tab else None
            changes = self._apply_change(draft, named, view)
            if named.record is not None:
                created.append((named.tab, named.record_id))
            if named.token:
                draft.adopted[named.tab, named.record_id] = named.token
            if named.edits is not None and not changes and not named.text:
                continue  # everything wanted is there already
            _explain(draft, batch, named, changes)
            created += self._entailed(draft, batch, before, named, changes)
        return tuple(created)

    def _entailed(
        self, draft: Draft, batch: Batch, before: Record | None, change: Change, changes: history.Changes
    ) -> Iterator[tuple[str, str]]:
        """Put in what the edit of a case brings with it for other records; yields what that created."""
        after = draft.current(change.tab, change.record_id) if change.tab == "cases" and changes else None
        if before is None or after is None:
            return
        view = draft.view()
        for more in self.policy.entail(before, after, frozenset(changes), view, batch.at):
            marked = self._marked(draft, more, batch.at)
            _explain(draft, batch, marked, self._apply_change(draft, marked, view))
            if marked.record is not None:
                yield marked.tab, marked.record_id

    def _marked(self, draft: Draft, change: Change, at: datetime) -> Change:
        """The change with what it means for its case, as the case stands now: no other write can be in the way."""
        plain = change.tab == "cases" and change.record is None and not change.remove and not change.repair
        case = draft.current("cases", change.case_no) if plain else None
        marks = self.policy.mark(case, change, at) if case else {}
        edits = {name: Edit(getattr(case, name), value) for name, value in marks.items()}
        return replace(change, edits={**edits, **(change.edits or {})}) if edits else change

    def _apply_change(self, draft: Draft, change: Change, view: Snapshot) -> history.Changes:
        if change.record is not None:
            if change.repair and change.token not in draft.snapshot.tables[change.tab].bad:
                raise Conflict([Clash(change.tab, change.token, "", "", None, None)])
            return self._create(draft, change.tab, change.record, view)
        if not change.tab or not (change.edits or change.remove):
            return {}
        if change.repair:
            return self._repair(draft, change, view)
        before = draft.current(change.tab, change.record_id)
        if before is None:
            raise Conflict([Clash(change.tab, change.record_id, "", "", None, None)])
        wanted = _merge(change, values_of(before))
        if change.remove:
            return _remove(draft, change, before)
        return self._edit(draft, change, before, wanted, view) if wanted else {}

    def _create(self, draft: Draft, tab: str, record: Record, view: Snapshot) -> history.Changes:
        key = getattr(record, SCHEMA[tab].key)
        if draft.taken(tab, key):
            raise AlreadyExists(tab, key)
        checked = check(SCHEMA[tab], values_of(record))
        self.policy.guard(None, checked, frozenset(checked.model_fields_set), view)
        draft.rows[tab, key] = checked
        draft.removed.pop((tab, key), None)
        return {name: (None, cell) for name, cell in encode(checked).items()}

    def _edit(
        self, draft: Draft, change: Change, before: Record, wanted: Mapping[str, Any], view: Snapshot
    ) -> history.Changes:
        if SCHEMA[change.tab].key in wanted:
            raise InvalidFields(change.tab, [Problem(SCHEMA[change.tab].key, "locked")])
        after = check(SCHEMA[change.tab], {**values_of(before), **wanted})
        if following := self.policy.follow(before, after, frozenset(wanted)):
            wanted = {**wanted, **following}
            after = check(SCHEMA[change.tab], {**values_of(after), **following})
        self.policy.guard(before, after, frozenset(wanted), view)
        key = (change.tab, change.record_id)
        draft.rows[key] = after
        draft.changed[key] = draft.changed.get(key, frozenset()) | frozenset(wanted)
        return {name: (encode_value(getattr(before, name)), encode_value(getattr(after, name))) for name in wanted}

    def _repair(self, draft: Draft, change: Change, view: Snapshot) -> history.Changes:
        """Make a valid record of a row as it stands and the cells that put it right.

        Guards judge what differs from the last valid version, or only the latter where none is known.
        """
        tab, key = SCHEMA[change.tab], (change.tab, change.record_id)
        row, known = draft.cells(*key), draft.current(*key)
        if row is None:
            raise Conflict([Clash(change.tab, change.record_id, "", "", None, None)])
        wanted = _merge(change, row)
        if not wanted:
            return {}
        if tab.key in wanted:
            raise InvalidFields(tab.name, [Problem(tab.key, "locked")])
        after = check(tab, {name: cell for name, cell in {**row, **wanted}.items() if cell is not None})
        names = {*values_of(known), *values_of(after)} if known else ()
        differing = {name for name in names if getattr(known, name) != getattr(after, name)}
        if known and (following := self.policy.follow(known, after, frozenset(differing))):
            wanted = {**wanted, **following}
            after = check(tab, {**values_of(after), **following})
        self.policy.guard(known, after, frozenset({*wanted, *differing}), view)
        draft.rows[key] = after
        draft.changed[key] = draft.changed.get(key, frozenset()) | frozenset(wanted)
        return _repaired(row, encode(known) if known else {}, encode(after), wanted)

    def _allocate(self, draft: Draft, batch: Batch) -> dict[str, str]:
        """Give out case numbers in the order of the batch: the counter goes up in the same write as the case."""
        wanted = [change.record_id for change in batch.changes if change.record_id.startswith(NEW) and change.record]
        if not wanted:
            return {}
        year = batch.at.astimezone(self.zone).year
        series = self.pattern.series(year)
        counter = draft.current(COUNTERS, series)
        last = before = counter.last if isinstance(counter, Counter) else 0
        numbers = {}
        for token in wanted:
            last += 1
            while draft.taken("cases", self.pattern.format(year, last)):
                last += 1  # typed by hand into the sheet
            numbers[token] = self.pattern.format(year, last)
        draft.rows[COUNTERS, series] = Counter(series=series, last=last)
        draft.changed[COUNTERS, series] = frozenset({"last"})
        changes: history.Changes = (
            {"last": (before, last)} if counter else {"series": (None, series), "last": (None, last)}
        )
        _explain(draft, batch, Change("number", COUNTERS, series), changes)
        return numbers


def _merge(change: Change, before: Mapping[str, Any]) -> dict[str, Any]:
    """The fields to write. A field stands as it was seen, or has the value wanted already, or is a conflict.

    A record to be removed must be in every field as it was seen: nobody's edit goes down with it unread.
    """
    wanted: dict[str, Any] = {}
    clashes = []
    for name, edit in (change.edits or {}).items():
        theirs = before.get(name)
        if theirs == edit.new and not change.remove:
            continue
        if theirs == edit.seen:
            wanted[name] = edit.new
        else:
            clashes.append(Clash(change.tab, change.record_id, name, edit.seen, theirs, edit.new))
    if clashes:
        raise Conflict(clashes)
    return wanted


def _repaired(row: Row, known: Row, after: Row, wanted: Mapping[str, Any]) -> history.Changes:
    """From the last valid version to the repaired one: what was put right from the cell that was wrong, and what people
    had changed in the row before. The whole row where no valid version is known."""
    names = dict.fromkeys([*after, *known, *wanted])
    return {
        name: ((row if name in wanted or not known else known).get(name), after.get(name))
        for name in names
        if name in wanted or known.get(name) != after.get(name)
    }


def _remove(draft: Draft, change: Change, before: Record) -> history.Changes:
    draft.removed[change.tab, change.record_id] = before
    draft.rows.pop((change.tab, change.record_id), None)
    return {name: (cell, None) for name, cell in encode(before).items()}


def _with_numbers(change: Change, numbers: Mapping[str, str]) -> Change:
    """The change with every "new:1" that stands for a case replaced by the number given out for it."""
    if not numbers:
        return change
    record, edits = change.record, change.edits
    if record is not None:
        update = {name: numbers[value] for name in NUMBERED if (value := getattr(record, name, "")) in numbers}
        record = record.model_copy(update=update) if update else record
    if edits is not None:
        update = {name: edits[name].new for name in NUMBERED if name in edits and edits[name].new in numbers}
        edits = {**edits, **{name: Edit(edits[name].seen, numbers[token]) for name, token in update.items()}}
    return replace(
        change,
        record=record,
        edits=edits,
        record_id=numbers.get(change.record_id, change.record_id),
        case_no=numbers.get(change.case_no, change.case_no),
    )


def _explain(draft: Draft, batch: Batch, change: Change, changes: history.Changes) -> None:
    """Add the line of History. Lines are numbered through the write: batches saved together keep their order."""
    told = _without_secrets(change.tab, changes)
    line = {
        "seq": draft.snapshot.seq + 1,
        "commit_id": batch.commit_id,
        "line": len(draft.history),
        "at": batch.at,
        "actor": batch.actor,
        "action": change.action,
        "tab": change.tab,
        "record_id": change.record_id,
        "case_no": change.case_no,
        "audience": change.audience,
        "text": change.text,
        "changes": json.dumps(told, ensure_ascii=False, separators=(",", ":")) if told else "",
    }
    draft.history.append(encode(check(SCHEMA[HISTORY], line)))


def _without_secrets(tab: str, changes: history.Changes) -> history.Changes:
    """History is read by many and kept for ever: of a secret it tells only that there was one."""
    secret = {name for name in changes if (column := SCHEMA[tab].column(name)) and column.secret}
    return {
        name: (before and history.SECRET, after and history.SECRET) if name in secret else (before, after)
        for name, (before, after) in changes.items()
    }


def creates(line: Mapping[str, Any]) -> bool:
    """Whether a line of History is that of a record which a batch created (a counter is the loop's own)."""
    tab = SCHEMA.get(line.get("tab", ""))  # none where a line tells of no record, as an export does
    if tab is None or tab.name == COUNTERS:
        return False
    return history.creates(tab.key, history.changes_of(line.get("changes")))

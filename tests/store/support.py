"""What the tests of the store share: a store that fails when told to, and the replay of History."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import uuid4

from lib.domain.records.case import Case
from lib.domain.records.record import Record
from lib.domain.rules.numbering import NumberPattern
from lib.errors import CasesheetError, OutcomeUnknown, StaleSequence, StoreUnavailable
from lib.store.commit.batch import NEW, Batch, Change, create
from lib.store.commit.loop import Committer
from lib.store.commit.policy import Policy
from lib.store.port import Pull, Row, Store, Write
from lib.store.schema import HISTORY, SCHEMA, Schema
from lib.store.snapshot.snapshot import Snapshot
from lib.store.sql import SqlStore
from tests.support import MONDAY, ZONE

T = TypeVar("T")
Fault = Literal["stale", "lost_before", "lost_after", "unavailable"]
"""What happens to one write: refused as stale, its answer lost (not applied, or applied), or no store there."""
Cells = dict[tuple[str, str], dict[str, Any]]


class FaultyStore:
    """A store whose next writes fail as told, that counts what is asked of it, and may be silent for a while."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.faults: deque[Fault] = deque()
        self.silent = 0  # how many questions after a lost answer stay without one
        self.writes = self.pulls = 0
        self.before_write: Callable[[], None] = lambda: None

    def provision(self, schema: Schema) -> Sequence[str]:
        return self._store.provision(schema)

    def pull(self, since: int | None) -> Pull:
        self.pulls += 1
        return self._store.pull(since)

    def write(self, write: Write) -> None:
        self.writes += 1
        self.before_write()
        fault = self.faults.popleft() if self.faults else None
        if fault == "stale":
            raise StaleSequence
        if fault == "unavailable":
            raise StoreUnavailable("told to")
        if fault != "lost_before":
            self._store.write(write)
        if fault is not None:
            raise OutcomeUnknown

    def has_write(self, write_id: str) -> bool:
        if self.silent:
            self.silent -= 1
            raise StoreUnavailable("silent")
        return self._store.has_write(write_id)

    def history(self, **conditions: Any) -> Sequence[Mapping[str, Any]]:
        return self._store.history(**conditions)

    def close(self) -> None:
        self._store.close()


def open_sqlite(path: object) -> SqlStore:
    """A store on a SQLite file, set up."""
    store = SqlStore(f"sqlite:///{path}")
    store.provision(SCHEMA)
    return store


class Guarded(Policy):
    """Nothing but guards."""

    def __init__(self, guards: Sequence[Callable[..., None]]) -> None:
        self._guards = guards

    def guard(self, before: Record | None, after: Record, changed: frozenset[str], snapshot: Snapshot) -> None:
        for guard in self._guards:
            guard(before, after, changed, snapshot)


def committer(
    store: Store,
    *,
    template: str = "TS-{year}-{seq:06d}",
    guards: Sequence[Callable[..., None]] = (),
    policy: Policy | None = None,
    **more: Any,
) -> Committer:
    """A committer without rules unless given; its snapshot is loaded."""
    made = Committer(store, pattern=NumberPattern(template), zone=ZONE, policy=policy or Guarded(guards), **more)
    made.refresh()
    return made


def batch(*changes: Change, commit_id: str = "", at: datetime = MONDAY, actor: str = "wang") -> Batch:
    return Batch(commit_id or uuid4().hex, actor, at, changes)


def a_case(number: str = f"{NEW}1", **values: Any) -> Case:
    return Case(case_no=number, taken_at=MONDAY, **{"title": "厨房漏水", **values})


def no(number: int) -> str:
    """The number of a case, as `committer` gives them out."""
    return f"TS-2026-{number:06d}"


def case(app: Committer, number: int) -> Case:
    return app.snapshot[Case][no(number)]


def new_case(**values: Any) -> Change:
    """A change that creates a case with the next number."""
    return create(a_case(**values), action="intake")


def row_write(store: Store, rows: Mapping[str, Sequence[Row]], *, seq: int | None = None, **more: Any) -> Write:
    """A write at the store's present sequence, with one line of History."""
    expected = store.pull(None).seq if seq is None else seq
    write_id = more.pop("write_id", uuid4().hex)
    parts = {"removed": {}, "history": [history_row(expected + 1, commit_id=write_id)], "changed": {}, **more}
    return Write(expected, write_id, rows, **parts)


def history_row(seq: int, *, commit_id: str, line: int = 0, **cells: Any) -> Row:
    return {"seq": seq, "commit_id": commit_id, "line": line, "at": MONDAY.isoformat(), "action": "edit", **cells}


def replay(lines: Iterable[Mapping[str, Any]]) -> Cells:
    """The rows that follow from History alone, beginning with an empty store."""
    rows: Cells = {}
    for line in lines:
        changes = json.loads(line.get("changes") or "{}")
        if not changes:
            continue
        where = (line["tab"], line["record_id"])
        key = SCHEMA[line["tab"]].key
        if key in changes and changes[key][1] is None:
            assert rows.pop(where) == {name: before for name, (before, _) in changes.items()}
            continue
        row = rows.setdefault(where, {}) if key in changes else rows[where]
        for name, (before, after) in changes.items():
            assert row.get(name) == before, (where, name)
            row.pop(name, None)
            row |= {} if after is None else {name: after}
    return rows


def rows_of(store: Store) -> Cells:
    """Every row of every hot tab, as the store gives them."""
    pull = store.pull(None)
    return {
        (tab, str(row[SCHEMA[tab].key])): dict(row) for tab, rows in pull.rows.items() if tab != HISTORY for row in rows
    }


def at_once(*jobs: Callable[[], T]) -> list[T | CasesheetError]:
    """Run jobs in threads that start together; gives what each returned or raised from our own tree."""
    results: dict[int, T | CasesheetError] = {}
    start = threading.Barrier(len(jobs))

    def run(place: int, job: Callable[[], T]) -> None:
        start.wait()
        try:
            results[place] = job()
        except CasesheetError as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=item) for item in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[place] for place in range(len(jobs))]

"""Two apps on one store in random order, with stale views and injected faults, against a model that is told the truth.

The model knows the records as they must be. An edit stands exactly when every field is as it was seen or as it is
wanted, whatever the app that saves it has heard of; so an update that is lost, or a refusal that should not be, shows.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from lib.domain.records.case import Case
from lib.domain.records.case_parts import Task
from lib.domain.records.record import Record
from lib.domain.records.workspace import Counter
from lib.errors import AlreadyExists, Conflict, OutcomeUnknown
from lib.store.commit import loop
from lib.store.commit.batch import Batch, Change, Receipt, create, edit, note, remove
from lib.store.schema import TAB_OF
from tests.store.support import FaultyStore, a_case, batch, committer, open_sqlite, replay, rows_of
from tests.support import MONDAY

APPS = st.integers(0, 1)
TEXTS = st.sampled_from(("", "漏水", "裂缝", "00123", "=1+1"))
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXTS,
        "community": TEXTS,
        "severity_scope": st.sampled_from((None, 1, 5)),
        "contacted_at": st.sampled_from((None, MONDAY)),
    },
).filter(bool)
FAULTS = st.lists(st.sampled_from(("stale", "lost_before", "lost_after")), max_size=3)
TASKS = st.sampled_from(("task-1", "task-2", "task-3"))
Key = tuple[str, str]


def key_of(record: Record) -> Key:
    tab = TAB_OF[type(record)]
    return tab.name, str(getattr(record, tab.key))


class TwoApps(RuleBasedStateMachine):
    """The machine. `seen` holds records as some app showed them at some time, `sent` batches that are in the store."""

    seen = Bundle("seen")
    sent = Bundle("sent")

    @initialize()
    def open(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(loop, "PAUSE", 0.0)
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "store.db"
        self.stores = [FaultyStore(open_sqlite(path)) for _ in range(2)]
        self.apps = [committer(store) for store in self.stores]
        self.auditor = open_sqlite(path)
        self.truth: dict[Key, Record] = {}
        self.given_out = 0
        self.notes = 0

    def teardown(self) -> None:
        if hasattr(self, "apps"):
            for store in (*self.stores, self.auditor):
                store.close()
            self.folder.cleanup()
            self.patch.undo()

    @rule(app=APPS, faults=FAULTS)
    def inject(self, app: int, faults: list[Any]) -> None:
        self.stores[app].faults.extend(faults)

    @rule(app=APPS)
    def fall_silent(self, app: int) -> None:
        """The next lost answer stays a riddle."""
        self.stores[app].silent = loop.QUESTIONS

    @rule(app=APPS)
    def refresh(self, app: int) -> None:
        self.apps[app].refresh()

    @rule(app=APPS, target=seen)
    def look(self, app: int) -> Any:
        """What an app shows: perhaps long out of date."""
        shown = self.apps[app].snapshot
        return multiple(*shown[Case].values(), *shown[Task].values())

    @rule(app=APPS, count=st.integers(1, 3), title=TEXTS, target=sent)
    def take_in(self, app: int, count: int, title: str) -> Any:
        cases = [a_case(f"new:{n}", title=title) for n in range(count)]
        request = batch(*[create(case) for case in cases])
        receipt = self.save(app, request)
        numbers = [f"TS-2026-{self.given_out + n:06d}" for n in range(1, count + 1)]
        assert receipt.created == tuple(("cases", number) for number in numbers)
        self.given_out += count
        for number, case in zip(numbers, cases, strict=True):
            self.truth["cases", number] = case.model_copy(update={"case_no": number})
        return request, receipt

    @rule(app=APPS, task_id=TASKS, title=TEXTS, target=sent)
    def add_task(self, app: int, task_id: str, title: str) -> Any:
        task = Task(task_id=task_id, case_no="TS-2026-000001", title=title)
        request = batch(create(task))
        if ("tasks", task_id) in self.truth:
            return self.refused(app, request, AlreadyExists)
        receipt = self.save(app, request)
        self.truth["tasks", task_id] = task
        return multiple((request, receipt))

    @rule(app=APPS, record=seen, values=EDITS, target=sent)
    def change(self, app: int, record: Record, values: dict[str, Any]) -> Any:
        wanted = {name: value for name, value in values.items() if name in type(record).model_fields}
        request = batch(edit(record, wanted))
        return self.save_edit(app, request, [(record, wanted)])

    @rule(
        app=APPS,
        records=st.lists(seen, min_size=2, max_size=3, unique_by=key_of),
        title=TEXTS,
        target=sent,
    )
    def change_several(self, app: int, records: list[Record], title: str) -> Any:
        """All or nothing: one conflict refuses the lot."""
        request = batch(*[edit(record, {"title": title}) for record in records])
        return self.save_edit(app, request, [(record, {"title": title}) for record in records])

    @rule(app=APPS, record=consumes(seen), target=sent)
    def take_away(self, app: int, record: Record) -> Any:
        request = batch(remove(record))
        if self.truth.get(key_of(record)) != record:
            return self.refused(app, request, Conflict)
        receipt = self.save(app, request)
        del self.truth[key_of(record)]
        return multiple((request, receipt))

    @rule(app=APPS, record=seen, text=TEXTS, target=sent)
    def write_a_note(self, app: int, record: Record, text: str) -> Any:
        request = batch(note(record.case_no, text))  # type: ignore[attr-defined]
        receipt = self.save(app, request)
        self.notes += 1
        return request, receipt

    @rule(app=APPS, request=sent)
    def send_again(self, app: int, request: tuple[Batch, Receipt]) -> None:
        assert self.apps[app].commit(request[0]) == request[1]

    @invariant()
    def the_store_holds_the_truth(self) -> None:
        if not hasattr(self, "apps"):
            return
        held = committer(self.auditor).snapshot
        records = {key_of(record): record for kind in (Case, Task) for record in held[kind].values()}
        assert records == self.truth
        assert {counter.last for counter in held[Counter].values()} <= {self.given_out}
        lines = self.auditor.history()
        assert replay(lines) == rows_of(self.auditor)
        assert sum(line["action"] == "note" for line in lines) == self.notes
        assert [line["seq"] for line in lines] == sorted(line["seq"] for line in lines)

    @invariant()
    def no_app_holds_what_never_was(self) -> None:
        for app in getattr(self, "apps", ()):
            if app.snapshot.seq == self.auditor.pull(None).seq:
                assert {key_of(case): case for case in app.snapshot[Case].values()} == {
                    key: record for key, record in self.truth.items() if key[0] == "cases"
                }

    def save(self, app: int, request: Batch) -> Receipt:
        """Commit; where the outcome stayed unknown, the person presses the button again."""
        try:
            return self.apps[app].commit(request)
        except OutcomeUnknown:
            self.stores[app].silent = 0
            return self.apps[app].commit(request)

    def save_edit(self, app: int, request: Batch, edits: list[tuple[Record, dict[str, Any]]]) -> Any:
        changes: list[Change] = [change for change in request.changes if change.edits]
        if not all(self.stands(change) for change in changes):
            return self.refused(app, request, Conflict)
        receipt = self.save(app, request)
        for change in changes:
            before = self.truth[change.tab, change.record_id]
            update = {name: wanted.new for name, wanted in (change.edits or {}).items()}
            self.truth[change.tab, change.record_id] = before.model_copy(update=update)
        in_history = bool(self.auditor.history(commit_ids=[request.commit_id]))
        return multiple((request, receipt)) if in_history else multiple()

    def stands(self, change: Change) -> bool:
        there = self.truth.get((change.tab, change.record_id))
        return there is not None and all(
            getattr(there, name) in (wanted.seen, wanted.new) for name, wanted in (change.edits or {}).items()
        )

    def refused(self, app: int, request: Batch, error: type[Exception]) -> Any:
        attempt: Callable[[], Receipt] = lambda: self.save(app, request)  # noqa: E731
        with pytest.raises(error):
            attempt()
        return multiple()


TestTwoApps = TwoApps.TestCase
TestTwoApps.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)

"""Two apps, a manager and a bad network on one spreadsheet, in random order.

Whatever happens, and when: no save that was acknowledged is lost or done twice, every value that the manager typed is
in History, numbers are unique and without gaps, no cell of another row is left wrong, and History explains every row.
"""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from lib.domain.records.case import ARCHIVED, Case
from lib.domain.records.case_parts import Task
from lib.errors import Conflict, OutcomeUnknown, StoreError, StoreUnavailable
from lib.store.commit import loop
from lib.store.commit.batch import Batch, create, edit, remove
from lib.store.sheets.api.client import Patience, SheetsClient
from lib.store.sheets.model.options import Options
from lib.store.sheets.store import SheetsStore
from tests.google.book.a1 import column_letters
from tests.google.server import SheetsServer
from tests.store.sheets import audit
from tests.store.sheets.support import ARCHIVE_TAB, MOVES, NOWHERE, TAB, Sheets, open_account, unlimited
from tests.store.support import a_case, batch, committer, replay, rows_of
from tests.support import ZONE

COLUMNS = {"title": "标题", "community": "小区", "location": "问题位置", "+钥匙编号": "钥匙编号"}
APPS = st.integers(0, 1)
TABS = st.sampled_from((TAB, ARCHIVE_TAB))
PLACES = st.integers(0, 7)
FIELDS = st.sampled_from(tuple(COLUMNS))
IMPATIENT = Patience(connect=2, answer=0.3, attempts=3, first=0.001, longest=0.003)
FAULTS: list[dict[str, Any]] = [
    {"status": 429, "retry_after": 0},
    {"status": 500},
    {"status": 503, "when": "after"},
    {"drop": True},
    {"drop": True, "when": "after"},
    {"delay": 0.5, "when": "after"},
    {"hang": 0.5, "when": "after"},
]


class Office(RuleBasedStateMachine):
    """The machine."""

    server: SheetsServer

    @initialize()
    def open(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(loop, "PAUSE", 0.0)
        self.server = SheetsServer().start()
        self.sheets = Sheets(self.server)
        self.words = (f"w{number}" for number in count())
        self.stores = [self.store(archive_every=every) for every in (0.0, 600.0)]  # one looks into the archive seldom
        self.sheets.opened().close()
        self.sheets.manager.add_column(TAB, COLUMNS["+钥匙编号"], before="阶段")
        self.apps = [committer(store) for store in self.stores]
        self.saved: list[tuple[Batch, Any]] = []
        self.typed: dict[tuple[str, str], str] = {}
        for _ in range(3):
            self.take_in(app=0)

    def store(self, archive_every: float = 0.0) -> SheetsStore:
        client = SheetsClient(
            open_account(NOWHERE, self.server.url), self.sheets.id, patience=IMPATIENT, quota=unlimited()
        )
        return SheetsStore(client, Options(zone=ZONE, grace=0.0, fresh=0.0, archive_every=archive_every))

    def teardown(self) -> None:
        if hasattr(self, "apps"):
            try:
                self.settle()
            finally:
                self.server.stop()
                self.patch.undo()

    # the apps

    @rule(app=APPS)
    def take_in(self, app: int) -> None:
        self.save(app, batch(create(a_case(title=next(self.words)), action="intake")))

    @rule(app=APPS, place=PLACES, field=FIELDS)
    def change(self, app: int, place: int, field: str) -> None:
        case = self.case(app, place)
        if case is not None:
            self.save(app, batch(edit(case, {field: next(self.words)})))

    @rule(app=APPS, place=PLACES, field=FIELDS)
    def put_away_or_fetch(self, app: int, place: int, field: str) -> None:
        """The row of the case goes to the archive, or comes back; a word of its own makes it a change in any case."""
        case = self.case(app, place)
        if case is not None:
            stage = "closed" if case.stage == ARCHIVED else ARCHIVED
            self.save(app, batch(edit(case, {"stage": stage, field: next(self.words)})))

    @rule(app=APPS, place=PLACES)
    def add_and_change(self, app: int, place: int) -> None:
        case = self.case(app, place)
        if case is not None:
            word = next(self.words)
            task = Task(task_id=f"t-{word}", case_no=case.case_no, title=word)
            self.save(app, batch(create(task), edit(case, {"community": word})))

    @rule(app=APPS, place=PLACES)
    def take_away(self, app: int, place: int) -> None:
        tasks = sorted(self.apps[app].snapshot[Task].values(), key=lambda task: task.task_id)
        if tasks:
            self.save(app, batch(remove(tasks[place % len(tasks)])))

    @rule(app=APPS)
    def keep_up(self, app: int) -> None:
        while True:
            try:
                self.apps[app].keep_up()
            except StoreError:  # the refresher shows it, and tries again
                self.server.google.faults.clear()
            else:
                return

    @rule(place=PLACES)
    @precondition(lambda self: self.saved)
    def send_again(self, place: int) -> None:
        request, receipt = self.saved[place % len(self.saved)]
        assert self.commit(0, request) == receipt

    def save(self, app: int, request: Batch) -> None:
        try:
            self.saved.append((request, self.commit(app, request)))
        except Conflict:
            return  # the manager, or the other app, was quicker: the person is asked

    def commit(self, app: int, request: Batch) -> Any:
        while True:
            try:
                return self.apps[app].commit(request)
            except (OutcomeUnknown, StoreUnavailable):
                self.server.google.faults.clear()

    def case(self, app: int, place: int) -> Case | None:
        cases = sorted(self.apps[app].snapshot[Case].values(), key=lambda case: case.case_no)
        return cases[place % len(cases)] if cases else None

    # the manager, at once or just before the next write is applied

    @rule(tab=TABS, place=PLACES, field=FIELDS)
    def type_in(self, tab: str, place: int, field: str) -> None:
        rows = self.sheets.manager.rows(tab)
        if COLUMNS[field] not in rows[0]:
            return
        key_at = self.sheets.manager.column(tab, "案件编号")
        keyed = [number for number, row in enumerate(rows) if number and len(row) > key_at and row[key_at]]
        if keyed:
            number = keyed[place % len(keyed)]
            word = next(self.words)
            self.sheets.manager.set_cell(tab, number + 1, COLUMNS[field], word)
            self.typed[rows[number][key_at], field] = word

    @rule(tab=TABS, place=PLACES)
    def cut_and_paste(self, tab: str, place: int) -> None:
        """A row, cell by cell, to the other tab."""
        manager, other = self.sheets.manager, ARCHIVE_TAB if tab == TAB else TAB
        header, *rows = manager.rows(tab)
        if rows and set(filter(None, header)) <= {*manager.rows(other)[0]}:
            number = place % len(rows)
            to = len(manager.rows(other)) + 1
            manager.delete_rows(tab, number + 2)
            for name, cell in zip(header, rows[number], strict=False):
                if name:
                    at = f"{other}!{column_letters(manager.column(other, name))}{to}"
                    manager.set(at, [[cell]], option="RAW")

    @rule(move=st.sampled_from(MOVES))
    def move(self, move: list[Any]) -> None:
        self.sheets.manager.play([move])

    @precondition(lambda self: not self.server.google.faults.waiting)
    @rule(overtaken=st.lists(st.tuples(st.lists(st.sampled_from(MOVES), max_size=2), st.sampled_from([{}, *FAULTS]))))
    def meanwhile(self, overtaken: list[tuple[list[list[Any]], dict[str, Any]]]) -> None:
        """The next writes are overtaken one after the other: a save, and then the repairs of it."""
        for moves, fault in overtaken[:4]:
            acts = {"manager": moves, "spreadsheet": self.sheets.id}
            self.server.fault(method="POST", path=":batchUpdate", **acts, **fault)

    @rule(tab=TABS)
    def type_a_row(self, tab: str) -> None:
        word = next(self.words)
        rows = len(self.sheets.manager.rows(tab))
        self.sheets.manager.set_cell(tab, rows + 1, "标题", word)
        self.sheets.manager.set_cell(tab, rows + 1, "受理时间", "2026-03-02 10:00")

    @rule(tab=TABS, place=PLACES)
    def delete_a_row(self, tab: str, place: int) -> None:
        rows = self.sheets.manager.rows(tab)
        if len(rows) > 1:
            number = 1 + place % (len(rows) - 1)
            key_at = self.sheets.manager.column(tab, "案件编号")
            key = rows[number][key_at] if len(rows[number]) > key_at else ""
            self.sheets.manager.delete_rows(tab, number + 1)
            self.typed = {at: word for at, word in self.typed.items() if at[0] != key}

    @rule(tab=TABS, place=PLACES)
    def copy_a_row(self, tab: str, place: int) -> None:
        """Whole, below the last one; people who move a row so delete the other later."""
        rows = self.sheets.manager.rows(tab)
        if len(rows) > 1:
            self.sheets.manager.set(f"{tab}!A{len(rows) + 1}", [rows[1 + place % (len(rows) - 1)]], option="RAW")

    @rule(place=PLACES)
    def delete_a_copy(self, place: int) -> None:
        """The copy, or the row that it was made of."""
        copies = self.copies()
        if copies:
            key, places = copies[place % len(copies)]
            tab, number = places[place % len(places)]
            self.sheets.manager.delete_rows(tab, number)
            self.typed = {at: word for at, word in self.typed.items() if at[0] != key}

    def copies(self) -> list[tuple[str, list[tuple[str, int]]]]:
        """Numbers that stand in several rows, with their places."""
        found: dict[str, list[tuple[str, int]]] = {}
        for tab in (TAB, ARCHIVE_TAB):
            key_at = self.sheets.manager.column(tab, "案件编号")
            for number, row in enumerate(self.sheets.manager.rows(tab)[1:], 2):
                if len(row) > key_at and row[key_at]:
                    found.setdefault(row[key_at], []).append((tab, number))
        return [(key, places) for key, places in found.items() if len(places) > 1]

    @rule(fault=st.sampled_from(FAULTS), path=st.sampled_from((":batchUpdate", "values:batchGet", "/drive/")))
    def inject(self, fault: dict[str, Any], path: str) -> None:
        self.server.fault(path=path, **fault)

    # what must hold

    @rule()
    def settle(self) -> None:
        self.server.google.faults.clear()
        while self.copies():
            self.delete_a_copy(len(self.saved))
        for app in (0, 1, 0):
            self.keep_up(app)
        auditor = self.sheets.open()  # which has patience: other tests may run
        late = committer(auditor)
        late.keep_up()
        lines = auditor.history()
        assert auditor.pull(None).by_hand is None
        assert replay(lines) == rows_of(auditor)
        for number, (app, store) in enumerate(zip(self.apps, self.stores, strict=True)):
            self.keep_up(number)
            assert dict(app.snapshot[Case]) == dict(late.snapshot[Case])
            assert dict(app.snapshot[Task]) == dict(late.snapshot[Task])
            assert list(store.history()) == list(lines)
        expected = {
            request.commit_id: sum(1 + (change.record_id == "new:1") for change in request.changes)
            for request, _ in self.saved
        }
        assert (audit.lost(lines, expected), audit.twice(lines, expected), audit.gaps(lines)) == ([], [], [])
        seqs = {request.commit_id: receipt.seq for request, receipt in self.saved}
        assert {line["commit_id"]: line["seq"] for line in lines if line["commit_id"] in seqs} == seqs
        assert audit.untold(lines, self.typed.values()) == []
        auditor.close()


def test_a_case_deleted_after_a_late_answer_is_gone_for_everybody() -> None:
    """Found by the machine."""
    office = Office()
    office.open()
    sort = ["sort", {"tab": TAB, "column": "标题"}]
    office.meanwhile(overtaken=[([sort], {"delay": 0.5, "when": "after"})])
    for place in (0, 2, 0):
        office.delete_a_row(tab=TAB, place=place)
    office.take_in(app=1)
    office.delete_a_row(tab=TAB, place=0)
    office.teardown()


TestOffice = Office.TestCase
TestOffice.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

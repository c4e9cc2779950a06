"""Two apps, a manager and a bad network on one spreadsheet, in random order.

Whatever happens, and when: no save that was acknowledged is lost or done twice, every value that the manager typed is
in History, numbers are unique and without gaps, no cell of another row is left wrong, and History explains every row.
"""

import json
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from lib.domain.case import Case
from lib.domain.case_parts import Task
from lib.errors import Conflict, OutcomeUnknown, StoreError, StoreUnavailable
from lib.store import commit
from lib.store.batch import Batch, create, edit, remove
from lib.store.schema import SCHEMA
from lib.store.sheets.client import Patience, SheetsClient
from lib.store.sheets.store import Options, SheetsStore
from tests.google.server import SheetsServer
from tests.store.sheets_support import NOWHERE, Sheets, open_account, unlimited
from tests.store.support import a_case, batch, committer, replay, rows_of
from tests.support import ZONE

TAB, TASKS = "案件", "任务"
COLUMNS = {"title": "标题", "community": "小区", "location": "问题位置"}
APPS = st.integers(0, 1)
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
MOVES: list[list[Any]] = [
    ["sort", {"tab": TAB, "column": "标题"}],
    ["sort", {"tab": TAB, "column": "案件编号", "descending": True}],
    ["insert_rows", {"tab": TAB, "at": 2}],
    ["insert_rows", {"tab": TAB, "at": 3, "count": 2}],
    ["move_column", {"tab": TAB, "column": "小区", "before": "案件编号"}],
    ["move_column", {"tab": TAB, "column": "标题", "before": "类型"}],
    ["add_column", {"tab": TAB, "header": "备注", "before": "阶段"}],
    ["sort", {"tab": TASKS, "column": "任务编号", "descending": True}],
]


class Office(RuleBasedStateMachine):
    """The machine."""

    server: SheetsServer

    @initialize()
    def open(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(commit, "PAUSE", 0.0)
        self.server = SheetsServer().start()
        self.sheets = Sheets(self.server)
        self.words = (f"w{number}" for number in count())
        self.stores = [self.store() for _ in range(2)]
        self.stores[0].provision(SCHEMA)
        self.apps = [committer(store) for store in self.stores]
        self.saved: list[tuple[Batch, Any]] = []
        self.typed: dict[tuple[str, str], str] = {}
        for _ in range(3):
            self.take_in(app=0)

    def store(self) -> SheetsStore:
        client = SheetsClient(
            open_account(NOWHERE, self.server.url), self.sheets.id, patience=IMPATIENT, quota=unlimited()
        )
        return SheetsStore(client, Options(zone=ZONE, grace=0.0, fresh=0.0))

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
        try:
            self.apps[app].keep_up()
        except StoreError:  # the refresher shows it, and tries again
            self.server.google.faults.clear()
            self.apps[app].keep_up()

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

    @rule(place=PLACES, field=FIELDS)
    def type_in(self, place: int, field: str) -> None:
        rows = self.sheets.manager.rows(TAB)
        key_at = self.sheets.manager.column(TAB, "案件编号")
        keyed = [number for number, row in enumerate(rows) if number and len(row) > key_at and row[key_at]]
        if keyed:
            number = keyed[place % len(keyed)]
            word = next(self.words)
            self.sheets.manager.set_cell(TAB, number + 1, COLUMNS[field], word)
            self.typed[rows[number][key_at], field] = word

    @rule(move=st.sampled_from(MOVES))
    def move(self, move: list[Any]) -> None:
        self.sheets.manager.play([move])

    @precondition(lambda self: not self.server.google.faults.waiting)
    @rule(moves=st.lists(st.sampled_from(MOVES), min_size=1, max_size=2), fault=st.sampled_from([{}, *FAULTS]))
    def meanwhile(self, moves: list[list[Any]], fault: dict[str, Any]) -> None:
        acts = {"manager": moves, "spreadsheet": self.sheets.id}
        self.server.fault(method="POST", path=":batchUpdate", **acts, **fault)

    @rule()
    def type_a_row(self) -> None:
        word = next(self.words)
        rows = len(self.sheets.manager.rows(TAB))
        self.sheets.manager.set_cell(TAB, rows + 1, "标题", word)
        self.sheets.manager.set_cell(TAB, rows + 1, "受理时间", "2026-03-02 10:00")

    @rule(place=PLACES)
    def delete_a_row(self, place: int) -> None:
        rows = self.sheets.manager.rows(TAB)
        if len(rows) > 1:
            number = 1 + place % (len(rows) - 1)
            key_at = self.sheets.manager.column(TAB, "案件编号")
            key = rows[number][key_at] if len(rows[number]) > key_at else ""
            self.sheets.manager.delete_rows(TAB, number + 1)
            self.typed = {at: word for at, word in self.typed.items() if at[0] != key}

    @rule(fault=st.sampled_from(FAULTS), path=st.sampled_from((":batchUpdate", "values:batchGet", "/drive/")))
    def inject(self, fault: dict[str, Any], path: str) -> None:
        self.server.fault(path=path, **fault)

    # what must hold

    @rule()
    def settle(self) -> None:
        self.server.google.faults.clear()
        for app in (*self.apps, self.apps[0]):
            app.keep_up()
        auditor = self.store()
        late = committer(auditor)
        late.keep_up()
        lines = auditor.history()
        assert auditor.pull(None).by_hand is None
        assert replay(lines) == rows_of(auditor)
        for app, store in zip(self.apps, self.stores, strict=True):
            app.keep_up()
            assert dict(app.snapshot[Case]) == dict(late.snapshot[Case])
            assert dict(app.snapshot[Task]) == dict(late.snapshot[Task])
            assert list(store.history()) == list(lines)
        self.check_saves(lines)
        self.check_numbers(lines)
        told = json.dumps([line.get("changes", "") for line in lines])
        assert [word for word in self.typed.values() if f'\\"{word}\\"' not in told] == []
        auditor.close()

    def check_saves(self, lines: Any) -> None:
        found: dict[str, list[Any]] = {}
        for line in lines:
            found.setdefault(line["commit_id"], []).append(line)
        for request, receipt in self.saved:
            of_request = found.get(request.commit_id, [])
            expected = sum(1 + (change.record_id == "new:1") for change in request.changes)
            assert len(of_request) == expected, (request, of_request)
            assert {line["seq"] for line in of_request} == {receipt.seq}

    @staticmethod
    def check_numbers(lines: Any) -> None:
        born = [
            line["record_id"]
            for line in lines
            if line.get("tab") == "cases" and '"case_no":[null' in line.get("changes", "")
        ]
        assert sorted(born) == [f"TS-2026-{number:06d}" for number in range(1, len(born) + 1)]


TestOffice = Office.TestCase
TestOffice.settings = settings(
    max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

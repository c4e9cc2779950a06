"""Somebody at work in the sheet while others work in the app: types, sorts, inserts rows, moves a column."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import actor_of
from lib.services.data.health import record_problems
from tests.cases import take_in
from tests.e2e.hands import until
from tests.google.control import Manager
from tests.google.server import SheetsServer

CASES, ARCHIVE = "案件", "案件归档"
NUMBER, TYPED, SORTED, MOVED = "案件编号", "问题位置", "小区", "客户诉求"
PAUSE = 0.7  # seconds between two acts
BEFORE = "天台"


@contextmanager
def at_work(desk: Desk, sheets: SheetsServer) -> Iterator[None]:
    """Keeps the sheet busy; in the end every value that was typed there is in the app and in History."""
    intake = actor_of(desk.snapshot[Staff]["s-intake"], desk.config.roles)
    mine = take_in(desk, intake, client_name="何秀兰", client_phone="13900004321", community="银杏苑", location=BEFORE)
    somebody = _Somebody(sheets, mine.case_no)
    somebody.start()
    try:
        yield
    finally:
        somebody.end()
    _assert_taken_in(desk, sheets.manager(), mine.case_no, somebody.last)


class _Somebody(threading.Thread):
    def __init__(self, sheets: SheetsServer, case_no: str) -> None:
        super().__init__(daemon=True)
        self._manager, self._case_no, self._ended = sheets.manager(), case_no, threading.Event()
        self._error: BaseException | None = None
        self.last = BEFORE

    def run(self) -> None:
        acts = (self._type, self._sort, self._type, self._insert, self._move, self._type)
        try:
            for turn in count():
                acts[turn % len(acts)](turn)
                if self._ended.wait(PAUSE):
                    return
        except BaseException as failed:
            self._error = failed
            raise

    def end(self) -> None:
        self._ended.set()
        self.join(timeout=30)
        if self._error is not None:
            raise AssertionError("the second client failed") from self._error

    def _type(self, turn: int) -> None:
        """The cursor stays in its row, whatever the app moves meanwhile."""
        with self._manager.store.lock:
            row = self._manager.row_of(CASES, self._case_no, column=NUMBER)
            self._manager.set_cell(CASES, row, TYPED, f"第{turn}处")
        self.last = f"第{turn}处"

    def _sort(self, turn: int) -> None:
        self._manager.sort(CASES, SORTED, descending=turn % 2 == 0)

    def _insert(self, _turn: int) -> None:
        self._manager.insert_rows(CASES, 2)

    def _move(self, turn: int) -> None:
        self._manager.move_column(CASES, MOVED, before=SORTED if turn % 2 else TYPED)


def _assert_taken_in(desk: Desk, manager: Manager, case_no: str, last: str) -> None:
    def there() -> bool:
        desk.committer.refresh()
        return desk.snapshot[Case][case_no].location == last

    until(there, f"{last} in the app")
    lines = desk.history(case_no=case_no, actions=["edited_in_sheet"])
    steps = [json.loads(line.changes or "{}")["location"] for line in lines]
    assert all(before == after for (_, before), (after, _) in zip([(None, BEFORE), *steps], steps, strict=False))
    assert steps[-1][1] == last
    numbers = Counter(number for tab in (CASES, ARCHIVE) for number in _numbers(manager, tab))
    assert numbers == Counter(desk.snapshot[Case].keys()), "every case stands in the sheet once"
    assert record_problems(desk) == []


def _numbers(manager: Manager, tab: str) -> list[str]:
    at = manager.column(tab, NUMBER)
    return [row[at] for row in manager.rows(tab)[1:] if len(row) > at and row[at]]

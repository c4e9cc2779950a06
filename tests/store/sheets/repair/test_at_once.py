"""Several processes that open the same damaged sheet in the same moment: one puts it right, the others find it done."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from lib.config.settings import ROOT
from lib.domain.records.case import Case
from lib.errors import NetworkDown, OutcomeUnknown
from lib.store.commit.batch import edit, remove
from lib.store.commit.loop import Committer
from lib.store.sheets.store import SheetsStore
from tests.store.sheets.audit import put_right
from tests.store.sheets.support import TAB, Sheets
from tests.store.support import batch, case, committer, no, replay, rows_of

pytestmark = [pytest.mark.usefixtures("no_pause"), pytest.mark.trial(39)]
MANY = 3
WRITE = ":batchUpdate"
RIGHT = {no(1): "x", no(2): "a"}
OPENS = """
import json, sys, time
from lib.domain.records.case import Case
from lib.store.sheets.model.options import Options
from lib.store.sheets.store import SheetsStore
from tests.store.sheets.saving import PATIENT, ZONE, NOWHERE, SheetsClient, committer, open_account, unlimited
client = SheetsClient(open_account(NOWHERE, sys.argv[1]), sys.argv[2], patience=PATIENT, quota=unlimited())
print("ready", flush=True)
sys.stdin.readline()
app = committer(SheetsStore(client, Options(zone=ZONE)))
app.keep_up()
print(json.dumps({key: one.title for key, one in app.snapshot[Case].items()}), flush=True)
"""
"""An app that starts when it is told to and prints the titles of the cases."""


@pytest.fixture
def damaged(sheets: Sheets, three_cases: Committer) -> Sheets:
    """Somebody sorted under a write that changed one case and removed another, and whoever made it is no more."""
    moved = {"manager": [["sort", {"tab": TAB, "column": "标题"}]], "spreadsheet": sheets.id}
    sheets.server.fault(method="POST", path=WRITE, when="after", drop=True, **moved)
    sheets.server.fault(path="developerMetadata", drop=True, times=99)
    with pytest.raises(OutcomeUnknown):
        three_cases.commit(batch(edit(case(three_cases, 1), {"title": "x"}), remove(case(three_cases, 3))))
    sheets.server.google.faults.clear()
    sheets.server.log.reset()
    return sheets


def writes(sheets: Sheets) -> list[int]:
    """The answers to every batchUpdate since the damage was done."""
    return [one["status"] for one in sheets.server.log.entries if WRITE in one["target"]]


def together(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What came of doing it in so many threads in the same moment, or what was raised."""
    found: list[Any] = [None] * count
    begin = threading.Barrier(count)

    def run(number: int) -> None:
        begin.wait()
        try:
            found[number] = act(number)
        except Exception as failed:  # noqa: BLE001  (told in the assertion)
            found[number] = failed

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def titles(app: Committer) -> dict[str, str]:
    return {key: one.title for key, one in app.keep_up()[Case].items()}


def assert_put_right_once(sheets: Sheets) -> None:
    store = sheets.open()
    assert titles(committer(store)) == RIGHT
    assert replay(store.history()) == rows_of(store)
    assert put_right(store.history()) == 1
    assert store.pull(None).by_hand is None
    assert {number: sheets.cell(TAB, number, "标题") for number in RIGHT} == RIGHT


def test_one_sends_the_repair_and_the_others_find_it_done(damaged: Sheets) -> None:
    """Each waits a while of its own, the second longer than the first repair takes."""
    ready = [threading.Event() for _ in range(MANY)]

    def opened(number: int) -> dict[str, str]:
        store = damaged.open(sleep=lambda _: number == 0 or ready[number - 1].wait(60))
        try:
            return titles(committer(store))
        finally:
            ready[number].set()

    assert together(MANY, opened) == [RIGHT] * MANY
    assert writes(damaged) == [200]
    assert_put_right_once(damaged)


def test_of_those_that_go_at_the_same_moment_one_comes_through(damaged: Sheets) -> None:
    """All have read, and then all send: the others are refused, look again and find nothing to be done."""
    read = threading.Barrier(MANY)

    def opened(_: int) -> dict[str, str]:
        return titles(committer(damaged.open(sleep=lambda _: read.wait() and None)))

    assert together(MANY, opened) == [RIGHT] * MANY
    assert writes(damaged).count(200) == 1
    assert_put_right_once(damaged)


def test_processes_that_start_in_the_same_moment(damaged: Sheets) -> None:
    program = [sys.executable, "-c", OPENS, damaged.server.url, damaged.id]
    apps = [
        subprocess.Popen(program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(MANY)
    ]
    for app in apps:
        assert app.stdout is not None
        assert app.stdout.readline() == "ready\n"
    printed = together(MANY, lambda number: apps[number].communicate("go\n", timeout=180)[0])
    assert [json.loads(text) for text in printed] == [RIGHT] * MANY
    assert [app.returncode for app in apps] == [0] * MANY
    assert writes(damaged).count(200) == 1
    assert_put_right_once(damaged)


def test_whoever_made_the_write_waits_for_nobody(sheets: Sheets, three_cases: Committer) -> None:
    waited: list[float] = []
    app = committer(sheets.open(sleep=waited.append))
    moved = [["sort", {"tab": TAB, "column": "标题"}]]
    sheets.server.fault(method="POST", path=WRITE, manager=moved, spreadsheet=sheets.id)
    app.commit(batch(edit(case(app, 1), {"title": "x"}), remove(case(app, 3))))
    assert waited == []
    assert_put_right_once(sheets)


def test_one_that_dies_while_it_waits_leaves_nothing_behind(damaged: Sheets) -> None:
    def dies(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        damaged.open(sleep=dies).pull(None)
    assert writes(damaged) == []
    assert_put_right_once(damaged)


@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 503}])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_repair_whose_answer_is_lost_is_looked_for(damaged: Sheets, when: str, fault: dict[str, Any]) -> None:
    damaged.server.fault(method="POST", path=WRITE, when=when, **fault)
    assert titles(committer(damaged.open())) == RIGHT
    assert_put_right_once(damaged)


def test_whoever_only_reads_is_told_that_the_store_is_out_of_reach(damaged: Sheets) -> None:
    """And not that something of theirs may have been saved."""
    store: SheetsStore = damaged.open()
    damaged.server.fault(method="POST", path=WRITE, drop=True, times=99)
    with pytest.raises(NetworkDown):
        store.pull(None)
    assert len(writes(damaged)) == 2
    damaged.server.google.faults.clear()
    assert_put_right_once(damaged)

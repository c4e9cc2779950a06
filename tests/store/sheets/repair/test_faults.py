"""What can come between reading and writing: people who move rows, a network that loses answers, Google's limits."""

import json
from pathlib import Path
from typing import Any

import pytest

from lib.domain.records.case import Case
from lib.domain.records.case_parts import Task
from lib.errors import (
    BadCredentials,
    NetworkDown,
    NoAccess,
    OutcomeUnknown,
    QuotaExceeded,
    SpreadsheetMissing,
    StoreUnavailable,
)
from lib.store.commit.batch import create, edit, remove
from lib.store.commit.loop import Committer
from lib.store.schema import SCHEMA
from lib.store.sheets.api import account
from lib.store.sheets.api.account import open_account
from lib.store.sheets.api.client import Patience, SheetsClient
from lib.store.sheets.model.options import Options
from lib.store.sheets.store import SheetsStore
from lib.words.actions import ACTIONS
from tests.store.sheets.support import APP, QUICK, Sheets, unlimited
from tests.store.support import a_case, batch, case, committer, no, replay, row_write, rows_of
from tests.support import ZONE

TAB = "案件"
pytestmark = pytest.mark.usefixtures("no_pause")
WRITE, READ = ":batchUpdate", "values:batchGet"


@pytest.fixture
def app(three_cases: Committer) -> Committer:
    return three_cases


def meanwhile(sheets: Sheets, *steps: Any, skip: int = 0) -> None:
    """The manager acts when the next write has been sent, and before it is applied."""
    sheets.server.fault(method="POST", path=WRITE, manager=list(steps), spreadsheet=sheets.id, skip=skip)


def assert_right(sheets: Sheets, store: SheetsStore, expected: dict[int, tuple[str, str]]) -> None:
    """(title, community) of every case: in the sheet, for a process that starts now, and by History."""
    title, community = sheets.manager.column(TAB, "标题"), sheets.manager.column(TAB, "小区")
    key = sheets.manager.column(TAB, "案件编号")
    rows = {row[key]: row for row in sheets.manager.rows(TAB)[1:] if len(row) > key and row[key]}
    assert {number: (row[title], row[community]) for number, row in rows.items()} == {
        no(number): pair for number, pair in expected.items()
    }
    other = sheets.open()
    late = committer(other)
    assert late.keep_up().seq == late.snapshot.seq
    assert {key: (c.title, c.community) for key, c in late.snapshot[Case].items()} == {
        no(number): pair for number, pair in expected.items()
    }
    assert other.pull(None).by_hand is None
    store.pull(None)
    assert replay(store.history()) == rows_of(store) == rows_of(other)


MOVES: dict[str, list[Any]] = {
    "sorted": ["sort", {"tab": TAB, "column": "标题"}],
    "row inserted": ["insert_rows", {"tab": TAB, "at": 2}],
    "rows inserted at the top": ["insert_rows", {"tab": TAB, "at": 2, "count": 3}],
    "row moved": ["move_rows", {"tab": TAB, "at": 2, "to": 5}],
    "column moved": ["move_column", {"tab": TAB, "column": "标题", "before": "案件编号"}],
    "column added": ["add_column", {"tab": TAB, "header": "备注", "before": "标题"}],
    "key column moved": ["move_column", {"tab": TAB, "column": "案件编号", "before": "小区"}],
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_edit_reaches_its_row_wherever_it_is(
    sheets: Sheets, store: SheetsStore, app: Committer, move: list[Any], number: int
) -> None:
    expected = {1: ("c", "小区c"), 2: ("a", "小区a"), 3: ("b", "小区b")}
    meanwhile(sheets, move)
    app.commit(batch(edit(case(app, number), {"title": "new"})))
    assert_right(sheets, store, {**expected, number: ("new", expected[number][1])})


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_a_new_row_and_a_removed_one(sheets: Sheets, store: SheetsStore, app: Committer, move: list[Any]) -> None:
    meanwhile(sheets, move)
    app.commit(batch(create(a_case(title="d", community="小区d")), remove(case(app, 2))))
    app.refresh()
    assert_right(sheets, store, {1: ("c", "小区c"), 3: ("b", "小区b"), 4: ("d", "小区d")})


def test_two_moves_one_after_the_other(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """The repair is overtaken too."""
    meanwhile(sheets, MOVES["sorted"])
    meanwhile(sheets, ["sort", {"tab": TAB, "column": "标题", "descending": True}])
    app.commit(batch(edit(case(app, 1), {"title": "x"}), edit(case(app, 2), {"title": "y"})))
    assert_right(sheets, store, {1: ("x", "小区c"), 2: ("y", "小区a"), 3: ("b", "小区b")})


@pytest.mark.parametrize("first", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("second", MOVES.values(), ids=MOVES)
def test_a_repair_that_is_overtaken_itself(
    sheets: Sheets, store: SheetsStore, app: Committer, first: list[Any], second: list[Any]
) -> None:
    """Twice: the third repair meets what both left behind. No row is there twice, and none is left wrong."""
    task = Task(task_id="t-1", case_no=no(1), title="回电")
    app.commit(batch(create(task)))
    for move in (first, second, ["sort", {"tab": TAB, "column": "小区", "descending": True}]):
        meanwhile(sheets, move, ["insert_rows", {"tab": "任务", "at": 2}])
    app.commit(
        batch(edit(case(app, 1), {"title": "x"}), remove(case(app, 2)), create(a_case(title="d", community="小区d")))
    )
    app.keep_up()
    assert_right(sheets, store, {1: ("x", "小区c"), 3: ("b", "小区b"), 4: ("d", "小区d")})
    assert sum(line["action"] == "put_right" for line in store.history()) >= 1


def test_more_repairs_than_one_reader_makes(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """Who comes next goes on where the last one gave up."""
    for turn in range(8):
        meanwhile(sheets, ["sort", {"tab": TAB, "column": "标题", "descending": bool(turn % 2)}])
    app.commit(batch(edit(case(app, 1), {"title": "x"}), edit(case(app, 3), {"title": "z"})))
    sheets.server.google.faults.clear()
    committer(sheets.open())
    app.keep_up()
    assert_right(sheets, store, {1: ("x", "小区c"), 2: ("a", "小区a"), 3: ("z", "小区b")})


def test_a_row_that_came_and_went_between_two_reads(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """The app made it, did not hear that it did, and meanwhile somebody else took it away."""
    task = Task(task_id="t-1", case_no=no(1), title="回电")
    sheets.server.fault(method="POST", path=WRITE, when="after", status=503)
    app.commit(batch(create(task)))
    other = committer(sheets.open())
    other.commit(batch(remove(other.snapshot[Task]["t-1"])))
    app.keep_up()
    assert not app.snapshot[Task]


def test_a_row_deleted_under_the_write(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    meanwhile(sheets, ["delete_rows", {"tab": TAB, "at": 2}])
    app.commit(batch(edit(case(app, 1), {"title": "x"})))
    assert_right(sheets, store, {1: ("x", "小区c"), 2: ("a", "小区a"), 3: ("b", "小区b")})


def test_a_cell_typed_under_the_write_is_in_history(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    meanwhile(sheets, ["set", {"range": f"{TAB}!D2", "values": [["von Hand"]]}])
    app.commit(batch(edit(case(app, 1), {"title": "x"})))
    assert_right(sheets, store, {1: ("x", "小区c"), 2: ("a", "小区a"), 3: ("b", "小区b")})
    told = [json.loads(str(line["changes"])) for line in store.history(actions=["edited_in_sheet", "overwrote_sheet"])]
    assert told == [{"title": ["x", "von Hand"]}, {"title": ["von Hand", "x"]}]


def test_what_is_typed_into_a_new_row_before_it_is_put_right(
    sheets: Sheets, store: SheetsStore, app: Committer
) -> None:
    """Its cells stand under the wrong headers for a moment. What the app left empty stays; of the rest is told."""
    meanwhile(sheets, MOVES["key column moved"])
    typed = [["set_cell", {"tab": TAB, "row": 5, "column": name, "value": "von Hand"}] for name in ("问题位置", "标题")]
    sheets.server.fault(method="GET", path=READ, manager=typed, spreadsheet=sheets.id, skip=1)
    app.commit(batch(create(a_case(title="d", community="小区d"))))
    app.keep_up()
    assert (case(app, 4).location, case(app, 4).title) == ("von Hand", "d")
    told = [json.loads(str(line["changes"])) for line in store.history(actions=["edited_in_sheet", "overwrote_sheet"])]
    assert {"title": ["von Hand", "d"]} in told
    assert {"location": [None, "von Hand"]} in told
    assert_right(sheets, store, {1: ("c", "小区c"), 2: ("a", "小区a"), 3: ("b", "小区b"), 4: ("d", "小区d")})


def test_what_comes_of_it_has_a_name(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """The timeline of a case shows these lines too."""
    meanwhile(sheets, ["set", {"range": f"{TAB}!D2", "values": [["von Hand"]]}], MOVES["sorted"])
    app.commit(batch(edit(case(app, 1), {"title": "x"})))
    told = {str(line["action"]) for line in store.history() if line["actor"] == "sheet"}
    assert told == {"edited_in_sheet", "overwrote_sheet", "put_right"}
    assert told <= ACTIONS.keys()


def test_another_cell_typed_under_the_write(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    meanwhile(sheets, ["set_cell", {"tab": TAB, "row": 2, "column": "小区", "value": "新小区"}])
    app.commit(batch(edit(case(app, 1), {"title": "x"})))
    app.keep_up()
    assert_right(sheets, store, {1: ("x", "新小区"), 2: ("a", "小区a"), 3: ("b", "小区b")})


def test_a_writer_that_dies_before_it_can_look(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """Whoever reads next puts right what it did."""
    moved = {"manager": [MOVES["sorted"]], "spreadsheet": sheets.id}
    sheets.server.fault(method="POST", path=WRITE, when="after", drop=True, **moved)
    sheets.server.fault(path="developerMetadata", drop=True, times=99)
    with pytest.raises(OutcomeUnknown):
        app.commit(batch(edit(case(app, 1), {"title": "x"})))
    sheets.server.google.faults.clear()
    committer(sheets.open())
    assert_right(sheets, store, {1: ("x", "小区c"), 2: ("a", "小区a"), 3: ("b", "小区b")})


FAULTS: dict[str, dict[str, Any]] = {
    "429": {"status": 429, "retry_after": 0, "times": 2},
    "500 before": {"status": 500},
    "500 after": {"status": 500, "when": "after"},
    "503 before": {"status": 503},
    "503 after": {"status": 503, "when": "after"},
    "lost before": {"drop": True},
    "lost after": {"drop": True, "when": "after"},
    "late": {"delay": 0.8, "when": "after"},
    "half-open": {"hang": 0.8, "when": "after"},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_save_is_in_once_whatever_happens(sheets: Sheets, fault: dict[str, Any]) -> None:
    patience = Patience(connect=2, answer=0.4, attempts=4, first=0.001, longest=0.005)
    account_ = open_account(Path("/none"), sheets.server.url)
    store = SheetsStore(SheetsClient(account_, sheets.id, patience=patience, quota=unlimited()), Options(zone=ZONE))
    store.provision(SCHEMA)
    app = committer(store)
    app.commit(batch(create(a_case(title="c", community="小区c"))))
    sheets.server.fault(method="POST", path=WRITE, **fault)
    request = batch(edit(case(app, 1), {"title": "x"}), create(a_case(title="neu", community="z")))
    receipt = app.commit(request)
    assert receipt.created == (("cases", no(2)),)
    assert app.commit(request) == receipt
    assert_right(sheets, store, {1: ("x", "小区c"), 2: ("neu", "z")})


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_read_is_made_again(sheets: Sheets, store: SheetsStore, app: Committer, fault: dict[str, Any]) -> None:
    sheets.server.fault(method="GET", path=READ, **fault)
    sheets.manager.set_cell(TAB, 2, "标题", "x")
    app.keep_up()
    assert case(app, 1).title == "x"


def test_a_write_that_arrives_late_is_not_repeated(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    """The answer was lost, the question was asked too early, and the first write arrives after all."""
    other = committer(sheets.open())
    sheets.server.fault(method="POST", path=WRITE, drop=True)
    other.commit(batch(edit(case(app, 2), {"title": "other"})))
    app.commit(batch(edit(case(app, 1), {"title": "x"})))
    assert_right(sheets, store, {1: ("x", "小区c"), 2: ("other", "小区a"), 3: ("b", "小区b")})


def test_no_access(sheets: Sheets, app: Committer) -> None:
    sheets.manager.revoke(APP)
    with pytest.raises(NoAccess) as refused:
        app.refresh()
    assert refused.value.email == APP


def test_a_deleted_spreadsheet(sheets: Sheets, app: Committer) -> None:
    sheets.manager.delete_spreadsheet()
    with pytest.raises(SpreadsheetMissing) as missing:
        app.refresh()
    assert missing.value.spreadsheet_id == sheets.id


def test_too_many_calls(sheets: Sheets, app: Committer) -> None:
    sheets.server.fault(path=READ, status=429, times=50)
    sheets.manager.set_cell(TAB, 2, "标题", "x")
    with pytest.raises(QuotaExceeded):
        app.refresh()
    sheets.server.google.faults.clear()
    assert app.refresh()


def test_retry_after_is_honoured(sheets: Sheets) -> None:
    waited: list[float] = []
    patience = Patience(attempts=3, first=0.001, longest=1.0, sleep=waited.append)
    client = SheetsClient(open_account(Path("/none"), sheets.server.url), sheets.id, patience=patience)
    sheets.server.fault(method="GET", path="/v4/", status=429, retry_after=2)
    client.metadata("sheets.properties")
    assert waited == [2.0]


def patient(sheets: Sheets, now: list[float]) -> SheetsClient:
    """As patient as the app, on a clock on which only its waiting takes time."""

    def sleep(seconds: float) -> None:
        now[0] += seconds

    account_ = open_account(Path("/none"), sheets.server.url)
    return SheetsClient(account_, sheets.id, patience=Patience(sleep=sleep, clock=lambda: now[0]), quota=unlimited())


@pytest.mark.parametrize("asked", [None, 25, 600])
def test_no_attempt_begins_after_all_patience(sheets: Sheets, asked: int | None) -> None:
    now = [0.0]
    client = patient(sheets, now)
    sheets.server.fault(path="/v4/", status=429, retry_after=asked, times=99)
    with pytest.raises(QuotaExceeded):
        client.metadata("sheets.properties")
    assert now[0] <= Patience().total


def test_a_quota_that_others_used_up_is_waited_for(sheets: Sheets) -> None:
    """It comes back within a minute; no more attempts than that takes."""
    now = [0.0]
    client = patient(sheets, now)
    sheets.server.fault(path="/v4/", status=429, times=6)
    assert client.metadata("sheets.properties")["sheets"]
    assert now[0] > 10
    sheets.server.fault(path="/v4/", status=503, times=5)
    with pytest.raises(NetworkDown):
        client.metadata("sheets.properties")


def test_no_network(sheets: Sheets) -> None:
    client = SheetsClient(open_account(Path("/none"), "http://127.0.0.1:9"), "x", patience=QUICK, quota=unlimited())
    with pytest.raises(NetworkDown):
        client.metadata("sheets")
    with pytest.raises(NetworkDown):
        client.update(b"{}")


@pytest.mark.parametrize(
    "endpoint", ["http://sheets.example.com", "https://127.0.0.1:1", "http://127.0.0.1.evil.com", "127.0.0.1:80", "x"]
)
def test_only_loopback_may_answer_for_google(endpoint: str) -> None:
    with pytest.raises(StoreUnavailable):
        open_account(Path("/none"), endpoint)


def test_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(account.VARIABLE, raising=False)
    with pytest.raises(BadCredentials) as missing:
        open_account(tmp_path / "secrets.toml")
    assert missing.value.reason == "missing"


@pytest.mark.parametrize("content", ["[gcp_service_account]\ntype = 'x'", "[gcp_service_account", "[other]"])
def test_a_key_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    (tmp_path / "secrets.toml").write_text(content, "utf-8")
    (tmp_path / "key.json").write_text("[]", "utf-8")
    monkeypatch.setenv(account.VARIABLE, str(tmp_path / "key.json"))
    with pytest.raises(BadCredentials) as invalid:
        open_account(tmp_path / "secrets.toml")
    assert invalid.value.reason == "invalid"


def test_a_request_never_grows_too_large(sheets: Sheets, store: SheetsStore) -> None:
    """Batches that are saved together are written in parts."""
    small = SheetsStore(sheets.client(), Options(zone=ZONE, limit=60_000))
    app = committer(small)
    changes = [create(a_case(f"new:{n}", description="长" * 400)) for n in range(12)]
    entries = [batch(change) for change in changes]
    import threading

    threads = [threading.Thread(target=app.commit, args=(entry,)) for entry in entries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(committer(sheets.open()).snapshot[Case]) == 12
    assert small._client.largest <= 60_000


def test_markers_are_pruned(sheets: Sheets, store: SheetsStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.store.sheets.writer.MARKERS", 5)
    monkeypatch.setattr("lib.store.sheets.writer.PRUNE_EVERY", 4)
    for number in range(30):
        store.write(row_write(store, {}, seq=number, write_id=f"w-{number}"))
    assert len(sheets.manager.book.metadata) <= 10
    assert store.has_write("w-29")


def test_a_task_of_another_tab_too(sheets: Sheets, store: SheetsStore, app: Committer) -> None:
    task = Task(task_id="t-1", case_no=no(1), title="回电")
    app.commit(batch(create(task)))
    meanwhile(sheets, MOVES["sorted"], ["insert_rows", {"tab": "任务", "at": 2}])
    app.commit(batch(edit(case(app, 1), {"title": "x"}), edit(task, {"title": "y"})))
    assert committer(sheets.open()).snapshot[Task]["t-1"].title == "y"
    assert_right(sheets, store, {1: ("x", "小区c"), 2: ("a", "小区a"), 3: ("b", "小区b")})

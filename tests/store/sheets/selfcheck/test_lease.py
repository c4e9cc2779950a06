"""Several writers are refused where the self-check saw that two at once are not safe."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from lib.errors import SeveralWriters
from lib.store.schema import SCHEMA
from lib.store.sheets.model.options import Options
from lib.store.sheets.selfcheck import selfcheck
from lib.store.sheets.selfcheck.lease import VALID, Lease
from lib.store.sheets.selfcheck.selfcheck import SETTING
from lib.store.sheets.setup.dropdowns import Dropdowns
from lib.store.sheets.store import SheetsStore
from tests.store.contract import case_row
from tests.store.sheets.support import Sheets
from tests.store.support import row_write
from tests.support import ZONE, Clock


@pytest.fixture
def now() -> Clock:
    return Clock(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))


def opened(sheets: Sheets, now: Clock) -> SheetsStore:
    client = sheets.client()
    lease = Lease(client, clock=now, sleep=lambda _: None)
    options = Options(zone=ZONE, grace=0.0, fresh=0.0)
    store = SheetsStore(client, options, lease=lease, dropdowns=Dropdowns(client))
    store.provision(SCHEMA)
    store.pull(None)
    return store


def note(sheets: Sheets, *, allowed: bool) -> None:
    selfcheck.keep(sheets.client(), {"writers_allowed": allowed})


def record(store: SheetsStore, *, allowed: bool) -> None:
    """As versions before did."""
    value = json.dumps({"writers_allowed": allowed})
    store.write(row_write(store, {"settings": [{"key": SETTING, "value": value}]}))


def save(store: SheetsStore, key: str) -> None:
    store.write(row_write(store, {"cases": [case_row(key, title="x")]}))


def test_where_nothing_failed_several_write_at_no_cost(sheets: Sheets, now: Clock) -> None:
    one, other = opened(sheets, now), opened(sheets, now)
    record(one, allowed=True)
    one.pull(None)
    sheets.server.log.reset()
    save(one, "A-1")
    assert sheets.server.log.summary()["writes"] == 1
    save(other, "A-2")
    assert [row["case_no"] for row in opened(sheets, now).pull(None).rows["cases"]] == ["A-1", "A-2"]


def test_where_it_failed_the_second_writer_is_refused(sheets: Sheets, now: Clock) -> None:
    one, other = opened(sheets, now), opened(sheets, now)
    record(one, allowed=False)
    save(one, "A-1")
    with pytest.raises(SeveralWriters):
        save(other, "A-2")
    save(one, "A-3")
    assert [row["case_no"] for row in other.pull(None).rows["cases"]] == ["A-1", "A-3"]


def test_who_goes_on_writing_goes_on_holding(sheets: Sheets, now: Clock) -> None:
    one, other = opened(sheets, now), opened(sheets, now)
    record(one, allowed=False)
    for number in range(4):
        save(one, f"A-{number}")
        now.now += VALID * 0.7
        with pytest.raises(SeveralWriters):
            save(other, "B-1")


def test_after_a_while_of_silence_another_may_write(sheets: Sheets, now: Clock) -> None:
    one, other = opened(sheets, now), opened(sheets, now)
    record(one, allowed=False)
    save(one, "A-1")
    now.now += VALID + timedelta(seconds=1)
    save(other, "A-2")
    with pytest.raises(SeveralWriters):
        save(one, "A-3")


def test_of_two_who_take_it_at_the_same_moment_one_at_most_has_it(sheets: Sheets, now: Clock) -> None:
    one = opened(sheets, now)
    record(one, allowed=False)
    rival = Lease(sheets.client(), clock=now, sleep=lambda _: None)
    slow = Lease(sheets.client(), clock=now, sleep=lambda _: rival._put(now() + VALID))
    with pytest.raises(SeveralWriters):
        slow.hold()


def test_rubbish_in_the_cell_stops_nobody(sheets: Sheets, now: Clock) -> None:
    one = opened(sheets, now)
    record(one, allowed=False)
    sheets.manager.set("_casesheet!F1", [["?"]])
    save(one, "A-1")


def test_a_sheet_that_was_never_set_up_gets_no_tab_of_choices(sheets: Sheets, now: Clock) -> None:
    store = opened(sheets, now)
    store.write(row_write(store, {"lists": [{"item_id": "a.b", "list_name": "a", "code": "b", "active": True}]}))
    store.pull(None)
    assert sheets.manager.book.titled("_choices") is None


@pytest.mark.trial(44)
@pytest.mark.parametrize("allowed", [True, False])
def test_the_result_on_this_spreadsheet_counts_before_one_that_was_moved_here(
    sheets: Sheets, now: Clock, *, allowed: bool
) -> None:
    one, other = opened(sheets, now), opened(sheets, now)
    record(one, allowed=not allowed)
    note(sheets, allowed=allowed)
    one.pull(None)
    other.pull(None)
    save(one, "A-1")
    if allowed:
        save(other, "A-2")
        return
    with pytest.raises(SeveralWriters):
        save(other, "A-2")

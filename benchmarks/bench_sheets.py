"""The Sheets store on a loopback server: loading, refreshing, what a save and a busy office cost in calls."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import requests
from pydantic import TypeAdapter

from benchmarks.bench_store import alternately
from benchmarks.data import ZONE, cases
from benchmarks.report import Result, measured, reached
from lib.config.settings import load_config, load_settings
from lib.desk.desk import fixed_lists
from lib.domain.records.case import Case
from lib.domain.rules.numbering import NumberPattern
from lib.services.workspace.workspace import seeds_of
from lib.store.codec import encode
from lib.store.commit.batch import Batch, edit, new_id
from lib.store.commit.loop import Committer
from lib.store.port import Load
from lib.store.schema import SCHEMA
from lib.store.sheets.api.account import open_account
from lib.store.sheets.api.client import Quota, SheetsClient
from lib.store.sheets.api.quota import TokenBucket
from lib.store.sheets.model.options import Options
from lib.store.sheets.model.tabs import homes, sheet_tab
from lib.store.sheets.setup import setup
from lib.store.sheets.store import SheetsStore
from tests.google.client import loopback_client
from tests.google.server import SheetsServer

ROWS = 10_000
CHUNK = 150
APP = "app@loopback.test"
CONFIG = load_config(load_settings())
FIXED, SEEDS = fixed_lists(CONFIG), seeds_of(CONFIG.lists)
CODES: dict[str, dict[str, str]] = defaultdict(dict)
for item in (*SEEDS, *FIXED):
    CODES[item.list_name][item.zh] = item.code
WORKSPACE = setup.Workspace("zh_CN", "Asia/Shanghai", APP, CONFIG.workflow, SEEDS, FIXED)
PATTERN = NumberPattern("TS-{year}-{seq:06d}")
COLUMNS = SCHEMA["cases"].columns
TABS = [sheet_tab(name).zh for name in homes("cases")]


def unlimited() -> Quota:
    return Quota(TokenBucket(1e9, 10**6), TokenBucket(1e9, 10**6))


def open_client(server: SheetsServer, spreadsheet: str, quota: Quota | None = None) -> SheetsClient:
    return SheetsClient(open_account(Path("none"), server.url), spreadsheet, quota=quota or unlimited())


def open_store(server: SheetsServer, spreadsheet: str, quota: Quota | None = None, **options: Any) -> SheetsStore:
    return SheetsStore(open_client(server, spreadsheet, quota), Options(zone=ZONE, fixed=FIXED, **options))


def run() -> list[Result]:
    with SheetsServer() as server:
        spreadsheet = server.create("案件台账", share=(APP,))
        return [
            *filling(server, spreadsheet),
            *cold_load(server, spreadsheet),
            *refresh(server, spreadsheet),
            *one_save(server, spreadsheet),
            *office(server, spreadsheet),
            *many_saves(server, spreadsheet),
        ]


def filling(server: SheetsServer, spreadsheet: str) -> Iterator[Result]:
    """10,000 cases as a move between stores writes them."""
    server.log.reset()
    set_up(server, spreadsheet)
    yield measured("set-up of an empty sheet", server.log.summary()["requests"], "calls", 6)
    store = open_store(server, spreadsheet)
    source = cases(ROWS)
    start = time.perf_counter()
    while chunk := list(islice(source, CHUNK)):
        store.load(Load(0, 1, {"cases": [encode(case) for case in chunk]}, {}, ()))
    store.seal(expected_seq=0, seq=1)
    yield measured("10,000 cases written", time.perf_counter() - start, "s")
    set_up(server, spreadsheet)  # the new rows are to look like those that were there
    yield measured("largest request", server.log.summary()["largest_request"] / 1e6, "MB", 2.0)
    store.close()


def set_up(server: SheetsServer, spreadsheet: str) -> None:
    client = open_client(server, spreadsheet)
    setup.carry_out(client, setup.plan(client, WORKSPACE))


def cold_load(server: SheetsServer, spreadsheet: str) -> Iterator[Result]:
    """Ours between the least that it can cost and what one would write first. The server answers all from memory."""
    fetch, peer = fetcher(server, spreadsheet), peer_load(server, spreadsheet)
    rows_of = TypeAdapter(list[Case])
    expected = [encode(case) for case in cases(ROWS)]

    def floor() -> tuple[Any, list[Case]]:
        return json.loads(fetch()), rows_of.validate_python(expected)

    def cold() -> tuple[Committer, SheetsStore]:
        app, store = load(server, spreadsheet)
        if len(app.snapshot[Case]) != ROWS:
            raise RuntimeError("not everything was read")
        store.close()
        return app, store

    alternately(floor, cold, peer, runs=1)
    least, took, theirs = alternately(floor, cold, peer, runs=7)
    yield measured("the answer for 10,000 cases", len(fetch()) / 1e6, "MB")
    yield measured("floor: HTTP, json.loads, pydantic-core", least, "ms")
    yield measured("cold load of 10,000 cases", took, "ms")
    yield measured("cold load as a multiple of the floor", took / least, "x", 1.6)
    yield measured("gspread get_all_records and a model a row", theirs, "ms")
    yield reached("cold load quicker than that by", theirs / took, "x", 4.0)


def load(server: SheetsServer, spreadsheet: str) -> tuple[Committer, SheetsStore]:
    store = open_store(server, spreadsheet)
    app = Committer(store, pattern=PATTERN, zone=ZONE)
    app.refresh()
    return app, store


def fetcher(server: SheetsServer, spreadsheet: str) -> Callable[[], bytes]:
    """The same HTTP request as the store's, without the store."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = "Bearer app"
    url = f"{server.url}/v4/spreadsheets/{spreadsheet}/values:batchGet"
    options = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"}
    return lambda: session.get(url, params={"ranges": TABS, "fields": "valueRanges.values", **options}).content


def peer_load(server: SheetsServer, spreadsheet: str) -> Callable[[], list[Case]]:
    """What one would write first: all records, one model after the other. A time has no seconds, as it is shown."""
    book = loopback_client(server.url, "app").open_by_key(spreadsheet)
    sheets = [book.worksheet(name) for name in TABS]
    names = {column.zh: name for name, column in COLUMNS.items()}

    def fields(record: dict[str, Any]) -> dict[str, Any]:
        cells = {names[text]: cell for text, cell in record.items() if text in names and cell != ""}
        return {name: as_python(name, cell) for name, cell in cells.items()}

    return lambda: [Case.model_validate(fields(record)) for sheet in sheets for record in sheet.get_all_records()]


def as_python(name: str, cell: Any) -> Any:
    column = COLUMNS[name]
    if column.kind == "time":
        return datetime.fromisoformat(cell).replace(tzinfo=ZONE)
    if column.kind == "date":
        return date.fromisoformat(cell)
    if column.kind == "choice":
        return CODES[column.choices].get(cell, cell)
    return cell if column.kind in ("number", "money") else str(cell)


def refresh(server: SheetsServer, spreadsheet: str) -> Iterator[Result]:
    """A manager changed one cell of 10,000 rows."""
    app, store = load(server, spreadsheet)
    manager, fetch = server.manager(spreadsheet), fetcher(server, spreadsheet)
    turn = iter(range(10**6))

    def type_something() -> bytes:
        manager.set_cell("案件", 2, "标题", f"第{next(turn)}次")
        return fetch()  # the server works the answer out once, for both

    def least() -> Any:
        return json.loads(fetch())

    def changed() -> Any:
        return store.pull(store.mirror.seq)

    type_something()
    _, floor, took = alternately(type_something, least, changed, runs=9)
    app.keep_up()
    if app.snapshot[Case][next(iter(app.snapshot[Case]))].title != f"第{next(turn) - 1}次":
        raise RuntimeError("the refresh did not bring the change")
    store.close()
    yield measured("HTTP and json.loads", floor, "ms")
    yield measured("refresh after a manager changed one cell", took, "ms")
    yield measured("refresh as a multiple of HTTP and json.loads", took / floor, "x", 1.3)


def one_save(server: SheetsServer, spreadsheet: str) -> Iterator[Result]:
    app, store = load(server, spreadsheet)
    keys = list(islice(app.snapshot[Case], 20))
    server.log.reset()
    for number, key in enumerate(keys):
        change = edit(app.snapshot[Case][key], {"title": f"保存{number}"})
        app.commit(Batch(new_id("c"), "manager", datetime.now(ZONE), (change,)))
    counted = server.log.summary()
    store.close()
    yield measured("writes of one save", counted["writes"] / len(keys), "calls", 1)
    yield measured("reads of one save", counted["reads"] / len(keys), "calls", 1)


def office(server: SheetsServer, spreadsheet: str) -> Iterator[Result]:
    """30 people clicking for ten minutes: the refresher runs, the pages only look at the snapshot; a manager types."""
    now = [0.0]
    store = open_store(server, spreadsheet, clock=lambda: now[0])
    app = Committer(store, pattern=PATTERN, zone=ZONE)
    app.refresh()
    manager, chance = server.manager(spreadsheet), Random(7)
    server.log.reset()
    clicks = 0
    for second in range(600):
        now[0] += 1
        if second % 20 == 7:
            manager.set_cell("案件", 2 + chance.randrange(500), "楼栋", f"{second}栋")
        before = server.log.summary()["requests"]
        for _ in range(30):
            clicks += len(app.snapshot[Case]) > 0
        if server.log.summary()["requests"] != before:
            raise RuntimeError("a page asked the sheet")
        if second % 5 == 0:
            app.refresh()
    counted = server.log.summary()
    store.close()
    yield measured("read calls a minute, 30 people clicking", counted["reads"] / 10, "calls", 12)
    yield measured("calls of a page rerun", (clicks - 18_000) * 1.0, "calls", 0)


def many_saves(server: SheetsServer, spreadsheet: str) -> Iterator[Result]:
    """200 saves from 20 people as fast as the quota lets them."""
    quota = Quota(TokenBucket(50, 10), TokenBucket(50, 10))
    store = open_store(server, spreadsheet, quota, trusted=60.0)
    app = Committer(store, pattern=PATTERN, zone=ZONE)
    app.refresh()
    keys = list(islice(app.snapshot[Case], 200))
    server.log.reset()
    start = time.perf_counter()

    def person(number: int) -> None:
        for turn in range(10):
            seen = app.snapshot[Case][keys[number * 10 + turn]]
            app.commit(
                Batch(new_id("c"), f"p{number}", datetime.now(ZONE), (edit(seen, {"title": f"{number}-{turn}"}),))
            )

    people = [threading.Thread(target=person, args=(number,)) for number in range(20)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    took = time.perf_counter() - start
    counted = server.log.summary()
    held = load(server, spreadsheet)[0].snapshot[Case]
    lost = sum(held[keys[n * 10 + turn]].title != f"{n}-{turn}" for n in range(20) for turn in range(10))
    store.close()
    yield measured("200 saves from 20 people: took", took, "s", 60)
    yield measured("200 saves from 20 people: writes", counted["writes"], "calls", 60)
    yield measured("200 saves from 20 people: lost", lost, "saves", 0)

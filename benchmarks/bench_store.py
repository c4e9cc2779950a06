"""The store: loading, refreshing, saving, and several processes at once, on a SQLite file."""

import gc
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from pydantic import TypeAdapter

from benchmarks.data import ZONE, workspace
from benchmarks.report import Result, measured, milliseconds
from lib.app.bootstrap import open_desk
from lib.config.settings import ROOT
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.numbering import NumberPattern
from lib.domain.rules.permissions import actor_of, system_actor
from lib.services.cases import intake
from lib.services.workspace.workspace import initialise
from lib.store.commit.batch import Batch, create, edit, new_id
from lib.store.commit.loop import Committer
from lib.store.schema import SCHEMA
from lib.store.sql import SqlStore

PATTERN = NumberPattern("TS-{year}-{seq:06d}")
PROCESSES, SAVES = 4, 250


def run() -> list[Result]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        address = workspace(folder, 10_000)
        return [
            *cold_load(address),
            *refresh(address),
            *one_save(folder, address),
            *many_processes(folder),
            *large(folder),
        ]


def open_committer(address: str) -> tuple[SqlStore, Committer]:
    store = SqlStore(address)
    return store, Committer(store, pattern=PATTERN, zone=ZONE)


def load(address: str) -> Committer:
    store, app = open_committer(address)
    app.refresh()
    store.close()
    return app


def floor(address: str) -> list[Case]:
    """The least that loading can cost: the rows through sqlite3, validated in one call."""
    file = sqlite3.connect(address.removeprefix("sqlite:///"))
    names = list(SCHEMA["cases"].columns)
    rows = file.execute(f"SELECT {', '.join(names)} FROM cases")
    cases = [{name: cell for name, cell in zip(names, row, strict=True) if cell is not None} for row in rows]
    validated = TypeAdapter(list[Case]).validate_python(cases)
    file.close()
    return validated


def alternately(*works: Callable[[], object], runs: int) -> tuple[float, ...]:
    """The least times of several kinds of work that take turns, so that all meet the same moods of the machine.

    Whatever else the machine does can only add to a time, never take from it.
    """
    times: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for work, kept in zip(works, times, strict=True):
            gc.collect()
            kept.append(milliseconds(work, runs=1))
    return tuple(map(min, times))


def cold_load(address: str) -> list[Result]:
    floor(address)
    load(address)
    least, cold = alternately(lambda: floor(address), lambda: load(address), runs=7)
    return [
        measured("floor: 10,000 cases by sqlite3 and pydantic-core", least, "ms"),
        measured("cold load of 10,000 cases", cold, "ms"),
        measured("cold load as a multiple of the floor", cold / least, "x", 2.0),
    ]


def refresh(address: str) -> list[Result]:
    """Another connection changed one row; this one learns of it."""
    cold = milliseconds(lambda: load(address))
    (store, app), (their_store, theirs) = open_committer(address), open_committer(address)
    case_no = next(iter(theirs.refresh()[Case]))
    app.refresh()
    times = []
    for number in range(15):
        seen = theirs.snapshot[Case][case_no]
        changes = (edit(seen, {"title": f"第{number}次"}),)
        theirs.commit(Batch(new_id("c"), "manager", datetime.now(ZONE), changes))
        times.append(milliseconds(app.refresh, runs=1))
        if app.snapshot[Case][case_no].title != f"第{number}次":
            raise RuntimeError("the refresh did not bring the change")
    store.close()
    their_store.close()
    took = sorted(times)[len(times) // 2]
    return [
        measured("refresh after one changed row of 10,000", took, "ms"),
        measured("refresh as a share of the cold load", 100 * took / cold, "%", 5.0),
    ]


def one_save(folder: Path, address: str) -> list[Result]:
    """Taking one case in beside 10,000 others."""
    desk = open_desk(store=address, files_dir=folder / "files", secret_file=folder / "secret.key")
    initialise(desk)
    person = Staff(staff_id="manager", email="manager@example.cn", name="王经理", role="manager", branch="head_office")
    desk.save(system_actor(), [create(person)])
    actor = actor_of(person, desk.config.roles)
    values = {
        "description": "厨房漏水，楼下也被泡了。请尽快处理",
        "kind": "repair",
        "channel": "hotline",
        "client_phone": "138 0013 8000",
        "client_name": "张三",
        "community": "阳光花园",
        "room": "301",
    }
    took = milliseconds(lambda: intake.register(desk, actor=actor, values=values), runs=60)
    desk.store.close()
    return [measured("one case taken in through the service (median)", took, "ms", 15.0)]


def many_processes(folder: Path) -> list[Result]:
    """Processes that save into one file as fast as they can: nothing lost, numbers without a gap."""
    address = f"sqlite:///{folder}/processes.db"
    program = [sys.executable, "-m", "benchmarks.saving", address]
    start = perf_counter()
    savers = [
        subprocess.Popen([*program, f"p{n}", str(SAVES)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for n in range(PROCESSES)
    ]
    receipts = [line.split() for saver in savers for line in saver.communicate()[0].splitlines()]
    took = perf_counter() - start
    held = load(address).snapshot[Case]
    lost = sum(number not in held or held[number].title != title for title, number in receipts)
    lost += PROCESSES * SAVES - len(receipts)
    years = {number.split("-")[1] for number in held}
    expected = {f"TS-{year}-{n:06d}" for year in years for n in range(1, len(held) + 1)}
    return [
        measured(f"{PROCESSES} processes x {SAVES} saves: saves lost", lost, "saves", 0),
        measured(f"{PROCESSES} processes x {SAVES} saves: gaps in the numbers", len(expected ^ set(held)), "gaps", 0),
        measured(f"{PROCESSES} processes x {SAVES} saves: together", len(receipts) / took, "/s"),
    ]


def large(folder: Path) -> list[Result]:
    """100,000 cases, in a process of its own so that its memory is its own."""
    address = workspace(folder, 100_000)
    code = "import sys; from benchmarks import bench_store; bench_store.print_large(sys.argv[1])"
    output = subprocess.run([sys.executable, "-c", code, address], cwd=ROOT, check=True, capture_output=True, text=True)
    cold, memory, changed = map(float, output.stdout.split())
    return [
        measured("cold load of 100,000 cases", cold, "ms"),
        measured("memory of a process holding 100,000 cases, more than before", memory, "MiB"),
        measured("refresh after one changed row of 100,000", changed, "ms"),
    ]


def print_large(address: str) -> None:
    before = _memory()
    store, app = open_committer(address)
    cold = milliseconds(app.refresh, runs=1)
    after = _memory()
    their_store, theirs = open_committer(address)
    seen = next(iter(app.snapshot[Case].values()))
    theirs.commit(Batch(new_id("c"), "manager", datetime.now(ZONE), (edit(seen, {"title": "改"}),)))
    changed = milliseconds(app.refresh, runs=1)
    store.close()
    their_store.close()
    print(cold, after - before, changed)


def _memory() -> float:
    """Resident memory now, in MiB; on systems without /proc, the most it ever was."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    fields: dict[str, Any] = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return float(fields["VmRSS"].split()[0]) / 1024

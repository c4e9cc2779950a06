"""One rerun of the cases page, its board, a case and the home page, at 10,000 and 100,000 cases: time, store accesses.

A rerun is the whole script in Streamlit's own test runner: shell, frame and page. That counts the work of reading the
page back into the test as well, so that a server is a little faster than these figures.
"""

import logging
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import count as counting
from pathlib import Path
from time import perf_counter
from typing import Any

from streamlit.testing.v1 import AppTest

from benchmarks.data import START, workspace
from benchmarks.report import Result, measured, milliseconds
from lib.app import process
from lib.app.bootstrap import open_desk
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import system_actor
from lib.services.workspace.workspace import finish_demo, initialise
from lib.store.commit.batch import create
from lib.store.port import Store
from lib.ui.frame.app_pages import PAGES
from lib.ui.session.state import CASES, LANGUAGE, PERSONA

SHELL = Path(__file__).parents[1] / "lib" / "ui" / "shell.py"
BUDGET = 100  # ms at 10,000 cases; four times that at 100,000
ROUNDS = 12
PEOPLE = {"manager": "manager", "head": "head", "handler": "handler", "handler2": "handler", "reviewer": "reviewer"}


class CountingStore:
    """A store that notes whoever asks it anything: a rerun must find everything in memory."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)  # looking whether it can do something is not asking it
        self.asked.append(name)
        return found


def run() -> list[Result]:
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    results = []
    for count, factor in ((10_000, 1), (100_000, 4)):
        with tempfile.TemporaryDirectory() as name:
            desk, store = opened(Path(name), count)
            results += [*of(desk, store, f"{count // 1000}k", factor)]
            desk.store.close()
    return results


def opened(folder: Path, count: int) -> tuple[Desk, CountingStore]:
    """A demo workspace of that size whose every access to the store is counted."""
    desk = open_desk(
        create=True,
        store=workspace(folder, count),
        files_dir=folder / "files",
        secret_file=folder / "secret.key",
        clock=lambda: START + timedelta(days=1_150),
    )
    initialise(desk)
    finish_demo(desk)
    staff = [
        Staff(staff_id=key, email=f"{key}@example.cn", name=key, role=role, branch="head_office")
        for key, role in PEOPLE.items()
    ]
    desk.save(system_actor(), [create(person) for person in staff])
    store = CountingStore(desk.store)
    object.__setattr__(desk, "store", store)
    desk.committer._store = store
    return desk, store


def of(desk: Desk, store: CountingStore, size: str, factor: int) -> Iterator[Result]:
    """Budgets are for 10,000 cases; `factor` is how much more a larger workspace may take."""
    process.use(desk)
    some = next(case.case_no for case in desk.snapshot[Case].values() if case.stage == "in_progress")
    for name, key, params in (
        ("cases page", "cases", {}),
        ("cases as a board", "cases", {"view": "board"}),
        ("one case", "case", {"no": some}),
        ("home page", "home", {}),
    ):
        at = page(key, **params)
        turn = counting()

        def rerun(at: AppTest = at, key: str = key, turn: Iterator[int] = turn) -> None:
            _touch(at, key, next(turn))
            at.run()

        for _ in range(4):
            rerun()  # what is kept in memory is made
        store.asked.clear()
        yield measured(f"{name}, rerun at {size} cases", milliseconds(rerun, runs=ROUNDS), "ms", BUDGET * factor)
        yield measured(f"{name}, store accesses of {ROUNDS} reruns", len(store.asked), "", 0)


def page(key: str, **params: str) -> AppTest:
    """The page after its first run."""
    at = AppTest.from_file(SHELL, default_timeout=300)
    at.session_state[PERSONA], at.session_state[LANGUAGE] = "manager", "zh_CN"
    at.run()
    at.switch_page(str(PAGES[key].file))
    for name, value in params.items():
        at.query_params[name] = value
    start = perf_counter()
    at.run()
    if at.exception:
        raise RuntimeError(f"{key}: {at.exception[0].value} after {perf_counter() - start:.1f} s")
    return at


def _touch(at: AppTest, key: str, turn: int) -> None:
    """Every rerun of the cases page asks for something else."""
    if key == "cases":
        at.session_state[CASES + "stage"] = ("open", "all", "closed", "in_progress")[turn % 4]
        at.session_state[CASES + "community"] = (None, "阳光花园", "东湖雅苑")[turn % 3]

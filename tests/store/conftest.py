"""Servers for the stores (PostgreSQL, started when a test wants it, and Google's on the loopback); cases in a sheet."""

import os
from collections.abc import Iterator

import pytest

from lib.store.commit import loop
from lib.store.commit.batch import create
from lib.store.commit.loop import Committer
from lib.store.sheets.store import SheetsStore
from tests.google.batch.batch import Rules
from tests.google.server import SheetsServer
from tests.store import postgres
from tests.store.sheets.support import Sheets
from tests.store.support import a_case, batch, committer


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    if url := os.environ.get(postgres.VARIABLE):
        yield postgres.Server(url)
        return
    programs = postgres.programs()
    if programs is None:
        why = f"no PostgreSQL here: neither its programs nor {postgres.VARIABLE}"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with postgres.throw_away(programs) as own:
        yield own


@pytest.fixture(scope="module")
def google() -> Iterator[SheetsServer]:
    with SheetsServer() as running:
        yield running


@pytest.fixture
def sheets(google: SheetsServer) -> Iterator[Sheets]:
    """An empty spreadsheet."""
    yield Sheets(google)
    google.store.rules = Rules()
    google.google.control({"reset": ["faults"]})


@pytest.fixture
def store(sheets: Sheets) -> SheetsStore:
    """On a spreadsheet, set up."""
    return sheets.opened()


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """A committer does not wait between two attempts."""
    monkeypatch.setattr(loop, "PAUSE", 0.0)


@pytest.fixture
def three_cases(store: SheetsStore, no_pause: None) -> Committer:
    """Titles c, a, b, so that sorting moves them; each in a community of its own."""
    made = committer(store)
    for title in ("c", "a", "b"):
        made.commit(batch(create(a_case(title=title, community=f"小区{title}"))))
    return made

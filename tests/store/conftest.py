"""Servers for the stores: PostgreSQL, started at the first test that wants one, and Google's on the loopback."""

import os
from collections.abc import Iterator

import pytest

from lib.store.sheets.store import SheetsStore
from tests.google.server import SheetsServer
from tests.store import postgres
from tests.store.sheets_support import Sheets


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
    google.google.control({"rules": {"taken_metadata": "refuse", "missing_metadata": "ignore"}, "reset": ["faults"]})


@pytest.fixture
def store(sheets: Sheets) -> SheetsStore:
    """On a spreadsheet, set up."""
    return sheets.opened()

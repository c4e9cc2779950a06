"""What tests of services share beyond tests/conftest.py: actors by name, and another process on the same workspace."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from lib.desk.desk import Desk
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, actor_of
from tests.support import Clock, open_workspace


@pytest.fixture
def actor(desk: Desk) -> Callable[[str], Actor]:
    """The actor that a member of staff is by now, by staff id."""
    return lambda staff_id: actor_of(desk.snapshot[Staff][staff_id], desk.config.roles)


@pytest.fixture
def open_another(desk: Desk, tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Desk]]:
    """Opens one more Desk on the file of `desk`, as another process would; with a clock of its own if need be."""
    opened: list[Desk] = []

    def open_one(at: Callable[[], datetime] = clock) -> Desk:
        opened.append(open_workspace(tmp_path, at))
        return opened[-1]

    yield open_one
    for one in opened:
        one.store.close()

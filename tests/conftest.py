"""The fixtures that every test may use."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from tests.support import Clock, actors_of, open_workspace

# Examples take as long as the machine takes. In CI the same ones are tried each time: a new one that fails is found
# by whoever runs the tests at a desk, and not by somebody else's change.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "desk")


@pytest.fixture
def clock() -> Clock:
    """Stands at Monday, 2 March 2026, ten o'clock in Shanghai, until the test moves it."""
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    """A workspace of its own on a SQLite file."""
    opened = open_workspace(tmp_path, clock)
    yield opened
    opened.store.close()


@pytest.fixture
def people(desk: Desk) -> dict[str, Actor]:
    """Actors by role: intake, handler (and handler2), head, reviewer, manager, administrator."""
    return actors_of(desk)

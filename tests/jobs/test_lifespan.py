"""The jobs of a process: the workspace opens however late its store comes, and is read only while somebody is on."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import anyio
import pytest

from lib import running
from lib.domain.case import Case
from lib.domain.permissions import Actor
from lib.errors import NetworkDown, StoreUnavailable
from lib.jobs import lifespan
from lib.jobs.every import every
from lib.jobs.refresher import Refresher
from lib.services.desk import Desk
from lib.store.port import Pull
from tests.cases import take_in
from tests.support import Clock, open_workspace


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> running.Presence:
    """A process that has just started."""
    presence = running.Presence()
    monkeypatch.setattr(running, "presence", presence)
    monkeypatch.setattr(running, "_open", [])
    monkeypatch.setattr(running, "_failures", [])
    monkeypatch.setattr(running, "RETRY", 0.01)
    return presence


async def _until(holds: Callable[[], object]) -> None:
    with anyio.fail_after(5):
        while not holds():
            await anyio.sleep(0.01)


def test_a_store_that_comes_late_is_opened_and_kept_fresh(
    process: running.Presence, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Desk | None] = [None, None, desk]

    def open_late() -> Desk:
        found = answers.pop(0)
        if found is None:
            raise StoreUnavailable("not yet")
        return found

    monkeypatch.setattr(running, "open_desk", open_late)

    async def live() -> None:
        async with lifespan.lifespan(None):
            assert running.opened() is None, "the pages say what is wrong; the server stays up for it"
            await _until(lambda: process.refreshed_at)

    anyio.run(live)
    assert running.opened() is desk


def test_the_first_request_does_not_wait_for_ever(process: running.Presence, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def silent() -> Desk:
        answered.wait(10)
        raise StoreUnavailable("silent")

    monkeypatch.setattr(running, "open_desk", silent)
    monkeypatch.setattr(running, "PATIENCE", 0.01)
    monkeypatch.setattr(lifespan, "PATIENCE", 0.05)

    async def live() -> None:
        async with lifespan.lifespan(None):
            with pytest.raises(StoreUnavailable, match="still being opened"):
                running.desk()
            answered.set()

    begun = time.monotonic()
    anyio.run(live)
    assert time.monotonic() - begun < 5


def test_the_refresher_brings_what_others_saved(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    other = open_workspace(desk.settings.files_dir.parent, clock)
    case = take_in(other, people["intake"])
    other.store.close()
    presence = running.Presence()
    assert case.case_no not in desk.snapshot[Case]
    Refresher(desk, presence).once()
    assert case.case_no in desk.snapshot[Case]
    assert presence.refreshed_at == desk.now()


def test_a_failure_is_kept_until_the_store_answers(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    presence = running.Presence()
    refresher = Refresher(desk, presence)
    pull = desk.store.pull

    def down(_: int | None) -> Pull:
        raise NetworkDown("no route")

    monkeypatch.setattr(desk.store, "pull", down)
    refresher.once()
    assert isinstance(presence.problem, NetworkDown)
    assert presence.refreshed_at is None
    monkeypatch.setattr(desk.store, "pull", pull)
    refresher.once()
    assert presence.problem is None


def test_nothing_is_read_while_nobody_is_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    presence = running.Presence(clock=lambda: now)
    asked: list[datetime] = []
    monkeypatch.setattr(desk.committer, "keep_up", lambda: asked.append(datetime.now(UTC)))

    async def live() -> None:
        nonlocal now
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(Refresher(desk, presence, interval=0.01).run)
            await _until(lambda: len(asked) > 2)
            now = running.AWAKE + 1
            await anyio.sleep(0.05)
            quiet = len(asked)
            await anyio.sleep(0.1)
            assert len(asked) == quiet
            presence.touch()
            await _until(lambda: len(asked) > quiet)
            tasks.cancel_scope.cancel()

    anyio.run(live)


def test_a_fault_in_a_job_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 1:
            raise ZeroDivisionError("a fault of ours")

    async def live() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(every, 0.01, look)
            await _until(lambda: len(looks) > 2)
            tasks.cancel_scope.cancel()

    anyio.run(live)
    assert "a fault of ours" in caplog.text

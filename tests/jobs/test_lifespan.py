"""The jobs of a process: the workspace opens however late its store comes, and is read only while somebody is on."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from lib.app import process as running
from lib.app.bootstrap import open_desk
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.errors import NetworkDown, OpeningFailed, StoreUnavailable
from lib.jobs import lifespan
from lib.jobs.every import every
from lib.jobs.refresher import Refresher
from lib.store.port import Pull
from lib.words.errors import explain
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


@pytest.mark.trial(24)
@pytest.mark.parametrize("fault", [KeyError("x"), ValueError("a port that is no number"), RecursionError()])
def test_no_fault_in_opening_ends_the_server(
    process: running.Presence, desk: Desk, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    answers: list[Exception | Desk] = [fault, fault, desk]

    def open_at_last() -> Desk:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(running, "open_desk", open_at_last)
    with pytest.raises(OpeningFailed) as told:
        running.desk()
    assert told.value.number in "".join(explain(told.value))
    monkeypatch.setattr(running, "_failures", [])

    async def live() -> None:
        async with lifespan.lifespan(None):
            await _until(lambda: process.refreshed_at)

    anyio.run(live)
    assert running.opened() is desk


@pytest.mark.trial(24)
@pytest.mark.parametrize(
    ("store", "wrong"),
    [
        ("postgresql+psycopg://casesheet@127.0.0.1:zwei/x", StoreUnavailable),
        ("sqlite://", StoreUnavailable),
        ("sqlite:///:memory:", StoreUnavailable),
        ("", StoreUnavailable),
        ("gsheets://", StoreUnavailable),
    ],
)
def test_a_store_address_that_is_none_is_refused_in_words(store: str, wrong: type[Exception], tmp_path: Path) -> None:
    for create in (False, True):
        with pytest.raises(wrong):
            open_desk(store=store, create=create, files_dir=tmp_path / "files", secret_file=tmp_path / "key")


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


def test_the_refresher_brings_what_others_saved(
    process: running.Presence, desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    other = open_workspace(desk.settings.files_dir.parent, clock)
    case = take_in(other, people["intake"])
    other.store.close()
    assert case.case_no not in desk.snapshot[Case]
    Refresher(desk).once()
    assert case.case_no in desk.snapshot[Case]
    assert process.refreshed_at == desk.now()


@pytest.mark.trial(47)
@pytest.mark.parametrize("wrong", [NetworkDown("no route"), KeyError("notices")], ids=["ours", "a fault"])
def test_a_failure_is_kept_until_the_store_answers(
    process: running.Presence, desk: Desk, monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    refresher = Refresher(desk)
    pull = desk.store.pull

    def down(_: int | None) -> Pull:
        raise wrong

    monkeypatch.setattr(desk.store, "pull", down)
    refresher.once()
    assert process.problem is wrong
    assert process.refreshed_at is None
    monkeypatch.setattr(desk.store, "pull", pull)
    refresher.once()
    assert process.problem is None


@pytest.mark.trial(47)
def test_a_failure_is_looked_at_again_although_nobody_is_on(
    desk: Desk, process: running.Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "anybody", lambda: False)
    process.problem = KeyError("notices")
    Refresher(desk)._look()
    assert process.problem is None


@pytest.mark.trial(48)
def test_who_asks_meanwhile_shares_the_next_look(
    desk: Desk, process: running.Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    looks: list[float] = []
    look = running.Refresh(clock=lambda: now)

    def keep_up() -> None:
        looks.append(now)

    monkeypatch.setattr(desk.committer, "keep_up", keep_up)
    look(desk)
    look(desk)
    assert len(looks) == 2, "a look that was begun before the call may not hold what was saved since"
    look._begun = now + 1  # another's began while this one waited
    look(desk)
    assert len(looks) == 2
    process.problem = NetworkDown("and failed")
    look(desk)
    assert len(looks) == 3


class Counted:
    """A store that tells nothing by itself, and must not be asked too often."""


def test_a_store_whose_calls_are_counted_rests_while_nobody_is_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    presence = running.Presence(clock=lambda: now)
    monkeypatch.setattr(running, "presence", presence)
    asked: list[datetime] = []
    monkeypatch.setattr(desk.committer, "keep_up", lambda: asked.append(datetime.now(UTC)))
    counted = replace(desk, store=Counted())

    async def live() -> None:
        nonlocal now
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(Refresher(counted, interval=0.01).run)
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


@pytest.mark.trial(48)
def test_a_database_is_looked_at_also_while_nobody_is_on(
    desk: Desk, process: running.Presence, people: dict[str, Actor], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "anybody", lambda: False)
    other = open_workspace(desk.settings.files_dir.parent, clock)
    case = take_in(other, people["intake"])
    other.store.close()

    async def live() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(Refresher(desk, interval=0.01).run)
            await _until(lambda: case.case_no in desk.snapshot[Case])
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

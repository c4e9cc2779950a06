"""The job of the ladder: it looks at what the store holds now, day and night, and outlives a lost store."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from lib.desk.desk import Desk
from lib.domain.records.case_parts import Alert
from lib.domain.rules.permissions import Actor
from lib.errors import NetworkDown
from lib.jobs.escalation import Escalation
from lib.store.snapshot.snapshot import Snapshot
from tests.cases import assigned, take_in
from tests.support import MONDAY, Clock, open_workspace


def test_it_tells_of_a_case_that_another_process_took_in(
    desk: Desk, people: dict[str, Actor], clock: Clock, tmp_path: Path
) -> None:
    other = open_workspace(tmp_path, clock)
    case = assigned(other, people)
    clock.now = MONDAY + timedelta(days=3)
    Escalation(desk).once()
    assert {alert.case_no for alert in desk.snapshot[Alert].values()} == {case.case_no}
    other.store.close()


@pytest.mark.trial(13)
def test_it_looks_at_night_too(desk: Desk, people: dict[str, Actor], clock: Clock, tmp_path: Path) -> None:
    """A danger that another process has taken in, or somebody typed into the sheet."""
    other = open_workspace(tmp_path, clock)
    clock.now = MONDAY.replace(hour=3)
    case = take_in(other, people["intake"], priority="P1")
    clock.forward(minutes=16)
    Escalation(desk).once()
    assert {alert.case_no for alert in desk.snapshot[Alert].values()} == {case.case_no}
    other.store.close()


def test_it_goes_on_after_a_failure(
    desk: Desk, people: dict[str, Actor], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assigned(desk, people)
    clock.now = MONDAY + timedelta(days=3)
    real: Callable[[], Snapshot] = desk.committer.keep_up
    calls: list[int] = []

    def keep_up() -> Snapshot:
        calls.append(1)
        if len(calls) == 1:
            raise NetworkDown("gone")
        return real()

    monkeypatch.setattr(desk.committer, "keep_up", keep_up)

    async def work() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(Escalation(desk, interval=0.01).run)
            with anyio.fail_after(5):
                while not desk.snapshot[Alert]:
                    await anyio.sleep(0.01)
            tasks.cancel_scope.cancel()

    anyio.run(work)
    assert len(calls) > 1

"""Files of saves that were refused or killed go after a day; a file that a record names never does."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case_parts import Evidence
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields
from lib.jobs.sweeping import Sweeping
from lib.services.cases import intake
from lib.services.data import health
from lib.services.parts import evidence, stray_files
from lib.store.commit.batch import Batch, Receipt
from lib.store.commit.loop import Committer
from tests.cases import LEAK, take_in
from tests.support import Clock, open_workspace

pytestmark = pytest.mark.trial(27)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
DIGEST = hashlib.sha256(PNG).hexdigest()


def _there(desk: Desk) -> bool:
    return desk.files.holds(DIGEST, len(PNG)) and (Path(desk.settings.files_dir) / DIGEST[:2] / DIGEST).is_file()


def _counted(desk: Desk) -> list[str]:
    return [str(one.value) for one in health.problems(desk) if one.reason == "stray_file"]


def _refused(desk: Desk, actor: Actor) -> None:
    with pytest.raises(InvalidFields):
        intake.register(desk, actor=actor, values={**LEAK, "channel": "no such channel"}, files=[("a.png", PNG)])


def _killed(desk: Desk, actor: Actor, monkeypatch: pytest.MonkeyPatch, *, before: bool) -> None:
    """The process dies before or after the commit."""
    commit = Committer.commit

    def killed(self: Committer, batch: Batch) -> Receipt:
        if not before:
            commit(self, batch)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Committer, "commit", killed)
        with pytest.raises(KeyboardInterrupt):
            intake.register(desk, actor=actor, values=LEAK, files=[("a.png", PNG)])


def test_the_file_of_a_refused_save_goes_after_a_day(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    _refused(desk, people["intake"])
    assert _counted(desk) == []  # it may be on its way
    clock.forward(hours=23)
    assert _counted(desk) == [DIGEST]
    Sweeping(desk).once()
    assert _there(desk)
    clock.forward(hours=1)

    Sweeping(desk).once()

    assert not (Path(desk.settings.files_dir) / DIGEST[:2] / DIGEST).exists()
    assert _counted(desk) == []
    assert stray_files.sweep(desk) == 0


def test_the_file_of_a_save_killed_before_its_commit_goes(
    desk: Desk, people: dict[str, Actor], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _killed(desk, people["intake"], monkeypatch, before=True)
    clock.forward(days=1)
    assert stray_files.sweep(desk) == 1


def test_the_file_of_a_save_killed_after_its_commit_stays(
    desk: Desk, people: dict[str, Actor], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _killed(desk, people["intake"], monkeypatch, before=False)
    clock.forward(days=2)
    assert _counted(desk) == []
    assert stray_files.sweep(desk) == 0
    assert _there(desk)
    assert desk.files.marks() == {}


def test_a_file_that_a_record_names_stays_whatever_else_is_refused(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    case = take_in(desk, people["intake"])
    evidence.add(desk, actor=people["manager"], case=case, files=[("a.png", PNG)])
    assert desk.files.marks() == {}
    _refused(desk, people["intake"])
    clock.forward(days=2)
    assert stray_files.sweep(desk) == 0
    assert desk.files.get(DIGEST) == PNG


def test_a_file_chosen_again_waits_another_day(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    _refused(desk, people["intake"])
    clock.forward(hours=23)
    _refused(desk, people["intake"])
    clock.forward(hours=2)
    assert stray_files.sweep(desk) == 0
    assert _there(desk)


def test_what_another_process_has_saved_is_seen_before_anything_goes(
    desk: Desk, people: dict[str, Actor], clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = open_workspace(tmp_path, clock)
    _killed(other, people["intake"], monkeypatch, before=False)
    clock.forward(days=2)
    assert not desk.snapshot[Evidence]
    assert stray_files.sweep(desk) == 0
    assert _there(desk)
    other.store.close()


def test_another_workspace_with_the_same_folder_takes_nothing_away(
    desk: Desk, people: dict[str, Actor], clock: Clock, tmp_path: Path
) -> None:
    _refused(desk, people["intake"])
    clock.forward(days=2)
    copy = open_workspace(tmp_path, clock, store=f"sqlite:///{tmp_path}/copy.db")
    assert stray_files.sweep(copy) == 0
    assert _there(desk)
    copy.store.close()


def test_a_text_that_is_refused_keeps_no_file(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"])
    with pytest.raises(InvalidFields):
        evidence.add(desk, actor=people["manager"], case=case, files=[("a.png", PNG)], note="长" * 60_000)
    assert desk.files.marks() == {}
    assert not (Path(desk.settings.files_dir) / DIGEST[:2]).exists()


def test_a_place_out_of_reach_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: Any, **_more: Any) -> Any:
        raise PermissionError("no")

    monkeypatch.setattr(type(desk.files._system), "ls", fails)
    assert [one.reason for one in health.file_problems(desk)] == ["files_unavailable"]
    Sweeping(desk).once()  # logged, and tried again

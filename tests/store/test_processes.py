"""Several processes on one file, and processes that are killed in the middle of a save."""

import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from lib.config.settings import ROOT
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Task
from lib.store.port import Store
from tests.store.support import batch, committer, new_case, open_sqlite, replay, rows_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def start_saving(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    program = [sys.executable, "-m", "tests.store.saving", f"sqlite:///{path}", name, str(count)]
    return subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def acknowledged(lines: str) -> list[tuple[str, str]]:
    """(commit id, number) of each whole line that a process printed."""
    whole = lines[: lines.rfind("\n") + 1].splitlines()
    return [(commit_id, number) for commit_id, number in (line.split() for line in whole)]


def assert_whole(store: Store, known: list[tuple[str, str]]) -> None:
    """Every acknowledged save is there, and what is there is there in full."""
    snapshot = committer(store).snapshot
    lines = store.history()
    by_commit = Counter(line["commit_id"] for line in lines)
    numbers = {line["commit_id"]: line["record_id"] for line in lines if line["action"] == "intake"}
    assert known
    assert {commit_id: numbers.get(commit_id) for commit_id, _ in known} == dict(known)
    assert set(by_commit.values()) == {4}  # number, case, task, note
    assert sorted(snapshot[Case]) == [f"TS-2026-{n:06d}" for n in range(1, len(numbers) + 1)]
    assert sorted(task.case_no for task in snapshot[Task].values()) == sorted(snapshot[Case])
    assert replay(lines) == rows_of(store)
    assert snapshot.seq == len({line["seq"] for line in lines})


def test_killed_in_the_middle_of_a_save(path: Path) -> None:
    chance = random.Random(20260302)
    known: list[tuple[str, str]] = []
    for round_ in range(5):
        saving = start_saving(path, f"round-{round_}", 100_000)
        assert saving.stdout is not None
        first = saving.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.25))
        saving.kill()
        rest, _ = saving.communicate()
        assert saving.returncode == -9
        known += acknowledged(first + rest)
        store = open_sqlite(path)
        assert_whole(store, known)
        store.close()
        with sqlite3.connect(path) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        file.close()
    store = open_sqlite(path)
    number = committer(store).commit(batch(new_case())).first("cases")
    assert number == f"TS-2026-{len([key for key in rows_of(store) if key[0] == 'cases']):06d}"
    store.close()


def test_four_processes_save_at_once(path: Path) -> None:
    saving = [start_saving(path, f"process-{n}", 40) for n in range(4)]
    printed = [process.communicate(timeout=60)[0] for process in saving]
    assert [process.returncode for process in saving] == [0] * 4
    known = [item for lines in printed for item in acknowledged(lines)]
    assert len(known) == 160
    store = open_sqlite(path)
    assert_whole(store, known)
    assert len(committer(store).snapshot[Case]) == 160
    store.close()

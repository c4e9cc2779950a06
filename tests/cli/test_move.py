"""`move`: what it prints and how it ends, and a process that is killed in the middle."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lib.app.bootstrap import open_desk
from lib.cli.app import app
from lib.config.settings import ROOT
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.store.schema import SCHEMA
from lib.store.sql import SqlStore
from tests.cases import assigned, closed, take_in
from tests.store.support import rows_of

Move = Callable[..., Result]


@pytest.fixture
def filled(desk: Desk, people: dict[str, Actor]) -> Desk:
    """A workspace at work: two cases, one of them closed."""
    closed(desk, people)
    assigned(desk, people, client_phone="13800138000")
    return desk


@pytest.fixture
def move(filled: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Move:
    """Runs the command from the workspace to new.db, with whatever else is said."""
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    words = ["move", "--from", filled.settings.store, "--to", address(tmp_path)]
    return lambda *more: CliRunner().invoke(app, [*words, *more])


def address(folder: Path) -> str:
    return f"sqlite:///{folder}/new.db"


def alter(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "new.db") as file:
        assert file.execute(statement).rowcount == 1
    file.close()


def test_a_workspace_moves_and_its_people_go_on(
    move: Move, filled: Desk, people: dict[str, Actor], tmp_path: Path
) -> None:
    done = move()
    assert done.exit_code == 0
    rows, lines = len(rows_of(filled.store)), len(filled.store.history())
    assert done.stdout == f"The stores are equal: {rows} rows, {lines} lines of History\n"
    for label in ("History", "Rows", "Compared"):
        assert label in done.stderr
    new = open_desk(
        store=address(tmp_path), files_dir=tmp_path / "files", secret_file=tmp_path / "secret.key", clock=filled.clock
    )
    assert new.snapshot.seq == filled.snapshot.seq
    assert new.snapshot[Case] == filled.snapshot[Case]
    assert take_in(new, people["intake"]).case_no == "TS-2026-000003"
    assert new.snapshot.seq == filled.snapshot.seq + 1
    new.store.close()
    refused = move()
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "TS-2026-000003" in refused.stderr
    assert "nothing was moved" in refused.stderr


def test_run_twice_it_only_compares(move: Move) -> None:
    first, second = move("--json"), move("--json")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout == second.stdout
    told = json.loads(first.stdout)
    assert told["equal"]
    assert told["seqs"][0] == told["seqs"][1] > 0
    assert told["counts"]["cases"] == 2
    assert "Rows" not in second.stderr


@pytest.mark.parametrize(
    ("statement", "line", "difference"),
    [
        (
            "UPDATE cases SET title = 'x', room = NULL WHERE case_no = 'TS-2026-000002'",
            "Cases TS-2026-000002: differs in Title, Room",
            {"tab": "cases", "key": "TS-2026-000002", "kind": "changed", "fields": ["title", "room"]},
        ),
        (
            "DELETE FROM staff WHERE staff_id = 'head'",
            "Staff head: is missing in the target",
            {"tab": "staff", "key": "head", "kind": "missing", "fields": []},
        ),
        (
            "INSERT INTO settings (key, value, _rev, _gone) VALUES ('x', '1', 1, 0)",
            "Settings x: is only in the target",
            {"tab": "settings", "key": "x", "kind": "extra", "fields": []},
        ),
    ],
)
def test_verify_only(move: Move, tmp_path: Path, statement: str, line: str, difference: dict[str, object]) -> None:
    move()
    assert move("--verify-only").exit_code == 0
    alter(tmp_path, statement)
    before = (tmp_path / "new.db").read_bytes()
    found = move("--verify-only")
    assert (found.exit_code, found.stdout) == (1, f"{line}\n")
    in_json = move("--verify-only", "--json")
    assert in_json.exit_code == 1
    assert json.loads(in_json.stdout)["differences"] == [difference]
    assert (tmp_path / "new.db").read_bytes() == before


def test_verify_only_tells_of_saves_since(move: Move, filled: Desk, people: dict[str, Actor]) -> None:
    move()
    seq = filled.snapshot.seq
    take_in(filled, people["intake"])
    found = move("--verify-only")
    assert found.exit_code == 1
    assert f"Saves so far: {seq + 1} in the source, {seq} in the target" in found.stdout
    assert move().exit_code == 0  # an earlier copy is brought up to date


def test_verify_only_sets_nothing_up(move: Move, tmp_path: Path) -> None:
    refused = move("--verify-only")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "--to: " in refused.stderr
    store = SqlStore(address(tmp_path))
    assert len(store.provision(SCHEMA)) == len(SCHEMA) + 2
    store.close()


def test_wrong_usage_and_wrong_addresses(filled: Desk, tmp_path: Path) -> None:
    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["move", *words])

    here = filled.settings.store
    assert run("--from", here).exit_code == 2
    assert run("--from", here, "--to", here).exit_code == 2
    for source, target, option in (
        (f"sqlite:///{tmp_path}/none.db", address(tmp_path), "--from: "),
        (here, "mysql://nowhere/x", "--to: "),
    ):
        refused = run("--from", source, "--to", target)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert option in refused.stderr


def test_the_help_says_what_is_not_moved() -> None:
    shown = " ".join(CliRunner().invoke(app, ["move", "--help"], env={"COLUMNS": "200"}).stdout.split())
    assert "files of cases" in shown


def test_killed_at_any_moment(filled: Desk, people: dict[str, Actor], tmp_path: Path) -> None:
    """kill -9 again and again, a little later each time, until one run gets to the end by itself."""
    for number in range(120):
        take_in(filled, people["intake"], description=f"{number} 漏水" + "水" * 20_000)
    chance = random.Random(20260302)
    words = ["-m", "lib.cli", "move", "--from", filled.settings.store, "--to", address(tmp_path)]
    killed = 0
    for run in range(40):
        moving = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env={**os.environ, "LANG": "en_US.UTF-8"},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert moving.stderr is not None
        started = moving.stderr.readline()  # the first part is in
        time.sleep(chance.uniform(0, 0.05) * (run + 1))
        moving.kill()
        out, rest = moving.communicate()
        if moving.returncode == 0:
            break
        assert moving.returncode == -9, started + rest
        killed += 1
    assert killed > 0
    assert "The stores are equal" in out
    new = SqlStore(address(tmp_path))
    assert new.pull(None).seq == filled.snapshot.seq
    assert rows_of(new) == rows_of(filled.store)
    assert new.history() == filled.store.history()
    new.close()

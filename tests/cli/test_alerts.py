"""`casesheet alerts`: raised by a timer, listed in words and as JSON."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lib.cli.app import app
from lib.cli.session import CommandSession
from lib.desk.desk import Desk
from lib.domain.records.case_parts import Alert
from lib.domain.rules.permissions import Actor
from tests.cases import assigned
from tests.support import MONDAY, Clock


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setattr(CommandSession, "desk", desk)
    return lambda *words: CliRunner().invoke(app, ["alerts", *words])


def test_raised_once_and_listed(run: Callable[..., Result], desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = assigned(desk, people)
    clock.now = MONDAY + timedelta(days=3)
    first = run("run").stdout
    assert desk.snapshot[Alert]
    assert first == f"{len(desk.snapshot[Alert])} changes written\n"
    assert run("run").stdout == "0 changes written\n"

    lines = run("list").stdout.splitlines()
    assert len(lines) == len(desk.snapshot[Alert])
    assert f"{case.case_no}  Escalated again  First contact  2 Mar 2026, 15:30  李经办 / 陈主管 / 王经理" in lines
    found = json.loads(run("list", "--json").stdout)
    assert {one["alert_id"] for one in found} == set(desk.snapshot[Alert])
    assert datetime.fromisoformat(found[0]["raised_at"]) == clock.now


def test_nothing_at_night(run: Callable[..., Result], desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    assigned(desk, people)
    clock.now = (MONDAY + timedelta(days=3)).replace(hour=23)
    assert run("run").stdout == "0 changes written\n"
    assert not desk.snapshot[Alert]

"""The next deadline: which clock, how much of its time is used, and what a pause does to that."""

from datetime import timedelta

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.services.alerts.deadlines import next_deadline
from lib.services.cases import handling
from tests.pages.cases_support import accept, assign, take_in
from tests.support import Clock


def of(desk: Desk, number: str):  # type: ignore[no-untyped-def]
    return next_deadline(desk, desk.snapshot[Case][number], desk.now())


def test_time_used_of_the_first_clock(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    number = take_in(desk, people["intake"])  # at ten; P3: two hours of work to acknowledge
    clock.forward(minutes=90)
    found = of(desk, number)
    assert (found.clock, found.used, found.state) == ("acknowledge", 0.75, "soon")
    assert found.left == timedelta(minutes=30)
    clock.forward(hours=3)  # over noon
    found = of(desk, number)
    assert found.state == "late"
    assert found.used == pytest.approx(1.5)


def test_a_pause_uses_no_time(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    boss, number = people["manager"], take_in(desk, people["intake"])
    accept(desk, boss, number)
    assign(desk, boss, number)
    for move in ("contact", "investigate"):
        handling.make_move(desk, actor=boss, case=desk.snapshot[Case][number], move=move, values={})
    before = of(desk, number)
    wait = {"wait_reason": "等客户", "promised_on": desk.today() + timedelta(days=3)}
    handling.make_move(desk, actor=boss, case=desk.snapshot[Case][number], move="wait", values=wait)
    assert of(desk, number) is None
    clock.forward(days=3)
    handling.make_move(desk, actor=boss, case=desk.snapshot[Case][number], move="resume", values={})
    after = of(desk, number)
    assert before.used == 0
    assert (after.clock, after.used, after.left) == (before.clock, 0, before.left)

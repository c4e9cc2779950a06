"""Cases by stage, against a count made one by one."""

from dataclasses import replace
from datetime import timedelta

from lib.analytics.frames.stages import stage_loads
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from tests.cases import assigned, take_in
from tests.support import Clock


def test_counts_and_ages(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    take_in(desk, people["intake"])
    clock.forward(hours=10)
    take_in(desk, people["intake"], client_phone="19900002222")
    assigned(desk, people, client_phone="19900003333")
    clock.forward(hours=2)
    loads = stage_loads(desk, actor=people["manager"], now=desk.now())
    assert (loads["new"].count, loads["new"].age) == (2, timedelta(hours=7))
    assert (loads["assigned"].count, loads["assigned"].age) == (1, timedelta(hours=2))
    assert (loads["closed"].count, loads["closed"].age) == (0, None)
    assert set(loads) == set(desk.config.workflow.stages)
    assert sum(load.count for load in loads.values()) == len(desk.snapshot[Case])


def test_only_what_the_person_may_see(desk: Desk, people: dict[str, Actor]) -> None:
    take_in(desk, people["intake"])
    elsewhere = replace(people["handler"], branch="west")
    assert stage_loads(desk, actor=people["handler"], now=desk.now())["new"].count == 1
    assert stage_loads(desk, actor=elsewhere, now=desk.now())["new"].count == 0


def test_an_empty_workspace(desk: Desk, people: dict[str, Actor]) -> None:
    loads = stage_loads(desk, actor=people["manager"], now=desk.now())
    assert all((load.count, load.age) == (0, None) for load in loads.values())

"""Cases as tests need them, made through the services."""

from typing import Any

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp
from lib.domain.rules.permissions import Actor, system_actor
from lib.services.aftercare import satisfaction
from lib.services.cases import handling, intake
from lib.services.work import assignment
from lib.store.commit.batch import edit

LEAK = {
    "client_phone": "19900001234",
    "client_name": "王小明",
    "description": "厨房天花板漏水，已经滴到地板上。",
    "kind": "repair",
    "channel": "hotline",
    "community": "阳光花园",
    "building": "3栋",
    "room": "1201",
}


def take_in(desk: Desk, actor: Actor, **values: Any) -> Case:
    """A new case."""
    receipt = intake.register(desk, actor=actor, values={**LEAK, **values})
    return desk.snapshot[Case][receipt.first("cases")]


def move(desk: Desk, actor: Actor, case: Case, key: str, **values: Any) -> Case:
    """The case after a move, as it is now in the snapshot."""
    handling.make_move(desk, actor=actor, case=desk.snapshot[Case][case.case_no], move=key, values=values)
    return desk.snapshot[Case][case.case_no]


def accepted(desk: Desk, people: dict[str, Actor], **values: Any) -> Case:
    """A case judged and waiting for somebody to take it."""
    case = take_in(desk, people["intake"], **values)
    told = {"category": "quality.leak", "priority": values.get("priority", "P3"), "accept_text": "您的报修已受理。"}
    return move(desk, people["manager"], case, "accept", **told)


def assigned(desk: Desk, people: dict[str, Actor], to: str = "handler", **values: Any) -> Case:
    """A case in somebody's hands."""
    case = accepted(desk, people, **values)
    assignment.assign(desk, actor=people["manager"], cases=[case], assignee=to)
    return desk.snapshot[Case][case.case_no]


def answered(desk: Desk, people: dict[str, Actor], to: str = "handler", **values: Any) -> Case:
    """A case whose result was told to the client."""
    case = assigned(desk, people, to, **values)
    case = move(desk, people[to], case, "investigate", contacted_at=desk.now())
    return move(desk, people[to], case, "answer", answer_text="已更换水管接头，现场试水无渗漏。")


def closed(desk: Desk, people: dict[str, Actor], to: str = "handler", **values: Any) -> Case:
    """A case closed with its cause."""
    case = answered(desk, people, to, **values)
    return move(desk, people[to], case, "close", cause="material", answer_accepted="yes")


def complete(desk: Desk, people: dict[str, Actor], **values: Any) -> Case:
    """A closed case whose calls are made and whose survey is sent."""
    case = closed(desk, people, **values)
    calls = [one for one in desk.snapshot[FollowUp].values() if one.case_no == case.case_no]
    desk.save(system_actor(), [edit(one, {"done_at": desk.now(), "outcome": "satisfied"}) for one in calls])
    satisfaction.send(desk, actor=people["intake"], case=case)
    return desk.snapshot[Case][case.case_no]

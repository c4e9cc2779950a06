"""Giving out cases: what the rules propose on the desk's own data, several in one save, and nobody judges himself."""

from pathlib import Path
from shutil import copytree

import pytest

from lib.config.settings import CONFIG, load_config, load_settings
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import ConfigError, InvalidFields, NotAllowed, WrongStage
from lib.services.cases import handling
from lib.services.work import agenda, assignment
from lib.services.work.assignment import Order
from lib.store.commit.batch import create, edit, remove
from tests.cases import accepted, answered, assigned, closed, move, take_in
from tests.support import Clock

SYSTEM = system_actor()
People = dict[str, Actor]


@pytest.fixture
def team(desk: Desk, people: People) -> None:
    """Two more handlers of the client service, which the shipped rules let take turns."""
    desk.save(
        SYSTEM,
        [
            create(Staff(staff_id=key, email=f"{key}@example.cn", name=key, role="handler", department="service",
                         branch="head_office", capacity=capacity))
            for key, capacity in (("second", 2), ("third", 15))
        ],
    )  # fmt: skip


def _change(desk: Desk, staff_id: str, **values: object) -> None:
    desk.save(SYSTEM, [edit(desk.snapshot[Staff][staff_id], values)])


@pytest.mark.usefixtures("team")
def test_the_turn_follows_from_the_cases(desk: Desk, people: People, clock: Clock) -> None:
    takers = []
    for _ in range(6):
        case = accepted(desk, people)
        taker = assignment.explain(desk, case).assignee
        assignment.assign(desk, actor=people["head"], cases=[case], assignee=taker)
        takers.append(taker)
        clock.forward(minutes=5)
    assert takers == ["handler", "second", "third"] * 2


@pytest.mark.usefixtures("team")
def test_proposals_for_several_cases_are_saved_together(desk: Desk, people: People) -> None:
    cases = [accepted(desk, people, room=str(room)) for room in range(5)]
    found = assignment.proposals(desk, cases)
    seq = desk.snapshot.seq
    orders = [Order(one.case, one.assignee, one.department) for one in found]
    assignment.assign_each(desk, actor=people["head"], orders=orders)
    assert desk.snapshot.seq == seq + 1
    given = [desk.snapshot[Case][case.case_no].assignee for case in cases]
    assert given == ["handler", "second", "third", "handler", "second"]
    assert {load.staff.staff_id: load.open for load in assignment.loads(desk)} == {
        "handler": 2, "second": 2, "third": 1, "handler2": 0, "head": 0,
    }  # fmt: skip
    assert assignment.explain(desk, accepted(desk, people)).assignee == "third"


@pytest.mark.usefixtures("team")
def test_away_full_and_complained_about_are_told(desk: Desk, people: People) -> None:
    _change(desk, "handler", away_from=desk.today(), away_until=desk.today())
    for _ in range(2):
        assigned(desk, people, "second")
    proposal = assignment.explain(desk, accepted(desk, people, kind="complaint", complained_about="third"))
    assert {skip.candidate.staff.staff_id: skip.why for skip in proposal.steps[-1].skipped} == {
        "handler": "away",
        "third": "complained_about",
    }
    assert (proposal.assignee, proposal.why) == ("second", "all_full")


def test_the_work_of_a_department_is_that_of_its_people(desk: Desk, people: People, clock: Clock) -> None:
    _change(desk, "handler", capacity=5)
    _change(desk, "handler2", capacity=7, department="service", away_from=desk.today(), away_until=desk.today())
    for person in ("handler", "handler", "handler2"):
        assigned(desk, people, person)
    clock.forward(days=30)
    _change(desk, "handler2", away_from=desk.today(), away_until=desk.today())
    loads = assignment.loads(desk)
    assert {"handler", "handler2"} <= {load.staff.staff_id for load in loads}
    (service,) = [load for load in assignment.by_department(loads) if load.department == "service"]
    there = sum(load.staff.capacity for load in loads if load.staff.department == "service" and not load.away)
    assert (service.open, service.overdue, service.due_today) == (3, 3, 0)
    assert service.capacity == there
    assert there >= 5


def test_handing_over_needs_a_reason_and_keeps_history(desk: Desk, people: People, clock: Clock) -> None:
    case = assigned(desk, people, "handler")
    clock.forward(hours=1)
    with pytest.raises(InvalidFields, match="reason: missing"):
        assignment.assign(desk, actor=people["head"], cases=[case], assignee="handler2")
    assert [one.case_no for one in assignment.in_hands_of(desk, "handler")] == [case.case_no]
    assignment.assign(desk, actor=people["head"], cases=[case], assignee="handler2", reason="休假交接")
    after = desk.snapshot[Case][case.case_no]
    assert (after.assignee, after.assigned_at) == ("handler2", desk.now())
    line = desk.history(case_no=case.case_no)[-1]
    assert (line.action, line.text, line.actor) == ("reassign", "休假交接", "head")
    assert '"assignee":["handler","handler2"]' in line.changes
    assert assignment.in_hands_of(desk, "handler") == []


def test_nobody_gets_or_reviews_a_complaint_about_himself(desk: Desk, people: People) -> None:
    case = accepted(desk, people, kind="complaint", complained_about="handler")
    with pytest.raises(InvalidFields, match="assignee: complained_about"):
        assignment.assign(desk, actor=people["head"], cases=[case], assignee="handler")
    with pytest.raises(InvalidFields, match="reviewer: complained_about"):
        desk.save(SYSTEM, [edit(case, {"reviewer": "handler"})])
    assert desk.snapshot[Case][case.case_no] == case


def test_a_handler_becomes_the_one_complained_about(desk: Desk, people: People) -> None:
    case = assigned(desk, people, "handler", kind="complaint")
    with pytest.raises(InvalidFields, match="complained_about: has_the_case"):
        handling.edit_facts(desk, actor=people["manager"], case=case, values={"complained_about": "handler"})
    with pytest.raises(InvalidFields, match="complained_about: unknown_person"):
        handling.edit_facts(desk, actor=people["manager"], case=case, values={"complained_about": "nobody"})


def test_nobody_declines_or_decides_the_review_of_a_complaint_about_himself(desk: Desk, people: People) -> None:
    declined = {"decline_ground": "unreasonable", "decline_reason": "说明"}
    case = take_in(desk, people["intake"], kind="complaint", complained_about="head")
    with pytest.raises(WrongStage) as caught:
        move(desk, people["head"], case, "decline", **declined)
    assert caught.value.why == "own"
    assert move(desk, people["manager"], case, "decline", **declined).stage == "declined"
    again = move(desk, people["manager"], case, "request_review", review_reason="不服")
    desk.save(SYSTEM, [edit(again, {"complained_about": "reviewer"})])
    with pytest.raises(WrongStage) as caught:
        move(desk, people["reviewer"], again, "uphold", answer_text="维持")
    assert caught.value.why == "own"


@pytest.mark.parametrize("who", ["head", "manager", "administrator"])
def test_whoever_is_complained_about_only_reads_and_says_his_side(desk: Desk, people: People, who: str) -> None:
    """No step, no change of the facts, whatever the role: neither the judgement nor the end of the case is his."""
    about = {"kind": "complaint", "complained_about": who}
    other = people["manager" if who != "manager" else "administrator"]
    for case in (
        take_in(desk, people["intake"], **about),
        assigned(desk, people | {"manager": other}, **about),
        answered(desk, people | {"manager": other}, **about),
        closed(desk, people | {"manager": other}, **about),
    ):
        possible = {found.key for found in handling.moves_for(desk, actor=people[who], case=case)}
        assert possible <= {"request_review", "tell_review"}
        assert {found.key for found in handling.moves_for(desk, actor=other, case=case)} - possible
        for values in ({"description": "没有的事"}, {"complained_about": ""}, {"priority": "P4"}):
            with pytest.raises(NotAllowed):
                handling.edit_facts(desk, actor=people[who], case=case, values=values)
        handling.add_note(desk, actor=people[who], case=case, text="我的说明")
    case = accepted(desk, people | {"manager": other}, **about)
    with pytest.raises(NotAllowed):
        assignment.assign(desk, actor=people[who], cases=[case], assignee="handler")
    with pytest.raises(WrongStage) as caught:
        move(desk, people[who], case, "rejudge", category="fees", priority="P4")
    assert caught.value.why == "own"


def test_the_work_of_somebody_who_has_left_can_be_handed_on(desk: Desk, people: People) -> None:
    case = assigned(desk, people, "handler2")
    assert assignment.left_behind(desk) == []
    _change(desk, "handler2", active=False)
    assert [staff.staff_id for staff in assignment.left_behind(desk)] == ["handler2"]
    assert assignment.in_hands_of(desk, "handler2") == [case]
    assignment.assign(desk, actor=people["manager"], cases=[case], assignee="handler", reason="已离职")
    assert assignment.left_behind(desk) == []


def test_urgent_cases_and_major_complaints_stand_out_until_the_client_is_called(desk: Desk, people: People) -> None:
    calm = take_in(desk, people["intake"], description="想问贷款政策")
    spoken = take_in(desk, people["intake"], description="插座老化，担心孩子触电")
    major = take_in(desk, people["intake"], kind="complaint", priority="P2")
    major_repair = take_in(desk, people["intake"], kind="repair", priority="P2")
    urgent = assigned(desk, people, "handler", priority="P1")

    found = agenda.urgent_cases(desk, actor=people["head"])

    assert [one.case.case_no for one in found] == [spoken.case_no, urgent.case_no, major.case_no]
    assert found[0].words is not None
    assert not {calm.case_no, major_repair.case_no} & {one.case.case_no for one in found}
    assert [one.case.case_no for one in agenda.urgent_cases(desk, actor=people["handler"])] == [urgent.case_no]
    assert agenda.urgent_cases(desk, actor=people["handler2"]) == ()
    move(desk, people["handler"], urgent, "contact")
    assert urgent.case_no not in {one.case.case_no for one in agenda.urgent_cases(desk, actor=people["manager"])}
    assert agenda.urgent_cases(desk, actor=people["handler"]) == ()


def test_names_that_rules_use_and_nobody_knows(desk: Desk) -> None:
    assert assignment.unknown_names(desk) == []
    desk.save(SYSTEM, [remove(desk.snapshot[ListItem]["department.finance"])])
    assert assignment.unknown_names(desk) == [("fees", "department", "finance")]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('method = "round_robin"', 'method = "dice"', "rule.service.method"),
        ('role = "handler"', 'role = "wizard"', "rule.legal.role"),
        ('priority = ["P1"]', 'priority = ["P0"]', "rule.urgent.priority.0"),
        ('key = "fees"', 'key = "legal"', ""),
        ("[[rule]]", "[[rule]", "rule"),
    ],
)
def test_wrong_rules_are_refused_with_file_and_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    folder = tmp_path / "config"
    copytree(CONFIG, folder)
    file = folder / "assignment.toml"
    head, _, rules = file.read_text("utf-8").partition("[[rule]]")
    file.write_text(head + ("[[rule]]" + rules).replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(load_settings(), folder)
    assert (caught.value.file, caught.value.key) == ("assignment.toml", key)

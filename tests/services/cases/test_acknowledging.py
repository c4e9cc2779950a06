"""Acknowledged means that the client was told: by whichever way, and not by what happens inside the office."""

from collections.abc import Callable

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor, system_actor
from lib.services.cases import handling, tracking
from lib.store.commit.batch import Change, Edit
from tests.cases import move, take_in
from tests.support import MONDAY, Clock

People = dict[str, Actor]


def accept(desk: Desk, people: People, case: Case, **values: str) -> Case:
    return move(desk, people["head"], case, "accept", category="quality.leak", priority="P3", **values)


@pytest.mark.trial(14)
def test_the_internal_acceptance_acknowledges_nothing(desk: Desk, people: People, clock: Clock) -> None:
    case = take_in(desk, people["intake"])
    clock.forward(minutes=30)
    case = accept(desk, people, case)
    assert case.acknowledged_at is None
    assert desk.config.workflow.running(case)[0] == (case.acknowledge_due, "acknowledge")
    handling.add_note(desk, actor=people["head"], case=case, text="内部讨论")
    assert desk.snapshot[Case][case.case_no].acknowledged_at is None


@pytest.mark.trial(14)
def test_the_text_of_the_acceptance_that_the_client_reads_does(desk: Desk, people: People, clock: Clock) -> None:
    case = take_in(desk, people["intake"])
    clock.forward(minutes=30)
    case = accept(desk, people, case, accept_text="已受理，会安排专人联系您。")
    assert case.acknowledged_at == clock.now
    seen = tracking.track(desk, case_no=case.case_no, last4="1234")
    assert seen is not None
    assert [(update.action, update.text) for update in seen.updates][-1] == ("accept", "已受理，会安排专人联系您。")


def by_note(desk: Desk, people: People, case: Case) -> None:
    handling.add_note(desk, actor=people["intake"], case=case, text="已收到，师傅今天联系您", audience="client")


def by_call(desk: Desk, people: People, case: Case) -> None:
    move(desk, people["intake"], case, "contact")


def by_question(desk: Desk, people: People, case: Case) -> None:
    move(desk, people["head"], case, "ask_more", wait_reason="请发照片", promised_on=desk.today())


def by_declining(desk: Desk, people: People, case: Case) -> None:
    move(desk, people["head"], case, "decline", decline_ground="out_of_warranty", decline_reason="已过保修期")


def by_the_sheet(desk: Desk, people: People, case: Case) -> None:
    """A first contact that somebody typed."""
    edits = {"contacted_at": Edit(None, desk.now())}
    desk.save(system_actor(), [Change("edited_in_sheet", "cases", case.case_no, case.case_no, edits=edits)])


@pytest.mark.trial(14)
@pytest.mark.parametrize("tell", [by_note, by_call, by_question, by_declining, by_the_sheet])
def test_whichever_way_the_client_hears_of_it(
    desk: Desk, people: People, clock: Clock, tell: Callable[[Desk, People, Case], None]
) -> None:
    case = take_in(desk, people["intake"])
    assert case.acknowledged_at is None
    clock.forward(minutes=20)
    tell(desk, people, case)
    told = desk.snapshot[Case][case.case_no]
    assert told.acknowledged_at == clock.now
    assert told.acknowledge_due == case.acknowledge_due
    clock.forward(minutes=20)
    handling.add_note(desk, actor=people["intake"], case=told, text="再次告知", audience="client")
    assert desk.snapshot[Case][case.case_no].acknowledged_at == told.acknowledged_at, "the first word counts"


@pytest.mark.trial(14)
def test_who_was_told_before_the_case_is_judged_leaves_a_next_deadline(desk: Desk, people: People) -> None:
    case = take_in(desk, people["intake"])
    by_note(desk, people, case)
    case = desk.snapshot[Case][case.case_no]
    assert [clock for _, clock in desk.config.workflow.running(case)] == ["contact", "resolve"]
    accepted = accept(desk, people, case)
    assert (accepted.contact_due, accepted.resolve_due) == (case.contact_due, case.resolve_due)


@pytest.mark.trial(14)
def test_thanks_without_a_word_acknowledge_nothing(desk: Desk, people: People) -> None:
    silent, told = (take_in(desk, people["intake"], kind="praise") for _ in range(2))
    assert move(desk, people["head"], silent, "thank").acknowledged_at is None
    assert move(desk, people["head"], told, "thank", answer_text="谢谢您").acknowledged_at == desk.now()


@pytest.mark.trial(14)
def test_a_complaint_waits_from_its_receipt_and_a_repair_from_its_acceptance(
    desk: Desk, people: People, clock: Clock
) -> None:
    complaint, repair = (take_in(desk, people["intake"], kind=kind) for kind in ("complaint", "repair"))
    assert complaint.contact_due == MONDAY.replace(hour=15, minute=30)
    assert repair.contact_due is None
    handling.edit_facts(desk, actor=people["manager"], case=repair, values={"kind": "complaint"})
    assert desk.snapshot[Case][repair.case_no].contact_due == complaint.contact_due
    changed = desk.snapshot[Case][repair.case_no]
    handling.edit_facts(desk, actor=people["manager"], case=changed, values={"kind": "repair"})
    assert desk.snapshot[Case][repair.case_no].contact_due is None
    clock.forward(hours=1)
    assert accept(desk, people, complaint).contact_due == complaint.contact_due
    assert accept(desk, people, repair).contact_due == MONDAY.replace(hour=16, minute=30)

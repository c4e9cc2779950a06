from datetime import date

import pytest

from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, actor_of
from lib.errors import Conflict, InvalidFields, NotAllowed
from lib.services.aftercare import follow_ups
from lib.services.cases import intake

TODAY = date(2026, 3, 2)
CASE = {
    "kind": "repair", "channel": "hotline", "description": "厨房漏水", "client_name": "张三",
    "client_phone": "13800138000", "community": "阳光花园", "room": "301", "relation": "owner", "deal_no": "D-7",
}  # fmt: skip


@pytest.fixture
def case(desk, actor):
    receipt = intake.register(desk, actor=actor("intake"), values=CASE)
    return desk.snapshot[Case][receipt.first("cases")]


@pytest.fixture
def planned(desk, actor, case):
    return plan(desk, actor, case=case)


def plan(desk, actor, *, due_on=TODAY, **more):
    receipt = follow_ups.plan_follow_up(desk, actor=actor("handler"), due_on=due_on, **more)
    return desk.snapshot[FollowUp][receipt.first("follow_ups")]


def codes(caught):
    return {(problem.field, problem.code) for problem in caught.value.problems}


def test_the_agenda_is_sorted_into_days(desk, actor, case, clock):
    days = [date(2026, 3, day) for day in (8, 2, 4, 3, 2)]
    for day in days:
        plan(desk, actor, due_on=day, case=case)
    plan(desk, actor, due_on=TODAY, case=case, assignee="manager")
    agenda = follow_ups.due(desk, on=date(2026, 3, 3), assignee="handler")
    assert [one.due_on.day for one in agenda.overdue] == [2]  # two calls to one client on a day are one
    assert [one.due_on.day for one in agenda.today] == [3]
    assert [one.due_on.day for one in agenda.upcoming] == [4, 8]
    assert len(follow_ups.due(desk, on=TODAY).today) == 1


@pytest.mark.parametrize("outcome", ["reached", "satisfied"])
def test_reaching_the_client_closes_it_in_the_timeline_of_the_case(desk, actor, planned, outcome):
    follow_ups.record_outcome(desk, actor=actor("handler"), follow_up=planned, outcome=outcome, note=" 一切正常 ")
    done = desk.snapshot[FollowUp][planned.follow_up_id]
    assert (done.outcome, done.done_at, done.done_by, done.note) == (outcome, desk.now(), "handler", "一切正常")
    assert follow_ups.due(desk, on=TODAY).today == ()
    (line,) = desk.history(case_no=planned.case_no, actions=["follow_up"])
    assert (line.text, line.audience) == ("一切正常", "internal")


def test_a_next_date_plans_another_call(desk, actor, planned):
    recorded = follow_ups.record_outcome(
        desk, actor=actor("handler"), follow_up=planned, outcome="reached", note="再联系", next_on=date(2026, 3, 8)
    )
    (another,) = follow_ups.due(desk, on=TODAY).upcoming
    assert recorded.next_on == another.due_on == date(2026, 3, 8)
    assert (another.client_phone, another.purpose, another.note, another.outcome) == ("13800138000", "other", "", "")


def test_three_tries_in_vain_and_then_another_channel(desk, actor, planned, clock):
    """The days between are working days: 1 to 3 October are a holiday in the shipped calendar of 2026."""
    clock.now = clock.now.replace(month=9, day=29)
    seen = []
    while True:
        open_one = desk.snapshot[FollowUp][planned.follow_up_id]
        recorded = follow_ups.record_outcome(desk, actor=actor("handler"), follow_up=open_one, outcome="not_reached")
        seen.append(recorded.next_on)
        if recorded.gave_up:
            break
        clock.now = clock.now.replace(month=recorded.next_on.month, day=recorded.next_on.day)
    done = desk.snapshot[FollowUp][planned.follow_up_id]
    assert seen[0] == date(2026, 9, 30)
    assert seen[1] > date(2026, 10, 1)
    assert desk.calendar.is_working_day(seen[1])
    assert seen[2:] == [None]
    assert (done.tries, done.outcome, done.done_at is None) == (3, "not_reached", False)
    assert len(desk.history(case_no=planned.case_no, actions=["follow_up_try"])) == 2


def test_a_day_agreed_with_goes_before_the_rule_also_after_the_last_try(desk, actor, planned):
    for tries in (1, 2, 3):
        open_one = desk.snapshot[FollowUp][planned.follow_up_id]
        recorded = follow_ups.record_outcome(
            desk, actor=actor("handler"), follow_up=open_one, outcome="not_reached", next_on=date(2026, 8, tries)
        )
    moved = desk.snapshot[FollowUp][planned.follow_up_id]
    assert (moved.tries, moved.due_on, moved.done_at, recorded.gave_up) == (3, date(2026, 8, 3), None, False)


def test_a_problem_opens_a_case_linked_both_ways(desk, actor, planned):
    recorded = follow_ups.record_outcome(
        desk, actor=actor("handler"), follow_up=planned, outcome="problem", note="又漏了",
        problem={"description": "维修后再次漏水", "kind": "repair"}, commit_id="call-1",
    )  # fmt: skip
    opened, done = desk.snapshot[Case][recorded.opened_case], desk.snapshot[FollowUp][planned.follow_up_id]
    assert opened.case_no != planned.case_no
    assert (opened.channel, opened.kind, opened.client_phone, opened.room) == (
        "follow_up",
        "repair",
        "13800138000",
        "301",
    )
    assert (opened.relation, opened.deal_no, opened.stage) == ("owner", "D-7", "new")
    assert (done.opened_case, done.outcome) == (opened.case_no, "problem")
    (link,) = desk.history(case_no=opened.case_no, actions=["from_follow_up"])
    assert (link.record_id, link.text) == (planned.follow_up_id, planned.case_no)
    (told,) = desk.history(case_no=planned.case_no, actions=["follow_up"])
    assert opened.case_no in told.changes
    again = follow_ups.record_outcome(
        desk, actor=actor("handler"), follow_up=planned, outcome="problem", note="又漏了",
        problem={"description": "维修后再次漏水", "kind": "repair"}, commit_id="call-1",
    )  # fmt: skip
    assert again.opened_case == recorded.opened_case
    assert len(desk.snapshot[Case]) == 2


def test_a_problem_needs_a_description_and_writes_nothing_without(desk, actor, planned):
    for problem in (None, {}, {"description": " "}):
        with pytest.raises(InvalidFields) as caught:
            follow_ups.record_outcome(
                desk, actor=actor("handler"), follow_up=planned, outcome="problem", problem=problem
            )
        assert codes(caught) == {("description", "missing")}
    with pytest.raises(InvalidFields):
        follow_ups.record_outcome(
            desk, actor=actor("handler"), follow_up=planned, outcome="problem",
            problem={"description": "x", "client_phone": "12"},
        )  # fmt: skip
    assert desk.snapshot[FollowUp][planned.follow_up_id] == planned
    assert len(desk.snapshot[Case]) == 1


def test_what_makes_no_sense_is_refused(desk, actor, planned):
    with pytest.raises(InvalidFields) as caught:
        follow_ups.record_outcome(desk, actor=actor("handler"), follow_up=planned, outcome="maybe", next_on=TODAY)
    assert codes(caught) == {("outcome", "unknown_choice"), ("next_on", "not_after_today")}
    follow_ups.record_outcome(desk, actor=actor("handler"), follow_up=planned, outcome="reached")
    with pytest.raises(InvalidFields) as caught:
        follow_ups.record_outcome(
            desk, actor=actor("handler"), follow_up=desk.snapshot[FollowUp][planned.follow_up_id], outcome="reached"
        )
    assert codes(caught) == {("done_at", "already_done")}


def test_two_people_cannot_both_record_the_same_call(desk, actor, planned, open_another):
    stale = open_another()
    follow_ups.record_outcome(desk, actor=actor("handler"), follow_up=planned, outcome="reached")
    with pytest.raises(Conflict):
        follow_ups.record_outcome(
            stale, actor=actor("manager"), follow_up=planned, outcome="problem", problem={"description": "漏水"}
        )
    assert len(stale.snapshot[Case]) == 1


def test_scope_holds_for_the_case_and_own_calls_are_always_ones_own(desk, actor, case):
    own_only = Actor("temp", "temp", {"follow_up.record": "own"})
    others = plan(desk, actor, case=case)
    with pytest.raises(NotAllowed):
        follow_ups.record_outcome(desk, actor=own_only, follow_up=others, outcome="reached")
    with pytest.raises(NotAllowed):
        follow_ups.plan_follow_up(desk, actor=Actor("x", "x", {}), due_on=TODAY, case=case)
    mine = others.model_copy(update={"assignee": "temp"})
    follow_ups.record_outcome(desk, actor=own_only, follow_up=mine, outcome="reached")
    assert desk.snapshot[FollowUp][others.follow_up_id].done_by == "temp"


def test_a_call_without_a_case_needs_a_number(desk, actor):
    with pytest.raises(InvalidFields) as caught:
        follow_ups.plan_follow_up(
            desk, actor=actor("handler"), due_on=date(2026, 3, 1), assignee="nobody", client={"client_name": "李四"}
        )
    assert codes(caught) == {("client_phone", "missing"), ("due_on", "in_the_past"), ("assignee", "unknown_person")}
    made = plan(desk, actor, client={"client_name": "李四", "client_phone": "139 0013 9000"}, purpose="greeting")
    assert (made.client_phone, made.purpose, made.assignee, made.case_no) == ("13900139000", "greeting", "handler", "")


def test_a_repeating_plan_suggests_its_next_round(desk, actor):
    until = plan(desk, actor, client={"client_phone": "13900139000"}, purpose="until_transfer")
    assert follow_ups.suggested_next(desk, until) == date(2026, 3, 7)
    once = plan(desk, actor, client={"client_phone": "13900139000"}, purpose="greeting")
    assert follow_ups.suggested_next(desk, once) is None


def test_an_inactive_person_records_nothing(desk, actor, planned):
    gone = desk.snapshot[Staff]["handler"].model_copy(update={"active": False})
    with pytest.raises(NotAllowed):
        follow_ups.record_outcome(desk, actor=actor_of(gone, desk.config.roles), follow_up=planned, outcome="reached")

"""Alerts: each step once, in working hours, to the right people, and over when the matter is over."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Alert
from lib.domain.records.fields import people_in
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import NotAllowed
from lib.services.alerts import alerts
from lib.services.alerts.escalation import raise_alerts
from lib.services.cases import handling
from lib.store.commit.batch import create, edit
from tests.cases import accepted, answered, assigned, closed, move, take_in
from tests.support import MONDAY, ZONE, Clock, actors_of, open_workspace


def steps(desk: Desk, case: Case, clock: str = "resolve") -> list[str]:
    return [one.step for one in desk.snapshot[Alert].values() if one.case_no == case.case_no and one.clock == clock]


def told(desk: Desk, case: Case, step: str, clock: str = "resolve") -> list[str]:
    return next(
        list(people_in(one.told))
        for one in desk.snapshot[Alert].values()
        if (one.case_no, one.clock, one.step) == (case.case_no, clock, step)
    )


def at_share(desk: Desk, case: Case, share: float) -> datetime:
    """When a share of the resolve clock is used."""
    length = desk.config.sla.target("resolve", case.priority).length(desk.calendar)
    due = desk.snapshot[Case][case.case_no].resolve_due
    assert due is not None
    return desk.calendar.shift(due, (share - 1) * length)


def look_at(desk: Desk, clock: Clock, moment: datetime) -> int:
    clock.now = moment
    return raise_alerts(desk)


def test_each_step_tells_its_people_once(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = assigned(desk, people)
    expected: list[str] = []
    for step in desk.config.sla.ladder:
        look_at(desk, clock, at_share(desk, case, step.share) - timedelta(seconds=1))
        assert steps(desk, case) == expected
        look_at(desk, clock, desk.calendar.add(at_share(desk, case, step.share), timedelta(seconds=1)))
        expected.append(step.key)
        assert steps(desk, case) == expected

    assert expected == ["warn", "escalate", "escalate_again"]
    assert told(desk, case, "warn") == ["handler"]
    assert told(desk, case, "escalate") == ["head"]
    assert told(desk, case, "escalate_again") == ["manager"]
    seq = desk.snapshot.seq
    assert raise_alerts(desk) == 0
    assert desk.snapshot.seq == seq, "a look that finds nothing new writes nothing"


def test_where_no_priority_is_told_at_any_hour_nobody_is_told_at_night(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    """A clock that runs day and night reaches its steps at night; they wait for the next opening."""
    sla = desk.config.sla.model_copy(update={"any_hour": frozenset()})
    desk = replace(desk, config=replace(desk.config, sla=sla))
    clock.now = MONDAY.replace(hour=18, minute=20)
    case = take_in(desk, people["intake"], priority="P1")

    assert look_at(desk, clock, MONDAY.replace(hour=18, minute=30)) == 0
    assert look_at(desk, clock, MONDAY.replace(hour=23)) == 0
    clock.now = MONDAY.replace(hour=8, minute=59, second=59) + timedelta(days=1)
    [step] = [one for one in alerts.upcoming(desk, case) if one.clock == "acknowledge"]
    assert step.reached < clock.now < step.told == clock.now + timedelta(seconds=1)
    assert raise_alerts(desk) == 0
    assert step.tell == ("handler", "head", "manager")
    assert look_at(desk, clock, step.told) > 0
    assert steps(desk, case, "acknowledge") == ["escalate_again"], "what was passed in the night is told at once"
    assert told(desk, case, "escalate_again", "acknowledge") == ["head", "manager"], "nobody has it in hands yet"
    assert [one for one in alerts.upcoming(desk, case) if one.clock == "acknowledge"] == []


def test_a_pause_stops_the_ladder_and_does_not_climb_it_again(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    case = assigned(desk, people)
    look_at(desk, clock, at_share(desk, case, 0.8))
    assert steps(desk, case) == ["warn"]
    case = move(desk, people["handler"], case, "wait", wait_reason="等配件", promised_on=desk.today())
    shown = [one for found in alerts.open_alerts(desk, actor=people["handler"]) for one in found.alerts]
    assert [one for one in shown if one.clock] == [], "hidden while it waits"

    look_at(desk, clock, MONDAY + timedelta(days=40))
    assert steps(desk, case) == ["warn"]
    assert not desk.snapshot[Alert][f"{case.case_no}.resolve.warn.0"].ended_at, "a pause is not the end"

    case = move(desk, people["handler"], case, "resume")
    raise_alerts(desk)
    assert steps(desk, case) == ["warn"], "the due time was pushed, the run is the same"
    look_at(desk, clock, at_share(desk, case, 1.01))
    assert steps(desk, case) == ["warn", "escalate"]
    shown = [one for found in alerts.open_alerts(desk, actor=people["handler"]) for one in found.alerts]
    assert "warn" in [one.step for one in shown if one.clock == "resolve"], "not seen yet, and so again"


def test_a_case_opened_again_climbs_the_ladder_again(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = closed(desk, people)
    case = move(desk, people["head"], case, "reopen", reopen_reason="又漏水", assignee="handler")
    look_at(desk, clock, at_share(desk, case, 0.8))
    case = move(desk, people["handler"], case, "answer", answer_text="已修好")
    case = move(desk, people["head"], case, "reopen", reopen_reason="还漏水", assignee="handler")
    raise_alerts(desk)
    first = desk.snapshot[Alert][f"{case.case_no}.resolve.warn.1"]
    assert first.ended_at == desk.now()
    assert first.seen_by == ""
    look_at(desk, clock, at_share(desk, case, 0.8))
    assert steps(desk, case) == ["warn", "warn"]


def test_a_review_has_a_ladder_of_its_own(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = answered(desk, people)
    case = move(desk, people["handler"], case, "request_review", review_reason="客户不同意")
    look_at(desk, clock, clock.now + timedelta(days=20))
    assert steps(desk, case, "review") == ["escalate_again"]
    assert "handler" not in told(desk, case, "escalate_again", "review")
    assert "reviewer" in told(desk, case, "escalate_again", "review"), "those who may review it"

    decided = {"review_findings": "原处理有误", "category": case.category, "assignee": "handler"}
    case = move(desk, people["reviewer"], case, "overturn", **decided)
    look_at(desk, clock, at_share(desk, case, 0.8))
    assert steps(desk, case) == ["warn"]


def test_another_priority_moves_the_steps(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = assigned(desk, people, priority="P2")
    look_at(desk, clock, at_share(desk, case, 0.8))
    look_at(desk, clock, at_share(desk, case, 1.2))
    assert steps(desk, case) == ["warn", "escalate"]
    [found] = alerts.open_alerts(desk, actor=people["head"])
    assert [one.step for one in found.alerts if one.clock == "resolve"] == ["escalate"]

    handling.edit_facts(
        desk, actor=people["manager"], case=desk.snapshot[Case][case.case_no], values={"priority": "P4"}
    )
    shown = [one for found in alerts.open_alerts(desk, actor=people["head"]) for one in found.alerts]
    assert [one for one in shown if one.clock == "resolve"] == [], "not late any more"
    look_at(desk, clock, at_share(desk, case, 1.01))
    assert steps(desk, case) == ["warn", "escalate"], "once in a run"
    shown = [one for found in alerts.open_alerts(desk, actor=people["head"]) for one in found.alerts]
    assert [one.step for one in shown if one.clock == "resolve"] == ["escalate"]


def test_what_is_over_ends_by_itself(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = assigned(desk, people)
    look_at(desk, clock, at_share(desk, case, 1.01))
    assert alerts.open_alerts(desk, actor=people["head"])
    case = move(desk, people["handler"], case, "investigate", contacted_at=desk.now())
    move(desk, people["handler"], case, "answer", answer_text="已修好")

    assert alerts.open_alerts(desk, actor=people["head"]) == ()
    raise_alerts(desk)
    assert {one.ended_at for one in desk.snapshot[Alert].values()} == {desk.now()}
    lines = [line for line in desk.history(case_no=case.case_no) if line.action == "alert_over"]
    assert lines == [], "the timeline of the case says itself why"
    assert raise_alerts(desk) == 0


def test_seen_by_one_of_those_who_were_told(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    """Each takes note for himself: what one has seen the others are told until they have too."""
    case = assigned(desk, people)
    look_at(desk, clock, at_share(desk, case, 1.01))
    [found] = alerts.open_alerts(desk, actor=people["head"])
    with pytest.raises(NotAllowed):
        alerts.see(desk, actor=people["reviewer"], alerts=found.alerts)

    alerts.see(desk, actor=people["head"], alerts=found.alerts)
    assert alerts.open_alerts(desk, actor=people["head"]) == ()
    first = desk.snapshot[Alert][found.alerts[0].alert_id]
    clock.forward(minutes=5)
    alerts.see(desk, actor=people["head"], alerts=found.alerts)
    assert desk.snapshot[Alert][first.alert_id] == first, "as it was seen first"
    mine = [one for group in alerts.open_alerts(desk, actor=people["handler"]) for one in group.alerts]
    assert first.alert_id in {one.alert_id for one in mine}, "the handler has not seen it"
    assert first.ended_at is None

    alerts.see(desk, actor=people["handler"], alerts=mine)
    assert alerts.open_alerts(desk, actor=people["handler"]) == ()
    [left] = alerts.open_alerts(desk, actor=people["manager"])
    alerts.see(desk, actor=people["manager"], alerts=left.alerts)
    last = desk.snapshot[Alert][first.alert_id]
    assert set(people_in(last.seen_by)) == set(people_in(last.told))
    assert last.ended_at == desk.now()


def test_two_who_see_it_at_once_are_both_kept(
    tmp_path: Path, clock: Clock, desk: Desk, people: dict[str, Actor]
) -> None:
    case = assigned(desk, people)
    look_at(desk, clock, at_share(desk, case, 1.6))
    other = open_workspace(tmp_path, clock)
    key = f"{case.case_no}.resolve.escalate_again.0"
    seen = desk.snapshot[Alert][key]
    alerts.see(desk, actor=people["head"], alerts=[seen])
    alerts.see(other, actor=people["handler"], alerts=[seen])
    assert set(people_in(other.snapshot[Alert][key].seen_by)) == {"head", "handler"}
    other.store.close()


def test_who_is_told(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    nobody = accepted(desk, people)
    about_the_head = assigned(desk, people, kind="complaint", complained_about="head")
    look_at(desk, clock, at_share(desk, about_the_head, 0.8))
    look_at(desk, clock, at_share(desk, about_the_head, 1.2))
    assert told(desk, nobody, "warn") == ["head"], "nobody has it yet"
    assert "head" not in told(desk, about_the_head, "escalate")
    assert "manager" in told(desk, about_the_head, "escalate")

    head = desk.snapshot[Staff]["head"]
    desk.save(system_actor(), [edit(head, {"active": False})])
    again = assigned(desk, actors_of(desk))
    look_at(desk, clock, at_share(desk, again, 0.8))
    look_at(desk, clock, at_share(desk, again, 1.2))
    assert set(told(desk, again, "escalate")) == {"manager", "administrator"}


def test_old_cases_from_a_file_are_told_once_each(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    """The first look after an import finds every step long passed: one alert a clock, one row a case on Home."""
    month_ago = MONDAY - timedelta(days=30)
    cases = [
        Case(
            case_no=f"new:{n}", taken_at=month_ago, stage="assigned", assignee="handler", department="service",
            branch="head_office", priority="P2", told_client_at=MONDAY, contacted_at=month_ago,
            plan_due=month_ago + timedelta(days=1), resolve_due=month_ago + timedelta(days=3),
        )
        for n in range(1, 6)
    ]  # fmt: skip
    desk.save(system_actor(), [create(case) for case in cases])
    assert raise_alerts(desk) == 10
    assert {(one.clock, one.step) for one in desk.snapshot[Alert].values()} == {
        ("plan", "escalate_again"),
        ("resolve", "escalate_again"),
    }
    for person in ("handler", "head", "manager"):
        assert len(alerts.open_alerts(desk, actor=people[person])) == 5
    assert raise_alerts(desk) == 0
    clock.forward(days=20)
    raise_alerts(desk)
    assert {one.step for one in desk.snapshot[Alert].values() if one.clock} == {"escalate_again"}, "nothing below it"


def test_a_silent_case_is_flagged_once(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = assigned(desk, people)

    def silences() -> list[Alert]:
        return [one for one in desk.snapshot[Alert].values() if one.step == "silence"]

    silent_from = alerts.silent_at(desk, case)
    assert silent_from == desk.calendar.add_days(case.taken_at, 3)
    look_at(desk, clock, silent_from - timedelta(seconds=1))
    assert silences() == []
    look_at(desk, clock, silent_from)
    assert [one.told for one in silences()] == ["handler", "head"]

    handling.add_note(desk, actor=people["handler"], case=case, text="内部备注")
    assert alerts.silent_at(desk, desk.snapshot[Case][case.case_no]) == silent_from, "the client does not read it"
    clock.forward(minutes=1)
    handling.add_note(desk, actor=people["handler"], case=case, text="明天上门", action="message", audience="client")
    case = desk.snapshot[Case][case.case_no]
    assert case.told_client_at == desk.now()
    raise_alerts(desk)
    assert {one.ended_at for one in silences()} == {desk.now()}

    second = alerts.silent_at(desk, case)
    assert second is not None
    look_at(desk, clock, second)
    assert len(silences()) == 4, "another silence"


def test_a_waiting_case_is_silent_too_and_an_answered_one_is_not(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    done, waits = answered(desk, people), assigned(desk, people)
    waits = move(desk, people["handler"], waits, "wait", wait_reason="等配件", promised_on=MONDAY.date())
    look_at(desk, clock, MONDAY + timedelta(days=20))
    assert {one.case_no for one in desk.snapshot[Alert].values() if one.step == "silence"} == {waits.case_no}
    assert alerts.silent_at(desk, done) is None


def test_two_notes_to_the_client_at_once_are_no_conflict(
    tmp_path: Path, clock: Clock, desk: Desk, people: dict[str, Actor]
) -> None:
    case = assigned(desk, people)
    other = open_workspace(tmp_path, clock)
    other_case = other.snapshot[Case][case.case_no]
    clock.forward(minutes=3)
    handling.add_note(desk, actor=people["handler"], case=case, text="一", audience="client")
    clock.forward(minutes=1)
    handling.add_note(other, actor=people["head"], case=other_case, text="二", audience="client")
    assert other.snapshot[Case][case.case_no].told_client_at == clock.now
    other.store.close()


def test_two_processes_raise_each_alert_once(
    tmp_path: Path, clock: Clock, desk: Desk, people: dict[str, Actor]
) -> None:
    cases = [assigned(desk, people) for _ in range(8)]
    desks = [desk, *(open_workspace(tmp_path, clock) for _ in range(2))]
    clock.now = at_share(desk, cases[0], 1.6)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(raise_alerts, desks * 3))
    for one in desks:
        one.committer.keep_up()
        assert raise_alerts(one) == 0
    lines = Counter(line.record_id for line in desk.history(actions=["alert"]))
    assert set(lines.values()) == {1}
    assert lines.keys() == desk.snapshot[Alert].keys()
    assert all(steps(desk, case) == ["escalate_again"] for case in cases)
    for one in desks[1:]:
        one.store.close()


class Ladder(RuleBasedStateMachine):
    """Whatever happens to a case: no step twice in a run, at night only for a P1, never while it waits."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.desk = open_workspace(self.folder / f"{id(self)}-{datetime.now(ZONE).timestamp()}", self.clock)
        self.people = actors_of(self.desk)
        self.case_no = assigned(self.desk, self.people).case_no
        self.was_raised: Counter[str] = Counter()

    @property
    def case(self) -> Case:
        return self.desk.snapshot[Case][self.case_no]

    def make(self, who: str, key: str, **values: object) -> None:
        move(self.desk, self.people[who], self.case, key, **values)

    @rule(minutes=st.integers(1, 6_000))
    def time_passes(self, minutes: int) -> None:
        self.clock.forward(minutes=minutes)
        before = set(self.desk.snapshot[Alert])
        waits = self.case.paused_at is not None
        raise_alerts(self.desk)
        fresh = [self.desk.snapshot[Alert][key] for key in set(self.desk.snapshot[Alert]) - before]
        night = not self.desk.calendar.is_open(self.clock.now)
        assert not (night and [one for one in fresh if not one.clock or self.case.priority != "P1"])
        assert not (waits and [one for one in fresh if one.clock])
        for one in fresh:
            assert one.due_at is not None
            assert one.raised_at == self.clock.now
        assert raise_alerts(self.desk) == 0

    @precondition(lambda self: self.case.stage in ("assigned", "in_progress"))
    @rule()
    def wait(self) -> None:
        self.make("handler", "wait", wait_reason="等", promised_on=self.clock.now.date())

    @precondition(lambda self: self.case.stage == "waiting")
    @rule()
    def resume(self) -> None:
        self.make("handler", "resume")

    @precondition(lambda self: self.case.stage == "in_progress")
    @rule()
    def answer(self) -> None:
        self.make("handler", "answer", answer_text=f"已修好 {self.clock.now}")

    @precondition(lambda self: self.case.stage == "answered")
    @rule()
    def reopen(self) -> None:
        self.make("head", "reopen", reopen_reason="又漏", assignee="handler")

    @precondition(lambda self: self.case.stage not in ("answered",))
    @rule(priority=st.sampled_from(["P1", "P2", "P3", "P4"]))
    def another_priority(self, priority: str) -> None:
        handling.edit_facts(self.desk, actor=self.people["manager"], case=self.case, values={"priority": priority})

    @invariant()
    def each_step_once_in_a_run(self) -> None:
        seen = Counter(
            (one.clock, one.step, one.alert_id.rpartition(".")[2])
            for one in self.desk.snapshot[Alert].values()
            if one.clock
        )
        assert not seen or max(seen.values()) == 1

    def teardown(self) -> None:
        self.desk.store.close()


def test_whatever_happens(tmp_path: Path) -> None:
    class Here(Ladder):
        folder = tmp_path

    run_state_machine_as_test(Here, settings=settings(max_examples=8, stateful_step_count=14, deadline=None))


@pytest.mark.parametrize("priority", ["P1", "P2", "P3", "P4"])
def test_what_is_announced_is_what_happens(desk: Desk, people: dict[str, Actor], clock: Clock, priority: str) -> None:
    """At the moment that the case page names, and not a second before, the step is raised; also at the end of a day,
    and for a P1 at night."""
    clock.now = MONDAY.replace(hour=16, minute=47, second=11)
    case = take_in(desk, people["intake"], priority=priority)
    announced = 0
    while ahead := alerts.upcoming(desk, case):
        moment = min(one.told for one in ahead)
        assert desk.calendar.is_open(moment) or priority == "P1"
        assert look_at(desk, clock, moment - timedelta(seconds=1)) == 0
        assert look_at(desk, clock, moment) >= 1
        announced += 1
    assert announced >= 3
    assert {one.step for one in desk.snapshot[Alert].values()} == {"warn", "escalate", "escalate_again", "silence"}


@pytest.mark.trial(30)
def test_what_a_clock_ahead_of_time_told_is_withdrawn_and_told_when_it_is_due(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    case = assigned(desk, people)
    right = clock.now
    due = desk.calendar.add(at_share(desk, case, desk.config.sla.ladder[0].share), timedelta(seconds=1))
    assert look_at(desk, clock, due)
    first = steps(desk, case)
    assert first
    assert look_at(desk, clock, right + timedelta(minutes=1)), "the clock is put right"
    assert not steps(desk, case)
    assert raise_alerts(desk) == 0, "once"
    look_at(desk, clock, due)
    assert steps(desk, case) == first
    (alert,) = (one for one in desk.snapshot[Alert].values() if one.clock == "resolve")
    assert alert.raised_at == due


@pytest.mark.trial(30)
def test_clocks_that_differ_a_little_withdraw_nothing(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = assigned(desk, people)
    look_at(
        desk, clock, desk.calendar.add(at_share(desk, case, desk.config.sla.ladder[0].share), timedelta(seconds=30))
    )
    there = steps(desk, case)
    assert there
    clock.now -= timedelta(seconds=25)
    raise_alerts(desk)
    assert steps(desk, case) == there

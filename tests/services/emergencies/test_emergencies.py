"""Emergencies: danger in a report wakes people at any hour, through whatever door it comes, until somebody takes it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.domain.dangers.config import NO_DANGER
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Alert, Task
from lib.domain.records.fields import people_in
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import Conflict, InvalidFields, NotAllowed, WrongStage
from lib.services.alerts import alerts
from lib.services.alerts.escalation import raise_alerts
from lib.services.cases import handling, intake
from lib.services.cases.reporting import report
from lib.services.data.importing import check_rows, plan_import, run_import
from lib.services.emergencies import numbers, taking
from lib.services.emergencies.roster import on_call, set_on_call
from lib.services.emergencies.taking import take, untaken
from lib.services.work.agenda import urgent_cases
from lib.store.commit.batch import edit
from lib.words.errors import explain
from tests.cases import answered, assigned, closed, move, take_in
from tests.support import MONDAY, ZONE, Clock

EVE = datetime(2026, 2, 16, 23, 40, tzinfo=ZONE)
"""The eve of the Spring Festival, shortly before midnight; the office opens on the 24th."""


def public_report(desk: Desk, description: str) -> Case:
    values = {"kind": "repair", "client_name": "王小明", "client_phone": "19900001234", "description": description}
    receipt = report(desk, values=values, consent=True)
    return desk.snapshot[Case][receipt.first("cases")]


def told(desk: Desk, case: Case, step: str, clock: str = "danger") -> list[str]:
    return [
        person
        for one in desk.snapshot[Alert].values()
        if (one.case_no, one.clock, one.step) == (case.case_no, clock, step)
        for person in people_in(one.told)
    ]


def steps(desk: Desk, case: Case, clock: str = "danger") -> list[str]:
    return [one.step for one in desk.snapshot[Alert].values() if (one.case_no, one.clock) == (case.case_no, clock)]


@pytest.mark.trial(13)
def test_gas_reported_on_the_eve_of_the_spring_festival_is_urgent_that_night(desk: Desk, clock: Clock) -> None:
    clock.now = EVE
    case = public_report(desk, "燃气味, 头晕")

    assert case.priority == "P1"
    assert case.acknowledge_due == EVE + timedelta(minutes=15)
    clock.forward(minutes=1)
    raise_alerts(desk)
    assert {one.case_no for one in desk.snapshot[Alert].values()} == {case.case_no}


@pytest.mark.trial(13)
def test_a_p1_accepted_at_night_has_its_first_contact_within_the_hour_and_alerts_then(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    clock.now = MONDAY.replace(hour=22, minute=0)
    case = take_in(desk, people["intake"], priority="P1")
    clock.forward(minutes=15)
    case = move(desk, people["head"], case, "accept", category="quality.leak", priority="P1")

    assert case.contact_due == MONDAY.replace(hour=23), "an hour after its receipt"
    clock.forward(minutes=61)
    raise_alerts(desk)
    assert "escalate" in steps(desk, case, "contact")


@pytest.mark.trial(13)
def test_nobody_is_woken_for_anything_else(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    clock.now = MONDAY.replace(hour=18, minute=20)
    assigned(desk, people, priority="P2")
    clock.now = MONDAY.replace(hour=23)
    assert raise_alerts(desk) == 0


@pytest.mark.trial(13)
def test_whoever_is_on_call_is_told_first_then_the_head_then_the_manager(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    clock.now = EVE - timedelta(days=3)
    set_on_call(desk, actor=people["manager"], first=EVE.date(), last=EVE.date(), people=["handler"])
    clock.now = EVE
    case = public_report(desk, "水管爆了，水漫到客厅")

    assert told(desk, case, "on_call") == ["handler"], "at once, with the report itself"
    assert steps(desk, case) == ["on_call"]
    clock.forward(minutes=9)
    raise_alerts(desk)
    assert steps(desk, case) == ["on_call"]
    clock.forward(minutes=1)
    raise_alerts(desk)
    assert told(desk, case, "head") == ["head"]
    clock.forward(minutes=10)
    raise_alerts(desk)
    assert told(desk, case, "manager") == ["manager"]
    assert raise_alerts(desk) == 0


@pytest.mark.trial(13)
def test_a_fire_tells_all_at_once_and_without_a_roster_the_head(desk: Desk, clock: Clock) -> None:
    clock.now = EVE
    case = public_report(desk, "楼道起火，全是烟")
    assert set(told(desk, case, "on_call")) == {"head", "manager"}
    clock.forward(minutes=30)
    raise_alerts(desk)
    assert steps(desk, case) == ["on_call"], "the others were told at once"


@pytest.mark.trial(13)
def test_a_power_cut_waits_for_the_morning_but_not_with_a_baby(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    set_on_call(desk, actor=people["manager"], first=EVE.date(), last=EVE.date(), people=["handler"])
    clock.now = EVE
    mild, grave = public_report(desk, "家里停电了"), public_report(desk, "停电了，家里有婴儿")
    assert (steps(desk, mild), told(desk, grave, "on_call")) == ([], ["handler", "head"])
    assert mild.priority == grave.priority == "P1"


@pytest.mark.trial(13)
def test_once_taken_nobody_else_is_told_and_the_checklist_is_hers(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    case = take_in(desk, people["intake"], description="厨房燃气味很大")
    assert untaken(desk) == (case,)
    take(desk, actor=people["handler"], case=case, language="zh_CN")

    case = desk.snapshot[Case][case.case_no]
    assert (case.danger, case.danger_taken_by, case.danger_taken_at) == ("gas", "handler", clock.now)
    assert untaken(desk) == ()
    assert alerts.open_alerts(desk, actor=people["head"]) == ()
    clock.forward(hours=1)
    raise_alerts(desk)
    assert steps(desk, case) == ["on_call"]
    checks = taking.checklist(desk, case, "zh_CN")
    assert [check.text for check in checks][:2] == ["确认已到室外", "燃气公司受理号"]
    assert {check.task.owner for check in checks if check.task} == {"handler"}
    first = checks[0].task
    assert first is not None
    taking.tick(desk, first, actor=people["handler"], done=True)
    done = desk.snapshot[Task][first.task_id]
    assert (done.done_at, done.done_by) == (clock.now, "handler")
    taking.tick(desk, done, actor=people["handler"], done=False)
    assert desk.snapshot[Task][first.task_id].done_at is None
    assert case.not_to_review >= {"handler"}


def test_an_emergency_is_taken_once(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"], description="厨房燃气味很大")
    take(desk, actor=people["handler"], case=case, language="zh_CN")
    with pytest.raises(Conflict):
        take(desk, actor=people["head"], case=case, language="zh_CN")
    with pytest.raises(WrongStage):
        take(desk, actor=people["head"], case=desk.snapshot[Case][case.case_no], language="zh_CN")


def test_nobody_takes_a_danger_that_is_about_himself(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"], kind="complaint", description="他要动手打人", complained_about="handler")
    with pytest.raises(NotAllowed):
        take(desk, actor=people["handler"], case=case, language="zh_CN")
    with pytest.raises(NotAllowed):
        take(desk, actor=people["reviewer"], case=case, language="zh_CN")
    assert "handler" not in told(desk, case, "on_call")


@pytest.mark.trial(13)
def test_somebody_who_asked_takes_the_alarm_back(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = take_in(desk, people["intake"], description="厨房燃气味很大")
    clock.forward(minutes=3)
    taking.dismiss(desk, actor=people["intake"], case=case, text="客户说是油烟味")
    case = desk.snapshot[Case][case.case_no]
    assert (case.danger, case.priority, case.danger_at) == (NO_DANGER, "P3", None)
    assert case.acknowledge_due == MONDAY + timedelta(hours=2), "as of a case that was never urgent"
    assert untaken(desk) == ()
    raise_alerts(desk)
    assert alerts.open_alerts(desk, actor=people["head"]) == ()
    assert urgent_cases(desk, actor=people["head"]) == ()
    handling.edit_facts(desk, actor=people["manager"], case=case, values={"title": "油烟味"})
    assert desk.snapshot[Case][case.case_no].danger == NO_DANGER, (
        "words that were asked about are not asked about again"
    )


def test_the_person_at_the_telephone_has_asked_already(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"], description="厨房燃气味很大", danger=NO_DANGER)
    assert (case.priority, untaken(desk)) == ("P3", ())
    named = take_in(desk, people["intake"], description="她哭着说受不了了", danger="self_harm")
    assert (named.priority, untaken(desk)) == ("P1", (named,))


@pytest.mark.trial(13)
def test_a_question_is_for_the_staff_and_wakes_nobody(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    clock.now = EVE
    case = public_report(desk, "电线老化，担心会触电")
    assert (case.priority, case.danger, steps(desk, case)) == ("P3", "", [])
    [shown] = urgent_cases(desk, actor=people["head"])
    assert (shown.case, shown.words and shown.words.dangers[0].certain) == (case, False)


@pytest.mark.trial(13)
def test_danger_that_is_reported_later_is_noticed_too(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    again = assigned(desk, people)
    intake.add_to_case(desk, actor=people["intake"], case_no=again.case_no, text="又来电：现在有燃气味")
    again = desk.snapshot[Case][again.case_no]
    assert (again.priority, again.danger, told(desk, again, "on_call")) == ("P1", "gas", ["head"])
    assert again.contact_due == clock.now + timedelta(hours=1)

    corrected = take_in(desk, people["intake"])
    handling.edit_facts(desk, actor=people["manager"], case=corrected, values={"description": "配电箱冒火花"})
    corrected = desk.snapshot[Case][corrected.case_no]
    assert (corrected.priority, corrected.danger) == ("P1", "electric")
    assert corrected.acknowledge_due == clock.now + timedelta(minutes=15)


@pytest.mark.trial(13)
def test_a_graver_danger_that_is_written_beside_another_calls_anew(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"], description="水管爆了")
    assert case.danger == "flood"
    take(desk, actor=people["head"], case=case, language="zh_CN")
    for more, danger, taken in (("水管爆了，请尽快", "flood", "head"), ("水管爆了，还有很重的燃气味", "gas", "")):
        seen = desk.snapshot[Case][case.case_no]
        handling.edit_facts(desk, actor=people["manager"], case=seen, values={"description": more})
        after = desk.snapshot[Case][case.case_no]
        assert (after.danger, after.danger_taken_by) == (danger, taken)


@pytest.mark.trial(13)
def test_danger_is_not_added_to_a_case_that_calls_nobody_any_more(desk: Desk, people: dict[str, Actor]) -> None:
    for over in (answered(desk, people), closed(desk, people)):
        with pytest.raises(InvalidFields) as refused:
            intake.add_to_case(desk, actor=people["intake"], case_no=over.case_no, text="又来电：现在有燃气味")
        assert [(one.field, one.code) for one in refused.value.problems] == [("description", "danger_needs_a_case")]
        assert "新" in " ".join(explain(refused.value, lists=desk.lists))
        intake.add_to_case(desk, actor=people["intake"], case_no=over.case_no, text="又来电：谢谢")


@pytest.mark.trial(13)
def test_a_case_of_today_that_is_imported_or_typed_into_a_sheet_is_noticed_and_old_ones_wake_nobody(
    desk: Desk, people: dict[str, Actor], clock: Clock
) -> None:
    rows = "受理时间,问题描述\n2026-03-02 09:30,电梯困人\n2026-02-10 09:30,电梯困人两次\n"
    plan = plan_import(desk, actor=people["manager"], content=rows.encode(), filename="a.csv")
    run_import(desk, actor=people["manager"], checked=check_rows(desk, plan))
    live, old = sorted(desk.snapshot[Case].values(), key=lambda case: case.taken_at, reverse=True)
    assert (live.danger, live.priority) == ("lift_trapped", "P1")
    assert (old.danger, old.priority) == ("", "P3")
    raise_alerts(desk)
    assert steps(desk, live) == ["on_call"]

    def typed(**fields: Any) -> dict[str, Any]:
        return dict(desk.committer.policy.complete("cases", {"case_no": "new:1", "stage": "new", **fields}, clock.now))

    fresh = typed(description="电梯困人")
    assert (fresh["danger"], fresh["priority"]) == ("lift_trapped", "P1")
    assert fresh["acknowledge_due"] == clock.now + timedelta(minutes=15)
    assert "danger" not in typed(description="电梯困人", taken_at=clock.now - timedelta(days=20))


@pytest.mark.trial(13)
def test_the_roster_of_a_branch_and_a_day(desk: Desk, people: dict[str, Actor]) -> None:
    day = date(2026, 3, 7)
    set_on_call(desk, actor=people["manager"], first=day, last=day + timedelta(days=2), people=["handler"])
    set_on_call(desk, actor=people["manager"], first=day, last=day, branch="head_office", people=["handler2"])
    here = take_in(desk, people["intake"])
    assert on_call(desk, here, day) == ("handler", "handler2")
    assert on_call(desk, here, day + timedelta(days=2)) == ("handler",)
    assert on_call(desk, here, day + timedelta(days=3)) == ()
    desk.save(system_actor(), [edit(desk.snapshot[Staff]["handler"], {"active": False})])
    assert on_call(desk, here, day) == ("handler2",), "who has left does not come"
    set_on_call(desk, actor=people["manager"], first=day, last=day, branch="head_office", people=[])
    assert on_call(desk, here, day) == ()


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"last": date(2026, 3, 1)}, "last", "before_start"),
        ({"last": date(2027, 3, 1)}, "last", "out_of_range"),
        ({"branch": "moon"}, "branch", "unknown_choice"),
        ({"people": ["nobody"]}, "people", "unknown_person"),
        ({"people": ["reviewer"]}, "people", "may_not_handle"),
    ],
)
def test_a_wrong_roster_is_refused(
    desk: Desk, people: dict[str, Actor], wrong: dict[str, Any], field: str, code: str
) -> None:
    right: dict[str, Any] = {"first": date(2026, 3, 2), "last": date(2026, 3, 2), "people": ["handler"]}
    with pytest.raises(InvalidFields) as refused:
        set_on_call(desk, actor=people["manager"], **(right | wrong))
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [(field, code)]
    with pytest.raises(NotAllowed):
        set_on_call(desk, actor=people["handler"], **right)


@pytest.mark.trial(13)
def test_the_client_is_told_the_number_of_her_place(desk: Desk, people: dict[str, Actor]) -> None:
    gas, boss = desk.config.dangers.dangers["gas"], people["manager"]
    unset = numbers.advice(desk, gas, language="zh_CN")
    assert [number for _, number in unset.numbers] == ["119", "12345", desk.settings.service_phone]
    assert unset.unknown == "本地抢修电话请咨询物业"
    assert "gas_phone" in numbers.missing_numbers(desk)

    numbers.set_number(desk, actor=boss, key="gas_phone", number="９６７７７")
    numbers.set_number(desk, actor=boss, key="gas_phone", number="021-96777", place="阳光花园")
    numbers.set_number(desk, actor=boss, key="emergency_phone", number="138 0013 8000")
    here = numbers.advice(desk, gas, language="zh_CN", community="阳光花园", branch="head_office")
    assert [number for _, number in here.numbers] == ["021-96777", "119", "138 0013 8000"]
    assert "021-96777" in here.text
    assert here.unknown == ""
    assert "96777；" in numbers.advice(desk, gas, language="zh_CN", community="别处").text
    assert "gas_phone" not in numbers.missing_numbers(desk)
    numbers.set_number(desk, actor=boss, key="gas_phone", number="", place="阳光花园")
    assert "021" not in numbers.advice(desk, gas, language="zh_CN", community="阳光花园").text
    for wrong in ("=1+1", "call us", "12"):
        with pytest.raises(InvalidFields):
            numbers.set_number(desk, actor=boss, key="gas_phone", number=wrong)
    with pytest.raises(NotAllowed):
        numbers.set_number(desk, actor=people["handler"], key="gas_phone", number="96777")

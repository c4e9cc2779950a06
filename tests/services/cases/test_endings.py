"""Merged, linked, withdrawn, answered at once (requirements A14, B7): each in its own words, none as "declined"."""

from typing import Any

import pytest

from lib.desk.desk import Desk
from lib.domain.clocks.clocks import due_at
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor, system_actor
from lib.errors import InvalidFields, NotAllowed, WrongStage
from lib.services.cases import handling, settling, tracking
from lib.services.cases.linking import members
from lib.store.commit.batch import edit
from tests.cases import LEAK, assigned, closed, move, take_in
from tests.support import Clock

pytestmark = pytest.mark.trial(17)
QUESTION = {"kind": "consultation", "description": "过户需要带哪些材料？"}


def codes(caught: pytest.ExceptionInfo[InvalidFields]) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in caught.value.problems]


@pytest.fixture
def leading(desk: Desk, people: dict[str, Actor]) -> Case:
    return assigned(desk, people)


@pytest.fixture
def again(desk: Desk, people: dict[str, Actor]) -> Case:
    """The same client reports the same thing once more."""
    return take_in(desk, people["intake"], description="厨房又在滴水，请尽快")


def merge(desk: Desk, people: dict[str, Actor], case: Case, into: Case) -> Case:
    return move(desk, people["head"], case, "merge", merged_into=into.case_no)


def test_a_duplicate_is_merged_and_nothing_is_lost(
    desk: Desk, people: dict[str, Actor], leading: Case, again: Case
) -> None:
    merged = merge(desk, people, again, leading)
    assert (merged.stage, merged.merged_into, merged.closed_at) == ("merged", leading.case_no, desk.now())
    assert (merged.description, merged.decline_ground) == ("厨房又在滴水，请尽快", "")
    assert [case.case_no for case in members(desk, leading).merged] == [merged.case_no]
    (line,) = desk.history(case_no=leading.case_no, actions=["merged_from"])
    assert merged.case_no in line.text
    assert "厨房又在滴水" in line.text


def test_merging_is_undone_and_the_clocks_go_on_where_they_stood(
    desk: Desk, people: dict[str, Actor], leading: Case, clock: Clock
) -> None:
    other = assigned(desk, people, description="另一件事")
    merge(desk, people, other, leading)
    clock.forward(hours=2)
    back = move(desk, people["head"], other, "unmerge")
    assert (back.stage, back.merged_into, back.closed_at, back.paused_at) == ("assigned", "", None, None)
    assert back.assignee == other.assignee
    assert back.resolve_due is not None
    assert other.resolve_due is not None
    assert desk.calendar.between(other.resolve_due, back.resolve_due).total_seconds() == 2 * 3600
    assert members(desk, leading).merged == ()
    (line,) = desk.history(case_no=leading.case_no, actions=["unmerged_from"])
    assert other.case_no in line.text


def test_a_case_that_waited_goes_back_to_the_stage_before_the_wait(
    desk: Desk, people: dict[str, Actor], leading: Case
) -> None:
    other = assigned(desk, people, description="另一件事")
    move(desk, people["handler"], other, "wait", wait_reason="等物业", promised_on=desk.today())
    merge(desk, people, other, leading)
    assert move(desk, people["head"], other, "unmerge").stage == "assigned"


def test_what_a_case_cannot_be_merged_into(desk: Desk, people: dict[str, Actor], leading: Case, again: Case) -> None:
    done, merged = closed(desk, people), take_in(desk, people["intake"])
    merge(desk, people, merged, leading)
    for target, code in (
        ("TS-2026-999999", "no_such_case"),
        (again.case_no, "is_itself"),
        (done.case_no, "case_is_closed"),
        (merged.case_no, "merged_already"),
    ):
        with pytest.raises(InvalidFields) as caught:
            move(desk, people["head"], again, "merge", merged_into=target)
        assert codes(caught) == [("merged_into", code)]
        with pytest.raises(InvalidFields) as caught:  # typed in the sheet
            desk.save(system_actor(), [edit(again, {"stage": "merged", "merged_into": target})])
        assert codes(caught) == [("merged_into", code)]
    with pytest.raises(InvalidFields) as caught:
        merge(desk, people, leading, again)
    assert codes(caught) == [("merged_into", "leads_others")]


def test_who_leads_others_is_not_withdrawn(desk: Desk, people: dict[str, Actor], leading: Case, again: Case) -> None:
    merge(desk, people, again, leading)
    with pytest.raises(InvalidFields) as caught:
        move(desk, people["intake"], leading, "withdraw", withdraw_ground="solved_between")
    assert codes(caught) == [("stage", "leads_others")]


def test_a_group_complaint_has_one_parent(desk: Desk, people: dict[str, Actor], leading: Case, again: Case) -> None:
    linked = move(desk, people["head"], again, "link", parent_no=leading.case_no)
    assert (linked.stage, linked.parent_no) == ("new", leading.case_no)
    assert [case.case_no for case in members(desk, leading).linked] == [again.case_no]
    third = take_in(desk, people["intake"], description="楼上的也漏")
    for case, target, code in (
        (third, again, "has_a_parent"),
        (leading, third, "leads_others"),
        (third, third, "is_itself"),
    ):
        with pytest.raises(InvalidFields) as caught:
            move(desk, people["head"], case, "link", parent_no=target.case_no)
        assert codes(caught) == [("parent_no", code)]
    assert move(desk, people["head"], linked, "unlink").parent_no == ""


def test_the_client_withdraws_and_is_taken_up_again(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = assigned(desk, people)
    with pytest.raises(NotAllowed):
        move(desk, people["handler"], case, "withdraw", withdraw_ground="settled")
    with pytest.raises(InvalidFields) as caught:
        move(desk, people["intake"], case, "withdraw", withdraw_ground="other")
    assert codes(caught) == [("withdraw_reason", "missing")]
    gone = move(desk, people["intake"], case, "withdraw", withdraw_ground="settled")
    assert (gone.stage, gone.closed_at) == ("withdrawn", desk.now())
    clock.forward(hours=1)
    back = move(desk, people["head"], gone, "take_up_again")
    assert (back.stage, back.withdraw_ground, back.closed_at) == ("assigned", "", None)


def test_nobody_complained_about_withdraws_it(desk: Desk, people: dict[str, Actor]) -> None:
    case = take_in(desk, people["intake"], kind="complaint", complained_about="head")
    with pytest.raises((NotAllowed, WrongStage)):
        move(desk, people["head"], case, "withdraw", withdraw_ground="settled")


@pytest.mark.parametrize("archived", [False, True])
def test_the_client_reads_what_became_of_it(
    desk: Desk, people: dict[str, Actor], leading: Case, again: Case, archived: bool
) -> None:
    """Seen with the workflow's own words; nobody is told of "declined" or of another client's case."""
    merge(desk, people, again, leading)
    gone = move(desk, people["intake"], take_in(desk, people["intake"]), "withdraw", withdraw_ground="by_mistake")
    if archived:
        move(desk, people["manager"], again, "archive", archive_reason="合并办理")
        move(desk, people["manager"], gone, "archive", archive_reason="客户撤回")
    for case, stage, action in ((again, "merged", "merge"), (gone, "withdrawn", "withdraw")):
        seen = tracking.track(desk, case_no=case.case_no, last4="1234")
        assert seen is not None
        assert seen.stage == stage
        assert seen.updates[1].action == action
        assert leading.case_no not in repr(seen)
        assert desk.config.workflow.stages[stage].client is not None
        assert desk.config.workflow.stages[stage].unanswered
    together = tracking.track(desk, case_no=again.case_no, last4="1234")
    assert together is not None
    assert (together.together, together.next_due) == ("assigned", leading.contact_due)


def test_a_question_is_taken_in_answered_and_closed_in_one_save(desk: Desk, people: dict[str, Actor]) -> None:
    seq = desk.snapshot.seq
    answer = "身份证、户口本、产权证和购房合同。"
    receipt = settling.register_settled(desk, actor=people["intake"], values={**LEAK, **QUESTION}, answer=answer)
    case = desk.snapshot[Case][receipt.first("cases")]
    assert desk.snapshot.seq == seq + 1
    assert (case.stage, case.answer_text, case.closed_at) == ("closed", answer, desk.now())
    assert case.acknowledged_at == case.contacted_at == case.answered_at == desk.now()
    assert "intake" in case.handlers
    assert [line.action for line in desk.history(case_no=case.case_no)][:2] == ["intake", "settle"]
    seen = tracking.track(desk, case_no=case.case_no, last4="1234")
    assert seen is not None
    assert [update.text for update in seen.updates] == [case.title, answer]


def test_praise_is_thanked_for_at_once_and_a_repair_is_not(desk: Desk, people: dict[str, Actor]) -> None:
    praise = {**LEAK, "kind": "praise", "description": "小李服务很好"}
    receipt = settling.register_settled(desk, actor=people["intake"], values=praise, answer="谢谢您的肯定！")
    assert desk.snapshot[Case][receipt.first("cases")].stage == "closed"
    count = len(desk.snapshot[Case])
    with pytest.raises(WrongStage):
        settling.register_settled(desk, actor=people["intake"], values=LEAK, answer="修好了")
    with pytest.raises(InvalidFields) as caught:
        settling.register_settled(desk, actor=people["intake"], values={**LEAK, **QUESTION}, answer="  ")
    assert codes(caught) == [("answer_text", "missing")]
    with pytest.raises(InvalidFields) as caught:
        settling.register_settled(desk, actor=people["intake"], values={**LEAK, **QUESTION}, answer="请找［部门］办理")
    assert codes(caught) == [("answer_text", "blank_left")]
    assert len(desk.snapshot[Case]) == count


def test_a_danger_is_not_settled_with_words(desk: Desk, people: dict[str, Actor]) -> None:
    smell = {**LEAK, **QUESTION, "description": "家里有燃气味，头晕，怎么办？"}
    with pytest.raises(InvalidFields) as caught:
        settling.register_settled(desk, actor=people["intake"], values=smell, answer="请开窗")
    assert codes(caught) == [("kind", "danger_stays_open")]
    assert not desk.snapshot[Case]


def test_a_question_is_answered_straight_from_assigned(desk: Desk, people: dict[str, Actor]) -> None:
    question = assigned(desk, people, **QUESTION)
    told = move(desk, people["handler"], question, "answer", answer_text="带身份证即可")
    assert (told.stage, told.contacted_at, told.answered_at) == ("answered", desk.now(), desk.now())
    repair = assigned(desk, people)
    assert "answer" not in [one.key for one in handling.moves_for(desk, actor=people["handler"], case=repair)]
    with pytest.raises(WrongStage) as caught:
        move(desk, people["handler"], repair, "answer", answer_text="已修复")
    assert caught.value.why == "kind"


def test_overturning_a_declined_case_starts_a_contact_clock(desk: Desk, people: dict[str, Actor], clock: Clock) -> None:
    case = take_in(desk, people["intake"])
    declined = {"decline_ground": "out_of_warranty", "decline_reason": "超出保修期"}
    move(desk, people["head"], case, "decline", **declined)
    move(desk, people["manager"], case, "request_review", review_reason="不服")
    clock.forward(days=1)
    findings: dict[str, Any] = {"review_findings": "仍在保修期", "category": "quality.leak", "assignee": "handler"}
    back = move(desk, people["reviewer"], case, "overturn", **findings)
    assert back.contact_due == due_at("contact", back.priority, desk.now(), desk.calendar, desk.config.sla)
    assert desk.config.workflow.next_due(back) == back.contact_due
    assert "contact" in [one.key for one in handling.moves_for(desk, actor=people["handler"], case=back)]

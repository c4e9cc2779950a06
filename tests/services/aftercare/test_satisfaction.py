from datetime import date, timedelta

import pytest

from lib.analytics.frames.frames import seen_surveys
from lib.auth.tokens import BadToken, TokenPurpose
from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp, Survey
from lib.domain.rules.permissions import Actor
from lib.domain.rules.satisfaction import counts_for_handler
from lib.errors import InvalidFields, NotAllowed, NotFound, SurveyClosed, WrongStage
from lib.services.aftercare import satisfaction
from lib.services.cases import handling, intake
from lib.services.work import assignment

CASE = {
    "kind": "repair", "channel": "hotline", "description": "厨房漏水", "client_name": "张三",
    "client_phone": "13800138000",
}  # fmt: skip
GOOD = {"process": 5, "outcome": 4}
LOW = {"process": 4, "outcome": 2, "speed": 1}


def take_to_answered(desk, actor, **values):
    """A case of the handler that was answered."""
    manager = actor("manager")
    number = intake.register(desk, actor=manager, values={**CASE, **values}).first("cases")

    def move(key, **fields):
        case = desk.snapshot[Case][number]
        handling.make_move(desk, actor=manager, case=case, move=key, values=fields)

    move("accept", category="quality.leak", priority="P3")
    assignment.assign(desk, actor=manager, cases=[desk.snapshot[Case][number]], assignee="handler")
    move("contact")
    move("investigate")
    move("answer", answer_text="已修复")
    return desk.snapshot[Case][number]


@pytest.fixture
def case(desk, actor):
    return take_to_answered(desk, actor)


@pytest.fixture
def sent(desk, actor, case):
    return satisfaction.send(desk, actor=actor("manager"), case=case)


def survey(desk, sent):
    return desk.snapshot[Survey][sent.survey_id]


def closed(desk, token, answers=GOOD):
    with pytest.raises(SurveyClosed) as caught:
        satisfaction.answer(desk, token=token, answers=answers)
    return caught.value.why


def test_a_survey_names_the_handler_and_runs_out(desk, sent, case):
    made = survey(desk, sent)
    assert (made.case_no, made.handler, made.department, made.sent_by) == (
        case.case_no,
        "handler",
        "service",
        "manager",
    )
    assert made.expires_at == desk.now() + timedelta(days=desk.settings.survey_valid_days)
    assert sent.token in sent.path
    assert satisfaction.open_survey(desk, sent.token) == made


def test_only_answered_cases_are_surveyed_and_only_by_whom_it_is_allowed(desk, actor, case):
    number = intake.register(desk, actor=actor("intake"), values=CASE).first("cases")
    with pytest.raises(WrongStage):
        satisfaction.send(desk, actor=actor("manager"), case=desk.snapshot[Case][number])
    with pytest.raises(NotAllowed):
        satisfaction.send(desk, actor=actor("reviewer"), case=case)


def test_a_link_takes_one_answer(desk, sent):
    satisfaction.answer(desk, token=sent.token, answers={**GOOD, "speed": None}, comment=" 谢谢 ")
    done = survey(desk, sent)
    assert (done.process, done.outcome, done.speed, done.comment) == (5, 4, None, "谢谢")
    assert (done.source, done.recorded_by) == ("link", "")
    assert closed(desk, sent.token) == "answered"
    assert satisfaction.results(desk) == (done,)
    assert not desk.snapshot[FollowUp]


@pytest.mark.parametrize("second", [GOOD, {**GOOD, "speed": 3}, LOW])
def test_of_two_answers_at_once_one_counts(desk, sent, clock, open_another, second):
    """Two processes that both saw the survey open; the second answer comes within the same second."""
    stale = open_another(lambda: clock.now + timedelta(microseconds=1))
    satisfaction.answer(desk, token=sent.token, answers=GOOD)
    assert survey(stale, sent).answered_at is None
    assert closed(stale, sent.token, second) == "answered"
    assert (survey(stale, sent).speed, survey(stale, sent).outcome) == (None, 4)
    assert not stale.snapshot[FollowUp]


def test_a_link_runs_out(desk, sent, clock):
    clock.forward(days=desk.settings.survey_valid_days)
    assert closed(desk, sent.token) == "expired"


def test_a_newer_survey_ends_the_older(desk, actor, case, sent, clock):
    clock.forward(hours=1)
    newer = satisfaction.send(desk, actor=actor("manager"), case=case)
    assert closed(desk, sent.token) == "expired"
    satisfaction.answer(desk, token=newer.token, answers=GOOD)


def test_two_sending_at_once_leave_one_open(desk, actor, case, open_another):
    stale = open_another()
    first = satisfaction.send(desk, actor=actor("manager"), case=case)
    second = satisfaction.send(stale, actor=actor("head"), case=case)
    assert first.survey_id != second.survey_id
    still_open = [one for one in stale.snapshot[Survey].values() if one.expires_at > stale.now()]
    assert [one.survey_id for one in still_open] == [second.survey_id]


def test_an_answer_to_a_survey_replaced_meanwhile_is_refused(desk, actor, case, sent, open_another):
    stale = open_another()
    satisfaction.send(desk, actor=actor("manager"), case=case)
    assert closed(stale, sent.token) == "expired"


def test_sending_again_with_the_same_commit_sends_nothing_twice(desk, actor, case):
    first = satisfaction.send(desk, actor=actor("manager"), case=case, commit_id="c-1")
    again = satisfaction.send(desk, actor=actor("manager"), case=case, commit_id="c-1")
    assert (again.survey_id, len(desk.snapshot[Survey])) == (first.survey_id, 1)
    satisfaction.answer(desk, token=again.token, answers=GOOD)


def test_other_tokens_open_nothing(desk, sent):
    for token in ("", "nonsense", sent.token[:-2], desk.signer.sign(TokenPurpose.TRACKING, {"survey": sent.survey_id})):
        with pytest.raises(BadToken):
            satisfaction.open_survey(desk, token)
    with pytest.raises(NotFound):
        satisfaction.open_survey(desk, satisfaction.survey_token(desk, "sv-none"))


@pytest.mark.parametrize(
    ("answers", "comment", "problem"),
    [
        ({"process": 5}, "", ("outcome", "missing")),
        ({**GOOD, "process": 6}, "", ("process", "out_of_range")),
        ({**GOOD, "process": 0}, "", ("process", "out_of_range")),
        ({**GOOD, "effort": 8}, "", ("effort", "out_of_range")),
        ({**GOOD, "speed": True}, "", ("speed", "out_of_range")),
        ({**GOOD, "handler": 1}, "", ("handler", "not_asked")),
        (GOOD, "好" * 2001, ("comment", "too_long")),
        (GOOD, "null\x00byte", ("comment", "not_storable")),
    ],
)
def test_wrong_answers_are_refused_and_the_link_stays_good(desk, sent, answers, comment, problem):
    with pytest.raises(InvalidFields) as caught:
        satisfaction.answer(desk, token=sent.token, answers=answers, comment=comment)
    assert {(one.field, one.code) for one in caught.value.problems} == {problem}
    satisfaction.answer(desk, token=sent.token, answers={**GOOD, "recommend": 0})


def test_a_low_score_alerts_and_plans_a_call_on_the_next_working_day(desk, sent, case, clock):
    satisfaction.answer(desk, token=sent.token, answers=LOW)
    (call,) = desk.snapshot[FollowUp].values()
    assert (call.purpose, call.due_on, call.assignee) == ("recovery", date(2026, 3, 3), "head")
    assert (call.case_no, call.client_phone) == (case.case_no, "13800138000")
    (alert,) = desk.history(case_no=case.case_no, actions=["low_score"])
    assert alert.text == "outcome speed"
    assert alert.seq == desk.snapshot.seq


def test_a_phone_answer_is_marked_and_never_counts_for_who_wrote_it_down(desk, actor, sent):
    satisfaction.record_phone_answer(desk, actor=actor("handler"), survey=survey(desk, sent), answers=GOOD)
    done = survey(desk, sent)
    assert (done.source, done.recorded_by) == ("phone", "handler")
    assert not counts_for_handler(done)
    assert counts_for_handler(done.model_copy(update={"recorded_by": "reviewer"}))
    assert counts_for_handler(done.model_copy(update={"source": "link"}))
    assert closed(desk, sent.token) == "answered"
    with pytest.raises(SurveyClosed):
        satisfaction.record_phone_answer(desk, actor=actor("reviewer"), survey=done, answers=GOOD)


def test_a_phone_answer_counts_for_a_survey_run_out_but_not_for_one_replaced(desk, actor, case, sent, clock):
    clock.forward(days=30)
    old = survey(desk, sent)
    newer = satisfaction.send(desk, actor=actor("manager"), case=case)
    with pytest.raises(SurveyClosed, match="expired"):
        satisfaction.record_phone_answer(desk, actor=actor("manager"), survey=old, answers=GOOD)
    clock.forward(days=30)
    satisfaction.record_phone_answer(desk, actor=actor("manager"), survey=survey(desk, newer), answers=LOW)
    assert [call.purpose for call in desk.snapshot[FollowUp].values()] == ["recovery"]


def test_a_client_is_asked_to_recommend_once_a_quarter(desk, actor, sent, clock):
    satisfaction.answer(desk, token=sent.token, answers={**GOOD, "recommend": 9})
    same = satisfaction.send(desk, actor=actor("manager"), case=take_to_answered(desk, actor))
    other = satisfaction.send(
        desk, actor=actor("manager"), case=take_to_answered(desk, actor, client_phone="13900139000")
    )
    asked = lambda one: {question.key for question in satisfaction.questions(desk, survey(desk, one))}  # noqa: E731
    assert "recommend" not in asked(same)
    assert "recommend" in asked(other)
    clock.forward(days=92)
    assert "recommend" in asked(same)


def test_who_is_to_be_asked_and_who_has_not_answered(desk, actor, case, clock):
    """The latest of ten surveys of one case waits, not the ninth, whose number sorts behind it."""
    manager = actor("manager")
    assert satisfaction.to_ask(desk, actor=manager) == [case]
    assert satisfaction.to_ask(desk, actor=actor("handler2")) == []  # another department, no scope over the case
    sent = [satisfaction.send(desk, actor=manager, case=case).survey_id for _ in range(10)]
    assert satisfaction.to_ask(desk, actor=manager) == []
    assert [one.survey_id for one in satisfaction.unanswered(desk, actor=manager)] == [sent[-1]]
    clock.forward(days=59)
    assert len(satisfaction.unanswered(desk, actor=manager)) == 1
    clock.forward(days=2)
    assert satisfaction.unanswered(desk, actor=manager) == []


def test_a_case_is_asked_about_within_sixty_days(desk, actor, case, clock):
    clock.forward(days=59)
    assert satisfaction.to_ask(desk, actor=actor("manager")) == [case]
    clock.forward(days=2)
    assert satisfaction.to_ask(desk, actor=actor("manager")) == []


def test_answers_are_shown_of_cases_that_one_may_see(desk, actor, sent):
    satisfaction.answer(desk, token=sent.token, answers=GOOD)
    own = Actor("x", "x", {"satisfaction.view": "all", "case.view": "department"}, department="sales")
    here = Actor("x", "x", {"satisfaction.view": "all", "case.view": "department"}, department="service")
    since = desk.now() - timedelta(days=1)
    for who, count in ((own, 0), (here, 1), (actor("manager"), 1)):
        assert len(satisfaction.answers_since(desk, actor=who, since=since)) == count
        assert len(seen_surveys(desk, who)) == count
    assert satisfaction.answers_since(desk, actor=here, since=desk.now() + timedelta(seconds=1)) == ()

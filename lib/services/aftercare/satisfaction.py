"""Asking clients how satisfied they are (requirements G1 to G3): a single-use link, answers by phone, low scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lib.auth.tokens import TokenPurpose, in_link
from lib.desk.access import require
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import FollowUp, Survey
from lib.domain.rules.permissions import CLIENT, Actor
from lib.domain.rules.satisfaction import Question
from lib.errors import AlreadyExists, Conflict, InvalidFields, NotFound, Problem, StoreBusy, SurveyClosed, WrongStage
from lib.services.aftercare.calls import caller
from lib.store.commit.batch import Change, Edit, Receipt, create, edit
from lib.store.snapshot.snapshot import Table, by_case

SURVEY_STAGES = frozenset({"answered", "closed", "archived"})
RECOMMEND = "recommend"
RECOVERY = "recovery"
"""The call after a low score."""
COMMENT_LIMIT = 2000  # characters
ASK_WITHIN = timedelta(days=60)
"""Nobody remembers a case much longer."""
_ASK_RECOMMEND_AGAIN = timedelta(days=91)  # at most once a quarter per client
_LONGEST_LINK = timedelta(days=400)  # the survey's own `expires_at` decides; this only bounds how old a token may be
_RACES = 5


@dataclass(frozen=True, slots=True)
class Sent:
    """A survey made: its token, and the path of the public page with it."""

    receipt: Receipt
    survey_id: str
    token: str
    path: str


def send(desk: Desk, *, actor: Actor, case: Case, commit_id: str | None = None) -> Sent:
    """Make a survey for a case that was answered; an open one of the same case ends.

    Raises NotAllowed, WrongStage.
    """
    require(actor, "survey.send", case)
    if case.stage not in SURVEY_STAGES:
        raise WrongStage(case_no=case.case_no, stage=case.stage, move="send_survey")
    for _ in range(_RACES):
        try:
            receipt = desk.save(actor, _sending(desk, actor, case), commit_id=commit_id)
        except AlreadyExists:  # somebody sent one at the same moment: hers ends, as any other
            continue
        survey_id = receipt.first("surveys")
        token = survey_token(desk, survey_id)
        return Sent(receipt, survey_id, token, survey_path(token))
    raise StoreBusy


def _sending(desk: Desk, actor: Actor, case: Case) -> list[Change]:
    """The new survey is numbered within its case, so that two made at once cannot both be saved."""
    now = desk.now()
    earlier = surveys_of(desk, case.case_no)
    spoilt = sum(bad.row.get("case_no") == case.case_no for bad in desk.snapshot[Survey].bad.values())
    fresh = Survey(
        survey_id=f"sv-{case.case_no}-{len(earlier) + spoilt + 1}",
        case_no=case.case_no,
        sent_at=now,
        sent_by=actor.staff_id,
        expires_at=now + timedelta(days=desk.settings.survey_valid_days),
        handler=case.assignee,
        department=case.department,
    )
    ended = [
        edit(survey, {"expires_at": now}, action="replace_survey")
        for survey in earlier
        if survey.answered_at is None and survey.expires_at > now
    ]
    return [*ended, create(fresh, action="send_survey")]


def surveys_of(desk: Desk, case_no: str) -> tuple[Survey, ...]:
    """The surveys of a case, the oldest first."""
    found: tuple[Survey, ...] = desk.snapshot[Survey].derive(by_case).get(case_no, ())
    return tuple(sorted(found, key=_order))


def _order(survey: Survey) -> tuple[datetime, int, str]:
    """Surveys of a case sent in the same second go by their number."""
    return survey.sent_at, len(survey.survey_id), survey.survey_id


def survey_token(desk: Desk, survey_id: str) -> str:
    """The token of a survey's link; asking again gives another that is as good."""
    return desk.signer.sign(TokenPurpose.SURVEY, {"survey": survey_id}, now=desk.now())


def survey_path(token: str) -> str:
    return f"/survey?token={token}"


def open_survey(desk: Desk, token: str) -> Survey:
    """The survey behind a link, ready to be answered.

    Raises BadToken or ExpiredToken (forged, or absurdly old), NotFound, SurveyClosed ("answered", "expired").
    """
    payload = desk.signer.read(TokenPurpose.SURVEY, in_link(token), _LONGEST_LINK, now=desk.now())
    survey = desk.snapshot[Survey].get(str(payload.get("survey", "")))
    if survey is None:
        raise NotFound("surveys", str(payload.get("survey", "")))
    if survey.answered_at is not None:
        raise SurveyClosed(survey.survey_id, "answered")
    if survey.expires_at <= desk.now():
        raise SurveyClosed(survey.survey_id, "expired")
    return survey


def questions(desk: Desk, survey: Survey) -> tuple[Question, ...]:
    """What to ask; whether a client would recommend the firm is asked at most once a quarter."""
    asked = desk.config.survey.question
    since = desk.now() - _ASK_RECOMMEND_AGAIN
    recommended = desk.snapshot[Survey].derive(_recommended)
    phones = {_phone(desk, other.case_no) for other in recommended if other.answered_at and other.answered_at > since}
    recently = _phone(desk, survey.case_no) in phones - {""}
    return tuple(question for question in asked if not (recently and question.key == RECOMMEND))


def _phone(desk: Desk, case_no: str) -> str:
    case = desk.snapshot[Case].get(case_no)
    return case.client_phone if case else ""


def _recommended(table: Table[Survey]) -> tuple[Survey, ...]:
    return tuple(survey for survey in table.values() if survey.recommend is not None)


def answer(
    desk: Desk, *, token: str, answers: Mapping[str, int | None], comment: str = "", commit_id: str | None = None
) -> Receipt:
    """The client's own answer; a link takes one. Raises as `open_survey` does, and InvalidFields."""
    require(CLIENT, "survey.answer")
    survey = open_survey(desk, token)
    return _save_answer(desk, CLIENT, survey, answers, comment, {"source": "link"}, commit_id)


def record_phone_answer(
    desk: Desk,
    *,
    actor: Actor,
    survey: Survey,
    answers: Mapping[str, int | None],
    comment: str = "",
    commit_id: str | None = None,
) -> Receipt:
    """An answer given on the phone, marked as such; a link that has run out does not matter, a newer survey does.

    Raises NotAllowed, NotFound, SurveyClosed, InvalidFields.
    """
    case = desk.snapshot[Case].require(survey.case_no)
    require(actor, "follow_up.record", case)
    if survey.answered_at is not None:
        raise SurveyClosed(survey.survey_id, "answered")
    if survey.survey_id != surveys_of(desk, survey.case_no)[-1].survey_id:
        raise SurveyClosed(survey.survey_id, "expired")
    marks = {"source": "phone", "recorded_by": actor.staff_id}
    return _save_answer(desk, actor, survey, answers, comment, marks, commit_id)


def _save_answer(
    desk: Desk,
    actor: Actor,
    survey: Survey,
    answers: Mapping[str, int | None],
    comment: str,
    marks: Mapping[str, str],
    commit_id: str | None,
) -> Receipt:
    given = _checked(desk, survey, answers, comment)
    # Not cut to the second: two answers at once must not look like one to the merge.
    values = {**given, **marks, "comment": comment.strip(), "answered_at": desk.clock().astimezone(desk.settings.zone)}
    answered = edit(survey, values, action="answer_survey", text=comment.strip())
    unreplaced = Edit(survey.expires_at, survey.expires_at)
    changes = [replace(answered, edits={"expires_at": unreplaced, **(answered.edits or {})})]
    if low := desk.config.survey.low(given):
        changes += _recovery(desk, survey, [question.key for question in low])
    try:
        return desk.save(actor, changes, commit_id=commit_id)
    except (Conflict, AlreadyExists):
        now_there = desk.snapshot[Survey].require(survey.survey_id)
        raise SurveyClosed(survey.survey_id, "answered" if now_there.answered_at else "expired") from None


def _checked(desk: Desk, survey: Survey, answers: Mapping[str, int | None], comment: str) -> dict[str, int]:
    asked = {question.key: question for question in questions(desk, survey)}
    given = {key: value for key, value in answers.items() if value is not None}
    problems = [Problem(key, "not_asked") for key in given if key not in asked]
    problems += [Problem(key, "missing") for key, question in asked.items() if question.required and key not in given]
    problems += [
        Problem(key, "out_of_range", str(value), {"lowest": asked[key].lowest, "highest": asked[key].highest})
        for key, value in given.items()
        if key in asked and not (type(value) is int and asked[key].lowest <= value <= asked[key].highest)
    ]
    if len(comment) > COMMENT_LIMIT:
        problems.append(Problem("comment", "too_long", facts={"limit": COMMENT_LIMIT}))
    if problems:
        raise InvalidFields("surveys", problems)
    return given


def _recovery(desk: Desk, survey: Survey, low: Sequence[str]) -> list[Change]:
    """A low score: a line that alerts, and a call on the next working day by somebody who was not rated. One survey
    gives one call, hence its key."""
    case = desk.snapshot[Case].require(survey.case_no)
    call = FollowUp(
        follow_up_id=f"fu-{survey.survey_id}",
        case_no=case.case_no,
        deal_no=case.deal_no,
        client_name=case.client_name,
        client_phone=case.client_phone,
        branch=case.branch,
        purpose=RECOVERY,
        due_on=desk.calendar.next_working_day(desk.today()),
        assignee=caller(desk, desk.snapshot, case, RECOVERY),
    )
    alert = Change("low_score", "surveys", survey.survey_id, case.case_no, text=" ".join(low))
    return [alert, create(call, action="plan_follow_up")]


def results(desk: Desk) -> tuple[Survey, ...]:
    """The surveys with an answer, in the order of answering."""
    return desk.snapshot[Survey].derive(_answered)


def _answered(table: Table[Survey]) -> tuple[Survey, ...]:
    timed = [(survey.answered_at, survey) for survey in table.values() if survey.answered_at is not None]
    return tuple(survey for _, survey in sorted(timed, key=lambda pair: pair[0]))


def answers_since(desk: Desk, *, actor: Actor, since: datetime) -> tuple[Survey, ...]:
    """The surveys answered since then about cases that the actor may see, in the order of answering."""
    recent = (survey for survey in results(desk) if survey.answered_at is not None and survey.answered_at >= since)
    return tuple(survey for survey in recent if _sees(desk, actor, survey))


def to_ask(desk: Desk, *, actor: Actor) -> list[Case]:
    """Cases lately answered whose client was not asked yet, and whom the actor may ask; the latest first."""
    asked = desk.snapshot[Survey].derive(by_case)
    since, found = desk.now() - ASK_WITHIN, []
    for at, case in desk.snapshot[Case].derive(_answered_cases):
        if at < since:
            break
        if case.case_no not in asked and actor.may("survey.send", case):
            found.append(case)
    return found


def unanswered(desk: Desk, *, actor: Actor) -> list[Survey]:
    """The surveys lately sent that wait for an answer, the latest first; of each case only the newest."""
    since = desk.now() - ASK_WITHIN
    newest = desk.snapshot[Survey].derive(_newest)
    found = [survey for survey in newest if survey.answered_at is None and survey.sent_at >= since]
    return sorted(
        (survey for survey in found if _sees(desk, actor, survey)), key=lambda survey: survey.sent_at, reverse=True
    )


def _newest(table: Table[Survey]) -> tuple[Survey, ...]:
    return tuple(max(surveys, key=_order) for surveys in table.derive(by_case).values())


def _sees(desk: Desk, actor: Actor, survey: Survey) -> bool:
    if actor.may_everywhere("case.view"):
        return True
    case = desk.snapshot[Case].get(survey.case_no)
    return case is not None and actor.may("case.view", case)


def _answered_cases(table: Table[Case]) -> tuple[tuple[datetime, Case], ...]:
    timed = [
        (at, case)
        for case in table.values()
        if case.stage in SURVEY_STAGES and (at := case.closed_at or case.answered_at) is not None
    ]
    return tuple(sorted(timed, key=lambda pair: pair[0], reverse=True))

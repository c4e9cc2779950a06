"""After a case is closed: the calls that are due, and the survey with its consequences."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from random import Random

from lib.demo.agenda import Story
from lib.demo.cast.texts import phrase
from lib.demo.life import Life
from lib.domain.records.case_parts import FollowUp, Survey
from lib.domain.rules.permissions import Actor
from lib.services.aftercare import follow_ups, satisfaction
from lib.store.commit.batch import Receipt

_OPEN_TODAY = 0.55  # share of today's calls that are still to be made, whatever the time
_FORGOTTEN = 0.12  # share of the last days' calls that are overdue
_MISSED, _PROBLEM, _SATISFIED = 0.16, 0.008, 0.55
_BY_LINK, _BY_PHONE = 0.47, 0.11
_GOOD, _GOOD_AFTER_TROUBLE = 0.87, 0.4  # chance of a 4 or 5 for the result
_AWAKE = (time(8), time(22))


def plan_calls(life: Life, receipt: Receipt) -> None:
    """The follow-ups that a save has planned become stories of their own."""
    for tab, key in receipt.created:
        if tab == "follow_ups":
            life.world.agenda.add(follow_up_story(life, key, Random(life.rng.random())))


def follow_up_story(life: Life, follow_up_id: str, rng: Random) -> Story:
    """One planned call, tried until somebody answers or the tries are used up."""
    while (call := life.desk.snapshot[FollowUp][follow_up_id]).done_at is None:
        if _left_undone(life, call, rng):
            return
        yield life.world.on(datetime.combine(call.due_on, time(), life.world.end.tzinfo), rng.random())
        call = life.desk.snapshot[FollowUp][follow_up_id]
        if call.done_at is None:  # it may have been done with another call to the same client
            _make_call(life, call, rng)


def _left_undone(life: Life, call: FollowUp, rng: Random) -> bool:
    days = (life.world.end.date() - call.due_on).days
    return rng.random() < (_OPEN_TODAY if days == 0 else _FORGOTTEN if 0 < days <= 6 else 0)


def _make_call(life: Life, call: FollowUp, rng: Random) -> None:
    actor = life.world.actor(call.assignee) if life.world.at_hand(call.assignee) else life.receptionist
    chance, slots = rng.random(), life.dossier.slots
    if chance < _MISSED:
        note, outcome = phrase(rng, "follow_missed", slots), follow_ups.NOT_REACHED
    elif chance < _MISSED + _PROBLEM and not life.dossier.topic.simple:
        _problem(life, call, actor, phrase(rng, "follow_problem", slots), rng)
        return
    elif chance < _MISSED + _SATISFIED:
        note, outcome = phrase(rng, "follow_good", slots), follow_ups.SATISFIED
    else:
        note, outcome = phrase(rng, "follow_plain", slots), follow_ups.REACHED
    follow_ups.record_outcome(life.desk, actor=actor, follow_up=call, outcome=outcome, note=note)


def _problem(life: Life, call: FollowUp, actor: Actor, note: str, rng: Random) -> None:
    """A problem found becomes a case, with a story of its own."""
    recorded = follow_ups.record_outcome(
        life.desk, actor=actor, follow_up=call, outcome=follow_ups.PROBLEM, note=note, problem={"description": note}
    )
    life.world.problem_found(life, recorded.opened_case, rng)


def survey_story(life: Life, rng: Random) -> Story:
    """A survey sent soon after closing; about half of the clients answer, most of them by the link."""
    yield life.world.later(rng.uniform(0.5, 5))
    if life.case.stage not in satisfaction.SURVEY_STAGES:
        return
    sent = satisfaction.send(life.desk, actor=life.handler, case=life.case)
    chance = rng.random()
    if chance < _BY_LINK:
        yield _awake(life.desk.now() + timedelta(hours=rng.expovariate(1 / 20)), rng)
        answers, comment = _opinion(life, sent.survey_id, rng)
        receipt = satisfaction.answer(life.desk, token=sent.token, answers=answers, comment=comment)
    elif chance < _BY_LINK + _BY_PHONE:
        yield life.world.later(rng.uniform(12, 40))
        answers, comment = _opinion(life, sent.survey_id, rng)
        survey = life.desk.snapshot[Survey][sent.survey_id]
        receipt = satisfaction.record_phone_answer(
            life.desk, actor=life.receptionist, survey=survey, answers=answers, comment=comment
        )
    else:
        return
    plan_calls(life, receipt)


def _awake(moment: datetime, rng: Random) -> datetime:
    """The moment, or the next morning where it falls into the night."""
    if _AWAKE[0] <= moment.time() < _AWAKE[1]:
        return moment
    morning = moment if moment.time() < _AWAKE[0] else moment + timedelta(days=1)
    return morning.replace(hour=8, minute=rng.randrange(60))


def _opinion(life: Life, survey_id: str, rng: Random) -> tuple[Mapping[str, int | None], str]:
    """Correlated scores: trouble during handling makes a bad result likely."""
    trouble = life.takes("late") or life.takes("disputed") or life.case.reopen_count > 0
    good = rng.random() < (_GOOD_AFTER_TROUBLE if trouble else _GOOD)
    outcome = rng.choice((4, 5, 5)) if good else rng.choice((1, 2, 2, 3, 3))
    scores = {key: _near(rng, outcome) for key in ("process", "attitude", "speed", "quality", "after_sales")}
    effort = min(7, max(1, 7 - outcome + rng.randint(-1, 1)))
    recommend = min(10, max(0, 2 * outcome + rng.choice((-2, -1, 0, 0, 1))))
    answers = {**scores, "outcome": outcome, "effort": effort, "recommend": recommend}
    asked = {question.key for question in satisfaction.questions(life.desk, life.desk.snapshot[Survey][survey_id])}
    key = "praise_comment" if outcome == 5 else "plain_comment" if outcome >= 3 else "bad_comment"
    comment = phrase(rng, key, life.dossier.slots) if rng.random() < 0.45 else ""
    return {key: value for key, value in answers.items() if key in asked}, comment


def _near(rng: Random, score: int) -> int:
    return min(5, max(1, score + rng.choice((-1, 0, 0, 0, 1))))

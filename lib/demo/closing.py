"""The end of a case: review, closing, reopening, and what comes after: follow-up calls and the survey."""

from random import Random

from lib.demo import work
from lib.demo.aftercare import plan_calls, survey_story
from lib.demo.agenda import Story
from lib.demo.life import Life

_NOT_ACCEPTED = 0.09


def dispute(life: Life) -> Story:
    """The client does not accept the answer, and somebody else looks at the case again."""
    if not life.takes("disputed"):
        return
    yield life.soon(3, 14)
    life.move(life.handler, "request_review", {"review_reason": life.say("refuses")})
    yield life.before(life.case.review_due, 0.3, 0.95)
    reviewer = life.world.actor("reviewer")
    if not life.takes("overturned"):
        life.move(
            reviewer, "uphold", {"answer_text": life.say("upheld"), "review_findings": life.say("review_findings")}
        )
        yield from _tell_outcome(life)
        return
    life.move(reviewer, "overturn", {"review_findings": life.say("overturned")})
    yield from _tell_outcome(life)
    yield from work.answer_again(life)


def _tell_outcome(life: Life) -> Story:
    """The client hears the outcome of the review."""
    yield life.before(life.case.review_told_due, 0.2, 0.9)
    life.move(life.handler, "tell_review", {"review_told_at": life.desk.now()})


def close(life: Life) -> Story:
    """Closing with cause and lesson. A few cases are reopened."""
    yield life.soon(3, 16)
    _close(life, ask=True)
    if not life.takes("reopened"):
        return
    yield life.soon(16, 80)
    if life.case.stage != "closed":
        return
    life.move(life.world.actor("manager"), "reopen", {"reopen_reason": life.say("reopen")})
    yield from work.answer_again(life)
    yield life.soon(4, 12)
    _close(life, ask=False)


def _close(life: Life, *, ask: bool) -> None:
    rng, topic = life.rng, life.dossier.topic
    refused = life.takes("disputed") and rng.random() < 0.5
    values = {
        "cause": rng.choice(topic.causes),
        "answer_accepted": "no" if refused or rng.random() < _NOT_ACCEPTED else "yes",
    }
    if values["answer_accepted"] == "no":
        values["close_reason"] = life.say("close_anyway")
    if rng.random() < 0.6:
        values["lesson"] = rng.choice(topic.lessons)
    plan_calls(life, life.move(life.handler, "close", values))
    if ask:
        life.world.agenda.add(survey_story(life, Random(rng.random())))

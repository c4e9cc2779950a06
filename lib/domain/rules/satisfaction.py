"""The survey: its questions as configuration, CSAT, and what counts as a low score (ISO 10004; domain defaults)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from lib.domain.configured import Configured, Labelled
from lib.domain.records.case_parts import Survey
from lib.domain.records.fields import columns


class Question(Labelled):
    """One question; `key` is the field of Survey that holds the answer. `low` and below is a low score."""

    key: str
    lowest: int
    highest: int
    low: int | None = None
    required: bool = False
    low_zh: str
    low_en: str
    high_zh: str
    high_en: str

    @property
    def scores(self) -> range:
        """Every score of the scale, from the lowest."""
        return range(self.lowest, self.highest + 1)


class SurveyConfig(Configured):
    """config/survey.toml."""

    csat_from: int = Field(ge=1, le=5)
    question: tuple[Question, ...]

    @model_validator(mode="after")
    def _known(self) -> Self:
        for question in self.question:
            if question.key not in columns(Survey):
                facts = {"at": f"question.{question.key}", "key": question.key}
                raise PydanticCustomError("value_error", "no such question: {key}", facts)
        return self

    def low(self, answers: Mapping[str, int | None]) -> tuple[Question, ...]:
        """The questions that were answered with a low score, in order."""
        return tuple(
            question
            for question in self.question
            if question.low is not None and (value := answers.get(question.key)) is not None and value <= question.low
        )

    def low_in(self, survey: Survey) -> tuple[Question, ...]:
        """The questions of a survey that were answered with a low score, in order."""
        return self.low({question.key: getattr(survey, question.key) for question in self.question})

    def is_good(self, score: Any) -> Any:
        """Whether a score counts as satisfied; of a column of scores each."""
        return score >= self.csat_from


CSAT_QUESTION = "outcome"
"""CSAT is taken from the question about the result; the handling is reported beside it."""
HANDLING_QUESTION = "process"
PROMOTER, DETRACTOR = 9, 6
"""Scores from which a client recommends, and up to which they do not (F. F. Reichheld 2003)."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval: `hits` of `total`; all None where nobody answered."""

    hits: int
    total: int
    value: float | None
    low: float | None
    high: float | None

    def against(self, target: float) -> Literal["met", "missed", "unsure"]:
        """Whether the target is met; unsure where the interval leaves doubt, for want of answers."""
        if self.low is None or self.high is None or self.low < target <= self.high:
            return "unsure"
        return "met" if self.low >= target else "missed"


def wilson(hits: int, total: int, *, z: float = 1.96) -> Share:
    """A share with the Wilson score interval (E. B. Wilson 1927), right also for few answers."""
    if total == 0:
        return Share(0, 0, None, None, None)
    share = hits / total
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    centre, scale = share + z * z / (2 * total), 1 + z * z / total
    return Share(hits, total, share, max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale))


def given(surveys: Iterable[Survey], question: str) -> list[int]:
    """The answers to a question, of those who answered it."""
    return [value for survey in surveys if (value := getattr(survey, question)) is not None]


def counts_for_handler(survey: Survey) -> bool:
    """Whether an answer counts for the person who handled the case: not one that they took down themselves."""
    own_record = survey.source == "phone" and survey.recorded_by == survey.handler
    return survey.answered_at is not None and not own_record


def csat(surveys: Iterable[Survey], config: SurveyConfig, *, question: str = CSAT_QUESTION) -> Share:
    """CSAT: the share of good scores (4 and 5 by default) among those who answered the question."""
    answers = given(surveys, question)
    return wilson(sum(map(config.is_good, answers)), len(answers))


def net_promoter_score(surveys: Iterable[Survey]) -> float | None:
    """NPS from -100 to 100: the percentage of promoters less that of detractors; None where nobody was asked."""
    scores = given(surveys, "recommend")
    if not scores:
        return None
    balance = sum(score >= PROMOTER for score in scores) - sum(score <= DETRACTOR for score in scores)
    return 100 * balance / len(scores)

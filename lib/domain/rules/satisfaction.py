"""The survey: its questions as configuration, CSAT, and what counts as a low score (ISO 10004; domain defaults)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Self

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

    def is_low(self, answers: Mapping[str, int | None]) -> bool:
        """Whether any answer is a low score."""
        return any(
            question.low is not None and (value := answers.get(question.key)) is not None and value <= question.low
            for question in self.question
        )


CSAT_QUESTION = "outcome"
"""CSAT is taken from the question about the result; the handling is reported beside it."""
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


def wilson(hits: int, total: int, *, z: float = 1.96) -> Share:
    """A share with the Wilson score interval (E. B. Wilson 1927), right also for few answers."""
    if total == 0:
        return Share(0, 0, None, None, None)
    share = hits / total
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    centre, scale = share + z * z / (2 * total), 1 + z * z / total
    return Share(hits, total, share, max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale))


def csat(surveys: Iterable[Survey], config: SurveyConfig, *, question: str = CSAT_QUESTION) -> Share:
    """CSAT: the share of 4 and 5 among those who answered the question."""
    answers = [value for survey in surveys if (value := getattr(survey, question)) is not None]
    return wilson(sum(value >= config.csat_from for value in answers), len(answers))


def net_promoter_score(surveys: Iterable[Survey]) -> float | None:
    """NPS from -100 to 100: the percentage of promoters less that of detractors; None where nobody was asked."""
    given = [survey.recommend for survey in surveys if survey.recommend is not None]
    if not given:
        return None
    balance = sum(score >= PROMOTER for score in given) - sum(score <= DETRACTOR for score in given)
    return 100 * balance / len(given)

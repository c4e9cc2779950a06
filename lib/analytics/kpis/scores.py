"""What the answers of clients come to: of all together, by person, by department, and score by score."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from lib.domain.records.case_parts import Survey
from lib.domain.rules.satisfaction import (
    HANDLING_QUESTION,
    Question,
    Share,
    SurveyConfig,
    counts_for_handler,
    csat,
    given,
    net_promoter_score,
)


@dataclass(frozen=True, slots=True)
class Scores:
    """CSAT of the result and of the handling, NPS with the number of those who answered its question, and means; None
    where nobody answered."""

    result: Share
    handling: Share
    nps: float | None
    recommending: int
    effort: float | None
    attitude: float | None
    speed: float | None


@dataclass(frozen=True, slots=True)
class ScoreCount:
    """How many gave a score; their share of all answers to the question, and that of the lower scores."""

    score: int
    count: int
    share: float
    below: float


def scores_of(surveys: Sequence[Survey], config: SurveyConfig) -> Scores:
    return Scores(
        result=csat(surveys, config),
        handling=csat(surveys, config, question=HANDLING_QUESTION),
        nps=net_promoter_score(surveys),
        recommending=len(given(surveys, "recommend")),
        effort=_mean(surveys, "effort"),
        attitude=_mean(surveys, "attitude"),
        speed=_mean(surveys, "speed"),
    )


def by_handler(surveys: Iterable[Survey], config: SurveyConfig) -> Mapping[str, Scores]:
    """The scores of everybody who handled a rated case, by staff id; what they took down themselves does not count."""
    return _grouped((survey for survey in surveys if survey.handler), "handler", config, counts_for_handler)


def by_department(surveys: Iterable[Survey], config: SurveyConfig) -> Mapping[str, Scores]:
    """The scores of each department, by its code; "" for none."""
    return _grouped(surveys, "department", config)


def spread(surveys: Iterable[Survey], question: Question) -> list[ScoreCount]:
    """Every score of the question's scale, from the lowest; also those that nobody gave."""
    counts = Counter(given(surveys, question.key))
    total, below, found = counts.total() or 1, 0, []
    for score in question.scores:
        found.append(ScoreCount(score, counts[score], counts[score] / total, below / total))
        below += counts[score]
    return found


def _grouped(
    surveys: Iterable[Survey], field: str, config: SurveyConfig, counts: Callable[[Survey], bool] = lambda _: True
) -> Mapping[str, Scores]:
    found: dict[str, list[Survey]] = {}
    for survey in surveys:
        group = found.setdefault(getattr(survey, field), [])
        if counts(survey):
            group.append(survey)
    return {name: scores_of(found[name], config) for name in sorted(found)}


def _mean(surveys: Iterable[Survey], question: str) -> float | None:
    values = given(surveys, question)
    return fmean(values) if values else None

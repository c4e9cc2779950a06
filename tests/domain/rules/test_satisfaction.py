"""Figures of the answers, by hand."""

import pytest

from lib.config.settings import load_config, load_settings
from lib.domain.records.case_parts import Survey
from lib.domain.rules.satisfaction import Share, csat, net_promoter_score, wilson
from tests.support import MONDAY


def answers(*scores: int | None) -> list[Survey]:
    return [
        Survey(survey_id=f"s{n}", case_no="TS-1", sent_at=MONDAY, expires_at=MONDAY, recommend=score)
        for n, score in enumerate(scores)
    ]


@pytest.mark.parametrize(
    ("scores", "score"),
    [
        ((), None),
        ((None,), None),
        ((10, 9), 100),
        ((0, 6), -100),
        ((7, 8), 0),
        ((10, 9, 8, 7, 6), 20),
        ((9, None, 3, 3), -100 / 3),
    ],
)
def test_net_promoter_score(scores: tuple[int | None, ...], score: float | None) -> None:
    assert net_promoter_score(answers(*scores)) == (None if score is None else pytest.approx(score))


CONFIG = load_config(load_settings()).survey


def rated(*outcomes: int | None) -> list[Survey]:
    return [
        survey.model_copy(update={"outcome": score}) for survey, score in zip(answers(*outcomes), outcomes, strict=True)
    ]


def test_csat_is_the_share_of_good_scores_among_those_given() -> None:
    found = csat(rated(5, 4, 4, 3, None), CONFIG)
    assert (found.hits, found.total, found.value) == (3, 4, 0.75)
    assert csat(rated(5, 4, 4, 3), CONFIG.model_copy(update={"csat_from": 5})).hits == 1


@pytest.mark.parametrize(
    ("share", "judged"),
    [
        (wilson(0, 0), "unsure"),
        (wilson(3, 4), "unsure"),  # 30 % to 95 %
        (wilson(99, 100), "met"),  # 95 % to 100 %
        (wilson(50, 100), "missed"),  # 40 % to 60 %
        (Share(1, 1, 0.9, 0.85, 0.95), "met"),
        (Share(1, 1, 0.8, 0.7, 0.85), "unsure"),
    ],
)
def test_a_target_is_met_or_missed_where_the_interval_leaves_no_doubt(share: Share, judged: str) -> None:
    assert share.against(0.85) == judged


def test_a_low_score_is_judged_question_by_question() -> None:
    survey = rated(2)[0].model_copy(update={"speed": 1, "attitude": 3, "effort": 1})
    assert [question.key for question in CONFIG.low_in(survey)] == ["outcome", "speed"]
    assert CONFIG.low({"outcome": 3, "speed": None}) == ()

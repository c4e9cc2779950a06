"""Figures of the answers, by hand."""

import pytest

from lib.domain.records.case_parts import Survey
from lib.domain.rules.satisfaction import net_promoter_score
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

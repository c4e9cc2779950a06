"""What the answers come to, by hand."""

from lib.analytics.kpis.scores import ScoreCount, by_department, by_handler, scores_of, spread
from lib.domain.records.case_parts import Survey
from tests.analytics.sample import CONFIG, NOW


def survey(number: int, **values: object) -> Survey:
    return Survey.model_validate(
        {"survey_id": f"s{number}", "case_no": "TS-1", "sent_at": NOW, "expires_at": NOW, "answered_at": NOW, **values}
    )


SURVEYS = [
    survey(1, handler="a", department="sales", outcome=5, process=2, speed=4, effort=1, recommend=10),
    survey(2, handler="a", department="sales", outcome=1, process=5, effort=2, recommend=0),
    survey(3, handler="a", department="", outcome=5, source="phone", recorded_by="a"),
    survey(4, handler="b", department="", outcome=4, source="phone", recorded_by="b"),
    survey(5, handler="", department="sales", outcome=3, recommend=9),
]


def test_all_together() -> None:
    found = scores_of(SURVEYS, CONFIG.survey)
    assert (found.result.hits, found.result.total) == (3, 5)
    assert (found.handling.hits, found.handling.total) == (1, 2)
    assert (found.effort, found.speed, found.attitude) == (1.5, 4.0, None)
    assert (round(found.nps or 0, 6), found.recommending) == (round(100 / 3, 6), 3)
    empty = scores_of([], CONFIG.survey)
    assert (empty.result.value, empty.nps, empty.effort, empty.recommending) == (None, None, None, 0)


def test_what_people_took_down_themselves_does_not_count_for_them() -> None:
    """Somebody who took down all answers stands in the table without a score."""
    found = by_handler(SURVEYS, CONFIG.survey)
    assert {who: (scores.result.hits, scores.result.total) for who, scores in found.items()} == {
        "a": (1, 2),
        "b": (0, 0),
    }


def test_by_department_every_answer_counts() -> None:
    found = by_department(SURVEYS, CONFIG.survey)
    assert {code: (one.result.hits, one.result.total) for code, one in found.items()} == {"": (2, 2), "sales": (1, 3)}


def test_the_spread_has_every_score_and_adds_up() -> None:
    outcome = next(question for question in CONFIG.survey.question if question.key == "outcome")
    assert spread(SURVEYS, outcome) == [
        ScoreCount(1, 1, 0.2, 0.0), ScoreCount(2, 0, 0.0, 0.2), ScoreCount(3, 1, 0.2, 0.2), ScoreCount(4, 1, 0.2, 0.4),
        ScoreCount(5, 2, 0.4, 0.6),
    ]  # fmt: skip
    assert {one.count for one in spread([], outcome)} == {0}

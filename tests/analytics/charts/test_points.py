from datetime import date, timedelta

from lib.analytics.charts import points
from lib.analytics.kpis.review import Review
from lib.domain.records.case_parts import Survey
from tests.analytics.charts.test_figures import LISTS
from tests.analytics.kpis.test_definitions import Slowly
from tests.analytics.sample import CONFIG, NOW, RULES, case_table, random_cases, survey_table

WEEK = date(2026, 3, 16)
CASES = random_cases(8, 200)


def review(surveys: list[Survey]) -> Review:
    tables = case_table(CASES), survey_table(surveys)
    return Review(*tables, WEEK, NOW, RULES, CONFIG.survey, 0.85, LISTS, "en")


def test_overdue_cases_the_most_urgent_first_then_the_oldest() -> None:
    late = [case for case in CASES if Slowly(CASES, [], WEEK).is_late(case)]
    assert len({case.priority for case in late}) > 1
    expected = sorted(late, key=lambda case: (case.priority, case.taken_at))
    assert points.overdue(review([])) == tuple(case.case_no for case in expected)


def test_low_scores_are_those_of_the_survey_configuration_in_this_week() -> None:
    at = NOW - timedelta(hours=2)
    answers = [
        {"outcome": 2},
        {"outcome": 5, "speed": 1},
        {"outcome": 3},
        {"outcome": 5, "effort": 1},  # effort has no low score
        {"outcome": 1, "answered_at": at - timedelta(days=7)},
    ]
    surveys = [
        Survey.model_validate(
            {"survey_id": str(i), "case_no": f"TS-{i}", "sent_at": at, "expires_at": NOW, "answered_at": at, **answer}
        )
        for i, answer in enumerate(answers)
    ]
    assert set(points.low_scores(review(surveys))) == {"TS-0", "TS-1"}


def test_unassigned_for_more_than_a_working_day() -> None:
    waiting = [
        case
        for case in CASES
        if not case.assignee
        and CONFIG.workflow.stages[case.stage].phase == "open"
        and RULES.calendar.between(case.taken_at, NOW) > RULES.calendar.nominal_day
    ]
    expected = tuple(case.case_no for case in sorted(waiting, key=lambda case: case.taken_at))
    assert expected
    assert points.unassigned(review([])) == expected

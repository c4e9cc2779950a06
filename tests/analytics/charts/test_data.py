"""The rows of each chart against a walk over the records."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from lib.analytics.charts import data as chart_data
from lib.analytics.frames import weeks
from lib.analytics.frames.earlier import Earlier
from lib.domain.clocks.clocks import CLOCKS
from lib.domain.rules.satisfaction import wilson
from tests.analytics.kpis.test_definitions import Slowly
from tests.analytics.sample import CONFIG, NOW, RULES, ZONE, case_table, random_cases, random_surveys, survey_table

CASES = random_cases(7, 500)
SURVEYS = random_surveys(7, CASES)
TABLE = case_table(CASES)
EARLIER = Earlier.of(TABLE)
WEEK = date(2026, 3, 16)
START = weeks.bounds(WEEK - timedelta(days=28), ZONE)[0]


def inside(at: datetime | None) -> bool:
    return at is not None and START <= at < NOW


def test_flow_agrees_with_the_figures_of_each_week() -> None:
    shown = weeks.last_weeks(WEEK, 14)
    rows = chart_data.flow(TABLE, EARLIER, shown, NOW, RULES.calendar).set_index("week")
    for week in shown:
        slowly = Slowly(CASES, SURVEYS, week).figures()
        found = {"intake": rows["taken"][week], "closed": rows["closed"][week], "backlog": rows["backlog"][week]}
        assert found == {key: slowly[key][0] for key in found}, week


def test_pareto_ranks_and_adds_up() -> None:
    counts = Counter(case.category for case in CASES if case.category and inside(case.taken_at))
    rows = chart_data.pareto(TABLE, "category", "taken_at", START, NOW)
    assert dict(zip(rows["code"], rows["count"], strict=True)) == counts
    assert rows["count"].is_monotonic_decreasing
    assert rows["cumulative"].iloc[-1] == pytest.approx(1)
    assert rows["share"].iloc[0] == pytest.approx(max(counts.values()) / counts.total())


def test_pareto_of_the_commonest_only_keeps_shares_of_all() -> None:
    rows = chart_data.pareto(TABLE, "category", "taken_at", START, NOW, top=1)
    assert len(rows) == 1
    assert rows["cumulative"].iloc[-1] < 1


def test_ageing_counts_every_open_case_once() -> None:
    rows = chart_data.ageing(TABLE, EARLIER, NOW)
    slowly = Slowly(CASES, SURVEYS, WEEK)
    still_open = [case for case in CASES if slowly.still_open(case)]
    counts = Counter(
        (sum((NOW - case.taken_at) > timedelta(days=bound) for bound in chart_data.AGES), case.priority)
        for case in still_open
    )
    found = {(row.bucket, row.priority): row.count for row in rows.itertuples(index=False) if row[2]}
    assert {
        key: rows["count"][(rows["bucket"] == key[0]) & (rows["priority"] == key[1])].item() for key in found
    } == counts
    assert rows["count"].sum() == len(still_open)


def test_satisfaction_by_week() -> None:
    shown = weeks.last_weeks(WEEK, 8)
    rows = chart_data.satisfaction(survey_table(SURVEYS), shown, RULES.calendar, CONFIG.survey).set_index("week")
    for week in shown:
        start, end = weeks.bounds(week, ZONE)
        scores = [s.outcome for s in SURVEYS if s.outcome and s.answered_at and start <= s.answered_at < end]
        if not scores:
            assert week not in rows.index
            continue
        expected = wilson(sum(score >= 4 for score in scores), len(scores))
        assert rows.loc[week].tolist() == [expected.value, expected.low, expected.high, expected.hits, expected.total]


def test_arrivals_by_the_clock_of_the_workspace() -> None:
    counts = Counter((case.taken_at.weekday(), case.taken_at.hour) for case in CASES if inside(case.taken_at))
    rows = chart_data.arrivals(TABLE, START, NOW)
    assert len(rows) == 7 * 24
    assert {(day, hour): count for day, hour, count in rows.itertuples(index=False) if count} == counts


def test_sla_by_department_adds_up_to_the_whole() -> None:
    rows = chart_data.sla(TABLE, EARLIER, START, NOW, RULES.workflow)
    slowly = Slowly(CASES, SURVEYS, WEEK)
    slowly.start, slowly.until = START, NOW
    for clock in CLOCKS:
        value, missed = slowly.on_time(clock)
        mine = rows[rows["clock"] == clock]
        assert mine["total"].sum() - mine["met"].sum() == len(missed)
        assert mine["met"].sum() / mine["total"].sum() == pytest.approx(value)


def test_durations_in_working_days() -> None:
    rows = chart_data.durations(TABLE, EARLIER, START, NOW, RULES.calendar)
    day = RULES.calendar.nominal_day
    taken = [
        RULES.calendar.between(case.taken_at, case.answered_at) / day
        for case in CASES
        if case.answered_at and inside(case.answered_at)
    ]
    counts = Counter(sum(days > bound + 1e-9 for bound in chart_data.DURATIONS) for days in taken)
    assert {bucket: count for bucket, count in rows.itertuples(index=False) if count} == counts


def test_nothing_to_show() -> None:
    table, surveys, shown = case_table([]), survey_table([]), weeks.last_weeks(WEEK, 4)
    none = Earlier.of(table)
    assert chart_data.flow(table, none, shown, NOW, RULES.calendar)["taken"].tolist() == [0, 0, 0, 0]
    assert chart_data.pareto(table, "category", "taken_at", START, NOW).empty
    assert chart_data.ageing(table, none, NOW)["count"].sum() == 0
    assert chart_data.satisfaction(surveys, shown, RULES.calendar, CONFIG.survey).empty
    assert chart_data.sla(table, none, START, NOW, RULES.workflow).empty
    assert chart_data.durations(table, none, START, NOW, RULES.calendar)["count"].sum() == 0
    assert chart_data.arrivals(table, START, NOW)["count"].sum() == 0

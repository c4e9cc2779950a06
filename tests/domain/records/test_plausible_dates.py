"""Dates of a case that cannot be."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lib.domain.records.case import Case
from lib.domain.records.plausible_dates import LEEWAY, date_problems

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
CASE = Case(case_no="TS-2026-000001", taken_at=datetime(2026, 3, 1, 9, 0, 30, tzinfo=UTC), promised_on=date(2026, 2, 1))


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("occurred_on", date(2026, 3, 2), None),
        ("occurred_on", date(2026, 3, 3), "in_future"),
        ("promised_on", date(2026, 3, 2), None),
        ("promised_on", date(2026, 3, 1), "in_the_past"),
        ("promised_on", date(2026, 2, 1), None),  # as it stood
        ("plan_deadline", date(2026, 3, 1), "in_the_past"),
        ("consent_at", NOW + LEEWAY, None),
        ("consent_at", NOW + LEEWAY + timedelta(seconds=1), "in_future"),
        ("contacted_at", datetime(2026, 3, 1, 9, 0, tzinfo=UTC), None),  # the minute of the intake
        ("contacted_at", datetime(2026, 3, 1, 8, 59, tzinfo=UTC), "before_intake"),
        ("review_told_at", NOW + timedelta(days=1), "in_future"),
        ("consent_at", None, None),
    ],
)
def test_a_date_is_judged(name: str, value: Any, code: str | None) -> None:
    found = [(problem.field, problem.code) for problem in date_problems({name: value}, NOW, before=CASE)]
    assert found == ([(name, code)] if code else [])


def test_the_day_is_that_of_the_workspace() -> None:
    early = datetime(2026, 3, 2, 0, 30, tzinfo=ZoneInfo("Asia/Shanghai"))  # still 1 March in UTC
    assert list(date_problems({"occurred_on": date(2026, 3, 2)}, early)) == []

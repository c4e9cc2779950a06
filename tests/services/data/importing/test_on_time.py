"""Imported history in the figures: a closing counts as the answer where the file tells no other time."""

from datetime import date, timedelta

import pytest

from lib.analytics.frames.frames import case_frame
from lib.analytics.kpis.definitions import Value
from lib.analytics.kpis.review import review_of
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.services.data.importing import run_import
from tests.services.data.importing.files import dry_run

WEEK = date(2025, 12, 1)


def figures(desk: Desk, actor: Actor) -> dict[str, Value]:
    return review_of(desk, WEEK, actor=actor, language="en").key_figures()


def history(*rows: str) -> str:
    return "\n".join(["编号,问题描述,受理时间,截止时间,答复时间,结案时间,状态", *rows])


@pytest.mark.trial(7)
def test_closing_in_time_is_resolved_on_time(desk: Desk, people: dict[str, Actor]) -> None:
    """Eight closed in time and two late make 80 %, not 0 of 2."""
    in_time = [f"{n},厨房漏水,2025-12-01 09:00,2025-12-04 18:00,,2025-12-03 10:00,已结案" for n in range(8)]
    late = [f"{n},墙面开裂,2025-12-01 09:00,2025-12-04 18:00,,2025-12-05 10:00,已结案" for n in range(8, 10)]
    run_import(desk, actor=people["manager"], checked=dry_run(desk, people["manager"], history(*in_time, *late)))
    found = figures(desk, people["manager"])
    on_time = found["on_time_resolve"]
    assert (on_time.now.numerator, on_time.now.denominator) == (8, 10)
    assert found["resolve_median"].now.denominator == 10


@pytest.mark.trial(7)
def test_an_answer_that_the_file_tells_counts_and_a_declined_case_does_not(
    desk: Desk, people: dict[str, Actor]
) -> None:
    rows = [
        "1,厨房漏水,2025-12-01 09:00,2025-12-04 18:00,2025-12-03 10:00,2025-12-06 10:00,已结案",
        "2,厨房漏水,2025-12-01 09:00,2025-12-04 18:00,2025-12-05 10:00,2025-12-05 11:00,已结案",
        "3,别家的事,2025-12-01 09:00,2025-12-04 18:00,,2025-12-02 10:00,不予受理",
    ]
    run_import(desk, actor=people["manager"], checked=dry_run(desk, people["manager"], history(*rows)))
    on_time = figures(desk, people["manager"])["on_time_resolve"]
    assert (on_time.now.numerator, on_time.now.denominator) == (1, 2)


@pytest.mark.trial(7)
def test_a_record_is_not_given_a_time_that_nobody_told(desk: Desk, people: dict[str, Actor]) -> None:
    rows = history("1,厨房漏水,2025-12-01 09:00,2025-12-04 18:00,,2025-12-03 10:00,已结案")
    run_import(desk, actor=people["manager"], checked=dry_run(desk, people["manager"], rows))
    [case] = desk.snapshot[Case].values()
    assert case.answered_at is None
    assert case_frame(desk)["answered_at"].iloc[0] - case.taken_at == timedelta(days=2, hours=1)

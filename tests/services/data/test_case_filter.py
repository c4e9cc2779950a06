"""The cases page's filter: to an address and back, and against a plain reading of every case."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.services.data.case_filter import FACETS, ONLY, PERIODS, SORTS, VIEWS, CaseFilter, choose, offered, period_days
from tests.pages.cases_support import accept, assign, take_in
from tests.support import Clock

words = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
filters = st.builds(
    CaseFilter,
    q=words | st.just(""),
    stage=st.sampled_from(("open", "all", "new", "closed")),
    only=st.sets(st.sampled_from(ONLY)).map(lambda chosen: tuple(name for name in ONLY if name in chosen)),
    facets=st.dictionaries(st.sampled_from(FACETS), words, max_size=3),
    period=st.sampled_from(("", *(period for period in PERIODS if period != "custom"))),
    by=st.sampled_from(("taken", "closed")),
    sort=st.sampled_from(SORTS),
    view=st.sampled_from(("", *VIEWS)),
    cols=st.lists(words, max_size=3).map(tuple),
    page=st.integers(1, 10_000),
)


@given(filters)
def test_an_address_means_the_filter_it_came_from(wanted: CaseFilter) -> None:
    assert CaseFilter.from_query(wanted.to_query()) == wanted


@given(days, days)
def test_days_of_ones_own_choice_travel_too(start: date, end: date) -> None:
    wanted = CaseFilter(period="custom", start=start, end=end)
    assert CaseFilter.from_query(wanted.to_query()) == wanted


@given(st.dictionaries(st.sampled_from(("q", "stage", "only", "from", "to", "page", "sort", "category")), st.text()))
def test_no_address_breaks_it(query: dict[str, str]) -> None:
    assert CaseFilter.from_query(query).page >= 1


@given(days)
def test_periods_follow_each_other(today: date) -> None:
    for this, last in (("week", "last_week"), ("month", "last_month")):
        start, _ = period_days(CaseFilter(period=this), today)
        before, until = period_days(CaseFilter(period=last), today)
        assert start is not None
        assert before is not None
        assert until == start - timedelta(days=1)
        assert before < start <= today


@pytest.fixture
def some(desk: Desk, people: dict[str, Actor], clock: Clock) -> list[str]:
    made = []
    for n, (community, category) in enumerate(
        [("甲园", "quality.leak"), ("乙园", "quality.crack"), ("甲园", "fees")] * 3
    ):
        made.append(take_in(desk, people["intake"], community=community, description=f"报告 {n}"))
        if n % 3:
            accept(desk, people["manager"], made[-1], category)
        if n % 3 == 2:
            assign(desk, people["manager"], made[-1], "handler" if n > 4 else "handler2")
        clock.forward(days=1)
    return made


def chosen(desk: Desk, actor: Actor, **wanted: object) -> list[str]:
    return choose(desk, CaseFilter(**wanted), actor=actor, now=desk.now()).numbers()  # type: ignore[arg-type]


def test_filters_say_what_a_plain_reading_says(desk: Desk, people: dict[str, Actor], some: list[str]) -> None:
    boss, cases = people["manager"], desk.snapshot[Case].values()
    expected = {case.case_no for case in cases if case.category.startswith("quality")}
    assert set(chosen(desk, boss, facets={"category": "quality"})) == expected
    mine = {case.case_no for case in cases if case.assignee == "handler"}
    assert set(chosen(desk, people["handler"], only=("mine",))) == mine
    late = {case.case_no for case in cases if (due := desk.config.workflow.next_due(case)) and due < desk.now()}
    assert set(chosen(desk, boss, only=("late",))) == late
    assert len(late) > 1


def test_the_period_counts_whole_days_of_the_workspace(desk: Desk, people: dict[str, Actor], some: list[str]) -> None:
    day = desk.snapshot[Case][some[4]].taken_at.date()
    assert chosen(desk, people["manager"], period="custom", start=day, end=day) == [some[4]]


def test_orders(desk: Desk, people: dict[str, Actor], some: list[str]) -> None:
    boss = people["manager"]
    assert chosen(desk, boss, sort="newest") == some[::-1]
    assert chosen(desk, boss, sort="oldest") == some
    dues = [desk.config.workflow.next_due(desk.snapshot[Case][number]) for number in chosen(desk, boss)]
    assert dues == sorted(dues, key=lambda due: (due is None, due))
    ranks = [desk.snapshot[Case][number].priority for number in chosen(desk, boss, sort="priority")]
    assert ranks == sorted(ranks)


def test_counts_leave_the_stage_itself_out(desk: Desk, people: dict[str, Actor], some: list[str]) -> None:
    found = choose(desk, CaseFilter(stage="new"), actor=people["manager"], now=desk.now())
    assert (len(found), found.total, found.open) == (3, 9, 9)
    assert found.counts == {"new": 3, "accepted": 3, "assigned": 3}


@pytest.mark.trial(10)
def test_a_community_is_chosen_with_all_its_spellings(desk: Desk, people: dict[str, Actor]) -> None:
    boss = people["manager"]
    one, other, third = (
        take_in(desk, people["intake"], community=name, description=name)
        for name in ("阳光花园", "阳光花园小区", "阳光新城")
    )
    assert set(chosen(desk, boss, facets={"community": "阳光花园"})) == {one, other}
    assert set(chosen(desk, boss, facets={"community": "阳光花园小区"})) == {one, other}
    frame = choose(desk, CaseFilter(), actor=boss, now=desk.now()).frame
    assert offered(frame, np.ones(len(frame), dtype=bool), "community") == ["阳光新城", "阳光花园"]
    assert third

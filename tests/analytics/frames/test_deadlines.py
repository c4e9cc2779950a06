"""The next deadlines of many cases are those that are worked out for each."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.analytics.frames.columns import NO_TIME, ticks
from lib.analytics.frames.deadlines import deadlines, due_times, reached, soon, used_shares
from lib.analytics.frames.frames import case_frame
from lib.analytics.frames.working_time import shifted, worked_between
from lib.desk.desk import Desk
from lib.domain.clocks.clocks import CLOCKS, Clock, due_at
from lib.domain.records.case import Case
from lib.domain.records.severity import PRIORITIES
from lib.domain.rules.permissions import Actor
from lib.domain.time.work_calendar import WorkCalendar
from lib.domain.time.work_hours import CalendarConfig
from lib.services.alerts.deadlines import next_deadline
from lib.store.commit.batch import create
from tests.analytics.sample import NOW, RULES, random_cases

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CALENDARS = [
    RULES.calendar,
    WorkCalendar(
        CalendarConfig.model_validate(
            {"timezone": "Europe/Berlin", "weekly": {"mon": ["22:00-24:00"], "sun": ["01:00-04:00", "09:00-17:00"]}}
        )
    ),
]
MOMENTS = st.datetimes(
    datetime(2024, 12, 1),  # noqa: DTZ001 - the bounds have no zone
    datetime(2026, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
DAYS = timedelta(days=40)


def tick(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


@given(st.sampled_from(CALENDARS), st.lists(st.tuples(MOMENTS, st.timedeltas(-DAYS, DAYS)), max_size=6))
def test_sums_of_many(calendar: WorkCalendar, pairs: list[tuple[datetime, timedelta]]) -> None:
    fresh = WorkCalendar(calendar.config)
    starts, by = [tick(start) for start, _ in pairs], [length // MICROSECOND for _, length in pairs]
    found = shifted(starts, by, fresh)
    assert list(found) == [tick(calendar.shift(start, length)) for start, length in pairs]
    worked = [calendar.between(start, start + length) // MICROSECOND for start, length in pairs]
    ends = [tick(start + length) for start, length in pairs]
    assert list(worked_between(starts, ends, fresh)) == worked


@pytest.fixture
def filled(desk: Desk, people: dict[str, Actor]) -> Desk:
    """Three hundred cases in every stage, with times that chance made."""
    desk.save(people["manager"], [create(case.model_copy(update={"branch": ""})) for case in random_cases(7, 300)])
    return desk


@pytest.mark.parametrize("now", [NOW, NOW.replace(hour=23), NOW - timedelta(days=30), NOW + timedelta(days=30)])
def test_every_case_as_if_it_were_alone(filled: Desk, now: datetime) -> None:
    found = deadlines(case_frame(filled), filled.rules)
    shares = used_shares(found, now, filled.calendar)
    late, warned, running = 0, 0, 0
    for at, case in enumerate(filled.snapshot[Case].values()):
        alone = next_deadline(filled, case, now)
        if alone is None:
            assert (found.clock[at], found.due[at]) == (-1, NO_TIME)
            assert np.isnan(shares[at])
            continue
        assert (CLOCKS[found.clock[at]], found.due[at]) == (alone.clock, tick(alone.due))
        assert shares[at] == pytest.approx(alone.used, rel=1e-12)
        running, late, warned = running + 1, late + (shares[at] >= 1), warned + (alone.state == "soon")
    assert running > 50
    assert soon(case_frame(filled), now, filled.rules).sum() == warned
    assert late + warned


@pytest.mark.parametrize("share", [0.25, 0.75, 1.0, 1.5])
def test_a_share_is_reached_when_so_much_is_used(filled: Desk, share: float) -> None:
    found = deadlines(case_frame(filled), filled.rules)
    moments = reached(found, share, filled.calendar)
    assert ((moments == NO_TIME) == ~found.runs).all()
    for at in np.flatnonzero(found.runs)[:40]:
        moment = EPOCH + MICROSECOND * int(moments[at])
        assert used_shares(found, moment, filled.calendar)[at] == pytest.approx(share)
        assert used_shares(found, moment - timedelta(seconds=1), filled.calendar)[at] < share


@pytest.mark.parametrize("name", CLOCKS)
def test_due_times_of_many(filled: Desk, name: Clock) -> None:
    frame, rules = case_frame(filled), filled.rules
    found = due_times(ticks(frame["taken_at"]), frame, name, rules)
    cases = filled.snapshot[Case].values()
    alone = [tick(due_at(name, case.priority, case.taken_at, rules.calendar, rules.sla)) for case in cases]
    assert list(found) == alone
    assert {case.priority for case in cases} == set(PRIORITIES)


def test_no_sums() -> None:
    assert len(shifted([], [], CALENDARS[0])) == 0
    assert len(worked_between([], [], CALENDARS[0])) == 0


def test_an_empty_workspace(desk: Desk) -> None:
    found = deadlines(case_frame(desk), desk.rules)
    assert len(used_shares(found, NOW, desk.calendar)) == 0
    assert len(reached(found, 0.75, desk.calendar)) == 0

"""A changed calendar: the clocks that run follow in one commit, the change is listed, promises are named and stay."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.workspace import CalendarDay
from lib.domain.rules.permissions import Actor, system_actor
from lib.jobs.escalation import Escalation
from lib.services.alerts.deadlines import is_confirmed, next_deadline
from lib.services.cases import handling
from lib.services.cases.reporting import report
from lib.services.workspace import lists
from lib.services.workspace.calendar_changes import Promise, follow_calendar, latest_changes
from lib.store.commit.batch import create, edit
from tests.cases import answered, assigned, closed, move, take_in
from tests.support import MONDAY, ZONE, Clock, open_workspace

People = dict[str, Actor]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def now_of(desk: Desk, case: Case) -> Case:
    return desk.snapshot[Case][case.case_no]


def close_days(desk: Desk, people: People, first: date, count: int) -> None:
    last = first + timedelta(days=count - 1)
    lists.set_day(desk, actor=people["manager"], day=first, until=last, name="停电检修")


@pytest.mark.trial(11)
def test_days_closed_in_settings_move_what_runs(desk: Desk, people: People) -> None:
    case = assigned(desk, people)  # on Monday 2 March at ten; P3: seven days
    assert case.resolve_due == at("2026-03-09 10:00")

    close_days(desk, people, date(2026, 3, 3), 6)

    moved = now_of(desk, case)
    assert moved.resolve_due == at("2026-03-15 10:00")
    assert moved.plan_due == at("2026-03-10 10:00")  # two days from Monday: what is left of it, the 9th, the 10th
    assert moved.contact_due == case.contact_due
    found = next_deadline(desk, moved.model_copy(update={"contacted_at": MONDAY, "planned_at": MONDAY}), desk.now())
    assert found is not None
    assert (found.due, found.used) == (moved.resolve_due, 0)


@pytest.mark.trial(11)
def test_it_is_one_commit_and_the_case_tells_of_it(desk: Desk, people: People) -> None:
    case = assigned(desk, people)
    seq = desk.snapshot.seq
    lists.set_day(desk, actor=people["manager"], day=date(2026, 3, 3), name="停电检修")
    assert desk.snapshot.seq == seq + 1
    [line] = [line for line in desk.history(case_no=case.case_no) if line.action == "calendar"]
    assert '"resolve_due":["2026-03-09T10:00:00+08:00","2026-03-10T10:00:00+08:00"]' in line.changes
    assert line.audience == "internal"
    [told] = latest_changes(desk)
    assert told.cases == 1
    assert {(one.field, one.after - one.before) for one in told.moved} == {
        ("plan_due", timedelta(days=1)),
        ("resolve_due", timedelta(days=1)),
    }


@pytest.mark.trial(11)
def test_a_day_taken_back_moves_them_back(desk: Desk, people: People) -> None:
    case = assigned(desk, people)
    close_days(desk, people, date(2026, 3, 3), 6)
    for n in range(6):
        lists.clear_day(desk, actor=people["manager"], day=date(2026, 3, 3) + timedelta(days=n))
    assert (now_of(desk, case).resolve_due, now_of(desk, case).plan_due) == (case.resolve_due, case.plan_due)


@pytest.mark.trial(11)
def test_a_clock_whose_start_is_known_follows_a_day_that_has_passed(desk: Desk, people: People, clock: Clock) -> None:
    complaint = assigned(desk, people, kind="complaint")
    assert complaint.resolve_due == at("2026-03-09 10:00")
    clock.forward(days=2)
    lists.set_day(desk, actor=people["manager"], day=date(2026, 3, 3), name="停电")
    assert now_of(desk, complaint).resolve_due == at("2026-03-10 10:00")


@pytest.mark.trial(11)
def test_what_waits_follows_and_what_has_ended_or_counts_day_and_night_stays(
    desk: Desk, people: People, clock: Clock
) -> None:
    waits = move(
        desk, people["handler"], assigned(desk, people), "wait", wait_reason="等配件", promised_on=desk.today()
    )
    done, over = answered(desk, people), closed(desk, people)
    urgent = take_in(desk, people["intake"], priority="P1")
    close_days(desk, people, date(2026, 3, 3), 1)
    assert now_of(desk, waits).resolve_due == at("2026-03-10 10:00")
    assert now_of(desk, done) == done
    assert now_of(desk, over) == over
    assert now_of(desk, urgent).contact_due == urgent.contact_due
    assert now_of(desk, urgent).resolve_due == at("2026-03-04 10:00")  # a P1 is resolved within a working day


@pytest.mark.trial(11)
def test_a_day_promised_to_a_client_is_named_and_stays(desk: Desk, people: People) -> None:
    day = date(2026, 3, 4)
    waits = move(desk, people["handler"], assigned(desk, people), "wait", wait_reason="等配件", promised_on=day)
    handling.edit_facts(
        desk, actor=people["manager"], case=assigned(desk, people), values={"visit_at": at("2026-03-04 10:00")}
    )
    close_days(desk, people, date(2026, 3, 3), 2)

    [found] = latest_changes(desk)
    assert Promise(waits.case_no, "promised_on", day) in found.promises
    assert {one.field for one in found.promises} == {"promised_on", "visit_at"}
    assert now_of(desk, waits).promised_on == day


@pytest.mark.trial(11)
def test_the_answer_promised_on_a_receipt_is_named(desk: Desk, people: People, clock: Clock) -> None:
    clock.now = at("2026-03-02 18:00")
    values = {"kind": "repair", "client_name": "王小明", "client_phone": "19900001234", "description": "门坏了"}
    number = report(desk, values=values, consent=True).first("cases")
    close_days(desk, people, date(2026, 3, 3), 1)
    [found] = latest_changes(desk)
    assert found.promises == (Promise(number, "acknowledge_due", date(2026, 3, 3)),)


@pytest.mark.trial(11)
def test_a_day_typed_into_the_sheet_is_followed_by_the_job(desk: Desk, people: People) -> None:
    follow_calendar(desk, start=True)
    case = assigned(desk, people)
    desk.save(system_actor(), [create(CalendarDay(day="2026-03-03", name="停电"), action="added_in_sheet")])
    assert now_of(desk, case).resolve_due == case.resolve_due
    Escalation(desk).once()
    assert now_of(desk, case).resolve_due == at("2026-03-10 10:00")
    row = desk.snapshot[CalendarDay]["2026-03-03"]
    desk.save(system_actor(), [edit(row, {"spans": "09:00-12:00 13:30-18:30"}, action="edited_in_sheet")])
    assert follow_calendar(desk) == 1
    assert now_of(desk, case).resolve_due == case.resolve_due
    seq = desk.snapshot.seq
    assert follow_calendar(desk) == 0
    assert follow_calendar(desk, start=True) == 0
    assert desk.snapshot.seq == seq, "a look that finds nothing new writes nothing"


@pytest.mark.trial(11)
def test_a_year_that_is_announced_moves_the_deadlines_in_it(desk: Desk, people: People, clock: Clock) -> None:
    """Due 4 January, unconfirmed; the notice makes 1 to 3 January days of rest."""
    calendar = desk.config.calendar
    assert calendar.announced is not None
    year = max(calendar.announced) + 1
    clock.now = datetime(year - 1, 12, 28, 10, tzinfo=ZONE)
    follow_calendar(desk, start=True)
    case = assigned(desk, people)
    assert case.resolve_due == datetime(year, 1, 4, 10, tzinfo=ZONE)
    assert not is_confirmed(desk, case.resolve_due)

    known = calendar.model_copy(
        update={
            "holidays": {**calendar.holidays, **{date(year, 1, day): "元旦" for day in (1, 2, 3)}},
            "announced": calendar.announced | {year},
        }
    )
    later = replace(desk, config=replace(desk.config, calendar=known))
    later.snapshot[CalendarDay]._derived.clear()  # another process would have made its own
    assert follow_calendar(later) == 0, "a running server does not act on its files"
    assert follow_calendar(later, start=True) == 1
    moved = now_of(later, case).resolve_due
    assert moved == datetime(year, 1, 7, 10, tzinfo=ZONE)
    assert is_confirmed(later, moved)
    assert follow_calendar(later, start=True) == 0


@pytest.mark.trial(11)
def test_two_servers_follow_once(desk: Desk, people: People, clock: Clock, tmp_path: Path) -> None:
    follow_calendar(desk, start=True)
    case = assigned(desk, people)
    other = open_workspace(tmp_path, clock)
    desk.save(system_actor(), [create(CalendarDay(day="2026-03-03"), action="added_in_sheet")])
    other.committer.keep_up()
    assert follow_calendar(desk) + follow_calendar(other) == 1
    assert now_of(other, case).resolve_due == at("2026-03-10 10:00")
    other.store.close()

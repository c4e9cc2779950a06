"""Site visits: agreed on, moved, called off, findings; what the agenda and the calendar are told."""

from datetime import datetime, timedelta

import pytest
from icalendar import Calendar

from lib.desk.desk import Desk
from lib.documents.visit_calendar import visit_calendar
from lib.domain.records.case import Case
from lib.domain.rules.permissions import Actor
from lib.errors import InvalidFields, NotAllowed
from lib.services.cases import handling
from lib.services.parts import visits
from lib.services.work.agenda import agenda
from tests.cases import assigned
from tests.support import MONDAY, ZONE, Clock

AT = MONDAY.replace(hour=14, minute=30)


@pytest.fixture
def case(desk: Desk, people: dict[str, Actor]) -> Case:
    return assigned(desk, people)


def book(desk: Desk, people: dict[str, Actor], case: Case, **values: object) -> Case:
    seen = desk.snapshot[Case][case.case_no]
    visits.book(desk, actor=people["handler"], case=seen, values={"visit_at": AT, **values})
    return desk.snapshot[Case][case.case_no]


def entry(desk: Desk, people: dict[str, Actor], case: Case) -> dict[str, object]:
    content = visit_calendar(desk, actor=people["handler"], case=desk.snapshot[Case][case.case_no], language="zh_CN")
    assert content is not None
    calendar = Calendar.from_ical(content)
    event = calendar.walk("VEVENT")[0]
    return {"method": str(calendar["METHOD"]), **{name: event.get(name) for name in event}}


def test_a_visit_is_agreed_changed_and_called_off(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    booked = book(desk, people, case, visit_by="handler2", visit_minutes=90)
    assert (visits.visitor(booked), visits.ends_at(booked)) == ("handler2", AT + timedelta(minutes=90))
    moved = book(desk, people, case, visit_at=AT + timedelta(days=1))
    assert moved.visit_at == AT + timedelta(days=1)
    visits.cancel(desk, actor=people["handler"], case=moved, reason="客户出差")
    assert desk.snapshot[Case][case.case_no].visit_at is None
    lines = [(line.action, line.text) for line in desk.history(case_no=case.case_no)][-3:]
    assert lines == [("book_visit", ""), ("change_visit", ""), ("cancel_visit", "客户出差")]


@pytest.mark.parametrize("at", [MONDAY, MONDAY - timedelta(minutes=1), MONDAY - timedelta(days=400)])
def test_a_past_time_is_refused(desk: Desk, people: dict[str, Actor], case: Case, at: datetime) -> None:
    with pytest.raises(InvalidFields) as refused:
        book(desk, people, case, visit_at=at)
    assert [(one.field, one.code) for one in refused.value.problems] == [("visit_at", "in_the_past")]
    assert desk.snapshot[Case][case.case_no].visit_at is None


def test_a_move_and_a_form_refuse_a_past_time_too(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    past = {"visit_at": MONDAY - timedelta(hours=1)}
    with pytest.raises(InvalidFields, match="in_the_past"):
        handling.make_move(desk, actor=people["handler"], case=case, move="contact", values=past)
    with pytest.raises(InvalidFields, match="in_the_past"):
        handling.edit_facts(desk, actor=people["handler"], case=case, values=past)


def test_a_visit_whose_time_has_come_may_still_get_another_visitor(
    desk: Desk, people: dict[str, Actor], case: Case, clock: Clock
) -> None:
    book(desk, people, case)
    clock.forward(hours=6)
    assert book(desk, people, case, visit_by="handler2").visit_by == "handler2"


def test_only_who_may_speak_with_the_client_agrees_on_a_visit(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    with pytest.raises(NotAllowed):
        visits.book(desk, actor=people["reviewer"], case=case, values={"visit_at": AT})
    with pytest.raises(NotAllowed):
        visits.cancel(desk, actor=people["reviewer"], case=case, reason="不去了")


def test_findings_end_the_visit_and_the_next_one_begins_afresh(
    desk: Desk, people: dict[str, Actor], case: Case, clock: Clock
) -> None:
    booked = book(desk, people, case, visit_at=AT + timedelta(days=1))
    with pytest.raises(InvalidFields, match="visit_ahead"):
        visits.record_findings(desk, actor=people["handler"], case=booked, findings="太早")
    booked = book(desk, people, booked, visit_at=AT)
    clock.now = AT + timedelta(hours=1)
    with pytest.raises(InvalidFields, match="missing"):
        visits.record_findings(desk, actor=people["handler"], case=booked, findings=" ")
    visits.record_findings(desk, actor=people["handler"], case=booked, findings="接头老化渗水")
    seen = desk.snapshot[Case][case.case_no]
    assert (seen.visit_findings, seen.visit_done_at, visits.is_open(seen)) == ("接头老化渗水", clock.now, False)
    again = book(desk, people, case, visit_at=clock.now + timedelta(days=1))
    assert visits.is_open(again)


def test_whoever_arrives_early_that_day_writes_the_findings_down_at_once(
    desk: Desk, people: dict[str, Actor], case: Case, clock: Clock
) -> None:
    booked = book(desk, people, case)
    clock.now = AT - timedelta(minutes=45)
    visits.record_findings(desk, actor=people["handler"], case=booked, findings="总阀已关")
    assert desk.snapshot[Case][case.case_no].visit_done_at == clock.now


def test_the_findings_of_a_move_end_the_visit(desk: Desk, people: dict[str, Actor], case: Case, clock: Clock) -> None:
    handler = people["handler"]
    handling.make_move(desk, actor=handler, case=case, move="contact", values={"visit_at": AT})
    assert visits.is_open(desk.snapshot[Case][case.case_no])
    clock.now = AT + timedelta(hours=1)
    for move, values in (("investigate", {}), ("start", {"visit_findings": "地漏堵塞"})):
        handling.make_move(desk, actor=handler, case=desk.snapshot[Case][case.case_no], move=move, values=values)
    assert not visits.is_open(desk.snapshot[Case][case.case_no])


def test_the_day_shows_the_visits_of_whoever_goes(
    desk: Desk, people: dict[str, Actor], case: Case, clock: Clock
) -> None:
    book(desk, people, case, visit_by="handler2")
    assert [one.case_no for one in agenda(desk, actor=people["handler2"]).visits] == [case.case_no]
    assert agenda(desk, actor=people["handler"]).visits == ()
    assert len(agenda(desk, actor=people["manager"], everybody=True).visits) == 1
    book(desk, people, case, visit_at=AT + timedelta(days=1), visit_by="handler")
    assert agenda(desk, actor=people["handler"]).visits == ()
    clock.forward(days=2)
    assert len(agenda(desk, actor=people["handler"]).visits) == 1  # the findings are not written down


def test_somewhere_else_at_that_time(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    book(desk, people, case)
    other = assigned(desk, people)
    ask = {"minutes": 60, "person": "handler"}
    assert visits.at_the_same_time(desk, other, AT + timedelta(minutes=59), **ask) != ()  # type: ignore[arg-type]
    assert visits.at_the_same_time(desk, other, AT + timedelta(minutes=60), **ask) == ()  # type: ignore[arg-type]
    assert visits.at_the_same_time(desk, other, AT - timedelta(minutes=60), **ask) == ()  # type: ignore[arg-type]
    assert visits.at_the_same_time(desk, case, AT, **ask) == ()  # type: ignore[arg-type]


def test_the_entry_of_a_calendar_follows_the_visit(
    desk: Desk, people: dict[str, Actor], case: Case, clock: Clock
) -> None:
    assert visit_calendar(desk, actor=people["handler"], case=case, language="zh_CN") is None
    book(desk, people, case)
    first = entry(desk, people, case)
    assert (first["method"], str(first["STATUS"])) == ("PUBLISH", "CONFIRMED")
    assert first["DTSTART"].dt == AT  # type: ignore[attr-defined]
    assert first["DTSTART"].dt.utcoffset() == ZONE.utcoffset(AT)  # type: ignore[attr-defined]
    assert first["DTEND"].dt - first["DTSTART"].dt == timedelta(hours=1)  # type: ignore[attr-defined]
    assert "阳光花园" in str(first["LOCATION"])
    book(desk, people, case, visit_at=AT + timedelta(hours=1))
    second = entry(desk, people, case)
    assert second["UID"] == first["UID"]
    assert int(second["SEQUENCE"]) > int(first["SEQUENCE"])  # type: ignore[call-overload]
    visits.cancel(desk, actor=people["handler"], case=desk.snapshot[Case][case.case_no], reason="改天")
    third = entry(desk, people, case)
    assert (third["UID"], third["method"], str(third["STATUS"])) == (first["UID"], "CANCEL", "CANCELLED")
    assert int(third["SEQUENCE"]) > int(second["SEQUENCE"])  # type: ignore[call-overload]
    assert third["DTSTART"].dt == AT + timedelta(hours=1)  # type: ignore[attr-defined]


def test_a_second_visit_is_another_entry(desk: Desk, people: dict[str, Actor], case: Case, clock: Clock) -> None:
    booked = book(desk, people, case)
    first = entry(desk, people, case)["UID"]
    clock.now = AT + timedelta(hours=1)
    visits.record_findings(desk, actor=people["handler"], case=booked, findings="需更换接头")
    assert entry(desk, people, case)["UID"] == first
    book(desk, people, case, visit_at=clock.now + timedelta(days=1))
    assert entry(desk, people, case)["UID"] != first


def test_the_calendar_file_is_as_the_standard_asks(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    place = "浦东新区世纪大道一号" * 6 + "; 三层, 东"
    booked = book(desk, people, case, visit_place=place)
    content = visit_calendar(desk, actor=people["handler"], case=booked, language="zh_CN")
    assert content is not None
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75  # octets, RFC 5545 section 3.1
    assert place in str(Calendar.from_ical(content).walk("VEVENT")[0]["LOCATION"])


def test_the_calendar_hides_what_its_reader_may_not_see(desk: Desk, people: dict[str, Actor], case: Case) -> None:
    booked = book(desk, people, case)
    own = visit_calendar(desk, actor=people["handler"], case=booked, language="en") or b""
    strange = visit_calendar(desk, actor=people["handler2"], case=booked, language="en") or b""
    assert b"19900001234" in own.replace(b"\r\n ", b"")
    assert b"19900001234" not in strange.replace(b"\r\n ", b"")

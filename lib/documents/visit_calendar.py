"""A site visit as a file for the calendar of whoever goes there (RFC 5545)."""

from datetime import timedelta

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from lib.desk.access import require
from lib.desk.desk import Desk
from lib.documents.paper.reader import CaseReader
from lib.domain.records.case import Case
from lib.domain.records.people import Staff
from lib.domain.rules.permissions import Actor
from lib.i18n import Language, in_language, t
from lib.services.parts.visits import USUAL_MINUTES, Appointment, appointment, visitor

REMIND = timedelta(hours=1)  # before the visit


def visit_calendar(desk: Desk, *, actor: Actor, case: Case, language: Language) -> bytes | None:
    """The appointment, or that it was called off; None where there never was one.

    Opened again after a change, it changes the entry that the calendar has: its number stays, its sequence has risen.
    Raises NotAllowed.
    """
    require(actor, "case.view", case)
    agreed = appointment(desk, case)
    if agreed.at is None:
        return None
    calendar = Calendar()
    calendar.add("prodid", "-//Casesheet//Site visit//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if agreed.cancelled else "PUBLISH")
    with in_language(language):
        calendar.add_component(_event(CaseReader(desk, actor, case), agreed))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(reader: CaseReader, agreed: Appointment) -> Event:
    case, event = reader.case, Event()
    start = (agreed.at or reader.desk.now()).astimezone(reader.desk.settings.zone)
    event.add("uid", f"{case.case_no}-visit-{agreed.number}@casesheet")
    event.add("sequence", agreed.sequence)
    event.add("dtstamp", reader.desk.now())
    event.add("dtstart", start)
    event.add("dtend", start + timedelta(minutes=case.visit_minutes or USUAL_MINUTES))
    event.add("status", "CANCELLED" if agreed.cancelled else "CONFIRMED")
    event.add("summary", f"{t('Site visit')} {case.case_no} {case.title}".strip())
    event.add("location", reader.value("visit_place") or reader.place())
    event.add("description", _description(reader))
    _add_organizer(event, reader)
    if not agreed.cancelled:
        event.add_component(_reminder(case.case_no))
    return event


def _description(reader: CaseReader) -> str:
    """What is good to know on the way there, as this person may see it."""
    told = (reader.value("client_name"), reader.value("client_phone"), reader.value("description"))
    return "\n".join(part for part in told if part)


def _add_organizer(event: Event, reader: CaseReader) -> None:
    """Whoever goes there: RFC 5546 wants an organizer, and no guests, of what is published."""
    staff = reader.desk.snapshot[Staff].get(visitor(reader.case))
    if staff is not None and staff.email:
        organizer = vCalAddress(f"mailto:{staff.email}")
        organizer.params["CN"] = vText(staff.name or staff.email)
        event.add("organizer", organizer, encode=False)


def _reminder(text: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", text)
    alarm.add("trigger", -REMIND)
    return alarm

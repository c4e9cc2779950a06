"""The work order 派工单 (requirement C3): one page for whoever goes there, with room for a pen."""

from collections.abc import Iterator

from lib.documents.paper.blocks import (
    LINE_HEIGHT,
    Fact,
    TableColumn,
    blanks,
    facts,
    lines_to_write_on,
    section,
    table,
    tick_boxes,
)
from lib.documents.paper.layout import PageLayout
from lib.documents.paper.letterhead import Letterhead
from lib.documents.paper.reader import CaseReader
from lib.domain.records.case_parts import Contact
from lib.domain.records.people import Staff
from lib.i18n import format_date, t

_BY_HAND = 152.0  # points: all that is filled in by hand but the lines for what was done
_TITLE = 30.0  # of which its heading
_FEWEST, _MOST = 2, 6


def lay_out(reader: CaseReader, head: Letterhead, contractor: Contact | None) -> PageLayout:
    """The order to the responsible person, or to an outside contractor."""
    sheet = PageLayout()
    head.open(sheet)
    facts(sheet, _heading(reader))
    section(sheet, t("Client and address"))
    facts(sheet, _where(reader))
    section(sheet, t("Work to be done"))
    facts(sheet, _what(reader, contractor))
    section(sheet, t("Carried out by"))
    facts(sheet, _who(reader, contractor))
    _tasks(sheet, reader)
    _to_fill_in(sheet)
    head.close(sheet)
    return sheet


def _heading(reader: CaseReader) -> Iterator[Fact]:
    yield Fact(t("Priority"), reader.value("priority"))
    yield Fact(t("Deadline"), deadline(reader))
    yield from reader.facts(("category", "assigned_at"))


def deadline(reader: CaseReader, contractor: Contact | None = None) -> str:
    """What the contractor promised; else the day of the plan; else when the case is to be resolved."""
    case = reader.case
    if contractor is not None and contractor.promised_on:
        return format_date(contractor.promised_on)
    if case.plan_deadline:
        return format_date(case.plan_deadline)
    return reader.time(case.resolve_due)


def _where(reader: CaseReader) -> Iterator[Fact]:
    yield Fact(t("Client"), reader.value("client_name"))
    yield Fact(t("Telephone"), reader.value("client_phone"))
    yield Fact(t("Address"), reader.place())
    yield from reader.facts(("relation", "location", "visit_at", "visit_minutes", "visit_by", "visit_place"))


def _what(reader: CaseReader, contractor: Contact | None) -> Iterator[Fact]:
    yield Fact(t("Subject"), reader.value("title"), wide=True)
    yield from reader.facts(("description", "wanted_outcome", "visit_findings", "plan_measures"))
    if contractor is not None and contractor.asked:
        yield Fact(t("Asked of you"), contractor.asked, wide=True)


def _who(reader: CaseReader, contractor: Contact | None) -> Iterator[Fact]:
    case = reader.case
    staff = reader.desk.snapshot[Staff].get(case.assignee)
    if contractor is not None:
        yield Fact(t("Contractor"), contractor.name)
        yield Fact(t("Kind of party"), reader.label("party", contractor.party))
        yield Fact(t("Telephone"), contractor.phone)
        yield Fact(t("To be done by"), deadline(reader, contractor))
    yield Fact(t("Our contact") if contractor else t("Responsible"), reader.person(case.assignee))
    yield Fact(t("Telephone"), (staff.phone if staff else "") or reader.desk.settings.service_phone)
    if contractor is None:
        yield Fact(t("Department"), reader.label("department", case.department))
        yield Fact(t("To be done by"), deadline(reader))


def _tasks(sheet: PageLayout, reader: CaseReader) -> None:
    open_tasks = [task for task in reader.tasks() if task.done_at is None]
    if not open_tasks:
        return
    section(sheet, t("Open tasks"))
    columns = (
        TableColumn(t("Task"), 0.5),
        TableColumn(t("Owner"), 0.2),
        TableColumn(t("Due"), 0.3),
    )
    rows = [(f"☐ {task.title}", reader.person(task.owner), reader.time(task.due_at)) for task in open_tasks]
    table(sheet, columns, rows)


def _to_fill_in(sheet: PageLayout) -> None:
    """What is written by hand stays together on one page."""
    sheet.keep(_BY_HAND + _FEWEST * LINE_HEIGHT)
    section(sheet, t("Record of the work"))
    lines = min(int((sheet.left - _BY_HAND + _TITLE) / LINE_HEIGHT), _MOST)
    blanks(sheet, (t("Arrived at"), t("Finished at"), t("Cost of material")))
    lines_to_write_on(sheet, t("What was found and done"), lines)
    tick_boxes(sheet, t("The client finds the result"), (t("good"), t("acceptable"), t("not good")))
    sheet.space(8)
    blanks(sheet, (t("Issued by"), t("Carried out by"), t("Client")))
    blanks(sheet, (t("Date"), t("Date"), t("Date")))

"""What belongs to a case, on paper: tasks, outside parties, evidence, follow-ups, surveys."""

from collections.abc import Sequence

from lib.documents.paper.blocks import BODY, SMALL, TableColumn, facts, note, section, table
from lib.documents.paper.layout import GREY, PageLayout, Part
from lib.documents.paper.lines import Style
from lib.documents.paper.reader import CaseReader
from lib.domain.records.case_parts import Contact, Evidence, FollowUp, Survey
from lib.domain.records.fields import columns
from lib.i18n import format_date, format_number, t

Content = str | tuple[Part, ...]
_MEGABYTE = 1024 * 1024
_CHECKSUM = Style(6.8, colour=GREY)  # as long as the column is wide
_ITS_CASES = frozenset({"survey_id", "case_no", "department"})


def show_tasks(sheet: PageLayout, reader: CaseReader) -> None:
    """Tasks by due time."""
    columns = _columns((t("Task"), 0.38), (t("Owner"), 0.14), (t("Due"), 0.24), (t("Done"), 0.24))
    rows = [
        (task.title, reader.person(task.owner), reader.time(task.due_at), reader.time(task.done_at))
        for task in reader.tasks()
    ]
    _listed(sheet, t("Tasks"), columns, rows)


def show_contacts(sheet: PageLayout, reader: CaseReader) -> None:
    """Outside parties: what was asked of them, what they promised, what came of it."""
    columns = _columns(
        (t("Outside party"), 0.25), (t("What was asked"), 0.24), (t("Asked at"), 0.23), (t("Promised"), 0.14),
        (t("Done"), 0.14),
    )  # fmt: skip
    _listed(sheet, t("Outside parties"), columns, [_contact(reader, contact) for contact in reader.contacts()])


def _contact(reader: CaseReader, contact: Contact) -> Sequence[Content]:
    who = " · ".join(part for part in (reader.label("party", contact.party), contact.phone) if part)
    promised, done = (format_date(day) if day else "" for day in (contact.promised_on, contact.done_on))
    return _two(contact.name, who), contact.asked, reader.time(contact.asked_at), promised, done


def show_evidence(sheet: PageLayout, reader: CaseReader) -> None:
    """Every file with the checksum that proves that it was not changed."""
    columns = _columns((t("File"), 0.62), (t("Kind"), 0.12), (t("Added at"), 0.26))
    _listed(sheet, t("Evidence"), columns, [_file(reader, item) for item in reader.evidence()])


def _file(reader: CaseReader, item: Evidence) -> Sequence[Content]:
    told = " · ".join(part for part in (item.note, _size(item.size), item.media_type) if part)
    name = (Part(item.name, BODY), Part(told, SMALL), Part(f"SHA-256 {item.sha256}", _CHECKSUM))
    return (
        name,
        reader.label("evidence_kind", item.kind),
        _two(reader.time(item.added_at), reader.person(item.added_by)),
    )


def _size(size: int) -> str:
    return f"{format_number(size / _MEGABYTE, 1)} MB" if size >= _MEGABYTE else f"{format_number(size / 1024, 1)} KB"


def show_follow_ups(sheet: PageLayout, reader: CaseReader) -> None:
    """Follow-ups by day."""
    columns = _columns((t("Due"), 0.17), (t("Purpose"), 0.2), (t("Done"), 0.24), (t("Result"), 0.39))
    _listed(sheet, t("Follow-ups"), columns, [_follow_up(reader, item) for item in reader.follow_ups()])


def _follow_up(reader: CaseReader, item: FollowUp) -> Sequence[Content]:
    done = _two(reader.time(item.done_at), reader.person(item.done_by)) if item.done_at else t("planned")
    ended = ("follow_up_withdrawn", item.withdrawn) if item.withdrawn else ("follow_up_outcome", item.outcome)
    result = _two(reader.label(*ended), item.note)
    return format_date(item.due_on), reader.label("follow_up_purpose", item.purpose), done, result


def show_surveys(sheet: PageLayout, reader: CaseReader) -> None:
    """Each survey that was sent, with its answers."""
    section(sheet, t("Satisfaction survey"))
    surveys = reader.surveys()
    if not surveys:
        note(sheet, t("Nothing recorded."))
    for place, survey in enumerate(surveys):
        sheet.space(6 if place else 0)
        facts(sheet, reader.facts((name for name in columns(Survey) if name not in _ITS_CASES), survey))
        if survey.answered_at is None:
            note(sheet, t("Not answered."))


def _listed(sheet: PageLayout, title: str, columns: Sequence[TableColumn], rows: Sequence[Sequence[Content]]) -> None:
    section(sheet, title)
    if rows:
        table(sheet, columns, rows)
    else:
        note(sheet, t("Nothing recorded."))


def _columns(*columns: tuple[str, float]) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(label, share) for label, share in columns)


def _two(first: str, second: str) -> tuple[Part, ...]:
    """A value and, smaller below it, what goes with it."""
    small = (Part(second, SMALL),) if second else ()
    return (Part(first or "—", BODY), *small)

"""A case as the person who prints may read it: labels for codes, local times, personal data masked by role."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.desk.desk import Desk
from lib.documents.paper.blocks import Fact
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Contact, Evidence, FollowUp, Survey, Task
from lib.domain.records.custom_fields import typed
from lib.domain.records.extras import extras_of
from lib.domain.records.fields import Column, columns
from lib.domain.records.record import Record
from lib.domain.rules.permissions import Actor
from lib.i18n import current_language, format_datetime
from lib.services.cases.handling import SEVERITY_FIELDS
from lib.services.parts.extras import extra_columns
from lib.services.story.audit import masked, visible
from lib.store.snapshot.snapshot import by_case


@dataclass(frozen=True, slots=True)
class CaseReader:
    """One case in the current language, seen by one person."""

    desk: Desk
    actor: Actor
    case: Case

    def fact(self, name: str, record: Record | None = None) -> Fact:
        """A field of the case, or of a record that belongs to it."""
        column = columns(type(record or self.case))[name]
        return Fact(column.label(current_language()), self.value(name, record), column.kind == "long_text")

    def facts(self, names: Iterable[str], record: Record | None = None) -> Iterator[Fact]:
        """Those that are filled in; a count that nobody has begun to count is not."""
        whose = record or self.case
        return (self.fact(name, record) for name in names if _tells(whose, name))

    def extras(self) -> list[Fact]:
        """What the workspace keeps of a case beside the fields of the app."""
        filled = extras_of(self.case)
        return [
            Fact(column.label(current_language()), self.words(column, typed(column, filled[column.key])))
            for column in extra_columns(self.desk, "cases")
            if column.key in filled
        ]

    def value(self, name: str, record: Record | None = None) -> str:
        """A field in words, "" where it is empty."""
        whose = record or self.case
        column, value = columns(type(whose))[name], getattr(whose, name)
        if value in ("", None):
            return ""
        if column.personal and not visible(self.actor, self.case, _as_in_case(name)):
            return masked(whose, name)
        return self._factor(name, value) if name in SEVERITY_FIELDS else self.words(column, value)

    def words(self, column: Column, value: Any) -> str:
        """A value of a column, whosever it is; personal data is not hidden here."""
        return self.desk.words.value(column, value)

    def label(self, list_name: str, code: str) -> str:
        return self.desk.words.label(list_name, code)

    def person(self, staff_id: str) -> str:
        return self.desk.words.person(staff_id)

    def time(self, at: datetime | None) -> str:
        return format_datetime(at, self.desk.settings.zone) if at else ""

    def place(self) -> str:
        """Community, building, unit and room, the room as this person may see it."""
        parts = (self.value(name) for name in ("community", "building", "unit", "room"))
        return " ".join(part for part in parts if part)

    def tasks(self) -> list[Task]:
        found: tuple[Task, ...] = self.desk.snapshot[Task].derive(by_case).get(self.case.case_no, ())
        return sorted(found, key=lambda task: (task.due_at is None, task.due_at or self.case.taken_at, task.task_id))

    def contacts(self) -> list[Contact]:
        found: tuple[Contact, ...] = self.desk.snapshot[Contact].derive(by_case).get(self.case.case_no, ())
        return sorted(found, key=lambda contact: (contact.asked_at or self.case.taken_at, contact.contact_id))

    def evidence(self) -> list[Evidence]:
        found: tuple[Evidence, ...] = self.desk.snapshot[Evidence].derive(by_case).get(self.case.case_no, ())
        return sorted(found, key=lambda item: (item.added_at, item.evidence_id))

    def follow_ups(self) -> list[FollowUp]:
        found: tuple[FollowUp, ...] = self.desk.snapshot[FollowUp].derive(by_case).get(self.case.case_no, ())
        return sorted(found, key=lambda item: (item.due_on, item.follow_up_id))

    def surveys(self) -> list[Survey]:
        found: tuple[Survey, ...] = self.desk.snapshot[Survey].derive(by_case).get(self.case.case_no, ())
        return sorted(found, key=lambda survey: (survey.sent_at, survey.survey_id))

    def _factor(self, name: str, value: int) -> str:
        """A factor of the severity with the words of its scale."""
        factors = self.desk.config.severity.factors
        step = next(factor.scale[value - 1] for factor in factors if f"severity_{factor.key}" == name)
        return f"{value} · {step.zh if current_language().startswith('zh') else step.en}"


def _tells(record: Record, name: str) -> bool:
    value = getattr(record, name)
    return value not in ("", None) and not (value == 0 and type(record).model_fields[name].default == 0)


def _as_in_case(name: str) -> str:
    """Whether personal data is shown is one question for a case and all that belongs to it."""
    return name if name in columns(Case) and columns(Case)[name].personal else "client_name"

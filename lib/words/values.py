"""A value in words: the one way from a field of a record to what people read, on screen and on paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Final

from lib.domain.records.fields import Column, people_in
from lib.domain.records.lists import Lists
from lib.domain.records.people import Staff
from lib.i18n import N_, current_language, format_date, format_datetime, format_number, t

ACTORS: Final[Mapping[str, str]] = {"client": N_("Client"), "system": N_("Casesheet"), "sheet": N_("Spreadsheet")}
"""The actors that are not on the staff, as History names them."""


@dataclass(frozen=True, slots=True)
class ValueWords:
    """Words in the current language; a moment is told as the wall clock of `zone` says it."""

    lists: Lists
    people: Mapping[str, Staff]
    zone: tzinfo

    def value(self, column: Column, value: Any) -> str:
        """A value of a column, "" where it is empty. Personal data is not hidden here."""
        if value is None or value == "":
            return ""
        if column.kind == "choice":
            label = self.label(column.choices, value)
            return f"{value} {label}" if column.choices == "priority" else label
        if column.kind == "person":
            return self.person(value)
        if column.kind == "people":
            return " · ".join(self.person(person) for person in people_in(value))
        if isinstance(value, datetime):
            return format_datetime(value, self.zone)
        if isinstance(value, date):
            return format_date(value)
        if isinstance(value, bool):
            return t("Yes") if value else t("No")
        if column.kind == "money":
            return format_number(value, 2)
        return f"{value:g}" if isinstance(value, float) else str(value)

    def label(self, list_name: str, code: str) -> str:
        """The label of a list's code; the code itself where the list does not know it."""
        return self.lists.label(list_name, code, current_language()) if code else ""

    def person(self, staff_id: str) -> str:
        """The name of a member of staff, of the client, of the app or of the sheet; any other id is
        returned as it is."""
        if staff_id in ACTORS:
            return t(ACTORS[staff_id])
        found = self.people.get(staff_id)
        return found.name or found.email if found else staff_id

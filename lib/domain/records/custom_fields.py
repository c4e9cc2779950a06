"""Custom fields: extra columns that a workspace declares in config/fields.toml, with a type, labels and choices.

A custom field is identified by its header, so that a column that people added by hand becomes one when it is declared.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Self

from pydantic import ConfigDict, RootModel, model_validator

from lib.domain.configured import Configured
from lib.domain.records.extras import EXTRA, header_of
from lib.domain.records.fields import Cell, Column
from lib.domain.text.phones import PATTERN as PHONE

GROUP = "extra"
_PHONE = re.compile(PHONE)


class CustomField(Configured):
    """One declaration. `choices` names a list; a label that is not given is the header itself.

    `required`: the app does not let people empty it, and does not save its group without it.
    """

    kind: Literal["text", "long_text", "choice", "flag", "date", "phone", "money", "number"] = "text"
    zh: str = ""
    en: str = ""
    choices: str = ""
    required: bool = False

    @model_validator(mode="after")
    def _names_its_list(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError('"choices" names the list of a choice, and of nothing else')
        return self

    def column(self, name: str) -> Column:
        header = header_of(name)
        labels = (self.zh or header, self.en or header)
        return Column(name, self.kind, *labels, GROUP, self.choices, required=self.required)


class FieldsConfig(RootModel[Mapping[str, Mapping[str, CustomField]]]):
    """config/fields.toml: by tab and header."""

    model_config = ConfigDict(frozen=True)

    def columns(self) -> dict[str, tuple[Column, ...]]:
        """{tab: columns}, in the order of the file."""
        return {
            tab: tuple(field.column(EXTRA + header) for header, field in fields.items())
            for tab, fields in self.root.items()
        }


def undeclared(name: str) -> Column:
    """The column for an extra column that is not declared."""
    return Column(name, "text", header_of(name), header_of(name), GROUP)


def problem_of(column: Column, cell: Cell) -> str:
    """The reason code for a cell that a custom field does not take, "" where it does. Choices are the lists' affair."""
    if cell is None:
        return "missing" if column.required else ""
    number = isinstance(cell, int | float) and not isinstance(cell, bool)
    match column.kind:
        case "number" | "money":
            return "" if number else "float_type"
        case "flag":
            return "" if isinstance(cell, bool) else "bool_type"
        case "date":
            return "" if isinstance(typed(column, cell), date) else "date_type"
        case "phone":
            return "" if isinstance(cell, str) and _PHONE.fullmatch(cell) else "string_pattern_mismatch"
        case _:
            return "" if isinstance(cell, str) else "string_type"


def typed(column: Column, cell: Cell) -> Any:
    """A cell in the form that a widget or a file needs: a date as a date. A cell that cannot be read stays as it is."""
    if column.kind != "date" or not isinstance(cell, str):
        return cell
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return cell

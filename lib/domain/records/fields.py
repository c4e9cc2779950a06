"""The definition of a column, from which tabs, forms, the codec and the masks are derived.

A record's field is declared as `name: Text = column("text", "中文", "English", ...)`. The `Column` travels in the
field's metadata and is read back with `columns(Model)`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from lib.errors import Problem

Kind = Literal[
    "text",
    "long_text",
    "choice",
    "flag",
    "date",
    "time",
    "phone",
    "email",
    "money",
    "number",
    "json",
    "person",
    "people",
]
Cell = str | int | float | bool | None
"""What a store holds for one field: a time is ISO 8601 text with its offset, a date ISO text, nothing is None."""

PEOPLE_BETWEEN = ","
"""Separates the staff ids in a cell of kind "people"."""

SHORT = 500  # characters of a short text that says nothing else
CELL_LIMIT = 50_000  # characters; the limit of a spreadsheet cell, kept on every store so that data can move


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a tab. `choices` names the list a choice is taken from; `personal` marks a client's personal data
    (masked by role); `locked` marks what only the app writes; `secret` marks what History must not hold. `required` is
    for custom fields; the fields of a record say so in their type. `limit` is the most characters that may be written
    into it, 0 where only that of a cell holds: a longer text from before the limit stays, and data health shows it.
    `hint_zh` and `hint_en` explain a label that is easily misunderstood.
    """

    key: str
    kind: Kind
    zh: str
    en: str
    group: str = ""
    choices: str = ""
    personal: bool = False
    locked: bool = False
    width: int = 120
    secret: bool = False
    required: bool = False
    limit: int = 0
    hint_zh: str = ""
    hint_en: str = ""

    def hint(self, language: str) -> str:
        return self.hint_zh if language.startswith("zh") else self.hint_en

    def label(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


def people_in(text: str) -> tuple[str, ...]:
    """The staff ids in a cell of kind "people"."""
    return tuple(person for person in text.split(PEOPLE_BETWEEN) if person)


_EMPTY: dict[str, Any] = {
    "text": "",
    "long_text": "",
    "choice": "",
    "phone": "",
    "email": "",
    "person": "",
    "people": "",
    "json": "",
}
_EMPTY_VALUE: Any = object()


def column(
    kind: Kind,
    zh: str,
    en: str,
    *,
    group: str = "",
    choices: str = "",
    personal: bool = False,
    locked: bool = False,
    width: int = 120,
    secret: bool = False,
    limit: int | None = None,
    hint_zh: str = "",
    hint_en: str = "",
    default: Any = _EMPTY_VALUE,
    **limits: Any,
) -> Any:
    """Declare a field of a record: its default is the empty value of its kind unless one is given.

    `...` is a field that must be there; an empty text counts as there where the field's limits allow one, because no
    store tells it from nothing.
    """
    if default is _EMPTY_VALUE:
        default = _EMPTY.get(kind)
    elif default is ...:
        default, limits = _EMPTY.get(kind, ...), {**limits, "validate_default": True}
    if limit is None:
        limit = SHORT if kind == "text" else 0
    info = Field(default=default, **limits)
    known = Column(
        "", kind, zh, en, group, choices, personal, locked, width, secret, limit=limit, hint_zh=hint_zh, hint_en=hint_en
    )
    info.metadata.append(known)
    return info


@cache
def columns(model: type[BaseModel]) -> dict[str, Column]:
    """The columns of a record by field name, in the order of declaration."""
    found = {name: _column_of(info) for name, info in model.model_fields.items()}
    return {
        name: Column(name, *[getattr(col, slot) for slot in Column.__slots__[1:]])
        for name, col in found.items()
        if col is not None
    }


def too_long(known: Iterable[Column], values: Mapping[str, Any]) -> list[Problem]:
    """The texts among the values (by field) that are longer than their column takes."""
    return [
        Problem(column.key, "too_long", facts={"limit": column.limit})
        for column in known
        if column.limit and isinstance(text := values.get(column.key), str) and len(text) > column.limit
    ]


def within(record: BaseModel, name: str) -> str:
    """A short text of a record, "" if it is longer than its column allows, as texts from before the limits can be."""
    text = str(getattr(record, name))
    return text if len(text) <= (columns(type(record))[name].limit or CELL_LIMIT) else ""


def _column_of(info: FieldInfo) -> Column | None:
    return next((item for item in info.metadata if isinstance(item, Column)), None)

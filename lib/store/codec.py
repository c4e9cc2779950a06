"""Rows and records: decoding in bulk, keeping bad rows with their reasons, and encoding for a store."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from lib.domain.records.extras import is_extra, values_of
from lib.domain.records.fields import Cell
from lib.domain.records.record import Record
from lib.errors import InvalidFields, Problem
from lib.store.port import Row
from lib.store.schema import TAB_OF, Tab

R = TypeVar("R", bound=Record)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL holds no NUL, and no store holds half a surrogate pair."""
_INTEGER_LIMIT = 2**63  # of the integer column of every database
_NO_OFFSET = timedelta()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is not a valid record: kept as it is, with one problem for each wrong cell."""

    tab: str
    key: str
    row: Row
    problems: tuple[Problem, ...]


@cache
def _rows_of(model: type[Record]) -> TypeAdapter[list[Record]]:
    return TypeAdapter(list[model])  # type: ignore[valid-type]


def decode(tab: Tab, rows: Sequence[Row]) -> tuple[list[Record], list[BadRow]]:
    """Validate many rows in one call into pydantic-core; only when some are bad is the rest validated again."""
    adapter = _rows_of(tab.model)
    try:
        return adapter.validate_python(rows), []
    except ValidationError as failed:
        problems: dict[int, list[Problem]] = {}
        for error in failed.errors(include_url=False, include_context=False):
            index, *path = error["loc"]
            name = str(path[0]) if path else tab.key
            problems.setdefault(int(index), []).append(Problem(name, error["type"], str(error.get("input", ""))))
    good = [row for index, row in enumerate(rows) if index not in problems]
    bad = [
        BadRow(tab.name, str(rows[index].get(tab.key, "")), rows[index], tuple(found))
        for index, found in problems.items()
    ]
    return adapter.validate_python(good), bad


def check(tab: Tab, fields: Mapping[str, Any]) -> Record:
    """One record from field values, or InvalidFields with every reason. An extra column may be given as empty."""
    filled = {name: value for name, value in fields.items() if not (is_extra(name) and value in (None, ""))}
    try:
        record = tab.model.model_validate(filled)
    except ValidationError as failed:
        raise InvalidFields(
            tab.name,
            [
                _problem(str(error["loc"][0]) if error["loc"] else tab.key, error)
                for error in failed.errors(include_url=False)
            ],
        ) from None
    unstorable = [Problem(name, "not_storable") for name, value in values_of(record).items() if not _storable(value)]
    if unstorable:
        raise InvalidFields(tab.name, unstorable)
    return record


def _problem(field: str, error: ErrorDetails) -> Problem:
    """One reason of pydantic's. What is too long is not repeated in whole."""
    if error["type"] == "string_too_long":
        return Problem(field, error["type"], facts={"limit": error["ctx"]["max_length"]})
    return Problem(field, error["type"], str(error.get("input", "")))


def made(model: type[R], fields: Mapping[str, Any]) -> R:
    """A new record from what a person entered, or InvalidFields with every reason."""
    return cast(R, check(TAB_OF[model], fields))


def _storable(value: Any) -> bool:
    if isinstance(value, str):
        return not _UNSTORABLE.search(value)
    return not isinstance(value, int) or -_INTEGER_LIMIT <= value < _INTEGER_LIMIT


def encode_value(value: Any) -> Cell:
    """One value as a cell: times and dates as ISO 8601 text, empty text as nothing."""
    if isinstance(value, datetime) and (value.utcoffset() or _NO_OFFSET).total_seconds() % 60:
        value = value.astimezone(UTC)  # local mean time before 1901: an offset with seconds is read by few
    if isinstance(value, datetime | date):
        return value.isoformat()
    return None if value == "" else value


def encode(record: Record) -> dict[str, Cell]:
    """A record as a row: empty cells are left out, so that a default may stand for them."""
    cells = {name: encode_value(value) for name, value in values_of(record).items()}
    return {name: cell for name, cell in cells.items() if cell is not None}

"""Conditions on cases as people type them: `stage=closed`, `priority=P1,P2`, `taken_at>=2026-01-01`."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from lib.desk.desk import Desk
from lib.desk.people import person_for
from lib.domain.records.case import Case
from lib.domain.records.fields import Column, columns
from lib.domain.text.cleaning import folded
from lib.domain.time.reading import BadDate, parse_date
from lib.errors import InvalidFields, Problem

Holds = Callable[[Case], bool]
_CONDITION = re.compile(r"\s*(?P<field>[^=<>!~]+?)\s*(?P<sign>!=|>=|<=|=|>|<|~)\s*(?P<value>.*?)\s*", re.DOTALL)
_NO_STAFF = frozenset({"client", "system"})  # who acts without being on the staff
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def cases_where(desk: Desk, conditions: Iterable[str]) -> list[Case]:
    """The cases that meet every condition; several may also be joined by "and" in one text.

    A field is named by its key or label. `=` and `!=` take several values with commas; for choices codes or labels,
    for people id, e-mail or name, for times a day. An empty value asks for an empty field. `~` is "contains".
    Raises InvalidFields.
    """
    tests = [_holds(desk, part) for text in conditions for part in _AND.split(text)]
    return [case for case in desk.snapshot[Case].values() if all(test(case) for test in tests)]


def _holds(desk: Desk, text: str) -> Holds:
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise InvalidFields("where", [Problem("where", "not_a_condition", text)])
    column = _column(found["field"])
    if found["sign"] == "~":
        return partial(_contains, column.key, folded(found["value"]))
    if found["sign"] in _ORDER:
        wanted = _value(desk, column, found["value"])
        return partial(_compares, desk, column, _ORDER[found["sign"]], wanted)
    values = frozenset(_value(desk, column, part.strip()) for part in found["value"].split(","))
    return partial(_is_one_of, desk, column, values, found["sign"] == "=")


def _column(name: str) -> Column:
    for column in columns(Case).values():
        if folded(name) in map(folded, (column.key, column.zh, column.en)):
            return column
    raise InvalidFields("where", [Problem(name, "unknown_field")])


def _value(desk: Desk, column: Column, text: str) -> Any:
    """What to compare with; None for an empty value."""
    if text == "":
        return None
    if column.kind == "choice":
        return _known(column, "unknown_choice", text, desk.lists.code_for(column.choices, text))
    if column.kind == "person":
        return _known(column, "unknown_person", text, _person(desk, text))
    try:
        if column.kind in ("time", "date"):
            return parse_date(text)
        return float(text) if column.kind in ("number", "money") else text
    except BadDate as bad:
        raise InvalidFields("cases", [Problem(column.key, f"date_{bad.why}", text)]) from bad
    except ValueError as wrong:
        raise InvalidFields("cases", [Problem(column.key, "not_a_number", text)]) from wrong


def _known(column: Column, code: str, text: str, found: str | None) -> str:
    if found is None:
        raise InvalidFields("cases", [Problem(column.key, code, text)])
    return found


def _person(desk: Desk, text: str) -> str | None:
    return text if text in _NO_STAFF else person_for(desk, text)


def _shown(desk: Desk, column: Column, case: Case) -> Any:
    """A case's value as it is compared: a time as the day in the workspace, nothing as None."""
    value = getattr(case, column.key)
    if isinstance(value, datetime):
        return value.astimezone(desk.settings.zone).date()
    return None if value == "" else value


def _compares(desk: Desk, column: Column, order: Callable[[Any, Any], bool], wanted: Any, case: Case) -> bool:
    value = _shown(desk, column, case)
    return value is not None and wanted is not None and order(value, wanted)


def _is_one_of(desk: Desk, column: Column, values: frozenset[str | float | date | None], yes: bool, case: Case) -> bool:
    return (_shown(desk, column, case) in values) == yes


def _contains(field: str, text: str, case: Case) -> bool:
    return text in folded(str(getattr(case, field) or ""))

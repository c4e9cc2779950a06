"""What the values of a column say about the kind of field it can be."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from lib.domain.time.reading import BadDate, parse_date
from lib.tabular.formats.cell_kinds import MonthDay
from lib.tabular.table import Cell, is_blank

Kind = Literal["text", "datetime", "date", "phone", "choice", "number", "bool"]

# Chinese mobile, landline and service numbers, also with a country code; more text may follow in the cell.
_PHONE = re.compile(
    r"(?:\+?\d{1,3}[ -]?)?"
    r"(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\(?0\d{2,3}\)?[ -]?\d{7,8}|[48]00[ -]?\d{3}[ -]?\d{4})(?:\D.*)?",
    re.DOTALL,
)
_ANY_PHONE = re.compile(r"\+?[\d() -]{7,20}(?:\s*(?:转|ext\.?|x)\s*\d+)?")
_NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+%?")
# Coordinates are often called a location, and are no text that a person would write.
_POINT = re.compile(r"(?:POINT ?)?\(-?\d+\.\d+,? -?\d+\.\d+\)")
_TRUTH = frozenset("true false yes no y n 1 0 t f 是 否 有 无 对 错 √ × x 满意 不满意 合格 不合格".split())  # noqa: SIM905
_MISSING = frozenset("? - -- / n/a na null none 无 unspecified".split())  # noqa: SIM905


def fit(column: Sequence[Cell], kind: Kind) -> float:
    """A factor in 0..1: 1 where the values can be of that kind (or there are none to judge by)."""
    values = [cell for cell in column if not _is_missing(cell)]
    if not values:
        # An empty column loses against a filled one with as good a name.
        return 0.95
    if kind == "text":
        return 0.5 if all(_is_day(value) or _is_point(value) for value in values) else 1.0
    if kind == "choice":
        return 0.6 if sum(len(str(value)) for value in values) > 60 * len(values) else 1.0
    share = sum(_TESTS[kind](value) for value in values) / len(values)
    return 1.0 if share >= 0.8 else 0.3 + 0.7 * share * share


def look_like_phones(column: Sequence[Cell]) -> bool:
    """Nearly all values are phone numbers of a Chinese form, and there are some."""
    values = [str(cell).strip() for cell in column if not _is_missing(cell)]
    return len(values) >= 3 and sum(bool(_PHONE.fullmatch(value)) for value in values) >= 0.9 * len(values)


def _is_missing(cell: Cell) -> bool:
    return is_blank(cell) or (isinstance(cell, str) and cell.strip().casefold() in _MISSING)


def _is_day(value: Cell) -> bool:
    return isinstance(value, date) and not isinstance(value, MonthDay)


def _is_point(value: Cell) -> bool:
    return isinstance(value, str) and bool(_POINT.fullmatch(value.strip()))


def _is_date(value: Cell) -> bool:
    if isinstance(value, (date, datetime)):
        return True
    try:
        parse_date(value)
    except BadDate as bad:
        return bad.why == "ambiguous"
    return True


def _is_phone(value: Cell) -> bool:
    text = str(value).strip()
    return bool(_PHONE.fullmatch(text) or _ANY_PHONE.fullmatch(text))


def _is_number(value: Cell) -> bool:
    return isinstance(value, (int, float)) or (isinstance(value, str) and bool(_NUMBER.fullmatch(value.strip())))


def _is_truth(value: Cell) -> bool:
    return isinstance(value, bool) or str(value).strip().casefold() in _TRUTH


_TESTS = {"datetime": _is_date, "date": _is_date, "phone": _is_phone, "number": _is_number, "bool": _is_truth}

"""What a cell holds: typed values, how typed text is understood, and how a value is shown."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tests.google.errors import Refusal

LONGEST = 50_000
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  serial numbers carry no time zone
TOO_LONG = "Your input contains more than the maximum of 50000 characters in a single cell."


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as it was entered, with its equals sign."""

    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What a formula gives that cannot be worked out."""

    kind: str
    sign: str


Value = None | str | int | float | bool | Formula
Look = dict[str, Any]
"""What a cell has beside its value, named as in CellData; shared between cells, so never changed in place."""

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d+)?")


def number(value: float) -> int | float:
    """A double as JSON writes it: whole numbers without a point."""
    double = float(value)
    return int(double) if double.is_integer() and abs(double) < 1e17 else double


def text(value: str) -> str | None:
    if len(value) > LONGEST:
        raise Refusal(TOO_LONG)
    return value or None


def from_extended(value: dict[str, Any]) -> Value:
    """The value of an ExtendedValue."""
    for kind, item in value.items():
        match kind:
            case "stringValue":
                return text(item)
            case "numberValue":
                return number(item)
            case "formulaValue":
                return Formula(item if item.startswith("=") else f"={item}")
        return item
    return None


def to_extended(value: Any) -> dict[str, Any]:
    """The ExtendedValue of a value that is not empty."""
    match value:
        case bool():
            return {"boolValue": value}
        case int() | float():
            return {"numberValue": value}
        case Formula():
            return {"formulaValue": value.text}
        case Fault():
            return {"errorValue": {"type": value.kind, "message": f"Formula gives {value.sign}"}}
    return {"stringValue": value}


def raw(item: Any) -> Value:
    """A JSON value written with RAW."""
    if isinstance(item, str):
        return text(item)
    return item if isinstance(item, bool) else number(item)


def entered(item: Any, look: Look | None) -> tuple[Value, dict[str, str] | None]:
    """A JSON value typed by a person (USER_ENTERED), and the number format that the typing implies.

    A cell formatted as plain text keeps what is typed; elsewhere 0501234567 becomes the number 501234567.
    """
    if not isinstance(item, str):
        return raw(item), None
    if item.startswith("'"):
        return text(item[1:]), None
    if number_format(look).get("type") == "TEXT":
        return text(item), None
    stripped = item.strip()
    if stripped.startswith("=") and len(stripped) > 1:
        return Formula(stripped), None
    if stripped.upper() in {"TRUE", "FALSE"}:
        return stripped.upper() == "TRUE", None
    found = _amount(stripped) or _moment(stripped)
    return found or (text(item), None)


def _amount(typed: str) -> tuple[Value, dict[str, str] | None] | None:
    percent = typed.endswith("%")
    currency = typed[:1] if typed[:1] in {"¥", "￥", "$", "€"} else ""
    bare = typed[len(currency) : -1 if percent else None].strip()
    if not _NUMBER.fullmatch(bare) or not any(map(str.isdigit, bare)):
        return None
    amount = float(bare.replace(",", ""))
    if percent:
        return number(amount / 100), {"type": "PERCENT", "pattern": "0.00%" if "." in bare else "0%"}
    if currency:
        return number(amount), {"type": "CURRENCY", "pattern": f'"{currency}"#,##0.00'}
    return number(amount), {
        "type": "NUMBER",
        "pattern": "#,##0.00" if "." in bare else "#,##0",
    } if "," in bare else None


def _moment(typed: str) -> tuple[Value, dict[str, str] | None] | None:
    day, _, clock = typed.partition("日") if "日" in typed else typed.partition(" ")
    clock = clock.strip()
    if _TIME.fullmatch(day) and not clock:
        hours = _hours(day)
        return None if hours is None else (number(hours), {"type": "TIME", "pattern": "hh:mm"})
    on = _day(day)
    if on is None:
        return None
    serial = (on - EPOCH.date()).days
    if not clock:
        return serial, {"type": "DATE", "pattern": "yyyy-mm-dd"}
    hours = _hours(clock)
    return None if hours is None else (number(serial + hours), {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm:ss"})


def _day(typed: str) -> date | None:
    iso, us = _DATE.fullmatch(typed), _US_DATE.fullmatch(typed)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        return date(int(us[3]), int(us[1]), int(us[2])) if us else None
    except ValueError:
        return None


def _hours(typed: str) -> float | None:
    match = _TIME.fullmatch(typed)
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    return (int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)) / 86400


def number_format(look: Look | None) -> dict[str, str]:
    return ((look or {}).get("userEnteredFormat") or {}).get("numberFormat") or {}


_DEFAULT_PATTERNS = {
    "DATE": "yyyy-mm-dd",
    "TIME": "hh:mm:ss",
    "DATE_TIME": "yyyy-mm-dd hh:mm:ss",
    "PERCENT": "0.00%",
    "CURRENCY": '"¥"#,##0.00',
    "NUMBER": "#,##0.00",
}
_TIMES = {"DATE", "TIME", "DATE_TIME"}


def is_time(look: Look | None) -> bool:
    return number_format(look).get("type") in _TIMES


def shown(value: Any, look: Look | None) -> str:
    """FORMATTED_VALUE of a worked-out value."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return value
        case Fault():
            return value.sign
    form = number_format(look)
    pattern = form.get("pattern") or _DEFAULT_PATTERNS.get(form.get("type", ""), "")
    if form.get("type") in _TIMES:
        return _show_moment(value, pattern)
    return _show_number(value, pattern) if pattern and form.get("type") != "TEXT" else general(value)


def general(value: float) -> str:
    """A number without a format: ten significant digits, whole numbers in full."""
    return str(value) if isinstance(value, int) else repr(number(float(f"{value:.10g}")))


def _show_number(value: float, pattern: str) -> str:
    literal = "".join(re.findall(r'"([^"]*)"', pattern)) or (pattern[:1] if pattern[:1] in "¥￥$€" else "")
    scaled = value * 100 if "%" in pattern else value
    decimals = re.search(r"\.([0#]+)", pattern)
    grouping = "," if "#,##0" in pattern else ""
    body = f"{scaled:{grouping}.{len(decimals[1]) if decimals else 0}f}"
    return f"{literal}{body}" + ("%" if "%" in pattern else "")


_TOKEN = re.compile(r'"[^"]*"|y+|m+|d+|h+|s+|am/pm|a/p|\\.|.', re.IGNORECASE)


def _show_moment(value: float, pattern: str) -> str:
    moment = EPOCH + timedelta(seconds=round(value * 86400))
    half_day = "am/pm" in pattern.lower()
    parts, after_hour = [], False
    for token in _TOKEN.findall(pattern):
        kind = token[0].lower()
        minutes = kind == "m" and after_hour
        parts.append(_moment_part(token, moment, minutes, half_day))
        after_hour = kind == "h" or (after_hour and kind not in "mshyd")
    return "".join(parts)


def _moment_part(token: str, moment: datetime, minutes: bool, half_day: bool) -> str:
    lower, long = token.lower(), len(token) > 1
    if lower == "am/pm":
        return "AM" if moment.hour < 12 else "PM"
    match lower[0]:
        case "y":
            return f"{moment.year:04d}" if len(token) > 2 else f"{moment.year % 100:02d}"
        case "m":
            amount = moment.minute if minutes else moment.month
        case "d":
            amount = moment.day
        case "h":
            amount = (moment.hour - 1) % 12 + 1 if half_day else moment.hour
        case "s":
            amount = moment.second
        case _:
            return token.strip('"') if long and token[0] == '"' else token.removeprefix("\\")
    return f"{amount:02d}" if long else str(amount)

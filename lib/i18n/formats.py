"""Dates and numbers in the current language."""

from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Final

from babel import dates, numbers

from lib.i18n.languages import Language
from lib.i18n.translate import current_language

# CLDR patterns. 24 hours in both languages: "1:30" without a clear am/pm is misread when reading quickly.
_DATE: Final[dict[Language, str]] = {"zh_CN": "y年M月d日", "en": "d MMM y"}
_DATETIME: Final[dict[Language, str]] = {"zh_CN": "y年M月d日 HH:mm", "en": "d MMM y, HH:mm"}


def format_date(day: date) -> str:
    """ "5 Mar 2026" or "2026年3月5日". A datetime is refused: which day it is depends on the time zone."""
    if isinstance(day, datetime):
        raise TypeError("format_date takes a date; use at.astimezone(tz).date()")
    language = current_language()
    return dates.format_date(day, _DATE[language], locale=language)


def format_datetime(at: datetime, tz: tzinfo) -> str:
    """The wall clock of `tz`, to the minute. Raises ValueError where `at` has no time zone."""
    if at.utcoffset() is None:
        raise ValueError("a datetime without time zone cannot be shown")
    language = current_language()
    return dates.format_datetime(at.astimezone(tz), _DATETIME[language], tzinfo=tz, locale=language)


def format_number(number: int | float | Decimal, digits: int = 0) -> str:
    """With thousands separators and exactly `digits` decimals."""
    fraction = f".{'0' * digits}" if digits else ""
    return numbers.format_decimal(number, f"#,##0{fraction}", locale=current_language())


def format_percent(share: float | Decimal, digits: int = 0) -> str:
    """`share` is a part of one: 0.85 is "85%"."""
    fraction = f".{'0' * digits}" if digits else ""
    return numbers.format_percent(share, f"#,##0{fraction}%", locale=current_language())

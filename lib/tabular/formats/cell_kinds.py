"""Cells that are not what they seem: no value at all, or a text that the spreadsheet made a date."""

import re
from datetime import datetime

_NOT_IN_FORMAT = re.compile(r"\"[^\"]*\"|\[[^\]]*\]|\\.|;.*")


class NoValue(str):
    """What stands where a formula has no result: an error of the spreadsheet (#N/A), or the formula itself, whose
    result was never saved."""

    __slots__ = ()


class MonthDay(datetime):
    """A date that its file shows as month and day alone. In a column of text it was typed as 3-12 and is no date."""

    @property
    def typed(self) -> str:
        return f"{self.month}-{self.day}"

    @classmethod
    def of(cls, moment: datetime) -> "MonthDay":
        return cls(moment.year, moment.month, moment.day)


def shows_month_day(format_code: str) -> bool:
    """Whether a number format shows a date as month and day in numbers, in this order."""
    parts = re.sub(r"[^ymdhs]+", " ", _NOT_IN_FORMAT.sub(" ", format_code.lower())).split()
    return parts in (["m", "d"], ["mm", "dd"])

"""Cells that are not what they seem: no value at all, or a text that the spreadsheet made a date."""

import re
from datetime import datetime

_ERRORS = frozenset(
    """#null! #div/0! #value! #ref! #name? #num! #n/a #getting_data #spill! #calc! #field! #blocked! #connect! #unknown!
    #busy! #python! #external! #error! #nv #bezug! #wert! #zahl! #valeur! #nombre! #nom?""".split()  # noqa: SIM905
)
_OFFICE_ERROR = re.compile(r"err:\d{3}")
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


def is_error(text: str) -> bool:
    """Whether a text is what Excel, WPS, LibreOffice or Google show where a formula failed."""
    folded = text.strip().casefold()
    return folded in _ERRORS or (folded.startswith("err:") and _OFFICE_ERROR.fullmatch(folded) is not None)


def shows_month_day(format_code: str) -> bool:
    """Whether a number format shows a date as month and day in numbers, in this order."""
    parts = re.sub(r"[^ymdhs]+", " ", _NOT_IN_FORMAT.sub(" ", format_code.lower())).split()
    return parts in (["m", "d"], ["mm", "dd"])

"""Texts in the place of a day or a time, and the reasons why one is not valid."""

import re
from datetime import date, datetime, time
from typing import Literal

from lib.domain.text.cleaning import folded

Written = str | int | float | bool | datetime | date | time | None
Why = Literal["empty", "unknown_format", "out_of_range", "ambiguous", "ambiguous_hour", "no_year", "no_such_zone"]

_WEEKDAY = re.compile(r"\(?(?:星期|周|礼拜)[一二三四五六日天]\)?|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b,?")
_WAVE = "\u301c"
_HAN_NUMBER = re.compile("[〇零一二三四五六七八九十]+")
_HAN_DIGITS = {char: str(value) for value, chars in enumerate(("〇零", *"一二三四五六七八九")) for char in chars}


class BadDate(ValueError):
    """The value is not a day or time. `ambiguous`: its parts can be read in more than one order."""

    def __init__(self, text: str, why: Why) -> None:
        self.text, self.why = text, why
        super().__init__(f"{why}: {text!r}")


def plain(value: str | float) -> str:
    """The text in narrow lower-case letters, with ASCII dashes and digits, and without the day of the week."""
    text = value if isinstance(value, str) else str(value).removesuffix(".0")
    return _HAN_NUMBER.sub(_arabic, _WEEKDAY.sub(" ", folded(text).replace(_WAVE, "-"))).strip()


def _arabic(found: re.Match[str]) -> str:
    """二〇二四 as 2024, 十五 as 15, 二十 as 20."""
    before, ten, after = (_digits(part) for part in found[0].partition("十"))
    return f"{before or 1}{after or 0}" if ten else before


def _digits(text: str) -> str:
    return "".join(_HAN_DIGITS.get(char, char) for char in text)

"""What a wrong cell probably means: each rule takes a cell and gives a `Fix`, None where nobody can tell."""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import tzinfo
from difflib import SequenceMatcher
from typing import Literal

from lib.domain.records.fields import Cell
from lib.domain.text import phones
from lib.domain.text.cleaning import folded, plain, tidy
from lib.domain.time.reading import BadDate, read

Confidence = Literal["sure", "likely"]
"""`sure`: the same thing, written otherwise. `likely`: a guess that somebody should look at."""

_ALIKE, _AHEAD = 0.7, 0.1  # how like the nearest must be (0 to 1), and how far before the next one
_PART = 0.75  # the likeness of a text and a part of it
_PHONE_INSIDE = re.compile(r"\+?[0-9][0-9() -]{5,}[0-9]")
_FIGURE = re.compile(
    r"(?P<about>约|大约|about|ca\.?|~)?\s*[¥$€]?\s*(?P<digits>-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(?P<times>[百千万亿])?(?P<unit>[^\d.,]{0,8})"
)
_NOT_EXACT = re.compile(r"[多余来几%+]|以[上下内外]|左右|上下|不到|起")
_HAN_FIGURE = re.compile(r"(?P<about>约|大约)?(?P<han>[零〇一二两三四五六七八九十百千万亿]+)[^\d]{0,4}")
_HAN_DIGITS = {char: value for value, chars in enumerate(("零〇", "一", "二两", *"三四五六七八九")) for char in chars}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_WORDS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen""".split()  # noqa: SIM905  (a block of words is easier to read)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_ENGLISH = {word: value for value, word in enumerate(_WORDS)} | {
    word: 10 * value for value, word in enumerate(_TENS, start=2)
}
_YES = frozenset("是 对 有 真 在职 启用 yes y true on 1 √ ✓ ✔ ☑".split())  # noqa: SIM905
_NO = frozenset("否 不 不是 没有 无 假 离职 停用 no n false off 0 × x ✗ ✘ ☐".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Fix:
    """The cell that would be right; "" where it should be empty."""

    cell: Cell
    confidence: Confidence = "sure"


def choice(text: str, options: Iterable[tuple[str, str]]) -> Fix | None:
    """The code that a text stands for or clearly resembles. `options` are pairs of a text and the code it stands for;
    a text that stands for two codes means neither."""
    meanings: dict[str, set[str]] = {}
    for option, code in options:
        if word := folded(option):
            meanings.setdefault(word, set()).add(code)
    wanted = folded(text)
    if wanted in meanings:
        return Fix(min(meanings[wanted])) if len(meanings[wanted]) == 1 else None
    return _nearest(wanted, meanings) if wanted else None


def phone(text: str, *, region: str = "CN", hotlines: AbstractSet[str] = frozenset()) -> Fix | None:
    """The canonical number; also one number among other words."""
    try:
        return Fix(phones.normalise(text, region=region, hotlines=hotlines))
    except phones.BadPhone:
        inside = _PHONE_INSIDE.findall(plain(text))
    try:
        found = phones.normalise(inside[0], region=region, hotlines=hotlines) if len(inside) == 1 else ""
    except phones.BadPhone:
        return None
    return Fix(found, "likely") if found else None


def moment(cell: Cell, zone: tzinfo) -> Fix | None:
    """A time as ISO 8601 text; one that is midnight was probably only a day."""
    try:
        found = read(cell)
        at = found.at(zone)
    except (BadDate, OverflowError):
        return None
    return Fix(at.isoformat(), "sure" if found.sure and found.clock.after else "likely")


def day(cell: Cell) -> Fix | None:
    """A day as ISO 8601 text."""
    try:
        found = read(cell)
    except BadDate:
        return None
    return Fix(found.day.isoformat(), "sure" if found.sure and not found.clock.after else "likely")


def number(text: str) -> Fix | None:
    """A number written with a unit or in words: "1,200 元", "3万", "十五", "twelve"."""
    figure = folded(text)
    if found := _FIGURE.fullmatch(figure):
        about = found["about"] or _NOT_EXACT.search(found["unit"])
        value = float(found["digits"].replace(",", "")) * _HAN_UNITS.get(found["times"] or "", 1)
        return _figure(value, about=bool(about))
    if found := _HAN_FIGURE.fullmatch(figure):
        han = _han(found["han"])
        return None if han is None else _figure(han, about=bool(found["about"]))
    words = figure.replace("-", " ").split()
    values = [_ENGLISH.get(word, -1) for word in words]
    if len(values) == 1 and values[0] >= 0:
        return Fix(values[0])
    compound = len(values) == 2 and words[0] in _TENS and 1 <= values[1] <= 9
    return Fix(sum(values)) if compound else None


def flag(text: str) -> Fix | None:
    """Yes or no in words or signs."""
    word = folded(text)
    if word in _YES:
        return Fix(True)
    return Fix(False) if word in _NO else None


def text(cell: Cell) -> Fix | None:
    """The cell as text, without what nobody sees; None where that changes nothing."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    tidied = tidy(str(cell))
    return Fix(tidied) if tidied and tidied != cell else None


def _nearest(wanted: str, meanings: Mapping[str, AbstractSet[str]]) -> Fix | None:
    best: dict[str, float] = {}
    for option, codes in meanings.items():
        score = _likeness(wanted, option)
        for code in codes:
            best[code] = max(score, best.get(code, 0.0))
    first, second = [*sorted(best, key=lambda code: -best[code]), "", ""][:2]
    if best.get(first, 0.0) < _ALIKE or best[first] - best.get(second, 0.0) < _AHEAD:
        return None
    return Fix(first, "likely")


def _likeness(one: str, other: str) -> float:
    """0 to 1: the share of characters in common and in order. Two Chinese or four Latin characters count as a part."""
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    short, long = sorted((one, other), key=len)
    return max(ratio, _PART) if short in long and len(short.encode()) >= 4 else ratio


def _figure(value: float, *, about: bool) -> Fix:
    rounded = round(value, 6)
    return Fix(int(rounded) if float(rounded).is_integer() else rounded, "likely" if about else "sure")


def _han(text: str) -> int | None:
    """十五 15, 一千零五 1005, 三万五 35000, 二〇 20; None where two digits follow each other between units."""
    if not set(text) & set(_HAN_UNITS):
        return int("".join(str(_HAN_DIGITS[char]) for char in text))
    total = section = 0
    digit: int | None = None
    last_unit = 0
    for char in text:
        if char in _HAN_DIGITS:
            if digit:
                return None
            digit = _HAN_DIGITS[char]
            last_unit = 0 if digit == 0 else last_unit
            continue
        last_unit = _HAN_UNITS[char]
        if last_unit < 10_000:
            section += (1 if digit is None else digit) * last_unit
        else:
            total, section = (total + section + (digit or 0)) * last_unit, 0
        digit = None
    tail = (digit or 0) * (last_unit // 10 if last_unit >= 100 else 1)
    return total + section + tail

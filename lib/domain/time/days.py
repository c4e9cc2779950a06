"""The calendar day as people write it, and the order in which a column writes its parts."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from lib.domain.time.work_calendar import FIRST_YEAR, LAST_YEAR
from lib.domain.time.written import BadDate, plain

Order = Literal["ymd", "dmy", "mdy"]
"""Which of three numbers is the year, the month and the day, where the text itself leaves it open."""

_PLACES: dict[Order, tuple[int, int, int]] = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_MONTH_NAME = "(?P<name>" + "|".join(_MONTHS) + r")[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?P<clock>\d{4}(?:\d{2})?)?(?!\d)")
_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>\d{4})\s*(?P<sep>[-/.、,])\s*(?P<month>\d{1,2})\s*(?P=sep)\s*(?P<day>\d{1,2})(?!\d)",
        r"(?P<year>\d{4}|\d{2})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]?",
        rf"{_DAY}[\s-]+{_MONTH_NAME}[\s,-]+(?P<year>\d{{4}}|\d{{2}})",
        rf"{_MONTH_NAME}\s+{_DAY},?\s+(?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})[\s-]+{_MONTH_NAME}[\s-]+{_DAY}",
    )
)
_THREE = re.compile(
    r"(?P<first>\d{1,2})\s*(?P<sep>[-/.、])\s*(?P<second>\d{1,2})\s*(?P=sep)\s*(?P<third>\d{4}|\d{1,2})(?!\d)"
)
_YEAR_FIRST = re.compile(r"\d{4}\s*[-/.、年]")
_NO_YEAR = re.compile(r"\d{1,2}\s*(?:[-/.]\s*\d{1,2}|月\s*\d{1,2}\s*[日号]?)(?![-/.\d])")
_TWELVE_HOURS = re.compile(r"\d\s*[ap]\.?m\b")
_FEW = 20  # one typing error among so many leaves an order as it is


def split_day(text: str, order: Order | None) -> tuple[date, str, bool]:
    """The day that a text begins with, what follows it, and whether nothing had to be supposed.

    `text` is as `plain` gives it. Raises BadDate.
    """
    if compact := _COMPACT.match(text):
        return _day(text, *_numbers(compact)), compact["clock"] or text[compact.end() :], True
    for form in _FORMS:
        if found := form.match(text):
            parts = found.groupdict()
            month = _MONTHS[parts["name"]] if "name" in parts else int(parts["month"])
            day = _day(text, _full_year(parts["year"]), month, int(parts["day"]))
            return day, text[found.end() :], len(parts["year"]) == 4
    if found := _THREE.match(text):
        return _ordered(text, found, order), text[found.end() :], len(found["third"]) == 4
    raise BadDate(text, "no_year" if _NO_YEAR.match(text) else "unknown_format")


def column_order(values: Iterable[object]) -> Order | None:
    """The one order that a whole column supports; None where it supports several, or none.

    What no calendar has rules an order out. Of those that are left: other values with the whole year say where it
    stands; the year is the part that varies less; a 12-hour clock points to American dates; of day and month the part
    that varies more is the day.
    """
    texts = [plain(value) for value in values if isinstance(value, str)]
    found = [match for text in texts if (match := _THREE.match(text))]
    triples = [_triple(match) for match in found]
    left = _supported(triples)
    if len(left) > 1 and (any(map(_YEAR_FIRST.match, texts)) or _varies_less(triples, 0, 2)):
        left = [order for order in left if order == "ymd"] or left
    elif "ymd" in left and (any(len(match["third"]) == 4 for match in found) or _varies_less(triples, 2, 0, least=3)):
        left.remove("ymd")
    if len(left) == 2 and "ymd" not in left:
        left = _day_or_month(triples, twelve_hours=any(map(_TWELVE_HOURS.search, texts)))
    return left[0] if len(left) == 1 else None


Triple = tuple[str, str, str]


def _triple(found: re.Match[str]) -> Triple:
    return found["first"], found["second"], found["third"]


def _supported(triples: Sequence[Triple]) -> list[Order]:
    """The orders in which all values are days, but for a few typing errors among those that tell one from another."""
    possible = [{order for order in _PLACES if _is_day(triple, order)} for triple in triples]
    telling = [orders for orders in possible if 0 < len(orders) < len(_PLACES)]
    wrong: dict[Order, int] = {order: sum(order not in orders for orders in telling) for order in _PLACES}
    if not any(possible):
        return []
    return [order for order, count in wrong.items() if count * (_FEW + 1) <= len(telling)]


def _varies_less(triples: Sequence[Triple], one: int, other: int, *, least: int = 2) -> bool:
    """Whether a part has at most half as many values as another, of which there are `least`."""
    few, many = (len({int(triple[at]) for triple in triples}) for at in (one, other))
    return many >= max(least, 2 * few)


def _day_or_month(triples: Sequence[Triple], *, twelve_hours: bool) -> list[Order]:
    if twelve_hours:
        return ["mdy"]
    if _varies_less(triples, 1, 0, least=3):
        return ["dmy"]
    return ["mdy"] if _varies_less(triples, 0, 1, least=3) else []


def _is_day(triple: Triple, order: Order) -> bool:
    try:
        _in_order("", triple, order)
    except BadDate:
        return False
    return True


def _ordered(text: str, found: re.Match[str], order: Order | None) -> date:
    """The day in the order of its column; a value that can be read in one way only needs none."""
    triple = _triple(found)
    possible = {_in_order(text, triple, each) for each in _PLACES if _is_day(triple, each)}
    if not possible:
        raise BadDate(text, "out_of_range")
    if order is not None and (_is_day(triple, order) or len(found["third"]) < 4):
        return _in_order(text, triple, order)
    if len(possible) > 1 and found["sep"] == "." and len(found["third"]) == 4:
        return _in_order(text, triple, "dmy")  # nobody writes the month first with full stops
    if len(possible) > 1:
        raise BadDate(text, "ambiguous")
    return possible.pop()


def _in_order(text: str, triple: Triple, order: Order) -> date:
    year, month, day = (triple[at] for at in _PLACES[order])
    if len(year) == 1 or len(day) > 2:
        raise BadDate(text, "out_of_range")
    return _day(text, _full_year(year), int(month), int(day))


def _numbers(found: re.Match[str]) -> tuple[int, int, int]:
    return int(found["year"]), int(found["month"]), int(found["day"])


def _full_year(year: str) -> int:
    if len(year) == 4:
        return int(year)
    return int(year) + (2000 if int(year) < 70 else 1900)


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return within_calendar(text, date(year, month, day))
    except ValueError as error:
        raise BadDate(text, "out_of_range") from error


def within_calendar(text: str, day: date) -> date:
    """The day itself. Raises BadDate where working time cannot be counted: 0001-01-01 is how programs write "none"."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadDate(text, "out_of_range")
    return day

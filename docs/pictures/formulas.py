"""Works out the formulas of colouring rules and filter views, as far as the set-up of a spreadsheet uses any."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - serial numbers count on the wall clock of the spreadsheet
Value = str | float | bool
_TOKEN = re.compile(
    r'\s*(?:"(?P<text>(?:[^"]|"")*)"|(?P<number>\d+(?:\.\d+)?)|(?P<ref>\$?[A-Z]{1,3}\$?\d+)(?![A-Z(])'
    r"|(?P<name>[A-Z]+)|(?P<sign><=|>=|<>|[=<>&+\-(),]))"
)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


@dataclass(frozen=True)
class Around:
    """What a formula sees: `cell` gives the value of a reference such as $B2, `column` those of a column of another
    tab ('_choices'!$A$2:$A), `now` is the wall clock of the spreadsheet."""

    cell: Callable[[str], Value]
    column: Callable[[str], Sequence[Value]]
    now: datetime


def work_out(formula: str, around: Around) -> Value:
    """The value of a formula. Raises ValueError for what is not known here."""
    reading = _Reading(list(_tokens(formula.removeprefix("="))), around)
    found = reading.comparison()
    if reading.left:
        raise ValueError(formula)
    return found


def serial(moment: datetime) -> float:
    """Days since the spreadsheet's day 0, on the wall clock."""
    return (moment.replace(tzinfo=None) - EPOCH) / timedelta(days=1)


def day_of(number: float) -> date:
    return (EPOCH + timedelta(days=int(number))).date()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found or not found.lastgroup:
            raise ValueError(text[place:])
        yield found.lastgroup, found[found.lastgroup]
        place = found.end()


class _Reading:
    """Reads a formula from left to right and works it out on the way."""

    def __init__(self, left: list[tuple[str, str]], around: Around) -> None:
        self.left, self._around = left, around

    def comparison(self) -> Value:
        found = self._joined()
        while self._next() in _COMPARE:
            compare = _COMPARE[self._take()]
            found = compare(_ranked(found), _ranked(self._joined()))
        return found

    def _joined(self) -> Value:
        found = self._sum()
        while self._next() == "&":
            self._take()
            found = text_of(found) + text_of(self._sum())
        return found

    def _sum(self) -> Value:
        found = self._one()
        while self._next() in ("+", "-"):
            sign = 1 if self._take() == "+" else -1
            found = _number(found) + sign * _number(self._one())
        return found

    def _one(self) -> Value:
        kind, text = self.left.pop(0)
        if kind == "text":
            return text.replace('""', '"')
        if kind == "number":
            return float(text)
        if kind == "ref":
            return self._around.cell(text)
        if kind == "name":
            return self._call(text)
        found = self.comparison()  # an opening bracket
        self._take()
        return found

    def _call(self, name: str) -> Value:
        self._take()
        if name == "COUNTIF":
            return self._count()
        arguments = []
        while self._next() != ")":
            arguments.append(self.comparison())
            if self._next() == ",":
                self._take()
        self._take()
        return _called(name, arguments, self._around.now)

    def _count(self) -> Value:
        """COUNTIF(INDIRECT("..."), text): how many cells of a column say the text, in whatever case."""
        for _ in ("INDIRECT", "("):
            self._take()
        cells = self._around.column(self._take())
        for _ in (")", ","):
            self._take()
        wanted = text_of(self.comparison()).casefold()
        self._take()
        return float(sum(text_of(cell).casefold() == wanted for cell in cells))

    def _next(self) -> str:
        return self.left[0][1] if self.left and self.left[0][0] in ("sign", "name") else ""

    def _take(self) -> str:
        return self.left.pop(0)[1]


def _called(name: str, arguments: Sequence[Value], now: datetime) -> Value:
    first = arguments[0] if arguments else ""
    match name:
        case "AND":
            return all(arguments)
        case "OR":
            return any(arguments)
        case "NOT":
            return not first
        case "ISNUMBER":
            return isinstance(first, float) and not isinstance(first, bool)
        case "LEN":
            return float(len(text_of(first)))
        case "TRIM":
            return " ".join(text_of(first).split())
        case "N":
            return first if isinstance(first, float) else 0.0
        case "REGEXMATCH":
            return re.search(text_of(arguments[1]), text_of(first), re.ASCII) is not None
        case "NOW":
            return serial(now)
        case "TODAY":
            return float(int(serial(now)))
        case "WEEKDAY":
            return float(day_of(_number(first)).isoweekday())  # Monday is 1: the second argument is always 2
    raise ValueError(name)


def _ranked(value: Value) -> tuple[int, Any]:
    """Numbers come before texts, texts before truth values; nothing is 0 beside a number."""
    if isinstance(value, bool):
        return 2, value
    return (1, value.casefold()) if isinstance(value, str) else (0, value)


def _number(value: Value) -> float:
    return float(value) if value != "" else 0.0


def text_of(value: Value) -> str:
    """A value as it is written: a whole number without its fraction."""
    if isinstance(value, bool):
        return str(value).upper()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
